//! A complaint as it is lodged, and how it came in (SI 2009/309).

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use super::acknowledging::Reach;
use super::danger::Danger;
use super::reference;
use super::timeliness::MatterDates;
use crate::fault::Fault;
use crate::people::birth::Birth;
use crate::people::contact::DateOfBirthAccuracy;
use crate::people::contact::PreferredContact;
use crate::words::date;
use crate::words::email::ContactEmail;
use crate::words::gss_code::CouncilNamed;
use crate::words::nhs_number::NhsNumber;
use crate::words::phone::Phone;
use crate::words::slug::Slug;
use crate::words::sql_text::closed_codes;
use crate::words::text::{self, Line, Passage};

closed_codes! {
    /// The basis on which somebody complains (SI 2009/309 reg 5).
    pub enum ComplainantBasis {
        /// The complainant receives or has received services.
        Recipient = "recipient",
        /// The complainant is affected, or likely to be affected, by an act, omission or decision.
        Affected = "affected",
        /// The complainant acts for such a person.
        Representative = "representative",
    }
}

closed_codes! {
    /// The reason why somebody complains on behalf of a person (SI 2009/309 reg 5(2)).
    pub enum RepresentationReason {
        /// The person has died.
        Deceased = "deceased",
        /// The person is a child.
        Child = "child",
        /// The person is physically unable to complain.
        PhysicalIncapacity = "physical_incapacity",
        /// The person lacks capacity (Mental Capacity Act 2005).
        LacksCapacity = "lacks_capacity_mca",
        /// The person asked the representative to complain.
        Requested = "requested",
    }
}

closed_codes! {
    /// The way by which a complaint came in.
    pub enum Way {
        /// The complaint was lodged through a partner app.
        App = "app",
        /// The complaint was lodged through a form of the council's own.
        CouncilForm = "council_form",
        /// An officer took the complaint down: on the telephone, from a letter, on a visit.
        Officer = "officer",
        /// A member of a practice's staff wrote the complaint down for somebody.
        PracticeDesk = "practice_desk",
    }
}

closed_codes! {
    /// A thing that a complaint is about.
    pub enum Matter {
        /// The complaint is about a practice as a whole.
        Practice = "practice",
        /// The complaint is about members of its staff.
        Staff = "staff",
        /// The complaint is about a decision.
        Decision = "decision",
        /// The complaint is about a service.
        Service = "service",
        /// The complaint is about the council and its own people. The responsible person is asked first.
        Council = "council",
    }
}

closed_codes! {
    /// The format in which somebody reads what they are sent (DAPB1605).
    pub enum ReadingFormat {
        /// Letters of ordinary size.
        Standard = "standard",
        /// Letters of 18 points.
        LargePrint = "large_print",
        /// Short sentences with pictures.
        EasyRead = "easy_read",
        /// A recording.
        Audio = "audio",
        /// Braille.
        Braille = "braille",
        /// British Sign Language.
        Bsl = "bsl",
    }
}

closed_codes! {
    /// The author of a message about a complaint.
    pub enum Author {
        /// The complainant wrote the message, or somebody who complains for them.
        Complainant = "complainant",
        /// Somebody who works on the complaint for the council wrote the message.
        Council = "council",
        /// The service wrote the message, because a clock had run out.
        Service = "service",
    }
}

#[expect(clippy::derivable_impls, reason = "closed_codes! derives no default")]
impl Default for ReadingFormat {
    fn default() -> Self {
        Self::Standard
    }
}

/// The person who complains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Complainant {
    /// The complainant's name.
    pub name: Line<200>,
    /// The basis on which the complainant complains.
    pub basis: ComplainantBasis,
    /// The reason why a representative acts. Only a representative gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub representation_reason: Option<RepresentationReason>,
}

impl Complainant {
    /// Returns what is wrong with the complainant at this place: a representative says why, and nobody else does.
    pub fn fault(&self, pointer: &str) -> Option<Fault> {
        let representative = self.basis == ComplainantBasis::Representative;
        let detail = if representative { "is required of a representative" } else { "is for a representative only" };
        (representative != self.representation_reason.is_some())
            .then(|| Fault::new(format!("{pointer}/representation_reason"), detail))
    }
}

/// The person whose care the complaint is about, as far as the complainant says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonConcerned {
    /// The person's given name.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub given_name: Option<Line<100>>,
    /// The person's family name.
    pub family_name: Line<100>,
    /// The person's date of birth.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<NaiveDate>,
    /// The accuracy of the date of birth.
    #[serde(default)]
    pub date_of_birth_accuracy: DateOfBirthAccuracy,
    /// The person's NHS number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nhs_number: Option<NhsNumber>,
}

impl PersonConcerned {
    /// Returns the date of birth as far as it is known.
    pub const fn birth(&self) -> Birth {
        Birth::new(self.date_of_birth, self.date_of_birth_accuracy)
    }
}

