//! `almoner demo-data`: as many practices and people as are asked for, written into the database that the settings name.
//!
//! The organisations are entered by the functions that the operator's door calls, and the referrals in the inboxes are taken
//! by those of the council's door. People, cases and notes are written a thousand people at a time, in the scope of each
//! practice's manager, so that the row policies hold for every row. They are sealed under keys of their own and found by
//! their tokens. Nothing stands in the audit log or the outbox for them, because nobody did this work.
//!
//! The same seed on the same day gives the same people, cases and notes, with the same identifiers. Identifiers of
//! organisations and staff, keys and credentials are drawn anew each time.

mod history;
mod organisations;
mod people;
mod printed;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use almoner_console::{Progress, remark};
use almoner_persistence::cases::bulk as bulk_cases;
use almoner_persistence::people::bulk as bulk_people;
use almoner_persistence::{PracticeScope, Request, Store, random, referrals::council_requests, renew_statistics};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use serde_json::json;
use uuid::Uuid;

use super::sample_councils::COUNCILS;
use super::sample_organisations::PRACTICES;
use super::sample_referrals::REFERRAL_TEMPLATES;
use crate::Failure;
use history::Office;
use organisations::{PracticeEntered, enter};
use people::{MOST_PEOPLE, People};
use printed::{Printed, Target};

/// The people who are written in one transaction.
const AT_ONCE: usize = 1_000;

/// The people who are written in the first transaction of each practice: until there are statistics, a row costs the more the
/// more people there are.
const AT_FIRST: usize = 100;

/// The first and the last day, counted back from today, on which a record was opened.
const OPENED: (i64, i64) = (600, 30);

/// The most people of all practices together who are printed for a load driver.
const PRINTED: usize = 2_000;

/// The size of the data, and the seed of every choice in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) practices: usize,
    pub(crate) people: usize,
    /// The referrals that wait in each practice's inbox.
    pub(crate) inbox: usize,
    pub(crate) seed: u64,
}

/// Writes the data, with its progress on standard error, and prints what a caller of it needs as JSON on standard output.
///
/// `owner_url` is the URL of the database for the owner of the tables, who renews the planner's statistics. With that of
/// another role it takes longer, since PostgreSQL renews them by itself once a minute.
pub(crate) fn write(store: &Store, owner_url: &str, size: Size) -> Result<Printed, Failure> {
    if size.practices == 0 || size.people < size.practices || size.people > MOST_PEOPLE {
        return Err(format!("give at least one practice, one person for each, and at most {MOST_PEOPLE} people").into());
    }
    let began = Instant::now();
    let today = store.clock().now().date_naive();
    let saying = Progress::of("writing");
    saying.is("the organisations");
    let entered = enter(store, size, today)?;
    let staff: usize = entered.practices.iter().map(|practice| practice.workers.len()).sum();
    remark!(
        "entered {} practices with {staff} workers after {:.1} s",
        entered.practices.len(),
        began.elapsed().as_secs_f32()
    );

    let (next, written) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let printed = Mutex::new(entered.printed);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let is_first = AtomicBool::new(true);
    let progress = |added: usize| {
        let people = written.fetch_add(added, Ordering::Relaxed) + added;
        saying.is(format!("{people} of {} people", size.people));
        if is_first.swap(false, Ordering::Relaxed) { Ok(renew_statistics(owner_url)?) } else { Ok(()) }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.min(entered.practices.len()))
            .map(|_| {
                scope.spawn(|| -> Result<(), Failure> {
                    while let Some(practice) = entered.practices.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let targets = write_practice(store, size, today, practice, &progress)?;
                        fill_inbox(store, size, today, practice)?;
                        let mut printed = printed.lock().map_err(|_| "a thread panicked")?;
                        printed.practices[practice.index].people = targets;
                    }
                    Ok(())
                })
            })
            .collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a thread panicked")?)
    })?;
    saying.is("the planner's statistics");
    renew_statistics(owner_url)?;
    drop(saying);
    remark!("done after {:.1} s", began.elapsed().as_secs_f32());
    Ok(printed.into_inner().map_err(|_| "a thread panicked")?)
}

/// Identifiers in order of the times that they are given (UUID version 7), the rest of them from the seed.
struct Ids {
    rng: StdRng,
    count: u16,
}

impl Ids {
    fn next(&mut self, at: DateTime<Utc>) -> Uuid {
        let mut bytes: [u8; 10] = self.rng.random();
        self.count = (self.count + 1) & 0x0fff;
        bytes[..2].copy_from_slice(&self.count.to_be_bytes());
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }
}

/// The people of the practices before this one.
fn people_before(size: Size, index: usize) -> usize {
    let (each, more) = (size.people / size.practices, size.people % size.practices);
    each * index + index.min(more)
}

