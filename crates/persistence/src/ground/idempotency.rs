//! Idempotency: a request that is sent twice does its work once.
//!
//! The claim is a row of the transaction that it guards. It keeps the identifier of what was made, and a replay rebuilds the
//! answer through the scope, so that a caller who may no longer see the record does not see it in a replay either. A request
//! that arrives while the first is in progress waits for it.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::page::{CLEARED_AT_ONCE, as_limit};
use crate::ground::prepared::update;
use crate::ground::schema::idempotency_claims;
use crate::ground::scope::{
    ComplaintsScope, CouncilScope, OperatorScope, PartnerScope, PracticeScope, Scope, WorkerScope,
};
use crate::ground::sealing::{SealedField, keyed_hash, under_passphrase};

/// A caller's Idempotency-Key, with the request for which it was sent.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    key: String,
    fingerprint: [u8; 32],
}

impl IdempotencyKey {
    /// Makes a key from the text that was sent and the parts that identify the request: method, path and body.
    pub fn new(key: String, request: &[&[u8]]) -> Self {
        let fingerprint = keyed_hash(key.as_bytes(), request);
        Self { key, fingerprint }
    }

    /// Returns a hash of the key and its request for this caller, for a request that leaves no claim of the caller's own. Nothing tells
    /// that the key was used before, so other content with the same key is another request.
    pub(crate) fn hash_for(&self, caller: Uuid) -> Vec<u8> {
        let parts: [&[u8]; 3] = [caller.as_bytes(), self.key.as_bytes(), &self.fingerprint];
        keyed_hash(b"almoner idempotency key without a claim", &parts).to_vec()
    }

    fn hash(&self) -> Vec<u8> {
        keyed_hash(b"almoner idempotency key", &[self.key.as_bytes()]).to_vec()
    }
}

/// The owner of an idempotency key: the tenant, and within it the caller.
#[derive(Clone, Copy)]
pub struct Claimant {
    owner: Uuid,
    id: Uuid,
}

impl Claimant {
    /// The field in which the secret of a claim is sealed.
    fn sealed_field(self) -> SealedField {
        SealedField { owner: self.owner, table: "idempotency_claims", column: "secret", row: self.id }
    }
}

/// The resource that a claimed request made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The identifier of the resource.
    pub id: Uuid,
    /// The secret that the answer shows once, and again to a caller who repeats the request with the same key.
    pub secret: Option<String>,
}

impl<Id: Into<Uuid>> From<Id> for Made {
    fn from(id: Id) -> Self {
        Self { id: id.into(), secret: None }
    }
}

/// Whether this request did the work, or an earlier request with the same key had done it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdempotentOutcome {
    /// This request did the work.
    First(Made),
    /// An earlier request with the same key had done the work.
    Replayed(Made),
}

impl IdempotentOutcome {
    fn made(&self) -> &Made {
        match self {
            Self::First(made) | Self::Replayed(made) => made,
        }
    }

    /// The identifier of the resource that was made.
    pub fn id<Id: From<Uuid>>(&self) -> Id {
        self.made().id.into()
    }

    /// The secret that the answer shows, if there is one.
    pub fn secret(&self) -> Option<&str> {
        self.made().secret.as_deref()
    }
}

/// The owner of the keys of this scope: each caller has their own.
pub trait ClaimingScope<'s> {
    /// The scope, and the caller with their tenant.
    fn claimant(&mut self) -> (&mut Scope<'s>, Claimant);
}

impl<'s> ClaimingScope<'s> for PracticeScope<'s> {
    fn claimant(&mut self) -> (&mut Scope<'s>, Claimant) {
        let claimant = Claimant { owner: self.practice_id().uuid(), id: self.staff_id().uuid() };
        (&mut self.scope, claimant)
    }
}

impl<'s> ClaimingScope<'s> for CouncilScope<'s> {
    fn claimant(&mut self) -> (&mut Scope<'s>, Claimant) {
        let claimant = Claimant { owner: self.council_id.uuid(), id: self.caller_id() };
        (&mut self.scope, claimant)
    }
}

impl<'s> ClaimingScope<'s> for ComplaintsScope<'s> {
    fn claimant(&mut self) -> (&mut Scope<'s>, Claimant) {
        let claimant = Claimant { owner: self.council_id.uuid(), id: self.worker.person.uuid() };
        (&mut self.scope, claimant)
    }
}

impl<'s> ClaimingScope<'s> for PartnerScope<'s> {
    fn claimant(&mut self) -> (&mut Scope<'s>, Claimant) {
        let id = self.client.client_id.uuid();
        (&mut self.scope, Claimant { owner: id, id })
    }
}

