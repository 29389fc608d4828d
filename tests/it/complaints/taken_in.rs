//! The ways by which a complaint comes in, and the council that has it then.

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::complaints::{answer, assign, follow};
use almoner_tests::{World, messages};
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::sql_types::BigInt;
use serde_json::{Value, json};

use super::{Scene, pointers, sees};
use crate::practice::cases::{open, record};

#[test]
fn from_a_form_of_the_councils_own_it_is_this_councils_and_its_system_reads_nothing_of_it() {
    let scene = Scene::new();
    let system = &scene.council.complaints;
    let other = scene.world.council();
    let lodged = system.create("/v1/council/complaints", &scene.complaint(json!({})));
    assert_eq!(lodged.status, 201, "{}", lodged.body);
    assert_eq!(follow(&scene.world.partner(), &lodged).status, 200, "with the code, through any app");
    for path in ["/v1/council/complaints", lodged.header("location").unwrap()] {
        assert_ne!(system.get(path).status, 200, "{path}");
    }
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.asked().0, "Beatrice");

    // The practice may be left out, and another council may not be named.
    let without = scene.complaint(json!({ "practice": null }));
    assert_eq!(system.create("/v1/council/complaints", &without).status, 201);
    let others = scene.complaint(json!({ "council": other.gss_code, "practice": "no-such-practice" }));
    let refused = system.create("/v1/council/complaints", &others);
    assert_eq!(refused.text("/errors/0/pointer"), Some("/council"), "{}", refused.body);
    assert_eq!(refused.text("/errors/1/pointer"), Some("/practice"), "all at once: {}", refused.body);
}

#[test]
fn whoever_takes_a_complaint_down_does_not_have_it_by_that() {
    let scene = Scene::new();
    let officer = &scene.desk.officers[0];
    let taken = officer.create("/v1/complaints", &scene.telephoned(json!({})));
    assert_eq!(taken.status, 201, "{}", taken.body);
    assert_eq!(officer.get("/v1/complaints").body["items"], json!([]));
    assert_eq!(follow(&scene.world.partner(), &taken).status, 200);
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.asked().0, "Beatrice", "it is offered like any other");
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(guest.create("/v1/complaints", &scene.telephoned(json!({}))).status, 403);
}

#[test]
fn how_a_complaint_came_to_whoever_took_it_down_is_kept() {
    let scene = Scene::new();
    let officer = &scene.desk.officers[0];
    let visited = json!({ "came_by": "visit", "complaint": scene.complaint(json!({})) });
    assert_eq!(officer.create("/v1/complaints", &visited).status, 201);
    let desk = scene.complaint(json!({ "narrative": "It was said at the desk." }));
    assert_eq!(scene.practice.manager.create("/v1/practice/complaints", &desk).status, 202);
    scene.world.lodge(&scene.complaint(json!({ "narrative": "It came by app." })));
    scene.world.work_for_council(&scene.council);
    let mut seen = Vec::new();
    for (officer, offer) in scene.desk.offers() {
        let id = answer(officer, &offer, false).text("/complaint_id").map(str::to_owned).unwrap();
        let read = officer.get(&format!("/v1/complaints/{id}"));
        seen.push((read.text("/way").unwrap().to_owned(), read.body["taken_down"].clone()));
    }
    seen.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(
        seen,
        [
            ("app".to_owned(), Value::Null),
            ("officer".to_owned(), json!({ "came_by": "visit", "officer_id": officer.id })),
            ("practice_desk".to_owned(), json!({ "came_by": "in_person" })),
        ],
        "and of a member of the practice's staff nothing"
    );
    for (changes, pointer) in [(json!({ "came_by": null }), "/came_by"), (json!({ "came_by": "pigeon" }), "/came_by")] {
        let mut wrong = visited.clone();
        wrong.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        assert_eq!(pointers(&officer.create("/v1/complaints", &wrong)), [pointer]);
    }
    let mut wrong = scene.complaint(json!({}));
    wrong["came_by"] = "telephone".into();
    let told = scene.world.partner().create("/v1/partner/complaints", &wrong);
    assert_eq!(pointers(&told), ["/came_by"], "an app takes nothing down");
}

