//! What takes away from a complaint or turns it: a request, which counts once it is confirmed by the contact that was given at lodging.
//! Whoever has the code alone reads and adds.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::complaint::{Complainant, ContactWish, PersonConcerned};
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
    }
}

/// A request. Beside its kind it has the member that its kind needs, and no other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComplaintRequest, example = json!({ "kind": "withdrawal", "words": "It is settled. She came and said that she was sorry." }))]
pub struct NewRequest {
    /// What is asked for.
    pub kind: RequestKind,
    /// Why it is asked for, in the complainant's words.
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
        if self.respond_by.is_some_and(|day| day <= today) {
            faults.push(Fault::new("/respond_by", "must be after today"));
        }
        let born = self.person.as_ref().and_then(|person| person.birth().fault(today));
        faults.extend(born.map(|fault| Fault::new("/person/date_of_birth", fault)));
        faults.extend(self.complainant.as_ref().and_then(|complainant| complainant.fault("/complainant")));
        faults
    }
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
    /// How that contact was told.
    pub told_by: ToldBy,
    /// When that contact was told.
    #[serde(deserialize_with = "date::required")]
    pub told_on: NaiveDate,
    /// What was said. The complainant reads it.
    pub words: Passage<2000>,
}

impl Decide {
    /// Returns what is wrong with the decision today, on a request that was made on a day.
    pub fn faults(&self, made: NaiveDate, today: NaiveDate) -> Vec<Fault> {
        if self.told_on < made || self.told_on > today {
            return vec![Fault::new("/told_on", format!("must be from {made}, the day of the request, to today"))];
        }
        Vec::new()
    }
}

/// Returns what is wrong with extending a period to this day, today. It is extended before it expires, and to a later day (reg 14(3)).
pub fn extension_faults(respond_by: NaiveDate, expires: NaiveDate, today: NaiveDate) -> Vec<Fault> {
    if today > expires {
        vec![Fault::new(
            "/confirmed",
            format!("must be false: the period expired on {expires}, and is extended before that only"),
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
        assert_eq!(faults(json!({ "kind": "extension", "respond_by": "2026-11-20" })), ["/respond_by"]);
    }

    #[test]
    fn a_period_is_extended_before_it_expires_and_to_a_later_day() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (respond_by, today, is_right) in [
            ("2026-12-19", "2026-12-18", true),
            ("2026-12-18", "2026-12-01", false),
            ("2027-01-18", "2026-12-19", false),
        ] {
            assert_eq!(extension_faults(day(respond_by), day("2026-12-18"), day(today)).is_empty(), is_right);
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
                words: Passage::parse("She did not ask for it.").unwrap(),
            };
            assert_eq!(decide.faults(day("2026-11-18"), day("2026-11-20")).is_empty(), is_right, "{told_on}");
        }
    }
}
