//! The answers that show nobody's record, each kind with its reason. Whatever shows a person's record takes it from a function
//! of the store that writes the event of the reading.

use almoner_persistence::{OnRecord, not_a_record};

/// Something that the caller has changed themselves, as it is now.
pub(crate) fn changed<T>(shown: T) -> OnRecord<T> {
    not_a_record(shown, "the answer to a change, whose event is on record")
}

/// A record that the caller has made in this request.
pub(crate) fn made<T>(shown: T) -> OnRecord<T> {
    not_a_record(shown, "the answer to a creation, whose event is on record")
}

/// Something of the caller's own.
pub(crate) fn own<T>(shown: T) -> OnRecord<T> {
    not_a_record(shown, "the caller's own account, sessions, secrets or notices")
}

/// A tenant, or something of its own.
pub(crate) fn of_a_tenant<T>(shown: T) -> OnRecord<T> {
    not_a_record(shown, "a tenant, its staff, systems, contracts or settings, and nobody whom it serves")
}

/// Something that anybody may see.
pub(crate) fn public<T>(shown: T) -> OnRecord<T> {
    not_a_record(shown, "the public directory of practices, or a public register")
}
