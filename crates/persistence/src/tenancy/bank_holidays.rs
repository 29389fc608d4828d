//! The bank holidays of England and Wales: those that the service ships, and those that the operator adds because one was
//! proclaimed (Banking and Financial Dealings Act 1971 s1(2) and (3)).

use almoner_domain::events::Event;
use almoner_domain::ids::BankHolidayId;
use almoner_domain::tenancy::bank_holiday::check_bank_holiday;
use almoner_domain::words::date;
use almoner_domain::words::text::Line;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ground::calendar::AddedHoliday;
use crate::ground::error::StoreError;
use crate::ground::page::{Day, Page, Paging};
use crate::ground::prepared::update;
use crate::ground::schema::bank_holidays;
use crate::ground::scope::OperatorScope;

/// A bank holiday.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BankHoliday {
    /// The identifier of the bank holiday.
    pub id: BankHolidayId,
    /// The day, which is no working day.
    pub day: NaiveDate,
    /// The name of the bank holiday.
    #[schema(value_type = Line<200>)]
    pub title: String,
    /// When the operator added the bank holiday. Absent if the service shipped with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added_at: Option<DateTime<Utc>>,
    /// The deadlines that moved when the bank holiday was added. Absent if the service shipped with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<MovedDeadlines>,
}

/// The number of deadlines of each kind that a bank holiday moved, over all practices. Those of complaints, which move too, are
/// not counted: no number tells whether somebody complained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema, Queryable, AsChangeset)]
#[diesel(table_name = bank_holidays)]
pub struct MovedDeadlines {
    /// The days by which practices answer referrals.
    #[schema(minimum = 0, maximum = 2_147_483_647, example = 12)]
    pub referral_responses: i32,
    /// The times by which a human looks at an immediate referral.
    #[schema(minimum = 0, maximum = 2_147_483_647, example = 1)]
    pub human_contacts: i32,
    /// The days by which second persons decide.
    #[schema(minimum = 0, maximum = 2_147_483_647, example = 3)]
    pub countersignatures: i32,
}

/// A bank holiday to add.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "day": "2027-06-04", "title": "Bank holiday for the jubilee" }))]
pub struct NewBankHoliday {
    /// The day: no Saturday or Sunday, and in a year whose bank holidays are loaded.
    #[serde(deserialize_with = "date::required")]
    pub day: NaiveDate,
    /// The name of the bank holiday.
    pub title: Line<200>,
}

/// Adds a bank holiday. Nobody else counts a deadline until the transaction ends.
pub(crate) fn add(
    scope: &mut OperatorScope<'_>,
    new: &NewBankHoliday,
) -> Result<(BankHolidayId, AddedHoliday), StoreError> {
    let calendar = scope.calendar_to_change()?;
    check_bank_holiday(new.day, &calendar)?;
    let id: BankHolidayId = scope.next_id();
    diesel::insert_into(bank_holidays::table)
        .values((
            bank_holidays::bank_holiday_id.eq(id),
            bank_holidays::day.eq(new.day),
            bank_holidays::title.eq(&new.title),
            bank_holidays::added_at.eq(scope.at()),
        ))
        .execute(scope.conn)
        .map_err(|error| StoreError::already_exists(error, "/day"))?;
    scope.record(Event::BankHolidayAdded { holiday: id })?;
    let first = new.day.max(scope.today());
    Ok((id, AddedHoliday { day: new.day, calendar: calendar.with(new.day), first }))
}

/// Writes down how many deadlines a bank holiday moved.
pub(crate) fn keep_moved(
    scope: &mut OperatorScope<'_>,
    id: BankHolidayId,
    moved: MovedDeadlines,
) -> Result<(), StoreError> {
    let kept =
        update(bank_holidays::table).filter(bank_holidays::bank_holiday_id.eq(id)).set(moved).execute(scope.conn)?;
    StoreError::unless_changed(kept, "the bank holiday")
}

type BankHolidayRow = (BankHolidayId, NaiveDate, String, Option<DateTime<Utc>>, Option<MovedDeadlines>);

macro_rules! columns_shown {
    () => {
        (
            bank_holidays::bank_holiday_id,
            bank_holidays::day,
            bank_holidays::title,
            bank_holidays::added_at,
            (
                bank_holidays::referral_responses.assume_not_null(),
                bank_holidays::human_contacts.assume_not_null(),
                bank_holidays::countersignatures.assume_not_null(),
            )
                .nullable(),
        )
    };
}

fn show((id, day, title, added_at, moved): BankHolidayRow) -> BankHoliday {
    BankHoliday { id, day, title, added_at, moved }
}

/// Finds one bank holiday.
pub fn find(scope: &mut OperatorScope<'_>, id: BankHolidayId) -> Result<BankHoliday, StoreError> {
    Ok(show(bank_holidays::table.find(id.uuid()).select(columns_shown!()).first(scope.conn)?))
}

/// Lists the bank holidays, the earliest first.
pub fn list(scope: &mut OperatorScope<'_>, paging: &Paging) -> Result<Page<BankHoliday>, StoreError> {
    let after = paging.after_key::<Day>()?.map(|(Day(day), _)| day).unwrap_or_default();
    let rows: Vec<BankHolidayRow> = bank_holidays::table
        .filter(bank_holidays::day.gt(after))
        .order(bank_holidays::day)
        .limit(paging.fetch())
        .select(columns_shown!())
        .load(scope.conn)?;
    let page = paging.page(rows, |(id, day, ..)| format!("{day}|{id}"));
    page.try_map(|row| Ok(show(row)))
}
