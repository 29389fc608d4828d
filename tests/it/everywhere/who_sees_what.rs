//! What each of five readers sees of a household of three: one is cared for and dies, one cares for her and is served too, and one has a
//! restricted record. `docs/who-sees-what.txt` is the table.

use std::fmt::Write as _;
use std::path::Path;

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::documents::{find_clean, pdf, send_in};
use almoner_tests::{Practice, Staff, World, messages};
use serde_json::{Value, json};

use crate::practice::cases::{give, open, record};
use crate::practice::people::{exclude, of, restrict};

const INTRODUCTION: &str = "\
WHO SEES WHAT

A household of three. Edith is cared for, and dies in the second part. Nora, her daughter, cares for her and is served too. Ivor, her
husband, has a record that is restricted to Gareth and Rosalind. Tomasz lives next door, and is excluded from Edith's record.

Each line has what a reader found of each of the three in one answer, wherever in it: the name, the id alone, and the note, the warning,
the document that is about them. A record has the flags too. `-` is an answer without anything of them; a number is a refusal.

This is written by a test from what the running server answers (make who-sees-what), and compared with it by every run of the tests.
";

const HANNAH: &str = "Hannah, who works with Edith and Nora";
const TOMASZ: &str = "Tomasz, who is excluded from Edith's";
const ELSEWHERE: &str = "a manager elsewhere";

/// Somebody of the household, with their record and their case.
struct Person {
    name: &'static str,
    id: String,
    case: String,
}

/// Writes a note, a warning note and a document, each of which names whose it is.
fn fill(practice: &Practice, person: &Person) {
    let manager = &practice.manager;
    let note = messages::note(&format!("A note of {}'s.", person.name));
    assert_eq!(manager.create(&format!("{}/notes", person.case), &note).status, 201);
    let mut warning = messages::warning_note();
    warning["detail"] = format!("A warning of {}'s.", person.name).into();
    assert_eq!(manager.create(&of(&person.id, "/warning-notes"), &warning).status, 201);
    let name = format!("a-document-of-{}.pdf", person.name);
    let sent = send_in(manager, &person.case, &name, "application/pdf", &pdf(100));
    find_clean(sent.text("/id").unwrap_or_else(|| panic!("{}", sent.body)));
}

/// What an answer has of a person, wherever in it.
fn found(body: &str, person: &Person) -> Vec<&'static str> {
    let own = |what: &str| what.replace("NAME", person.name);
    let parts = [
        ("note", own("A note of NAME's.")),
        ("warning", own("A warning of NAME's.")),
        ("document", own("a-document-of-NAME.pdf")),
    ];
    let mut rest = body.to_owned();
    let mut found = Vec::new();
    for (what, text) in parts {
        if rest.contains(&text) {
            found.push(what);
            rest = rest.replace(&text, "");
        }
    }
    if rest.contains(person.name) {
        found.insert(0, "name");
    } else if rest.contains(&person.id) {
        found.insert(0, "id alone");
    }
    found
}

fn seen(answer: &Answer, household: &[Person]) -> String {
    if answer.status != 200 {
        return answer.status.to_string();
    }
    let body = answer.body.to_string();
    let mut parts = Vec::new();
    for person in household {
        let found = found(&body, person);
        if !found.is_empty() {
            parts.push(format!("{} ({})", person.name, found.join(", ")));
        }
    }
    let is_shown = |(flag, shown): (&String, &Value)| (*shown == true).then(|| flag.clone());
    if let Some(flags) = answer.body["flags"].as_object() {
        let flags: Vec<String> = flags.iter().filter_map(is_shown).collect();
        parts.push(if flags.is_empty() { "no flags".to_owned() } else { flags.join(" ") });
    }
    if parts.is_empty() { "-".to_owned() } else { parts.join("; ") }
}

/// What a reader asks: the words of the page, and the request.
fn questions(household: &[Person]) -> Vec<(String, String, Option<Value>)> {
    let mut questions = Vec::new();
    let mut get = |shown: String, path: String| questions.push((format!("GET {shown}"), path, None));
    for person in household {
        let whose = format!("{}'s record", person.name);
        for part in ["", "/history", "/relationships", "/network", "/warning-notes", "/notes", "/documents"] {
            get(format!("{whose}{part}"), of(&person.id, part));
        }
        for part in ["", "/notes", "/documents", "/timeline", "/allocations"] {
            get(format!("{}'s case{part}", person.name), format!("{}{part}", person.case));
        }
    }
    for list in ["cases", "caseload", "warning-notes", "restrictions", "countersignatures"] {
        get(list.to_owned(), format!("/v1/practice/{list}"));
    }
    let search = "/v1/practice/service-users/search";
    for criteria in [json!({ "name": "Marlow" }), json!({ "postcode": "SY1 1UT" })] {
        questions.push((format!("POST search {criteria}"), search.to_owned(), Some(criteria)));
    }
    questions
}

