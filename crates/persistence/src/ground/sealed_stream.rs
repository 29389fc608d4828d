//! Sealing of contents that are never whole in memory: in chunks, by the STREAM construction (Hoang, Reyhanitabar, Rogaway
//! and Vizár, 2015) over AES-256-GCM. Each chunk is bound to the object, to its place in it, and to being the last or not: a
//! chunk that is altered, moved, left out or cut off does not open. A chunk opens without those before it.

use std::ops::Range;

use aead_stream::{EncryptorBE32, NewStream as _, StreamBE32, StreamPrimitive as _};
use aes_gcm::Aes256Gcm;

use crate::ground::error::StoreError;
use crate::ground::random;
use crate::ground::sealing::{Key, SealedField};

/// The bytes of a content in one chunk; the last chunk has at least one.
pub(crate) const CHUNK: u64 = 64 * 1024;

/// The first byte of every sealed stream. It names the layout of the rest: the beginning of the nonces, and the chunks.
const FORMAT: u8 = 1;
const PREFIX: usize = 7;
const TAG: u64 = 16;

/// The bytes before the first chunk.
pub(crate) const HEADER: usize = 1 + PREFIX;

/// Seals a content piece by piece.
pub(crate) struct Sealer {
    encryptor: EncryptorBE32<Aes256Gcm>,
    bound: String,
    /// The bytes that are not sealed yet: a chunk is sealed when it is known whether it is the last.
    chunk: Vec<u8>,
}

impl Sealer {
    /// Begins a content that is sealed for this place, under a key that seals nothing else. Returns the header too, with which
    /// the sealed content begins.
    pub(crate) fn begin(key: &Key, place: SealedField) -> (Self, [u8; HEADER]) {
        let prefix: [u8; PREFIX] = random::bytes();
        let mut header = [FORMAT; HEADER];
        header[1..].copy_from_slice(&prefix);
        let encryptor = EncryptorBE32::from_aead(key.cipher(), &prefix.into());
        (Self { encryptor, bound: place.bound(), chunk: Vec::new() }, header)
    }

    /// Takes the next piece, and adds the chunks that it fills to `sealed`.
    pub(crate) fn push(&mut self, mut piece: &[u8], sealed: &mut Vec<u8>) -> Result<(), StoreError> {
        while !piece.is_empty() {
            if self.chunk.len() as u64 == CHUNK {
                let bound = self.bound.as_bytes();
                self.encryptor.encrypt_next_in_place(bound, &mut self.chunk).map_err(|_| StoreError::Sealed)?;
                sealed.append(&mut self.chunk);
            }
            let room = usize::try_from(CHUNK).unwrap_or(usize::MAX) - self.chunk.len();
            let (now, rest) = piece.split_at(room.min(piece.len()));
            self.chunk.extend_from_slice(now);
            piece = rest;
        }
        Ok(())
    }

    /// Adds the last chunk to `sealed`.
    pub(crate) fn finish(mut self, sealed: &mut Vec<u8>) -> Result<(), StoreError> {
        let bound = self.bound.as_bytes();
        self.encryptor.encrypt_last_in_place(bound, &mut self.chunk).map_err(|_| StoreError::Sealed)?;
        sealed.append(&mut self.chunk);
        Ok(())
    }
}

/// Opens the chunks of a sealed content, in any order.
pub(crate) struct Opener {
    stream: StreamBE32<Aes256Gcm>,
    bound: String,
    size: u64,
}

impl Opener {
    /// Makes the opener of a content of this size, which was sealed for this place, from the header of the sealed content.
    pub(crate) fn new(key: &Key, place: SealedField, size: u64, header: &[u8]) -> Result<Self, StoreError> {
        let [FORMAT, prefix @ ..] = header else { return Err(StoreError::Sealed) };
        let prefix = <[u8; PREFIX]>::try_from(prefix).map_err(|_| StoreError::Sealed)?;
        Ok(Self { stream: StreamBE32::from_aead(key.cipher(), &prefix.into()), bound: place.bound(), size })
    }

    /// The number of chunks.
    pub(crate) fn chunks(&self) -> u64 {
        self.size.div_ceil(CHUNK)
    }

