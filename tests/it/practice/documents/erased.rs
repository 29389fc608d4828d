//! Erasing a document: a practice asks for it, and an officer of the accountable council instructs it or refuses.

use almoner_demo::web::Answer;
use almoner_domain::officers::roles::OfficerRole;
use almoner_tests::callers::Caller;
use almoner_tests::documents::{disposition, files, find_clean, honest_scanner, pdf, send_in, send_with};
use almoner_tests::{Council, Staff, World, messages};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::Office;
use super::of_referrals::{Arrival, INBOX, one_document};
use crate::council::REFERRALS;
use crate::practice::cases::{case_of, column, pointer, record};
use crate::practice::people;
use crate::practice::referrals::due_first;

/// What the council is asked to have erased.
const ASKED: &str = "/v1/council/erasure-requests";

/// Asks to have the document at this address erased.
pub(crate) fn ask(by: &dyn Caller, document: &str) -> Answer {
    by.create(&format!("{document}/erasure-requests"), &json!({ "reason": "It is about another person." }))
}

/// Has an officer decide on a request.
fn decide(officer: &dyn Caller, request: &str, step: &str) -> Answer {
    let path = format!("{ASKED}/{request}");
    officer.change(&format!("{path}/{step}"), &officer.get(&path), &json!({ "reason": "It is not hers." }))
}

/// Asks to have a document erased, and has an officer of the council instruct it.
pub(crate) fn have_erased(world: &World, council: &Council, by: &Staff, document: &str) {
    have_erased_by(world.first_officer(council), by, document);
}

/// Asks to have a document erased, and has this officer instruct it.
pub(crate) fn have_erased_by(officer: &Staff, by: &Staff, document: &str) {
    let asked = ask(by, document);
    assert_eq!(asked.status, 201, "{}", asked.body);
    let erased = decide(officer, asked.text("/id").unwrap(), "instruct");
    assert_eq!(erased.text("/status"), Some("erased"), "{}", erased.body);
}

