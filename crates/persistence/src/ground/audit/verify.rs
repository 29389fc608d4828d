//! Verification of a chain from its beginning. It names the first row that is not as it was sealed.

use diesel::dsl::not;
use diesel::prelude::*;
use uuid::Uuid;

use super::chain::{AuditEventRow, BEFORE_THE_FIRST, ChainName, head};
use super::signed::{Break, Signed};
use crate::ground::error::StoreError;
use crate::ground::schema::audit_events;
use crate::ground::scope::WorkerScope;
use crate::ground::transaction::Store;

/// The number of rows that are read at a time.
const READ_AT_ONCE: i64 = 2000;

/// The result of verifying a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The name of the chain.
    pub name: ChainName,
    /// The number of rows that were read and found as they were sealed.
    pub count: i64,
    /// The hash of the last of these rows.
    pub hash: Option<Vec<u8>>,
    /// The number of the last signed head that the chain matches, or 0.
    pub matched: i64,
    /// The breaks that were entered and signed, the first one first. The heads that they take away were not compared.
    pub breaks: Vec<Break>,
    /// The number of rows that are not sealed yet.
    pub unsealed: i64,
    /// The first fault in the chain.
    pub fault: Option<Fault>,
}

/// A fault in a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The row, or its seal, was changed after it was sealed.
    Altered {
        /// The number of the row.
        number: i64,
        /// The identifier of the row.
        event: Uuid,
    },
    /// No row has this number, although later rows exist.
    Missing {
        /// The missing number.
        number: i64,
    },
    /// The row stands at a number at which another row was sealed.
    OutOfOrder {
        /// The number that the row has now.
        number: i64,
        /// The identifier of the row.
        event: Uuid,
        /// The number that the row had when it was sealed.
        was: i64,
    },
    /// The chain ends before a head that was signed.
    CutOff {
        /// The first missing number.
        number: i64,
        /// The number of the signed head.
        signed: i64,
    },
    /// Every row fits the one before it, but the chain is not the one whose head was signed. Somebody has made it anew, with
    /// all its hashes.
    Rewritten {
        /// The number of the first signed head that the chain does not match.
        number: i64,
        /// The identifier of the row at that number.
        event: Uuid,
        /// The number of the last signed head that the chain matches. The alteration comes after it.
        after: i64,
    },
    /// The chain does not end where its head says: rows were cut off or put on at the end, or the head was written anew.
    AnotherHead {
        /// The number of the last row.
        number: i64,
        /// The number that the head has; none where there is no head.
        head: Option<i64>,
    },
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Altered { number, event } => write!(f, "number {number}, event {event}: altered"),
            Self::Missing { number } => write!(f, "number {number}: missing"),
            Self::OutOfOrder { number, event, was } => {
                write!(f, "number {number}, event {event}: out of order, it was sealed as number {was}")
            }
            Self::CutOff { number, signed } => {
                write!(f, "number {number}: missing, cut off at the end; a head of number {signed} was signed")
            }
            Self::Rewritten { number, event, after } => write!(
                f,
                "number {number}, event {event}: altered, with every hash from where it began (after number {after}); a head \
                 with another hash was signed"
            ),
            Self::AnotherHead { number, head: None } => {
                write!(f, "number {number}: the last row, and the chain has no head")
            }
            Self::AnotherHead { number, head: Some(head) } if head == number => {
                write!(f, "number {number}: the last row, and the head of the chain has another hash")
            }
            Self::AnotherHead { number, head: Some(head) } => {
                write!(f, "number {number}: the last row, and the head of the chain is number {head}")
            }
        }
    }
}

/// Walks a chain, and compares it with what was signed of it, and with the head that is kept of it.
pub fn verify(store: &Store, name: &ChainName, signed: &Signed) -> Result<Verified, StoreError> {
    verify_and_tell(store, name, signed, &mut |_| ())
}

