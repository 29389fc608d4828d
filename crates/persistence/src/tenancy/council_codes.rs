//! The codes of councils: the days on which they are in force, and the codes under which one council is known.

use std::collections::HashMap;

use almoner_domain::ids::CouncilId;
use almoner_domain::tenancy::council_codes::CodeDays;
use almoner_domain::words::gss_code::GssCode;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types;

use crate::ground::error::StoreError;
use crate::ground::scope::Scope;

diesel::define_sql_function! {
    /// The codes under which the councils of these codes are or were known.
    #[sql_name = "app.council_codes"]
    fn council_codes(codes: sql_types::Array<sql_types::Text>) -> sql_types::Array<sql_types::Text>;
}

/// The days of some codes: of each that the registers say something of.
pub(crate) struct DaysOfCodes(HashMap<String, CodeDays>);

impl DaysOfCodes {
    /// Returns the days of one of the codes.
    pub(crate) fn of(&self, code: &str) -> CodeDays {
        self.0.get(code).cloned().unwrap_or_default()
    }
}

#[derive(QueryableByName)]
struct CodeDaysRow {
    #[diesel(sql_type = sql_types::Text)]
    code: String,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Date>)]
    begins_on: Option<NaiveDate>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Date>)]
    abolished_on: Option<NaiveDate>,
    #[diesel(sql_type = sql_types::Array<sql_types::Text>)]
    successors: Vec<String>,
}

/// A code that a council no longer has ended on the day of its change. Who has it now is known where the register of councils
/// may be read.
const DAYS: &str = "
    WITH ended (code, on_day, successors) AS (
        SELECT abolished.code, r.takes_effect_on,
            ARRAY(SELECT created.code FROM reorganised_codes created
                WHERE created.reorganisation_id = abolished.reorganisation_id AND created.fate = 'created')
        FROM reorganised_codes abolished JOIN reorganisations r USING (reorganisation_id)
        WHERE abolished.fate = 'abolished'
        UNION ALL
        SELECT former.gss_code, former.replaced_on, ARRAY(SELECT c.gss_code FROM councils c WHERE c.council_id = former.council_id)
        FROM former_council_details former WHERE NOT former.code_in_use AND former.council_id IS DISTINCT FROM $3
    )
    SELECT named.code,
        (SELECT r.takes_effect_on FROM reorganised_codes created JOIN reorganisations r USING (reorganisation_id)
            WHERE created.code = named.code AND created.fate = 'created') AS begins_on,
        (SELECT max(on_day) FROM ended WHERE ended.code = named.code AND on_day <= $2) AS abolished_on,
        ARRAY(SELECT DISTINCT successor FROM ended, unnest(successors) AS successor
            WHERE ended.code = named.code ORDER BY successor) AS successors
    FROM unnest($1) AS named (code)";

/// Finds the days of these codes, as of today.
pub(crate) fn days_of(scope: &mut Scope<'_>, codes: &[&str]) -> Result<DaysOfCodes, StoreError> {
    days_for(scope, codes, None)
}

/// Finds the days of these codes for a council, which may have a code of its own again.
pub(crate) fn days_for(
    scope: &mut Scope<'_>,
    codes: &[&str],
    council: Option<CouncilId>,
) -> Result<DaysOfCodes, StoreError> {
    let today = scope.today();
    let rows: Vec<CodeDaysRow> = diesel::sql_query(DAYS)
        .bind::<sql_types::Array<sql_types::Text>, _>(codes)
        .bind::<sql_types::Date, _>(today)
        .bind::<sql_types::Nullable<sql_types::Uuid>, _>(council)
        .load(scope.conn)?;
    let days = |row: CodeDaysRow| {
        let CodeDaysRow { code, begins_on, abolished_on, successors } = row;
        (code, CodeDays { begins_on, abolished_on, successors })
    };
    Ok(DaysOfCodes(rows.into_iter().map(days).collect()))
}

/// Returns every code under which the council of this code is or was known, this one among them.
pub(crate) fn codes_of(scope: &mut Scope<'_>, code: &GssCode) -> Result<Vec<GssCode>, StoreError> {
    let codes: Vec<String> = diesel::select(council_codes(vec![code.as_str()])).get_result(scope.conn)?;
    Ok(english(&codes))
}

/// Returns the codes that a council here can have.
pub(crate) fn english(codes: &[String]) -> Vec<GssCode> {
    codes.iter().filter_map(|code| GssCode::parse(code).ok()).collect()
}
