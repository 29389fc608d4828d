//! What a practice needs before it may work for a council, as data: each item with its reason and its source, and whether it
//! is met. Some are recorded by hand, with evidence; the others follow from what is entered, and cannot be ticked.

use chrono::{Datelike as _, Days, NaiveDate};

use crate::fault::Fault;
use crate::staff::registration::{Attention, Registration, attention};
use crate::words::sql_text::closed_codes;

/// How many days before its end an item counts as expiring.
pub const EXPIRING_WITHIN: u16 = 60;

/// How far ahead an end may lie, in days: ten years. A later one is a slip of the pen.
const LATEST_END: u64 = 3653;

closed_codes! {
    /// Something that a practice needs.
    pub enum Item {
        /// A contract with a council in force.
        Contract = "contract",
        /// A function delegated under it.
        Delegation = "delegation",
        /// How soon the contract has referrals and complaints answered.
        Clocks = "clocks",
        /// The working days of this year and the next.
        Calendar = "calendar",
        /// An administrator.
        Administrator = "administrator",
        /// A complaints manager.
        ComplaintsManager = "complaints_manager",
        /// Managers who may sign as second persons.
        SecondPersons = "second_persons",
        /// A current registration of every social worker.
        StaffRegistration = "staff_registration",
        /// An agreement on who is controller and who processor.
        ProcessingAgreement = "processing_agreement",
        /// A data protection impact assessment.
        Dpia = "dpia",
        /// The Data Security and Protection Toolkit.
        Dspt = "dspt",
        /// Insurance.
        Insurance = "insurance",
        /// Disclosure and Barring Service checks of the staff.
        Dbs = "dbs",
        /// A plan for the end of the contract.
        ExitPlan = "exit_plan",
    }
}

closed_codes! {
    /// How it stands with an item.
    pub enum ItemState {
        /// It is there.
        Met = "met",
        /// It is not there.
        Missing = "missing",
        /// It is there, and ends within 60 days.
        Expiring = "expiring",
        /// It was there, and has ended.
        Expired = "expired",
    }
}

/// Whether what is recorded by hand ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// If a day is given.
    IfSaid,
    /// On a day that has to be given.
    Always,
    /// On 30 June: the one after it was done, if no day is given.
    OnThirtiethOfJune,
}

/// What is known of an item beforehand.
#[derive(Clone, Copy, Debug)]
pub struct Requirement {
    /// What it is called.
    pub title: &'static str,
    /// Why it is needed.
    pub why: &'static str,
    /// The law or the standard that asks for it.
    pub source: &'static str,
    /// Whether it ends, if it is recorded by hand; `None` where it follows from what is entered.
    pub recorded: Option<Ends>,
}

impl Item {
    /// What is known of it beforehand: the one table of it all.
    pub const fn requirement(self) -> Requirement {
        let (title, why, source, recorded) = match self {
            Self::Contract => (
                "Contract with a council",
                "The practice works for councils alone; without a contract in force nothing can be sent to it.",
                "Care Act 2014 s79(1)",
                None,
            ),
            Self::Delegation => (
                "Delegated functions",
                "What is not delegated may not be done; every decision names its delegation.",
                "Care Act 2014 s79(1) and (2)",
                None,
            ),
            Self::Clocks => (
                "Times to answer in",
                "The contract says in how many working days referrals and complaints are answered.",
                "The contract; SI 2009/309 reg 13 and 14",
                None,
            ),
            Self::Calendar => (
                "Working days of this year and the next",
                "A deadline that falls in a year without a calendar is refused.",
                "Banking and Financial Dealings Act 1971 s1",
                None,
            ),
            Self::Administrator => (
                "An administrator",
                "Somebody at the practice keeps its staff and their registrations.",
                "The contract",
                None,
            ),
            Self::ComplaintsManager => (
                "A complaints manager",
                "Every responsible body designates one; without one the council holds every complaint.",
                "SI 2009/309 reg 4(1)(b)",
                None,
            ),
            Self::SecondPersons => (
                "Two managers who own no share of the practice",
                "Who closes a case does not decide on it: with one such manager, their own requests wait for nobody.",
                "The contract",
                None,
            ),
            Self::StaffRegistration => (
                "Current registration of every social worker",
                "Nobody may practise as a social worker in England who is not on the register.",
                "Social Workers Regulations 2018",
                None,
            ),
            Self::ProcessingAgreement => (
                "Agreement on controller and processor",
                "The council and the practice settle who answers for people's data, and for what.",
                "UK GDPR art 26 and 28(3)",
                Some(Ends::IfSaid),
            ),
            Self::Dpia => (
                "Data protection impact assessment",
                "Care records at this scale are likely to be a high risk to people's rights.",
                "UK GDPR art 35",
                Some(Ends::IfSaid),
            ),
            Self::Dspt => (
                "Data Security and Protection Toolkit",
                "A yearly self-assessment of everybody who holds health or care data of the public sector's.",
                "Data Security and Protection Toolkit: yearly, by 30 June",
                Some(Ends::OnThirtiethOfJune),
            ),
            Self::Insurance => (
                "Insurance",
                "Employers' liability by law; public liability and professional indemnity by contract.",
                "Employers' Liability (Compulsory Insurance) Act 1969; the contract",
                Some(Ends::Always),
            ),
            Self::Dbs => (
                "Disclosure and Barring Service checks",
                "The staff work with adults at risk.",
                "Safeguarding Vulnerable Groups Act 2006; Police Act 1997 s113B",
                Some(Ends::IfSaid),
            ),
            Self::ExitPlan => (
                "Plan for the end of the contract",
                "When the contract ends, people, records and staff go somewhere that is known beforehand.",
                "The contract; SI 2006/246 (transfer of undertakings)",
                Some(Ends::IfSaid),
            ),
        };
        Requirement { title, why, source, recorded }
    }
}

