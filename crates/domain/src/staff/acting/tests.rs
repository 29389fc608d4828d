use super::*;

fn id(n: u128) -> StaffId {
    StaffId::from(uuid::Uuid::from_u128(n))
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

const TODAY: &str = "2026-11-20";

#[test]
fn a_manager_or_an_administrator_makes_a_colleague_act_who_is_here_and_no_manager() {
    use Role::{Administrator, Manager, RecordsOfficer, SocialWorker};
    let wish = ActAsManager { for_id: None, until: day("2026-12-11") };
    for (given_by, to, gone, refused) in [
        (&[Manager][..], &[SocialWorker][..], false, None),
        (&[Administrator], &[RecordsOfficer], false, None),
        (&[RecordsOfficer], &[SocialWorker], false, Some("appointed by you")),
        (&[], &[SocialWorker], false, Some("appointed by you")),
        (&[Manager], &[SocialWorker], true, Some("gone")),
        (&[Manager], &[], false, Some("not here yet")),
        (&[Manager], &[SocialWorker, Manager], false, Some("a manager and")),
    ] {
        let by = Giver { id: id(1), working_roles: given_by };
        let said = wish.check(ToAct { id: id(2), working_roles: to, gone }, by, None, day(TODAY));
        match (said, refused) {
            (Ok(()), None) => {}
            (Err(NotActing::Refused(refusal)), Some(words)) => {
                assert!(refusal.to_string().contains(words), "{refusal}");
            }
            (said, refused) => panic!("{given_by:?} to {to:?}: {said:?}, not {refused:?}"),
        }
    }
    let oneself = Giver { id: id(2), working_roles: &[Administrator] };
    let own = wish.check(ToAct { id: id(2), working_roles: &[Administrator], gone: false }, oneself, None, day(TODAY));
    assert!(matches!(own, Err(NotActing::Refused(_))), "{own:?}");
}

#[test]
fn an_acting_manager_acts_for_a_manager_and_has_an_end() {
    let by = Giver { id: id(1), working_roles: &[Role::Administrator] };
    let who = ToAct { id: id(2), working_roles: &[Role::SocialWorker], gone: false };
    let manager: &[Role] = &[Role::Manager];
    for (for_id, for_roles, until, pointers) in [
        (Some(id(3)), Some(manager), "2026-12-11", vec![]),
        (None, None, TODAY, vec![]),
        (None, None, "2027-02-20", vec![]),
        (None, None, "2027-02-21", vec!["/until"]),
        (None, None, "2026-11-19", vec!["/until"]),
        (Some(id(3)), None, "2026-12-11", vec!["/for_id"]),
        (Some(id(3)), Some(&[Role::Administrator][..]), "2026-11-19", vec!["/until", "/for_id"]),
    ] {
        let wish = ActAsManager { for_id, until: day(until) };
        let found = match wish.check(who, by, for_roles, day(TODAY)) {
            Err(NotActing::Fault(faults)) => faults.into_iter().map(|fault| fault.pointer).collect(),
            said => {
                assert_eq!(said, Ok(()));
                Vec::new()
            }
        };
        assert_eq!(found, pointers, "{wish:?}");
    }
}

#[test]
fn the_power_counts_between_its_confirmation_and_its_end() {
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let until = at("2026-12-12T00:00:00Z");
    for (confirmed_at, now, counts, waits) in [
        (None, "2026-11-20T10:00:00Z", false, true),
        (Some("2026-11-20T10:00:00Z"), "2026-12-11T23:59:59Z", true, false),
        (Some("2026-11-20T10:00:00Z"), "2026-12-12T00:00:00Z", false, false),
        (None, "2026-12-12T00:00:00Z", false, false),
    ] {
        let acting = Acting { until, confirmed_at: confirmed_at.map(at), for_id: None, given_by: id(1) };
        assert_eq!((acting.counts(at(now)), acting.waits(at(now))), (counts, waits), "{confirmed_at:?} {now}");
    }
}

#[test]
fn whoever_acts_stands_in_for_the_manager_and_for_whoever_gave_the_power() {
    let until = "2026-12-12T00:00:00Z".parse().unwrap();
    for (for_id, expected) in [(None, vec![id(1)]), (Some(id(3)), vec![id(3), id(1)])] {
        let acting = Acting { until, confirmed_at: None, for_id, given_by: id(1) };
        assert_eq!(acting.stands_in_for(), expected);
    }
}
