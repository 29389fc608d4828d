//! Bearer tokens: refresh tokens and the links of invitations. Their holder can read nothing from them; the service reads
//! from them which row to look up. The database keeps only their hash.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::ground::random;

/// A token: the row's key in `N` identifiers, and 256 random bits.
pub(crate) struct Bearer<const N: usize> {
    pub(crate) ids: [Uuid; N],
    text: Zeroizing<String>,
}

impl<const N: usize> Bearer<N> {
    /// Draws a new token.
    pub(crate) fn draw(ids: [Uuid; N]) -> Self {
        let mut bytes = Zeroizing::new(Vec::new());
        for id in ids {
            bytes.extend_from_slice(id.as_bytes());
        }
        bytes.extend_from_slice(&random::bytes::<32>());
        Self { ids, text: Zeroizing::new(BASE64URL_NOPAD.encode(&bytes)) }
    }

    /// Reads a token that was sent. Returns `None` if the text cannot be one.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(text.as_bytes()).ok()?);
        if bytes.len() != 16 * N + 32 {
            return None;
        }
        let mut ids = [Uuid::nil(); N];
        for (id, bytes) in ids.iter_mut().zip(bytes.chunks_exact(16)) {
            *id = Uuid::from_slice(bytes).ok()?;
        }
        Some(Self { ids, text: Zeroizing::new(text.to_owned()) })
    }

    /// The text of the token, as it is given to its holder.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The hash that the database keeps. Nobody can guess 256 random bits, so a plain hash is enough.
    pub(crate) fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.text.as_bytes()).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_drawn_and_nothing_else_is_one() {
        let drawn = Bearer::draw([Uuid::from_u128(1), Uuid::from_u128(2)]);
        let read = Bearer::<2>::read(drawn.text()).unwrap();
        assert_eq!((read.ids, read.hash()), (drawn.ids, drawn.hash()));
        for wrong in ["", "AAAA", &drawn.text()[1..], &format!("{}A", drawn.text()), "é"] {
            assert!(Bearer::<2>::read(wrong).is_none(), "{wrong}");
        }
        assert!(Bearer::<1>::read(drawn.text()).is_none());
    }
}
