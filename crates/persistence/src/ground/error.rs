//! The errors below the HTTP layer. Their sources are for the log; no caller ever sees them.

use almoner_domain::fault::Fault;
use almoner_domain::refusal::Refusal;
use almoner_domain::words::calendar::CalendarUnavailable;

/// The reason for which a use case did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The record does not exist in this scope: it is unknown, another tenant's, or closed to the caller. The caller cannot
    /// tell which.
    #[error("not found")]
    NotFound,
    /// The caller's session or client is no longer valid.
    #[error("not authenticated")]
    NotAuthenticated,
    /// The client may not call from this address.
    #[error("the client may not call from this address")]
    WrongAddress,
    /// The resource has changed since the caller read it. It has this version now.
    #[error("the resource has changed: its version is now {0}")]
    VersionMismatch(i32),
    /// A rule of the domain refuses the operation.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The content of the request breaks a rule.
    #[error("the content of the request breaks a rule")]
    ValidationFailed(Vec<Fault>),
    /// The council's reference was used before for other content.
    #[error("the reference was used before for other content")]
    ReferenceAlreadyUsed,
    /// A value that must be unique already exists. The JSON pointer says which.
    #[error("the value at {0} already exists")]
    AlreadyExists(&'static str),
    /// The Idempotency-Key was used for another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyKeyReused,
    /// A request with the same Idempotency-Key, or on the same resource, is still in progress.
    #[error("the same request is still in progress")]
    InProgress,
    /// A deadline falls outside the years that are loaded.
    #[error(transparent)]
    Calendar(#[from] CalendarUnavailable),
    /// The database cannot be reached, or has no free connection.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// Row policies do not bind the log-in role.
    #[error("the database role {0} bypasses the row policies, or can become one that does: use almoner_app")]
    PowerfulRole(String),
    /// A sealed value cannot be opened: the key is wrong or destroyed, or the row was tampered with.
    #[error("a sealed value cannot be opened")]
    Sealed,
    /// A stored value is not one that the program writes.
    #[error("a stored value cannot be read: {0}")]
    Unreadable(String),
    /// The database refused a statement.
    #[error("database: {0}")]
    Database(diesel::result::Error),
}

impl StoreError {
    pub(crate) fn unreadable(source: impl std::fmt::Display) -> Self {
        Self::Unreadable(source.to_string())
    }
}

impl StoreError {
    /// Fails if an UPDATE that must change a row has changed none, so that nothing of the transaction is kept.
    pub(crate) fn unless_changed(rows: usize, what: &str) -> Result<(), Self> {
        if rows == 0 { Err(Self::Unreadable(format!("{what} is not there to be changed"))) } else { Ok(()) }
    }

    /// Turns the refusal of a unique index into the error that the value at this pointer already exists.
    pub(crate) fn already_exists(error: diesel::result::Error, pointer: &'static str) -> Self {
        match error {
            diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::UniqueViolation, _) => {
                Self::AlreadyExists(pointer)
            }
            other => other.into(),
        }
    }

    /// Turns not found into a fault at this pointer, where the content of the request names something that does not exist.
    pub(crate) fn unless_found(self, pointer: &str) -> Self {
        match self {
            Self::NotFound => Self::ValidationFailed(vec![Fault::new(pointer, "names nothing that is there")]),
            other => other,
        }
    }
}

impl From<Vec<Fault>> for StoreError {
    fn from(faults: Vec<Fault>) -> Self {
        Self::ValidationFailed(faults)
    }
}

impl From<diesel::result::Error> for StoreError {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::DatabaseErrorKind;
        use diesel::result::Error::{DatabaseError, NotFound};
        match &error {
            NotFound => Self::NotFound,
            // The person was access-restricted, or is no longer, or went to another team, while something about them was written.
            DatabaseError(DatabaseErrorKind::ForeignKeyViolation, info)
                if info.constraint_name().is_some_and(|name| name.ends_with("_person_fkey")) =>
            {
                Self::InProgress
            }
            DatabaseError(DatabaseErrorKind::ClosedConnection, info) => Self::Unavailable(info.message().to_owned()),
            // 55P03: another transaction holds the claim or the row.
            DatabaseError(_, info)
                if info.message().contains("lock timeout") || info.message().contains("deadlock detected") =>
            {
                Self::InProgress
            }
            DatabaseError(_, info)
                if info.message().contains("statement timeout")
                    || info.message().contains("terminating connection") =>
            {
                Self::Unavailable(info.message().to_owned())
            }
            _ => Self::Database(error),
        }
    }
}
