//! A time of day, as a clock on the wall shows it.

use serde::{Deserialize, Serialize};
use utoipa::openapi::ObjectBuilder;

use crate::fault::InvalidValue;
use crate::words::characters::plain;

/// The number of minutes in a day whose clocks are not changed.
pub const MINUTES_OF_A_DAY: u16 = 24 * 60;

/// A time of day in hours and minutes, from `00:00` to `24:00`, which is the midnight at which the day ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// Makes a time of day from its minutes since midnight. There is none after the midnight at which the day ends.
    pub const fn of_minutes(minutes: u16) -> Option<Self> {
        if minutes <= MINUTES_OF_A_DAY { Some(Self(minutes)) } else { None }
    }

    /// Reads a time of day, such as `09:00`.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let invalid = || InvalidValue::new("must be a time of day such as 09:00, from 00:00 to 24:00");
        let text = plain(text);
        let digits =
            text.bytes().enumerate().all(|(at, byte)| if at == 2 { byte == b':' } else { byte.is_ascii_digit() });
        if text.len() != 5 || !digits {
            return Err(invalid());
        }
        let (hours, minutes): (u16, u16) =
            (text[..2].parse().map_err(|_| invalid())?, text[3..].parse().map_err(|_| invalid())?);
        if minutes > 59 {
            return Err(invalid());
        }
        Self::of_minutes(hours * 60 + minutes).ok_or_else(invalid)
    }

    /// Returns the minutes since midnight, as the clock counts them.
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

impl utoipa::PartialSchema for TimeOfDay {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("A time of day in Europe/London, from 00:00 to 24:00"))
            .pattern(Some("^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"))
            .min_length(Some(5))
            .max_length(Some(5))
            .examples(["09:00"])
            .into()
    }
}

impl utoipa::ToSchema for TimeOfDay {
    fn name() -> std::borrow::Cow<'static, str> {
        std::borrow::Cow::from("TimeOfDay")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_hours_and_minutes_up_to_the_midnight_at_which_the_day_ends() {
        for (text, minutes) in [
            ("00:00", Some(0)),
            ("09:00", Some(540)),
            (" 16:40 ", Some(1000)),
            ("23:59", Some(1439)),
            ("24:00", Some(1440)),
            ("24:01", None),
            ("25:00", None),
            ("09:60", None),
            ("9:00", None),
            ("0900", None),
            ("09.00", None),
            ("09:00:00", None),
            ("-9:00", None),
            ("0９:00", Some(540)),
            ("", None),
        ] {
            let read = TimeOfDay::parse(text).ok();
            assert_eq!(read.map(TimeOfDay::minutes), minutes, "{text}");
            assert!(read.is_none_or(|time| TimeOfDay::parse(&time.to_string()) == Ok(time)), "{text}");
        }
    }
}
