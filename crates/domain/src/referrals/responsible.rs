//! Which council is responsible for what a referral asks: each function of the Care Act 2014 has its own rule.

use serde::Serialize;
use utoipa::ToSchema;

use crate::contracts::function::Function;
use crate::referrals::example;
use crate::referrals::message::ReferralMessage;
use crate::referrals::terms::ResponsibleBy;
use crate::words::gss_code::{AuthorityCode, GssCode};

const ORDINARY_RESIDENCE: &str = "/person/ordinary_residence";
const HELD_IN: &str = "/person/held_in";
const LOCATED_IN: &str = "/person/located_in";
const RESIDENT_BEFORE_DETENTION: &str = "/person/resident_before_detention";
const CARED_FOR: &str = "/cared_for/ordinary_residence";

/// The council that a message makes responsible, and by which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Responsible<'m> {
    /// The code that the message names; `None` for the sender.
    pub code: Option<&'m str>,
    /// The rule that decides.
    pub by: ResponsibleBy,
    /// The JSON pointer of the member that decides.
    pub at: &'static str,
    /// Whether the sender is presumed to be responsible, because the message lacks the member that decides.
    pub presumed: bool,
}

/// The council that is responsible for what a referral asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = example::responsible)]
pub struct ResponsibleCouncil {
    /// The council's code: the one that the message names, or else the sender's.
    #[schema(value_type = AuthorityCode)]
    pub code: String,
    /// The rule by which it is responsible.
    pub by: ResponsibleBy,
    /// Whether it is presumed, because the message lacks the member that would say it. The sender is, then.
    pub presumed: bool,
}

impl<'m> Responsible<'m> {
    /// The council that the deciding member names; the sender is presumed to be it, where there is no such member.
    const fn of(code: Option<&'m str>, by: ResponsibleBy, at: &'static str) -> Self {
        Self { code, by, at, presumed: code.is_none() }
    }

    /// Returns what is shown of it to those who know who the sender is.
    pub fn shown(self, sender: &GssCode) -> ResponsibleCouncil {
        let code = self.code.unwrap_or(sender.as_str()).to_owned();
        ResponsibleCouncil { code, by: self.by, presumed: self.presumed }
    }
}

