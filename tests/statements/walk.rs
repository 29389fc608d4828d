//! A walk through the doors: once to prepare the statements, and once to count them.

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::complaints::{COMPLAINTS, Desk, answer, follow, send_as_complainant};
use almoner_tests::documents::{
    begin_upload, find_clean, find_complaint_document_clean, find_council_document_clean, pdf, send_in,
};
use almoner_tests::{Council, System, World, messages};
use serde_json::{Value, json};

use crate::counter::{Counter, Counts};

/// What an operation does, which decides how much it may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It reads one thing by its identifier.
    Read,
    /// It reads a page of things.
    List,
    /// It writes a note.
    Note,
    /// It accepts a referral.
    Accept,
    /// It does something else, whose count is held and has no ceiling.
    Other,
}

/// An operation with what it asked of the database.
pub(crate) struct Counted {
    pub(crate) operation: String,
    pub(crate) kind: Kind,
    pub(crate) counts: Counts,
}

struct Walk<'c> {
    counter: &'c mut Counter,
    counted: Vec<Counted>,
}

impl Walk<'_> {
    fn count(&mut self, kind: Kind, operation: &str, request: impl FnOnce() -> Answer) -> Answer {
        let (answer, counts) = self.counter.count(request);
        assert!((200..300).contains(&answer.status), "{operation}: {} {}", answer.status, answer.body);
        self.counted.push(Counted { operation: operation.to_owned(), kind, counts });
        answer
    }

    fn read(&mut self, who: &impl Caller, door: &str, path: &str, shown: &str) -> Answer {
        self.count(Kind::Read, &format!("GET {door}{shown}"), || who.get(&format!("{door}{path}")))
    }

    fn list(&mut self, who: &impl Caller, door: &str, path: &str, shown: &str) -> Answer {
        self.count(Kind::List, &format!("GET {door}{shown}"), || who.get(&format!("{door}{path}")))
    }

    fn create(&mut self, kind: Kind, who: &impl Caller, operation: &str, path: &str, body: &Value) -> Answer {
        self.count(kind, &format!("POST {operation}"), || who.create(path, body))
    }

    fn change(
        &mut self,
        kind: Kind,
        who: &impl Caller,
        operation: &str,
        seen: &Answer,
        path: &str,
        body: &Value,
    ) -> Answer {
        self.count(kind, &format!("POST {operation}"), || who.change(path, seen, body))
    }
}

/// The counts of every operation of the walk, on a server with one connection whose statements are prepared.
pub(crate) fn counted() -> Vec<Counted> {
    let mut counter = Counter::begin();
    let world = World::with_one_connection();
    walk(&world, &mut counter);
    walk(&world, &mut counter)
}

const PRACTICE: &str = "/v1/practice";
const COUNCIL: &str = "/v1/council";

/// Follows a complaint with its code, and sends a document to it.
fn with_the_code(walk: &mut Walk<'_>, partner: &System, lodged: &Answer) {
    walk.count(Kind::Other, "GET /v1/partner/complaints/{reference}", || follow(partner, lodged));
    walk.count(Kind::Other, "POST /v1/partner/complaints/{reference}/documents", || {
        send_as_complainant(partner, lodged, "visits.pdf", ("application/pdf", &pdf(100)))
    });
}

