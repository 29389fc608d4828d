//! Sample closures of cases. All of it is made up.

/// A request to close a case.
pub(super) struct CaseClosure {
    pub(super) ground: &'static str,
    pub(super) outcome: &'static str,
    pub(super) reason: &'static str,
    /// The evidence that the ground is true: what, and from whom.
    pub(super) evidence: Option<(&'static str, &'static str)>,
}

const fn closure(
    ground: &'static str,
    outcome: &'static str,
    reason: &'static str,
    evidence: Option<(&'static str, &'static str)>,
) -> CaseClosure {
    CaseClosure { ground, outcome, reason, evidence }
}

/// Closures that take effect at once, on evidence.
pub(super) const CLOSURES_ON_EVIDENCE: [CaseClosure; 4] = [
    closure(
        "died",
        "NFA: Deceased",
        "They died in hospital on Sunday.",
        Some(("The sister of the ward rang and said so; the surgery wrote the same.", "The ward, and the surgery")),
    ),
    closure(
        "taken_over",
        "NFA: Responsibility moved to another local authority",
        "They have moved in with their son in Northumberland, which goes on with the work.",
        Some(("Northumberland wrote that it has taken the case on, and who the new worker is.", "Northumberland")),
    ),
    closure(
        "agreed_with_person",
        "Continuation of support or services",
        "The review is done, and the support that they have goes on as it is.",
        Some((
            "They said that it suits them. The letter was sent; the next review is in spring.",
            "The person, at home",
        )),
    ),
    closure(
        "agreed_with_person",
        "NFA: Support declined",
        "They manage by themselves, and will ring if that changes.",
        Some(("They wrote that nothing more is needed. The letter in answer was sent.", "Their own letter")),
    ),
];

/// Closures that take effect once a second person has agreed.
pub(super) const COUNTERSIGNED_CLOSURES: [CaseClosure; 6] = [
    closure(
        "work_complete",
        "Continuation of support or services",
        "The review is done and the plan is in place; nothing further was asked for.",
        None,
    ),
    closure(
        "not_eligible",
        "NFA: Information and advice or signposting",
        "The assessment found needs, but none that reach the threshold; advice was given.",
        None,
    ),
    closure(
        "no_contact",
        "NFA: No services offered for other reason",
        "Five calls, three letters and two visits at different hours: nobody answers.",
        None,
    ),
    closure(
        "contested",
        "NFA: Support ended for other reason",
        "The work that was asked for is done; her brother thinks that there should be more.",
        None,
    ),
    closure(
        "capacity_in_doubt",
        "Progress to support planning or services",
        "The council's own team goes on; he says yes to this, and may not have understood it.",
        None,
    ),
    closure(
        "other",
        "NFA: Other",
        "Another practice has been working on the very same request since the summer; they prefer to stay there.",
        None,
    ),
];
