//! The people from whom a member of staff is excluded. [`crate::people::access_restrictions`] sets exclusions and their reasons.

use almoner_domain::ids::{PracticeId, StaffId};
use diesel::prelude::*;
use diesel::sql_types;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::scope::{PracticeScope, Scope};

diesel::define_sql_function! {
    /// The people from whom a member of staff is excluded.
    #[sql_name = "app.find_excluded_from"]
    fn find_excluded_from(practice: sql_types::Uuid, reader: sql_types::Uuid) -> sql_types::Array<sql_types::Uuid>;
}

/// The people from whom a member of staff is excluded.
pub(crate) fn of_member(scope: &mut Scope<'_>, practice: PracticeId, reader: StaffId) -> Result<Vec<Uuid>, StoreError> {
    Ok(diesel::select(find_excluded_from(practice, reader)).get_result(scope.conn)?)
}

/// The people from whom the caller is excluded. For rows that name a person but have no policy about a person.
pub(crate) fn of_caller(scope: &mut PracticeScope<'_>) -> Result<Vec<Uuid>, StoreError> {
    let (practice, reader) = (scope.practice_id(), scope.staff_id());
    scope.as_identity(|scope| of_member(scope, practice, reader))
}