impl ReferralMessage {
    /// Returns the council that is responsible. A safeguarding concern is dealt with where the adult is (s42), a carer is
    /// assessed by the council of the adult cared for (s20(1)), aftercare is the duty of the council where somebody lived
    /// before they were detained (Mental Health Act 1983 s117(3)), and anything else is for the council where somebody is
    /// held (s76), or ordinarily resident (s39), or where they are, if they have no settled residence (s18(1)). A message that
    /// says nothing of residence means the sender's own area.
    pub fn responsible(&self) -> Responsible<'_> {
        use ResponsibleBy::{CaredFor, LocatedIn, ResidentBeforeDetention};
        let person = &self.person;
        match self.function {
            Function::SafeguardingEnquiry => {
                Responsible::of(person.located_in.as_ref().map(GssCode::as_str), LocatedIn, LOCATED_IN)
            }
            Function::Section117Aftercare => {
                let code = person.resident_before_detention.as_ref().map(AuthorityCode::as_str);
                Responsible::of(code, ResidentBeforeDetention, RESIDENT_BEFORE_DETENTION)
            }
            function if function.is_of_a_carer() => match (&self.cared_for, &self.carer) {
                // A message that names the carer is read the other way about: the person is the adult cared for.
                (None, Some(_)) => self.responsible_for_the_person(CaredFor),
                (cared_for, _) => {
                    let residence = cared_for.as_ref().and_then(|adult| adult.ordinary_residence.as_ref());
                    Responsible::of(residence.map(AuthorityCode::as_str), CaredFor, CARED_FOR)
                }
            },
            _ => self.responsible_for_the_person(ResponsibleBy::OrdinaryResidence),
        }
    }

    fn responsible_for_the_person(&self, resident: ResponsibleBy) -> Responsible<'_> {
        let person = &self.person;
        let held_in = person.held_in.as_ref().map(GssCode::as_str);
        if held_in.is_some() || self.route_of_access.is_prison() {
            return Responsible::of(held_in, ResponsibleBy::HeldIn, HELD_IN);
        }
        let residence = person.ordinary_residence.as_ref();
        let is_decided_by_presence = match residence {
            // Urgent needs are met wherever somebody lives (s19(3)), and no council of England is that of their residence.
            Some(code) => self.function == Function::UrgentNeeds && !code.is_in_england(),
            None => person.has_no_settled_residence(),
        };
        if is_decided_by_presence {
            let located_in = person.located_in.as_ref().map(GssCode::as_str);
            return Responsible::of(located_in, ResponsibleBy::PresentIn, LOCATED_IN);
        }
        Responsible {
            code: residence.map(AuthorityCode::as_str),
            by: resident,
            at: ORDINARY_RESIDENCE,
            presumed: false,
        }
    }

    /// Returns the codes of authorities that the message names, each with its pointer. An authority of the past may have been
    /// abolished since.
    pub fn places(&self) -> Vec<Place<'_>> {
        let person = &self.person;
        let now = |pointer, code| Place { pointer, code, of_the_past: false };
        let cared_for = self.cared_for.as_ref().and_then(|adult| adult.ordinary_residence.as_ref());
        [
            person.ordinary_residence.as_ref().map(|code| now(ORDINARY_RESIDENCE, code.as_str())),
            person.held_in.as_ref().map(|code| now(HELD_IN, code.as_str())),
            person.located_in.as_ref().map(|code| now(LOCATED_IN, code.as_str())),
            person.resident_before_detention.as_ref().map(|code| Place {
                pointer: RESIDENT_BEFORE_DETENTION,
                code: code.as_str(),
                of_the_past: true,
            }),
            cared_for.map(|code| now(CARED_FOR, code.as_str())),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The code of an authority that a message names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'m> {
    /// The JSON pointer of the member.
    pub pointer: &'static str,
    /// The code.
    pub code: &'m str,
    /// Whether it may be a code that is not in force any more.
    pub of_the_past: bool,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::referrals::message::tests::{read, with};

    const PLACES: [&str; 5] = [
        "/person/ordinary_residence",
        "/person/held_in",
        "/person/located_in",
        "/person/resident_before_detention",
        "/cared_for/ordinary_residence",
    ];
    const CODES: [&str; 5] = ["E06000001", "E06000002", "E06000003", "E06000004", "E06000005"];

    /// Reads a message that names these places, each with the code of its number, and nobody's carer.
    fn message(function: &str, route: &str, named: &[usize], more: &[(&str, Value)]) -> ReferralMessage {
        let mut edits = vec![
            ("/function", json!(function)),
            ("/route_of_access", json!(route)),
            ("/discharge", Value::Null),
            ("/carer", Value::Null),
            ("/person/ordinary_residence", Value::Null),
        ];
        if named.contains(&4) {
            edits.push(("/cared_for", json!({ "name": "Ivor" })));
        }
        edits.extend(named.iter().map(|at| (PLACES[*at], json!(CODES[*at]))));
        edits.extend_from_slice(more);
        read(&with(&edits)).unwrap()
    }

    #[test]
    fn each_function_has_the_place_that_decides() {
        use ResponsibleBy::{CaredFor, HeldIn, LocatedIn, OrdinaryResidence, ResidentBeforeDetention};
        for function in Function::ALL {
            let responsible = |route: &str, named: &[usize]| {
                let message = message(function.as_str(), route, named, &[]);
                let Responsible { code, by, presumed, .. } = message.responsible();
                (code.map(str::to_owned), by, presumed)
            };
            let code = |at: usize| Some(CODES[at].to_owned());
            let (community, prison) = ("Community / Other route", "Prison");
            let (decides, by) = match function {
                Function::SafeguardingEnquiry => (2, LocatedIn),
                Function::Section117Aftercare => (3, ResidentBeforeDetention),
                Function::CarersAssessment | Function::ChildsCarerAssessment | Function::YoungCarerAssessment => {
                    (4, CaredFor)
                }
                _ => {
                    assert_eq!(responsible(community, &[]), (None, OrdinaryResidence, false), "{function:?}");
                    assert_eq!(
                        responsible(community, &[0, 2, 3, 4]),
                        (code(0), OrdinaryResidence, false),
                        "{function:?}"
                    );
                    assert_eq!(responsible(community, &[0, 1, 2, 3, 4]), (code(1), HeldIn, false), "{function:?}");
                    assert_eq!(responsible(prison, &[0, 1]), (code(1), HeldIn, false), "{function:?}");
                    assert_eq!(responsible(prison, &[0]), (None, HeldIn, true), "{function:?}");
                    continue;
                }
            };
            for route in [community, prison] {
                let others: Vec<usize> = (0..4).filter(|at| *at != decides).collect();
                assert_eq!(responsible(route, &others), (None, by, true), "{function:?} {route}");
                assert_eq!(responsible(route, &[0, 1, 2, 3, 4]), (code(decides), by, false), "{function:?} {route}");
            }
        }
    }

    #[test]
    fn a_message_that_names_the_carer_is_about_the_adult_cared_for() {
        let carer = ("/carer", json!({ "name": "Gwen" }));
        for (route, named, code, by, presumed) in [
            ("Self-Funder", vec![], None, ResponsibleBy::CaredFor, false),
            ("Self-Funder", vec![0], Some(CODES[0]), ResponsibleBy::CaredFor, false),
            ("Self-Funder", vec![0, 1], Some(CODES[1]), ResponsibleBy::HeldIn, false),
            ("Prison", vec![0], None, ResponsibleBy::HeldIn, true),
            ("Prison", vec![0, 4], Some(CODES[4]), ResponsibleBy::CaredFor, false),
        ] {
            let message = message("carers_assessment", route, &named, std::slice::from_ref(&carer));
            let found = message.responsible();
            assert_eq!((found.code, found.by, found.presumed), (code, by, presumed), "{route} {named:?}");
        }
    }

    #[test]
    fn who_has_no_settled_residence_is_for_the_council_where_they_are() {
        use ResponsibleBy::{HeldIn, OrdinaryResidence, PresentIn};
        let sleeps = |status: &str| ("/person/accommodation_status", json!(status));
        let stays = |reason: &str| {
            ("/person/temporary_address", json!({ "lines": ["Ward 7"], "postcode": "SY3 8XQ", "reason": reason }))
        };
        let at = |postcode: &str| ("/person/address", json!({ "lines": ["No fixed abode"], "postcode": postcode }));
        let community = "Community / Other route";
        for (route, named, homeless, code, by, presumed) in [
            (community, vec![2], sleeps("Rough sleeper or squatting"), Some(CODES[2]), PresentIn, false),
            (
                community,
                vec![2],
                sleeps("Night shelter, emergency hostel or direct access hostel"),
                Some(CODES[2]),
                PresentIn,
                false,
            ),
            (community, vec![2], stays("homeless"), Some(CODES[2]), PresentIn, false),
            (community, vec![2], at("ZZ99 3VZ"), Some(CODES[2]), PresentIn, false),
            (community, vec![2], at("ZZ99 3WZ"), None, OrdinaryResidence, false),
            (community, vec![], stays("homeless"), None, PresentIn, true),
            // A council that names a residence has settled it.
            (community, vec![0, 2], stays("homeless"), Some(CODES[0]), OrdinaryResidence, false),
            (community, vec![1, 2], stays("homeless"), Some(CODES[1]), HeldIn, false),
            ("Prison", vec![2], stays("homeless"), None, HeldIn, true),
            (community, vec![2], stays("hospital"), None, OrdinaryResidence, false),
            (community, vec![2], sleeps("Refuge"), None, OrdinaryResidence, false),
            (community, vec![2], sleeps("Tenant: Private landlord"), None, OrdinaryResidence, false),
        ] {
            let message = message("needs_assessment", route, &named, std::slice::from_ref(&homeless));
            let found = message.responsible();
            assert_eq!((found.code, found.by, found.presumed), (code, by, presumed), "{route} {named:?} {homeless:?}");
        }
        let (carer, homeless) = (("/carer", json!({ "name": "Gwen" })), stays("homeless"));
        let turned = message("carers_assessment", community, &[2], &[carer, homeless]);
        assert_eq!((turned.responsible().code, turned.responsible().by), (Some(CODES[2]), PresentIn));
    }

    #[test]
    fn urgent_needs_of_somebody_resident_outside_england_are_for_the_council_where_they_are() {
        let resident = [("/person/ordinary_residence", json!("W06000023"))];
        for (named, code, presumed) in [(vec![2], Some(CODES[2]), false), (vec![], None, true)] {
            let message = message("urgent_needs", "Self-Funder", &named, &resident);
            let found = message.responsible();
            assert_eq!((found.code, found.by, found.presumed), (code, ResponsibleBy::PresentIn, presumed));
        }
        let other = message("needs_assessment", "Self-Funder", &[2], &resident);
        assert_eq!((other.responsible().code, other.responsible().at), (Some("W06000023"), PLACES[0]));
    }

    #[test]
    fn every_code_is_named_with_its_pointer_and_one_may_be_of_the_past() {
        let message = message("review", "Prison", &[0, 1, 2, 3, 4], &[]);
        let places = message.places();
        for (place, (pointer, code)) in places.iter().zip(PLACES.into_iter().zip(CODES)) {
            let of_the_past = pointer == "/person/resident_before_detention";
            assert_eq!(*place, Place { pointer, code, of_the_past });
        }
        assert_eq!(places.len(), PLACES.len());
    }

    #[test]
    fn who_is_not_named_is_the_sender() {
        let sender = GssCode::parse("E06000051").unwrap();
        let message = message(
            "safeguarding_enquiry",
            "Prison",
            &[],
            &[("/instruction", crate::referrals::example::instruction())],
        );
        let shown = message.responsible().shown(&sender);
        assert_eq!((shown.code.as_str(), shown.by, shown.presumed), ("E06000051", ResponsibleBy::LocatedIn, true));
    }
}