/// Verifies like [`verify`], and tells after each page how many rows were found as they were sealed.
pub fn verify_and_tell(
    store: &Store,
    name: &ChainName,
    signed: &Signed,
    tell: &mut dyn FnMut(i64),
) -> Result<Verified, StoreError> {
    let breaks = signed.breaks_of(name);
    let mut verified =
        Verified { name: name.clone(), count: 0, hash: None, matched: 0, breaks, unsealed: 0, fault: None };
    let mut previous = BEFORE_THE_FIRST.to_vec();
    let mut heads = signed.places_of(name).into_iter().peekable();
    let mut last = 0;
    let mut kept;
    loop {
        let page;
        // The head first: what is sealed meanwhile stands on the page, and the walk goes on.
        (kept, page) =
            store.worker::<_, StoreError>(None, |scope| Ok((head(scope, name)?, page_of(scope, name, last)?)))?;
        for (row, stored, hash) in &page {
            let expected = verified.count + 1;
            if *stored > expected {
                return Ok(verified.with(Fault::Missing { number: expected }));
            }
            let right = row.hash(&previous, expected);
            if *stored < expected || hash.as_deref() != Some(right.as_slice()) {
                let was = store.worker(None, |scope| place_of(scope, name, row, hash.as_deref()))?;
                return Ok(verified.with(match was {
                    Some(was) if was != *stored => Fault::OutOfOrder { number: *stored, event: row.event_id, was },
                    _ => Fault::Altered { number: *stored, event: row.event_id },
                }));
            }
            while let Some(head) = heads.next_if(|head| head.number == expected) {
                if head.hash != right {
                    let fault = Fault::Rewritten { number: expected, event: row.event_id, after: verified.matched };
                    return Ok(verified.with(fault));
                }
                verified.matched = expected;
            }
            previous = right.to_vec();
            verified.count = expected;
            verified.hash = Some(previous.clone());
        }
        tell(verified.count);
        match page.last() {
            Some((_, number, _)) => last = *number,
            None => break,
        }
    }
    if let Some(head) = heads.last() {
        let fault = Fault::CutOff { number: verified.count + 1, signed: head.number };
        return Ok(verified.with(fault));
    }
    let end = verified.hash.as_deref().map(|hash| (verified.count, hash));
    if end != kept.as_ref().map(|head| (head.number, head.hash.as_slice())) {
        let fault = Fault::AnotherHead { number: verified.count, head: kept.map(|head| head.number) };
        return Ok(verified.with(fault));
    }
    verified.unsealed = store.worker(None, |scope| waiting(scope, name))?;
    Ok(verified)
}

impl Verified {
    fn with(self, fault: Fault) -> Self {
        Self { fault: Some(fault), ..self }
    }
}

type Sealed = (AuditEventRow, i64, Option<Vec<u8>>);

fn page_of(scope: &mut WorkerScope<'_>, name: &ChainName, after: i64) -> Result<Vec<Sealed>, StoreError> {
    let rows: Vec<(AuditEventRow, Option<i64>, Option<Vec<u8>>)> = audit_events::table
        .filter(audit_events::owner_id.eq(name.owner).and(audit_events::chain.eq(&name.chain)))
        .filter(audit_events::number.gt(after))
        .order(audit_events::number)
        .limit(READ_AT_ONCE)
        .select((AuditEventRow::as_select(), audit_events::number, audit_events::hash))
        .load(scope.conn)?;
    Ok(rows.into_iter().map(|(row, number, hash)| (row, number.unwrap_or(0), hash)).collect())
}

/// The number at which a row was sealed, if the row is unchanged: its hash after some row of the chain, at some number,
/// equals the hash that is kept with it or at that number.
fn place_of(
    scope: &mut WorkerScope<'_>,
    name: &ChainName,
    row: &AuditEventRow,
    own: Option<&[u8]>,
) -> Result<Option<i64>, StoreError> {
    let mut last = 0;
    let mut before = BEFORE_THE_FIRST.to_vec();
    loop {
        let rows: Vec<(Option<i64>, Option<Vec<u8>>)> = audit_events::table
            .filter(audit_events::owner_id.eq(name.owner).and(audit_events::chain.eq(&name.chain)))
            .filter(audit_events::number.gt(last))
            .order(audit_events::number)
            .limit(READ_AT_ONCE)
            .select((audit_events::number, audit_events::hash))
            .load(scope.conn)?;
        for (number, hash) in &rows {
            let (Some(number), Some(hash)) = (number, hash) else { continue };
            // The row before it may have been moved too: into this number, its neighbour's.
            for previous in [before.as_slice(), hash.as_slice()] {
                let was = row.hash(previous, *number);
                if own == Some(was.as_slice()) || *hash == was {
                    return Ok(Some(*number));
                }
            }
            before.clone_from(hash);
            last = *number;
        }
        if rows.is_empty() {
            return Ok(None);
        }
    }
}

fn waiting(scope: &mut WorkerScope<'_>, name: &ChainName) -> Result<i64, StoreError> {
    Ok(audit_events::table
        .filter(audit_events::owner_id.eq(name.owner).and(audit_events::chain.eq(&name.chain)))
        .filter(not(audit_events::sealed))
        .count()
        .get_result(scope.conn)?)
}
