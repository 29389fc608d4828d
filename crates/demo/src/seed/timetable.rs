//! The timetable of the sample data: the steps that are taken for each referral, with their times. It is drawn from the seed
//! before any step is taken.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::sample_closures::{CLOSURES_ON_EVIDENCE, COUNTERSIGNED_CLOSURES, CaseClosure};
use super::sample_organisations::{PRACTICES, SampleOrganisations};
use super::sample_people::{PersonGenerator, SamplePerson};
use super::sample_referrals::REFERRAL_TEMPLATES;

/// The number of days before today on which the sample data begins.
const DAYS: u64 = 60;

/// The number of people who come to each practice.
const PEOPLE_PER_PRACTICE: usize = 15;

/// A step in the history of one referral.
#[derive(Clone, Copy)]
pub(super) enum Step {
    /// The council sends the referral.
    Send,
    /// The practice accepts the referral, and allocates the case to the worker.
    Accept,
    /// The practice declines the referral, for this reason.
    Decline(&'static str),
    /// The council withdraws the referral.
    Withdraw,
    /// The council routes the referral to this practice.
    Route(usize),
    /// The practice opens a record and a case without a referral.
    Open,
    /// The worker writes a note.
    Note,
    /// The worker asks to close the case.
    Close(&'static CaseClosure),
    /// The second person approves the closure.
    Approve,
    /// The second person refuses the closure.
    Refuse,
    /// The person complains.
    Lodge(ComplaintKind),
    /// An officer of the council opens the complaint and acknowledges it.
    Acknowledge,
    /// The officer writes to the complainant.
    Answer,
    /// The complainant writes to the officer.
    Reply,
}

/// The part of the complainant's identity that is known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ComplaintKind {
    /// The complainant gives their name.
    Named,
    /// The complainant gives their name, in confidence.
    Confidential,
    /// The complainant gives no name.
    Anonymous,
}

/// The urgency of a sample referral.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgency {
    Standard,
    Urgent,
    Immediate,
    /// The referral asks for a safeguarding enquiry under the council's instruction.
    Safeguarding,
}

/// The referral of one person.
pub(super) struct SampleReferral {
    /// The index in [`PRACTICES`] of the practice that it is meant for.
    pub(super) practice: usize,
    pub(super) person: SamplePerson,
    /// The index of the referral's content in [`REFERRAL_TEMPLATES`].
    pub(super) template: usize,
    pub(super) urgency: Urgency,
    /// The login of the worker who gets the case.
    pub(super) worker: &'static str,
    /// Whether the person lives in a district that no practice serves.
    pub(super) outside_all_districts: bool,
}

/// The timetable. Its steps name their referral by its index in `referrals`.
pub(super) struct Timetable {
    pub(super) referrals: Vec<SampleReferral>,
    /// The steps of the past, in the order of time.
    pub(super) past_steps: Vec<(DateTime<Utc>, usize, Step)>,
    /// The steps that are taken at the end, shortly before now.
    pub(super) latest_steps: Vec<(usize, Step)>,
    /// The working days on which the past steps are taken.
    pub(super) days: Vec<NaiveDate>,
}

impl Timetable {
    /// Draws a timetable whose past steps end on the last working day before today.
    pub(super) fn draw(rng: &mut StdRng, today: NaiveDate) -> Self {
        let days: Vec<_> = (1..=DAYS)
            .rev()
            .filter_map(|ago| today.checked_sub_days(Days::new(ago)))
            .filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
            .collect();
        let mut timetable = Self { referrals: Vec::new(), past_steps: Vec::new(), latest_steps: Vec::new(), days };
        let mut people = PersonGenerator::new(today);
        for practice in 0..PRACTICES.len() {
            let workers = SampleOrganisations::case_workers(practice);
            for index in 0..PEOPLE_PER_PRACTICE {
                // Each person has a random source of their own, so that they are the same on whichever day this runs.
                let rng = &mut StdRng::seed_from_u64(rng.random());
                timetable.referrals.push(SampleReferral {
                    practice,
                    person: people.generate(rng, practice),
                    template: rng.random_range(0..REFERRAL_TEMPLATES.len()),
                    urgency: match rng.random_range(0..20) {
                        0 => Urgency::Immediate,
                        1 => Urgency::Safeguarding,
                        2..6 => Urgency::Urgent,
                        _ => Urgency::Standard,
                    },
                    worker: workers[index % workers.len()],
                    outside_all_districts: false,
                });
                timetable.add_history(rng, practice, index);
            }
        }
        timetable.past_steps.sort_by_key(|(at, ..)| *at);
        timetable
    }

