//! The words in which the file of a complaint says what the service keeps as codes.

use almoner_domain::complaints::assigning::{AssignmentEnd, View};
use almoner_domain::complaints::clocks::Clock;
use almoner_domain::complaints::complaint::{ComplainantBasis, Matter, ReadingFormat, RepresentationReason, Way};
use almoner_domain::complaints::heads::ComplaintOutcome;
use almoner_domain::complaints::ombudsman::OmbudsmanDecision;
use almoner_domain::complaints::planning::{Period, PeriodOrigin};
use almoner_domain::complaints::representing::{RepresentativeOutcome, SeenOfRepresentative};
use almoner_domain::complaints::requests::{RequestKind, ToldBy};
use almoner_domain::complaints::response::SentBy;
use almoner_domain::complaints::streams::Stream;
use almoner_domain::complaints::taking_down::CameBy;
use almoner_domain::documents::DocumentStatus;
use almoner_domain::events::Door;
use almoner_domain::officers::guests::Capacity;
use almoner_domain::officers::roles::OfficerRole;
use almoner_domain::words::calendar::london_time;
use almoner_persistence::complaints::bundle::{Office, Somebody};
use chrono::{DateTime, Utc};

/// A moment as it is written in a file, in the time of London, such as 3 March 2026, 09:05.
pub(super) fn moment(at: DateTime<Utc>) -> String {
    london_time(at).format("%-d %B %Y, %H:%M").to_string()
}

/// What the scanner said of a document.
pub(super) fn scanned(status: DocumentStatus) -> &'static str {
    match status {
        DocumentStatus::Quarantined => "It has given no answer yet",
        DocumentStatus::Clean => "It found nothing",
        DocumentStatus::Infected => "It found something, and the content was destroyed",
    }
}

/// A code that is a word or several, as words.
pub(super) fn plain(code: &str) -> String {
    let mut words = code.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

pub(super) fn way(way: Way) -> &'static str {
    match way {
        Way::App => "Through an app",
        Way::CouncilForm => "Through a form of the council's own",
        Way::Officer => "Taken down by an officer of the council",
        Way::PracticeDesk => "Taken down at the practice's desk",
    }
}

/// How a complaint came to whoever took it down.
pub(super) fn came_by(by: CameBy) -> &'static str {
    match by {
        CameBy::Telephone => "On the telephone",
        CameBy::Letter => "In a letter",
        CameBy::Visit => "On a visit",
        CameBy::Email => "In an email",
        CameBy::InPerson => "From the complainant, who came in",
    }
}

pub(super) fn basis(basis: ComplainantBasis) -> &'static str {
    match basis {
        ComplainantBasis::Recipient => "They receive or have received the services",
        ComplainantBasis::Affected => "They are affected, or likely to be, by an act, an omission or a decision",
        ComplainantBasis::Representative => "They act for the person",
    }
}

pub(super) fn representation(reason: RepresentationReason) -> &'static str {
    match reason {
        RepresentationReason::Deceased => "The person has died",
        RepresentationReason::Child => "The person is a child",
        RepresentationReason::PhysicalIncapacity => "The person is physically unable to complain",
        RepresentationReason::LacksCapacity => "The person lacks capacity (Mental Capacity Act 2005)",
        RepresentationReason::Requested => "The person asked them to",
    }
}

/// What was seen of a representative.
pub(super) fn seen(seen: SeenOfRepresentative) -> &'static str {
    match seen {
        SeenOfRepresentative::Consent => "The person's own consent",
        SeenOfRepresentative::Authority => "A document that gives them authority",
        SeenOfRepresentative::BestInterests => "What shows whether they act in the person's best interests",
    }
}

/// What came of the check of a representative.
pub(super) fn checked(outcome: RepresentativeOutcome) -> &'static str {
    match outcome {
        RepresentativeOutcome::Satisfied => "They may complain for the person",
        RepresentativeOutcome::NoAuthority => "They may not: nothing gives them authority",
        RepresentativeOutcome::ChildNeedsNone => "The child needs no representative (reg 5(3))",
        RepresentativeOutcome::NotInBestInterests => "They do not act in the person's best interests (reg 5(5))",
    }
}

