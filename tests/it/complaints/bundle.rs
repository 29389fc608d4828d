//! The whole file of a complaint for the Ombudsman: whole, in one order, for an officer who has it.

use std::time::Instant;

use almoner_demo::web::Answer;
use almoner_tests::Staff;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::complaints::{answer, assign, follow, send_as_complainant, write_as_complainant};
use almoner_tests::documents::{find_complaint_document_clean, send_in};
use chrono::TimeDelta;
use serde_json::json;

use super::answered::{draft, let_in, ready_to_sign, sign};
use super::{NOBODYS, Scene, put, raise};

/// Records that a complaint was taken to the Ombudsman.
pub(super) fn taken_to_the_ombudsman(officer: &Staff, complaint: &str) {
    let asked = put(officer, complaint, "ombudsman", &json!({ "asked_on": "2026-11-20", "reference": "26 014 233" }));
    assert_eq!(asked.status, 200, "{}", asked.body);
}

pub(super) fn page(officer: &Staff, complaint: &str) -> Answer {
    officer.get(&format!("{complaint}/ombudsman/bundle.html"))
}

/// What the page says, without its markup.
pub(super) fn text(page: &Answer) -> String {
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")), "{}", page.body);
    let html = String::from_utf8(page.content.clone()).unwrap();
    let body = html.split_once("<body>").unwrap().1;
    let (mut words, mut is_markup) = (String::new(), false);
    for character in body.chars() {
        match character {
            '<' => is_markup = true,
            '>' => {
                is_markup = false;
                words.push(' ');
            }
            _ if !is_markup => words.push(character),
            _ => {}
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ").replace("&#39;", "'").replace("&amp;", "&")
}

/// Holds that these stand in a text, one after another.
pub(super) fn in_order(text: &str, phrases: &[&str]) {
    let mut rest = text;
    for phrase in phrases {
        let (_, after) = rest.split_once(phrase).unwrap_or_else(|| panic!("{phrase} is missing in: {rest}"));
        rest = after;
    }
}

fn is_refused(refused: &Answer, detail: &str) {
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);
    assert!(refused.text("/detail").unwrap().contains(detail), "{}", refused.body);
}

/// A complaint in which everything was done that can be, and what the file has of it in order.
fn everything(scene: &Scene) -> (Answer, &Staff, String) {
    let (world, desk, app) = (&scene.world, &scene.desk, scene.world.partner());
    let changes = json!({
        "narrative": "Three visits were cancelled, <script>alert(1)</script> & nobody rang.\n\nŴyr Siân, sy'n byw yn Nhŷ'r Ŵydd. 😢 שלום",
        "staff": ["Hannah Price"], "must_not_see": ["Wendy Locke"],
        "person": { "given_name": "Edith", "family_name": "Marlow", "date_of_birth": "1941-03-08" },
        "complainant": { "name": "Owen Marlow", "basis": "representative", "representation_reason": "requested" },
    });
    let (receipt, officer, complaint) = ready_to_sign(scene, changes);
    put(officer, &complaint, "risk", &json!({ "risk": "moderate" }));
    let handler = world.investigator(&scene.council, desk, "Margaret Ashby");
    assert_eq!(assign(officer, &complaint, &handler).status, 201);
    assert_eq!(handler.get(&complaint).status, 200);
    assert_eq!(write_as_complainant(&app, &receipt, "Please do not ring on Thursday.").status, 201);
    let message = officer.get(&complaint).body["messages"].as_array().unwrap().last().unwrap()["id"].clone();
    let path = format!("{complaint}/messages/{}/passed-on", message.as_str().unwrap());
    assert_eq!(officer.send("PUT", &path, &[], None).status, 204);
    let written = handler.create(&format!("{complaint}/messages"), &json!({ "text": "I ring on Friday." }));
    assert_eq!(written.status, 201, "{}", written.body);
    let bruise = ("text/plain", &b"A picture of the bruise."[..]);
    assert_eq!(send_as_complainant(&app, &receipt, "bruise.txt", bruise).status, 201);
    let diary = send_in(&handler, &complaint, "diary.txt", "text/plain", b"The diary of November.");
    find_complaint_document_clean(diary.text("/id").unwrap_or_else(|| panic!("{}", diary.body)));
    assert_eq!(handler.get(&format!("{complaint}/documents")).status, 200);
    assert_eq!(handler.get(diary.header("location").unwrap()).status, 200);
    heard(scene, officer, &complaint);
    extended(officer, &complaint);
    let action = json!({ "what": "Visits are taken out after a call only.", "owner": "Practice manager", "due_on": "2027-01-15" });
    let added = officer.create(&format!("{complaint}/actions"), &action);
    let_in(officer, &complaint, &desk.responsible);
    assert_eq!(sign(&desk.responsible, &complaint).status, 200);
    assert_eq!(put(officer, &complaint, "response/sent", &json!({ "by": "post", "on": "2026-11-20" })).status, 200);
    let path = format!("actions/{}/done", added.text("/actions/0/id").unwrap());
    put(officer, &complaint, &path, &json!({ "on": "2026-11-20", "words": "I have seen the diary." }));
    let learning = json!({ "learning": "A visit without a call is heard as being forgotten." });
    assert_eq!(officer.change(&format!("{complaint}/close"), &officer.get(&complaint), &learning).status, 200);
    assert_eq!(follow(&app, &receipt).status, 200);
    taken_to_the_ombudsman(officer, &complaint);
    (receipt, officer, complaint)
}

/// Has the complainant agree that they are answered by 29 January 2027.
pub(super) fn extended(officer: &Staff, complaint: &str) {
    let asked = officer.create(
        &format!("{complaint}/requests"),
        &json!({ "kind": "extension", "respond_by": "2027-01-29", "words": "I am away until the new year." }),
    );
    let request = asked.text("/requests/0/id").unwrap_or_else(|| panic!("{}", asked.body)).to_owned();
    let decision =
        json!({ "confirmed": true, "told_by": "phone", "told_on": "2026-11-20", "words": "He said so himself." });
    let path = format!("{complaint}/requests/{request}/decide");
    assert_eq!(officer.change(&path, &officer.get(complaint), &decision).status, 200);
}

/// Has the subject heard, and an employer's lead given a notice; the lead answers.
fn heard(scene: &Scene, officer: &Staff, complaint: &str) {
    let guest = |name, capacity| scene.world.shown_a_part(&scene.council, officer, complaint, name, capacity);
    let (subject, lead) = (guest("Hannah Price", "subject"), guest("Rosalind Quayle", "employers_lead"));
    let head = officer.get(complaint).text("/heads/0/id").unwrap().to_owned();
    let hearing = json!({
        "guest_id": subject.id, "heads": [head], "message": "On Thursday we ask your worker about the three visits.",
        "interim": "Mr Bell visits you until this is answered.",
    });
    assert_eq!(officer.create(&format!("{complaint}/hearings"), &hearing).status, 201);
    let notice = json!({ "guest_id": lead.id, "text": "One of your staff visits nobody alone.", "reason": "She leads another team." });
    assert_eq!(officer.create(&format!("{complaint}/notices"), &notice).status, 201);
    let shown = lead.get("/v1/complaints/shown");
    let answers = format!("/v1/complaints/shown/{}/answers", shown.text("/items/0/id").unwrap());
    assert_eq!(lead.create(&answers, &json!({ "text": "Two of us go from tomorrow." })).status, 201);
}

/// What the file of [`everything`] says, in this order.
const IN_ORDER: [&str; 66] = [
    "The file of complaint C-",
    "Local Government and Social Care Ombudsman",
    "Beatrice Oyelaran",
    "Contents",
    "13. Those who had the complaint, and those who saw it",
    "1. Particulars",
    "Through an app",
    "20 November 2026, 10:00",
    "Owen Marlow",
    "They act for the person",
    "Edith Marlow",
    "Born on 8 March 1941",
    "07700 900461",
    "26 014 233",
    "2. The complaint in the complainant's own words",
    "alert(1)",
    "& nobody rang.",
    "yn Nhŷ'r Ŵydd",
    "😢",
    "Hannah Price",
    "Wendy Locke",
    "3. Chronology",
    "Acknowledgement due",
    "25 November 2026",
    "The complaint was lodged.",
    "An officer opened the complaint",
    "The complaint was acknowledged.",
    "A head of the complaint was put down.",
    "signed the response to the complaint",
    "Helena Vance, responsible person",
    "The complaint was closed.",
    "The response was sent by post.",
    "4. Plan",
    "I read the diary, and ring you each Friday.",
    "29 January 2027",
    "5. Heads of complaint, with what was found",
    "Three visits were cancelled without a call.",
    "Well-founded",
    "6. Hearings and notices, with the answers",
    "Hannah Price, subject of the complaint",
    "Mr Bell visits you until this is answered.",
    "Rosalind Quayle, lead of an employer",
    "Two of us go from tomorrow.",
    "7. Messages",
    "Please do not ring on Thursday.",
    "Margaret Ashby, investigator from elsewhere",
    "I ring on Friday.",
    "8. Documents that were sent",
    "bruise.txt",
    "The complainant",
    "24 bytes",
    "dee5705bed4c0cbd",
    "It has given no answer yet",
    "Not passed on to guests.",
    "diary.txt",
    "Margaret Ashby",
    "9. What the complainant asked for, and objections",
    "He said so himself.",
    "10. Responses that were sent",
    "Sent by post on 20 November 2026.",
    "11. Actions",
    "I have seen the diary.",
    "12. Learning",
    "heard as being forgotten.",
    "13. Those who had the complaint, and those who saw it",
    "They opened it when it was offered to them.",
];

#[test]
fn a_file_has_everything_of_a_complaint_in_one_order_and_with_who_saw_it() {
    let scene = Scene::new();
    let (_, officer, complaint) = everything(&scene);
    let first = page(officer, &complaint);
    let words = text(&first);
    in_order(&words, &IN_ORDER);
    assert!(!String::from_utf8_lossy(&first.content).contains("<script>"), "nothing that somebody wrote is run");
    let seen = words.split_once("Those who saw it").unwrap().1;
    in_order(
        seen,
        &["Margaret Ashby, investigator from elsewhere", "The complaint was read by somebody to whom it is assigned."],
    );
    in_order(seen, &["The documents of the complaint were listed.", "A document of the complaint was given out."]);
    assert!(seen.contains("Through the app of the complainant"), "the complainant followed it: {seen}");
    assert!(!words.contains("took the whole file"), "what is being read is not there yet");

    let pdf = officer.get(&format!("{complaint}/ombudsman/bundle.pdf"));
    assert_eq!((pdf.status, pdf.header("content-type")), (200, Some("application/pdf")));
    assert!(pdf.content.starts_with(b"%PDF-"));
    assert!(pdf.header("content-disposition").unwrap().contains("file-C-"), "{:?}", pdf.header("content-disposition"));
    assert_eq!(scene.world.audited_of(scene.council.id.uuid(), "complaint.file_taken_out"), 2, "each is on record");

    // The log says the same of what it has sealed.
    scene.world.seal_complaints(&scene.council);
    let again = text(&page(officer, &complaint));
    in_order(&again, &IN_ORDER);
    in_order(&again, &["An officer took the whole file of the complaint out for the Ombudsman.", "2 times"]);
    let chronology = |words: &str| {
        let rest = words.split_once("What happened, in order").unwrap().1;
        rest.split_once("4. Plan").unwrap().0.to_owned()
    };
    assert_eq!(chronology(&words), chronology(&again), "nothing twice, and nothing lost");
}

#[test]
fn every_response_that_was_sent_stands_in_the_file_and_no_draft() {
    let scene = Scene::new();
    let (_, officer, complaint) = ready_to_sign(&scene, json!({ "format": "large_print" }));
    let responsible = &scene.desk.responsible;
    let_in(officer, &complaint, responsible);
    assert_eq!(sign(responsible, &complaint).status, 200);
    taken_to_the_ombudsman(officer, &complaint);
    assert!(text(&page(officer, &complaint)).contains("No response was sent."), "it is signed only");
    put(officer, &complaint, "response/sent", &json!({ "by": "hand", "on": "2026-11-20" }));
    let why = json!({ "reason": "You told us that it happened again." });
    assert_eq!(officer.change(&format!("{complaint}/reopen"), &officer.get(&complaint), &why).status, 200);
    super::plan(officer, &complaint, "2026-12-18");
    let mut second = draft();
    second["conclusions"] = "You were left without a call once more.".into();
    put(officer, &complaint, "response", &second);
    assert!(!text(&page(officer, &complaint)).contains("once more"), "a draft is no response");
    assert_eq!(sign(responsible, &complaint).status, 200);
    put(officer, &complaint, "response/sent", &json!({ "by": "post", "on": "2026-11-20" }));
    let page = page(officer, &complaint);
    let sent =
        ["Sent from hand to hand", "You were left without a call.", "Sent by post", "left without a call once more."];
    in_order(&text(&page), &sent);
    let html = String::from_utf8_lossy(&page.content);
    assert!(html.contains("class=\"standard\""), "the file is the council's, however its complainant reads");
}

#[test]
fn everything_that_was_recorded_of_the_ombudsman_stands_in_the_file_and_the_newest_counts() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    let responsible = &scene.desk.responsible;
    let_in(officer, &complaint, responsible);
    taken_to_the_ombudsman(officer, &complaint);
    let decided = |decision: &str| json!({ "asked_on": "2026-11-20", "decision": decision, "decided_on": "2026-11-20", "summary": "By letter." });
    assert_eq!(put(officer, &complaint, "ombudsman", &decided("upheld")).status, 200);
    for _ in 0..2 {
        let turned = put(responsible, &complaint, "ombudsman", &decided("not_upheld"));
        assert_eq!(turned.text("/ombudsman/decision"), Some("not_upheld"), "{}", turned.body);
        assert_eq!(turned.text("/ombudsman/reference"), Some("26 014 233"), "what is left out stays");
    }
    let words = text(&page(officer, &complaint));
    let entry = "Recorded of the Ombudsman on 20 November 2026, 10:00";
    let entries = [
        "Decision of the Ombudsman Not upheld",
        entry,
        "26 014 233 Recorded by Beatrice Oyelaran",
        entry,
        "Decision of the Ombudsman Upheld",
        "Recorded by Beatrice Oyelaran",
        entry,
        "Decision of the Ombudsman Not upheld",
        "Recorded by Helena Vance",
    ];
    in_order(&words, &entries);
    assert_eq!(words.matches(entry).count(), 3, "the same again is none: {words}");
    let report = responsible.get("/v1/complaints/annual-report?ending=2027").body;
    let counted = (&report["taken_to_the_ombudsman"], &report["upheld_by_the_ombudsman"]);
    assert_eq!(counted, (&json!(1), &json!(0)), "{report}");
}

