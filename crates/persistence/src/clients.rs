//! Councils' systems and partner apps: OAuth 2.0 clients.

use almoner_domain::fault::Fault;
use almoner_domain::ids::{ClientId, CouncilId};
use almoner_domain::text::Line;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::StoreError;
use crate::events::Chain;
use crate::idempotency::Made;
use crate::page::{Page, Paging};
use crate::random;
use crate::schema::clients;
use crate::scope::OperatorScope;

/// What a council's system may do: referrals, or complaints. Practice staff may hold log-ins on a council's other systems,
/// so complaints want a client of their own.
pub const COUNCIL_SCOPES: [&str; 2] = ["referrals", "complaints"];
/// What a partner app may do.
pub const PARTNER_SCOPES: [&str; 1] = ["complaints"];

/// A client. Its secret is shown once, when it is made.
#[derive(Clone, Debug, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = clients)]
pub struct RegisteredClient {
    /// Its `client_id`.
    #[diesel(column_name = client_id)]
    pub id: ClientId,
    /// `council` or `partner`.
    pub kind: String,
    /// The council whose system it is.
    pub council_id: Option<CouncilId>,
    /// What it is called.
    pub name: String,
    /// What it may do.
    #[schema(max_items = 10)]
    pub scopes: Vec<String>,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
}

/// A client to register: a council's system if a council is named, else a partner app.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "council_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d", "name": "Adult social care system", "scopes": ["referrals"],
}))]
pub struct NewClient {
    /// The council whose system it is.
    #[serde(default)]
    pub council_id: Option<CouncilId>,
    /// What it is called.
    pub name: Line<200>,
    /// What it may do: `referrals` and `complaints` for a council's system, `complaints` for a partner app.
    #[schema(min_items = 1, max_items = 10)]
    pub scopes: Vec<String>,
}

/// Registers a client and gives its secret, which is kept only as a hash.
pub fn create(scope: &mut OperatorScope<'_>, new: &NewClient) -> Result<Made, StoreError> {
    let (kind, known): (&str, &[&str]) =
        if new.council_id.is_some() { ("council", &COUNCIL_SCOPES) } else { ("partner", &PARTNER_SCOPES) };
    if new.scopes.is_empty() || new.scopes.iter().any(|scope| !known.contains(&scope.as_str())) {
        return Err(StoreError::Unfit(vec![Fault::new(
            "/scopes",
            format!("must be one or more of: {}", known.join(", ")),
        )]));
    }
    if let Some(council) = new.council_id {
        crate::councils::find(scope, council).map_err(|error| error.unless_found("/council_id"))?;
    }
    let id: ClientId = scope.next_id();
    let secret = random::secret();
    diesel::insert_into(clients::table)
        .values((
            clients::client_id.eq(id),
            clients::kind.eq(kind),
            clients::council_id.eq(new.council_id),
            clients::name.eq(&new.name),
            clients::secret_hash.eq(hash(&secret)),
            clients::scopes.eq(&new.scopes),
            clients::created_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    scope.audit(Chain::Platform, "client.created", id.uuid(), None)?;
    Ok(Made { id: id.uuid(), secret: Some(secret) })
}

/// What is kept of a secret of 160 random bits: nothing that could be guessed at, so a plain hash is enough.
pub fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// One client.
pub fn find(scope: &mut OperatorScope<'_>, id: ClientId) -> Result<RegisteredClient, StoreError> {
    Ok(clients::table.find(id.uuid()).select(RegisteredClient::as_select()).first(scope.conn)?)
}

/// The clients, in the order in which they were registered.
pub fn list(scope: &mut OperatorScope<'_>, paging: &Paging) -> Result<Page<RegisteredClient>, StoreError> {
    let rows = clients::table
        .filter(clients::client_id.gt(paging.after_id()?.unwrap_or(Uuid::nil())))
        .order(clients::client_id)
        .limit(paging.fetch())
        .select(RegisteredClient::as_select())
        .load(scope.conn)?;
    Ok(paging.page(rows, |client| client.id.uuid()))
}
