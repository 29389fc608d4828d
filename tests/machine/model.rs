//! What should be so, in a few lines that share nothing with the program: who has which complaint, what stage it has reached, whom it must
//! not be offered to, and what is late.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};

/// Somebody at the desk: two complaints officers, the responsible person, the alternate, two investigators and a subject.
pub(crate) type Person = usize;

/// The names of everybody at the desk, by their number.
pub(crate) const NAMES: [&str; 7] = [
    "Beatrice Oyelaran",
    "Callum Whitfield",
    "Helena Vance",
    "Idris Rahman",
    "Margaret Ashby",
    "Tamsin Ogilvie",
    "Hannah Price",
];

/// The officers are the first four of them, and the last two of these are asked when something is late.
pub(crate) const OFFICERS: usize = 4;
pub(crate) const RESPONSIBLE: [Person; 2] = [2, 3];

/// The subject, who is never shown the whole.
pub(crate) const SUBJECT: Person = 6;

/// A step that leads from one stage to the next, or that is allowed in some stages only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Acknowledge,
    Plan,
    LookInto,
    Sign,
    GiveBack,
    Send,
    Promise,
    Close,
    Reopen,
    Withdraw,
    Exclude,
    Explain,
}

/// The stage after a step, or nothing where the step is out of order.
#[expect(clippy::match_same_arms, reason = "each step stands beside its stages")]
pub(crate) fn after(status: &str, step: Step) -> Option<&'static str> {
    match (step, status) {
        (Step::Acknowledge, "received") | (Step::Reopen, "answered" | "closed") => Some("acknowledged"),
        (Step::Plan, "acknowledged" | "investigating")
        | (Step::GiveBack, "signed")
        | (Step::LookInto | Step::Promise, "investigating") => Some("investigating"),
        (Step::LookInto | Step::Promise | Step::Explain, "received") => Some("received"),
        (Step::LookInto | Step::Promise | Step::Explain, "acknowledged") => Some("acknowledged"),
        (Step::Explain, "investigating") => Some("investigating"),
        (Step::Sign, "investigating") | (Step::Promise | Step::Explain, "signed") => Some("signed"),
        (Step::Send, "signed") | (Step::Promise, "answered") => Some("answered"),
        (Step::Close, "answered") | (Step::Promise, "closed") => Some("closed"),
        (Step::Withdraw, "received" | "acknowledged" | "investigating" | "signed") => Some("withdrawn"),
        (Step::Exclude, "received" | "acknowledged" | "investigating") => Some("not_considered"),
        _ => None,
    }
}

/// The hour by which London is ahead in the one summer in which sequences are.
fn summer_hour(at: DateTime<Utc>) -> TimeDelta {
    let [begins, ends] =
        ["2027-03-28T01:00:00Z", "2027-10-31T01:00:00Z"].map(|at| at.parse::<DateTime<Utc>>().unwrap());
    TimeDelta::hours(i64::from(begins <= at && at < ends))
}

/// The day in London.
pub(crate) fn day(at: DateTime<Utc>) -> NaiveDate {
    (at + summer_hour(at)).date_naive()
}

/// The first moment of a day in London.
pub(crate) fn midnight(day: NaiveDate) -> DateTime<Utc> {
    let at = day.and_time(NaiveTime::MIN).and_utc();
    at - summer_hour(at)
}

/// The last day of the six months that begin on a day.
pub(crate) fn six_months_from(day: NaiveDate) -> NaiveDate {
    let same_day = day + Months::new(6);
    if same_day.day() < day.day() { same_day } else { same_day - Days::new(1) }
}

/// Whether anybody works on this day: no weekend, and no bank holiday of the months in which the sequences are.
fn is_working_day(day: NaiveDate) -> bool {
    let holidays = [
        "2026-12-25",
        "2026-12-28",
        "2027-01-01",
        "2027-03-26",
        "2027-03-29",
        "2027-05-03",
        "2027-05-31",
        "2027-08-30",
        "2027-12-27",
        "2027-12-28",
    ];
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !holidays.contains(&day.to_string().as_str())
}

/// The working day so many working days after a day.
pub(crate) fn working_days_after(day: NaiveDate, count: usize) -> NaiveDate {
    let following = (1..).map(|days| day + Days::new(days));
    following.filter(|day| is_working_day(*day)).nth(count - 1).unwrap()
}

