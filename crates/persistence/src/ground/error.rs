//! The errors below the HTTP layer. Their sources are for the log; no caller ever sees them.

use almoner_domain::fault::Fault;
use almoner_domain::ids::ServiceUserId;
use almoner_domain::people::mismatch::Difference;
use almoner_domain::refusal::Refusal;
use almoner_domain::words::calendar::CalendarUnavailable;
use diesel::result::{DatabaseErrorKind, Error};

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
    /// The record of the person whom the caller means differs from the message, and no reason is given.
    #[error("the person's record differs from the message")]
    RecordDiffers {
        /// The person, whose record the answer shows in part.
        person: ServiceUserId,
        /// The details in which the two differ.
        differences: Vec<Difference>,
    },
    /// The council's reference was used before for other content.
    #[error("the reference was used before for other content")]
    ReferenceAlreadyUsed,
    /// Events after the number that the caller names are kept no longer: all up to this number are gone.
    #[error("the events up to number {0} are kept no longer")]
    EventsRemoved(i64),
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
    /// The place where documents are stored does not answer, or has no room left.
    #[error("documents cannot be stored or read: {0}")]
    StorageFailed(String),
    /// The log-in role may not become a role that the program's task needs.
    #[error("{0}")]
    WrongRole(String),
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
    Database(Error),
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

    /// Fails if there are faults in the content.
    pub(crate) fn unless_faulty(faults: Vec<Fault>) -> Result<(), Self> {
        if faults.is_empty() { Ok(()) } else { Err(faults.into()) }
    }

    /// Turns the refusal of a unique index into the error that the value at this pointer already exists.
    pub(crate) fn already_exists(error: Error, pointer: &'static str) -> Self {
        match error {
            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Self::AlreadyExists(pointer),
            other => other.into(),
        }
    }

    /// Turns the refusal of a foreign key into the words that something stands under what was to be removed: whatever hangs on
    /// a case or a person has a key to it.
    pub(crate) fn something_stands(error: Error, what: &'static str) -> Self {
        match error {
            Error::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => Refusal::StandsUnder(what).into(),
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

impl StoreError {
    /// Turns the error of a statement that takes a role into one: a role that the log-in role may not become, or that is not
    /// there, is a fault of the installation, which passes when it is mended.
    pub(crate) fn of_the_role(error: Error) -> Self {
        match sqlstate(&error) {
            Some("42501" | "22023" | "42704") => Self::Unavailable(error.to_string()),
            _ => error.into(),
        }
    }
}

/// Whether a foreign key leads to a person, a case or a referral, by the names that the migrations and PostgreSQL give these keys.
fn leads_to_what_may_change(name: &str) -> bool {
    ["_person_fkey", "_practice_id_service_user_id_fkey", "_case_id_service_user_id_fkey", "documents_referral_fkey"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// The SQLSTATE of an error: the one thing that tells errors apart. Its message is in the language of the server. The place of
/// the hint holds it, see `crates/libpq`.
pub(crate) fn sqlstate(error: &Error) -> Option<&str> {
    match error {
        Error::DatabaseError(_, info) => info.hint(),
        Error::RollbackErrorOnCommit { commit_error, .. } => sqlstate(commit_error),
        _ => None,
    }
}

/// Whether the database takes no writes: it is read-only, or has no room left.
pub(crate) fn refuses_writes(error: &Error) -> bool {
    matches!(sqlstate(error), Some("25006" | "53100" | "58030"))
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        use DatabaseErrorKind::{ClosedConnection, ForeignKeyViolation, UnableToSendCommand};
        match &error {
            Error::NotFound => return Self::NotFound,
            // The connection was lost in an earlier statement, whose error was the first.
            Error::BrokenTransactionManager => return Self::Unavailable(error.to_string()),
            // The person was access-restricted, or is no longer, or went to another team, while something about them was written;
            // or the case or the record was removed, because the acceptance that had opened it was undone.
            Error::DatabaseError(ForeignKeyViolation, info)
                if info.constraint_name().is_some_and(leads_to_what_may_change) =>
            {
                return Self::InProgress;
            }
            Error::DatabaseError(ClosedConnection | UnableToSendCommand, info) => {
                return Self::Unavailable(info.message().to_owned());
            }
            _ => {}
        }
        match sqlstate(&error) {
            // Another transaction holds the claim or the row; or two waited for one another, and this one was ended.
            Some("55P03" | "40P01" | "40001") => Self::InProgress,
            // The statement was cancelled, by its timeout or by somebody. The database is read-only.
            Some("57014" | "25006") => Self::Unavailable(error.to_string()),
            // The connection; too little of something, such as memory or disc; the server starts up or shuts down; the
            // machine below it fails.
            Some(code) if ["08", "53", "57P", "58"].iter().any(|class| code.starts_with(class)) => {
                Self::Unavailable(error.to_string())
            }
            _ => Self::Database(error),
        }
    }
}
