//! Pages by key: what comes after the last one seen, never "page 7", and never a total.

use almoner_domain::fault::Fault;
use chrono::NaiveDate;
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::error::StoreError;

/// Which page is asked for.
#[derive(Clone, Debug)]
pub struct Paging {
    after: Option<String>,
    limit: u16,
}

/// A page.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// What is on it.
    #[schema(max_items = 200)]
    pub items: Vec<T>,
    /// What to send as `cursor` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl Paging {
    /// The page after this cursor, of at most so many.
    pub fn new(cursor: Option<&str>, limit: u16) -> Result<Self, StoreError> {
        let invalid =
            || StoreError::ValidationFailed(vec![Fault::new("cursor", "must be a cursor that an earlier page gave")]);
        let after = match cursor {
            None => None,
            Some(cursor) => {
                let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).map_err(|_| invalid())?;
                // PostgreSQL takes no NUL in a text.
                Some(String::from_utf8(bytes).ok().filter(|text| !text.contains('\0')).ok_or_else(invalid)?)
            }
        };
        Ok(Self { after, limit })
    }

    /// One more than the page holds: whether there is a next page is whether it came.
    pub(crate) fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// The last id seen.
    pub(crate) fn after_id(&self) -> Result<Option<Uuid>, StoreError> {
        self.after_parts(|parts| match parts {
            [id] => id.parse().ok(),
            _ => None,
        })
    }

    /// The last key seen, and its id.
    pub(crate) fn after_key<K: std::str::FromStr>(&self) -> Result<Option<(K, Uuid)>, StoreError> {
        self.after_parts(|parts| match parts {
            [key, id] => Some((key.parse().ok()?, id.parse().ok()?)),
            _ => None,
        })
    }

    fn after_parts<T>(&self, read: impl FnOnce(&[&str]) -> Option<T>) -> Result<Option<T>, StoreError> {
        let Some(after) = &self.after else { return Ok(None) };
        let parts: Vec<&str> = after.split('|').collect();
        read(&parts).map(Some).ok_or_else(|| {
            StoreError::ValidationFailed(vec![Fault::new(
                "cursor",
                "must be a cursor that an earlier page of this list gave",
            )])
        })
    }

    /// The page, from one more row than it holds.
    pub(crate) fn page<T, K: ToString>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> K) -> Page<T> {
        let limit = usize::from(self.limit);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor =
            rows.last().filter(|_| more).map(|last| BASE64URL_NOPAD.encode(key(last).to_string().as_bytes()));
        Page { items: rows, next_cursor }
    }
}

/// The day in a cursor, in the one form that we give.
pub(crate) struct Day(pub(crate) NaiveDate);

impl std::str::FromStr for Day {
    type Err = almoner_domain::fault::InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        almoner_domain::words::date::parse(text).map(Self)
    }
}

impl<T> Page<T> {
    /// The same page with each item turned into something else.
    pub(crate) fn try_map<U>(self, f: impl FnMut(T) -> Result<U, StoreError>) -> Result<Page<U>, StoreError> {
        let items = self.items.into_iter().map(f).collect::<Result<_, _>>()?;
        Ok(Page { items, next_cursor: self.next_cursor })
    }
}

/// How many rows of a table are cleared away in one transaction.
pub const CLEARED_AT_ONCE: usize = 1000;

/// A count as SQL's LIMIT takes it.
pub(crate) fn as_limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