/// The days on which something is in force; the last one counts.
#[derive(Clone, Copy, Debug)]
pub struct Period {
    /// Its first day.
    pub starts_on: NaiveDate,
    /// Its last day.
    pub ends_on: Option<NaiveDate>,
}

/// What somebody recorded of an item.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Which.
    pub item: Item,
    /// When it was done.
    pub done_on: NaiveDate,
    /// The last day on which it holds.
    pub expires_on: Option<NaiveDate>,
}

/// What is known of a practice: numbers of staff, and nobody's name.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Its contracts.
    pub contracts: Vec<Period>,
    /// What is delegated to it, each as long as its contract is in force too.
    pub delegations: Vec<Period>,
    /// The registration of each of its social workers; `None` for who was never looked up.
    pub social_workers: Vec<Option<Registration>>,
    /// How many administrators it has.
    pub administrators: usize,
    /// How many complaints managers.
    pub complaints_managers: usize,
    /// How many managers who own no share of it.
    pub second_persons: usize,
    /// The years whose working days are loaded.
    pub calendar_years: Vec<i32>,
    /// What was recorded by hand.
    pub recorded: Vec<Recorded>,
}

/// How it stands with one item: the state, and what is missing, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemStatus {
    /// The state.
    pub state: ItemState,
    /// What is to be done, unless it is met.
    pub missing: Option<String>,
}

impl ItemStatus {
    fn new(state: ItemState, missing: impl Into<String>) -> Self {
        Self { state, missing: Some(missing.into()) }
    }

    const MET: Self = Self { state: ItemState::Met, missing: None };

    /// What stands until a day, which itself counts.
    fn until(ends_on: Option<NaiveDate>, today: NaiveDate) -> Self {
        match ends_on {
            Some(day) if day < today => Self::new(ItemState::Expired, format!("It ended on {day}.")),
            Some(day) if day <= today + Days::new(EXPIRING_WITHIN.into()) => {
                Self::new(ItemState::Expiring, format!("It ends on {day}."))
            }
            _ => Self::MET,
        }
    }

    /// Whether the practice may work with it so.
    pub fn is_enough(&self) -> bool {
        matches!(self.state, ItemState::Met | ItemState::Expiring)
    }
}

impl Facts {
    /// How it stands with this item today.
    pub fn standing(&self, item: Item, today: NaiveDate) -> ItemStatus {
        let at_least = |count: usize, wanted: usize, nobody: &str| {
            if count >= wanted {
                ItemStatus::MET
            } else {
                ItemStatus::new(ItemState::Missing, format!("{nobody}: {count} of {wanted}."))
            }
        };
        match item {
            Item::Contract => in_force(&self.contracts, today, "No contract with a council is entered."),
            Item::Delegation => {
                in_force(&self.delegations, today, "No function is delegated under a contract in force.")
            }
            // A contract is not entered without them: they stand and fall with it.
            Item::Clocks => in_force(&self.contracts, today, "No contract says in how many days it answers."),
            Item::Calendar => {
                let lacking: Vec<String> = [today.year(), today.year() + 1]
                    .iter()
                    .filter(|year| !self.calendar_years.contains(year))
                    .map(ToString::to_string)
                    .collect();
                if lacking.is_empty() {
                    ItemStatus::MET
                } else {
                    ItemStatus::new(ItemState::Missing, format!("Not loaded: {}.", lacking.join(", ")))
                }
            }
            Item::Administrator => at_least(self.administrators, 1, "Nobody is an administrator"),
            Item::ComplaintsManager => at_least(self.complaints_managers, 1, "Nobody is a complaints manager"),
            Item::SecondPersons => at_least(self.second_persons, 2, "Too few managers own no share of the practice"),
            Item::StaffRegistration => self.staff_registration(today),
            _ => match self.recorded.iter().find(|recorded| recorded.item == item) {
                Some(recorded) => ItemStatus::until(recorded.expires_on, today),
                None => ItemStatus::new(ItemState::Missing, "Nothing is recorded."),
            },
        }
    }

