//! The onboarding items that a practice needs before it may work for a council, as data: each item with its reason and
//! its source, and whether the practice meets it. Some items are recorded by hand, with evidence. The others are
//! derived from data in the service, and cannot be ticked.

use chrono::{Datelike as _, Days, NaiveDate};

use crate::fault::Fault;
use crate::officers::desk::DeskGap;
use crate::staff::registration::{Attention, LookUp, attention};
use crate::words::sql_text::closed_codes;

/// The number of days before its end from which an item counts as expiring.
pub const EXPIRING_WITHIN: u16 = 60;

/// The greatest number of days ahead at which an end may lie: ten years. A later day is a typing error.
const LATEST_END: u64 = 3653;

closed_codes! {
    /// An onboarding item: one thing that a practice needs before it works.
    pub enum Item {
        /// The practice has a contract with a council in force.
        Contract = "contract",
        /// A function is delegated under the contract.
        Delegation = "delegation",
        /// The contract says how soon referrals and complaints are answered.
        Clocks = "clocks",
        /// The working days of this year and the next are loaded.
        Calendar = "calendar",
        /// The practice has an administrator.
        Administrator = "administrator",
        /// Each council of the practice has people to whom a complaint can be offered.
        ComplaintsDesk = "complaints_desk",
        /// The practice has managers who may sign as second persons.
        SecondPersons = "second_persons",
        /// Every social worker has a current registration.
        StaffRegistration = "staff_registration",
        /// There is an agreement that says who is controller and who is processor.
        ProcessingAgreement = "processing_agreement",
        /// There is a data protection impact assessment.
        Dpia = "dpia",
        /// The practice has completed the Data Security and Protection Toolkit.
        Dspt = "dspt",
        /// The practice is insured.
        Insurance = "insurance",
        /// The staff have Disclosure and Barring Service checks.
        Dbs = "dbs",
        /// There is a plan for the end of the contract.
        ExitPlan = "exit_plan",
    }
}

closed_codes! {
    /// The state of an onboarding item at a practice.
    pub enum ItemState {
        /// The practice meets the item.
        Met = "met",
        /// The practice does not meet the item.
        Missing = "missing",
        /// The practice meets the item, which ends within 60 days.
        Expiring = "expiring",
        /// The practice met the item, which has ended.
        Expired = "expired",
    }
}

/// The rule by which an item that is recorded by hand ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// The item ends if a last day is given.
    IfSaid,
    /// The item ends on a last day, which must be given.
    Always,
    /// The item ends on 30 June: the one after it was done, if no day is given.
    OnThirtiethOfJune,
}

/// The fixed description of an item.
#[derive(Clone, Copy, Debug)]
pub struct Requirement {
    /// The item's title.
    pub title: &'static str,
    /// The reason why the item is needed.
    pub why: &'static str,
    /// The law or the standard that requires the item.
    pub source: &'static str,
    /// The rule by which the item ends, if it is recorded by hand; `None` if it is derived from data in the service.
    pub recorded: Option<Ends>,
}

impl Item {
    /// Returns the fixed description of the item. This is the one table of all items.
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
                "A practice exercises only delegated functions, and every decision names its delegation.",
                "Care Act 2014 s79(1) and (2)",
                None,
            ),
            Self::Clocks => (
                "Periods for answering",
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
            Self::ComplaintsDesk => (
                "Each council's complaints desk",
                "A complaint is the council's; it has two complaints officers, a responsible person and an alternate outside.",
                "SI 2009/309 reg 4(1)",
                None,
            ),
            Self::SecondPersons => (
                "Two managers who own no share of the practice",
                "Managers do not decide on their own requests to close a case, so one such manager is not enough.",
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
                "Every organisation that holds the public sector's health or care data assesses itself yearly.",
                "Data Security and Protection Toolkit: yearly, by 30 June",
                Some(Ends::OnThirtiethOfJune),
            ),
            Self::Insurance => (
                "Insurance",
                "Employers' liability is required by law; public liability and professional indemnity by contract.",
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
                "The plan says where people, records and staff go when the contract ends.",
                "The contract; SI 2006/246 (transfer of undertakings)",
                Some(Ends::IfSaid),
            ),
        };
        Requirement { title, why, source, recorded }
    }
}

/// The days on which something is in force. The last day counts.
#[derive(Clone, Copy, Debug)]
pub struct Period {
    /// The first day of the period.
    pub starts_on: NaiveDate,
    /// The last day of the period.
    pub ends_on: Option<NaiveDate>,
}

/// An item as somebody recorded it by hand.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The item that was recorded.
    pub item: Item,
    /// The day on which the item was done.
    pub done_on: NaiveDate,
    /// The last day on which the item holds.
    pub expires_on: Option<NaiveDate>,
}

