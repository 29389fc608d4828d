//! The grounds of adverse actions. Each action has its own grounds, and the ground alone decides what happens: a complaint
//! never does. The table is data, so that a rule of the law stands in one line.

use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::words::sql_text::{closed_codes, text_value};

closed_codes! {
    /// An action that may harm the person about whom it is.
    pub enum AdverseAction {
        /// A case is closed.
        Closing = "closing",
        /// A case is taken from the worker to whom it is allocated.
        MovingWorkerOff = "moving_worker_off",
        /// A service or a direct payment is ended, suspended or reduced.
        EndingService = "ending_service",
        /// An assessment, a review or a change of worker is refused or postponed.
        RefusingAssessment = "refusing_assessment",
        /// A warning note is written, or contact or the record is restricted.
        WarningOrRestriction = "warning_or_restriction",
        /// A referral is declined.
        DecliningReferral = "declining_referral",
    }
}

closed_codes! {
    /// The ground of an adverse action.
    pub enum Ground {
        /// The person died.
        Died = "died",
        /// The person agreed, and nothing is taken away from them.
        AgreedWithPerson = "agreed_with_person",
        /// Another authority has taken the work over, and confirmed it.
        TakenOver = "taken_over",
        /// The work is complete, and the person's agreement to the closing is not on record.
        WorkComplete = "work_complete",
        /// The person, or somebody who speaks for them, does not agree.
        Contested = "contested",
        /// The person cannot be reached.
        NoContact = "no_contact",
        /// The person is not, or no longer, eligible.
        NotEligible = "not_eligible",
        /// Services that the person has are affected.
        ServicesAffected = "services_affected",
        /// It is in doubt whether the person has capacity to agree.
        CapacityInDoubt = "capacity_in_doubt",
        /// Somebody is a hazard to staff or others.
        Hazard = "hazard",
        /// A safeguarding plan asks for the action.
        SafeguardingPlan = "safeguarding_plan",
        /// A court directs the action.
        CourtDirection = "court_direction",
        /// The worker is absent.
        WorkerAbsent = "worker_absent",
        /// The worker has a conflict of interest.
        WorkerInConflict = "worker_in_conflict",
        /// The council instructs the practice, without further words.
        CouncilInstruction = "council_instruction",
        /// The worker left the practice.
        WorkerLeft = "worker_left",
        /// The person asked for the action.
        PersonAsked = "person_asked",
        /// The provider stopped, and an interim arrangement is named.
        ProviderStopped = "provider_stopped",
        /// The person refused the assessment, and Care Act 2014 s11(2) was considered.
        PersonRefused = "person_refused",
        /// No delegation in force covers the referral.
        NoDelegation = "no_delegation",
        /// The council withdrew the referral.
        Withdrawn = "withdrawn",
        /// The referral is out of the practice's area by the contract.
        OutsideArea = "outside_area",
        /// There is another reason, given in words.
        Other = "other",
    }
}

/// The consequence of a ground: when an action takes effect, and whether a second person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The action takes effect at once, and a second person reviews it within 3 working days. An overdue review goes
    /// to the next signatory and never lapses.
    AtOnceThenReviewed,
    /// The action takes effect at once, and the council that instructed it reviews it.
    AtOnceForTheCouncil,
    /// The action takes effect at once, with evidence. A seeded sample is confirmed with the person from outside.
    AtOnceWithEvidence,
    /// The action waits for an independent signature. After 2 working days the request goes to the next signatory.
    Countersigned,
    /// The action takes effect as the contract between the council and the practice says. A contract that says nothing lets it
    /// take effect at once: the council is told why, and decides what follows.
    AsContracted,
}

impl Effect {
    /// Whether the council confirms from outside what took effect: all of it, or a sample.
    pub const fn is_confirmed(self) -> bool {
        matches!(self, Self::AtOnceForTheCouncil | Self::AtOnceWithEvidence)
    }
}