#[test]
fn a_file_is_taken_out_by_an_officer_who_has_the_complaint_once_it_was_taken_to_the_ombudsman_and_with_a_fresh_factor()
{
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    for ending in ["html", "pdf"] {
        let path = format!("{complaint}/ombudsman/bundle.{ending}");
        is_refused(&officer.get(&path), "not recorded as taken to the Ombudsman");
    }
    taken_to_the_ombudsman(officer, &complaint);
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(assign(officer, &complaint, &guest).status, 201);
    assert_eq!(page(&guest, &complaint).status, 403, "a guest");
    assert_eq!(page(&scene.desk.officers[1], &complaint).status, 404, "a colleague who does not have it");
    let other = scene.world.council();
    let elsewhere = scene.world.desk(&other);
    assert_eq!(page(&elsewhere.officers[0], &complaint).status, 404, "another council's officer");
    assert_eq!(page(officer, &format!("/v1/complaints/{NOBODYS}")).status, 404);
    scene.world.clock.advance(TimeDelta::minutes(6));
    let late = page(officer, &complaint);
    assert_eq!((late.status, late.text("/type")), (401, Some("/problems/step-up-required")), "{}", late.body);
    officer.forget_token();
    let words = text(&page(officer, &complaint));
    let nothing = [
        "No plan is in force.",
        "No heads were put down.",
        "Nobody was heard on heads, and no notice was given.",
        "No messages were written.",
        "The complainant asked for nothing",
        "No response was sent.",
        "No actions were put down.",
        "Nothing was put down.",
    ];
    in_order(&words, &nothing);
    assert_eq!(scene.world.audited_of(scene.council.id.uuid(), "complaint.file_taken_out"), 1, "no refusal is one");
}