fn write_practice(
    store: &Store,
    size: Size,
    today: NaiveDate,
    practice: &PracticeEntered,
    progress: &dyn Fn(usize) -> Result<(), Failure>,
) -> Result<Vec<Target>, Failure> {
    let before = people_before(size, practice.index);
    let count = people_before(size, practice.index + 1) - before;
    let mut rng = StdRng::seed_from_u64(size.seed.wrapping_add((practice.index as u64) << 32));
    let mut ids = Ids { rng: StdRng::seed_from_u64(rng.next_u64()), count: 0 };
    let mut people = People::new(&PRACTICES[practice.template], today, before);
    let office = Office { council: practice.council_id, manager: practice.manager, workers: &practice.workers };
    let first_day = today - TimeDelta::days(OPENED.0);
    let span = TimeDelta::days(OPENED.0 - OPENED.1).num_seconds();
    // An odd distance meets open cases of every worker.
    let every = (count * size.practices).div_ceil(PRINTED) | 1;

    let mut targets = Vec::new();
    let mut first = 0;
    while first < count {
        let numbers = first..(first + if first == 0 { AT_FIRST } else { AT_ONCE }).min(count);
        let created: Vec<DateTime<Utc>> = numbers
            .clone()
            .map(|number| {
                // Records were opened one after another, in the order of their numbers.
                let seconds = span * i64::try_from(number)? / i64::try_from(count)?;
                Ok(first_day.and_hms_opt(9, 0, 0).unwrap_or_default().and_utc() + TimeDelta::seconds(seconds))
            })
            .collect::<Result<_, Failure>>()?;
        let batch =
            created.iter().map(|at| people.next(&mut rng, &mut ids, *at)).collect::<Result<Vec<_>, Failure>>()?;
        store.practice(practice.session, own_request(), |scope: &mut PracticeScope<'_>| {
            let written = bulk_people::create_all(scope, &batch)?;
            let cases = written
                .iter()
                .zip(numbers.clone())
                .zip(&created)
                .map(|((person, number), at)| history::case(&mut rng, &mut ids, &office, person, number, *at))
                .collect::<Result<Vec<_>, Failure>>()?;
            bulk_cases::create_all(scope, &cases, &mut |at| ids.next(at))?;
            for ((number, person), case) in numbers.clone().zip(&batch).zip(&cases) {
                if number % every == 0 {
                    targets.push(Target::new(person, case, practice));
                }
            }
            Ok::<_, Failure>(())
        })?;
        progress(numbers.len())?;
        first = numbers.end;
    }
    Ok(targets)
}

/// Sends the referrals that wait in a practice's inbox, as its council does.
fn fill_inbox(store: &Store, size: Size, today: NaiveDate, practice: &PracticeEntered) -> Result<(), Failure> {
    let mut rng = StdRng::seed_from_u64(!size.seed.wrapping_add((practice.index as u64) << 32));
    let mut ids = Ids { rng: StdRng::seed_from_u64(rng.next_u64()), count: 0 };
    let mut strangers = People::new(&PRACTICES[practice.template], today, size.people + practice.index * size.inbox);
    for number in 0..size.inbox {
        let person = strangers.next(&mut rng, &mut ids, store.clock().now())?.details;
        let mut person = serde_json::to_value(person)?;
        let council_person_id = person["council_person_ids"][0]["id"].take();
        if let Some(person) = person.as_object_mut() {
            person.retain(|name, _| !["council_person_ids", "reasonable_adjustments"].contains(&name.as_str()));
        }
        person["council_person_id"] = council_person_id;
        let template = &REFERRAL_TEMPLATES[rng.random_range(0..REFERRAL_TEMPLATES.len())];
        let asked = today - Days::new(rng.random_range(0..2));
        let council = &COUNCILS[PRACTICES[practice.template].council];
        let message = serde_json::from_value(json!({
            "council_reference": format!("{}-{:03}-{number:05}", council.prefix, practice.index),
            "requested_on": asked,
            "function": template.function,
            "urgency": "standard",
            "route_of_access": template.route,
            "reason": template.reason,
            "primary_support_reason": template.support_reason,
            "chosen_practice": practice.slug,
            "consent": { "basis": "consent_given", "recorded_on": asked },
            "person": person,
            "referrer": { "name": "Duty desk", "team": "Adult social care", "email": "duty@example.org" },
        }))?;
        store.council(practice.council_client, own_request(), |scope| {
            council_requests::take(scope, &message)?;
            Ok::<_, Failure>(())
        })?;
    }
    Ok(())
}

fn own_request() -> Request {
    Request::of_our_own(uuid::Builder::from_random_bytes(random::bytes()).into_uuid())
}