/// The grounds of one action that have the same effect.
type Cell = (Effect, &'static [Ground]);

/// The table of actions and grounds: a row for each action, with its cells. A worker's absence gives the case to another worker
/// and never closes it. A provider that stopped, or a move, ends no duty (Care Act 2014 ss 18, 37 to 38 and 48), so neither is a
/// ground for closing.
const TABLE: &[(AdverseAction, &[Cell])] = &[
    (
        AdverseAction::Closing,
        &[
            (Effect::AtOnceWithEvidence, &[Ground::Died, Ground::AgreedWithPerson, Ground::TakenOver]),
            (
                Effect::Countersigned,
                &[
                    Ground::WorkComplete,
                    Ground::Contested,
                    Ground::NoContact,
                    Ground::NotEligible,
                    Ground::ServicesAffected,
                    Ground::CapacityInDoubt,
                    Ground::Other,
                ],
            ),
        ],
    ),
    (
        AdverseAction::MovingWorkerOff,
        &[
            (
                Effect::AtOnceThenReviewed,
                &[Ground::Hazard, Ground::CourtDirection, Ground::WorkerAbsent, Ground::WorkerInConflict],
            ),
            (Effect::AtOnceForTheCouncil, &[Ground::CouncilInstruction]),
            (Effect::AtOnceWithEvidence, &[Ground::WorkerLeft, Ground::PersonAsked]),
            (Effect::Countersigned, &[Ground::Other]),
        ],
    ),
    (
        AdverseAction::EndingService,
        &[
            (
                Effect::AtOnceThenReviewed,
                &[Ground::Hazard, Ground::SafeguardingPlan, Ground::CourtDirection, Ground::ProviderStopped],
            ),
            (Effect::AtOnceWithEvidence, &[Ground::PersonAsked]),
            (Effect::Countersigned, &[Ground::NotEligible, Ground::Other]),
        ],
    ),
    (
        AdverseAction::RefusingAssessment,
        &[(Effect::AtOnceWithEvidence, &[Ground::PersonRefused]), (Effect::Countersigned, &[Ground::Other])],
    ),
    (
        AdverseAction::WarningOrRestriction,
        &[
            (Effect::AtOnceThenReviewed, &[Ground::Hazard, Ground::SafeguardingPlan, Ground::CourtDirection]),
            (Effect::Countersigned, &[Ground::Other]),
        ],
    ),
    (
        AdverseAction::DecliningReferral,
        &[
            (Effect::AtOnceWithEvidence, &[Ground::NoDelegation, Ground::Withdrawn, Ground::OutsideArea]),
            (Effect::AsContracted, &[Ground::Other]),
        ],
    ),
];

impl AdverseAction {
    fn cells(self) -> impl Iterator<Item = &'static Cell> {
        TABLE.iter().filter(move |(action, _)| *action == self).flat_map(|(_, cells)| cells.iter())
    }

    /// Returns what happens when the action is asked for on this ground; `None` if it is no ground for the action.
    pub fn effect(self, ground: Ground) -> Option<Effect> {
        self.cells().find(|(_, grounds)| grounds.contains(&ground)).map(|(effect, _)| *effect)
    }

    /// Returns the grounds of the action, in the order of the table.
    pub fn grounds(self) -> impl Iterator<Item = Ground> {
        self.cells().flat_map(|(_, grounds)| grounds.iter().copied())
    }

    /// Reads a ground of the action. A word that is none, and a ground that belongs to other actions, is refused with the
    /// words that are allowed.
    pub fn ground(self, word: &str) -> Result<(Ground, Effect), InvalidValue> {
        let ground = Ground::parse(word).ok();
        ground.and_then(|ground| Some((ground, self.effect(ground)?))).ok_or_else(|| {
            let words: Vec<&str> = self.grounds().map(Ground::as_str).collect();
            InvalidValue::new(format!("must be one of: {}", words.join(", ")))
        })
    }
}

/// Makes a type for the grounds of one action: a ground that was read knows its effect.
macro_rules! grounds_of_an_action {
    ($($(#[doc = $doc:literal])+ $name:ident = $action:ident;)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(
                Clone,
                Copy,
                Debug,
                PartialEq,
                Eq,
                diesel::expression::AsExpression,
                diesel::deserialize::FromSqlRow,
                serde::Serialize,
                serde::Deserialize,
            )]
            #[serde(try_from = "String", into = "String")]
            #[diesel(sql_type = diesel::sql_types::Text)]
            pub struct $name {
                ground: Ground,
                effect: Effect,
            }

            impl $name {
                /// Reads a ground of this action.
                pub fn parse(word: &str) -> Result<Self, InvalidValue> {
                    AdverseAction::$action.ground(word).map(|(ground, effect)| Self { ground, effect })
                }

                /// Returns the word that stands for the ground.
                pub const fn as_str(&self) -> &'static str {
                    self.ground.as_str()
                }

                /// Returns the ground among those of all actions.
                pub const fn ground(self) -> Ground {
                    self.ground
                }

                /// Returns the effect that the action has on this ground.
                pub const fn effect(self) -> Effect {
                    self.effect
                }
            }

            text_value!(
                [] $name, derived,
                name: stringify!($name),
                schema: ObjectBuilder::new()
                    .description(Some([$($doc.trim()),+].join("\n")))
                    .enum_values(Some(AdverseAction::$action.grounds().map(Ground::as_str).collect::<Vec<_>>())),
            );
        )+
    };
}

