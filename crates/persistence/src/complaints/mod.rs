//! Complaints. A complaint is its council's, has a door of its own, and is open to those alone to whom it is assigned by name.
//!
//! `lodging` takes a complaint in, by whichever way it comes, `intakes` says how it came to whoever took it down, and `receipts` has what
//! the complainant gets for it. `watching` sees to it that it is somebody's: the worker offers it, unopened, to one officer after another,
//! of whom `barring` says what is known against each, as `known` and `places` gather it, `rechecking` looks again, `unattended` finds what
//! is nobody's all the same, and `closed` to whom something of the complainant's is closed. `messages` has what passes between the
//! complainant and the council, and `practices` puts down which practice a complaint is about, where it named none. `offers` has what an
//! officer does with an offer, `assignments` whom they let in. `reading`, `listing`, `unsealing`, `handling`, `planning`, `timeliness`,
//! `heads`, `response`, `actions` and `closing` have what those do who have the complaint, each with the table that it writes; `clocks`
//! what is due; `hearings` what is shown to a subject or an employer, `periods` keeps each plan and period, `bundle` and `logged` have the
//! whole file for the Ombudsman, `subject_access` when a record was open, for the person whose it is, `documents` what is sent to a
//! complaint, `representing` whether somebody may complain for another, `requests` what counts once the complainant's contact has confirmed
//! it, `reviewing` what the responsible person looks at again, `limiting` how somebody may complain; `figures` counts complaints for
//! `reporting` and for the public, and `learning` is what a practice is told of them; `safeguarding` tells the council's duty of danger,
//! and `safeguarding_feed` what rings them; `following` and `objecting` what the complainant does with the code of their receipt. The row
//! policies compare everything with what is assigned to the caller: nothing here filters for that.

pub mod actions;
mod answering;
pub mod assignments;
mod barring;
pub mod bundle;
pub mod changing;
pub mod clocks;
mod closed;
pub mod closing;
mod deadlines;
pub mod documents;
mod earliest;
pub mod figures;
pub mod following;
pub mod handling;
pub mod heads;
pub mod hearings;
pub mod intakes;
pub mod interests;
mod known;
pub mod learning;
pub mod limiting;
pub mod link_proposals;
pub mod linking;
pub mod listing;
pub mod lodging;
pub mod logged;
pub mod messages;
pub mod notices;
pub mod objecting;
pub mod offers;
pub mod periods;
mod places;
pub mod planning;
pub mod practices;
pub mod reading;
pub mod receipts;
mod rechecking;
pub mod record;
pub mod record_openings;
pub mod record_warnings;
pub mod reporting;
pub mod representing;
pub mod requests;
pub mod response;
pub mod reviewing;
mod rights;
pub mod safeguarding;
pub mod safeguarding_feed;
pub mod signatories;
pub mod subject_access;
pub mod telling;
pub mod timeliness;
pub mod unattended;
pub mod unsealing;
pub(crate) mod watching;

use almoner_domain::complaints::complaint::{
    Author, Complainant, ComplainantBasis, ContactWish, LodgeComplaint, Matter, PersonConcerned, ReadingFormat,
};
use almoner_domain::complaints::danger::DangerNow;
use almoner_domain::complaints::naming::{Texts, without_title};
use almoner_domain::ids::{ComplaintId, CouncilId, KeyId, MessageId};
use almoner_domain::words::text::{Line, Passage};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::keys::{WrappedKeys, wrapped_keys};
use crate::ground::schema::complaints;
use crate::ground::scope::ComplaintsScope;
use crate::ground::sealing::{Key, SealedField};

pub(crate) use deadlines::{move_acknowledgements, move_answers, move_plans};

/// The complainant's words, sealed under the complaint's own key.
#[derive(Serialize, Deserialize)]
struct Content {
    about: Vec<Matter>,
    narrative: Passage<10000>,
    wants: Option<Passage<4000>>,
    staff: Vec<Line<200>>,
    must_not_see: Vec<Line<200>>,
    language: Option<Line<100>>,
    format: ReadingFormat,
    /// What was done at a practice's desk, where somebody raised an oral concern.
    #[serde(default)]
    settled: Option<Passage<4000>>,
    /// Whether somebody is in danger.
    danger_now: DangerNow,
    /// The reference of somebody else's complaint about the same.
    #[serde(default)]
    together_with: Option<Line<40>>,
    /// Whether an officer put down which practice it is about, because the complaint named none.
    #[serde(default)]
    practice_put_down: bool,
}

/// The complainant, the person, the contact wishes and the place where somebody is in danger, sealed apart from the content.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Identity {
    complainant: Option<Complainant>,
    person: Option<PersonConcerned>,
    contact: Option<ContactWish>,
    /// The contact that was given at lodging, which does not change: whatever is asked for is confirmed there.
    #[serde(default)]
    contact_at_lodging: Option<ContactWish>,
    /// Where the person is, of whom somebody said that they are or may be in danger.
    #[serde(default)]
    place: Option<Passage<500>>,
}