#[test]
fn a_file_in_which_something_is_closed_to_an_officer_is_taken_out_by_another() {
    let scene = Scene::new();
    let app = scene.world.partner();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    taken_to_the_ombudsman(officer, &complaint);
    let words = "It was Ms Oyelaran who told me to be quiet.";
    assert_eq!(write_as_complainant(&app, &receipt, words).status, 201);
    is_refused(&page(officer, &complaint), "ask another officer who has it");
    scene.world.work_for_council(&scene.council);
    let (other, offer) = scene.offer();
    assert_eq!(answer(other, &offer, false).status, 200);
    assert!(text(&page(other, &complaint)).contains(words));
    let message = other.get(&complaint).text("/messages/0/id").unwrap().to_owned();
    let passed_on = other.send("PUT", &format!("{complaint}/messages/{message}/passed-on"), &[], None);
    assert_eq!(passed_on.status, 204);
    assert!(text(&page(officer, &complaint)).contains(words), "once it is passed on");

    let asked = json!({ "kind": "withdrawal", "words": "Ms Oyelaran told me that I had better." });
    let path = format!("/v1/partner/complaints/{}/requests", receipt.text("/reference").unwrap());
    let code = receipt.text("/access_code").unwrap();
    app.post_with(&path, &[("complaint-access-code", code), ("idempotency-key", &fresh_key())], &asked);
    is_refused(&page(officer, &complaint), "closed to you in a part that may name you");
    assert!(text(&page(other, &complaint)).contains("told me that I had better."));
}