#[test]
fn at_a_practices_desk_it_is_the_councils_at_once_and_the_practice_keeps_no_trace_of_it() {
    let scene = Scene::new();
    let (practice, council) = (&scene.practice, scene.council.id.uuid());
    let key = fresh_key();
    let desk = "/v1/practice/complaints";
    let write = |key: &str, text: &str| {
        let complaint = scene.complaint(json!({ "narrative": text }));
        practice.practitioner.post_with(desk, &[("idempotency-key", key)], &complaint)
    };
    let first = write(&key, "Three visits were cancelled.");
    assert_eq!(first.status, 202, "{}", first.body);
    let again = write(&key, "Three visits were cancelled.");
    assert_eq!((again.status, &again.body), (202, &first.body), "the same words always");
    assert_eq!(scene.world.audited_of(council, "complaint.lodged"), 1, "the same request is the same complaint");
    assert_eq!(write(&key, "And a fourth.").status, 202);
    assert_eq!(scene.world.audited_of(council, "complaint.lodged"), 2, "another complaint is lost to no key");
    // Two desks that happen to use one key are two.
    let other = practice.manager.post_with(desk, &[("idempotency-key", &key)], &scene.complaint(json!({})));
    assert_eq!((other.status, scene.world.audited_of(council, "complaint.lodged")), (202, 3));

    let log = practice.records_officer.get("/v1/practice/audit?limit=200");
    assert!(log.status == 200 && !log.body.to_string().contains("complaint"), "{}", log.body);
    for path in [desk, "/v1/practice/complaints/01937c5e-2b00-7a41-9d6c-000000000000"] {
        assert!([404, 405].contains(&practice.manager.get(path).status), "{path}");
    }
    scene.world.work_for_council(&scene.council);
    assert_eq!(scene.desk.offers().len(), 3);

    let elsewhere = scene.world.practice(&scene.council);
    let refused = practice.manager.create(desk, &messages::complaint(&elsewhere.slug));
    assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/practice")), "{}", refused.body);
}

#[test]
fn a_letterbox_into_which_the_same_is_put_twice_at_once_has_it_once() {
    let (world, mut database, _) = World::apart("letterbox", |_| {});
    let council = world.council();
    let practice = world.practice(&council);
    let (key, complaint) = (fresh_key(), messages::complaint(&practice.slug).to_string());
    let authorization = format!("Bearer {}", practice.manager.token().unwrap());
    let put = || {
        let headers = [("idempotency-key", key.as_str()), ("authorization", authorization.as_str())];
        let content = Some(("application/json", complaint.as_bytes()));
        world.anyone().send("POST", "/v1/practice/complaints", &headers, content).status
    };
    // While receipts can be looked for and none can be written, both have looked before either has written.
    database.batch_execute("BEGIN; LOCK TABLE complaint_receipts IN SHARE MODE").unwrap();
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let statuses: Vec<u16> = std::thread::scope(|threads| {
        let both = [threads.spawn(put), threads.spawn(put)];
        let are_both_waiting = || {
            std::thread::sleep(std::time::Duration::from_millis(5));
            diesel::select(sql::<BigInt>(&format!("({waiting})"))).get_result::<i64>(&mut database).unwrap() == 2
        };
        assert!(std::iter::repeat_with(are_both_waiting).take(300).any(|both| both), "one of the two does not wait");
        database.batch_execute("COMMIT").unwrap();
        both.map(|thread| thread.join().unwrap()).to_vec()
    });
    assert_eq!(statuses, [202, 202]);
    world.work_for_council(&council);
    let lodged = "(SELECT count(*) FROM complaints)";
    assert_eq!(diesel::select(sql::<BigInt>(lodged)).get_result::<i64>(&mut database).unwrap(), 1);
}

