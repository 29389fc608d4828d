use super::*;
use crate::staff::registration::{Registration, RegistrationStatus};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn state(facts: &Facts, item: Item, today: &str) -> ItemState {
    facts.standing(item, day(today)).state
}

fn registered(until: &str) -> Registration {
    Registration {
        status: RegistrationStatus::Registered,
        checked_on: day("2026-11-20"),
        registration_ends_on: Some(day(until)),
    }
}

/// Returns a practice that meets every item on 20 November 2026.
fn ready() -> Facts {
    let open = Period { starts_on: day("2024-04-01"), ends_on: None };
    Facts {
        contracts: vec![open],
        delegations: vec![open],
        social_workers: vec![LookUp::Found(registered("2027-11-30")); 3],
        administrators: 1,
        complaints_desks: vec![Vec::new()],
        second_persons: 2,
        calendar_years: vec![2026, 2027],
        recorded: Item::ALL
            .iter()
            .filter(|item| item.requirement().recorded.is_some())
            .map(|item| Recorded { item: *item, done_on: day("2026-11-01"), expires_on: None })
            .collect(),
    }
}

#[test]
fn a_practice_that_has_everything_is_complete_and_one_that_has_nothing_lacks_every_item() {
    let today = day("2026-11-20");
    assert!(ready().is_complete(today));
    let nothing = Facts::default();
    assert_eq!(nothing.lacking(today), Item::ALL.len());
    for item in Item::ALL {
        let standing = nothing.standing(*item, today);
        assert_eq!(standing.state, ItemState::Missing, "{item:?}");
        assert!(standing.missing.is_some_and(|missing| missing.ends_with('.')), "{item:?} says what is missing");
    }
}

#[test]
fn each_item_is_looked_for_where_it_is() {
    type Spoil = fn(&mut Facts);
    let spoilt: [(Item, Spoil); 7] = [
        (Item::Delegation, |facts| facts.delegations.clear()),
        (Item::Calendar, |facts| facts.calendar_years.retain(|year| *year == 2026)),
        (Item::Administrator, |facts| facts.administrators = 0),
        (Item::ComplaintsDesk, |facts| facts.complaints_desks[0].push(DeskGap::ResponsiblePerson)),
        (Item::SecondPersons, |facts| facts.second_persons = 1),
        (Item::StaffRegistration, |facts| facts.social_workers.push(LookUp::NotYet { joined_on: None })),
        (Item::Dpia, |facts| facts.recorded.retain(|recorded| recorded.item != Item::Dpia)),
    ];
    for (item, spoil) in spoilt {
        let mut facts = ready();
        spoil(&mut facts);
        for other in Item::ALL {
            let wanted = if *other == item { ItemState::Missing } else { ItemState::Met };
            assert_eq!(state(&facts, *other, "2026-11-20"), wanted, "{other:?} without {item:?}");
        }
    }
    let mut facts = ready();
    facts.contracts.clear();
    assert_eq!(facts.lacking(day("2026-11-20")), 2, "the contract, and the times that it sets");
}

#[test]
fn what_ends_is_expiring_for_sixty_days_holds_on_its_last_day_and_then_has_ended() {
    let mut facts = ready();
    facts.recorded.iter_mut().for_each(|recorded| recorded.expires_on = Some(day("2027-03-31")));
    facts.contracts = vec![
        Period { starts_on: day("2024-04-01"), ends_on: Some(day("2026-03-31")) },
        Period { starts_on: day("2026-04-01"), ends_on: Some(day("2027-03-31")) },
    ];
    for item in [Item::Insurance, Item::Contract] {
        for (today, wanted) in [
            ("2027-01-29", ItemState::Met),
            ("2027-01-30", ItemState::Expiring),
            ("2027-03-31", ItemState::Expiring),
            ("2027-04-01", ItemState::Expired),
        ] {
            assert_eq!(state(&facts, item, today), wanted, "{item:?} on {today}");
        }
    }
    facts.contracts.push(Period { starts_on: day("2027-05-01"), ends_on: None });
    let standing = facts.standing(Item::Contract, day("2027-04-01"));
    assert_eq!(standing, ItemStatus::new(ItemState::Missing, "It begins on 2027-05-01."));
}

#[test]
fn one_social_worker_without_a_current_registration_is_one_too_many() {
    let mut facts = ready();
    for (one, today, wanted) in [
        (Some(registered("2027-01-10")), "2026-11-20", ItemState::Expiring),
        (Some(registered("2026-11-20")), "2026-11-20", ItemState::Expiring),
        (Some(registered("2026-11-19")), "2026-11-20", ItemState::Expired),
        (None, "2026-11-20", ItemState::Missing),
        (Some(registered("2027-11-30")), "2027-11-20", ItemState::Expired),
    ] {
        facts.social_workers[1] = LookUp::new(one, Some(day(today)));
        assert_eq!(state(&facts, Item::StaffRegistration, today), wanted, "{one:?}");
    }
    facts.social_workers.clear();
    assert_eq!(state(&facts, Item::StaffRegistration, "2026-11-20"), ItemState::Missing);
}

#[test]
fn the_end_of_what_is_recorded_is_said_or_follows() {
    let today = day("2026-11-20");
    let end = |ends, done_on: &str, expires_on: Option<&str>| {
        end_of(ends, day(done_on), expires_on.map(day), today)
            .map_err(|faults| faults.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>())
    };
    assert_eq!(end(Ends::IfSaid, "2026-11-20", None), Ok(None));
    for (done_on, june) in [("2026-06-29", "2026-06-30"), ("2026-06-30", "2027-06-30"), ("2026-11-20", "2027-06-30")] {
        assert_eq!(end(Ends::OnThirtiethOfJune, done_on, None), Ok(Some(day(june))), "{done_on}");
    }
    assert_eq!(end(Ends::OnThirtiethOfJune, "2026-05-01", Some("2027-06-30")), Ok(Some(day("2027-06-30"))));
    for (ends, done_on, expires_on, pointer) in [
        (Ends::IfSaid, "2026-11-21", None, "/done_on"),
        (Ends::Always, "2026-11-20", None, "/expires_on"),
        (Ends::Always, "2026-11-20", Some("2026-11-19"), "/expires_on"),
        (Ends::IfSaid, "2026-11-20", Some("2136-11-20"), "/expires_on"),
        (Ends::OnThirtiethOfJune, "2026-11-20", Some("2027-07-01"), "/expires_on"),
    ] {
        assert_eq!(end(ends, done_on, expires_on), Err(vec![pointer.to_owned()]), "{ends:?} {done_on} {expires_on:?}");
    }
}

#[test]
fn what_follows_from_what_is_entered_is_not_ticked() {
    for item in Item::ALL {
        let ends = item.recorded_by_hand();
        assert_eq!(ends.is_ok(), item.requirement().recorded.is_some(), "{item:?}");
        if let Err(faults) = ends {
            assert_eq!(faults[0].pointer, "item");
        }
    }
    assert!(Item::Insurance.recorded_by_hand().is_ok() && Item::ComplaintsDesk.recorded_by_hand().is_err());
}
