//! Search tokens: the keyed hashes by which what is sealed can still be found.

use almoner_domain::people::service_user::SearchKey;

use crate::ground::sealing::Key;

/// What is kept of a search key: under one practice's key it equals itself, and nothing under another's.
pub(crate) fn token(root: &Key, key: &SearchKey) -> Vec<u8> {
    root.hash("search", key.text().as_bytes())
}
