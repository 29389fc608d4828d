//! The account of each officer, and what of an officer waits to be confirmed.

use almoner_domain::ids::{AccountId, CouncilId, OfficerId};
use almoner_domain::words::gss_code::GssCode;
use chrono::{DateTime, Utc};
use diesel::dsl::{case_when, exists};
use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};

use crate::ground::callers::Office;
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{account_offices, councils, officers};
use crate::ground::scope::{CouncilScope, OperatorScope, Scope};
use crate::ground::transaction::setting;
use crate::officers::CouncilOfficer;
use crate::officers::roles::{not_gone, note_readers};
use crate::staff::Drawn;

/// The councils at which an account has a place that is known to be its officer's. Asked once both factors are proved, for the
/// account that the scope's settings name.
pub(crate) fn offices(scope: &mut Scope<'_>, account: AccountId) -> Result<Vec<Office>, StoreError> {
    type OfficeRow = (CouncilId, OfficerId, GssCode, String);
    let rows: Vec<OfficeRow> = account_offices::table
        .inner_join(councils::table.on(councils::council_id.eq(account_offices::council_id)))
        .filter(account_offices::account_id.eq(account).and(account_offices::confirmed))
        .filter(account_offices::ends_at.is_null().or(account_offices::ends_at.gt(scope.at())))
        .select((account_offices::council_id, account_offices::officer_id, councils::gss_code, councils::name))
        .order(councils::name)
        .load(scope.conn)?;
    Ok(rows
        .into_iter()
        .map(|(council_id, officer_id, gss_code, name)| Office { council_id, gss_code, name, officer_id })
        .collect())
}

/// Lets an account become the officer whom an invitation was for. Whoever drew the link is one of the hands by which they came.
pub(crate) fn join(
    scope: &mut Scope<'_>,
    (council, officer): (CouncilId, OfficerId),
    account: AccountId,
    drawn: Drawn,
) -> Result<(), StoreError> {
    let ends_at: Option<Option<DateTime<Utc>>> = update(officers::table.find((council, officer)))
        .filter(officers::account_id.is_null().and(not_gone!(scope.at())))
        .set((
            officers::account_id.eq(account),
            officers::joined_at.eq(scope.at()),
            officers::invited_by.eq(officers::invited_by.concat(vec![drawn.by])),
            officers::opened_by.eq(officers::opened_by.concat(vec![drawn.by])),
            officers::opened_at.eq(drawn.at),
            officers::version.eq(officers::version + 1),
        ))
        .returning(officers::access_ends_at)
        .get_result(scope.conn)
        .optional()
        .map_err(|error| StoreError::already_exists(error, "/token"))?;
    let ends_at = ends_at.ok_or(StoreError::NotFound)?;
    scope.execute(&[setting("app.account", account.uuid())])?;
    let place = (
        account_offices::officer_id.eq(officer),
        account_offices::confirmed.eq(false),
        account_offices::ends_at.eq(ends_at),
    );
    diesel::insert_into(account_offices::table)
        .values((account_offices::account_id.eq(account), account_offices::council_id.eq(council), place))
        .on_conflict((account_offices::account_id, account_offices::council_id))
        .do_update()
        .set(place)
        .execute(scope.conn)?;
    Ok(())
}

/// Whether an officer is at the council now, joined or not: their access has not ended.
pub(crate) fn is_here(scope: &mut Scope<'_>, council: CouncilId, officer: OfficerId) -> Result<bool, StoreError> {
    let here = officers::table.find((council, officer)).filter(not_gone!(scope.at())).select(officers::officer_id);
    Ok(diesel::select(exists(here)).get_result(scope.conn)?)
}

