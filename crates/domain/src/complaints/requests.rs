//! What takes away from a complaint or turns it: a request, which counts once it is confirmed by the contact that was given at lodging.
//! Whoever has the code alone reads and adds. A request for a review takes nothing away: it is decided without that.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::complaint::{Complainant, ContactWish, PersonConcerned};
use super::deadlines::extended_latest_on;
use crate::fault::Fault;
use crate::words::date;
use crate::words::sql_text::closed_codes;
use crate::words::text::{self, Line, Passage};

/// The most requests of one complaint that wait for a decision.
pub const MOST_WAITING: i64 = 20;

closed_codes! {
    /// What is asked for.
    pub enum RequestKind {
        /// The complaint is withdrawn.
        Withdrawal = "withdrawal",
        /// The complaint is answered by a later day, to which the complainant agrees (reg 14(3)).
        Extension = "extension",
        /// The complainant is contacted in another way.
        Contact = "contact",
        /// The complaint is about the care of another person, or of the same person written otherwise.
        Person = "person",
        /// Somebody else complains in the place of the complainant, or on another basis.
        Complainant = "complainant",
        /// The complaint, or a part of it, is sent on to another body (reg 11).
        Consent = "consent",
        /// Somebody may see the complaint who must not see it by what the complainant said.
        MaySee = "may_see",
        /// The responsible person looks again at what an officer decided. It needs no confirmation: it takes nothing away.
        Review = "review",
    }
}

closed_codes! {
    /// What an officer decided on a complaint, which the responsible person reviews if the complainant asks for it.
    pub enum DecisionKind {
        /// The complaint is not considered, or not further.
        NotConsidered = "not_considered",
        /// What was raised at a practice's desk is settled.
        Settled = "settled",
        /// The complaint was withdrawn.
        Withdrawn = "withdrawn",
        /// What is answered, as it was signed.
        Answered = "answered",
        /// How the complainant is limited.
        Limited = "limited",
    }
}

closed_codes! {
    /// The way by which an officer spoke to the contact that was given at lodging.
    pub enum ToldBy {
        /// By telephone.
        Phone = "phone",
        /// By letter.
        Letter = "letter",
        /// By electronic mail.
        Email = "email",
        /// Face to face.
        InPerson = "in_person",
        /// In the complaint alone, where no contact was given at lodging. Nothing is confirmed so.
        Complaint = "complaint",
    }
}

/// A request. Beside its kind it has the member that its kind needs, and no other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComplaintRequest, example = json!({ "kind": "withdrawal", "words": "It is settled. She came and said that she was sorry." }))]
pub struct NewRequest {
    /// What is asked for.
    pub kind: RequestKind,
    /// Why it is asked for, in the complainant's words. They are required of a review.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub words: Option<Passage<2000>>,
    /// The day by which the complaint is answered, of an extension.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub respond_by: Option<NaiveDate>,
    /// The ways of contact, of a change of contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactWish>,
    /// The person whose care the complaint is about, of a change of person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonConcerned>,
    /// Who complains, of a change of complainant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complainant: Option<Complainant>,
    /// The body to which it is sent, of a consent.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub body: Option<Line<200>>,
    /// The name of whoever may see the complaint, as it stands among those who must not.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub name: Option<Line<200>>,
}

impl NewRequest {
    /// Returns what is wrong with the request.
    pub fn faults(&self, today: NaiveDate) -> Vec<Fault> {
        let members = [
            ("/respond_by", RequestKind::Extension, self.respond_by.is_some()),
            ("/contact", RequestKind::Contact, self.contact.is_some()),
            ("/person", RequestKind::Person, self.person.is_some()),
            ("/complainant", RequestKind::Complainant, self.complainant.is_some()),
            ("/body", RequestKind::Consent, self.body.is_some()),
            ("/name", RequestKind::MaySee, self.name.is_some()),
        ];
        let mut faults = Vec::new();
        for (pointer, of, is_there) in members {
            if of == self.kind && !is_there {
                faults
                    .push(Fault::new(pointer, format!("is required of a request of the kind {}", self.kind.as_str())));
            } else if of != self.kind && is_there {
                faults.push(Fault::new(
                    pointer,
                    format!("must be left out of a request of the kind {}", self.kind.as_str()),
                ));
            }
        }
        if self.kind == RequestKind::Review && self.words.is_none() {
            faults.push(Fault::new("/words", "is required of a request of the kind review"));
        }
        if self.respond_by.is_some_and(|day| day <= today) {
            faults.push(Fault::new("/respond_by", "must be after today"));
        }
        let born = self.person.as_ref().and_then(|person| person.birth().fault(today));
        faults.extend(born.map(|fault| Fault::new("/person/date_of_birth", fault)));
        faults.extend(self.complainant.as_ref().and_then(|complainant| complainant.fault("/complainant")));
        faults
    }
}

