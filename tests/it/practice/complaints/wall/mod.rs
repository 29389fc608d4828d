//! The wall: the members of staff who may see a complaint, and those who may not.

pub(crate) mod two_worlds;

use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Practice, Staff, System, World, messages, postgres};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::{PgConnection, sql_query, sql_types};
use serde_json::{Value, json};

use crate::partner::complaints::lodge;
use crate::practice::cases::{case_of, column, give, open, record};

const LIST: &str = "/v1/practice/complaints";

/// Makes a member of staff who handles complaints, with these further members.
fn complaints_manager(world: &World, practice: &Practice, name: &str, changes: &Value) -> Staff {
    let login = name.to_lowercase().replace(' ', ".");
    let mut member = json!({
        "name": name, "email": format!("{login}@{}.example", practice.slug),
        "roles": ["complaints_manager", "practitioner"],
    });
    member.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    world.staff(practice.id, member)
}

/// Lodges a complaint about this person's care, with these members.
fn complain(partner: &System, practice: &Practice, person: &Value, changes: &Value) {
    let mut complaint = messages::complaint(&practice.slug);
    complaint["person"] = json!({ "family_name": "Marlow", "nhs_number": person["nhs_number"] });
    complaint.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    lodge(partner, &complaint);
}

/// The address of the only complaint, as the practice's own complaints manager sees it.
fn complaint(practice: &Practice) -> String {
    let page = practice.complaints_manager.get(LIST);
    format!("{LIST}/{}", page.text("/items/0/id").unwrap_or_else(|| panic!("none: {}", page.body)))
}

/// Whether a reader sees the complaint. The list and the single read must agree.
fn sees(reader: &Staff, complaint: &str) -> bool {
    let listed = column(&reader.get(LIST), "/id").contains(&complaint.rsplit('/').next());
    let read = reader.get(complaint);
    assert_eq!(read.status, if listed { 200 } else { 404 }, "{}: {}", reader.email, read.body);
    listed
}

fn database() -> PgConnection {
    PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap()
}

#[test]
fn whoever_worked_with_the_person_in_24_months_is_presumed_with_their_line_managers_and_deputies() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let handler = |name: &str, changes: Value| complaints_manager(&world, &practice, name, &changes);
    let chief = handler("Mair Lloyd", json!({}));
    let lead = handler("Olwen Beck", json!({ "line_manager_id": chief.id }));
    let deputy = handler("Ifor Hughes", json!({ "deputy_for_id": lead.id }));
    let early = handler("Sioned Parry", json!({}));
    let late = handler("Ewan Clarke", json!({ "line_manager_id": lead.id }));
    let present = handler("Kofi Mensah", json!({}));
    let never = handler("Ruth Fielding", json!({}));

    let person = messages::person();
    world.set_clock("2024-10-01T10:00:00Z");
    let case = open(&practice, &council, &record(&practice, &person));
    give(&practice, &case, &early);
    for (at, worker) in [("2024-10-20T10:00:00Z", &late), ("2024-12-20T10:00:00Z", &present)] {
        world.set_clock(at);
        practice.manager.forget_token();
        assert_eq!(give(&practice, &case, worker).status, 200);
    }
    world.set_clock("2026-11-20T10:00:00Z");
    complain(&world.partner(), &practice, &person, &json!({}));

    let complaint = complaint(&practice);
    for (reader, expected, why) in [
        (&early, true, "25 months are over"),
        (&never, true, "had nothing to do with the person"),
        (&late, false, "23 months are not over"),
        (&lead, false, "is the line manager of one"),
        (&chief, false, "is the line manager's"),
        (&deputy, false, "stands in for the line manager"),
        (&present, false, "works with the person"),
    ] {
        assert_eq!(sees(reader, &complaint), expected, "{} {why}", reader.email);
    }
}