#[test]
fn a_document_is_erased_when_the_council_instructs_it_and_its_object_goes_with_the_next_pass() {
    let office = Office::new();
    let (world, council, practice) = (&office.world, &office.council, &office.practice);
    let (worker, keeper) = (&practice.social_worker, &practice.records_officer);
    let sent = office.send("about another person.pdf");
    let (id, address) = (sent.text("/id").unwrap(), sent.header("location").unwrap());
    assert_eq!(ask(keeper, address).status, 404, "it is its sender's alone");
    find_clean(id);
    assert_eq!(ask(worker, address).status, 403);
    let asked = ask(keeper, address);
    assert_eq!((asked.status, asked.text("/status")), (201, Some("asked")), "{}", asked.body);
    assert_eq!(asked.text("/council/id"), Some(council.id.to_string().as_str()));
    let request = asked.text("/id").unwrap();
    assert_eq!(worker.get(address).status, 200, "it waits");
    for again in [keeper, &practice.manager] {
        assert_eq!(ask(again, address).status, 409, "asked already");
    }

    // The council reads what and why, and neither name nor content; no system and no other officer decides.
    let officer = world.officer(council, &[OfficerRole::RecordsOfficer]);
    let shown = officer.get(&format!("{ASKED}/{request}"));
    assert_eq!((shown.text("/reason"), shown.text("/kind")), (Some("It is about another person."), Some("pdf")));
    assert!(!shown.body.to_string().contains("person.pdf"), "{}", shown.body);
    for system in [&council.system, &council.complaints] {
        assert_eq!(system.get(ASKED).status, 403);
        let tag = [("if-match", "\"1\"")];
        let body = Some(("application/json", br#"{"reason":"x"}"#.as_slice()));
        assert_eq!(system.send("POST", &format!("{ASKED}/{request}/instruct"), &tag, body).status, 403);
    }
    assert_eq!(world.officer(council, &[OfficerRole::Referrals]).get(ASKED).status, 403);
    let other = world.council();
    let stranger = world.first_officer(&other);
    assert_eq!(stranger.get(&format!("{ASKED}/{request}")).status, 404);
    assert_eq!(column(&stranger.get(ASKED), "/id"), [None; 0]);

    let erased = decide(&officer, request, "instruct");
    assert_eq!(erased.text("/status"), Some("erased"), "{}", erased.body);
    assert_eq!((worker.get(address).status, ask(keeper, address).status), (404, 404));
    assert!(column(&office.listed(worker), "/id").is_empty());
    let left = format!(
        "SELECT octet_length(details) + (content_key IS NOT NULL)::int FROM documents WHERE document_id = '{id}'"
    );
    assert_eq!(super::number(&left), 0, "neither key nor name");
    assert_eq!(files(&office.directory).len(), 1, "noise");
    world.scan(practice, None);
    assert!(files(&office.directory).is_empty());
    for (word, count) in [("document.erasure_asked", 1), ("document.erased", 1)] {
        assert_eq!(world.audited(practice, word), count, "{word}");
    }
    let read = keeper.get(&format!("/v1/practice/erasure-requests/{request}"));
    assert_eq!((read.text("/status"), read.text("/decided_because")), (Some("erased"), Some("It is not hers.")));
    assert!(column(&keeper.get("/v1/practice/notices"), "/kind").contains(&Some("document.erased")));
    assert_eq!(decide(&officer, request, "refuse").status, 409, "it is decided once");
    let back = keeper.change(&format!("/v1/practice/erasure-requests/{request}/take-back"), &read, &json!({}));
    assert_eq!(back.status, 409, "{}", back.body);
    world.work(practice);
    let events = council.system.get("/v1/council/events");
    assert!(column(&events, "/kind").contains(&Some("document.erasure_asked")), "{}", events.body);
}

#[test]
fn what_the_council_refuses_stays_and_what_is_taken_back_can_be_asked_again() {
    let office = Office::new();
    let (world, practice) = (&office.world, &office.practice);
    let (manager, keeper) = (&practice.manager, &practice.records_officer);
    let sent = office.send("plan.pdf");
    let address = sent.header("location").unwrap();
    find_clean(sent.text("/id").unwrap());
    assert_eq!(ask(&practice.administrator, address).status, 403, "an administrator erases nothing");
    assert_eq!(manager.post(&format!("{address}/erase"), &json!({ "reason": "x" })).status, 404, "nobody does alone");

    let first = ask(manager, address);
    let path = first.header("location").unwrap();
    assert_eq!(keeper.get(path).status, 404, "a request is shown to who made it");
    assert_eq!(column(&keeper.get("/v1/practice/erasure-requests"), "/id"), [None; 0]);
    let back = manager.change(&format!("{path}/take-back"), &manager.get(path), &json!({}));
    assert_eq!(back.text("/status"), Some("taken_back"), "{}", back.body);
    let officer = world.officer(&office.council, &[OfficerRole::Commissioner]);
    assert_eq!(decide(&officer, first.text("/id").unwrap(), "instruct").status, 409, "{}", back.body);

    let second = ask(manager, address);
    assert_eq!(second.status, 201, "{}", second.body);
    let refused = decide(&officer, second.text("/id").unwrap(), "refuse");
    assert_eq!(refused.text("/status"), Some("refused"), "{}", refused.body);
    assert_eq!(practice.social_worker.get(address).status, 200, "it stays");
    let read = manager.get(second.header("location").unwrap());
    assert_eq!((read.text("/status"), read.text("/decided_because")), (Some("refused"), Some("It is not hers.")));
    let told = manager.get("/v1/practice/notices");
    assert!(column(&told, "/kind").contains(&Some("document.erasure_refused")), "{}", told.body);
    let listed = manager.get("/v1/practice/erasure-requests");
    assert_eq!(column(&listed, "/status"), [Some("refused"), Some("taken_back")]);
    assert_eq!(column(&officer.get(&format!("{ASKED}?status=asked")), "/id"), [None; 0]);
    // A session in which the second factor was proved long ago decides nothing.
    let third = ask(manager, address);
    world.clock.advance(TimeDelta::minutes(6));
    assert_eq!(decide(&officer, third.text("/id").unwrap(), "instruct").status, 401);
}

#[test]
fn the_council_that_is_asked_is_the_one_that_is_accountable_for_what_the_document_belongs_to() {
    let office = Office::new();
    let (world, council, practice) = (&office.world, &office.council, &office.practice);
    let (manager, south) = (&practice.manager, world.council());
    world.contract(&south, practice, json!({}));
    let in_record = |person: &str| {
        let sent = send_in(&practice.social_worker, &people::of(person, ""), "note.pdf", "application/pdf", &pdf(100));
        find_clean(sent.text("/id").unwrap_or_else(|| panic!("{}", sent.body)));
        format!("{}/erasure-requests", sent.header("location").unwrap())
    };
    let asked = |path: &str, named: Option<&Value>| {
        let mut body = json!({ "reason": "It is not hers." });
        if let Some(council) = named {
            body["council_id"] = council.clone();
        }
        manager.create(path, &body)
    };
    let (ours, theirs) = (json!(council.id), json!(south.id));
    // Nobody is accountable for a record without a case or a referral.
    let person = record(practice, &messages::person());
    let path = in_record(&person);
    for named in [None, Some(&ours)] {
        assert_eq!(pointer(&asked(&path, named)), (422, Some("/council_id")), "{named:?}");
    }
    let open = |of: &Council| {
        let made = manager.create("/v1/practice/cases", &messages::case(&of.gss_code, &person));
        assert_eq!(made.status, 201, "{}", made.body);
    };
    open(council);
    assert_eq!(
        pointer(&asked(&path, Some(&theirs))),
        (422, Some("/council_id")),
        "a council that has no work with her"
    );
    assert_eq!(asked(&path, None).text("/council/id"), ours.as_str());
    open(&south);
    let path = in_record(&person);
    assert_eq!(pointer(&asked(&path, None)), (422, Some("/council_id")), "there are two by now");
    assert_eq!(asked(&path, Some(&theirs)).text("/council/id"), theirs.as_str());
    // The document of a case is its council's, whoever else has work with the person.
    let case = case_of(practice, council, &practice.social_worker);
    let sent = send_in(&practice.social_worker, &case, "note.pdf", "application/pdf", &pdf(100));
    find_clean(sent.text("/id").unwrap());
    let of_case = ask(manager, sent.header("location").unwrap());
    assert_eq!(of_case.text("/council/id"), ours.as_str(), "{}", of_case.body);
    let by_south = world.first_officer(&south).get(ASKED);
    assert_eq!(column(&by_south, "/id").len(), 1, "each council sees what it is asked: {}", by_south.body);
}

#[test]
fn a_council_that_is_asked_to_erase_what_came_with_anothers_referral_does_not_learn_of_the_referral() {
    let arrival = Arrival::new();
    let Arrival { world, council, practice, sent, .. } = &arrival;
    let responsible = world.council();
    world.contract(&responsible, practice, json!({}));
    let mut message = messages::referral();
    message["person"]["ordinary_residence"] = responsible.gss_code.as_str().into();
    let lasting = council.system.post(REFERRALS, &message);
    assert_eq!(lasting.status, 201, "{}", lasting.body);
    let asked_of = |referral: &str, received: &str, by: &Council| {
        send_in(&council.system, referral, "letter.pdf", "application/pdf", &pdf(1000));
        arrival.scan();
        let seen = practice.manager.get(received);
        let accepted = practice.manager.change(&format!("{received}/accept"), &seen, &json!({}));
        assert_eq!(accepted.status, 200, "{}", accepted.body);
        let asked = ask(&practice.manager, &one_document(&practice.manager, received));
        assert_eq!(asked.text("/council/id"), Some(by.id.to_string().as_str()), "{}", asked.body);
        let officer = world.first_officer(by);
        officer.get(&format!("{ASKED}/{}", asked.text("/id").unwrap())).body
    };
    let own = asked_of(sent, &arrival.received, council);
    assert_eq!(own["referral_id"].as_str(), sent.rsplit('/').next(), "{own}");
    let received = format!("{INBOX}/{}", due_first(&practice.manager).text("/id").unwrap());
    let of_another = asked_of(&format!("{REFERRALS}/{}", lasting.text("/id").unwrap()), &received, &responsible);
    assert!(of_another.get("reason").is_some() && of_another.get("referral_id").is_none(), "{of_another}");
}

#[test]
fn a_document_that_is_erased_while_it_waits_is_not_scanned_and_another_version_takes_its_place() {
    let office = Office::new();
    let (world, practice) = (&office.world, &office.practice);
    let manager = &practice.manager;
    let send = |query: &str| {
        let headers = [("content-disposition", &*disposition("plan.pdf"))];
        let path = format!("{}/documents{query}", office.case);
        let key = almoner_tests::callers::fresh_key();
        let headers = [&headers[..], &[("idempotency-key", key.as_str())]].concat();
        manager.send("POST", &path, &headers, Some(("application/pdf", &pdf(100))))
    };
    let first = send("");
    let replacing = format!("?replaces={}", first.text("/id").unwrap());
    let second = send(&replacing);
    have_erased(world, &office.council, manager, second.header("location").unwrap());
    world.scan(practice, honest_scanner());
    assert_eq!(world.audited(practice, "document.cleared"), 1, "the first alone");
    let third = send(&replacing);
    assert_eq!((third.status, &third.body["number"]), (201, &3.into()), "{}", third.body);
    world.clock.advance(TimeDelta::minutes(3));
    world.scan(practice, honest_scanner());
    assert_eq!(files(&office.directory).len(), 2);
    let none =
        send_with(manager, &office.case, &[("content-disposition", "attachment; filename=x")], "text/plain", b"x");
    assert_eq!(none.status, 201);
}

#[test]
fn whoever_may_not_see_the_record_any_more_reads_nothing_of_what_they_asked_about_it() {
    let office = Office::new();
    let (world, council, practice) = (&office.world, &office.council, &office.practice);
    let keeper = &practice.records_officer;
    let sent = office.send("letter.pdf");
    find_clean(sent.text("/id").unwrap());
    let asked = ask(keeper, sent.header("location").unwrap());
    let request = asked.text("/id").unwrap_or_else(|| panic!("{}", asked.body));
    let person = office.record().rsplit('/').next().unwrap().to_owned();
    assert_eq!(people::exclude(&practice.manager, &person, keeper).status, 201);
    let refused = decide(world.first_officer(council), request, "refuse");
    assert_eq!(refused.text("/status"), Some("refused"), "{}", refused.body);
    let own = "/v1/practice/erasure-requests";
    assert_eq!(keeper.get(&format!("{own}/{request}")).status, 404);
    assert_eq!(keeper.get(own).body["items"], json!([]));
}
