//! Random sequences of what happens to complaints, over HTTP, beside a small model of what should be so: nobody reads a complaint without a
//! live assignment, and each complaint has one, or somebody is asked, within its clocks.
//!
//! `make test` tries a few sequences, always the same. `SEQUENCES=2000 scripts/deep.d/complaints` tries many, from a random seed.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says why and stops")]

mod checking;
mod handling;
mod leaving;
mod model;
mod playing;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use playing::{Ground, Play};

/// The sequences that are tried unless SEQUENCES says another number.
const SEQUENCES: u32 = 6;

/// The most operations of a sequence, after the complaint with which it begins.
const LONGEST: usize = 24;

/// Somebody who does something: one of those who have the complaint, mostly, or anybody at the desk.
#[derive(Clone, Copy, Debug)]
enum Who {
    Holder(usize),
    Anybody(usize),
}

/// Something that happens. The numbers choose a complaint, or somebody, among those who are there.
#[derive(Clone, Debug)]
enum Operation {
    Lodge { named: Option<usize>, must_not_see: Option<usize>, confidential: bool, about_council: bool },
    Answer { offer: usize, knows_somebody: bool },
    LetGo { guest: usize },
    Leave { officer: usize },
    ComeAnew { officer: usize },
    GoAway { officer: usize, days: u64 },
    ComeBack { officer: usize },
    LoseRole { officer: usize },
    GetRoleBack { officer: usize },
    Months,
    Work,
    Hours(i64),
    Days(i64),
    On { complaint: usize, by: Who, what: What },
}

/// Something that is done about one complaint.
#[derive(Clone, Copy, Debug)]
enum What {
    Assign {
        to: usize,
    },
    EndAssignment {
        of: usize,
    },
    Object {
        to: usize,
    },
    Complain {
        naming: Naming,
    },
    PassOn,
    Tell,
    Ask {
        withdraw: bool,
        naming: Naming,
    },
    Decide {
        confirmed: bool,
    },
    Hear,
    Acknowledge,
    Plan {
        days: u64,
    },
    Raise,
    Find,
    Draft,
    Sign,
    GiveBack,
    Send,
    Promise {
        days: u64,
    },
    Done,
    Close,
    Reopen,
    Exclude,
    Explain,
    /// What comes next, in order.
    Next,
}

/// A name that stands in something that is written.
#[derive(Clone, Copy, Debug)]
enum Naming {
    Nobody,
    Somebody(usize),
    /// Whoever is asked to open the complaint, or has it.
    WhoeverHasIt,
}

fn naming() -> impl Strategy<Value = Naming> {
    prop_oneof![
        3 => Just(Naming::Nobody),
        1 => (0..7usize).prop_map(Naming::Somebody),
        2 => Just(Naming::WhoeverHasIt),
    ]
}

/// A name in about a third of what is lodged.
fn name() -> impl Strategy<Value = Option<usize>> {
    prop_oneof![2 => Just(None), 1 => (0..7usize).prop_map(Some)]
}

fn lodge() -> impl Strategy<Value = Operation> {
    (name(), name(), any::<bool>(), prop::bool::weighted(0.1)).prop_map(
        |(named, must_not_see, confidential, about_council)| Operation::Lodge {
            named,
            must_not_see,
            confidential,
            about_council,
        },
    )
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        10 => Just(What::Next),
        4 => (0..7usize).prop_map(|to| What::Assign { to }),
        2 => (0..4usize).prop_map(|of| What::EndAssignment { of }),
        2 => (0..4usize).prop_map(|to| What::Object { to }),
        3 => naming().prop_map(|naming| What::Complain { naming }),
        2 => Just(What::PassOn),
        1 => Just(What::Tell),
        3 => (any::<bool>(), naming()).prop_map(|(withdraw, naming)| What::Ask { withdraw, naming }),
        2 => any::<bool>().prop_map(|confirmed| What::Decide { confirmed }),
        1 => Just(What::Hear),
        1 => (1..40u64).prop_map(|days| What::Plan { days }),
        1 => (1..20u64).prop_map(|days| What::Promise { days }),
        8 => prop::sample::select(vec![
            What::Acknowledge, What::Raise, What::Find, What::Draft, What::Sign, What::GiveBack, What::Send, What::Done,
            What::Close, What::Reopen, What::Exclude, What::Explain,
        ]),
    ]
}

fn on() -> impl Strategy<Value = Operation> {
    let by = prop_oneof![5 => (0..4usize).prop_map(Who::Holder), 1 => (0..7usize).prop_map(Who::Anybody)];
    (0..3usize, by, what()).prop_map(|(complaint, by, what)| Operation::On { complaint, by, what })
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        2 => lodge(),
        6 => (0..3usize, prop::bool::weighted(0.25))
            .prop_map(|(offer, knows_somebody)| Operation::Answer { offer, knows_somebody }),
        18 => on(),
        1 => (0..2usize).prop_map(|guest| Operation::LetGo { guest }),
        1 => (0..4usize).prop_map(|officer| Operation::Leave { officer }),
        1 => (0..4usize).prop_map(|officer| Operation::ComeAnew { officer }),
        1 => (0..4usize, 0..6u64).prop_map(|(officer, days)| Operation::GoAway { officer, days }),
        1 => (0..4usize).prop_map(|officer| Operation::ComeBack { officer }),
        1 => (0..4usize).prop_map(|officer| Operation::LoseRole { officer }),
        1 => (0..4usize).prop_map(|officer| Operation::GetRoleBack { officer }),
        1 => Just(Operation::Months),
        5 => Just(Operation::Work),
        2 => (1..30i64).prop_map(Operation::Hours),
        2 => (1..9i64).prop_map(Operation::Days),
    ]
}

#[test]
fn nobody_reads_a_complaint_without_an_assignment_and_each_has_somebody_within_its_clocks() {
    let sequences = std::env::var("SEQUENCES").map_or(SEQUENCES, |given| given.parse().expect("a number of sequences"));
    let config = Config { cases: sequences, max_shrink_iters: 400, failure_persistence: None, ..Config::default() };
    let is_seeded = matches!(config.rng_seed, RngSeed::Fixed(_));
    assert!(is_seeded || sequences == SEQUENCES, "a run of many sequences is repeated by its PROPTEST_RNG_SEED");
    let ground = Ground::new();
    let sequence = (lodge(), prop::collection::vec(operation(), 1..LONGEST));
    let tried = TestRunner::new(config).run(&sequence, |(first, others)| {
        let mut play = Play::new(&ground);
        play.plays(&first);
        play.plays(&Operation::Work);
        for operation in &others {
            play.plays(operation);
        }
        play.ends();
        Ok(())
    });
    tried.unwrap_or_else(|failed| panic!("{failed}"));
}