#[test]
fn whoever_is_given_the_case_after_the_lodging_is_behind_the_wall_too_and_stays_there() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let later = complaints_manager(&world, &practice, "Kofi Mensah", &json!({}));
    let person = messages::person();
    let case = open(&practice, &council, &record(&practice, &person));
    complain(&world.partner(), &practice, &person, &json!({}));
    let complaint = complaint(&practice);
    assert!(sees(&later, &complaint));
    let seen = later.get(&complaint);
    let write = || {
        let headers = [("idempotency-key", "the key of this message")];
        later.post_with(&format!("{complaint}/messages"), &headers, &json!({ "text": "May I ring you?" }))
    };
    assert_eq!(write().status, 201);
    give(&practice, &case, &later);
    assert!(!sees(&later, &complaint));
    let unchanged = later.send("GET", &complaint, &[("if-none-match", seen.etag().unwrap())], None);
    let acknowledged = later.change(&format!("{complaint}/acknowledge"), &seen, &json!({ "message": "May I?" }));
    let known = [write(), unchanged, acknowledged].map(|answer| (answer.status, answer.body));
    let unknown = later.get(&format!("{LIST}/{}", fresh_key()));
    assert!(known.iter().all(|answer| *answer == (404, unknown.body.clone())), "{known:?}");
    give(&practice, &case, &practice.social_worker);
    assert!(!sees(&later, &complaint));
    assert!(sees(&practice.complaints_manager, &complaint));
}

#[test]
fn once_it_is_settled_whom_it_is_about_only_they_their_line_and_who_must_not_see_stay_behind_the_wall() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let handler = |name: &str, changes: Value| complaints_manager(&world, &practice, name, &changes);
    let lead = handler("Olwen Beck", json!({}));
    let deputy = handler("Ifor Hughes", json!({ "deputy_for_id": lead.id }));
    let subject = handler("Ewan Clarke", json!({ "line_manager_id": lead.id }));
    let colleague = handler("Kofi Mensah", json!({}));
    let mistaken = handler("Ruth Fielding", json!({}));
    let barred = handler("Sioned Parry", json!({}));
    let above_barred = handler("Mair Lloyd", json!({ "deputy_for_id": barred.id }));
    let person = messages::person();
    let case = open(&practice, &council, &record(&practice, &person));
    give(&practice, &case, &colleague);
    give(&practice, &case, &subject);
    let words = json!({ "staff": ["Ruth", "Ewan"], "must_not_see": ["Miss Parry"] });
    complain(&world.partner(), &practice, &person, &words);

    let complaint = complaint(&practice);
    let everyone = [&lead, &deputy, &subject, &colleague, &mistaken, &barred, &above_barred];
    assert_eq!(everyone.map(|reader| sees(reader, &complaint)), [false; 7]);
    let seen = practice.complaints_manager.get(&complaint);
    let settled = json!({ "staff": [subject.id] });
    let settled = practice.complaints_manager.change(&format!("{complaint}/subjects"), &seen, &settled);
    assert_eq!(settled.status, 200, "{}", settled.body);
    assert_eq!(everyone.map(|reader| sees(reader, &complaint)), [false, false, false, true, true, false, false],);
}

#[test]
fn whoever_is_free_of_one_persons_care_reads_once_it_is_clear_whose_it_is() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let worker = complaints_manager(&world, &practice, "Kofi Mensah", &json!({}));
    let lead = complaints_manager(&world, &practice, "Olwen Beck", &json!({}));
    complaints_manager(&world, &practice, "Ewan Clarke", &json!({ "line_manager_id": lead.id }));
    case_of(&practice, &council, &worker);
    let other = record(&practice, &messages::person());
    lodge(&world.partner(), &messages::complaint(&practice.slug));
    let complaint = complaint(&practice);
    assert!(!sees(&worker, &complaint), "has a case: it may be about that");
    assert!(!sees(&lead, &complaint), "has a report, who may be meant");
    let seen = practice.complaints_manager.get(&complaint);
    let body = json!({ "service_user_id": other });
    assert_eq!(practice.complaints_manager.change(&format!("{complaint}/person"), &seen, &body).status, 200);
    assert!(sees(&worker, &complaint) && sees(&lead, &complaint));
}

