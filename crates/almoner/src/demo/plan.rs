//! What happens to whom, and when: drawn from the seed before any of it happens.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::cast::{Cast, PRACTICES};
use super::people::{People, Person};
use super::words::{COUNTERSIGNED, EVENTS, Ending, PROTECTIVE, THEMES};

/// How far back it all begins.
const DAYS: u64 = 60;

/// How many people come to each practice.
const PEOPLE: usize = 15;

/// Something that happens to one person's work.
#[derive(Clone, Copy)]
pub(super) enum Step {
    /// The council refers them.
    Send,
    /// The practice accepts, and gives the case to the worker.
    Accept,
    /// The practice declines, for this reason.
    Decline(&'static str),
    /// The council takes it back.
    Withdraw,
    /// The council names another practice, or one at all.
    Route(usize),
    /// The practice opens a record and a case by itself.
    Open,
    /// The worker writes a note.
    Note,
    /// The worker asks to close the case.
    Close(&'static Ending),
    /// The second person agrees.
    Approve,
    /// The second person does not agree.
    Refuse,
    /// They complain.
    Lodge(Manner),
    /// Whoever holds the complaint acknowledges it.
    Acknowledge,
    /// The complaints manager confirms that it is about the worker.
    Confirm,
    /// The complaints manager writes.
    Answer,
    /// They write.
    Reply,
}

/// How somebody complains.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// By name.
    Open,
    /// By name, which nobody is to know who does not need it.
    Confidential,
    /// Without a name.
    Anonymous,
}

/// How a referral is out of the ordinary.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgency {
    Standard,
    Urgent,
    Immediate,
    /// An enquiry under the council's instruction.
    Safeguarding,
}

/// One person's work.
pub(super) struct Life {
    pub(super) practice: usize,
    pub(super) person: Person,
    pub(super) theme: usize,
    pub(super) urgency: Urgency,
    pub(super) worker: &'static str,
    /// Whether the district is one that nobody serves.
    pub(super) nowhere: bool,
}

/// Everything that happens.
pub(super) struct Plan {
    pub(super) lives: Vec<Life>,
    /// In the order of time.
    pub(super) events: Vec<(DateTime<Utc>, usize, Step)>,
    /// What arrives now.
    pub(super) fresh: Vec<(usize, Step)>,
    /// The working days.
    pub(super) days: Vec<NaiveDate>,
}

impl Plan {
    /// Draws it: the last thing happens on the last working day before today.
    pub(super) fn draw(rng: &mut StdRng, today: NaiveDate) -> Self {
        let days: Vec<_> = (1..=DAYS)
            .rev()
            .filter_map(|ago| today.checked_sub_days(Days::new(ago)))
            .filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
            .collect();
        let mut plan = Self { lives: Vec::new(), events: Vec::new(), fresh: Vec::new(), days };
        let mut people = People::new(today);
        for practice in 0..PRACTICES.len() {
            for index in 0..PEOPLE {
                // A source of their own: whatever day it is, they are who they are.
                let rng = &mut StdRng::seed_from_u64(rng.random());
                plan.lives.push(Life {
                    practice,
                    person: people.make(rng, practice),
                    theme: rng.random_range(0..THEMES.len()),
                    urgency: match rng.random_range(0..20) {
                        0 => Urgency::Immediate,
                        1 => Urgency::Safeguarding,
                        2..6 => Urgency::Urgent,
                        _ => Urgency::Standard,
                    },
                    worker: Cast::workers(practice)[index % Cast::workers(practice).len()],
                    nowhere: false,
                });
                plan.live(rng, practice, index);
            }
        }
        plan.events.sort_by_key(|(at, ..)| *at);
        plan
    }

