//! Two practices that are set up by the same steps. About a worker of one of them somebody complains to its council. To the worker,
//! to their line manager and to the director every answer is the same at both.

pub(crate) mod comparison;
pub(crate) mod script;

use std::collections::BTreeSet;

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::complaints::{Desk, answer, assign};
use almoner_tests::{Council, Practice, Staff, World, messages};
use serde_json::{Value, json};

use comparison::assert_same;
use script::{everything, later, letterbox};

use crate::practice::access::single_sign_on::fake::Fake;
use crate::practice::cases::{close, column, give, open, record};
use crate::practice::people;

const REQUESTS: &str = "/v1/practice/countersignatures";

/// One of the two practices.
pub(crate) struct Side {
    provider: Fake,
    pub(crate) council: Council,
    pub(crate) desk: Desk,
    pub(crate) practice: Practice,
    /// The worker, their line manager, and the director above.
    pub(crate) walled: [Staff; 3],
    relief: Staff,
    pub(crate) person: String,
    /// Two people whose records are restricted to the second manager.
    closed: [Value; 2],
    /// Cases of the worker's with the person, one for each of the three.
    pub(crate) cases: Vec<String>,
    /// Requests for a countersignature that are drawn to the line manager.
    requests: Vec<String>,
    /// A request of the line manager's own that nobody is left to decide.
    outside: String,
    /// Referrals that wait for an answer, two for each of the three.
    referrals: Vec<String>,
    /// The identifier of the complaint, or one that belongs to nothing.
    complaint: String,
    names: Vec<String>,
}

/// What there is about the first practice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Complaint {
    None,
    Lodged,
    /// A complaint that is opened, acknowledged, answered, and assigned to a member of the practice's staff as its handler.
    Handled,
    /// So many complaints.
    Many(usize),
}

fn ids(page: &Answer) -> Vec<String> {
    column(page, "/id").into_iter().flatten().map(str::to_owned).collect()
}

/// A person with the NHS number of this index in the test range, the same at both practices.
fn person_with(number: u32) -> Value {
    let mut person = messages::person();
    person["nhs_number"] = messages::nhs_number(number).into();
    person
}

pub(crate) fn set_up(world: &World, provider: &Fake, complaint: Complaint) -> Side {
    let council = world.council();
    let practice = world.practice(&council);
    let member = |login: &str, name: &str, roles: &[&str], line_manager: Option<&Staff>, owner: bool| {
        let member = json!({
            "name": name, "email": format!("{login}@{}.example", practice.slug), "roles": roles, "owner": owner,
            "line_manager_id": line_manager.map(|manager| manager.id), "social_work_england_number": "SW123456",
        });
        world.staff(practice.id, member)
    };
    let chief = member("chief", "Mair Lloyd", &["manager"], None, true);
    let every_role = ["social_worker", "manager", "administrator", "records_officer"];
    let lead = member("lead", "Olwen Beck", &every_role, Some(&chief), false);
    let worker = member("worker", "Idris Vaughan", &["social_worker"], Some(&lead), false);
    // The relief stands in nobody's line, so the two possible signatories stay the same, whoever gets the case.
    let relief = member("relief", "Kofi Mensah", &["practitioner"], None, false);

    let edith = person_with(500_000);
    let person = record(&practice, &edith);
    let cases: Vec<String> = (0..3).map(|_| open(&practice, &council, &person)).collect();
    for case in &cases {
        give(&practice, case, &worker);
    }
    // The second manager asks about the work of another line, so the lead is the only manager left.
    for n in [510_000, 520_000] {
        let case = open(&practice, &council, &record(&practice, &person_with(n)));
        give(&practice, &case, &practice.social_worker);
        close(&practice.second_manager, &case, &messages::close());
    }
    let requests = ids(&lead.get(REQUESTS));
    assert_eq!(requests.len(), 2);
    // Nobody but the line manager may see this record, so nobody is left.
    let alone = record(&practice, &person_with(530_000));
    let case = open(&practice, &council, &alone);
    assert_eq!(people::restrict(&practice.manager, &alone, &json!([lead.id])).status, 204);
    assert_eq!(close(&lead, &case, &messages::close()).text("/status"), Some("closing"));
    let timeline = lead.get(&format!("{case}/timeline"));
    let outside = column(&timeline, "/subject_id").last().copied().flatten().unwrap().to_owned();
    for n in 0..6 {
        let mut referral = messages::referral();
        referral["council_reference"] = format!("REF-{n}").into();
        referral["person"]["council_person_id"] = format!("P{n}").into();
        referral["person"]["nhs_number"] = messages::nhs_number(600_000 + 100 * n).into();
        referral["carer"] = json!({ "name": "Owen Marlow", "relationship": "son" });
        assert_eq!(council.system.post("/v1/council/referrals", &referral).status, 201);
    }
    let referrals = ids(&practice.manager.get("/v1/practice/referrals"));
    let closed = [520_500, 520_600].map(person_with);
    for person in &closed {
        let named = json!([practice.second_manager.id]);
        assert_eq!(people::restrict(&practice.manager, &record(&practice, person), &named).status, 204);
    }
    let desk = world.desk(&council);
    let complaint = complain(world, &council, &desk, &practice, complaint);
    let walled = [worker, lead, chief];
    Side {
        provider: provider.clone(),
        council,
        desk,
        practice,
        walled,
        relief,
        person,
        closed,
        cases,
        requests,
        outside,
        referrals,
        complaint,
        names: Vec::new(),
    }
}