/// How somebody has a complaint.
#[derive(Clone, Debug)]
pub(crate) struct Holding {
    pub(crate) id: String,
    /// Whether the complainant objects to them, who has it until another officer has opened it.
    pub(crate) objected: bool,
    /// From when on a subject is shown the heads; nothing for whoever has the whole.
    pub(crate) shown_from: Option<DateTime<Utc>>,
}

/// A message of the complainant's: it waits for an officer whom it does not name to pass it on.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) names: Option<Person>,
    pub(crate) waits: bool,
    /// Whether an officer has written to the complainant since, or the complaint has ended since: no matter where it may name an officer.
    pub(crate) is_answered: bool,
    pub(crate) answer_by: NaiveDate,
}

/// Something that the complainant asked for: it waits for an officer whom it does not name to decide it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) names: Option<Person>,
    pub(crate) waits: bool,
    pub(crate) withdraws: bool,
    pub(crate) decide_by: NaiveDate,
}

/// A complaint as it should be.
#[derive(Clone, Debug)]
pub(crate) struct Complaint {
    pub(crate) id: String,
    pub(crate) status: &'static str,
    pub(crate) about_council: bool,
    pub(crate) received: NaiveDate,
    pub(crate) plan_due: NaiveDate,
    pub(crate) response_due: NaiveDate,
    /// The last day of the six months in which it is answered, and when the complainant was told why it was not.
    pub(crate) latest: NaiveDate,
    pub(crate) explained: Option<NaiveDate>,
    pub(crate) progress_due: Option<NaiveDate>,
    pub(crate) actions: Vec<(String, NaiveDate)>,
    pub(crate) heads: Vec<(String, bool)>,
    pub(crate) is_planned: bool,
    pub(crate) has_draft: bool,
    pub(crate) looked_at: NaiveDate,
    /// Whose name stands in it, or who must not see it by the complainant's wish.
    pub(crate) named: BTreeSet<Person>,
    /// Who said that they know somebody concerned, or had it and has it no more.
    pub(crate) out: BTreeSet<Person>,
    pub(crate) holders: BTreeMap<Person, Holding>,
    pub(crate) messages: Vec<Message>,
    pub(crate) told: usize,
    pub(crate) requests: Vec<Asked>,
    /// When it was answered, or something was last done because of it.
    pub(crate) last_done: Option<NaiveDate>,
    /// To whom it is offered, as it was seen last, and until which day.
    pub(crate) offer: Option<(Person, String, NaiveDate)>,
}

/// The desk as it should be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) complaints: Vec<Complaint>,
    /// Who has left or was let go, and when.
    pub(crate) gone: BTreeMap<Person, DateTime<Utc>>,
    /// Those of them who have lost their role and can get it back.
    pub(crate) without_role: BTreeSet<Person>,
    pub(crate) away_until: BTreeMap<Person, NaiveDate>,
    /// When those who had left came back, or got their role back: the worker looks for them the next time.
    came_back: Vec<DateTime<Utc>>,
}

impl Complaint {
    /// Whether somebody reads the complaint whole.
    pub(crate) fn is_read_by(&self, person: Person) -> bool {
        self.holders.get(&person).is_some_and(|holding| holding.shown_from.is_none())
    }

    /// Whether a message or a request waits that names this person, so that it is closed to them.
    pub(crate) fn is_closed_in_part_to(&self, person: Person) -> bool {
        self.messages.iter().any(|message| message.waits && message.names == Some(person))
            || self.requests.iter().any(|asked| asked.waits && asked.names == Some(person))
    }

    /// How many messages somebody reads who has the complaint.
    pub(crate) fn messages_read_by(&self, person: Person) -> usize {
        let open = |message: &&Message| !message.waits || (person < OFFICERS && message.names != Some(person));
        self.told + self.messages.iter().filter(open).count()
    }

    /// How many requests somebody reads who has the complaint.
    pub(crate) fn requests_read_by(&self, person: Person) -> usize {
        let open = |asked: &&Asked| !asked.waits || asked.names != Some(person);
        if person < OFFICERS { self.requests.iter().filter(open).count() } else { 0 }
    }

    /// Whether another officer is asked in the place of this one, who turns nothing meanwhile.
    pub(crate) fn waits_for_another_than(&self, person: Person) -> bool {
        self.is_closed_in_part_to(person) || self.holders.get(&person).is_some_and(|holding| holding.objected)
    }

    /// Takes it from the guests once it is over.
    pub(crate) fn ends_for_guests(&mut self) {
        if self.is_closed() {
            self.holders.retain(|person, _| *person < OFFICERS);
        }
    }