    /// What happens to the person added last, the `index`-th of the practice.
    fn live(&mut self, rng: &mut StdRng, practice: usize, index: usize) {
        let end = self.days.len();
        match index {
            // Work that goes on; the complaints come from some of these.
            0..8 => {
                let start = rng.random_range(0..end - 6);
                self.begin(rng, start);
                self.write_notes(rng, start + 3, end);
                if index < 3 {
                    self.complain(rng, practice * 3 + index);
                }
            }
            8 => {
                let close = self.work(rng);
                self.at(rng, close, Step::Close(&EVENTS[practice % EVENTS.len()]));
            }
            9 => {
                let close = self.work(rng);
                self.at(rng, close, Step::Close(&PROTECTIVE[practice % PROTECTIVE.len()]));
                match practice % 3 {
                    0 => self.at(rng, close + 1, Step::Approve),
                    1 => self.at(rng, close + 1, Step::Refuse),
                    _ => {}
                }
            }
            10 => {
                let close = self.work(rng);
                self.at(rng, close, Step::Close(&COUNTERSIGNED[0]));
                self.at(rng, close + 1, Step::Approve);
            }
            // Not decided: asked yesterday, or passed on from one to the next; or refused.
            11 => {
                let ending = &COUNTERSIGNED[practice % COUNTERSIGNED.len()];
                let start = rng.random_range(0..end - 25);
                self.begin(rng, start);
                self.write_notes(rng, start + 3, end - 10);
                match practice % 3 {
                    0 => self.at(rng, end - 1, Step::Close(ending)),
                    1 => self.at(rng, end - 8, Step::Close(ending)),
                    _ => {
                        self.at(rng, end - 9, Step::Close(ending));
                        self.at(rng, end - 8, Step::Refuse);
                    }
                }
            }
            12 => {
                let start = rng.random_range(0..end - 6);
                self.at(rng, start, Step::Open);
                self.write_notes(rng, start + 1, end);
            }
            13 => self.go_astray(rng, practice),
            _ => {
                let life = self.lives.len() - 1;
                self.lives[life].urgency = match practice {
                    0 => Urgency::Immediate,
                    4 => Urgency::Urgent,
                    _ => Urgency::Standard,
                };
                // Half of them have waited for some days.
                if practice.is_multiple_of(2) {
                    self.fresh.push((life, Step::Send));
                } else {
                    let day = self.days.len() - 1 - practice / 2;
                    self.at(rng, day, Step::Send);
                }
            }
        }
    }

    /// A referral that does not become a case at once, or at all.
    fn go_astray(&mut self, rng: &mut StdRng, practice: usize) {
        let start = rng.random_range(0..self.days.len() - 20);
        self.at(rng, start, Step::Send);
        match (practice + 4) % 8 {
            0 => self.at(rng, start + 1, Step::Decline("no_capacity")),
            1 => self.at(rng, start + 2, Step::Withdraw),
            2 => self.last().nowhere = true,
            3 => {
                self.last().nowhere = true;
                self.at(rng, start + 1, Step::Route(practice));
                self.at(rng, start + 2, Step::Accept);
                self.write_notes(rng, start + 3, start + 15);
            }
            // Not answered: it expires, and is sent to another practice where the council has one.
            4 => {
                let others =
                    |other: &usize| *other != practice && PRACTICES[*other].council == PRACTICES[practice].council;
                if let Some(other) = (0..PRACTICES.len()).find(others) {
                    self.at(rng, start + 10, Step::Route(other));
                    self.at(rng, start + 11, Step::Accept);
                }
            }
            5 => self.at(rng, start + 3, Step::Decline("specialist_needed")),
            6 => self.at(rng, start + 1, Step::Decline("conflict_of_interest")),
            _ => {}
        }
    }

    /// Whoever complains does so in the last weeks; some complaints are answered, some wait.
    fn complain(&mut self, rng: &mut StdRng, turn: usize) {
        let end = self.days.len();
        let (start, manner) = match turn % 8 {
            4 => (end - 14, Manner::Confidential),
            5 => (end - 11, Manner::Anonymous),
            7 => (end - 1, Manner::Open),
            _ => (end - 16 + turn % 5, Manner::Open),
        };
        self.at(rng, start, Step::Lodge(manner));
        let steps: &[Step] = match turn % 8 {
            // Waits for its acknowledgement for too long; has just arrived.
            0 | 7 => &[],
            1 | 4 => &[Step::Acknowledge],
            2 => &[Step::Acknowledge, Step::Confirm],
            5 => &[Step::Acknowledge, Step::Answer],
            _ => &[Step::Acknowledge, Step::Reply, Step::Confirm, Step::Answer, Step::Reply, Step::Answer],
        };
        for (days, step) in steps.iter().enumerate() {
            self.at(rng, start + 1 + days, *step);
        }
    }

    fn last(&mut self) -> &mut Life {
        let last = self.lives.len() - 1;
        &mut self.lives[last]
    }

    /// Some weeks of work; the day on which it may end.
    fn work(&mut self, rng: &mut StdRng) -> usize {
        let start = rng.random_range(0..self.days.len() - 18);
        let close = start + rng.random_range(9..15);
        self.begin(rng, start);
        self.write_notes(rng, start + 3, close);
        close
    }

    fn begin(&mut self, rng: &mut StdRng, start: usize) {
        self.at(rng, start, Step::Send);
        let answered = start + rng.random_range(1..3);
        self.at(rng, answered, Step::Accept);
    }

    fn write_notes(&mut self, rng: &mut StdRng, from: usize, to: usize) {
        for _ in 0..rng.random_range(2..7) {
            let day = rng.random_range(from..to.max(from + 1));
            self.at(rng, day, Step::Note);
        }
    }

    /// In office hours of that working day.
    fn at(&mut self, rng: &mut StdRng, day: usize, step: Step) {
        let day = self.days[day.min(self.days.len() - 1)];
        let morning = day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(8 * 60 + 40);
        let at = morning + TimeDelta::seconds(rng.random_range(0..7 * 60 * 60));
        self.events.push((at, self.lives.len() - 1, step));
    }
}
