//! The routing of a council's request to a practice, with the explanation.

use crate::fault::Fault;
use crate::ids::{ContractId, PracticeId};
use crate::referrals::deadlines::Periods;
use crate::refusal::Refusal;
use crate::words::postcode::District;
use crate::words::slug::Slug;
use crate::words::sql_text::closed_codes;

closed_codes! {
    /// The rule that routed a request.
    pub enum Strategy {
        /// The person chose the practice. This outranks every other rule.
        Choice = "choice",
        /// The council preferred the practice.
        CouncilPreference = "council_preference",
        /// The practice serves the person's postcode district and has the most free capacity.
        MostFreeCapacity = "most_free_capacity",
        /// The council named the practice after no rule had found one, or after another practice had not taken the
        /// request.
        NamedByCouncil = "named_by_council",
        /// No rule found a practice.
        Unrouted = "unrouted",
    }
}

/// A practice to which the council may send this request today: their contract is in force and covers its function.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The identifier of the practice.
    pub practice_id: PracticeId,
    /// The practice's name in URLs and messages.
    pub slug: Slug,
    /// The contract under which the request would be sent.
    pub contract_id: ContractId,
    /// The number of pieces of work that the practice has capacity for; negative if it holds more than it should.
    pub free_capacity: i32,
    /// Whether the practice serves the district of the person's address.
    pub serves_district: bool,
    /// The periods of the contract, and the hours in which they count.
    pub periods: Periods,
}

/// The result of routing a request.
#[derive(Clone, Debug)]
pub struct Routing {
    /// The rule that decided.
    pub strategy: Strategy,
    /// The explanation, in a sentence for the council.
    pub explanation: String,
    /// The practice to which the request goes, unless no rule found one.
    pub to: Option<Candidate>,
}

/// A request names a practice to which it cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misnamed {
    /// The person chose the practice.
    Choice,
    /// The council preferred the practice.
    Preference,
}

impl Misnamed {
    /// Returns the fault of the member that names the practice.
    pub fn fault(self) -> Fault {
        let pointer = match self {
            Self::Choice => "/chosen_practice",
            Self::Preference => "/preferred_practice",
        };
        Fault::new(pointer, Refusal::NotUnderContract.to_string())
    }
}

/// Returns the routing to a practice that the council names, for a request that no rule could route or that a practice
/// did not take.
pub fn named_by_council(practice: &Slug, candidates: Vec<Candidate>) -> Result<Routing, Vec<Fault>> {
    let named = candidates.into_iter().find(|candidate| candidate.slug == *practice);
    let to = named.ok_or_else(|| vec![Fault::new("/practice", Refusal::NotUnderContract.to_string())])?;
    Ok(Routing {
        strategy: Strategy::NamedByCouncil,
        explanation: "The council named this practice.".to_owned(),
        to: Some(to),
    })
}

/// Routes a request: the person's choice, else the council's preference, else the practice that serves the district and
/// has the most free capacity (the first by slug among equals), else none. A named practice to which the request cannot
/// be sent is an error rather than passed over, so that a choice is never lost silently.
pub fn route(
    chosen: Option<&Slug>,
    preferred: Option<&Slug>,
    district: Option<&District>,
    candidates: Vec<Candidate>,
) -> Result<Routing, Misnamed> {
    let find = |slug: &Slug| candidates.iter().find(|candidate| candidate.slug == *slug).cloned();
    if let Some(slug) = chosen {
        let to = find(slug).ok_or(Misnamed::Choice)?;
        return Ok(Routing {
            strategy: Strategy::Choice,
            explanation: "The person chose this practice; their choice outranks every other rule.".to_owned(),
            to: Some(to),
        });
    }
    if let Some(slug) = preferred {
        let to = find(slug).ok_or(Misnamed::Preference)?;
        return Ok(Routing {
            strategy: Strategy::CouncilPreference,
            explanation: "The person made no choice; the council prefers this practice.".to_owned(),
            to: Some(to),
        });
    }
    let Some(district) = district else {
        return Ok(unrouted("The message has no choice, no preference and no postcode: name a practice.".to_owned()));
    };
    let serving: Vec<&Candidate> = candidates.iter().filter(|candidate| candidate.serves_district).collect();
    let best = serving
        .iter()
        .filter(|candidate| candidate.free_capacity > 0)
        .max_by(|a, b| a.free_capacity.cmp(&b.free_capacity).then_with(|| b.slug.cmp(&a.slug)));
    Ok(match best {
        Some(best) => Routing {
            strategy: Strategy::MostFreeCapacity,
            explanation: format!(
                "Of {} under contract that serve {district}, this one has the most free capacity ({}).",
                count(serving.len()),
                best.free_capacity
            ),
            to: Some((*best).clone()),
        },
        None if serving.is_empty() => {
            unrouted(format!("No practice under contract for this function serves {district}: name a practice."))
        }
        None => unrouted(format!("Every practice under contract that serves {district} is full: name a practice.")),
    })
}