    /// Whether it was closed, withdrawn or left unconsidered.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.status, "closed" | "withdrawn" | "not_considered")
    }

    /// An officer writes to the complainant: that answers everything but what may name an officer.
    pub(crate) fn is_answered_by(&mut self, by: Person) {
        if by < OFFICERS {
            self.messages
                .iter_mut()
                .filter(|message| !message.may_name_an_officer())
                .for_each(|message| message.is_answered = true);
        }
    }

    /// Goes to another stage. Nothing waits that came before the end, and what may name an officer waits again after a reopening.
    pub(crate) fn goes_to(&mut self, status: &'static str) {
        let was_closed = self.is_closed();
        self.status = status;
        if self.is_closed() && !was_closed {
            self.messages.iter_mut().for_each(|message| message.is_answered = true);
        } else if was_closed && !self.is_closed() {
            self.messages
                .iter_mut()
                .filter(|message| message.may_name_an_officer())
                .for_each(|message| message.is_answered = false);
        }
    }

    pub(crate) fn awaits_a_response(&self) -> bool {
        matches!(self.status, "received" | "acknowledged" | "investigating" | "signed")
    }

    /// The days that somebody has to keep.
    fn days(&self) -> Vec<NaiveDate> {
        let mut days = Vec::new();
        if self.status == "received" {
            days.push(working_days_after(self.received, 2));
        }
        if matches!(self.status, "received" | "acknowledged") {
            days.push(self.plan_due);
        }
        if self.awaits_a_response() {
            days.extend([self.response_due, self.latest]);
            let is_unexplained = |missed: &NaiveDate| self.explained.is_none_or(|explained| explained <= *missed);
            let missed = [self.response_due, self.latest].into_iter().filter(is_unexplained);
            days.extend(missed.map(|missed| working_days_after(missed, 5)));
            days.extend(self.progress_due);
            days.push(working_days_after(self.looked_at, 5));
        }
        days.extend(
            self.messages
                .iter()
                .filter(|message| message.waits && !message.is_answered)
                .map(|message| message.answer_by),
        );
        if self.status == "answered" && self.actions.is_empty() {
            days.extend(self.last_done.map(|done| working_days_after(done, 10)));
        }
        if !matches!(self.status, "withdrawn" | "not_considered") {
            days.extend(self.actions.iter().map(|(_, due)| *due));
        }
        days.extend(self.requests.iter().filter(|asked| asked.waits).map(|asked| asked.decide_by));
        days
    }

    /// Whether something is late on this day.
    pub(crate) fn is_late(&self, today: NaiveDate) -> bool {
        self.days().iter().any(|day| *day < today)
    }
}

impl Message {
    fn may_name_an_officer(&self) -> bool {
        self.names.is_some_and(|person| person < OFFICERS)
    }
}

impl Model {
    pub(crate) fn is_there(&self, person: Person) -> bool {
        !self.gone.contains_key(&person)
    }

    /// Who lost their role has it again, and whatever of theirs was not passed on meanwhile.
    pub(crate) fn gets_role_back(&mut self, person: Person, at: DateTime<Utc>) {
        self.gone.remove(&person);
        self.came_back.push(at);
    }

    /// Who left comes back. What they had, or were asked to open, they have no more.
    pub(crate) fn comes_anew(&mut self, person: Person, at: DateTime<Utc>) {
        self.gone.remove(&person);
        self.away_until.remove(&person);
        self.came_back.push(at);
        for complaint in &mut self.complaints {
            if complaint.holders.remove(&person).is_some() {
                complaint.out.insert(person);
            }
            complaint.offer.take_if(|(asked, ..)| *asked == person);
        }
    }

    /// What is known against letting somebody in.
    #[expect(clippy::unused_self, reason = "it is asked of the model, like everything else")]
    pub(crate) fn is_barred(&self, complaint: &Complaint, person: Person) -> bool {
        complaint.named.contains(&person) || complaint.out.contains(&person)
    }

    /// The officers who have a complaint and can do everything with it.
    pub(crate) fn working(&self, complaint: &Complaint) -> Vec<Person> {
        let works = |person: &Person| {
            *person < OFFICERS
                && self.is_there(*person)
                && !complaint.holders[person].objected
                && !complaint.is_closed_in_part_to(*person)
        };
        complaint.holders.keys().copied().filter(works).collect()
    }

