//! How long the practice's door takes with no complaint and with a hundred: a smoke alarm beside the lists of statements, which are the
//! proof. It prints and never fails.

use std::time::Instant;

use almoner_tests::callers::Caller;
use almoner_tests::{World, messages};
use serde_json::json;

use crate::practice::access::single_sign_on::fake::Fake;
use crate::practice::complaints::two_worlds::{Complaint, Side, set_up};

/// The samples of each operation in each world: so many that a share of pairs that is off by three in a hundred is no chance.
const SAMPLES: usize = 2000;

/// The worlds: two without a complaint, which say what chance and another database do, and one with a hundred.
const WORLDS: [(&str, Complaint); 3] =
    [("wall_none", Complaint::None), ("wall_none_again", Complaint::None), ("wall_many", Complaint::Many(100))];

/// The orders in which the worlds are asked, in turn.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 2, 1], [2, 1, 0], [1, 0, 2]];

const OPERATIONS: [&str; 7] = [
    "GET /v1/practice/staff",
    "PATCH /v1/practice/staff/{id}",
    "GET /v1/practice/service-users/{id}",
    "GET /v1/practice/cases",
    "POST /v1/practice/cases/{id}/notes",
    "GET /v1/practice/notices",
    "GET /v1/practice/referrals",
];

/// Sends an operation as one of those from whom a complaint is kept, and returns how many milliseconds the answer took.
fn milliseconds(side: &Side, operation: &str, round: usize) -> f64 {
    let [worker, lead, chief] = &side.walled;
    let member = format!("/v1/practice/staff/{}", worker.id);
    let administrator = &side.practice.administrator;
    let seen = operation.starts_with("PATCH").then(|| administrator.get(&member));
    let begins = Instant::now();
    let answer = match operation {
        "GET /v1/practice/staff" => lead.get("/v1/practice/staff"),
        "PATCH /v1/practice/staff/{id}" => {
            let above = if round.is_multiple_of(2) { chief } else { lead };
            administrator.patch(&member, seen.as_ref().unwrap(), &json!({ "line_manager_id": above.id }))
        }
        "GET /v1/practice/service-users/{id}" => worker.get(&format!("/v1/practice/service-users/{}", side.person)),
        "GET /v1/practice/cases" => worker.get("/v1/practice/cases"),
        "POST /v1/practice/cases/{id}/notes" => {
            worker.create(&format!("{}/notes", side.cases[0]), &messages::note("She was well."))
        }
        "GET /v1/practice/notices" => lead.get("/v1/practice/notices"),
        _ => lead.get("/v1/practice/referrals"),
    };
    let took = begins.elapsed().as_secs_f64() * 1000.0;
    assert!(answer.status < 300, "{operation}: {}", answer.body);
    took
}

/// A count as a number with a fraction. None here is so great that it is not exact.
fn count(of: usize) -> f64 {
    f64::from(u32::try_from(of).unwrap())
}

/// The share of all pairs of a sample of each list in which the second is the slower one: a half where nothing tells them apart.
fn share_slower(first: &[f64], second: &[f64]) -> f64 {
    let mut sorted = first.to_vec();
    sorted.sort_by(f64::total_cmp);
    let slower: usize = second.iter().map(|one| sorted.partition_point(|other| other < one)).sum();
    count(slower) / count(first.len() * second.len())
}

fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Prints the table: `-- --ignored --nocapture how_long_the_practices_door_takes`.
#[test]
#[ignore = "a measurement, which wants the machine to itself"]
fn how_long_the_practices_door_takes_with_no_complaint_and_with_a_hundred() {
    let provider = Fake::start();
    let allow = |settings: &mut almoner_api::Settings| settings.allow_private_providers = true;
    let worlds = WORLDS.map(|(name, complaint)| {
        let (world, database, _) = World::apart(name, allow);
        let side = set_up(&world, &provider, complaint);
        (world, database, side)
    });
    // Of two lists of n samples that nothing tells apart, the share lies in this band but once in a thousand times.
    let band = 3.29 * (1.0 / (6.0 * count(SAMPLES))).sqrt();
    println!("A share between {:.3} and {:.3} is chance.", 0.5 - band, 0.5 + band);
    println!(
        "| Operation | Median with none | Slower with none, in another database | Median with 100 | Slower with 100 |"
    );
    println!("| --- | ---: | ---: | ---: | ---: |");
    for operation in OPERATIONS {
        let mut took = [const { Vec::<f64>::new() }; 3];
        for round in 0..SAMPLES + 20 {
            for world in ORDERS[round % ORDERS.len()] {
                let sample = milliseconds(&worlds[world].2, operation, round);
                // The first rounds fill what is kept in memory.
                if round >= 20 {
                    took[world].push(sample);
                }
            }
        }
        let [none, again, many] = &took;
        println!(
            "| `{operation}` | {:.2} ms | {:.3} | {:.2} ms | {:.3} |",
            median(none),
            share_slower(none, again),
            median(many),
            share_slower(none, many)
        );
    }
}
