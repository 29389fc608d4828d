//! Danger, of which whoever lodges a complaint is asked. The council's safeguarding duty is told at once; of the complaint it sees nothing.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::complaint::{ComplainantBasis, LodgeComplaint, PersonConcerned};
use crate::fault::Fault;
use crate::words::sql_text::closed_codes;
use crate::words::text::{self, Line, Passage};

closed_codes! {
    /// Whether somebody is in danger now.
    pub enum DangerNow {
        /// Somebody is in danger now.
        Yes = "yes",
        /// Somebody may be in danger now.
        Unsure = "unsure",
        /// Nobody is in danger now.
        No = "no",
    }
}

/// The answer to the question whether somebody is in danger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "now": "unsure", "place": "At home, 4 Wyle Cop. Her son is with her." }))]
pub struct Danger {
    /// Whether somebody is in danger now.
    pub now: DangerNow,
    /// Where the person is.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub place: Option<Passage<500>>,
}

/// A safeguarding concern that somebody who has a complaint raises with the council's safeguarding duty. The complaint goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "now": "no",
    "person": { "given_name": "Edith", "family_name": "Marlow", "date_of_birth": "1941-03-08" },
    "place": "At home, 4 Wyle Cop.",
    "words": "She says that her son takes her pension. Nobody has spoken to her alone yet.",
}))]
pub struct RaiseSafeguarding {
    /// Whether somebody is in danger now.
    pub now: DangerNow,
    /// The person.
    pub person: PersonConcerned,
    /// Where the person is.
    #[serde(default, deserialize_with = "text::optional", skip_serializing_if = "Option::is_none")]
    pub place: Option<Passage<500>>,
    /// What the duty must know, without a word of the complaint.
    pub words: Passage<2000>,
}

/// What the safeguarding duty sees of a concern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Alert {
    /// The person, as far as they were named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonConcerned>,
    /// The name of somebody who speaks of themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Line<200>>,
    /// Where the person is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Passage<500>>,
    /// What whoever raised it wrote for the duty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Passage<2000>>,
}

impl Alert {
    /// The name of the person, in one line.
    pub fn name_of_the_person(&self) -> Option<String> {
        let of_person = |person: &PersonConcerned| {
            let given = person.given_name.as_ref().map_or("", Line::as_str);
            format!("{given} {}", person.family_name.as_str()).trim().to_owned()
        };
        self.person.as_ref().map(of_person).or_else(|| self.name.as_ref().map(|name| name.as_str().to_owned()))
    }

    /// What the duty sees of a complaint in which somebody is said to be in danger, or may be; `None` of any other.
    pub fn of_complaint(new: &LodgeComplaint) -> Option<(DangerNow, Self)> {
        let danger = Some(&new.danger).filter(|danger| danger.now != DangerNow::No)?;
        let speaks_of_themselves =
            new.complainant.as_ref().filter(|one| new.person.is_none() && one.basis == ComplainantBasis::Recipient);
        let alert = Self {
            person: new.person.clone(),
            name: speaks_of_themselves.map(|one| one.name.clone()),
            place: danger.place.clone(),
            words: None,
        };
        Some((danger.now, alert))
    }
}

impl RaiseSafeguarding {
    /// Returns what is wrong with this today.
    pub fn faults(&self, today: NaiveDate) -> Vec<Fault> {
        let birth = self.person.birth().fault(today);
        birth.map(|fault| Fault::new("/person/date_of_birth", fault)).into_iter().collect()
    }
}

impl From<&RaiseSafeguarding> for Alert {
    fn from(raised: &RaiseSafeguarding) -> Self {
        Self {
            person: Some(raised.person.clone()),
            name: None,
            place: raised.place.clone(),
            words: Some(raised.words.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_duty_sees_the_person_and_the_place_and_not_a_word_of_the_complaint() {
        let lodged = |danger: serde_json::Value, basis: &str| -> LodgeComplaint {
            let mut complaint = serde_json::json!({
                "practice": "severn-social-work", "narrative": "The narrative.", "wants": "The wish.", "danger": danger,
                "complainant": { "name": "Edith Marlow", "basis": basis }, "staff": ["Hannah Price"],
            });
            if basis == "affected" {
                complaint["person"] = serde_json::json!({ "family_name": "Marlow" });
            }
            serde_json::from_value(complaint).unwrap()
        };
        let alert = |danger, basis| Alert::of_complaint(&lodged(danger, basis));
        assert!(alert(serde_json::json!({ "now": "no", "place": "At home." }), "recipient").is_none());
        let unsure = serde_json::json!({ "now": "unsure", "place": "At home." });
        let (now, own) = alert(unsure.clone(), "recipient").unwrap();
        assert_eq!(
            (now, own.name.as_ref().map(Line::as_str), own.person.is_none()),
            (DangerNow::Unsure, Some("Edith Marlow"), true)
        );
        let (_, anothers) = alert(unsure, "affected").unwrap();
        assert_eq!((anothers.name, anothers.person.unwrap().family_name.as_str()), (None, "Marlow"));
        let text = serde_json::to_string(&own).unwrap();
        assert!(
            text.contains("At home.") && !["narrative", "wish", "Hannah"].iter().any(|word| text.contains(word)),
            "{text}"
        );
    }
}
