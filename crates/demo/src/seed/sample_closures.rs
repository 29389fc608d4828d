//! Sample closures of cases. All of it is made up.

/// A request to close a case.
pub(super) struct CaseClosure {
    pub(super) ground: &'static str,
    pub(super) outcome: &'static str,
    pub(super) reason: &'static str,
    /// The evidence that the ground is true.
    pub(super) evidence: Option<&'static str>,
}

const fn closure(
    ground: &'static str,
    outcome: &'static str,
    reason: &'static str,
    evidence: Option<&'static str>,
) -> CaseClosure {
    CaseClosure { ground, outcome, reason, evidence }
}

/// Closures that take effect at once, on evidence.
pub(super) const CLOSURES_ON_EVIDENCE: [CaseClosure; 4] = [
    closure(
        "died",
        "NFA: Deceased",
        "They died in hospital on Sunday.",
        Some("The ward sister's call and the GP's message."),
    ),
    closure(
        "moved_away",
        "NFA: Responsibility moved to another local authority",
        "They have moved in with their son in Northumberland.",
        Some("Letter from Northumberland, which has taken the case on."),
    ),
    closure(
        "provider_stopped",
        "NFA: Support ended for other reason",
        "The day centre has closed; they have found a club by themselves and want nothing in its stead.",
        Some("The centre's letter, and what they told me on the telephone."),
    ),
    closure(
        "person_asked",
        "NFA: Support declined",
        "They asked me to stop coming: they manage, and will ring if that changes.",
        Some("Their own letter, which is in the file."),
    ),
];

/// Closures that take effect at once to protect somebody, and are reviewed by a second person afterwards.
pub(super) const PROTECTIVE_CLOSURES: [CaseClosure; 6] = [
    closure(
        "hazard",
        "NFA: Support ended for other reason",
        "The ceiling has come down; nobody may go in until the landlord has made it safe.",
        None,
    ),
    closure(
        "safeguarding_plan",
        "Progress to support planning or services",
        "The safeguarding plan of this week has the council's own team take over.",
        None,
    ),
    closure(
        "worker_absent",
        "Continuation of support or services",
        "The worker is off for months; the council's team continues meanwhile.",
        None,
    ),
    closure(
        "worker_in_conflict",
        "NFA: Referral to other service within the local authority",
        "It turned out that the worker's brother is the landlord.",
        None,
    ),
    closure(
        "worker_under_allegation",
        "Continuation of support or services",
        "An allegation is being looked into; the council's team continues meanwhile.",
        None,
    ),
    closure(
        "court_direction",
        "NFA: Referral to other service within the local authority",
        "The Court of Protection has directed that the council does the assessment.",
        None,
    ),
];

/// Closures that take effect once a second person has agreed.
pub(super) const COUNTERSIGNED_CLOSURES: [CaseClosure; 4] = [
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
        "other",
        "NFA: Other",
        "Another practice has been working on the very same request since the summer; they prefer to stay there.",
        None,
    ),
];
