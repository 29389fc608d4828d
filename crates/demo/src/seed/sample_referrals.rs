//! Sample referrals, and the notes that the worker writes on their cases. All of it is made up.

/// A referral of one kind, with the notes that a worker writes on such a case, in their order.
pub(super) struct ReferralTemplate {
    pub(super) function: &'static str,
    pub(super) route: &'static str,
    pub(super) support_reason: &'static str,
    pub(super) reason: &'static str,
    pub(super) notes: [(&'static str, &'static str); 3],
}

const COMMUNITY: &str = "Community / Other route";

pub(super) const REFERRAL_TEMPLATES: [ReferralTemplate; 10] = [
    ReferralTemplate {
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
    ReferralTemplate {
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
    ReferralTemplate {
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
    ReferralTemplate {
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
    ReferralTemplate {
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
    ReferralTemplate {
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
    ReferralTemplate {
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
    ReferralTemplate {
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
    ReferralTemplate {
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
    ReferralTemplate {
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

/// Notes that fit any case, each with its kind.
pub(super) const GENERAL_NOTES: [(&str, &str); 8] = [
    ("call", "Rang to arrange a visit. They would like it in writing as well, so a letter goes out today."),
    ("visit", "All as it was. The kitchen is tidy, the post is opened. They asked after the plan; it comes next week."),
    ("correspondence", "An e-mail from the family with their wishes. They know and are content that I answer."),
    ("note", "Talked the case through in supervision. Next: ask again about an advocate."),
    ("call", "The provider was late twice this week. They will send the same two carers from now on."),
    ("meeting", "Met with the district nurse at the house. Dressings twice a week; no other change."),
    ("call", "They rang to say that the week went well."),
    ("note", "Looked up what was agreed in the last plan; two of five points are still open."),
];