/// Returns the routing of a request that this practice did not answer in time, and that came back to the council.
pub fn unanswered(practice: &str) -> Routing {
    unrouted(format!("{practice} did not answer in time, and does not have the referral any more: name a practice."))
}

fn unrouted(explanation: String) -> Routing {
    Routing { strategy: Strategy::Unrouted, explanation, to: None }
}

fn count(practices: usize) -> String {
    if practices == 1 { "1 practice".to_owned() } else { format!("{practices} practices") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenancy::opening_hours::OpeningHours;

    fn candidate(slug: &str, free_capacity: i32, serves_district: bool) -> Candidate {
        Candidate {
            practice_id: PracticeId::from(uuid::Uuid::nil()),
            slug: Slug::parse(slug).unwrap(),
            contract_id: ContractId::from(uuid::Uuid::nil()),
            free_capacity,
            serves_district,
            periods: Periods {
                response_working_days: 5,
                urgent_response_working_days: 2,
                immediate_minutes: 120,
                urgent_minutes: 480,
                opening_hours: OpeningHours::USUAL,
            },
        }
    }

    fn routed(chosen: Option<&str>, preferred: Option<&str>, district: Option<&str>) -> (Strategy, Option<String>) {
        let candidates = vec![
            candidate("abbey", 3, true),
            candidate("bridge", 9, true),
            candidate("castle", 9, true),
            candidate("dale", 0, false),
        ];
        let slug = |name: &str| Slug::parse(name).unwrap();
        let routing = route(
            chosen.map(slug).as_ref(),
            preferred.map(slug).as_ref(),
            district.map(|d| District::parse(d).unwrap()).as_ref(),
            candidates,
        )
        .unwrap();
        (routing.strategy, routing.to.map(|to| to.slug.to_string()))
    }

    #[test]
    fn the_persons_choice_outranks_the_councils_preference_even_when_the_practice_is_full() {
        assert_eq!(routed(Some("dale"), Some("abbey"), Some("SY1")), (Strategy::Choice, Some("dale".to_owned())));
        assert_eq!(routed(None, Some("abbey"), Some("SY1")), (Strategy::CouncilPreference, Some("abbey".to_owned())));
    }

    #[test]
    fn without_a_name_the_most_free_capacity_decide_and_the_slug_among_equals() {
        assert_eq!(routed(None, None, Some("SY1")), (Strategy::MostFreeCapacity, Some("bridge".to_owned())));
    }

    #[test]
    fn a_choice_that_cannot_be_met_is_an_error_and_not_another_practice() {
        let slug = Slug::parse("elsewhere").unwrap();
        assert_eq!(route(Some(&slug), None, None, vec![candidate("abbey", 3, true)]).unwrap_err(), Misnamed::Choice);
        assert_eq!(
            route(None, Some(&slug), None, vec![candidate("abbey", 3, true)]).unwrap_err(),
            Misnamed::Preference
        );
    }

    #[test]
    fn a_practice_to_which_the_council_may_not_send_is_a_fault_of_whoever_named_it() {
        let routing = named_by_council(&Slug::parse("abbey").unwrap(), vec![candidate("abbey", 0, false)]).unwrap();
        assert_eq!((routing.strategy, routing.to.unwrap().slug.as_str()), (Strategy::NamedByCouncil, "abbey"));
        let elsewhere = named_by_council(&Slug::parse("elsewhere").unwrap(), vec![candidate("abbey", 3, true)]);
        let mut faults = elsewhere.unwrap_err();
        faults.extend([Misnamed::Choice.fault(), Misnamed::Preference.fault()]);
        for (fault, pointer) in faults.iter().zip(["/practice", "/chosen_practice", "/preferred_practice"]) {
            assert_eq!((fault.pointer.as_str(), &fault.detail), (pointer, &Refusal::NotUnderContract.to_string()));
        }
    }

    #[test]
    fn nothing_to_go_by_nobody_serving_and_all_full_are_each_said() {
        let district = District::parse("SY1").unwrap();
        let why = |district, candidates| route(None, None, district, candidates).unwrap().explanation;
        assert!(why(None, vec![candidate("abbey", 3, true)]).contains("no postcode"));
        assert!(why(Some(&district), vec![candidate("abbey", 3, false)]).contains("serves SY1"));
        assert!(why(Some(&district), vec![candidate("abbey", 0, true)]).contains("is full"));
    }
}
