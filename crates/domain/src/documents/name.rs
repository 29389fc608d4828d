//! The name of a document, as its sender gave it.

use crate::documents::kind::DocumentKind;
use crate::fault::InvalidValue;
use crate::words::text::Line;

/// The greatest number of characters in a name, without an ending that is added.
const LONGEST: usize = 200;

/// The name of a document: one line, without a path, that ends as a file of its kind does.
#[derive(Clone, PartialEq, Eq)]
pub struct DocumentName(String);

impl DocumentName {
    /// Reads the name of a document of this kind. Invisible characters and controls of direction are taken out, and a name
    /// that ends otherwise than files of the kind do gets their ending: a text is not kept as a page for a browser. A path, a
    /// name that is blank, hidden or too long, and one with control characters is [`InvalidValue`].
    pub fn parse(text: &str, kind: DocumentKind) -> Result<Self, InvalidValue> {
        let line = Line::<LONGEST>::parse(text)?;
        let name = line.as_str();
        if name.contains(['/', '\\']) {
            return Err(InvalidValue::new("must be a name without a path: no slash and no backslash"));
        }
        if name.starts_with('.') {
            return Err(InvalidValue::new("must not begin with a full stop"));
        }
        // Some systems leave full stops and blanks at the end out, and so would find another ending.
        let name = name.trim_end_matches(['.', ' ']);
        let ends_well = name
            .rsplit_once('.')
            .is_some_and(|(_, ending)| kind.endings().iter().any(|one| one.eq_ignore_ascii_case(ending)));
        Ok(Self(if ends_well { name.to_owned() } else { format!("{name}.{}", kind.endings()[0]) }))
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for DocumentName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DocumentName(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cleaned_and_ends_as_its_kind_does() {
        for (given, kind, kept) in [
            ("Care plan.pdf", DocumentKind::Pdf, "Care plan.pdf"),
            ("  IMG_0001.HEIC ", DocumentKind::Heic, "IMG_0001.HEIC"),
            ("photo.jpeg", DocumentKind::Jpeg, "photo.jpeg"),
            ("letter", DocumentKind::Docx, "letter.docx"),
            ("letter.pdf.exe", DocumentKind::Pdf, "letter.pdf.exe.pdf"),
            ("page.html", DocumentKind::Txt, "page.html.txt"),
            ("page.html.", DocumentKind::Txt, "page.html.txt"),
            ("plan.pdf. .", DocumentKind::Pdf, "plan.pdf"),
            ("Mrs Marlow\u{2019}s plan v1.2", DocumentKind::Odt, "Mrs Marlow\u{2019}s plan v1.2.odt"),
            ("cod\u{202e}fdp.exe", DocumentKind::Pdf, "codfdp.exe.pdf"),
            ("pl\u{200b}an.pdf", DocumentKind::Pdf, "plan.pdf"),
            ("Cafe\u{301}.txt", DocumentKind::Txt, "Caf\u{e9}.txt"),
        ] {
            assert_eq!(DocumentName::parse(given, kind).unwrap().as_str(), kept, "{given}");
        }
    }

    #[test]
    fn a_path_a_blank_a_control_character_and_too_long_a_name_are_refused() {
        let long = "x".repeat(4000);
        for (given, why) in [
            ("../../x", "slash"),
            ("..\\..\\x", "slash"),
            ("/etc/passwd", "slash"),
            ("C:\\x.pdf", "slash"),
            ("..", "full stop"),
            (".htaccess", "full stop"),
            ("", "blank"),
            (" \u{200b} ", "blank"),
            ("a\0b.pdf", "control"),
            ("a\nb.pdf", "control"),
            ("a\tb.pdf", "control"),
            (long.as_str(), "200 characters"),
        ] {
            let refused = DocumentName::parse(given, DocumentKind::Pdf).unwrap_err().to_string();
            assert!(refused.contains(why), "{given:?}: {refused}");
        }
    }
}