pub(super) fn format(format: ReadingFormat) -> &'static str {
    match format {
        ReadingFormat::Standard => "Letters of ordinary size",
        ReadingFormat::LargePrint => "Large print",
        ReadingFormat::EasyRead => "Easy read",
        ReadingFormat::Audio => "A recording",
        ReadingFormat::Braille => "Braille",
        ReadingFormat::Bsl => "British Sign Language",
    }
}

pub(super) fn matter(matter: Matter) -> &'static str {
    match matter {
        Matter::Practice => "The practice as a whole",
        Matter::Staff => "Members of staff",
        Matter::Decision => "A decision",
        Matter::Service => "A service",
        Matter::Council => "The council and its own people",
    }
}

pub(super) fn period(period: Period) -> &'static str {
    match period {
        Period::Agreed => "The complainant agreed to it",
        Period::Determined => "The council determined it (SI 2009/309 reg 13(8))",
    }
}

pub(super) fn origin(origin: PeriodOrigin) -> &'static str {
    match origin {
        PeriodOrigin::Agreed => period(Period::Agreed),
        PeriodOrigin::Determined => period(Period::Determined),
        PeriodOrigin::Extended => "It was extended, and the complainant agreed (SI 2009/309 reg 14(3))",
        PeriodOrigin::BegunAnew => "The complaint was looked into anew, and the contract gave the period",
    }
}

pub(super) fn outcome(outcome: ComplaintOutcome) -> &'static str {
    match outcome {
        ComplaintOutcome::WellFounded => "Well-founded",
        ComplaintOutcome::PartlyWellFounded => "Well-founded in part",
        ComplaintOutcome::NotWellFounded => "Not well-founded",
        ComplaintOutcome::Inconclusive => "Inconclusive",
    }
}

pub(super) fn decision(decision: OmbudsmanDecision) -> &'static str {
    match decision {
        OmbudsmanDecision::Upheld => "Upheld",
        OmbudsmanDecision::NotUpheld => "Not upheld",
        OmbudsmanDecision::ClosedInitial => "Closed after the first look",
    }
}

/// What was due when a clock ran out.
pub(super) fn clock(clock: Clock) -> &'static str {
    match clock {
        Clock::Unacknowledged => "the acknowledgement, of which one working day was left",
        Clock::Confirmation => "the confirmation of the person that it is settled",
        Clock::Acknowledgement => "the acknowledgement",
        Clock::Plan => "the plan",
        Clock::Progress => "word to the complainant how it goes",
        Clock::HeldHead => "another look at a head that is held",
        Clock::Request => "a decision on what the complainant asked for",
        Clock::AnswerMessage => "an answer to what the complainant wrote or sent",
        Clock::Objection => "a decision on an objection",
        Clock::Receipt => "the code for whoever complained at a practice's desk",
        Clock::WrittenRecord => "the written record of what was said",
        Clock::GiveMessage => "giving the complainant what was written to them",
        Clock::Part => "an answer of somebody to whom a part of the complaint is shown",
        Clock::Response => "the response",
        Clock::ResponseLatest => "the response, on the last day that the law gives for it",
        Clock::Delay => "the reason why there was no response in time",
        Clock::Action => "something that was promised",
        Clock::Remedy => "something that the Ombudsman asked for",
        Clock::Close => "the closing",
        Clock::Silence => "a look at the complaint by somebody who has it",
        Clock::Gone => "somebody in the place of those who had it and were gone",
    }
}

pub(super) fn request(kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::Withdrawal => "To withdraw the complaint",
        RequestKind::Extension => "To be answered by a later day",
        RequestKind::Contact => "To be contacted in another way",
        RequestKind::Person => "To change the person whose care it is about",
        RequestKind::Complainant => "To change who complains",
        RequestKind::Consent => "To send it on to another body",
        RequestKind::MaySee => "To let somebody see it who must not",
        RequestKind::Review => "To review what was decided",
    }
}

