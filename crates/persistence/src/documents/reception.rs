//! Taking in the content of a document: it is sealed, hashed and looked at as it comes, and never whole in memory.

use std::borrow::Cow;
use std::io::Read as _;

use almoner_domain::documents::container::{CONTENT_TYPES, Container, MEDIA_TYPE};
use almoner_domain::documents::content::Found;
use almoner_domain::documents::{ContentCheck, DocumentKind, Places};
use almoner_domain::fault::{Fault, InvalidValue};
use almoner_domain::ids::ObjectId;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use zip::ZipArchive;

use crate::documents::content::Content;
use crate::documents::storing::Storing;
use crate::ground::error::StoreError;
use crate::ground::objects::Objects;
use crate::ground::sealing::Key;

/// The greatest number of bytes of a container's part that is read to find its kind.
const LONGEST_PART_READ: u64 = 256 * 1024;

/// A content that is being taken in. If it is dropped, nothing is left of it.
pub struct Reception {
    objects: Objects,
    storing: Storing,
    /// What takes the places out of a picture, unless they are kept.
    places: Option<Places>,
    check: ContentCheck,
    hash: Sha256,
    size: u64,
}

/// A content that was taken in and is stored, without a row that has its key. Unless it is sent or discarded, nobody can open
/// it, and it is cleared away.
pub struct Received {
    /// The kind that the content shows.
    pub kind: DocumentKind,
    /// The number of bytes that are stored.
    pub size: u64,
    /// The SHA-256 hash of what is stored.
    pub hash: [u8; 32],
    /// Whether something was taken out of a picture: places, or what may have held them.
    pub places_dropped: bool,
    pub(crate) object: Uuid,
    pub(crate) key: Key,
    objects: Objects,
}

impl Reception {
    /// Begins to take in a content, as this object. `places` takes the places out of it if it is a picture.
    pub async fn begin(objects: &Objects, object: ObjectId, places: Option<Places>) -> Result<Self, StoreError> {
        Ok(Self {
            objects: objects.clone(),
            storing: Storing::begin(objects, object).await?,
            places,
            check: ContentCheck::default(),
            hash: Sha256::new(),
            size: 0,
        })
    }

    /// Takes the next piece. A picture that cannot be read is refused, because nobody can tell what is in it.
    pub async fn take(&mut self, piece: &[u8]) -> Result<(), StoreError> {
        let Some(places) = &mut self.places else { return self.store(piece).await };
        let mut left = Vec::with_capacity(piece.len());
        places.push(piece, &mut left).map_err(|why| refused(&why))?;
        self.store(&left).await
    }

    async fn store(&mut self, piece: &[u8]) -> Result<(), StoreError> {
        self.size += piece.len() as u64;
        self.hash.update(piece);
        self.check.look(piece);
        self.storing.take(piece).await
    }

    /// Ends the content, and finds its kind. A content that is empty or of no kind that is taken is refused, and nothing is
    /// left of it.
    pub async fn finish(mut self) -> Result<Received, StoreError> {
        let mut places_dropped = false;
        if let Some(places) = self.places.take() {
            let mut left = Vec::new();
            places_dropped = places.finish(&mut left).map_err(|why| refused(&why))?;
            self.store(&left).await?;
        }
        if self.size == 0 {
            return Err(refused(&InvalidValue::new("must not be empty")));
        }
        let found = self.check.found().map_err(|why| refused(&why))?;
        let (object, key) = self.storing.finish().await?;
        let mut received = Received {
            kind: DocumentKind::Txt,
            size: self.size,
            hash: self.hash.finalize().into(),
            places_dropped,
            object,
            key,
            objects: self.objects,
        };
        let kind = match found {
            Found::Kind(kind) => Ok(kind),
            Found::Container => received.kind_of_container().await,
        };
        match kind {
            Ok(kind) => {
                received.kind = kind;
                Ok(received)
            }
            Err(error) => {
                received.discard().await;
                Err(error)
            }
        }
    }
}

impl Received {
    /// Deletes the content, which nobody can open without its key.
    pub async fn discard(&self) {
        if let Err(error) = self.objects.delete(self.object).await {
            tracing::warn!(%error, "the content of a document that was refused could not be deleted");
        }
    }

    async fn kind_of_container(&self) -> Result<DocumentKind, StoreError> {
        let content =
            Content { kind: self.kind, name: None, size: self.size, object: self.object, key: self.key.clone() };
        let objects = self.objects.clone();
        let read = tokio::task::spawn_blocking(move || read_container(content, &objects));
        let container = read.await.map_err(StoreError::unreadable)??;
        container.kind().map_err(|why| refused(&why))
    }
}

