//! The routing of a council's request to a practice, with the explanation.

use crate::contracts::readiness::Readiness;
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
    /// What the practice must have before a referral can be sent to it.
    pub readiness: Readiness,
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

/// Finds the practice that a request names at this place. One that is not under contract for the function, or is not ready,
/// is a fault there.
fn named(candidates: &[Candidate], slug: &Slug, pointer: &str) -> Result<Candidate, Fault> {
    let named = candidates.iter().find(|candidate| candidate.slug == *slug);
    let named = named.ok_or_else(|| Fault::new(pointer, Refusal::NotUnderContract.to_string()))?;
    match named.readiness.missing() {
        None => Ok(named.clone()),
        Some(missing) => Err(Fault::new(pointer, format!("is not ready to be sent referrals: it has {missing}"))),
    }
}

/// Returns the routing to a practice that the council names, for a request that no rule could route or that a practice
/// did not take.
pub fn named_by_council(practice: &Slug, candidates: &[Candidate]) -> Result<Routing, Fault> {
    Ok(Routing {
        strategy: Strategy::NamedByCouncil,
        explanation: "The council named this practice.".to_owned(),
        to: Some(named(candidates, practice, "/practice")?),
    })
}

/// Routes a request: the person's choice, else the council's preference, else the practice that serves the district and
/// has the most free capacity (the first by slug among equals), else none. A named practice to which the request cannot
/// be sent is an error rather than passed over, so that a choice is never lost silently. No rule finds a practice that is not
/// ready.
pub fn route(
    chosen: Option<&Slug>,
    preferred: Option<&Slug>,
    district: Option<&District>,
    candidates: &[Candidate],
) -> Result<Routing, Fault> {
    if let Some(slug) = chosen {
        let to = named(candidates, slug, "/chosen_practice")?;
        return Ok(Routing {
            strategy: Strategy::Choice,
            explanation: "The person chose this practice; their choice outranks every other rule.".to_owned(),
            to: Some(to),
        });
    }
    if let Some(slug) = preferred {
        let to = named(candidates, slug, "/preferred_practice")?;
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
    let ready: Vec<&&Candidate> = serving.iter().filter(|candidate| candidate.readiness.is_ready()).collect();
    let best = ready
        .iter()
        .filter(|candidate| candidate.free_capacity > 0)
        .max_by(|a, b| a.free_capacity.cmp(&b.free_capacity).then_with(|| b.slug.cmp(&a.slug)));
    Ok(match best {
        Some(best) => Routing {
            strategy: Strategy::MostFreeCapacity,
            explanation: format!(
                "Of {} under contract that serve {district}, this one has the most free capacity ({}).",
                count(ready.len()),
                best.free_capacity
            ),
            to: Some((**best).clone()),
        },
        None if serving.is_empty() => {
            unrouted(format!("No practice under contract for this function serves {district}: name a practice."))
        }
        None if ready.is_empty() => unrouted(format!(
            "No practice under contract that serves {district} is ready to be sent referrals: name a practice."
        )),
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

    const READY: Readiness = Readiness { has_worker: true, is_insured: true, has_agreement: true };

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
            readiness: READY,
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
            &candidates,
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
    fn a_practice_to_which_the_council_may_not_send_is_a_fault_where_it_is_named() {
        let slug = |name: &str| Slug::parse(name).unwrap();
        let unready = Candidate { readiness: Readiness { is_insured: false, ..READY }, ..candidate("bridge", 9, true) };
        let candidates = [candidate("abbey", 0, false), unready];
        let chosen = |name: &str| route(Some(&slug(name)), None, None, &candidates);
        let preferred = |name: &str| route(None, Some(&slug(name)), None, &candidates);
        let by_council = |name: &str| named_by_council(&slug(name), &candidates);
        for (name, strategy, detail) in [
            ("abbey", true, ""),
            ("elsewhere", false, Refusal::NotUnderContract.to_string().as_str()),
            ("bridge", false, "is not ready to be sent referrals: it has no insurance on record"),
        ] {
            for (routing, decides, pointer) in [
                (chosen(name), Strategy::Choice, "/chosen_practice"),
                (preferred(name), Strategy::CouncilPreference, "/preferred_practice"),
                (by_council(name), Strategy::NamedByCouncil, "/practice"),
            ] {
                match routing {
                    Ok(routing) => {
                        assert!(strategy && routing.strategy == decides && routing.to.unwrap().slug == slug(name));
                    }
                    Err(fault) => assert_eq!((fault.pointer.as_str(), fault.detail.as_str()), (pointer, detail)),
                }
            }
        }
    }

    #[test]
    fn no_rule_finds_a_practice_that_is_not_ready() {
        let unready = Candidate { readiness: Readiness { has_worker: false, ..READY }, ..candidate("bridge", 9, true) };
        let district = District::parse("SY1").unwrap();
        let routed = |candidates: &[Candidate]| route(None, None, Some(&district), candidates).unwrap();
        assert_eq!(routed(&[candidate("abbey", 1, true), unready.clone()]).to.unwrap().slug.as_str(), "abbey");
        let nowhere = routed(&[unready]);
        assert_eq!(nowhere.strategy, Strategy::Unrouted);
        assert!(nowhere.explanation.contains("is ready to be sent referrals"), "{}", nowhere.explanation);
    }

    #[test]
    fn nothing_to_go_by_nobody_serving_and_all_full_are_each_said() {
        let district = District::parse("SY1").unwrap();
        let why = |district, one: Candidate| route(None, None, district, &[one]).unwrap().explanation;
        assert!(why(None, candidate("abbey", 3, true)).contains("no postcode"));
        assert!(why(Some(&district), candidate("abbey", 3, false)).contains("serves SY1"));
        assert!(why(Some(&district), candidate("abbey", 0, true)).contains("is full"));
    }
}
