//! The kinds of documents: what a practice is sent and keeps, and nothing that runs.

use crate::fault::InvalidValue;
use crate::words::sql_text::closed_codes;

closed_codes! {
    /// The kind of a document, which its content shows.
    pub enum DocumentKind {
        /// A PDF.
        Pdf = "pdf",
        /// A picture in JPEG.
        Jpeg = "jpeg",
        /// A picture in PNG.
        Png = "png",
        /// A picture as telephones take it, in HEIC.
        Heic = "heic",
        /// A document of Microsoft Word without macros.
        Docx = "docx",
        /// A text in the format ODT, without macros.
        Odt = "odt",
        /// A text in UTF-8.
        Txt = "txt",
        /// A recording in MP3.
        Mp3 = "mp3",
        /// A recording in M4A.
        M4a = "m4a",
    }
}

impl DocumentKind {
    /// Returns the media type with which a document of the kind is sent and given back.
    pub const fn media_type(self) -> &'static str {
        self.media_types()[0]
    }

    /// Returns every media type by which programs call the kind; the registered one is the first.
    const fn media_types(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["application/pdf"],
            Self::Jpeg => &["image/jpeg", "image/jpg"],
            Self::Png => &["image/png"],
            Self::Heic => &["image/heic", "image/heif"],
            Self::Docx => &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
            Self::Odt => &["application/vnd.oasis.opendocument.text"],
            Self::Txt => &["text/plain"],
            Self::Mp3 => &["audio/mpeg", "audio/mp3"],
            Self::M4a => &["audio/mp4", "audio/m4a", "audio/x-m4a"],
        }
    }

    /// Returns the endings that a file of the kind has, without the full stop; the usual one is the first.
    pub(crate) const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Heic => &["heic", "heif"],
            Self::Docx => &["docx"],
            Self::Odt => &["odt"],
            Self::Txt => &["txt"],
            Self::Mp3 => &["mp3"],
            Self::M4a => &["m4a"],
        }
    }

    /// Finds the kind that a `Content-Type` declares, whatever its parameters and capitals. A text that says it is in another
    /// encoding than UTF-8 is none of them.
    pub fn declared(content_type: &str) -> Option<Self> {
        let mut parts = content_type.split(';');
        let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let kind = Self::ALL.iter().copied().find(|kind| kind.media_types().contains(&essence.as_str()))?;
        let charset = parts.filter_map(|part| part.split_once('=')).find_map(|(name, value)| {
            name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_ascii_lowercase())
        });
        let is_read = charset.is_none_or(|charset| ["utf-8", "us-ascii"].contains(&charset.as_str()));
        (kind != Self::Txt || is_read).then_some(kind)
    }

    /// Refuses a content that is of another kind than was declared.
    pub fn agrees_with(self, declared: Self) -> Result<(), InvalidValue> {
        if self == declared {
            return Ok(());
        }
        let found = self.media_type();
        Err(InvalidValue::new(format!("must be the kind that the content shows, which is {found}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declared_kind_is_read_as_programs_write_it() {
        for (declared, kind) in [
            ("application/pdf", Some(DocumentKind::Pdf)),
            ("Application/PDF; name=\"x.pdf\"", Some(DocumentKind::Pdf)),
            ("image/jpg", Some(DocumentKind::Jpeg)),
            ("image/heif", Some(DocumentKind::Heic)),
            ("audio/x-m4a", Some(DocumentKind::M4a)),
            ("text/plain", Some(DocumentKind::Txt)),
            ("text/plain;charset=UTF-8", Some(DocumentKind::Txt)),
            ("text/plain; charset=\"us-ascii\"", Some(DocumentKind::Txt)),
            ("text/plain; charset=utf-16", None),
            ("text/plain; charset=windows-1252", None),
            ("text/html", None),
            ("image/svg+xml", None),
            ("image/gif", None),
            ("video/mp4", None),
            ("application/msword", None),
            ("application/vnd.ms-word.document.macroEnabled.12", None),
            ("application/octet-stream", None),
            ("application/zip", None),
            ("", None),
        ] {
            assert_eq!(DocumentKind::declared(declared), kind, "{declared}");
        }
    }

    #[test]
    fn every_kind_is_found_by_its_own_media_types_and_no_two_share_one() {
        let mut seen = std::collections::BTreeSet::new();
        for kind in DocumentKind::ALL {
            for media_type in kind.media_types() {
                assert_eq!(DocumentKind::declared(media_type), Some(*kind));
                assert!(seen.insert(media_type), "{media_type}");
            }
        }
    }

    #[test]
    fn a_kind_that_is_not_the_contents_is_refused_with_the_one_that_is() {
        assert_eq!(DocumentKind::Png.agrees_with(DocumentKind::Png), Ok(()));
        let why = DocumentKind::Png.agrees_with(DocumentKind::Pdf).unwrap_err();
        assert_eq!(why.to_string(), "must be the kind that the content shows, which is image/png");
    }
}