/// Makes every place of an account at a council unconfirmed, and returns them. Each council has to confirm that the account is
/// still its officer's, by somebody who came by another hand than whoever drew the link.
pub(crate) fn leave_unconfirmed(
    scope: &mut Scope<'_>,
    account: AccountId,
    drawn: Drawn,
) -> Result<Vec<(CouncilId, OfficerId)>, StoreError> {
    scope.execute(&[setting("app.account", account.uuid())])?;
    let held: Vec<(CouncilId, OfficerId)> =
        update(account_offices::table.filter(account_offices::account_id.eq(account)))
            .set(account_offices::confirmed.eq(false))
            .returning((account_offices::council_id, account_offices::officer_id))
            .get_results(scope.conn)?;
    for (council, officer) in &held {
        let nothing_waits =
            officers::unconfirmed_at.is_null().and(officers::unconfirmed_roles.eq(Vec::<String>::new()));
        let opened_by = case_when(nothing_waits, vec![drawn.by].into_sql::<Array<SqlUuid>>())
            .otherwise(officers::opened_by.concat(vec![drawn.by]));
        let left = update(officers::table.find((council, officer)))
            .set((
                officers::unconfirmed_at.eq(scope.at()),
                officers::opened_by.eq(opened_by),
                officers::opened_at.eq(drawn.at),
                officers::operator_confirmed_by.eq(None::<AccountId>),
                officers::version.eq(officers::version + 1),
            ))
            .execute(scope.conn)?;
        StoreError::unless_changed(left, "the officer")?;
    }
    Ok(held)
}

/// Notes that the caller gave roles to an officer. What an operator has confirmed of them so far is confirmed again.
pub(super) fn open(scope: &mut CouncilScope<'_>, known: &CouncilOfficer) -> Result<(), StoreError> {
    let (council, (_, by)) = (scope.council_id(), scope.officer()?);
    let opened_by =
        case_when(known.waits().into_sql::<diesel::sql_types::Bool>(), officers::opened_by.concat(vec![by]))
            .otherwise(vec![by].into_sql::<Array<SqlUuid>>());
    let opened = update(officers::table.find((council, known.id)))
        .set((
            officers::opened_by.eq(opened_by),
            officers::opened_at.eq(scope.at()),
            officers::operator_confirmed_by.eq(None::<AccountId>),
        ))
        .execute(scope.conn)?;
    StoreError::unless_changed(opened, "the officer")
}

/// Notes the part of the first of two operators.
pub(crate) fn note_operators_part(
    scope: &mut OperatorScope<'_>,
    council: CouncilId,
    known: &CouncilOfficer,
) -> Result<usize, StoreError> {
    let account = scope.account();
    Ok(update(officers::table.find((council, known.id)))
        .filter(officers::version.eq(known.version))
        .set((officers::operator_confirmed_by.eq(account), officers::version.eq(known.version + 1)))
        .execute(scope.conn)?)
}

/// Confirms all of an officer that waits: the account is theirs, and the roles work.
pub(crate) fn confirm(scope: &mut Scope<'_>, council: CouncilId, known: &CouncilOfficer) -> Result<usize, StoreError> {
    let at = scope.at();
    let confirmed = update(officers::table.find((council, known.id)))
        .filter(officers::version.eq(known.version).and(not_gone!(at)))
        .set((
            officers::roles.eq(officers::roles.concat(officers::unconfirmed_roles)),
            officers::unconfirmed_roles.eq(Vec::<String>::new()),
            officers::unconfirmed_at.eq(None::<DateTime<Utc>>),
            officers::opened_by.eq(Vec::<AccountId>::new()),
            officers::operator_confirmed_by.eq(None::<AccountId>),
            officers::confirmed_at.eq(at),
            officers::version.eq(known.version + 1),
        ))
        .execute(scope.conn)?;
    if confirmed == 1 {
        set_confirmed(scope, council, known.id, true)?;
        note_readers(scope, council)?;
    }
    Ok(confirmed)
}

/// Says whether an officer can sign in: their account is theirs, and a role of theirs works.
pub(super) fn set_confirmed(
    scope: &mut Scope<'_>,
    council: CouncilId,
    officer: OfficerId,
    confirmed: bool,
) -> Result<(), StoreError> {
    let said = update(account_offices::table)
        .filter(account_offices::council_id.eq(council).and(account_offices::officer_id.eq(officer)))
        .set(account_offices::confirmed.eq(confirmed))
        .execute(scope.conn)?;
    StoreError::unless_changed(said, "the place of the account")
}

/// Says when an officer's access ends, so that nobody chooses the place at a sign-in after that. Whoever has not joined has none.
pub(super) fn end_at(
    scope: &mut CouncilScope<'_>,
    officer: OfficerId,
    ends_at: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    let council = scope.council_id();
    update(account_offices::table)
        .filter(account_offices::council_id.eq(council).and(account_offices::officer_id.eq(officer)))
        .set(account_offices::ends_at.eq(ends_at))
        .execute(scope.conn)?;
    Ok(())
}