/// The ways in which the complainant can be contacted safely.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactWish {
    /// The way of contact that the complainant prefers.
    pub preferred: PreferredContact,
    /// The complainant's telephone number.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The complainant's email address.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub email: Option<ContactEmail>,
    /// The complainant's postal address, in lines.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub address: Option<Passage<500>>,
    /// Whether the complainant consents to be sent documents electronically (SI 2009/309 reg 15).
    #[serde(default)]
    pub electronic: bool,
    /// Instructions for safe contact: the manner, the times, and the people who must not be told.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub instructions: Option<Passage<1000>>,
}

impl ContactWish {
    /// The postal address for a letter, where nothing speaks against it. Somebody may prefer another way and say besides how they are
    /// reached safely: then whoever sends a letter reads that first, and the letter says no address.
    pub fn address_of_letters(&self) -> Option<&Passage<500>> {
        let is_wished_for = self.preferred == PreferredContact::Letter || self.instructions.is_none();
        self.address.as_ref().filter(|_| is_wished_for)
    }

    /// How the complainant can be reached by this.
    pub const fn reach(&self) -> Reach {
        let is_in_writing = self.address.is_some() || (self.email.is_some() && self.electronic);
        if is_in_writing { Reach::InWriting } else { Reach::ByWordOfMouth }
    }

    /// Everything in which a name can stand: the instructions, the postal address, and what stands before the `@` of the email address.
    pub fn in_words(&self) -> String {
        let mailbox = self.email.as_ref().and_then(|email| email.as_str().split('@').next());
        let mailbox = mailbox.map(|mailbox| mailbox.replace(|one: char| !one.is_alphanumeric(), " "));
        let lines = [
            self.instructions.as_ref().map(Passage::as_str),
            self.address.as_ref().map(Passage::as_str),
            mailbox.as_deref(),
        ];
        lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }
}
/// The months in which what was received is written down. A letter may lie unseen for long; a day further back is a slip of the pen, with
/// which every clock would have run out before it began.
const WRITTEN_DOWN_WITHIN: Months = Months::new(12);

/// A complaint as it is lodged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "practice": "severn-social-work",
    "narrative": "My worker cancelled three visits and did not ring. When I asked why she said I was being difficult.",
    "wants": "Another worker, and an apology.",
    "complainant": { "name": "Edith Marlow", "basis": "recipient" },
    "person": { "given_name": "Edith", "family_name": "Marlow", "date_of_birth": "1941-03-08" },
    "confidential": true,
    "danger": { "now": "no" },
    "staff": ["Hannah Price"],
    "contact": { "preferred": "phone", "phone": "07700 900461", "instructions": "Mornings only. Do not leave a message." },
}))]
pub struct LodgeComplaint {
    /// The practice that the complaint is about. It may be left out if a council is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub practice: Option<Slug>,
    /// The council to complain to, by its code in the register of the Office for National Statistics. If it is left out, or is none
    /// that uses the service, the complaint goes to the council that answers for the practice. At a practice's desk one with which the
    /// practice never had a contract counts as left out too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub council: Option<CouncilNamed>,
    /// The things that the complaint is about.
    #[serde(default)]
    #[schema(max_items = 5)]
    pub about: Vec<Matter>,
    /// The events that the complaint is about, in the person's own words.
    pub narrative: Passage<10000>,
    /// The result that the complainant wants.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub wants: Option<Passage<4000>>,
    /// The complainant; left out if the complaint is anonymous.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complainant: Option<Complainant>,
    /// The person whose care the complaint is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonConcerned>,
    /// The language in which the complainant wants to be answered; English if it is left out.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub language: Option<Line<100>>,
    /// The format in which the complainant reads what they are sent.
    #[serde(default)]
    pub format: ReadingFormat,
    /// Whether the complainant's identity is disclosed only to those who need it.
    #[serde(default)]
    pub confidential: bool,
    /// Whether the complainant gives no name.
    #[serde(default)]
    pub anonymous: bool,
    /// The names of the staff complained about; empty if they are unknown.
    #[serde(default, deserialize_with = "text::list::<_, _, 0, 10>")]
    #[schema(max_items = 10)]
    pub staff: Vec<Line<200>>,
    /// The names of staff who must not see the complaint.
    #[serde(default, deserialize_with = "text::list::<_, _, 0, 10>")]
    #[schema(max_items = 10)]
    pub must_not_see: Vec<Line<200>>,
    /// The ways in which the complainant can be contacted safely.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactWish>,
    /// The answer to the question whether somebody is in danger: the council's safeguarding duty sees it at once.
    pub danger: Danger,
    /// The last day on which what the complaint is about happened.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub happened_on: Option<NaiveDate>,
    /// The day on which it came to the complainant's notice, if that is later.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub noticed_on: Option<NaiveDate>,
    /// The day on which the complaint was received, on the telephone, in a letter or at a desk, if that is before today: the clocks
    /// count from it. It is not longer ago than twelve months. An app hands a complaint over at once, and leaves it out.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub received_on: Option<NaiveDate>,
    /// The reference of a complaint that somebody else has lodged about the same, in any case, with or without its hyphens. Each
    /// complainant has a complaint of their own; officers link the two. Nobody is told whether there is such a complaint.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub together_with: Option<Line<40>>,
}