    /// The officers to whom a complaint may be offered.
    pub(crate) fn may_be_asked(&self, complaint: &Complaint) -> Vec<Person> {
        let asked = if complaint.about_council { RESPONSIBLE[0]..OFFICERS } else { 0..OFFICERS };
        asked
            .filter(|person| self.is_there(*person) && !self.is_barred(complaint, *person))
            .filter(|person| !complaint.holders.contains_key(person))
            .collect()
    }

    /// Whether somebody opened a complaint, and no officer has it who is there.
    fn is_left(&self, complaint: &Complaint) -> bool {
        !complaint.id.is_empty() && !complaint.holders.keys().any(|person| *person < OFFICERS && self.is_there(*person))
    }

    /// What the worker's turn does to those who have a complaint: whoever the complainant objects to has it no more once another has, and
    /// where every officer who had it is gone, these have it no more. In a complaint that is over this waits for a day at most.
    pub(crate) fn turn(&mut self) {
        for place in 0..self.complaints.len() {
            let is_left = self.is_left(&self.complaints[place]);
            let is_worked_on = !self.working(&self.complaints[place]).is_empty();
            let complaint = &mut self.complaints[place];
            let objected: Vec<Person> =
                complaint.holders.iter().filter(|(_, holding)| holding.objected).map(|(person, _)| *person).collect();
            for person in objected.into_iter().filter(|_| is_worked_on) {
                complaint.holders.remove(&person);
                complaint.out.insert(person);
            }
            let is_passed_on = is_left && !complaint.is_closed();
            let left: Vec<Person> = complaint.holders.keys().copied().filter(|person| *person < OFFICERS).collect();
            for person in left.into_iter().filter(|_| is_passed_on) {
                complaint.holders.remove(&person);
                complaint.out.insert(person);
            }
        }
    }

    /// What is wrong with how a complaint stands after the worker's turn.
    pub(crate) fn wrong_after_a_turn(&self, complaint: &Complaint, at: DateTime<Utc>) -> Option<String> {
        let today = day(at);
        // The worker looks once a day at what somebody has: they may have left, or a nearer day was set.
        let a_day_ago = at - TimeDelta::hours(24);
        if let Some((asked, _, open_by)) = &complaint.offer {
            let is_late = *open_by < today;
            return (is_late || !self.is_there(*asked) || complaint.is_closed_in_part_to(*asked))
                .then(|| format!("{} is asked still", NAMES[*asked]));
        }
        let has_somebody_just_left = self.gone.values().chain(&self.came_back).any(|left| *left > a_day_ago);
        let free = self.may_be_asked(complaint);
        // Every turn passes on what the gone have; of what is over, within a day.
        let may_wait = complaint.is_closed() && has_somebody_just_left;
        if self.working(complaint).is_empty() && !free.is_empty() && !may_wait {
            return Some(format!("nobody has it or is asked, and {} could be", NAMES[free[0]]));
        }
        let has_it = |person: &Person| {
            self.is_there(*person) && complaint.holders.get(person).is_some_and(|holding| !holding.objected)
        };
        let above = free.iter().find(|person| RESPONSIBLE.contains(person));
        match above {
            Some(above)
                if !has_somebody_just_left && complaint.is_late(day(a_day_ago)) && !RESPONSIBLE.iter().any(has_it) =>
            {
                Some(format!("something is late, and {} is not asked", NAMES[*above]))
            }
            _ => None,
        }
    }

    /// What is wrong with a complaint's being offered to somebody, when it was not a moment ago.
    pub(crate) fn wrong_with_asking(
        &self,
        complaint: &Complaint,
        person: Person,
        at: DateTime<Utc>,
    ) -> Option<&'static str> {
        let is_late = complaint.is_late(day(at));
        let is_wanted_above = is_late || self.is_left(complaint);
        let free = self.may_be_asked(complaint);
        if self.is_left(complaint) && !RESPONSIBLE.contains(&person) && free.iter().any(|one| RESPONSIBLE.contains(one))
        {
            return Some("is asked by rota though those who had it are gone");
        }
        if !free.contains(&person) {
            return Some("must not be asked");
        }
        if !self.working(complaint).is_empty() && !is_late {
            return Some("is asked though an officer has it and nothing is late");
        }
        let is_away = |person: &Person| self.away_until.get(person).is_some_and(|until| *until >= day(at));
        let others = free.iter().filter(|other| **other != person && !is_away(other));
        let in_turn = others.filter(|other| !is_wanted_above || RESPONSIBLE.contains(other)).count();
        let asked_before = complaint.offer.as_ref().is_some_and(|(before, ..)| *before == person);
        (asked_before && in_turn > 0).then_some("let it lapse and is asked again before the next")
    }
}
