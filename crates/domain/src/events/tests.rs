use std::collections::BTreeSet;

use uuid::Uuid;

use super::*;
use crate::ids::{
    AccountId, BreakGlassId, CaseId, ClientId, ComplaintId, CouncilId, CouncilRequestId, CountersignatureId, NoteId,
    PracticeId, ReferralId, ServiceUserId, SessionId, StaffId,
};

fn id<Id: From<Uuid>>(number: u128) -> Id {
    Uuid::from_u128(number).into()
}

fn practice() -> LogOwner {
    LogOwner::Practice(id(1))
}

fn council() -> LogOwner {
    LogOwner::Council(id(2))
}

fn case() -> CaseKey {
    CaseKey { case: id(10), person: id(11), access_restricted: true, team: id(12) }
}

fn referral_accepted() -> Event {
    Event::ReferralAccepted { referral: id(20), person: Some(id(11)), council: id(2), request: id(21) }
}

#[test]
fn every_word_stands_once() {
    let mut seen = BTreeSet::new();
    let tasks = JobKind::ALL.iter().map(|kind| kind.as_str());
    let attempts = Attempt::ALL.iter().map(|attempt| attempt.as_str());
    for word in EventKind::ALL.iter().map(|kind| kind.as_str()).chain(tasks).chain(attempts) {
        assert!(seen.insert(word), "{word} stands twice");
    }
}

#[test]
fn a_word_is_a_thing_and_what_happened_to_it() {
    for kind in EventKind::ALL {
        let word = kind.as_str();
        let parts: Vec<&str> = word.split('.').collect();
        assert_eq!(parts.len(), 2, "{word}");
        let is_plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        assert!(parts.into_iter().all(is_plain), "{word}");
    }
}

#[test]
fn every_list_reads_its_own_words_and_no_other() {
    macro_rules! reads {
        ($($list:ident),+) => {$(
            assert!(!$list::ALL.is_empty());
            for value in $list::ALL {
                assert_eq!($list::parse(value.as_str()), Ok(*value));
                let json = serde_json::to_value(value).unwrap();
                assert_eq!(json, value.as_str());
                assert_eq!(serde_json::from_value::<$list>(json).unwrap(), *value);
            }
            assert!($list::parse("unheard.of").is_err());
        )+};
    }
    reads!(EventKind, OutboxKind, NoticeKind, TimelineKind, JobKind, Door, Outcome, Attempt, UnusualAccess, Chain);
}

#[test]
fn the_kinds_announced_and_told_are_those_whose_rows_say_so() {
    for kind in EventKind::ALL {
        let row = kind.description();
        assert_eq!(OutboxKind::parse(kind.as_str()).is_ok(), row.announced_to.is_some(), "{kind}");
        assert_eq!(NoticeKind::parse(kind.as_str()).is_ok(), row.notice_to.is_some(), "{kind}");
        let leaves_nothing = row.log == Log::Nothing && row.announced_to.is_none() && row.line.is_none();
        assert!(!leaves_nothing, "{kind} leaves nothing behind");
    }
    for kind in TimelineKind::ALL {
        assert!(EventKind::ALL.iter().any(|event| event.description().line == Some(*kind)), "no event writes {kind}");
    }
}

#[test]
fn every_row_says_what_happened_in_one_sentence() {
    for kind in EventKind::ALL {
        let sentence = kind.description().sentence;
        assert!(sentence.ends_with('.') && sentence.chars().next().is_some_and(char::is_uppercase), "{sentence}");
        assert!(!sentence.contains(". "), "{sentence}");
    }
}

#[test]
fn a_reading_leaves_one_row_that_names_the_person() {
    let event = Event::CaseRead { case: CaseId::from(Uuid::from_u128(10)), person: id(11) };
    assert_eq!(event.kind(), EventKind::CaseRead);
    let entry = Entry {
        chain: Chain::Practice,
        kind: EventKind::CaseRead,
        subject: id(10),
        person: Some(ServiceUserId::from(Uuid::from_u128(11))),
    };
    let expected = Traces { entry: Some(entry), announcement: None, notice: None, line: None };
    assert_eq!(event.traces(practice()), Ok(expected));
}