    /// Adds the steps of the referral added last, which is the `index`-th of the practice.
    fn add_history(&mut self, rng: &mut StdRng, practice: usize, index: usize) {
        let end = self.days.len();
        match index {
            // The case stays open; complaints come from some of these people.
            0..8 => {
                let start = rng.random_range(0..end - 6);
                self.send_and_accept(rng, start);
                self.add_notes(rng, start + 3, end);
                if index < 3 {
                    self.add_complaint(rng, practice * 3 + index);
                }
            }
            8 => {
                let close = self.add_finished_work(rng);
                self.add_step(rng, close, Step::Close(&CLOSURES_ON_EVIDENCE[practice % CLOSURES_ON_EVIDENCE.len()]));
            }
            9 => {
                let close = self.add_finished_work(rng);
                let closure = &COUNTERSIGNED_CLOSURES[1 + practice % (COUNTERSIGNED_CLOSURES.len() - 1)];
                self.add_step(rng, close, Step::Close(closure));
                let decided = [Some(Step::Approve), Some(Step::Refuse), None][practice % 3];
                if let Some(step) = decided {
                    self.add_step(rng, close + 1, step);
                }
            }
            10 => {
                let close = self.add_finished_work(rng);
                self.add_step(rng, close, Step::Close(&COUNTERSIGNED_CLOSURES[0]));
                self.add_step(rng, close + 1, Step::Approve);
            }
            // The closure was asked for yesterday, or was passed on from one second person to the next, or is refused.
            11 => {
                let closure = &COUNTERSIGNED_CLOSURES[practice % COUNTERSIGNED_CLOSURES.len()];
                let start = rng.random_range(0..end - 25);
                self.send_and_accept(rng, start);
                self.add_notes(rng, start + 3, end - 10);
                let asked = [end - 1, end - 8, end - 9][practice % 3];
                self.add_step(rng, asked, Step::Close(closure));
                if practice % 3 == 2 {
                    self.add_step(rng, end - 8, Step::Refuse);
                }
            }
            12 => {
                let start = rng.random_range(0..end - 6);
                self.add_step(rng, start, Step::Open);
                self.add_notes(rng, start + 1, end);
            }
            13 => self.add_unusual_history(rng, practice),
            _ => {
                self.last().urgency = match practice {
                    0 => Urgency::Immediate,
                    4 => Urgency::Urgent,
                    _ => Urgency::Standard,
                };
                // Half of these referrals arrive just now; the others have waited for some days.
                if practice.is_multiple_of(2) {
                    self.latest_steps.push((self.referrals.len() - 1, Step::Send));
                } else {
                    let day = self.days.len() - 1 - practice / 2;
                    self.add_step(rng, day, Step::Send);
                }
            }
        }
    }