/// Lodges what complaints there are, and handles one up to this state. Returns its identifier.
fn complain(world: &World, council: &Council, desk: &Desk, practice: &Practice, how_far: Complaint) -> String {
    let mut complaint = messages::complaint(&practice.slug);
    complaint["staff"] = json!(["Idris Vaughan"]);
    let times = match how_far {
        Complaint::None => 0,
        Complaint::Lodged | Complaint::Handled => 1,
        Complaint::Many(times) => times,
    };
    for _ in 0..times {
        world.lodge(&complaint);
    }
    world.work_for_council(council);
    if how_far != Complaint::Handled {
        return fresh_key();
    }
    let (officer, offer) = desk.offers().remove(0);
    let opened = answer(officer, &offer, false);
    let path = format!("/v1/complaints/{}", opened.text("/complaint_id").unwrap_or_else(|| panic!("{}", opened.body)));
    let handler = world.handler(council, desk, practice, &practice.practitioner_2, "Bola Adeyemi");
    assert_eq!(assign(officer, &path, &handler).status, 201);
    let seen = handler.get(&path);
    let acknowledged = handler.change(&format!("{path}/acknowledge"), &seen, &json!({ "message": "May I ring you?" }));
    assert_eq!(acknowledged.status, 200, "{}", acknowledged.body);
    assert_eq!(handler.create(&format!("{path}/messages"), &json!({ "text": "I shall ask." })).status, 201);
    opened.text("/complaint_id").unwrap().to_owned()
}

/// The request with which the walled person of this index asked to close their case. Its signatory, a manager of another
/// line, knows it.
fn own_request(side: &Side, n: usize) -> String {
    let case = side.cases[n].rsplit('/').next().unwrap();
    let of_case = |page: &Answer| {
        let items = page.body["items"].as_array().unwrap();
        items.iter().find(|item| item["case_id"] == case).map(|item| item["id"].as_str().unwrap().to_owned())
    };
    let (manager, second) = (side.practice.manager.get(REQUESTS), side.practice.second_manager.get(REQUESTS));
    of_case(&manager).or_else(|| of_case(&second)).unwrap()
}

/// Every operation of the practice's door, as the document lists them.
fn operations() -> BTreeSet<String> {
    let document = serde_json::to_value(almoner_api::openapi::document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let at_the_door = paths.iter().filter_map(|(path, item)| Some((path.strip_prefix("/v1/practice")?, item)));
    let methods =
        |item: &Value| item.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect::<Vec<_>>();
    at_the_door
        .flat_map(|(path, item)| methods(item).into_iter().map(move |method| format!("{method} {path}")))
        .collect()
}

fn the_same_whether_or_not(how_far: Complaint) {
    let world = World::with_settings(|settings| settings.allow_private_providers = true);
    let provider = Fake::start();
    let mut sides = [set_up(&world, &provider, how_far), set_up(&world, &provider, Complaint::None)];
    let mut requests = Vec::new();
    for n in 0..3 {
        let answers = [everything(&sides[0], n), everything(&sides[1], n)];
        let asked: BTreeSet<String> = answers[0].iter().map(|(operation, _)| operation.clone()).collect();
        let mut of_the_door = operations();
        for letterbox in ["POST /complaints", "POST /concerns"] {
            assert!(of_the_door.remove(letterbox), "everybody uses the letterboxes, after all the rest");
        }
        assert_eq!(of_the_door, asked, "every operation of the practice's door wants a step in this script");
        if n == 1 {
            // The line manager may do everything, so that the test compares more than refusals.
            for operation in &asked {
                let done = answers[0].iter().any(|(name, answer)| name == operation && answer.status < 300);
                // Nobody's credentials were reset here, so there is no membership to confirm.
                let refused = operation == "POST /staff/{id}/confirm";
                assert_eq!(done, !refused, "{operation}");
            }
        }
        assert_same(&mut sides, n, answers);
        requests.push([own_request(&sides[0], n), own_request(&sides[1], n)]);
    }
    for at in ["2026-11-25T00:01:00Z", "2026-11-28T00:01:00Z"] {
        world.set_clock(at);
        for side in &sides {
            world.work(&side.practice);
            side.walled.iter().for_each(Staff::forget_token);
        }
        for (n, [here, there]) in requests.iter().enumerate() {
            let answers = [later(&sides[0], n, here), later(&sides[1], n, there)];
            assert_same(&mut sides, n, answers);
        }
    }
    for n in 0..3 {
        let answers = [letterbox(&sides[0], n), letterbox(&sides[1], n)];
        assert!(answers.iter().flatten().all(|(_, answer)| answer.status == 202), "everybody writes one down");
        assert_same(&mut sides, n, answers);
    }
    let known = sides.map(|side| {
        world.work_for_council(&side.council);
        side.desk.forget_tokens();
        side.desk.offers().len()
    });
    assert!(known[0] > known[1] || how_far == Complaint::Handled, "and yet they are there: {known:?}");
}

#[test]
fn to_the_walled_every_answer_is_the_same_whether_or_not_somebody_has_complained() {
    the_same_whether_or_not(Complaint::Lodged);
}

#[test]
fn to_the_walled_every_answer_is_the_same_when_the_complaint_is_handled_by_one_of_their_practice() {
    the_same_whether_or_not(Complaint::Handled);
}

#[test]
fn to_the_walled_every_answer_is_the_same_when_there_are_a_hundred_complaints() {
    the_same_whether_or_not(Complaint::Many(100));
}