#[test]
fn the_file_of_a_confidential_complaint_is_taken_out_by_whoever_has_unsealed_it_and_says_who_did() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({ "confidential": true }));
    taken_to_the_ombudsman(officer, &complaint);
    let_in(officer, &complaint, &scene.desk.officers[1]);
    is_refused(&page(officer, &complaint), "unseal it first");
    let why = json!({ "reason": "The Ombudsman asks for the file." });
    assert_eq!(officer.create(&format!("{complaint}/unsealings"), &why).status, 201);
    let words = text(&page(officer, &complaint));
    in_order(
        &words,
        &["Confidential Yes", "Edith Marlow", "unsealed who complained", "The Ombudsman asks for the file."],
    );
    is_refused(&page(&scene.desk.officers[1], &complaint), "unseal it first");
    scene.world.clock.advance(TimeDelta::minutes(61));
    officer.forget_token();
    is_refused(&page(officer, &complaint), "unseal it first");
}

#[test]
fn a_file_with_characters_without_a_font_is_taken_out_as_html_alone_and_what_ran_out_stands_in_it() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = scene.opened(json!({ "narrative": "日記" }));
    let said = json!({ "message": "May I ring you again on Thursday?", "by": "phone" });
    assert_eq!(officer.change(&format!("{complaint}/acknowledge"), &officer.get(&complaint), &said).status, 200);
    super::plan(officer, &complaint, "2026-11-26");
    raise(officer, &complaint);
    taken_to_the_ombudsman(officer, &complaint);
    let objection = json!({ "assignment_id": follow(&scene.world.partner(), &receipt).body["has_it"][0]["id"] });
    let path = format!("/v1/partner/complaints/{}/objections", receipt.text("/reference").unwrap());
    let code = receipt.text("/access_code").unwrap();
    let key = fresh_key();
    let headers = [("complaint-access-code", code), ("idempotency-key", key.as_str())];
    assert_eq!(scene.world.partner().post_with(&path, &headers, &objection).status, 201);
    scene.it_is("2026-11-27T09:00:00Z");
    is_refused(&officer.get(&format!("{complaint}/ombudsman/bundle.pdf")), "there is no font");
    let words = text(&page(officer, &complaint));
    let told = "What was due by 26 November 2026 was not there: the response.";
    let rung = "The complainant was given the acknowledgement by telephone.";
    in_order(
        &words,
        &["日記", rung, told, "Objections", "the complainant objected to Beatrice Oyelaran, complaints officer."],
    );
    assert_eq!(scene.world.audited_of(scene.council.id.uuid(), "complaint.file_taken_out"), 1, "the page alone");
}