    /// Adds the steps of a referral that does not become a case at once, or at all. It can wait for some days.
    fn add_unusual_history(&mut self, rng: &mut StdRng, practice: usize) {
        self.last().urgency = Urgency::Standard;
        let start = rng.random_range(0..self.days.len() - 20);
        self.add_step(rng, start, Step::Send);
        match (practice + 4) % 8 {
            0 => {
                self.add_step(rng, start + 1, Step::Decline("no_capacity"));
            }
            1 => {
                self.add_step(rng, start + 2, Step::Withdraw);
            }
            2 => self.last().outside_all_districts = true,
            3 => {
                self.last().outside_all_districts = true;
                self.add_step(rng, start + 1, Step::Route(practice));
                self.add_step(rng, start + 2, Step::Accept);
                self.add_notes(rng, start + 3, start + 15);
            }
            // The practice does not answer: the referral expires, and the council routes it to another of its practices.
            4 => {
                let others =
                    |other: &usize| *other != practice && PRACTICES[*other].council == PRACTICES[practice].council;
                if let Some(other) = (0..PRACTICES.len()).find(others) {
                    self.add_step(rng, start + 10, Step::Route(other));
                    self.add_step(rng, start + 11, Step::Accept);
                }
            }
            5 => {
                self.add_step(rng, start + 3, Step::Decline("specialist_needed"));
            }
            6 => {
                self.add_step(rng, start + 1, Step::Decline("conflict_of_interest"));
            }
            _ => {}
        }
    }

    /// Adds a complaint of the last weeks; some complaints are answered, some wait.
    fn add_complaint(&mut self, rng: &mut StdRng, turn: usize) {
        let end = self.days.len();
        let (start, kind) = match turn % 8 {
            4 => (end - 14, ComplaintKind::Confidential),
            5 => (end - 11, ComplaintKind::Anonymous),
            7 => (end - 1, ComplaintKind::Named),
            _ => (end - 16 + turn % 5, ComplaintKind::Named),
        };
        self.add_step(rng, start, Step::Lodge(kind));
        let steps: &[Step] = match turn % 8 {
            // The first goes from one officer to the next, none of whom opens it; the second has just arrived.
            0 | 7 => &[],
            1 | 2 | 4 => &[Step::Acknowledge],
            5 => &[Step::Acknowledge, Step::Answer],
            _ => &[Step::Acknowledge, Step::Reply, Step::Answer, Step::Reply, Step::Answer],
        };
        for (days, step) in steps.iter().enumerate() {
            self.add_step(rng, start + 1 + days, *step);
        }
    }

    /// The referral added last.
    fn last(&mut self) -> &mut SampleReferral {
        let last = self.referrals.len() - 1;
        &mut self.referrals[last]
    }

    /// Adds some weeks of work, and gives the day on which the case may close.
    fn add_finished_work(&mut self, rng: &mut StdRng) -> usize {
        let start = rng.random_range(0..self.days.len() - 18);
        let close = start + rng.random_range(9..15);
        self.send_and_accept(rng, start);
        self.add_notes(rng, start + 3, close);
        close
    }

    /// Sends the referral, which is accepted a day or two later; one that cannot wait, within the hour.
    fn send_and_accept(&mut self, rng: &mut StdRng, start: usize) {
        let sent_at = self.add_step(rng, start, Step::Send);
        let answered = start + rng.random_range(1..3);
        if self.last().urgency == Urgency::Standard {
            self.add_step(rng, answered, Step::Accept);
        } else {
            self.past_steps.push((sent_at + TimeDelta::minutes(40), self.referrals.len() - 1, Step::Accept));
        }
    }

    fn add_notes(&mut self, rng: &mut StdRng, from: usize, to: usize) {
        for _ in 0..rng.random_range(2..7) {
            let day = rng.random_range(from..to.max(from + 1));
            self.add_step(rng, day, Step::Note);
        }
    }

    /// Adds a step for the referral added last, in the office hours of that working day. Returns when it is taken.
    fn add_step(&mut self, rng: &mut StdRng, day: usize, step: Step) -> DateTime<Utc> {
        let day = self.days[day.min(self.days.len() - 1)];
        let morning = day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(8 * 60 + 40);
        let at = morning + TimeDelta::seconds(rng.random_range(0..7 * 60 * 60));
        self.past_steps.push((at, self.referrals.len() - 1, step));
        at
    }
}
