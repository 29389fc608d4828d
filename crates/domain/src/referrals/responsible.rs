//! Which council is responsible for what a referral asks: each function of the Care Act 2014 has its own rule.

use serde::Serialize;
use utoipa::ToSchema;

use crate::contracts::function::Function;
use crate::referrals::example;
use crate::referrals::message::ReferralMessage;
use crate::referrals::terms::ResponsibleBy;
use crate::words::gss_code::{AuthorityCode, GssCode};

/// The council that a message makes responsible, and by which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Responsible<'m> {
    /// The code that the message names; `None` for the sender.
    pub code: Option<&'m str>,
    /// The rule that decides.
    pub by: ResponsibleBy,
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
    const fn named(code: &'m str, by: ResponsibleBy) -> Self {
        Self { code: Some(code), by, presumed: false }
    }

    const fn presumed(by: ResponsibleBy) -> Self {
        Self { code: None, by, presumed: true }
    }

    fn of(code: Option<&'m str>, by: ResponsibleBy) -> Self {
        code.map_or(Self::presumed(by), |code| Self::named(code, by))
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
    /// held (s76), or ordinarily resident (s39). A message that says nothing of ordinary residence means the sender's own area.
    pub fn responsible(&self) -> Responsible<'_> {
        use ResponsibleBy::{CaredFor, LocatedIn, ResidentBeforeDetention};
        match self.function {
            Function::SafeguardingEnquiry => {
                Responsible::of(self.person.located_in.as_ref().map(GssCode::as_str), LocatedIn)
            }
            Function::Section117Aftercare => {
                let code = self.person.resident_before_detention.as_ref().map(AuthorityCode::as_str);
                Responsible::of(code, ResidentBeforeDetention)
            }
            function if function.is_of_a_carer() => match (&self.cared_for, &self.carer) {
                (Some(adult), _) => {
                    Responsible::of(adult.ordinary_residence.as_ref().map(AuthorityCode::as_str), CaredFor)
                }
                // A message that names the carer is read the other way about: the person is the adult cared for.
                (None, Some(_)) => self.responsible_for_the_person(CaredFor),
                (None, None) => Responsible::presumed(CaredFor),
            },
            _ => self.responsible_for_the_person(ResponsibleBy::OrdinaryResidence),
        }
    }

    fn responsible_for_the_person(&self, resident: ResponsibleBy) -> Responsible<'_> {
        let person = &self.person;
        match (&person.held_in, &person.ordinary_residence) {
            (Some(code), _) => Responsible::named(code.as_str(), ResponsibleBy::HeldIn),
            (None, _) if self.route_of_access.is_prison() => Responsible::presumed(ResponsibleBy::HeldIn),
            (None, Some(code)) => Responsible::named(code.as_str(), resident),
            (None, None) => Responsible { code: None, by: resident, presumed: false },
        }
    }

    /// Returns the codes of authorities that the message names, each with its pointer. An authority of the past may have been
    /// abolished since.
    pub fn places(&self) -> Vec<Place<'_>> {
        let person = &self.person;
        let now = |pointer, code| Place { pointer, code, of_the_past: false };
        let cared_for = self.cared_for.as_ref().and_then(|adult| adult.ordinary_residence.as_ref());
        [
            person.ordinary_residence.as_ref().map(|code| now("/person/ordinary_residence", code.as_str())),
            person.held_in.as_ref().map(|code| now("/person/held_in", code.as_str())),
            person.located_in.as_ref().map(|code| now("/person/located_in", code.as_str())),
            person.resident_before_detention.as_ref().map(|code| Place {
                pointer: "/person/resident_before_detention",
                code: code.as_str(),
                of_the_past: true,
            }),
            cared_for.map(|code| now("/cared_for/ordinary_residence", code.as_str())),
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
                let Responsible { code, by, presumed } = message.responsible();
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
            assert_eq!(message.responsible(), Responsible { code, by, presumed }, "{route} {named:?}");
        }
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