/// Opens the complaint that is offered to the first officer of the desk, and works on it.
fn complaints(walk: &mut Walk<'_>, world: &World, council: &Council, desk: &Desk) {
    let officer = &desk.officers[0];
    world.work_for_council(council);
    let offered = walk.list(officer, COMPLAINTS, "/offers", "/offers");
    let offer = offered.text("/items/0/id").expect("an offer");
    walk.read(officer, COMPLAINTS, &format!("/offers/{offer}"), "/offers/{id}");
    let opened = walk.count(Kind::Other, "PUT /v1/complaints/offers/{id}/answer", || answer(officer, offer, false));
    let complaint = opened.text("/complaint_id").expect("a complaint");
    walk.list(officer, COMPLAINTS, "", "");
    let with_messages = "GET /v1/complaints/{id} (with its messages)";
    walk.count(Kind::Other, with_messages, || officer.get(&format!("{COMPLAINTS}/{complaint}")));
    walk.list(officer, COMPLAINTS, &format!("/{complaint}/assignments"), "/{id}/assignments");
    let path = format!("{COMPLAINTS}/{complaint}/messages");
    walk.create(Kind::Other, officer, "/v1/complaints/{id}/messages", &path, &json!({ "text": "May I ring you?" }));
    let path = format!("{COMPLAINTS}/{complaint}");
    let diary = walk.count(Kind::Other, "POST /v1/complaints/{id}/documents", || {
        send_in(officer, &path, "diary.pdf", "application/pdf", &pdf(100))
    });
    find_complaint_document_clean(&id(&diary));
    walk.list(officer, COMPLAINTS, &format!("/{complaint}/documents"), "/{id}/documents");
    let given = format!("/{complaint}/documents/{}", id(&diary));
    walk.read(officer, COMPLAINTS, &given, "/{id}/documents/{document_id}");
    let asked = json!({ "asked_on": world.clock.now().date_naive() });
    officer.put(&format!("{path}/ombudsman"), &officer.get(&path), &asked);
    // A file has everything of a complaint: each table of complaints is read once, and the log twice.
    let file = "GET /v1/complaints/{id}/ombudsman/bundle.html";
    walk.count(Kind::Other, file, || officer.get(&format!("{path}/ombudsman/bundle.html")));
}

