//! The opening hours of a practice, and periods that are counted in them.

use std::fmt;

use chrono::{DateTime, Datelike as _, Duration, NaiveDate, NaiveTime, TimeZone as _, Utc, Weekday};
use chrono_tz::Europe::London;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fault::{Fault, InvalidValue};
use crate::words::calendar::{Calendar, CalendarUnavailable, london_date};
use crate::words::time_of_day::TimeOfDay;

/// The fewest minutes for which a practice opens on a day: with less, a period would take weeks.
const SHORTEST_DAY: u16 = 60;

/// The days of a week, from Monday.
const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

const NAMES: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The hours of one day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "from": "09:00", "to": "17:00" }))]
pub struct OpenFromTo {
    /// The time at which the practice opens.
    pub from: TimeOfDay,
    /// The time at which the practice closes: at least an hour later, and at the latest the midnight at which the day ends.
    pub to: TimeOfDay,
}

/// The hours for which a practice is open on each day of the week, in Europe/London. It is closed on a day that is left out,
/// and on every bank holiday, and on Christmas Day, Boxing Day and New Year's Day whatever day of the week they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "monday": { "from": "09:00", "to": "17:00" }, "tuesday": { "from": "09:00", "to": "17:00" },
    "wednesday": { "from": "09:00", "to": "17:00" }, "thursday": { "from": "09:00", "to": "19:30" },
    "friday": { "from": "09:00", "to": "17:00" }, "saturday": { "from": "10:00", "to": "13:00" },
}))]
pub struct OpeningHours {
    /// The hours on Mondays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monday: Option<OpenFromTo>,
    /// The hours on Tuesdays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuesday: Option<OpenFromTo>,
    /// The hours on Wednesdays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wednesday: Option<OpenFromTo>,
    /// The hours on Thursdays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thursday: Option<OpenFromTo>,
    /// The hours on Fridays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub friday: Option<OpenFromTo>,
    /// The hours on Saturdays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saturday: Option<OpenFromTo>,
    /// The hours on Sundays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sunday: Option<OpenFromTo>,
}

const NINE_TO_FIVE: Option<OpenFromTo> = match (TimeOfDay::of_minutes(9 * 60), TimeOfDay::of_minutes(17 * 60)) {
    (Some(from), Some(to)) => Some(OpenFromTo { from, to }),
    _ => None,
};

impl OpeningHours {
    /// The hours of a practice that has said no others: 9 to 17 on the working days of England and Wales.
    pub const USUAL: Self = Self {
        monday: NINE_TO_FIVE,
        tuesday: NINE_TO_FIVE,
        wednesday: NINE_TO_FIVE,
        thursday: NINE_TO_FIVE,
        friday: NINE_TO_FIVE,
        saturday: None,
        sunday: None,
    };

