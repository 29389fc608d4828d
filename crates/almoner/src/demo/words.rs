//! What people write: councils, workers, managers, and those who complain. All of it is made up.

/// A kind of work: what the council asks, and what the worker notes.
pub(super) struct Theme {
    pub(super) function: &'static str,
    pub(super) route: &'static str,
    pub(super) support_reason: &'static str,
    pub(super) reason: &'static str,
    pub(super) notes: [(&'static str, &'static str); 3],
}

const COMMUNITY: &str = "Community / Other route";

pub(super) const THEMES: [Theme; 10] = [
    Theme {
        function: "needs_assessment",
        route: "Discharge from Hospital",
        support_reason: "Physical support: Personal care support",
        reason: "Is to go home after a fall in which a wrist was broken.\nManaged alone before, but cannot now wash or dress without help.",
        notes: [
            (
                "visit",
                "Saw them on the ward. Walks with a frame; worried about the stairs at home. Wants to sleep downstairs for now.",
            ),
            ("call", "Occupational therapy will bring a commode and a perching stool before Friday."),
            ("visit", "At home a week. Washes at the sink by themselves; a carer helps with dressing in the mornings."),
        ],
    },
    Theme {
        function: "needs_assessment",
        route: COMMUNITY,
        support_reason: "Support with memory and cognition",
        reason: "The GP writes that the memory clinic has diagnosed dementia. A neighbour found the gas left on twice.",
        notes: [
            (
                "visit",
                "Made me tea and told me about the allotment. Did not remember that I had rung. The neighbour joined us.",
            ),
            (
                "correspondence",
                "Sent the memory clinic's letter to the file. Power of attorney is registered for health and welfare.",
            ),
            (
                "meeting",
                "Met with the neighbour and the nephew. Gas isolation valve and a lunch club three days a week.",
            ),
        ],
    },
    Theme {
        function: "carers_assessment",
        route: COMMUNITY,
        support_reason: "Social support: Support to unpaid carer",
        reason: "Cares for a husband after a stroke and has not slept through since May. Asked for an assessment of their own.",
        notes: [
            (
                "visit",
                "Talked in the kitchen while the sitter was there. Would like one night's sleep and to go back to the choir.",
            ),
            ("call", "The sitting service can do Thursday evenings from next month."),
            ("note", "Direct payment for a carer's break discussed; they want to think it over."),
        ],
    },
    Theme {
        function: "review",
        route: COMMUNITY,
        support_reason: "Physical support: Access and mobility only",
        reason: "The yearly review of the care and support plan is due.",
        notes: [
            ("visit", "Went through the plan together. The morning call is too late for work; wants it at seven."),
            ("call", "The provider can move the call to 7.15 from Monday."),
            ("note", "The plan is changed and sent to them in large print."),
        ],
    },
    Theme {
        function: "support_planning",
        route: COMMUNITY,
        support_reason: "Learning disability support",
        reason: "Moves into a flat of their own in the spring and wants to plan the support there.",
        notes: [
            (
                "meeting",
                "First planning meeting, with the sister and an advocate. They brought pictures of what matters to them.",
            ),
            ("visit", "Looked at the flat together. The bus to college stops at the door."),
            ("note", "Draft plan in Easy Read handed over. They want fewer hours at the weekend, not more."),
        ],
    },
    Theme {
        function: "needs_assessment",
        route: COMMUNITY,
        support_reason: "Sensory support: Support for visual impairment",
        reason: "Registered severely sight impaired in the summer; no longer goes out alone.",
        notes: [
            (
                "visit",
                "Knows every step indoors. Outside, the kerbs are the trouble. Listens to cricket and to the news.",
            ),
            ("call", "Rehabilitation officer for visual impairment has a place for cane training."),
            ("visit", "Walked to the shop and back with the long cane. Proud of it."),
        ],
    },
    Theme {
        function: "needs_assessment",
        route: "Self-Funder",
        support_reason: "Social support: Support for social isolation or other",
        reason: "Pays for their own care; the savings will fall below the limit in about three months.",
        notes: [
            ("call", "Explained how the financial assessment works and what to have ready."),
            ("visit", "Content with the carers, and would not like to change. Lonely since the daughter moved."),
            ("correspondence", "Wrote to the council's finance team with the date on which the savings run out."),
        ],
    },
    Theme {
        function: "needs_assessment",
        route: COMMUNITY,
        support_reason: "Mental health support",
        reason: "The housing association is worried: post unopened since August, and the heating is off.",
        notes: [
            ("call", "Rang three times. On the third they answered and agreed to a visit if I come alone."),
            (
                "visit",
                "Spoke through the door first, then inside. Not eating much. Agreed to see the GP if I come along.",
            ),
            ("meeting", "Went to the GP together. Medication changed; community mental health team will ring."),
        ],
    },
    Theme {
        function: "information_and_advice",
        route: COMMUNITY,
        support_reason: "Social support: Support for social isolation or other",
        reason: "Asks what there is in the neighbourhood for somebody who has just been widowed.",
        notes: [
            (
                "call",
                "Talked for half an hour. Would rather do something than talk about it: gardening, perhaps a choir.",
            ),
            ("correspondence", "Sent the list of groups and the number of the bereavement service."),
            ("call", "Has been to the community garden twice and will go again."),
        ],
    },
    Theme {
        function: "review",
        route: "Discharge from Reablement",
        support_reason: "Physical support: Personal care support",
        reason: "Six weeks of reablement end on Friday. What is still needed?",
        notes: [
            ("visit", "Makes breakfast and washes alone. Help in and out of the bath is all that is left."),
            ("meeting", "With the reablement team: goals met but for the bath. Bath lift ordered."),
            ("visit", "The bath lift works. They want no more calls."),
        ],
    },
];