fn walk(world: &World, counter: &mut Counter) -> Vec<Counted> {
    let council = world.council();
    let practice = world.practice(&council);
    let partner = world.partner();
    let (manager, worker) = (&practice.manager, &practice.social_worker);
    let officer = &practice.records_officer;
    let desk = world.desk(&council);
    for member in [manager, worker, officer, &practice.administrator, &desk.officers[0]] {
        member.token();
    }
    council.system.get("/v1/council/referrals");
    let chief = world.first_officer(&council);
    chief.get("/v1/council/account");
    let mut walk = Walk { counter, counted: Vec::new() };

    let (mut first, second) = (messages::referral(), messages::referral());
    first["carer"] = json!({ "name": "Owen Marlow", "relationship": "son" });
    let sent =
        walk.count(Kind::Other, "POST /v1/council/referrals", || council.system.post("/v1/council/referrals", &first));
    council.system.post("/v1/council/referrals", &second);
    walk.read(&council.system, COUNCIL, &format!("/referrals/{}", id(&sent)), "/referrals/{id}");
    walk.list(&council.system, COUNCIL, "/referrals", "/referrals");
    let at = format!("{COUNCIL}/referrals/{}", id(&sent));
    let letter = walk.count(Kind::Other, "POST /v1/council/referrals/{id}/documents", || {
        send_in(&council.system, &at, "letter.pdf", "application/pdf", &pdf(100))
    });
    find_council_document_clean(&id(&letter));
    walk.list(&council.system, COUNCIL, &format!("/referrals/{}/documents", id(&sent)), "/referrals/{id}/documents");
    walk.read(&council.system, COUNCIL, &format!("/documents/{}", id(&letter)), "/documents/{id}");
    walk.list(chief, COUNCIL, "/confirmations", "/confirmations");
    walk.list(chief, COUNCIL, "/instructions", "/instructions");
    let at_council = format!("/referrals/{}", id(&sent));
    // It is written into the practice's log too, by the role that may.
    let by_an_officer = "GET /v1/council/referrals/{id} (by an officer)";
    walk.count(Kind::Other, by_an_officer, || chief.get(&format!("{COUNCIL}{at_council}")));
    walk.list(chief, COUNCIL, "/officers", "/officers");
    walk.read(chief, COUNCIL, &format!("/officers/{}", chief.id), "/officers/{id}");
    walk.read(chief, COUNCIL, "/contacts", "/contacts");
    walk.list(chief, COUNCIL, "/audit", "/audit");
    walk.list(&council.system, COUNCIL, "/events", "/events");
    walk.read(&council.system, COUNCIL, "/events/position", "/events/position");

    let inbox = walk.list(manager, PRACTICE, "/referrals", "/referrals");
    let of_inbox = |n: usize| inbox.text(&format!("/items/{n}/id")).expect("a referral").to_owned();
    let at = format!("{PRACTICE}/referrals/{}", of_inbox(0));
    let seen = walk.count(Kind::Other, "GET /v1/practice/referrals/{id} (with likely matches)", || manager.get(&at));
    let to = json!({ "allocate": { "staff_id": worker.id, "reason": "Has room." } });
    let operation = "/v1/practice/referrals/{id}/accept";
    let accepted = walk.change(Kind::Accept, manager, operation, &seen, &format!("{at}/accept"), &to);
    walk.read(manager, PRACTICE, &format!("/referrals/{}", of_inbox(0)), "/referrals/{id}");
    let at = format!("{PRACTICE}/referrals/{}", of_inbox(0));
    walk.count(Kind::Other, "POST /v1/practice/referrals/{id}/documents", || {
        send_in(manager, &at, "note.pdf", "application/pdf", &pdf(100))
    });
    walk.list(manager, PRACTICE, &format!("/referrals/{}/documents", of_inbox(0)), "/referrals/{id}/documents");
    let at = format!("{PRACTICE}/referrals/{}", of_inbox(1));
    let seen = manager.get(&at);
    let reason = json!({ "reason": "no_capacity" });
    let declined = walk.change(
        Kind::Other,
        manager,
        "/v1/practice/referrals/{id}/decline",
        &seen,
        &format!("{at}/decline"),
        &reason,
    );
    let undo = "/v1/practice/referrals/{id}/undo";
    let undone =
        walk.change(Kind::Other, manager, &format!("{undo} (a decline)"), &declined, &format!("{at}/undo"), &json!({}));
    let accepted_again = manager.change(&format!("{at}/accept"), &undone, &json!({}));
    let operation = format!("{undo} (an acceptance)");
    walk.change(Kind::Other, manager, &operation, &accepted_again, &format!("{at}/undo"), &json!({}));

    let person = accepted.text("/service_user_id").expect("a person").to_owned();
    let case = accepted.text("/case_id").expect("a case").to_owned();
    let settlement = json!({ "referral_id": accepted.body["id"], "settlement": "keep" });
    let (settle, record) = (
        format!("{PRACTICE}/service-users/{{id}}/differences/{{field}}"),
        format!("{PRACTICE}/service-users/{person}"),
    );
    let path = format!("{record}/differences/carer");
    walk.change(Kind::Other, manager, &settle, &manager.get(&record), &path, &settlement);
    people(&mut walk, &practice, &person);
    cases(&mut walk, &council.gss_code, &practice, &person, &case);

    let complaint = messages::complaint(&practice.slug);
    let lodged = walk.create(Kind::Other, &partner, "/v1/partner/complaints", "/v1/partner/complaints", &complaint);
    with_the_code(&mut walk, &partner, &lodged);
    complaints(&mut walk, world, &council, &desk);
    walk.create(Kind::Other, manager, "/v1/practice/complaints", "/v1/practice/complaints", &complaint);

    walk.list(officer, PRACTICE, "/audit", "/audit");
    walk.list(worker, PRACTICE, "/notices", "/notices");
    walk.list(manager, PRACTICE, "/staff", "/staff");
    walk.read(manager, PRACTICE, &format!("/staff/{}", worker.id), "/staff/{id}");
    walk.list(&world.anyone(), "/v1/public", "/practices", "/practices");
    walk.count(Kind::Other, "POST /v1/practice/sessions", || worker.sign_in(None));
    walk.count(Kind::Other, "POST /oauth/token", || {
        let form = format!("grant_type=client_credentials&client_id={}&client_secret={}", partner.id, partner.secret);
        partner.ask_token(&form)
    });
    walk.counted
}

