//! Hash chains: one for each owner and kind of log. A row's hash covers the row, its number and the hash before it, so that
//! nobody can change, leave out or move a row without every later hash being wrong.

use chrono::{DateTime, Utc};
use diesel::dsl::not;
use diesel::prelude::*;
use diesel::sql_types;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::ground::error::StoreError;

use crate::ground::schema::{audit_chain_heads, audit_events};
use crate::ground::scope::WorkerScope;

/// The number of rows that are sealed in one transaction.
pub const SEALED_AT_ONCE: usize = 500;

/// The hash that the first row of a chain has in place of the hash before it.
pub(super) const BEFORE_THE_FIRST: [u8; 32] = [0; 32];

/// The prefix of everything that is hashed, so that a hash of something else is never a hash of a row.
const LABEL: &[u8] = b"almoner audit row 1";

/// The name of a hash chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainName {
    /// The owner of the log: a practice, a council, a client, or the nil id of the platform.
    pub owner: Uuid,
    /// `practice`, `complaints` or `platform`.
    pub chain: String,
}

impl std::fmt::Display for ChainName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.owner, self.chain)
    }
}

/// The head of a chain: its last number and its last hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The name of the chain.
    pub name: ChainName,
    /// The number of rows in the chain.
    pub number: i64,
    /// The hash of the last row.
    pub hash: Vec<u8>,
}

/// The columns of an audit row without its number and its hash.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = audit_events)]
pub(super) struct AuditEventRow {
    owner_id: Uuid,
    pub(super) event_id: Uuid,
    chain: String,
    at: DateTime<Utc>,
    door: String,
    actor_id: Option<Uuid>,
    action: String,
    subject_id: Option<Uuid>,
    service_user_id: Option<Uuid>,
    request_id: Uuid,
    roles: Vec<String>,
    client_id: Option<Uuid>,
    session_id: Option<Uuid>,
    reason: Option<Vec<u8>>,
    from_address: Option<String>,
    outcome: String,
}

impl AuditEventRow {
    /// The row's hash at this number: SHA-256 over the label, the hash before it, its number and its columns in the order of
    /// the table. Each column is preceded by its length; an absent one is a byte that says so.
    pub(super) fn hash(&self, previous: &[u8], number: i64) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut field = |value: Option<&[u8]>| match value {
            None => hash.update([0]),
            Some(bytes) => {
                hash.update([1]);
                hash.update((bytes.len() as u64).to_be_bytes());
                hash.update(bytes);
            }
        };
        let id = |id: &Option<Uuid>| id.map(Uuid::into_bytes);
        field(Some(LABEL));
        field(Some(previous));
        field(Some(&number.to_be_bytes()));
        field(Some(self.owner_id.as_bytes()));
        field(Some(self.event_id.as_bytes()));
        field(Some(self.chain.as_bytes()));
        field(Some(&self.at.timestamp_micros().to_be_bytes()));
        field(Some(self.door.as_bytes()));
        field(id(&self.actor_id).as_ref().map(<[u8; 16]>::as_slice));
        field(Some(self.action.as_bytes()));
        field(id(&self.subject_id).as_ref().map(<[u8; 16]>::as_slice));
        field(id(&self.service_user_id).as_ref().map(<[u8; 16]>::as_slice));
        field(Some(self.request_id.as_bytes()));
        field(Some(&(self.roles.len() as u64).to_be_bytes()));
        for role in &self.roles {
            field(Some(role.as_bytes()));
        }
        field(id(&self.client_id).as_ref().map(<[u8; 16]>::as_slice));
        field(id(&self.session_id).as_ref().map(<[u8; 16]>::as_slice));
        field(self.reason.as_deref());
        field(self.from_address.as_deref().map(str::as_bytes));
        field(Some(self.outcome.as_bytes()));
        hash.finalize().into()
    }
}

/// Lists the chains that have rows to be sealed: of the scope's practice, or of all owners.
pub fn unsealed(scope: &mut WorkerScope<'_>) -> Result<Vec<ChainName>, StoreError> {
    let mut query = audit_events::table
        .filter(not(audit_events::sealed))
        .select((audit_events::owner_id, audit_events::chain))
        .distinct()
        .into_boxed();
    if let Some(practice) = scope.practice {
        query = query.filter(audit_events::owner_id.eq(practice.uuid()));
    }
    let rows: Vec<(Uuid, String)> = query.load(scope.conn)?;
    Ok(rows.into_iter().map(|(owner, chain)| ChainName { owner, chain }).collect())
}

