//! People's records and the access to them: restrictions, exclusions, and break-glass access.

mod break_glass;
mod dates_and_places;
mod exclusions;
pub(crate) mod from_referrals;
mod histories;
mod provenance;
mod records;
mod relationships;
mod restricted_everywhere;
mod restricting;
mod restrictions;
mod warning_notes;
mod warnings_of_referrals;
mod written_otherwise;

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Practice, Staff};
use serde_json::{Value, json};

use crate::practice::cases::column;

/// The address of a sub-resource of a person's record.
pub(crate) fn of(person: &str, what: &str) -> String {
    format!("/v1/practice/service-users/{person}{what}")
}

/// Makes a restriction to these members of staff.
pub(crate) fn restriction(staff: &Value) -> Value {
    json!({ "ground": "safeguarding_plan", "reason": "Her son works at the county's newspaper.", "staff": staff, "review_on": "2027-05-20" })
}

/// Sends a PUT with the version that was read.
fn put(by: &Staff, path: &str, seen: &Answer, body: &Value) -> Answer {
    let headers = [("if-match", seen.etag().unwrap_or("\"1\""))];
    by.send("PUT", path, &headers, Some(("application/json", body.to_string().as_bytes())))
}

/// Restricts a record to these members of staff, with its current version.
pub(crate) fn restrict(by: &Staff, person: &str, staff: &Value) -> Answer {
    let path = of(person, "/restriction");
    put(by, &path, &by.get(&path), &restriction(staff))
}

/// Lifts the restriction, with its current version.
pub(crate) fn lift(by: &Staff, person: &str) -> Answer {
    let path = of(person, "/restriction");
    let seen = by.get(&path);
    by.send("DELETE", &path, &[("if-match", seen.etag().unwrap_or("\"1\""))], None)
}

/// Excludes a colleague from a record.
pub(crate) fn exclude(by: &Staff, person: &str, whom: &Staff) -> Answer {
    by.create(&of(person, "/exclusions"), &json!({ "staff_id": whom.id, "reason": "Is her nephew." }))
}

/// Ends the exclusion of a colleague.
pub(crate) fn end_exclusion(by: &Staff, person: &str, whom: &Staff) -> Answer {
    by.send("DELETE", &of(person, &format!("/exclusions/{}", whom.id)), &[], None)
}

/// Takes break-glass access to this person's record.
pub(crate) fn break_glass(by: &Staff, person: &Value) -> Answer {
    let body = json!({ "nhs_number": person["nhs_number"], "reason": "She rang, and then nothing more." });
    by.create("/v1/practice/break-glass", &body)
}

/// The break-glass accesses that a member of staff took or may review, the newest first.
pub(crate) fn break_glass_accesses(staff: &Staff) -> Vec<String> {
    column(&staff.get("/v1/practice/break-glass"), "/id").into_iter().flatten().map(str::to_owned).collect()
}

/// The only event of a reading in the audit log, as a records officer finds it.
fn event_of(practice: &Practice, action: &str, read: &Answer) -> Value {
    assert_eq!(read.status, 200, "{}", read.body);
    let found = practice.records_officer.get(&format!("/v1/practice/audit?action={action}"));
    let items = found.body["items"].as_array().unwrap();
    let of_request = |event: &&Value| event["request_id"].as_str() == read.header("x-request-id");
    let mut events = items.iter().filter(of_request);
    let event = events.next().unwrap_or_else(|| panic!("{action} is not on record: {}", found.body)).clone();
    assert!(events.next().is_none(), "{action} is on record once: {}", found.body);
    event
}

/// Whether a member of staff sees the record: by its address, and by a search for its number. The two never differ.
fn meets(staff: &Staff, person: &str) -> bool {
    let read = staff.get(&of(person, ""));
    let by_number = json!({ "name": "marlow" });
    let found = staff.post("/v1/practice/service-users/search", &by_number);
    let found = column(&found, "/id").contains(&Some(person));
    assert_eq!(read.status == 200, found, "{}: {}", staff.email, read.body);
    if !found {
        let unknown = staff.get(&of("01937c5e-2b00-7a41-9d6c-000000000000", ""));
        assert_eq!((read.status, read.body), (404, unknown.body), "like one that does not exist");
    }
    found
}