/// Reads what a container says of itself. One that cannot be read as a ZIP is refused.
fn read_container(content: Content, objects: &Objects) -> Result<Container, StoreError> {
    let broken =
        || refused(&InvalidValue::new("must be whole: it begins as a DOCX or ODT does and cannot be read as one"));
    let mut archive = ZipArchive::new(content.reader(objects)?).map_err(|_| broken())?;
    let mut text_of = |name: &str| {
        let part = match archive.by_name(name) {
            Ok(part) => part,
            Err(zip::result::ZipError::FileNotFound) => return Ok(None),
            Err(_) => return Err(broken()),
        };
        let mut text = String::new();
        let read = part.take(LONGEST_PART_READ).read_to_string(&mut text);
        read.map(|_| Some(text)).map_err(|_| broken())
    };
    let (content_types, media_type) = (text_of(CONTENT_TYPES)?, text_of(MEDIA_TYPE)?);
    let parts = archive.file_names().map(|name| name.map(Cow::into_owned).map_err(|_| broken()));
    Ok(Container { parts: parts.collect::<Result<_, _>>()?, content_types, media_type })
}

fn refused(why: &InvalidValue) -> StoreError {
    StoreError::ValidationFailed(vec![Fault::new("", why.to_string())])
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::ground::objects::tests::Scratch;
    use crate::ground::objects::wait;

    const MAIN_PART: &str =
        "<Override ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>";

    fn container(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, text) in parts {
            archive.start_file(*name, SimpleFileOptions::default()).unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    fn take_in(objects: &Objects, content: &[u8]) -> Result<Received, StoreError> {
        wait(async {
            let object = uuid::Uuid::from_bytes(crate::ground::random::bytes());
            let mut reception = Reception::begin(objects, object.into(), Some(Places::default())).await?;
            for piece in content.chunks(50_000) {
                reception.take(piece).await?;
            }
            reception.finish().await
        })
    }

    fn discard(received: &Received) {
        wait(async {
            received.discard().await;
            Ok(())
        })
        .unwrap();
    }

    #[test]
    fn a_content_is_stored_sealed_and_read_back_in_any_order() {
        let scratch = Scratch::new();
        let objects = Objects::in_directory(&scratch.0);
        let content = format!("%PDF-1.7\n{}", "Saw Edith at home. ".repeat(200_000)).into_bytes();
        let received = take_in(&objects, &content).unwrap();
        assert_eq!((received.kind, received.size), (DocumentKind::Pdf, content.len() as u64));
        assert_eq!(received.hash, <[u8; 32]>::from(Sha256::digest(&content)));
        let [file] = &scratch.files()[..] else { panic!("one object") };
        let stored = std::fs::read(file).unwrap();
        assert!(!stored.windows(9).any(|window| window == b"Saw Edith"), "what is stored is sealed");
        let of = |received: &Received| Content {
            kind: received.kind,
            name: None,
            size: received.size,
            object: received.object,
            key: received.key.clone(),
        };
        let mut reader = of(&received).reader(&objects).unwrap();
        let mut read = Vec::new();
        reader.read_to_end(&mut read).unwrap();
        assert!(read == content);
        for at in [0, 65_535, 65_536, 3_000_000] {
            use std::io::Seek as _;
            reader.seek(std::io::SeekFrom::Start(at)).unwrap();
            let (mut few, at) = ([0; 9], usize::try_from(at).unwrap());
            reader.read_exact(&mut few).unwrap();
            assert_eq!(few, content[at..at + 9]);
        }
        discard(&received);
        assert!(scratch.files().is_empty());
    }

    #[test]
    fn a_container_is_found_by_what_is_in_it_and_one_with_macros_is_refused() {
        let scratch = Scratch::new();
        let objects = Objects::in_directory(&scratch.0);
        let odt = "application/vnd.oasis.opendocument.text";
        for (parts, kind) in [
            (vec![("[Content_Types].xml", MAIN_PART), ("word/document.xml", "<x/>")], Some(DocumentKind::Docx)),
            (vec![("mimetype", odt), ("content.xml", "<x/>")], Some(DocumentKind::Odt)),
            (vec![("[Content_Types].xml", MAIN_PART), ("word/vbaProject.bin", "x")], None),
            (vec![("mimetype", odt), ("Basic/Standard/Module1.xml", "x")], None),
            (vec![("letter.txt", "an archive of something else")], None),
        ] {
            match (take_in(&objects, &container(&parts)), kind) {
                (Ok(received), Some(kind)) => {
                    assert_eq!(received.kind, kind, "{parts:?}");
                    discard(&received);
                }
                (Err(StoreError::ValidationFailed(_)), None) => {}
                (received, _) => panic!("{parts:?}: {:?}", received.map(|received| received.kind)),
            }
            assert!(scratch.files().is_empty(), "{parts:?}: nothing is left");
        }
    }

    #[test]
    fn what_is_empty_unknown_or_cut_off_is_refused_and_leaves_nothing() {
        let scratch = Scratch::new();
        let objects = Objects::in_directory(&scratch.0);
        let docx = container(&[("[Content_Types].xml", MAIN_PART), ("word/document.xml", "<x/>")]);
        for content in [&b""[..], b"MZ\x90\0", b"<html></html>", &docx[..docx.len() / 2], b"PK\x03\x04"] {
            let refused = take_in(&objects, content).map(|received| received.kind);
            assert!(matches!(refused, Err(StoreError::ValidationFailed(_))), "{refused:?}");
            assert!(scratch.files().is_empty());
        }
    }
}