/// Measures a file of 500 messages: `-- --ignored --nocapture five_hundred`. `scripts/deep.d/letters` reads what it writes.
#[test]
#[ignore = "a measurement, which wants the machine to itself"]
fn a_file_of_five_hundred_messages_is_taken_out_within_seconds() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = everything(&scene);
    let app = scene.world.partner();
    let sentence = "The worker came at ten and left at half past, and wrote that the person was well and had eaten. ";
    let text = |who: &str, number: i32| format!("{who} {number}. {}", sentence.repeat(8));
    for number in 0..500 {
        // Whoever has the code of a receipt writes only so often in an hour.
        let written = if number % 25 == 0 {
            write_as_complainant(&app, &receipt, &text("From me", number))
        } else {
            officer.create(&format!("{complaint}/messages"), &json!({ "text": text("From us", number) }))
        };
        assert_eq!(written.status, 201, "{}", written.body);
    }
    officer.forget_token();
    let to = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/letters");
    std::fs::create_dir_all(&to).unwrap();
    for ending in ["html", "pdf"] {
        let began = Instant::now();
        let taken = officer.get(&format!("{complaint}/ombudsman/bundle.{ending}"));
        println!("500 messages as {ending}: {:?}, {} bytes", began.elapsed(), taken.content.len());
        assert_eq!(taken.status, 200, "{}", taken.body);
        std::fs::write(to.join(format!("bundle.{ending}")), &taken.content).unwrap();
    }
}
