//! Search tokens: the keyed hashes with which sealed values can still be found.

use almoner_domain::people::search_key::SearchKey;

use crate::ground::sealing::Key;

/// The token that is kept of a search key. Under one practice's key equal search keys have equal tokens; under different
/// keys they do not.
pub(crate) fn token(root: &Key, key: &SearchKey) -> Vec<u8> {
    root.hash("search", key.text().as_bytes())
}