#[test]
fn to_another_council_none_of_it_exists() {
    let scene = Scene::new();
    let other = scene.world.council();
    let theirs = scene.world.desk(&other);
    let (_, officer, complaint) = scene.opened(json!({}));
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert!(!sees(&theirs.officers[0], &complaint));
    let path = format!("/v1/complaints/guests/{}", guest.id);
    assert_eq!((officer.get(&path).status, theirs.officers[0].get(&path).status), (200, 404));
    let body = json!({ "guest_id": guest.id, "reason": "Is free of conflict." });
    assert_eq!(theirs.officers[0].create(&format!("{complaint}/assignments"), &body).status, 404);
    scene.world.lodge(&scene.complaint(json!({})));
    scene.world.work_for_council(&other);
    assert!(theirs.offers().is_empty());
}

#[test]
fn a_council_without_a_desk_keeps_it_until_somebody_is_there() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let receipt = world.lodge(&messages::complaint(&practice.slug));
    world.work_for_council(&council);
    assert_eq!(world.audited_of(council.id.uuid(), "complaint.stranded"), 1);
    assert_eq!(follow(&world.partner(), &receipt).body["has_it"], json!([]));
    let desk = world.desk(&council);
    world.set_clock("2026-11-20T11:01:00Z");
    desk.forget_tokens();
    world.work_for_council(&council);
    let (officer, offer) = desk.offers().remove(0);
    assert_eq!(answer(officer, &offer, false).status, 200);
    assert_eq!(follow(&world.partner(), &receipt).body["has_it"].as_array().unwrap().len(), 1);
}

#[test]
fn a_new_code_is_for_the_complainant_and_the_earlier_one_ends() {
    let scene = Scene::new();
    let app = scene.world.partner();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let path = format!("{complaint}/code");
    let why = json!({ "reason": "She rang, and I rang her back." });
    assert_eq!(scene.desk.officers[1].create(&path, &why).status, 404, "who does not have it");
    assert_eq!(pointers(&officer.create(&path, &json!({}))), ["/reason"]);
    let replaced = officer.create(&path, &why);
    assert_eq!(replaced.status, 201, "{}", replaced.body);
    assert_eq!(replaced.text("/reference"), receipt.text("/reference"));
    assert_eq!(replaced.text("/hand_over_to/phone"), Some("07700 900461"), "to the contact given at lodging");
    assert_eq!(replaced.body["hand_over_by"], json!(["phone", "in_person"]));
    assert_eq!(follow(&app, &receipt).status, 404);
    let followed = follow(&app, &replaced);
    let told = followed.body["messages"].as_array().unwrap().last().unwrap();
    let words = told["text"].as_str().unwrap();
    assert!(words.starts_with("Beatrice Oyelaran gave out a new access code"), "{words}");
    assert!(told["written_at"].as_str().unwrap().starts_with("2026-11-20T10:00"), "{}", followed.body);
    let council = scene.council.id.uuid();
    assert_eq!(scene.world.audited_of(council, "complaint.code_replaced"), 1);
    assert_eq!(scene.world.audited_with_a_reason(council, "complaint.code_replaced"), 1, "the log keeps why");
    // A token that was taken from somebody gives out no code: it wants a factor that was proved a moment ago.
    scene.world.set_clock("2026-11-20T10:20:00Z");
    officer.forget_token();
    assert_eq!(officer.get(&complaint).status, 200);
    scene.world.set_clock("2026-11-20T10:26:00Z");
    let old = officer.create(&path, &why);
    assert_eq!((old.status, old.text("/type")), (401, Some("/problems/step-up-required")), "{}", old.body);
}