impl Content {
    fn of(new: &LodgeComplaint, settled: Option<Passage<4000>>) -> Self {
        Self {
            about: new.about.clone(),
            narrative: new.narrative.clone(),
            wants: new.wants.clone(),
            staff: new.staff.clone(),
            must_not_see: new.must_not_see.clone(),
            language: new.language.clone(),
            format: new.format,
            settled,
            danger_now: new.danger.now,
            together_with: new.other_reference(),
            practice_put_down: false,
        }
    }

    /// Who named the practice that the complaint is about, if it is about one.
    const fn practice_named_by(&self) -> Author {
        if self.practice_put_down { Author::Council } else { Author::Complainant }
    }

    /// Everything in the complaint in which a name can stand. The names of the complainant and the person count too: whoever shares one
    /// may be of their family.
    fn texts(&self, identity: &Identity, messages: Vec<String>) -> Texts {
        let owned = |names: &[Line<200>]| names.iter().map(|name| name.as_str().to_owned()).collect();
        let mut running = messages;
        running.push(self.narrative.as_str().to_owned());
        running.extend(self.wants.as_ref().map(|wants| wants.as_str().to_owned()));
        running.extend(self.settled.as_ref().map(|settled| settled.as_str().to_owned()));
        running.extend(self.language.as_ref().map(|language| language.as_str().to_owned()));
        running.extend(self.together_with.as_ref().map(|reference| reference.as_str().to_owned()));
        running.extend(identity.place.as_ref().map(|place| place.as_str().to_owned()));
        running.extend(identity.names());
        running
            .extend([&identity.contact, &identity.contact_at_lodging].into_iter().flatten().map(ContactWish::in_words));
        Texts { running, complained_about: owned(&self.staff), must_not_see: owned(&self.must_not_see) }
    }
}

impl Identity {
    fn of(new: &LodgeComplaint) -> Self {
        Self {
            complainant: new.complainant.clone(),
            person: new.person.clone(),
            contact: new.contact.clone(),
            contact_at_lodging: new.contact.clone(),
            place: new.danger.place.clone(),
        }
    }

    /// Whether the complainant consented to be sent documents electronically (SI 2009/309 reg 15).
    fn consents_to_electronic_sending(&self) -> bool {
        self.contact.as_ref().is_some_and(|contact| contact.electronic)
    }

    /// What the person is called whose care the complaint is about: their names, or that of a complainant who is that person.
    fn called(&self) -> Vec<String> {
        if let Some(person) = &self.person {
            return [person.given_name.as_ref(), Some(&person.family_name)]
                .into_iter()
                .flatten()
                .map(Line::to_string)
                .collect();
        }
        let own = self.complainant.as_ref().filter(|complainant| complainant.basis == ComplainantBasis::Recipient);
        own.map(|complainant| without_title(complainant.name.as_str()).to_owned()).into_iter().collect()
    }

    /// The names of the complainant and of the person.
    fn names(&self) -> Vec<String> {
        let complainant = self.complainant.as_ref().map(|complainant| complainant.name.as_str().to_owned());
        let person = self.person.as_ref().map(|person| {
            let given = person.given_name.as_ref().map_or("", Line::as_str);
            format!("{given} {}", person.family_name.as_str()).trim().to_owned()
        });
        complainant.into_iter().chain(person).collect()
    }
}

/// A complaint, and the key under which it is sealed.
#[derive(Clone, Copy, Debug)]
struct Sealed {
    council: CouncilId,
    id: ComplaintId,
    key_id: KeyId,
}

impl Sealed {
    fn field(self, column: &'static str) -> SealedField {
        SealedField { owner: self.council.uuid(), table: "complaints", column, row: self.id.uuid() }
    }

    fn message(self, id: MessageId) -> SealedField {
        SealedField { owner: self.council.uuid(), table: "complaint_messages", column: "text", row: id.uuid() }
    }

    /// The field of a row that belongs to the complaint.
    fn of(self, table: &'static str, column: &'static str, row: Uuid) -> SealedField {
        SealedField { owner: self.council.uuid(), table, column, row }
    }
}

/// Finds a complaint that is assigned to the caller, for what belongs to it, and opens its key.
fn sealed_of(scope: &mut ComplaintsScope<'_>, id: ComplaintId) -> Result<(Sealed, Key), StoreError> {
    let council = scope.council_id();
    let (key_id, keys): (KeyId, WrappedKeys) = complaints::table
        .find((council, id))
        .select((complaints::key_id, wrapped_keys!(complaints, council.uuid())))
        .first(scope.conn)?;
    let key = scope.unwrap(council.uuid(), key_id, &keys)?;
    Ok((Sealed { council, id, key_id }, key))
}
