//! What can go wrong below the HTTP layer. Sources are for the log; no caller ever sees them.

use almoner_domain::fault::Fault;
use almoner_domain::refusal::Refusal;
use almoner_domain::words::calendar::CalendarUnavailable;

/// Why a use case did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such thing in this scope: unknown, another's, or behind a wall; the caller cannot tell which.
    #[error("not found")]
    NotFound,
    /// The caller's session or client no longer counts.
    #[error("not authenticated")]
    NotAuthenticated,
    /// The client may not come from that address.
    #[error("the client may not come from that address")]
    WrongAddress,
    /// It changed since the caller read it.
    #[error("it has changed since: version {0} is current")]
    VersionMismatch(i32),
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What was sent breaks a rule.
    #[error("the content breaks a rule")]
    ValidationFailed(Vec<Fault>),
    /// The council's reference is known with other content.
    #[error("the reference is taken by other content")]
    ReferenceAlreadyUsed,
    /// A name that must be unique is taken: the JSON pointer says which.
    #[error("taken: {0}")]
    AlreadyExists(&'static str),
    /// The Idempotency-Key was used for another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyKeyReused,
    /// A request with the same Idempotency-Key, or on the same thing, is still under way.
    #[error("the same is still under way")]
    InProgress,
    /// A deadline falls outside the years that are loaded.
    #[error(transparent)]
    Calendar(#[from] CalendarUnavailable),
    /// The database cannot be reached, or has no free connection.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The log-in role is one that row policies do not bind.
    #[error("the database role {0} passes by the row policies, or can become one that does: use almoner_app")]
    PowerfulRole(String),
    /// A sealed value does not open: the key is wrong or destroyed, or the row was tampered with.
    #[error("a sealed value does not open")]
    Sealed,
    /// A stored value is not what the program writes.
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
    /// An UPDATE that must change a row has to find it: where it does not, nothing of the transaction is kept.
    pub(crate) fn unless_changed(rows: usize, what: &str) -> Result<(), Self> {
        if rows == 0 { Err(Self::Unreadable(format!("{what} is not there to be changed"))) } else { Ok(()) }
    }

    /// A unique index refused it: the value at this pointer is taken.
    pub(crate) fn already_exists(error: diesel::result::Error, pointer: &'static str) -> Self {
        match error {
            diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::UniqueViolation, _) => {
                Self::AlreadyExists(pointer)
            }
            other => other.into(),
        }
    }

    /// Something that the content names is not there: the content is at fault, at this pointer.
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