fn warning_notes(walk: &mut Walk<'_>, practice: &almoner_tests::Practice, person: &str) {
    let manager = &practice.manager;
    let (notes, shown) = (format!("/service-users/{person}/warning-notes"), "/service-users/{id}/warning-notes");
    let (all, note) = (format!("{PRACTICE}{notes}"), messages::warning_note());
    let written = walk.create(Kind::Other, manager, &format!("{PRACTICE}{shown}"), &all, &note);
    let one = format!("{notes}/{}", written.text("/id").unwrap());
    walk.read(manager, PRACTICE, &one, &format!("{shown}/{{warning_note_id}}"));
    walk.list(manager, PRACTICE, &notes, shown);
    walk.list(manager, PRACTICE, "/warning-notes", "/warning-notes");
    walk.read(manager, PRACTICE, &format!("/service-users/{person}"), "/service-users/{id} (with a warning note)");
    let reviewer = &practice.director;
    let seen = reviewer.get(&format!("{PRACTICE}{one}"));
    walk.count(Kind::Other, &format!("POST {PRACTICE}{shown}/{{warning_note_id}}/review"), || {
        let stays = json!({ "finding": "stays", "text": "Still there.", "review_on": "2027-05-20" });
        reviewer.change(&format!("{PRACTICE}{one}/review"), &seen, &stays)
    });
}

fn people(walk: &mut Walk<'_>, practice: &almoner_tests::Practice, person: &str) {
    let manager = &practice.manager;
    let new = messages::person();
    walk.create(Kind::Other, manager, "/v1/practice/service-users", "/v1/practice/service-users", &new);
    for (what, criteria) in
        [("by name", json!({ "name": "edith marl" })), ("by NHS number", json!({ "nhs_number": new["nhs_number"] }))]
    {
        walk.count(Kind::List, &format!("POST /v1/practice/service-users/search ({what})"), || {
            let found = manager.post("/v1/practice/service-users/search", &criteria);
            assert!(found.text("/items/0/id").is_some(), "{what}: {}", found.body);
            found
        });
    }
    let seen = walk.read(manager, PRACTICE, &format!("/service-users/{person}"), "/service-users/{id}");
    walk.count(Kind::Other, "PATCH /v1/practice/service-users/{id}", || {
        manager.patch(&format!("/v1/practice/service-users/{person}"), &seen, &json!({ "phone": "07700 900462" }))
    });
    walk.list(manager, PRACTICE, &format!("/service-users/{person}/history"), "/service-users/{id}/history");
    let (related, shown) = (format!("/service-users/{person}/relationships"), "/service-users/{id}/relationships");
    let other = manager.create("/v1/practice/service-users", &messages::person());
    for side in [
        json!({ "service_user_id": other.body["id"], "other_is": { "in_words": "sister" } }),
        json!({ "without_record": { "name": "Gwen Pritchard" }, "other_is": { "roles": ["key_holder"] } }),
    ] {
        let what = if side["without_record"].is_null() { "with a record" } else { "without a record" };
        walk.count(Kind::Other, &format!("POST {PRACTICE}{shown} ({what})"), || {
            manager.create(&format!("{PRACTICE}{related}"), &side)
        });
    }
    walk.list(manager, PRACTICE, &related, shown);
    warning_notes(walk, practice, person);
    walk.count(Kind::List, &format!("GET {PRACTICE}/service-users/{{id}}/network"), || {
        manager.get(&format!("{PRACTICE}/service-users/{person}/network"))
    });
    walk.list(
        &practice.records_officer,
        PRACTICE,
        &format!("/service-users/{person}/readers"),
        "/service-users/{id}/readers",
    );
}

fn documents(walk: &mut Walk<'_>, worker: &almoner_tests::Staff, case: &str, person: &str) {
    let record = format!("{PRACTICE}/service-users/{person}");
    for (holder, shown) in [(case, "/cases/{id}/documents"), (&record, "/service-users/{id}/documents")] {
        let sent = walk.count(Kind::Other, &format!("POST {PRACTICE}{shown}"), || {
            send_in(worker, holder, "plan.pdf", "application/pdf", &pdf(100))
        });
        find_clean(&id(&sent));
        walk.count(Kind::List, &format!("GET {PRACTICE}{shown}"), || worker.get(&format!("{holder}/documents")));
        if holder == case {
            walk.read(worker, PRACTICE, &format!("/documents/{}", id(&sent)), "/documents/{id}");
        }
    }
    let content = pdf(100);
    let begun =
        walk.count(Kind::Other, "POST /v1/practice/uploads", || begin_upload(worker, "practice", content.len()));
    let upload = begun.header("location").expect("an upload").to_owned();
    let tus = [("tus-resumable", "1.0.0"), ("upload-offset", "0")];
    walk.count(Kind::Other, "PATCH /v1/practice/uploads/{id}", || {
        worker.send("PATCH", &upload, &tus, Some(("application/offset+octet-stream", &content)))
    });
    walk.count(Kind::Read, "GET /v1/practice/uploads/{id}", || worker.send("GET", &upload, &tus, None));
    let headers = [("content-disposition", "attachment; filename=plan.pdf"), ("idempotency-key", "takes an upload")];
    let path = format!("{case}/documents?upload={}", id(&begun));
    walk.count(Kind::Other, "POST /v1/practice/cases/{id}/documents (of an upload)", || {
        worker.send("POST", &path, &headers, Some(("application/pdf", b"")))
    });
}