/// Notes that fit any case.
pub(super) const NOTES: [(&str, &str); 8] = [
    ("call", "Rang to arrange a visit. They would like it in writing as well, so a letter goes out today."),
    ("visit", "All as it was. The kitchen is tidy, the post is opened. They asked after the plan; it comes next week."),
    ("correspondence", "An e-mail from the family with their wishes. They know and are content that I answer."),
    ("note", "Talked the case through in supervision. Next: ask again about an advocate."),
    ("call", "The provider was late twice this week. They will send the same two carers from now on."),
    ("meeting", "Met with the district nurse at the house. Dressings twice a week; no other change."),
    ("call", "They rang to say that the week went well."),
    ("note", "Looked up what was agreed in the last plan; two of five points are still open."),
];

/// How a case ends: the ground, the outcome, the reason, and what shows it.
pub(super) struct Ending {
    pub(super) ground: &'static str,
    pub(super) outcome: &'static str,
    pub(super) reason: &'static str,
    pub(super) evidence: Option<&'static str>,
}

const fn ending(
    ground: &'static str,
    outcome: &'static str,
    reason: &'static str,
    evidence: Option<&'static str>,
) -> Ending {
    Ending { ground, outcome, reason, evidence }
}

/// What takes effect at once, on evidence.
pub(super) const EVENTS: [Ending; 4] = [
    ending(
        "died",
        "NFA: Deceased",
        "They died in hospital on Sunday.",
        Some("The ward sister's call and the GP's message."),
    ),
    ending(
        "moved_away",
        "NFA: Responsibility moved to another local authority",
        "They have moved in with their son in Northumberland.",
        Some("Letter from Northumberland, which has taken the case on."),
    ),
    ending(
        "provider_stopped",
        "NFA: Support ended for other reason",
        "The day centre has closed; they have found a club by themselves and want nothing in its stead.",
        Some("The centre's letter, and what they told me on the telephone."),
    ),
    ending(
        "person_asked",
        "NFA: Support declined",
        "They asked me to stop coming: they manage, and will ring if that changes.",
        Some("Their own letter, which is in the file."),
    ),
];

/// What takes effect at once, to protect somebody, and is reviewed.
pub(super) const PROTECTIVE: [Ending; 6] = [
    ending(
        "hazard",
        "NFA: Support ended for other reason",
        "The ceiling has come down; nobody may go in until the landlord has made it safe.",
        None,
    ),
    ending(
        "safeguarding_plan",
        "Progress to support planning or services",
        "The safeguarding plan of this week has the council's own team take over.",
        None,
    ),
    ending(
        "worker_absent",
        "Continuation of support or services",
        "The worker is off for months; the council's team continues meanwhile.",
        None,
    ),
    ending(
        "worker_in_conflict",
        "NFA: Referral to other service within the local authority",
        "It turned out that the worker's brother is the landlord.",
        None,
    ),
    ending(
        "worker_under_allegation",
        "Continuation of support or services",
        "An allegation is being looked into; the council's team continues meanwhile.",
        None,
    ),
    ending(
        "court_direction",
        "NFA: Referral to other service within the local authority",
        "The Court of Protection has directed that the council does the assessment.",
        None,
    ),
];

/// What waits for a second person.
pub(super) const COUNTERSIGNED: [Ending; 4] = [
    ending(
        "work_complete",
        "Continuation of support or services",
        "The review is done and the plan is in place; nothing further was asked for.",
        None,
    ),
    ending(
        "not_eligible",
        "NFA: Information and advice or signposting",
        "The assessment found needs, but none that reach the threshold; advice was given.",
        None,
    ),
    ending(
        "no_contact",
        "NFA: No services offered for other reason",
        "Five calls, three letters and two visits at different hours: nobody answers.",
        None,
    ),
    ending(
        "other",
        "NFA: Other",
        "Another practice has been working on the very same request since the summer; they prefer to stay there.",
        None,
    ),
];

/// What somebody complains about, and what they want.
pub(super) const COMPLAINTS: [(&str, &str); 6] = [
    (
        "Three visits were cancelled and nobody rang. When I asked why I was told that I was being difficult.",
        "Another worker, and an apology.",
    ),
    (
        "I was promised a plan in large print. It came in small print, twice.",
        "A plan that I can read, and somebody who checks it.",
    ),
    (
        "My daughter was told about my money although I had said that nobody should be.",
        "To know who told her, and that it does not happen again.",
    ),
    (
        "I waited two months for the assessment and was never told how long it would take.",
        "A date, and that you keep to it.",
    ),
    (
        "The worker spoke to my carer as if I were not in the room.",
        "That people talk to me. I would like to tell your staff myself.",
    ),
    ("The meeting was upstairs although you know that I use a wheelchair.", "A room that I can get into."),
];

pub(super) const ACKNOWLEDGEMENT: &str = "Thank you for telling us. May I ring you this week to agree how we look into this, and by when? You can have somebody with you who speaks for you.";

pub(super) const ANSWERS: [&str; 2] = [
    "We spoke to those concerned and looked at the records. You were right about the dates. The full answer follows by letter.",
    "Thank you. That is changed from today; tell me at once if it is not.",
];

pub(super) const REPLIES: [&str; 2] = [
    "Mornings are best. Please do not leave a message.",
    "Thank you, that is fair. I would still like to see it in writing.",
];