/// Seals the oldest rows of a chain that are committed and not sealed, at most [`SEALED_AT_ONCE`]. Returns how many it
/// sealed. The chain stays locked until the end of the transaction, so that it never forks.
pub fn seal(scope: &mut WorkerScope<'_>, name: &ChainName) -> Result<usize, StoreError> {
    // The lock is a statement of its own, so that the next statement sees what was sealed while this one waited.
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended('audit chain ' || $1, 0))")
        .bind::<sql_types::Text, _>(name.to_string())
        .execute(scope.conn)?;
    let of_chain = audit_events::owner_id.eq(name.owner).and(audit_events::chain.eq(&name.chain));
    let (mut number, mut previous) = match head(scope, name)? {
        Some(head) => (head.number, head.hash),
        None => (0, BEFORE_THE_FIRST.to_vec()),
    };
    let rows: Vec<AuditEventRow> = audit_events::table
        .filter(of_chain.and(not(audit_events::sealed)))
        .order((audit_events::at, audit_events::event_id))
        .limit(i64::try_from(SEALED_AT_ONCE).unwrap_or(i64::MAX))
        .select(AuditEventRow::as_select())
        .load(scope.conn)?;
    let (mut ids, mut numbers, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        number += 1;
        previous = row.hash(&previous, number).to_vec();
        ids.push(row.event_id);
        numbers.push(number);
        hashes.push(previous.clone());
    }
    let sealed = diesel::sql_query(
        "UPDATE audit_events SET number = s.number, hash = s.hash
         FROM unnest($2, $3, $4) AS s (event_id, number, hash)
         WHERE audit_events.owner_id = $1 AND audit_events.event_id = s.event_id AND NOT audit_events.sealed",
    )
    .bind::<sql_types::Uuid, _>(name.owner)
    .bind::<sql_types::Array<sql_types::Uuid>, _>(ids)
    .bind::<sql_types::Array<sql_types::BigInt>, _>(numbers)
    .bind::<sql_types::Array<sql_types::Binary>, _>(hashes)
    .execute(scope.conn)?;
    if sealed < rows.len() {
        let left = rows.len() - sealed;
        return Err(StoreError::Unreadable(format!("{left} rows of the audit chain {name} could not be sealed")));
    }
    if sealed > 0 {
        keep_head(scope, &Head { name: name.clone(), number, hash: previous })?;
    }
    Ok(sealed)
}

/// Writes the end of a chain, whose rows were sealed in this transaction.
fn keep_head(scope: &mut WorkerScope<'_>, head: &Head) -> Result<(), StoreError> {
    let end = (audit_chain_heads::number.eq(head.number), audit_chain_heads::hash.eq(&head.hash));
    diesel::insert_into(audit_chain_heads::table)
        .values((audit_chain_heads::owner_id.eq(head.name.owner), audit_chain_heads::chain.eq(&head.name.chain), end))
        .on_conflict((audit_chain_heads::owner_id, audit_chain_heads::chain))
        .do_update()
        .set(end)
        .execute(scope.conn)?;
    Ok(())
}

/// The end of one chain, as it was written when its last row was sealed.
pub(super) fn head(scope: &mut WorkerScope<'_>, name: &ChainName) -> Result<Option<Head>, StoreError> {
    let found: Option<(i64, Vec<u8>)> = audit_chain_heads::table
        .filter(audit_chain_heads::owner_id.eq(name.owner).and(audit_chain_heads::chain.eq(&name.chain)))
        .select((audit_chain_heads::number, audit_chain_heads::hash))
        .first(scope.conn)
        .optional()?;
    Ok(found.map(|(number, hash)| Head { name: name.clone(), number, hash }))
}