#[test]
fn the_person_is_named_where_the_event_is_about_them_or_their_case() {
    let person = |event: Event| event.traces(practice()).unwrap().entry.unwrap().person;
    let pat = Some(id(11));
    assert_eq!(person(Event::ServiceUserRead { person: id(11) }), pat);
    assert_eq!(person(Event::CaseOpened { case: case() }), pat);
    assert_eq!(person(Event::NoteWritten { note: id(12), case: case() }), pat);
    assert_eq!(person(Event::CaseListed { practice: id(1), person: pat }), pat);
    assert_eq!(person(Event::CaseListed { practice: id(1), person: None }), None);
}

#[test]
fn a_line_of_a_timeline_says_what_it_is_about_and_a_second_person_is_not_named() {
    let line = |event: Event| event.traces(practice()).unwrap().line.unwrap();
    let expected =
        |kind, subject: Option<u128>, names_actor| Line { kind, case: case(), subject: subject.map(id), names_actor };
    let worker: StaffId = id(30);
    let note: NoteId = id(12);
    let asked: CountersignatureId = id(40);
    let case = case();
    assert_eq!(line(Event::CaseOpened { case }), expected(TimelineKind::Opened, None, true));
    assert_eq!(line(Event::CaseAllocated { case, worker }), expected(TimelineKind::Allocated, Some(30), true));
    assert_eq!(line(Event::NoteWritten { note, case }), expected(TimelineKind::NoteWritten, Some(12), true));
    let event = Event::CaseCloseAsked { case, countersignature: asked };
    assert_eq!(line(event), expected(TimelineKind::ClosingAsked, Some(40), true));
    assert_eq!(line(Event::CaseClosed { case }), expected(TimelineKind::Closed, None, true));
    let event = Event::CaseMoveAsked { case, countersignature: asked };
    assert_eq!(line(event), expected(TimelineKind::MovingAsked, Some(40), true));
    let event = Event::CaseAllocatedOnDecision { case, worker };
    assert_eq!(line(event), expected(TimelineKind::Allocated, Some(30), false));
    for (event, kind) in [
        (Event::CaseClosedOnApproval { case }, TimelineKind::Closed),
        (Event::CaseClosingRefused { case }, TimelineKind::ClosingRefused),
        (Event::CaseMoveRefused { case }, TimelineKind::MovingRefused),
    ] {
        assert_eq!(event.clone().traces(practice()).unwrap().entry, None, "the decision has the row: {event:?}");
        assert_eq!(line(event), expected(kind, None, false));
    }
}

#[test]
fn what_a_practice_decides_is_in_its_log_and_announced_to_the_council_by_the_councils_own_id() {
    let traces = referral_accepted().traces(practice()).unwrap();
    let entry = traces.entry.unwrap();
    assert_eq!((entry.chain, entry.subject), (Chain::Practice, id(20)));
    let announcement = Announcement { kind: OutboxKind::ReferralAccepted, recipient: id(2), subject: id(21) };
    assert_eq!(traces.announcement, Some(announcement));
}

#[test]
fn what_a_council_is_told_alone_has_no_row_of_its_own() {
    let event = Event::ReferralClosed { request: CouncilRequestId::from(Uuid::from_u128(21)), council: id(2) };
    let traces = event.traces(practice()).unwrap();
    assert_eq!(traces.entry, None);
    assert_eq!(traces.announcement.map(|told| (told.recipient, told.subject)), Some((id(2), id(21))));
}

#[test]
fn a_complaint_is_in_the_chain_of_its_councils_complaints_and_announced_to_nobody() {
    let lodged = Event::ComplaintLodged { complaint: ComplaintId::from(Uuid::from_u128(13)) };
    let traces = lodged.clone().traces(LogOwner::Complaints(id(2))).unwrap();
    assert_eq!(traces.entry.map(|entry| entry.chain), Some(Chain::Complaints));
    assert_eq!((traces.announcement, traces.notice), (None, None));
    for other in [practice(), council(), LogOwner::Platform] {
        assert!(lodged.clone().traces(other).is_err(), "{other:?}");
    }
    let begun = Event::SessionBegun { session: SessionId::from(Uuid::from_u128(60)) };
    let at_the_door = begun.traces(LogOwner::Complaints(id(2))).unwrap();
    assert_eq!(at_the_door.entry.map(|entry| entry.chain), Some(Chain::Complaints));
}