    fn staff_registration(&self, today: NaiveDate) -> ItemStatus {
        if self.social_workers.is_empty() {
            return ItemStatus::new(ItemState::Missing, "Nobody is a social worker.");
        }
        let why: Vec<Vec<Attention>> = self
            .social_workers
            .iter()
            .map(|registration| attention(registration.as_ref(), today, EXPIRING_WITHIN))
            .collect();
        let count = |one: Attention| why.iter().filter(|why| why.contains(&one)).count();
        let of = format!("of {} social workers", self.social_workers.len());
        let (never, barred) = (count(Attention::NeverChecked), count(Attention::Lapsed));
        let (old, lapsing) = (count(Attention::CheckedLongAgo), count(Attention::Lapsing));
        if barred > 0 {
            ItemStatus::new(
                ItemState::Expired,
                format!("{barred} {of} may not practise; {never} were never looked up."),
            )
        } else if never > 0 {
            ItemStatus::new(ItemState::Missing, format!("{never} {of} were never looked up."))
        } else if old > 0 {
            ItemStatus::new(ItemState::Expired, format!("{old} {of} were looked up a year ago or more."))
        } else if lapsing > 0 {
            ItemStatus::new(ItemState::Expiring, format!("The registration of {lapsing} {of} is about to end."))
        } else {
            ItemStatus::MET
        }
    }

    /// Whether the practice has everything.
    pub fn is_complete(&self, today: NaiveDate) -> bool {
        self.lacking(today) == 0
    }

    /// How many items are missing or have ended.
    pub fn lacking(&self, today: NaiveDate) -> usize {
        Item::ALL.iter().filter(|item| !self.standing(**item, today).is_enough()).count()
    }
}

/// The longest of those that are in force; else what became of them.
fn in_force(periods: &[Period], today: NaiveDate, nothing: &str) -> ItemStatus {
    let started = |period: &&Period| period.starts_on <= today;
    // Without an end is the longest.
    let longest = periods.iter().filter(started).map(|period| period.ends_on.unwrap_or(NaiveDate::MAX)).max();
    let next = periods.iter().map(|period| period.starts_on).filter(|starts_on| *starts_on > today).min();
    match (longest, next) {
        (Some(ends_on), _) if ends_on >= today => ItemStatus::until(Some(ends_on), today),
        (_, Some(starts_on)) => ItemStatus::new(ItemState::Missing, format!("It begins on {starts_on}.")),
        (Some(ends_on), None) => ItemStatus::until(Some(ends_on), today),
        (None, None) => ItemStatus::new(ItemState::Missing, nothing),
    }
}

impl Item {
    /// Whether and when the item ends, if it is one that is recorded by hand: the others follow from what is entered, and cannot
    /// be ticked.
    pub fn recorded_by_hand(self) -> Result<Ends, Vec<Fault>> {
        self.requirement()
            .recorded
            .ok_or_else(|| vec![Fault::new("item", "follows from what is entered, and cannot be recorded by hand")])
    }
}

/// The end of an item that is recorded by hand, from what was said of it. Faults name `done_on` and `expires_on`; an item that
/// follows from what is entered has no end to say.
pub fn end_of(
    ends: Ends,
    done_on: NaiveDate,
    expires_on: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<Option<NaiveDate>, Vec<Fault>> {
    let mut faults = Vec::new();
    if done_on > today {
        faults.push(Fault::new("/done_on", "must not be in the future"));
    }
    let expires_on = match (ends, expires_on) {
        (Ends::Always, None) => {
            faults.push(Fault::new("/expires_on", "is required: this ends"));
            None
        }
        (Ends::OnThirtiethOfJune, None) => thirtieth_of_june_after(done_on),
        (Ends::OnThirtiethOfJune, Some(day)) if (day.month(), day.day()) != (6, 30) => {
            faults.push(Fault::new("/expires_on", "must be a 30 June"));
            None
        }
        (_, day) => day,
    };
    if expires_on.is_some_and(|day| day < done_on) {
        faults.push(Fault::new("/expires_on", "must not be before done_on"));
    }
    if expires_on.is_some_and(|day| day > today + Days::new(LATEST_END)) {
        faults.push(Fault::new("/expires_on", "must be within ten years"));
    }
    if faults.is_empty() { Ok(expires_on) } else { Err(faults) }
}

fn thirtieth_of_june_after(day: NaiveDate) -> Option<NaiveDate> {
    let years = i32::from((day.month(), day.day()) >= (6, 30));
    NaiveDate::from_ymd_opt(day.year() + years, 6, 30)
}

#[cfg(test)]
#[path = "onboarding/tests.rs"]
mod tests;
