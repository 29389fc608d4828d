//! Pages by key: a page begins after the last row seen. There are no page numbers and no totals.

use almoner_domain::fault::Fault;
use almoner_domain::ids::parse_uuid;
use chrono::NaiveDate;
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ground::error::StoreError;

/// The page that a request asks for.
#[derive(Clone, Debug)]
pub struct Paging {
    after: Option<String>,
    limit: u16,
}

/// A page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items of the page.
    #[schema(max_items = 200)]
    pub items: Vec<T>,
    /// The `cursor` to send for the next page. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, pattern = "^[A-Za-z0-9_-]+$")]
    pub next_cursor: Option<String>,
}

impl Paging {
    /// The page after this cursor, with at most `limit` items.
    pub fn new(cursor: Option<&str>, limit: u16) -> Result<Self, StoreError> {
        let invalid =
            || StoreError::ValidationFailed(vec![Fault::new("cursor", "must be a cursor that an earlier page gave")]);
        let after = match cursor {
            None => None,
            Some(cursor) => {
                let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).map_err(|_| invalid())?;
                // PostgreSQL accepts no NUL in a text.
                Some(String::from_utf8(bytes).ok().filter(|text| !text.contains('\0')).ok_or_else(invalid)?)
            }
        };
        Ok(Self { after, limit })
    }

    /// The number of rows to read: one more than the page holds, which shows whether there is a next page.
    pub(crate) fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// The identifier of the last row seen.
    pub(crate) fn after_id(&self) -> Result<Option<Uuid>, StoreError> {
        self.after_parts(|parts| match parts {
            [id] => parse_uuid(id),
            _ => None,
        })
    }

    /// The sort key and the identifier of the last row seen.
    pub(crate) fn after_key<K: std::str::FromStr>(&self) -> Result<Option<(K, Uuid)>, StoreError> {
        self.after_parts(|parts| match parts {
            [key, id] => Some((key.parse().ok()?, parse_uuid(id)?)),
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

    /// Makes the page from one row more than it holds.
    pub(crate) fn page<T, K: ToString>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> K) -> Page<T> {
        let limit = usize::from(self.limit);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor =
            rows.last().filter(|_| more).map(|last| BASE64URL_NOPAD.encode(key(last).to_string().as_bytes()));
        Page { items: rows, next_cursor }
    }
}

/// The day in a cursor, in the one form that the service writes.
pub(crate) struct Day(pub(crate) NaiveDate);

impl std::str::FromStr for Day {
    type Err = almoner_domain::fault::InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        almoner_domain::words::date::parse(text).map(Self)
    }
}

impl<T> Page<T> {
    /// The same page, with each item turned into another type.
    pub(crate) fn try_map<U>(self, f: impl FnMut(T) -> Result<U, StoreError>) -> Result<Page<U>, StoreError> {
        let items = self.items.into_iter().map(f).collect::<Result<_, _>>()?;
        Ok(Page { items, next_cursor: self.next_cursor })
    }
}

/// The number of rows of a table that are deleted in one transaction.
pub const CLEARED_AT_ONCE: usize = 1000;

/// Turns a count into the type of SQL's LIMIT.
pub(crate) fn as_limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
