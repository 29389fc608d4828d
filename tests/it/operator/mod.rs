mod account;
mod bank_holidays;
mod clients;
mod councils;
mod door;
mod first_members;
mod onboarding;
mod reorganisations;
mod staff;
mod suspension;
mod tenants;

use almoner_tests::Staff;
use almoner_tests::callers::{Caller, fresh_key};
use serde_json::{Value, json};

/// Makes a code that no other council has: the codes of the tests' councils with another beginning.
fn gss_code(world: &almoner_tests::World) -> String {
    world.council().gss_code.replace("E06", "E08")
}

/// Makes a name that no other practice has.
fn slug() -> String {
    format!("new-{}", &fresh_key()[..13])
}

fn council(gss_code: &str) -> Value {
    json!({ "gss_code": gss_code, "name": "Shropshire Council", "emergency_duty_phone": "0345 678 9040" })
}

fn practice(slug: &str) -> Value {
    json!({
        "slug": slug, "name": "Severn Social Work", "districts": ["SY1", "SY2"], "capacity": 120,
        "complaints_procedure": "Tell any of us,\nor write to us.", "advocacy": "Independent Advocacy, 01743 000000",
    })
}

/// Collects everything on a list, page by page.
fn page_through(operator: &Staff, path: &str) -> Vec<Value> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = operator.get(&format!("{path}?limit=200{cursor}"));
        assert_eq!(page.status, 200, "{}", page.body);
        seen.extend(page.body["items"].as_array().unwrap().iter().cloned());
        match page.text("/next_cursor") {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return seen,
        }
    }
}

/// Counts how often this identifier is on the list.
fn times_listed(operator: &Staff, path: &str, id: &Value) -> usize {
    page_through(operator, path).iter().filter(|one| one["id"] == *id).count()
}