pub(super) fn told(by: ToldBy) -> &'static str {
    match by {
        ToldBy::Phone => "by telephone",
        ToldBy::Letter => "by letter",
        ToldBy::Email => "by electronic mail",
        ToldBy::InPerson => "face to face",
        ToldBy::Complaint => "in the complaint alone",
    }
}

pub(super) fn sent(by: SentBy) -> &'static str {
    match by {
        SentBy::Post => "by post",
        SentBy::Hand => "from hand to hand",
        SentBy::Read => "by reading or signing it to the complainant, who has it in writing besides",
        SentBy::Email => "by electronic mail",
        SentBy::App => "in the app with which the complainant follows it",
    }
}

pub(super) fn stream(stream: Stream) -> &'static str {
    match stream {
        Stream::DataProtection => "A complaint about personal data",
        Stream::Grievance => "A grievance, or a disclosure in the public interest",
        Stream::Compliment => "A compliment or a comment",
        Stream::CouncillorsEnquiry => "An enquiry of a councillor or a Member of Parliament",
        Stream::FitnessToPractise => "A referral to a social worker's regulator",
        Stream::DisclosureAndBarring => "A referral to the Disclosure and Barring Service",
        Stream::OtherBody => "For another body",
    }
}

pub(super) fn view(view: View) -> &'static str {
    match view {
        View::Whole => "The whole complaint",
        View::Heads => "The heads that they were shown, and nothing else",
        View::Notice => "A notice, and nothing else",
    }
}

pub(super) fn ended(because: Option<AssignmentEnd>) -> &'static str {
    match because {
        Some(AssignmentEnd::Officer) => "An officer ended it",
        Some(AssignmentEnd::Complainant) => "The complainant asked for it",
        Some(AssignmentEnd::PassedOn) => "The officer was not there any more, or another had it in their place",
        Some(AssignmentEnd::Closed) => "The complaint ended",
        None => "The guest was let go, or the officer left",
    }
}

/// What somebody is to the council.
pub(super) fn office(somebody: &Somebody) -> &'static str {
    match &somebody.office {
        Office::Officer(roles) if roles.contains(&OfficerRole::ResponsiblePerson) => "responsible person",
        Office::Officer(roles) if roles.contains(&OfficerRole::Alternate) => "alternate of the responsible person",
        Office::Officer(roles) if roles.contains(&OfficerRole::Complaints) => "complaints officer",
        Office::Officer(_) => "officer of the council",
        Office::Guest(Capacity::Handler) => "handler at the practice",
        Office::Guest(Capacity::Investigator) => "investigator from elsewhere",
        Office::Guest(Capacity::Subject) => "subject of the complaint",
        Office::Guest(Capacity::EmployersLead) => "lead of an employer",
    }
}

/// What came in by a door where it was nobody who works on complaints.
pub(super) fn door(door: Door) -> &'static str {
    match door {
        Door::Partner => "Through the app of the complainant",
        Door::Council => "A system or an officer of the council",
        Door::Practice => "At the practice's desk",
        Door::Complaints => "At the complaints' door",
        Door::Operator | Door::Identity | Door::Console => "Whoever runs the service",
        Door::Worker => "The service itself",
    }
}

/// What the table of events says of any complaint, of this one.
pub(super) fn of_this_one(sentence: &str) -> String {
    sentence.replace("A complaint ", "The complaint ").replace("a complaint", "the complaint")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_in_the_time_of_london() {
        assert_eq!(moment("2026-07-03T23:05:00Z".parse().unwrap()), "4 July 2026, 00:05");
        assert_eq!(moment("2026-12-03T09:05:00Z".parse().unwrap()), "3 December 2026, 09:05");
    }

    #[test]
    fn a_sentence_of_the_table_of_events_is_told_of_this_complaint() {
        assert_eq!(of_this_one("A complaint was closed."), "The complaint was closed.");
        assert_eq!(of_this_one("A head of a complaint was put down."), "A head of the complaint was put down.");
        assert_eq!(plain("lacks_capacity_mca"), "Lacks capacity mca");
    }
}