#[test]
fn staff_are_told_at_their_practice_alone() {
    let reviewers: Vec<StaffId> = vec![id(30), id(31)];
    let opened = Event::BreakGlassOpened { break_glass: id(50), person: id(11), reviewers: reviewers.clone() };
    let traces = opened.traces(practice()).unwrap();
    let notice = Notice {
        kind: NoticeKind::BreakGlassOpened,
        practice: PracticeId::from(Uuid::from_u128(1)),
        recipients: reviewers,
        subject: BreakGlassId::from(Uuid::from_u128(50)).uuid(),
        person: Some(id(11)),
    };
    assert_eq!(traces.notice, Some(notice));
    assert_eq!(traces.announcement.map(|told| told.recipient), Some(id(1)));

    let reused = Event::SessionTokenReused { session: SessionId::from(Uuid::from_u128(60)), holder: Vec::new() };
    let traces = reused.traces(LogOwner::Platform).unwrap();
    assert_eq!((traces.announcement, traces.notice), (None, None));
    assert_eq!(traces.entry.map(|entry| entry.chain), Some(Chain::Platform));
}

#[test]
fn the_owner_of_the_log_is_told_by_the_id_that_it_knows() {
    let referral = |of| Event::ReferralRead { referral: of, person: None };
    let subject = |event: Event, owner| event.traces(owner).unwrap().entry.map(|entry| (entry.chain, entry.subject));
    let by_practice = referral(ReferralOf::Practice(ReferralId::from(Uuid::from_u128(20))));
    assert_eq!(subject(by_practice, practice()), Some((Chain::Practice, id(20))));
    let by_council = referral(ReferralOf::Council(id(21)));
    assert_eq!(subject(by_council, council()), Some((Chain::Platform, id(21))));
    let member = Event::AccountCredentialsReset { account: AccountOf::Practice(id(30)) };
    assert_eq!(subject(member, practice()), Some((Chain::Practice, id(30))));
    let account = Event::AccountCredentialsReset { account: AccountOf::Platform(AccountId::from(Uuid::from_u128(70))) };
    assert_eq!(subject(account, LogOwner::Platform), Some((Chain::Platform, id(70))));
}

#[test]
fn an_event_goes_into_no_log_but_its_own() {
    let client = LogOwner::Client(ClientId::from(Uuid::from_u128(3)));
    let owners = [LogOwner::Platform, practice(), council(), client, LogOwner::Complaints(id(2))];
    let fits = |log: Log| owners.map(|owner| log.may_be_of(owner));
    assert_eq!(fits(Log::Platform), [true, false, false, false, false]);
    assert_eq!(fits(Log::Practice), [false, true, false, false, false]);
    assert_eq!(fits(Log::Council), [false, false, true, false, false]);
    assert_eq!(fits(Log::PracticeOrPlatform), [true, true, false, false, false]);
    assert_eq!(fits(Log::PracticeOrCouncil), [false, true, true, false, false]);
    assert_eq!(fits(Log::Complaints), [false, false, false, false, true]);
    let event = Event::CaseRead { case: id(10), person: id(11) };
    let wrong = WrongLog { kind: EventKind::CaseRead, owner: council() };
    assert_eq!(event.traces(council()), Err(wrong));
    assert!(wrong.to_string().starts_with("case.read is not for the log of Council("), "{wrong}");
    assert_eq!(LogOwner::Council(CouncilId::from(Uuid::from_u128(2))).practice(), None);
}

#[test]
fn a_task_is_what_its_kind_and_subject_say() {
    for kind in JobKind::ALL {
        let task = Task::new(*kind, id(20));
        assert_eq!((task.kind(), task.subject()), (*kind, id(20)));
    }
    let task = Task::ExpireReferral { referral: id(20) };
    assert_eq!(Task::new(JobKind::ExpireReferral, id(20)), task);
}