impl LodgeComplaint {
    /// The reference of a complaint about the same, as its receipt gives it.
    pub fn other_reference(&self) -> Option<Line<40>> {
        self.together_with.as_ref().map(reference::of_another)
    }

    /// The day on which the complaint was received.
    pub fn received(&self, today: NaiveDate) -> NaiveDate {
        self.received_on.unwrap_or(today)
    }

    /// When the matter of the complaint happened.
    pub const fn dates(&self) -> MatterDates {
        MatterDates { happened_on: self.happened_on, noticed_on: self.noticed_on }
    }

    /// Whether the complaint is said to be about the council's own people.
    pub fn is_about_the_council(&self) -> bool {
        self.about.contains(&Matter::Council) || self.practice.is_none()
    }

    /// Checks the rules that hold between members.
    pub fn check(&self, today: NaiveDate) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        if self.practice.is_none() && self.council.is_none() {
            faults.push(Fault::new("/practice", "is required unless a council is named"));
        }
        if self.about.iter().enumerate().any(|(n, matter)| self.about[..n].contains(matter)) {
            faults.push(Fault::new("/about", "must name each thing once"));
        }
        match (&self.complainant, self.anonymous) {
            (None, false) => faults.push(Fault::new("/complainant", "is required unless the complaint is anonymous")),
            (Some(_), true) => faults.push(Fault::new("/complainant", "must be left out of an anonymous complaint")),
            _ => {}
        }
        if let Some(complainant) = &self.complainant {
            faults.extend(complainant.fault("/complainant"));
            if complainant.basis == ComplainantBasis::Representative && self.person.is_none() {
                faults.push(Fault::new("/person", "is required when a representative complains"));
            }
        }
        if let Some(fault) = self.person.as_ref().and_then(|person| person.birth().fault(today)) {
            faults.push(Fault::new("/person/date_of_birth", fault));
        }
        let earliest = today.checked_sub_months(WRITTEN_DOWN_WITHIN).unwrap_or(NaiveDate::MIN);
        if self.received_on.is_some_and(|day| day > today) {
            faults.push(Fault::new("/received_on", "must not be after today"));
        } else if self.received_on.is_some_and(|day| day < earliest) {
            faults.push(Fault::new(
                "/received_on",
                format!("must not be before {earliest}: say in the narrative when it came"),
            ));
        }
        faults.extend(self.dates().faults(self.received(today)));
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lodged(change: impl FnOnce(&mut serde_json::Value)) -> Vec<String> {
        let mut complaint = serde_json::json!({
            "practice": "severn-social-work",
            "narrative": "She did not come.",
            "complainant": { "name": "Edith Marlow", "basis": "recipient" },
            "danger": { "now": "no" },
        });
        change(&mut complaint);
        let complaint: LodgeComplaint = serde_json::from_value(complaint).unwrap();
        let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        complaint.check(today).err().unwrap_or_default().into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn an_anonymous_complaint_names_nobody_and_any_other_names_who_complains() {
        assert!(lodged(|_| ()).is_empty());
        assert_eq!(lodged(|c| c["anonymous"] = true.into()), ["/complainant"]);
        assert_eq!(
            lodged(|c| {
                c.as_object_mut().unwrap().remove("complainant");
            }),
            ["/complainant"]
        );
    }

    #[test]
    fn a_representative_says_why_and_for_whom() {
        let representative = |c: &mut serde_json::Value| c["complainant"]["basis"] = "representative".into();
        assert_eq!(lodged(representative), ["/complainant/representation_reason", "/person"]);
        assert_eq!(
            lodged(|c| c["complainant"]["representation_reason"] = "deceased".into()),
            ["/complainant/representation_reason"]
        );
    }

    #[test]
    fn what_was_received_is_written_down_within_twelve_months() {
        for (day, at) in [
            ("2026-11-20", &[][..]),
            ("2025-11-20", &[]),
            ("2025-11-19", &["/received_on"]),
            ("2016-11-20", &["/received_on"]),
            ("2026-11-21", &["/received_on"]),
        ] {
            assert_eq!(lodged(|c| c["received_on"] = day.into()), at, "{day}");
        }
    }

    #[test]
    fn nobody_is_born_tomorrow() {
        let faults =
            lodged(|c| c["person"] = serde_json::json!({ "family_name": "Marlow", "date_of_birth": "2026-11-21" }));
        assert_eq!(faults, ["/person/date_of_birth"]);
    }
}
