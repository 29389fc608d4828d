//! Partner apps: who runs one, and those that anybody may complain with.

use almoner_domain::access::apps::{App, Controlled};
use almoner_domain::access::clients::COMPLAINTS;
use almoner_domain::fault::Fault;
use almoner_domain::words::email::Email;
use almoner_domain::words::text::Line;
use almoner_domain::words::web_address::WebAddress;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ground::error::StoreError;
use crate::ground::schema::{clients, practices, staff};
use crate::ground::scope::{OperatorScope, PublicScope};

/// The most apps that the procedure for complaining links.
const MOST_LINKED: i64 = 100;

/// An app with which anybody can complain.
#[derive(Clone, Debug, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = clients)]
pub struct ComplaintsApp {
    /// The name of the app.
    #[schema(value_type = Line<200>)]
    pub name: String,
    /// Who runs it: no practice, nor anybody who controls one.
    #[schema(value_type = Line<200>)]
    #[diesel(select_expression = clients::run_by.assume_not_null())]
    pub run_by: String,
    /// Where it is found.
    #[diesel(select_expression = clients::website.assume_not_null())]
    pub website: WebAddress,
}

/// Lists the apps with which anybody can complain, by name: those that are registered with an address and not disabled.
pub fn to_complain_with(scope: &mut PublicScope<'_>) -> Result<Vec<ComplaintsApp>, StoreError> {
    Ok(clients::table
        .filter(clients::kind.eq("partner").and(clients::disabled_at.is_null()).and(clients::website.is_not_null()))
        .filter(clients::scopes.contains(vec![COMPLAINTS]))
        .order((clients::name, clients::client_id))
        .limit(MOST_LINKED)
        .select(ComplaintsApp::as_select())
        .load(scope.conn)?)
}

/// Returns what says that a practice runs an app, or somebody who controls one.
pub(super) fn faults(scope: &mut OperatorScope<'_>, app: App<'_>) -> Result<Vec<Fault>, StoreError> {
    Ok(app.faults(&controlled(scope)?))
}

/// Reads which practices there are, and who owns them.
fn controlled(scope: &mut OperatorScope<'_>) -> Result<Controlled, StoreError> {
    let practices: Vec<(String, String)> =
        practices::table.select((practices::name, practices::slug)).load(scope.conn)?;
    let owners: Vec<(String, Email)> = staff::table
        .filter(staff::owner.and(staff::left_at.is_null()))
        .select((staff::name, staff::email))
        .load(scope.conn)?;
    let domain = |(_, address): &(String, Email)| address.as_str().rsplit('@').next().map(str::to_owned);
    Ok(Controlled {
        practices: practices.into_iter().flat_map(|(name, slug)| [name, slug]).collect(),
        domains: owners.iter().filter_map(domain).collect(),
        owners: owners.into_iter().map(|(name, _)| name).collect(),
    })
}
