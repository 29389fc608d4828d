//! The working days, and how a bank holiday that is added moves the days that were counted without it.
//!
//! Who counts a deadline reads the calendar under a lock that many may hold; who adds a bank holiday holds it alone. So a
//! deadline is either counted with the holiday, or is there to be moved. The lock is taken before any row is locked.

use almoner_domain::words::calendar::{Calendar, end_of_day};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types;

use crate::ground::error::StoreError;
use crate::ground::schema::{bank_holidays, calendar_years};
use crate::ground::scope::Scope;

/// The key of the lock, which nothing else takes.
const CALENDAR: i64 = 7_021_848_512_060_320;

diesel::define_sql_function! {
    /// Waits for whoever holds the key alone, and holds it with others until the transaction ends.
    fn pg_advisory_xact_lock_shared(key: sql_types::BigInt) -> sql_types::Nullable<sql_types::Text>;
}
diesel::define_sql_function! {
    /// Waits for everybody who holds the key, and holds it alone until the transaction ends.
    fn pg_advisory_xact_lock(key: sql_types::BigInt) -> sql_types::Nullable<sql_types::Text>;
}

impl Scope<'_> {
    /// The working days of England and Wales, as far as they are loaded. They stay as they are until the transaction ends.
    pub fn calendar(&mut self) -> Result<Calendar, StoreError> {
        // The lock is held before the next statement looks for the holidays.
        let years: Vec<(i32, Option<String>)> = calendar_years::table
            .select((calendar_years::year, pg_advisory_xact_lock_shared(CALENDAR)))
            .order(calendar_years::year)
            .load(self.conn)?;
        self.loaded(&years.into_iter().map(|(year, _)| year).collect::<Vec<_>>())
    }

    /// Waits for every other transaction that holds this number, and holds it until this one ends.
    pub(crate) fn hold_alone(&mut self, number: i64) -> Result<(), StoreError> {
        diesel::select(pg_advisory_xact_lock(number)).execute(self.conn)?;
        Ok(())
    }

    /// The calendar, for whoever adds a bank holiday to it: nobody counts a deadline until the transaction ends.
    pub(crate) fn calendar_to_change(&mut self) -> Result<Calendar, StoreError> {
        self.hold_alone(CALENDAR)?;
        let years: Vec<i32> =
            calendar_years::table.select(calendar_years::year).order(calendar_years::year).load(self.conn)?;
        self.loaded(&years)
    }

    fn loaded(&mut self, years: &[i32]) -> Result<Calendar, StoreError> {
        let holidays: Vec<NaiveDate> = bank_holidays::table.select(bank_holidays::day).load(self.conn)?;
        let (first, last) = (years.first().copied().unwrap_or(0), years.last().copied().unwrap_or(-1));
        Ok(Calendar::new(first, last, holidays))
    }
}

/// A bank holiday that has just been added, and the calendar that has it.
pub(crate) struct AddedHoliday {
    pub(crate) day: NaiveDate,
    pub(crate) calendar: Calendar,
    /// The first deadline that it may move: it is not before the holiday, and has not passed.
    pub(crate) first: NaiveDate,
}

impl AddedHoliday {
    /// When the holiday begins in London: what was received before it counts the holiday.
    pub(crate) fn begins_at(&self) -> DateTime<Utc> {
        self.day.pred_opt().map_or(DateTime::<Utc>::MIN_UTC, end_of_day)
    }

    /// Returns the day to which a deadline moves that was counted in working days from before the holiday to this day, or
    /// that is the holiday: there is one working day less on the way.
    pub(crate) fn moved(&self, due_on: NaiveDate) -> Result<NaiveDate, StoreError> {
        Ok(self.calendar.add_working_days(due_on, 1)?)
    }
}

/// Moves a column of days in the rows that a condition finds, and returns columns of each row that was moved. The latest
/// days move first, so that no row is moved twice.
macro_rules! move_days {
    ($scope:expr, $holiday:expr, $table:ident.$column:ident $(with $also:expr,)? where $concerned:expr, returning $columns:expr) => {{
        let days: Vec<chrono::NaiveDate> = $table::table
            .filter($concerned)
            .filter($table::$column.ge($holiday.first))
            .select($table::$column)
            .distinct()
            .order($table::$column.desc())
            .load($scope.conn)?;
        let mut moved = Vec::new();
        for day in days {
            let to = $holiday.moved(day)?;
            let rows = $crate::ground::prepared::update($table::table)
                .filter($concerned)
                .filter($table::$column.eq(day))
                .set(($table::$column.eq(to), $($also,)? $table::version.eq($table::version + 1)))
                .returning($columns)
                .load($scope.conn)?;
            moved.extend(rows.into_iter().map(|row| (to, row)));
        }
        moved
    }};
}
pub(crate) use move_days;