impl<'s> ClaimingScope<'s> for OperatorScope<'s> {
    fn claimant(&mut self) -> (&mut Scope<'s>, Claimant) {
        let claimant = Claimant { owner: Uuid::nil(), id: self.account.uuid() };
        (&mut self.scope, claimant)
    }
}

/// Does the work unless this key has done it already.
pub fn run_once<'s, S: ClaimingScope<'s>, E: From<StoreError>>(
    scope: &mut S,
    key: &IdempotencyKey,
    work: impl FnOnce(&mut S) -> Result<Made, E>,
) -> Result<IdempotentOutcome, E> {
    if let Some(made) = claim(scope, key)? {
        return Ok(IdempotentOutcome::Replayed(made));
    }
    let made = work(scope)?;
    settle(scope, key, &made)?;
    Ok(IdempotentOutcome::First(made))
}

/// Whether a request with this key was done before, whatever it asked for.
pub fn was_used<'s>(scope: &mut impl ClaimingScope<'s>, key: &IdempotencyKey) -> Result<bool, StoreError> {
    let (scope, claimant) = scope.claimant();
    let claims = idempotency_claims::table
        .filter(idempotency_claims::owner_id.eq(claimant.owner).and(idempotency_claims::claimant_id.eq(claimant.id)))
        .filter(idempotency_claims::key_hash.eq(key.hash()))
        .select(idempotency_claims::claimed_at);
    Ok(diesel::select(diesel::dsl::exists(claims)).get_result(scope.conn)?)
}

/// Claims the key; if it was claimed before, what was made then.
fn claim<'s>(scope: &mut impl ClaimingScope<'s>, key: &IdempotencyKey) -> Result<Option<Made>, StoreError> {
    let (scope, claimant) = scope.claimant();
    let claimed = diesel::insert_into(idempotency_claims::table)
        .values((
            idempotency_claims::owner_id.eq(claimant.owner),
            idempotency_claims::claimant_id.eq(claimant.id),
            idempotency_claims::key_hash.eq(key.hash()),
            idempotency_claims::fingerprint.eq(key.fingerprint.as_slice()),
            idempotency_claims::claimed_at.eq(scope.at()),
        ))
        .on_conflict_do_nothing()
        .execute(scope.conn)?;
    if claimed == 1 {
        return Ok(None);
    }
    let (fingerprint, resource_id, secret): (Vec<u8>, Option<Uuid>, Option<Vec<u8>>) = idempotency_claims::table
        .filter(idempotency_claims::owner_id.eq(claimant.owner).and(idempotency_claims::claimant_id.eq(claimant.id)))
        .filter(idempotency_claims::key_hash.eq(key.hash()))
        .select((idempotency_claims::fingerprint, idempotency_claims::resource_id, idempotency_claims::secret))
        .first(scope.conn)?;
    if fingerprint != key.fingerprint {
        return Err(StoreError::IdempotencyKeyReused);
    }
    let secret = secret.map(|sealed| under_passphrase(&key.key).open(claimant.sealed_field(), &sealed)).transpose()?;
    Ok(Some(Made { id: resource_id.ok_or(StoreError::InProgress)?, secret }))
}

fn settle<'s>(scope: &mut impl ClaimingScope<'s>, key: &IdempotencyKey, made: &Made) -> Result<(), StoreError> {
    let (scope, claimant) = scope.claimant();
    let secret = made
        .secret
        .as_ref()
        .map(|secret| under_passphrase(&key.key).seal(claimant.sealed_field(), secret))
        .transpose()?;
    let settled = update(idempotency_claims::table)
        .filter(idempotency_claims::owner_id.eq(claimant.owner).and(idempotency_claims::claimant_id.eq(claimant.id)))
        .filter(idempotency_claims::key_hash.eq(key.hash()))
        .set((idempotency_claims::resource_id.eq(made.id), idempotency_claims::secret.eq(secret)))
        .execute(scope.conn)?;
    StoreError::unless_changed(settled, "the claim of the Idempotency-Key")
}

/// Deletes claims older than 48 hours, at most [`CLEARED_AT_ONCE`]. Returns how many it deleted.
pub(crate) fn clear_away(scope: &mut WorkerScope<'_>, now: DateTime<Utc>) -> Result<usize, StoreError> {
    Ok(diesel::sql_query(
        "DELETE FROM idempotency_claims WHERE (owner_id, claimant_id, key_hash) IN
             (SELECT owner_id, claimant_id, key_hash FROM idempotency_claims WHERE claimed_at < $1 LIMIT $2)",
    )
    .bind::<sql_types::Timestamptz, _>(now - TimeDelta::hours(48))
    .bind::<sql_types::BigInt, _>(as_limit(CLEARED_AT_ONCE))
    .execute(scope.conn)?)
}