/// The hash that is kept with the row of this number, if there is one.
pub fn hash_at(scope: &mut WorkerScope<'_>, name: &ChainName, number: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let found: Option<Option<Vec<u8>>> = audit_events::table
        .filter(audit_events::owner_id.eq(name.owner).and(audit_events::chain.eq(&name.chain)))
        .filter(audit_events::number.eq(number))
        .select(audit_events::hash)
        .first(scope.conn)
        .optional()?;
    Ok(found.flatten())
}

/// The end of every chain: of the scope's practice, or of all owners.
pub fn heads(scope: &mut WorkerScope<'_>) -> Result<Vec<Head>, StoreError> {
    let mut query = audit_chain_heads::table
        .order((audit_chain_heads::owner_id, audit_chain_heads::chain))
        .select((
            audit_chain_heads::owner_id,
            audit_chain_heads::chain,
            audit_chain_heads::number,
            audit_chain_heads::hash,
        ))
        .into_boxed();
    if let Some(practice) = scope.practice {
        query = query.filter(audit_chain_heads::owner_id.eq(practice.uuid()));
    }
    let rows: Vec<(Uuid, String, i64, Vec<u8>)> = query.load(scope.conn)?;
    Ok(rows
        .into_iter()
        .map(|(owner, chain, number, hash)| Head { name: ChainName { owner, chain }, number, hash })
        .collect())
}

/// Every chain that has a row or a head: what there is to verify. It reads the whole log, as whoever verifies does, so that a
/// chain whose head was taken away is not passed over.
pub fn chains(scope: &mut WorkerScope<'_>) -> Result<Vec<ChainName>, StoreError> {
    let with_rows: Vec<(Uuid, String)> =
        audit_events::table.select((audit_events::owner_id, audit_events::chain)).distinct().load(scope.conn)?;
    let mut names: Vec<ChainName> = with_rows.into_iter().map(|(owner, chain)| ChainName { owner, chain }).collect();
    names.extend(heads(scope)?.into_iter().map(|head| head.name));
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> AuditEventRow {
        AuditEventRow {
            owner_id: Uuid::from_u128(1),
            event_id: Uuid::from_u128(2),
            chain: "practice".to_owned(),
            at: DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap(),
            door: "practice".to_owned(),
            actor_id: Some(Uuid::from_u128(3)),
            action: "case.read".to_owned(),
            subject_id: Some(Uuid::from_u128(4)),
            service_user_id: None,
            request_id: Uuid::from_u128(5),
            roles: vec!["manager".to_owned(), "records_officer".to_owned()],
            client_id: None,
            session_id: Some(Uuid::from_u128(6)),
            reason: None,
            from_address: Some("::1".to_owned()),
            outcome: "done".to_owned(),
        }
    }

    #[test]
    fn a_hash_covers_every_column_its_place_and_what_came_before() {
        let hash = row().hash(&BEFORE_THE_FIRST, 1);
        assert_eq!(hash, row().hash(&BEFORE_THE_FIRST, 1));
        assert_ne!(hash, row().hash(&BEFORE_THE_FIRST, 2));
        assert_ne!(hash, row().hash(&[1; 32], 1));
        let other = Uuid::from_u128(9);
        let changes: [fn(&mut AuditEventRow, Uuid); 16] = [
            |row, other| row.owner_id = other,
            |row, other| row.event_id = other,
            |row, _| row.chain = "complaints".to_owned(),
            |row, _| row.at += chrono::TimeDelta::microseconds(1),
            |row, _| row.door = "council".to_owned(),
            |row, other| row.actor_id = Some(other),
            |row, _| row.action = "case.reaD".to_owned(),
            |row, _| row.subject_id = None,
            |row, _| row.service_user_id = row.subject_id.take(),
            |row, other| row.request_id = other,
            |row, _| row.roles = vec!["managerrecords_officer".to_owned()],
            |row, _| row.client_id = row.session_id.take(),
            |row, _| row.session_id = None,
            |row, _| row.reason = Some(Vec::new()),
            |row, _| row.from_address = None,
            |row, _| row.outcome = "refused".to_owned(),
        ];
        for (n, change) in changes.iter().enumerate() {
            let mut altered = row();
            change(&mut altered, other);
            assert_ne!(hash, altered.hash(&BEFORE_THE_FIRST, 1), "change {n}");
        }
    }
}