    /// Whether a practice can have these hours: it opens on one day of the week at least, and for an hour at least on each day
    /// on which it opens.
    pub fn check(&self) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        for (weekday, name) in WEEK.into_iter().zip(NAMES) {
            if let Some(hours) = self.on(weekday)
                && hours.to.minutes() < hours.from.minutes().saturating_add(SHORTEST_DAY)
            {
                faults.push(Fault::new(format!("/{name}/to"), "must be at least an hour after from, on the same day"));
            }
        }
        if WEEK.into_iter().all(|weekday| self.on(weekday).is_none()) {
            faults.push(Fault::new("", "must have one day of the week at least on which the practice is open"));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// Returns the hours of this day of the week; `None` if the practice is closed.
    pub const fn on(&self, weekday: Weekday) -> Option<OpenFromTo> {
        match weekday {
            Weekday::Mon => self.monday,
            Weekday::Tue => self.tuesday,
            Weekday::Wed => self.wednesday,
            Weekday::Thu => self.thursday,
            Weekday::Fri => self.friday,
            Weekday::Sat => self.saturday,
            Weekday::Sun => self.sunday,
        }
    }

    /// Returns the moment at which this many minutes have passed while the practice was open, counted from `from`. While it is
    /// closed, no minute passes. A period that ends with the closing ends then, and not at the next opening.
    pub fn add_minutes(
        &self,
        from: DateTime<Utc>,
        minutes: u32,
        calendar: &Calendar,
    ) -> Result<DateTime<Utc>, CalendarUnavailable> {
        let mut left = Duration::minutes(i64::from(minutes));
        let mut day = london_date(from);
        loop {
            if let Some(Open { opens, closes }) = self.open_on(day, calendar)? {
                let begins = from.max(opens);
                if begins < closes {
                    if left <= closes - begins {
                        return Ok(begins + left);
                    }
                    left -= closes - begins;
                }
            }
            day = day.succ_opt().ok_or(CalendarUnavailable { year: day.year().saturating_add(1) })?;
        }
    }

    /// Returns the moments at which the practice opens and closes on this day; `None` if it stays closed.
    fn open_on(&self, day: NaiveDate, calendar: &Calendar) -> Result<Option<Open>, CalendarUnavailable> {
        let is_holiday = calendar.is_holiday(day)?;
        let hours = self.on(day.weekday()).filter(|_| !is_holiday);
        Ok(hours.map(|hours| Open { opens: first_moment(day, hours.from), closes: last_moment(day, hours.to) }))
    }
}

/// The moments at which a practice opens and closes on a day.
struct Open {
    opens: DateTime<Utc>,
    closes: DateTime<Utc>,
}

/// Returns the first moment at which the clocks in London show this time of the day; an hour later by the clock where they skip
/// it in spring.
fn first_moment(day: NaiveDate, time: TimeOfDay) -> DateTime<Utc> {
    let local = local(day, time);
    let shown = London.from_local_datetime(&local).earliest();
    let after_the_gap = || London.from_local_datetime(&(local + Duration::hours(1))).earliest();
    shown.or_else(after_the_gap).map_or_else(|| local.and_utc(), |moment| moment.to_utc())
}

/// Returns the last moment at which the clocks in London show this time of the day: they show an hour twice in autumn.
fn last_moment(day: NaiveDate, time: TimeOfDay) -> DateTime<Utc> {
    let shown = London.from_local_datetime(&local(day, time)).latest();
    shown.map_or_else(|| first_moment(day, time), |moment| moment.to_utc())
}

fn local(day: NaiveDate, time: TimeOfDay) -> chrono::NaiveDateTime {
    day.and_time(NaiveTime::MIN) + Duration::minutes(i64::from(time.minutes()))
}

/// Writes the hours as the database keeps them: the seven days from Monday, such as `09:00-17:00`, with nothing for a day on
/// which the practice is closed.
impl fmt::Display for OpeningHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for weekday in WEEK {
            if weekday != Weekday::Mon {
                f.write_str(",")?;
            }
            if let Some(OpenFromTo { from, to }) = self.on(weekday) {
                write!(f, "{from}-{to}")?;
            }
        }
        Ok(())
    }
}

impl std::str::FromStr for OpeningHours {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let days: Vec<&str> = text.split(',').collect();
        let invalid = || InvalidValue::new("must be the hours of seven days");
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] =
            days.try_into().map_err(|_| invalid())?;
        let hours = |day: &str| -> Result<Option<OpenFromTo>, InvalidValue> {
            if day.is_empty() {
                return Ok(None);
            }
            let (from, to) = day.split_once('-').ok_or_else(invalid)?;
            Ok(Some(OpenFromTo { from: TimeOfDay::parse(from)?, to: TimeOfDay::parse(to)? }))
        };
        Ok(Self {
            monday: hours(monday)?,
            tuesday: hours(tuesday)?,
            wednesday: hours(wednesday)?,
            thursday: hours(thursday)?,
            friday: hours(friday)?,
            saturday: hours(saturday)?,
            sunday: hours(sunday)?,
        })
    }
}

#[cfg(test)]
#[path = "opening_hours/tests.rs"]
mod tests;