fn cases(walk: &mut Walk<'_>, council: &str, practice: &almoner_tests::Practice, person: &str, case: &str) {
    let (manager, worker) = (&practice.manager, &practice.social_worker);
    let at = format!("{PRACTICE}/cases/{case}");
    walk.list(worker, PRACTICE, "/caseload", "/caseload");
    walk.list(worker, PRACTICE, "/cases", "/cases");
    walk.read(worker, PRACTICE, &format!("/cases/{case}"), "/cases/{id}");
    let note = messages::note("Saw Edith at home.");
    walk.create(Kind::Note, worker, "/v1/practice/cases/{id}/notes", &format!("{at}/notes"), &note);
    walk.list(worker, PRACTICE, &format!("/cases/{case}/notes"), "/cases/{id}/notes");
    let of_person = format!("/service-users/{person}/notes");
    let (path, shown) = (format!("{PRACTICE}{of_person}"), "/service-users/{id}/notes");
    let written = walk.create(Kind::Note, worker, &format!("{PRACTICE}{shown}"), &path, &note);
    walk.list(worker, PRACTICE, &of_person, shown);
    let note = format!("/notes/{}", id(&written));
    let seen = walk.read(worker, PRACTICE, &note, "/notes/{id}");
    let (operation, path) = ("/v1/practice/notes/{id}/entered-in-error", format!("{PRACTICE}{note}/entered-in-error"));
    let why = json!({ "reason": "The visit was to somebody else." });
    walk.change(Kind::Other, worker, operation, &seen, &path, &why);
    documents(walk, worker, &at, person);
    walk.list(worker, PRACTICE, &format!("/cases/{case}/timeline"), "/cases/{id}/timeline");
    walk.list(worker, PRACTICE, &format!("/cases/{case}/allocations"), "/cases/{id}/allocations");
    walk.create(Kind::Other, manager, "/v1/practice/cases", "/v1/practice/cases", &messages::case(council, person));
    let seen = manager.get(&at);
    let to =
        json!({ "staff_id": practice.social_worker_2.id, "reason": "Knows the family.", "ground": "worker_absent" });
    walk.change(Kind::Other, manager, "/v1/practice/cases/{id}/allocate", &seen, &format!("{at}/allocate"), &to);
    let seen = worker.get(&at);
    let agreed = json!({ "ground": "work_complete" });
    let agree = "/v1/practice/cases/{id}/agree-to-closing";
    walk.change(Kind::Other, worker, agree, &seen, &format!("{at}/agree-to-closing"), &agreed);
    let seen = manager.get(&at);
    walk.change(
        Kind::Other,
        manager,
        "/v1/practice/cases/{id}/close",
        &seen,
        &format!("{at}/close"),
        &messages::close(),
    );
    let signatory = [&practice.director, &practice.second_manager]
        .into_iter()
        .find(|one| one.get("/v1/practice/countersignatures").text("/items/0/id").is_some())
        .expect("somebody was drawn");
    let listed = walk.list(signatory, PRACTICE, "/countersignatures", "/countersignatures");
    let request = listed.text("/items/0/id").expect("a request");
    let seen = walk.count(Kind::Other, "GET /v1/practice/countersignatures/{id}", || {
        signatory.get(&format!("/v1/practice/countersignatures/{request}"))
    });
    let path = format!("/v1/practice/countersignatures/{request}/approve");
    let operation = "/v1/practice/countersignatures/{id}/approve";
    walk.change(Kind::Other, signatory, operation, &seen, &path, &messages::approve());
}

fn id(answer: &Answer) -> String {
    answer.text("/id").expect("an identifier").to_owned()
}