/// Returns what is wrong with asking that a complaint that was received, or reopened, on a day is answered by another day: a period is
/// extended to within two years.
pub fn extension_fault(respond_by: NaiveDate, begun: NaiveDate) -> Option<Fault> {
    let latest = extended_latest_on(begun);
    let detail = || format!("must not be after {latest}, two years after the complaint was received or reopened");
    (respond_by > latest).then(|| Fault::new("/respond_by", detail()))
}

/// A decision on a request. It counts if the contact that was given at lodging confirmed it; that contact is told in any case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DecideComplaintRequest, example = json!({
    "confirmed": true, "told_by": "phone", "told_on": "2026-11-20", "words": "She said it herself, in her own words, and was not hurried.",
}))]
pub struct Decide {
    /// Whether the contact that was given at lodging confirmed it.
    pub confirmed: bool,
    /// How that contact was told: face to face, or in a way that was given at lodging.
    pub told_by: ToldBy,
    /// When that contact was told.
    #[serde(deserialize_with = "date::required")]
    pub told_on: NaiveDate,
    /// The day on which the complainant agreed to a longer period; today if it is left out. The period must not have expired by then.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub agreed_on: Option<NaiveDate>,
    /// What was said. The complainant reads it.
    pub words: Passage<2000>,
}

impl Decide {
    /// Returns what is wrong with the decision today, on a request of this kind that was made on a day, in a complaint that was lodged
    /// with this contact. What was agreed may be written down as a request later: the contact was told of it then.
    pub fn faults(
        &self,
        (kind, made): (RequestKind, NaiveDate),
        today: NaiveDate,
        at_lodging: Option<&ContactWish>,
    ) -> Vec<Fault> {
        let mut faults: Vec<Fault> = self.way_fault(at_lodging).into_iter().collect();
        if self.agreed_on.is_some() && !(self.confirmed && kind == RequestKind::Extension) {
            faults.push(Fault::new("/agreed_on", "must be left out: it is for an extension that is confirmed"));
        }
        let begins = self.agreed_on.map_or(made, |agreed| agreed.min(made));
        if self.told_on < begins || self.told_on > today {
            let day = if begins < made { "the agreement" } else { "the request" };
            faults.push(Fault::new("/told_on", format!("must be from {begins}, the day of {day}, to today")));
        }
        faults
    }

    /// Whoever holds a receipt may be anybody: what was not given at lodging is not known to lead to the complainant.
    fn way_fault(&self, at_lodging: Option<&ContactWish>) -> Option<Fault> {
        let ways = ways(at_lodging);
        let is_right = match self.told_by {
            ToldBy::Complaint => ways.is_empty() && !self.confirmed,
            ToldBy::InPerson => true,
            other => ways.contains(&other),
        };
        let detail = match self.told_by {
            ToldBy::Complaint if ways.is_empty() => {
                "confirms nothing: without a contact given at lodging it is confirmed face to face"
            }
            ToldBy::Complaint => "is for a complaint that was lodged without a contact",
            _ if ways.is_empty() => "must be in_person: no contact was given at lodging",
            _ => "must be a way that was given at lodging, or in_person",
        };
        (!is_right).then(|| Fault::new("/told_by", detail))
    }
}