#[test]
fn a_new_complaints_manager_in_the_subjects_line_sees_nothing() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let person = messages::person();
    let case = open(&practice, &council, &record(&practice, &person));
    give(&practice, &case, &practice.social_worker);
    complain(&world.partner(), &practice, &person, &json!({}));
    let complaint = complaint(&practice);
    let deputy = complaints_manager(&world, &practice, "Ifor Hughes", &json!({ "deputy_for_id": practice.manager.id }));
    let new = complaints_manager(&world, &practice, "Olwen Beck", &json!({}));
    assert!(!sees(&deputy, &complaint));
    assert!(sees(&new, &complaint), "until the line changes");
    let change = format!(
        "UPDATE staff SET line_manager_id = '{}' WHERE practice_id = '{}' AND staff_id = '{}'",
        new.id, practice.id, practice.social_worker.id
    );
    database().batch_execute(&change).unwrap();
    assert!(!sees(&new, &complaint), "she is the line manager of who is complained about");

    let seen = practice.complaints_manager.get(&complaint);
    let settled = json!({ "staff": [practice.social_worker.id] });
    practice.complaints_manager.change(&format!("{complaint}/subjects"), &seen, &settled);
    assert!(!sees(&new, &complaint));
    assert!(sees(&deputy, &complaint), "no longer of the line, once the line is another");
}

/// The number of pairs of staff on which the two functions disagree, and of pairs in which one stands in the other's line.
#[derive(QueryableByName)]
struct Pairs {
    #[diesel(sql_type = sql_types::BigInt)]
    contradicting: i64,
    #[diesel(sql_type = sql_types::BigInt)]
    in_line: i64,
}

#[test]
fn a_line_seen_from_below_is_the_line_seen_from_above() {
    let world = World::new();
    let practice = world.practice(&world.council());
    let handler = |name: &str, changes: Value| complaints_manager(&world, &practice, name, &changes);
    let deputy = handler("Ifor Hughes", json!({ "deputy_for_id": practice.manager.id }));
    let both = json!({ "deputy_for_id": deputy.id, "line_manager_id": practice.second_manager.id });
    handler("Mair Lloyd", both);
    let pairs = || -> Pairs {
        sql_query(
            "SELECT count(*) FILTER (WHERE above <> below) AS contradicting, count(*) FILTER (WHERE above) AS in_line
             FROM (SELECT b.staff_id = ANY (app.line_of(a.practice_id, ARRAY[a.staff_id])) AS above,
                 a.staff_id = ANY (app.answers_for(b.practice_id, b.staff_id)) AS below
                 FROM staff a JOIN staff b USING (practice_id) WHERE practice_id = $1) pairs",
        )
        .bind::<sql_types::Uuid, _>(practice.id.uuid())
        .get_result(&mut database())
        .unwrap()
    };
    // Eleven people, each in their own line. In the lines of the three workers stand the manager, the director, the
    // manager's deputy, the deputy's deputy and that one's line manager; in the manager's line four; and so on upwards.
    let found = pairs();
    assert_eq!((found.contradicting, found.in_line), (0, 11 + 3 * 5 + 4 + 2 + 1));

    // Lines of management that go round in a circle end all the same.
    let circle = format!(
        "UPDATE staff SET line_manager_id = '{}' WHERE practice_id = '{}' AND staff_id = '{}'",
        practice.social_worker.id, practice.id, practice.director.id
    );
    database().batch_execute(&circle).unwrap();
    let found = pairs();
    assert_eq!(found.contradicting, 0);
    assert!(found.in_line > 33, "{}", found.in_line);
}