/// What each reader sees in the answer to each question.
fn asked(household: &[Person], readers: &[(&'static str, &Staff)]) -> Vec<(String, Vec<String>)> {
    let mut answers = Vec::new();
    for (shown, path, criteria) in questions(household) {
        let mut lines = Vec::new();
        for (who, reader) in readers {
            let answer = match &criteria {
                Some(criteria) => reader.post(&path, criteria),
                None => reader.get(&path),
            };
            let seen = seen(&answer, household);
            let closed = match *who {
                TOMASZ => vec!["Edith", "Ivor"],
                HANNAH => vec!["Ivor"],
                ELSEWHERE => vec!["Edith", "Nora", "Ivor"],
                _ => Vec::new(),
            };
            for name in closed {
                assert!(!seen.contains(name), "{who} sees {name} in {shown}: {seen}");
            }
            lines.push(format!("    {who:<42} {seen}"));
        }
        answers.push((shown, lines));
    }
    answers
}

fn write<'a>(page: &mut String, title: &str, answers: impl Iterator<Item = &'a (String, Vec<String>)>) {
    writeln!(page, "\n\n{title}").unwrap();
    for (shown, lines) in answers {
        writeln!(page, "\n{shown}\n{}", lines.join("\n")).unwrap();
    }
}

#[test]
fn each_of_five_readers_sees_of_a_household_what_docs_who_sees_what_says() {
    let world = World::new();
    let council = world.council();
    let (practice, elsewhere) = (world.practice(&council), world.practice(&council));
    let manager = &practice.manager;
    let household = ["Edith", "Nora", "Ivor"].map(|name| {
        let mut details = messages::person();
        details["given_name"] = name.into();
        let id = record(&practice, &details);
        let case = open(&practice, &council, &id);
        Person { name, id, case }
    });
    let [edith, nora, ivor] = &household;
    for person in &household {
        fill(&practice, person);
    }
    for (one, other, roles) in [(edith, nora, json!(["unpaid_carer"])), (edith, ivor, json!(["next_of_kin"]))] {
        let tie = json!({ "service_user_id": other.id, "other_is": { "roles": roles } });
        assert_eq!(manager.create(&of(&one.id, "/relationships"), &tie).status, 201);
    }
    let father = json!({ "service_user_id": ivor.id, "other_is": { "in_words": "father" } });
    assert_eq!(manager.create(&of(&nora.id, "/relationships"), &father).status, 201);
    for person in [edith, nora] {
        assert_eq!(give(&practice, &person.case, &practice.social_worker).status, 200);
    }
    exclude(manager, &edith.id, &practice.social_worker_2);
    let named = json!([manager.id, practice.records_officer.id]);
    assert_eq!(restrict(manager, &ivor.id, &named).status, 200);

    let readers = [
        ("Gareth, a manager", manager),
        ("Rosalind, a records officer", &practice.records_officer),
        (HANNAH, &practice.social_worker),
        (TOMASZ, &practice.social_worker_2),
        (ELSEWHERE, &elsewhere.manager),
    ];
    let mut page = INTRODUCTION.to_owned();
    let alive = asked(&household, &readers);
    write(&mut page, "1. WHILE ALL THREE ARE ALIVE", alive.iter());
    let record = of(&edith.id, "");
    let died = manager.patch(&record, &manager.get(&record), &json!({ "date_of_death": "2026-11-19" }));
    assert_eq!(died.status, 200, "{}", died.body);
    let dead = asked(&household, &readers);
    let others = dead.iter().filter(|answer| !alive.contains(answer));
    write(&mut page, "2. ONCE EDITH HAS DIED: the answers that are others now", others);

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/who-sees-what.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    for (now, before) in page.lines().zip(committed.lines()) {
        assert_eq!(
            now, before,
            "docs/who-sees-what.txt is not what the server answers: run `make who-sees-what` and look at the change"
        );
    }
    assert_eq!(page.lines().count(), committed.lines().count(), "docs/who-sees-what.txt: lines are missing");
}
