//! The keys that sign access tokens. They belong to the platform, are sealed under the master key, and are rotated with an
//! overlap.

use almoner_domain::events::Event;
use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64;
use diesel::prelude::*;
use serde::Serialize;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::signing_keys;
use crate::ground::scope::{IdentityScope, OperatorScope, Scope};
use crate::ground::sealing::SealedField;

/// The time for which a key is published before it signs: as long as its readers may cache what was published before.
pub const PUBLISHED_BEFORE: TimeDelta = TimeDelta::hours(1);

/// The time for which a key is kept after its last token has expired, for servers whose clocks differ.
const SLACK: TimeDelta = TimeDelta::minutes(1);

/// Takes an advisory lock, so that only one transaction at a time makes a key.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7021848512060319)";

/// A key that is not retired, with its private half.
pub struct SigningKey {
    /// The identifier by which tokens name the key.
    pub kid: Uuid,
    /// The private half, as its maker wrote it.
    pub private_key: Zeroizing<Vec<u8>>,
    /// When the key begins to sign.
    pub active_from: DateTime<Utc>,
    /// When the key is refused.
    pub retires_at: Option<DateTime<Utc>>,
}

/// A signing key to keep.
pub struct NewSigningKey {
    /// The identifier by which tokens will name the key.
    pub kid: Uuid,
    /// The private half.
    pub private_key: Zeroizing<Vec<u8>>,
}

/// The way in which a new key replaces earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The new key signs an hour from now. The old key is refused once the last token that it may have signed has expired.
    Overlapping {
        /// The time for which a token is valid.
        token_life: TimeDelta,
    },
    /// The new key signs now, and every other key is refused from now, because somebody else may have it.
    AtOnce,
}

/// A signing key without its private half, as the operator is shown it.
#[derive(Clone, Debug, Serialize, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = signing_keys)]
pub struct KeptKey {
    /// The identifier by which tokens name the key.
    pub kid: Uuid,
    /// When the key was made and published.
    pub created_at: DateTime<Utc>,
    /// When the key begins to sign. It signs until a later key does.
    pub active_from: DateTime<Utc>,
    /// When the key is refused.
    pub retires_at: Option<DateTime<Utc>>,
}

fn sealed_field(kid: Uuid) -> SealedField {
    SealedField { owner: Uuid::nil(), table: "signing_keys", column: "private_key", row: kid }
}

/// Lists the keys that are not retired.
pub fn current(scope: &mut IdentityScope<'_>) -> Result<Vec<SigningKey>, StoreError> {
    type CurrentRow = (Uuid, Vec<u8>, DateTime<Utc>, Option<DateTime<Utc>>);
    let rows: Vec<CurrentRow> = signing_keys::table
        .filter(signing_keys::retires_at.is_null().or(signing_keys::retires_at.gt(scope.at())))
        .order((signing_keys::active_from, signing_keys::kid))
        .select((signing_keys::kid, signing_keys::private_key, signing_keys::active_from, signing_keys::retires_at))
        .load(scope.conn)?;
    rows.into_iter()
        .map(|(kid, sealed, active_from, retires_at)| {
            let text: Zeroizing<String> = Zeroizing::new(scope.master_keys().open(sealed_field(kid), &sealed)?);
            let bytes = BASE64.decode(text.as_bytes()).map_err(StoreError::unreadable)?;
            let private_key = Zeroizing::new(bytes);
            Ok(SigningKey { kid, private_key, active_from, retires_at })
        })
        .collect()
}

/// Keeps a first key, if every key is retired or there is none. Returns whether it did. Of two at once, one keeps its key.
pub fn begin(scope: &mut OperatorScope<'_>, new: &NewSigningKey) -> Result<bool, StoreError> {
    diesel::sql_query(LOCK).execute(scope.conn)?;
    let known: i64 = signing_keys::table
        .filter(signing_keys::retires_at.is_null().or(signing_keys::retires_at.gt(scope.at())))
        .select(diesel::dsl::count(signing_keys::kid))
        .first(scope.conn)?;
    if known > 0 {
        return Ok(false);
    }
    let at = scope.at();
    keep(scope, new, at)?;
    scope.record(Event::SigningKeyMade { key: new.kid })?;
    Ok(true)
}

/// Keeps a key that replaces earlier ones.
pub fn rotate(scope: &mut OperatorScope<'_>, new: &NewSigningKey, how: Rotation) -> Result<(), StoreError> {
    diesel::sql_query(LOCK).execute(scope.conn)?;
    let at = scope.at();
    let (active_from, event) = match how {
        Rotation::Overlapping { token_life } => {
            let active_from = at + PUBLISHED_BEFORE;
            update(signing_keys::table)
                .filter(signing_keys::retires_at.is_null())
                .set(signing_keys::retires_at.eq(active_from + token_life + SLACK))
                .execute(scope.conn)?;
            (active_from, Event::SigningKeyRotated { key: new.kid })
        }
        Rotation::AtOnce => {
            update(signing_keys::table)
                .filter(signing_keys::retires_at.is_null().or(signing_keys::retires_at.gt(at)))
                .set(signing_keys::retires_at.eq(at))
                .execute(scope.conn)?;
            (at, Event::SigningKeyReplacedAtOnce { key: new.kid })
        }
    };
    keep(scope, new, active_from)?;
    scope.record(event)
}

fn keep(scope: &mut Scope<'_>, new: &NewSigningKey, active_from: DateTime<Utc>) -> Result<(), StoreError> {
    let text = Zeroizing::new(BASE64.encode(&new.private_key));
    let sealed = scope.master_keys().newest().seal(sealed_field(new.kid), text.as_str())?;
    diesel::insert_into(signing_keys::table)
        .values((
            signing_keys::kid.eq(new.kid),
            signing_keys::private_key.eq(sealed),
            signing_keys::created_at.eq(scope.at()),
            signing_keys::active_from.eq(active_from),
        ))
        .execute(scope.conn)?;
    Ok(())
}

/// Lists every key that is kept, in the order in which they sign.
pub fn list(scope: &mut OperatorScope<'_>) -> Result<Vec<KeptKey>, StoreError> {
    Ok(signing_keys::table
        .order((signing_keys::active_from, signing_keys::kid))
        .select(KeptKey::as_select())
        .load(scope.conn)?)
}