#[test]
fn a_new_code_goes_to_the_contact_given_at_lodging_or_from_hand_to_hand() {
    let scene = Scene::new();
    let why = json!({ "reason": "Somebody rang and said that it is theirs." });
    let nobody = json!({ "anonymous": true, "complainant": null, "contact": null });
    let (_, officer, complaint) = scene.opened(nobody);
    let replaced = officer.create(&format!("{complaint}/code"), &why);
    assert_eq!(replaced.body["hand_over_by"], json!(["in_person"]), "{}", replaced.body);
    assert!(replaced.body.get("hand_over_to").is_none());
    let (_, officer, complaint) = scene.opened(json!({ "confidential": true }));
    let path = format!("{complaint}/code");
    let sealed = officer.create(&path, &why);
    assert_eq!((sealed.status, sealed.text("/type")), (409, Some("/problems/invalid-state")), "{}", sealed.body);
    assert!(!sealed.body.to_string().contains("900461"));
    assert_eq!(officer.create(&format!("{complaint}/unsealings"), &why).status, 201);
    assert_eq!(officer.create(&path, &why).text("/hand_over_to/phone"), Some("07700 900461"));
}

#[test]
fn where_a_practice_works_for_two_councils_nothing_that_is_told_depends_on_whose_record_it_has() {
    let scene = Scene::new();
    let earlier = scene.world.council();
    let changes = json!({ "starts_on": "2020-01-01", "complaint_response_working_days": 10 });
    scene.world.contract_alone(&earlier, &scene.practice, changes);
    let person = messages::person();
    let known = record(&scene.practice, &person);
    open(&scene.practice, &scene.council, &known);
    let app = scene.world.partner();
    let lodged = |born: &Value| {
        let complaint = scene.complaint(json!({
            "danger": { "now": "unsure" },
            "person": { "given_name": person["given_name"], "family_name": person["family_name"], "date_of_birth": born },
        }));
        scene.world.lodge(&complaint)
    };
    let told = |receipt: &Answer| {
        let mut receipt = receipt.body.clone();
        for drawn in ["reference", "access_code", "received_at"] {
            receipt[drawn] = Value::Null;
        }
        receipt
    };
    let (hers, nobodys) = (lodged(&person["date_of_birth"]), lodged(&json!("1931-01-01")));
    assert_eq!(told(&hers), told(&nobodys));
    let duty = hers.body["danger"]["emergency_duty"].as_array().unwrap();
    assert_eq!(duty.len(), 2, "the number of each council: {}", hers.body);

    // It is the council's under whom the person's case is. That is told once somebody has acknowledged it.
    scene.world.work_for_council(&scene.council);
    let (officer, offer) = scene.offer();
    let opened = answer(officer, &offer, false);
    let complaint = format!("/v1/complaints/{}", opened.text("/complaint_id").unwrap());
    let (of_hers, of_nobodys) = (follow(&app, &hers), follow(&app, &nobodys));
    for member in ["council", "response_due_on", "has_it"] {
        assert_eq!(of_hers.body.get(member), of_nobodys.body.get(member), "{member}: {}", of_hers.body);
    }
    super::acknowledge(officer, &complaint);
    let followed = follow(&app, &hers);
    assert_eq!(followed.text("/council/gss_code"), Some(scene.council.gss_code.as_str()), "{}", followed.body);
    assert_eq!(followed.body["has_it"].as_array().unwrap().len(), 1, "{}", followed.body);

    // Who chooses the council is told at once.
    let chosen = scene.world.lodge(&scene.complaint(json!({
        "council": earlier.gss_code, "danger": { "now": "yes" },
    })));
    assert_eq!(chosen.body["danger"]["emergency_duty"].as_array().unwrap().len(), 1, "{}", chosen.body);
}