/// The ways that lead to whoever lodged a complaint with this contact.
pub fn ways(at_lodging: Option<&ContactWish>) -> Vec<ToldBy> {
    let Some(contact) = at_lodging else { return Vec::new() };
    let given = [
        (ToldBy::Phone, contact.phone.is_some()),
        (ToldBy::Letter, contact.address.is_some()),
        (ToldBy::Email, contact.email.is_some()),
    ];
    given.into_iter().filter(|(_, is_given)| *is_given).map(|(way, _)| way).collect()
}

/// What the responsible person decides on a request for a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DecideReview, example = json!({
    "upheld": true, "reasons": "What you tell us of October is new. We look into it, and write to you by Friday.",
}))]
pub struct Reviewed {
    /// Whether the review finds for the complainant. A complaint that was over is then considered again.
    pub upheld: bool,
    /// The reasons, which the complainant reads as a message. The Ombudsman's address is put below them.
    pub reasons: Passage<4000>,
}

/// Returns what is wrong with extending a period that was planned on one day and expires on another to this day. The complainant agreed to
/// it before it expired (reg 14(3)), which may be recorded later, and it is extended to a later day.
pub fn extension_faults(
    respond_by: NaiveDate,
    (planned, expires): (NaiveDate, NaiveDate),
    agreed: NaiveDate,
    today: NaiveDate,
) -> Vec<Fault> {
    if agreed < planned || agreed > today {
        vec![Fault::new("/agreed_on", format!("must be from {planned}, the day of the plan, to today"))]
    } else if agreed > expires {
        vec![Fault::new(
            "/confirmed",
            format!(
                "must be false: the period expired on {expires}, and is extended by what was agreed until then only"
            ),
        )]
    } else if respond_by <= expires {
        vec![Fault::new("/confirmed", format!("must be false: the period lasts until {expires} as it is"))]
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(request: serde_json::Value) -> Vec<String> {
        let request: NewRequest = serde_json::from_value(request).unwrap();
        let today = "2026-11-20".parse().unwrap();
        request.faults(today).into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn a_request_has_the_member_that_its_kind_needs_and_no_other() {
        use serde_json::json;
        let contact = json!({ "preferred": "phone", "phone": "07700 900461" });
        let person = json!({ "family_name": "Marlow" });
        let complainant = json!({ "name": "Edith Marlow", "basis": "recipient" });
        for (kind, member, value) in [
            ("extension", "respond_by", json!("2026-12-18")),
            ("contact", "contact", contact),
            ("person", "person", person),
            ("complainant", "complainant", complainant),
            ("consent", "body", json!("Severn Care Ltd")),
            ("may_see", "name", json!("Hannah Price")),
        ] {
            assert_eq!(faults(json!({ "kind": kind })), [format!("/{member}")]);
            assert!(faults(json!({ "kind": kind, member: value })).is_empty(), "{kind}");
            assert_eq!(faults(json!({ "kind": "withdrawal", member: value })), [format!("/{member}")]);
        }
        assert!(faults(json!({ "kind": "withdrawal" })).is_empty());
        assert_eq!(faults(json!({ "kind": "review" })), ["/words"], "a review is asked for with reasons");
        assert!(faults(json!({ "kind": "review", "words": "Nobody asked me." })).is_empty());
        assert_eq!(faults(json!({ "kind": "extension", "respond_by": "2026-11-20" })), ["/respond_by"]);
    }

    #[test]
    fn a_period_is_extended_before_it_expires_and_to_a_later_day() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let period = (day("2026-11-24"), day("2026-12-18"));
        for (respond_by, agreed, today, pointers) in [
            ("2026-12-19", "2026-12-18", "2026-12-18", &[][..]),
            ("2026-12-18", "2026-12-01", "2026-12-01", &["/confirmed"]),
            ("2027-01-18", "2026-12-19", "2026-12-19", &["/confirmed"]),
            // What was agreed on the last day is recorded afterwards.
            ("2027-01-18", "2026-12-18", "2026-12-21", &[]),
            ("2027-01-18", "2026-11-24", "2026-12-21", &[]),
            ("2027-01-18", "2026-11-23", "2026-12-21", &["/agreed_on"]),
            ("2027-01-18", "2026-12-17", "2026-12-16", &["/agreed_on"]),
        ] {
            let faults = extension_faults(day(respond_by), period, day(agreed), day(today));
            let at: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(at, pointers, "to {respond_by}, agreed on {agreed}, today {today}");
        }
    }

    #[test]
    fn the_contact_was_told_after_the_request_was_made() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (told_on, is_right) in
            [("2026-11-17", false), ("2026-11-18", true), ("2026-11-20", true), ("2026-11-21", false)]
        {
            let decide = Decide {
                confirmed: false,
                told_by: ToldBy::Phone,
                told_on: day(told_on),
                agreed_on: None,
                words: Passage::parse("She did not ask for it.").unwrap(),
            };
            let at_lodging =
                serde_json::from_value(serde_json::json!({ "preferred": "phone", "phone": "07700 900461" }));
            let made = (RequestKind::Extension, day("2026-11-18"));
            let faults = decide.faults(made, day("2026-11-20"), at_lodging.ok().as_ref());
            assert_eq!(faults.is_empty(), is_right, "{told_on}");
        }
    }

    #[test]
    fn a_day_of_agreement_is_for_an_extension_that_is_confirmed_and_may_be_before_the_request() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let (made, today) = (day("2026-11-19"), day("2026-11-20"));
        for (kind, confirmed, told_on, at) in [
            (RequestKind::Extension, true, "2026-11-18", &[][..]),
            (RequestKind::Extension, true, "2026-11-20", &[]),
            (RequestKind::Extension, true, "2026-11-17", &["/told_on"]),
            (RequestKind::Extension, false, "2026-11-20", &["/agreed_on"]),
            (RequestKind::Withdrawal, true, "2026-11-20", &["/agreed_on"]),
        ] {
            let words = Passage::parse("She agreed on the telephone.").unwrap();
            let (told_by, told_on, agreed_on) = (ToldBy::InPerson, day(told_on), Some(day("2026-11-18")));
            let faults = Decide { confirmed, told_by, told_on, agreed_on, words }.faults((kind, made), today, None);
            let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(pointers, at, "{kind:?} {confirmed} {told_on}");
        }
    }

    #[test]
    fn it_is_confirmed_face_to_face_or_in_a_way_that_was_given_at_lodging() {
        let contact = |members: serde_json::Value| -> ContactWish { serde_json::from_value(members).unwrap() };
        let phone = contact(serde_json::json!({ "preferred": "phone", "phone": "07700 900461" }));
        let others =
            contact(serde_json::json!({ "preferred": "email", "email": "e@example.org", "address": "4 Wyle Cop" }));
        // A number that was only wished for leads nowhere.
        let bare = contact(serde_json::json!({ "preferred": "phone" }));
        for (told_by, right_for) in [
            (ToldBy::Phone, [true, false, false, false]),
            (ToldBy::Letter, [false, true, false, false]),
            (ToldBy::Email, [false, true, false, false]),
            (ToldBy::InPerson, [true, true, true, true]),
            (ToldBy::Complaint, [false, false, true, true]),
        ] {
            for (at_lodging, is_right) in [Some(&phone), Some(&others), Some(&bare), None].into_iter().zip(right_for) {
                for confirmed in [true, false] {
                    let today = "2026-11-20".parse().unwrap();
                    let words = Passage::parse("So it is.").unwrap();
                    let decide = Decide { confirmed, told_by, told_on: today, agreed_on: None, words };
                    let is_right = is_right && !(confirmed && told_by == ToldBy::Complaint);
                    assert_eq!(
                        decide.faults((RequestKind::Contact, today), today, at_lodging).is_empty(),
                        is_right,
                        "{decide:?} {at_lodging:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_period_is_extended_to_within_two_years() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (begun, respond_by, fine) in [
            ("2026-11-20", "2027-06-30", true),
            ("2026-11-20", "2028-11-20", true),
            ("2026-11-20", "2028-11-21", false),
            ("2026-11-20", "9999-12-31", false),
            // Two years after a leap day end with February.
            ("2024-02-29", "2026-02-28", true),
            ("2024-02-29", "2026-03-01", false),
        ] {
            let fault = extension_fault(day(respond_by), day(begun));
            assert_eq!(fault.is_none(), fine, "{begun} {respond_by}");
            assert!(fault.is_none_or(|fault| fault.pointer == "/respond_by"));
        }
    }
}