    /// The place of a chunk in the sealed content.
    pub(crate) fn range(&self, chunk: u64) -> Range<u64> {
        let start = HEADER as u64 + chunk * (CHUNK + TAG);
        let length = (self.size - chunk * CHUNK).min(CHUNK) + TAG;
        start..start + length
    }

    /// Opens a chunk.
    pub(crate) fn open(&self, chunk: u64, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let position = u32::try_from(chunk).map_err(|_| StoreError::Sealed)?;
        let is_last = chunk + 1 == self.chunks();
        let mut opened = sealed.to_vec();
        self.stream
            .decrypt_in_place(position, is_last, self.bound.as_bytes(), &mut opened)
            .map_err(|_| StoreError::Sealed)?;
        Ok(opened)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn place(row: u128) -> SealedField {
        SealedField { owner: Uuid::nil(), table: "documents", column: "content", row: Uuid::from_u128(row) }
    }

    fn content(size: usize) -> Vec<u8> {
        (0..size).map(|at| u8::try_from(at % 251).unwrap()).collect()
    }

    fn sealed(key: &Key, content: &[u8], piece: usize) -> Vec<u8> {
        let (mut sealer, header) = Sealer::begin(key, place(7));
        let mut all = header.to_vec();
        content.chunks(piece).for_each(|piece| sealer.push(piece, &mut all).unwrap());
        sealer.finish(&mut all).unwrap();
        all
    }

    fn opened(key: &Key, at: SealedField, size: usize, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let opener = Opener::new(key, at, size as u64, &sealed[..HEADER])?;
        let mut content = Vec::new();
        for chunk in 0..opener.chunks() {
            let range = opener.range(chunk);
            let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
            content.extend(opener.open(chunk, sealed.get(range).ok_or(StoreError::Sealed)?)?);
        }
        Ok(content)
    }

    const WHOLE: usize = 64 * 1024;

    #[test]
    fn a_content_opens_whatever_its_size_and_however_it_came() {
        let key = Key::new();
        for size in [1, 100, WHOLE - 1, WHOLE, WHOLE + 1, 2 * WHOLE, 3 * WHOLE + 5] {
            for piece in [1000, WHOLE, WHOLE + 1, usize::MAX] {
                let content = content(size);
                let sealed = sealed(&key, &content, piece);
                assert_eq!(sealed.len(), HEADER + size + 16 * size.div_ceil(WHOLE), "{size}");
                assert!(opened(&key, place(7), size, &sealed).unwrap() == content, "{size} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn what_is_altered_moved_left_out_or_cut_off_does_not_open() {
        let key = Key::new();
        let size = 2 * WHOLE + 100;
        let sealed = sealed(&key, &content(size), WHOLE);
        let fails = |key: &Key, at, size, sealed: &[u8]| opened(key, at, size, sealed).is_err();
        assert!(fails(&Key::new(), place(7), size, &sealed), "another key");
        assert!(fails(&key, place(8), size, &sealed), "another object");
        for at in [0, 1, HEADER - 1, HEADER, HEADER + WHOLE, HEADER + WHOLE + 16, sealed.len() - 1] {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(fails(&key, place(7), size, &altered), "byte {at}");
        }
        let chunk = WHOLE + 16;
        let mut moved = sealed.clone();
        moved[HEADER..HEADER + 2 * chunk].rotate_left(chunk);
        assert!(fails(&key, place(7), size, &moved), "two chunks in each other's place");
        let without = [&sealed[..HEADER], &sealed[HEADER + chunk..]].concat();
        assert!(fails(&key, place(7), size - WHOLE, &without), "without the first chunk");
        let cut = &sealed[..HEADER + 2 * chunk];
        assert!(fails(&key, place(7), 2 * WHOLE, cut), "cut off after a chunk");
        assert!(fails(&key, place(7), size, cut), "cut off, and said to be whole");
    }

    #[test]
    fn equal_contents_are_sealed_differently() {
        let content = content(1000);
        assert_ne!(sealed(&Key::new(), &content, 1000), sealed(&Key::new(), &content, 1000));
        let key = Key::new();
        assert_ne!(sealed(&key, &content, 1000), sealed(&key, &content, 1000));
    }
}