#[test]
fn where_a_practice_works_for_two_councils_the_complainant_is_told_who_has_it_as_soon_as_a_guest_does() {
    let scene = Scene::new();
    scene.world.contract(&scene.world.council(), &scene.practice, json!({ "starts_on": "2026-11-01" }));
    let app = scene.world.partner();
    let (receipt, officer, complaint) = scene.opened(json!({}));
    let before = follow(&app, &receipt);
    assert_eq!(before.body["has_it"], json!([]), "which council it is may follow from a record: {}", before.body);
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Laura Leadbetter");
    assert_eq!(assign(officer, &complaint, &guest).status, 201);
    let followed = follow(&app, &receipt);
    let names: Vec<&str> =
        followed.body["has_it"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"Laura Leadbetter") && names.len() == 2, "{}", followed.body);
    assert_eq!(followed.text("/council/gss_code"), Some(scene.council.gss_code.as_str()), "{}", followed.body);
}

#[test]
fn where_a_practice_works_for_two_councils_whoever_is_refused_is_told_by_whom() {
    let scene = Scene::new();
    scene.world.contract(&scene.world.council(), &scene.practice, json!({ "starts_on": "2026-11-01" }));
    let person = messages::person();
    open(&scene.practice, &scene.council, &record(&scene.practice, &person));
    let number = json!({ "family_name": person["family_name"], "nhs_number": person["nhs_number"] });
    let (receipt, officer, complaint) = scene.opened(json!({ "person": number }));
    let period = super::record::period(&json!({}));
    assert_eq!(super::put(officer, &complaint, "record", &period).status, 200);
    let app = scene.world.partner();
    let before = follow(&app, &receipt);
    assert_eq!((&before.body["record_openings"], before.body.get("council")), (&json!([]), None), "{}", before.body);
    let refusal = json!({ "ground": "previously_investigated", "reason": "In spring.", "heard_on": "2026-03-03" });
    let refused = officer.change(&format!("{complaint}/exclude"), &officer.get(&complaint), &refusal);
    assert_eq!(refused.status, 200, "{}", refused.body);
    let after = follow(&app, &receipt);
    assert_eq!(after.text("/council/gss_code"), Some(scene.council.gss_code.as_str()), "{}", after.body);
}

#[test]
fn a_council_that_cannot_answer_counts_as_left_out_beside_a_practice() {
    let scene = Scene::new();
    let app = scene.world.partner();
    for code in ["E07000001", "e06999999", "E10999999"] {
        let receipt = scene.world.lodge(&scene.complaint(json!({ "council": code })));
        scene.world.work_for_council(&scene.council);
        let (officer, offer) = scene.offer();
        assert_eq!(answer(officer, &offer, false).status, 200, "{code}");
        let followed = follow(&app, &receipt);
        assert_eq!(followed.text("/council/gss_code"), Some(scene.council.gss_code.as_str()), "{code}");
        let alone = scene.complaint(json!({ "council": code, "practice": null }));
        let refused = app.create("/v1/partner/complaints", &alone);
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/council")), "{}", refused.body);
    }
    for code in ["E0700001", "W06000023", "Shropshire"] {
        let refused = app.create("/v1/partner/complaints", &scene.complaint(json!({ "council": code })));
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/council")), "{}", refused.body);
    }
}

#[test]
fn a_practices_desk_chooses_no_council_but_one_with_which_it_has_or_had_a_contract() {
    let scene = Scene::new();
    let foreign = scene.world.council();
    let theirs = scene.world.desk(&foreign);
    for code in [foreign.gss_code.as_str(), "E07000001", scene.council.gss_code.as_str()] {
        let complaint = scene.complaint(json!({ "council": code, "narrative": format!("Nobody rang. {code}") }));
        assert_eq!(scene.practice.manager.create("/v1/practice/complaints", &complaint).status, 202, "{code}");
        scene.world.work_for_council(&foreign);
        assert!(theirs.offers().is_empty(), "{code}");
        scene.world.work_for_council(&scene.council);
        let (officer, offer) = scene.offer();
        assert_eq!(answer(officer, &offer, false).status, 200, "{code}");
    }
}