grounds_of_an_action! {
    /// A ground for closing a case. It alone decides what happens; a complaint never does.
    ClosingGround = Closing;
    /// A ground for taking a case from the worker who has it. It alone decides what happens; a complaint never does.
    MovingGround = MovingWorkerOff;
    /// A ground for restricting a record. It alone decides what happens; a complaint never does.
    RestrictionGround = WarningOrRestriction;
    /// A ground for writing a warning note. It alone decides what happens; a complaint never does.
    WarningGround = WarningOrRestriction;
}

impl RestrictionGround {
    /// The ground of a restriction that came with a referral: nobody chose one.
    pub const OTHER: Self = Self { ground: Ground::Other, effect: Effect::Countersigned };
}

impl WarningGround {
    /// The ground of a warning note that takes over the warning of a council.
    pub const HAZARD: Self = Self { ground: Ground::Hazard, effect: Effect::AtOnceThenReviewed };
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Each action with its cells, as the rule has them: R is reviewed, I is the council's instruction, E is with evidence,
    /// W waits, C is as the contract says. A ground that is not named here is none.
    const EXPECTED: &[(&str, &str)] = &[
        (
            "closing",
            "E died, E agreed_with_person, E taken_over, W work_complete, W contested, W no_contact, W not_eligible, \
             W services_affected, W capacity_in_doubt, W other",
        ),
        (
            "moving_worker_off",
            "R hazard, R court_direction, R worker_absent, R worker_in_conflict, I council_instruction, E worker_left, \
             E person_asked, W other",
        ),
        (
            "ending_service",
            "R hazard, R safeguarding_plan, R court_direction, R provider_stopped, E person_asked, W not_eligible, W other",
        ),
        ("refusing_assessment", "E person_refused, W other"),
        ("warning_or_restriction", "R hazard, R safeguarding_plan, R court_direction, W other"),
        ("declining_referral", "E no_delegation, E withdrawn, E outside_area, C other"),
    ];

    #[test]
    fn every_cell_of_the_table_is_as_the_rule_says() {
        let actions: Vec<&str> = AdverseAction::ALL.iter().map(|action| action.as_str()).collect();
        assert_eq!(EXPECTED.iter().map(|(action, _)| *action).collect::<Vec<_>>(), actions);
        for (action, cells) in EXPECTED {
            let action = AdverseAction::parse(action).unwrap();
            let cells: Vec<(&str, &str)> = cells.split(", ").map(|cell| cell.split_once(' ').unwrap()).collect();
            for ground in Ground::ALL {
                let expected =
                    cells.iter().find(|(_, word)| *word == ground.as_str()).map(|(effect, _)| match *effect {
                        "R" => Effect::AtOnceThenReviewed,
                        "I" => Effect::AtOnceForTheCouncil,
                        "E" => Effect::AtOnceWithEvidence,
                        "C" => Effect::AsContracted,
                        _ => Effect::Countersigned,
                    });
                assert_eq!(action.effect(*ground), expected, "{action} {ground}");
                assert_eq!(action.ground(ground.as_str()).ok(), expected.map(|effect| (*ground, effect)));
            }
            assert_eq!(
                action.grounds().map(Ground::as_str).collect::<Vec<_>>(),
                cells.iter().map(|(_, word)| *word).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn a_ground_has_one_cell_of_an_action_and_each_ground_belongs_to_an_action() {
        let mut used = BTreeSet::new();
        for action in AdverseAction::ALL {
            let grounds: Vec<Ground> = action.grounds().collect();
            assert_eq!(grounds.iter().collect::<BTreeSet<_>>().len(), grounds.len(), "{action}");
            assert!(grounds.contains(&Ground::Other), "{action}: what is not foreseen waits");
            used.extend(grounds);
        }
        assert_eq!(used.len(), Ground::ALL.len());
        assert_eq!(RestrictionGround::parse("other"), Ok(RestrictionGround::OTHER));
        assert_eq!(WarningGround::parse("hazard"), Ok(WarningGround::HAZARD));
    }

    #[test]
    fn what_is_no_ground_for_closing_is_refused_with_the_grounds_that_are() {
        for word in ["worker_absent", "provider_stopped", "moved_away", "person_asked", "hazard", "Died", ""] {
            let refused = ClosingGround::parse(word).unwrap_err().to_string();
            assert_eq!(
                refused,
                "must be one of: died, agreed_with_person, taken_over, work_complete, contested, no_contact, not_eligible, \
                 services_affected, capacity_in_doubt, other",
                "{word}"
            );
        }
    }
}