/// The facts about a practice that the items depend on: numbers of staff, and no names.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The periods of the practice's contracts.
    pub contracts: Vec<Period>,
    /// The periods of the functions delegated to the practice, each limited to the period of its contract.
    pub delegations: Vec<Period>,
    /// What is known of each of the practice's social workers from the register.
    pub social_workers: Vec<LookUp>,
    /// The number of administrators at the practice.
    pub administrators: usize,
    /// What is missing at the complaints desk of each council with which the practice has a contract in force.
    pub complaints_desks: Vec<Vec<DeskGap>>,
    /// The number of managers who own no share of the practice.
    pub second_persons: usize,
    /// The years whose working days are loaded.
    pub calendar_years: Vec<i32>,
    /// The items that were recorded by hand.
    pub recorded: Vec<Recorded>,
}

/// The state of one item at a practice, with the shortcoming in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemStatus {
    /// The state of the item.
    pub state: ItemState,
    /// The step that is missing, in words, unless the practice meets the item.
    pub missing: Option<String>,
}

impl ItemStatus {
    fn new(state: ItemState, missing: impl Into<String>) -> Self {
        Self { state, missing: Some(missing.into()) }
    }

    const MET: Self = Self { state: ItemState::Met, missing: None };

    /// The state of an item that holds until a last day, which itself counts.
    fn until(ends_on: Option<NaiveDate>, today: NaiveDate) -> Self {
        match ends_on {
            Some(day) if day < today => Self::new(ItemState::Expired, format!("It ended on {day}.")),
            Some(day) if day <= today + Days::new(EXPIRING_WITHIN.into()) => {
                Self::new(ItemState::Expiring, format!("It ends on {day}."))
            }
            _ => Self::MET,
        }
    }

    /// Whether the practice may work with the item in this state.
    pub fn is_enough(&self) -> bool {
        matches!(self.state, ItemState::Met | ItemState::Expiring)
    }
}

impl Facts {
    /// Returns the state of this item today.
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
            // A contract cannot be entered without these periods, so this item stands and falls with the contract.
            Item::Clocks => in_force(&self.contracts, today, "No contract gives periods for answering."),
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
            Item::ComplaintsDesk => self.complaints_desks(),
            Item::SecondPersons => at_least(self.second_persons, 2, "Too few managers own no share of the practice"),
            Item::StaffRegistration => self.staff_registration(today),
            _ => match self.recorded.iter().find(|recorded| recorded.item == item) {
                Some(recorded) => ItemStatus::until(recorded.expires_on, today),
                None => ItemStatus::new(ItemState::Missing, "Nothing is recorded."),
            },
        }
    }

    fn complaints_desks(&self) -> ItemStatus {
        let mut gaps: Vec<&str> = self.complaints_desks.iter().flatten().map(|gap| gap.words()).collect();
        gaps.sort_unstable();
        gaps.dedup();
        if self.complaints_desks.is_empty() {
            ItemStatus::new(ItemState::Missing, "No contract with a council is in force.")
        } else if gaps.is_empty() {
            ItemStatus::MET
        } else {
            ItemStatus::new(ItemState::Missing, format!("A council lacks {}.", gaps.join(", ")))
        }
    }

    fn staff_registration(&self, today: NaiveDate) -> ItemStatus {
        if self.social_workers.is_empty() {
            return ItemStatus::new(ItemState::Missing, "Nobody is a social worker.");
        }
        let why: Vec<Vec<Attention>> =
            self.social_workers.iter().map(|known| attention(*known, today, EXPIRING_WITHIN)).collect();
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

    /// Whether the practice has every item.
    pub fn is_complete(&self, today: NaiveDate) -> bool {
        self.lacking(today) == 0
    }

    /// Returns the number of items that are missing or have ended.
    pub fn lacking(&self, today: NaiveDate) -> usize {
        Item::ALL.iter().filter(|item| !self.standing(**item, today).is_enough()).count()
    }
}

/// Returns the state of the longest period that is in force, or else the reason why none is.
fn in_force(periods: &[Period], today: NaiveDate, nothing: &str) -> ItemStatus {
    let started = |period: &&Period| period.starts_on <= today;
    // A period without a last day is the longest.
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
    /// Returns the rule by which the item ends, if it is recorded by hand. The other items are derived from data in the
    /// service, and cannot be ticked.
    pub fn recorded_by_hand(self) -> Result<Ends, Vec<Fault>> {
        self.requirement().recorded.ok_or_else(|| {
            vec![Fault::new("item", "is derived from data in the service, and cannot be recorded by hand")]
        })
    }
}

/// Returns the last day of an item that is recorded by hand, from the days that were given. Faults name `done_on` and
/// `expires_on`. An item that is derived from data has no last day to record.
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
            faults.push(Fault::new("/expires_on", "is required, because this item always ends"));
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
