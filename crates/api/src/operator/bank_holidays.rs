//! The bank holidays by which deadlines are counted.

use almoner_domain::ids::BankHolidayId;
use almoner_persistence::Page;
use almoner_persistence::deadlines::add_bank_holiday;
use almoner_persistence::tenancy::bank_holidays::{self, BankHoliday, NewBankHoliday};

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::path::Path;
use crate::ground::permission::Operate;
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(
        door: add refuses AlreadyExists,
        list,
        read,
    );
}

/// Adds a bank holiday, and moves the deadlines that it makes too short.
///
/// A deadline that has passed stays. The answer says how many of each kind moved, but for those of complaints; the audit
/// logs of practices and councils say which.
#[utoipa::path(post, path = "/bank-holidays")]
async fn add(
    caller: Caller<Operate>,
    key: IdempotencyKey,
    body: Body<NewBankHoliday>,
) -> Result<Created<BankHoliday>, ApiError> {
    caller
        .create(
            key,
            body,
            add_bank_holiday,
            |scope, made| bank_holidays::find(scope, made.id()).map(no_record::changed),
            |holiday| format!("/v1/operator/bank-holidays/{}", holiday.id),
        )
        .await
}

/// Lists the bank holidays.
#[utoipa::path(get, path = "/bank-holidays")]
async fn list(caller: Caller<Operate>, page: Query<PageQuery>) -> Result<Reply<Page<BankHoliday>>, ApiError> {
    let paging = page.0.paging()?;
    caller.read(move |scope| bank_holidays::list(scope, &paging).map(no_record::public)).await
}

/// Shows one bank holiday, with the deadlines that it moved.
#[utoipa::path(get, path = "/bank-holidays/{id}")]
async fn read(caller: Caller<Operate>, id: Path<BankHolidayId>) -> Result<Reply<BankHoliday>, ApiError> {
    caller.read(move |scope| bank_holidays::find(scope, id.0).map(no_record::public)).await
}
