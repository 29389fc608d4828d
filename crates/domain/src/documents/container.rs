//! The documents that are packed in a ZIP: which of them is a DOCX, which an ODT, and which has something in it that runs.

use crate::documents::kind::DocumentKind;
use crate::fault::InvalidValue;

/// The part of a DOCX that says of which type each of its parts is.
pub const CONTENT_TYPES: &str = "[Content_Types].xml";
/// The part of an ODT that says its media type.
pub const MEDIA_TYPE: &str = "mimetype";

/// The type of a DOCX's main part. One with macros has another.
const MAIN_PART: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";

/// The greatest number of parts in a container. A document has a few dozen.
pub const MOST_PARTS: usize = 10_000;

/// What a container says of itself.
#[derive(Clone, Debug, Default)]
pub struct Container {
    /// The name of each of its parts.
    pub parts: Vec<String>,
    /// The text of [`CONTENT_TYPES`], if there is one.
    pub content_types: Option<String>,
    /// The text of [`MEDIA_TYPE`], if there is one.
    pub media_type: Option<String>,
}

impl Container {
    /// Finds the kind of the document. One that is neither a DOCX nor an ODT, and one with macros or with another program in
    /// it, is [`InvalidValue`].
    pub fn kind(&self) -> Result<DocumentKind, InvalidValue> {
        if self.parts.len() > MOST_PARTS || self.parts.iter().any(|part| runs(part)) || self.says_it_has_macros() {
            return Err(InvalidValue::new("must have no macros and no other programs in it"));
        }
        let is_docx = self.content_types.as_deref().is_some_and(|types| types.contains(MAIN_PART));
        let is_odt = self.media_type.as_deref() == Some(DocumentKind::Odt.media_type());
        match (is_docx, is_odt) {
            (true, false) => Ok(DocumentKind::Docx),
            (false, true) => Ok(DocumentKind::Odt),
            _ => Err(InvalidValue::new("must be a document of a kind that is taken; among archives, a DOCX or an ODT")),
        }
    }

    fn says_it_has_macros(&self) -> bool {
        let says = |text: &Option<String>, words: &str| {
            text.as_deref().is_some_and(|text| text.to_ascii_lowercase().contains(words))
        };
        says(&self.content_types, "macroenabled")
            || says(&self.content_types, "vbaproject")
            || says(&self.content_types, "activex")
    }
}

/// Whether a part of a document is a program, or may hold one: macros, controls, embedded objects, scripts, and documents
/// that may have macros in turn. Names are compared without regard to capitals and to which slash divides them.
fn runs(part: &str) -> bool {
    let part = part.replace('\\', "/").to_ascii_lowercase();
    let mut folders: Vec<&str> = part.split('/').collect();
    let name = folders.pop().unwrap_or_default();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    folders.iter().any(|folder| ["basic", "scripts", "dialogs", "activex"].contains(folder))
        || name.starts_with("vba")
        || name.starts_with("oleobject")
        || [
            "docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "pptm", "ppam", "ppsm", "potm", "doc", "xls", "ppt", "exe",
            "dll", "js", "jse", "vbs", "vbe", "wsf", "bat", "cmd", "ps1", "sh", "com", "scr", "hta", "jar", "class",
            "py", "lnk", "html", "htm", "svg",
        ]
        .contains(&ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn docx(more: &[&str], content_types: &str) -> Result<DocumentKind, String> {
        let parts = ["[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/media/image1.png"];
        let parts = parts.iter().chain(more).map(|part| (*part).to_owned()).collect();
        let container = Container { parts, content_types: Some(content_types.to_owned()), media_type: None };
        container.kind().map_err(|why| why.to_string())
    }

    fn odt(more: &[&str], media_type: &str) -> Result<DocumentKind, String> {
        let parts = ["mimetype", "content.xml", "META-INF/manifest.xml", "Pictures/1.png"];
        let parts = parts.iter().chain(more).map(|part| (*part).to_owned()).collect();
        let container = Container { parts, content_types: None, media_type: Some(media_type.to_owned()) };
        container.kind().map_err(|why| why.to_string())
    }

    const ODT: &str = "application/vnd.oasis.opendocument.text";

    #[test]
    fn a_docx_and_an_odt_are_what_they_say() {
        let types = format!("<Override PartName=\"/word/document.xml\" ContentType=\"{MAIN_PART}\"/>");
        assert_eq!(docx(&[], &types), Ok(DocumentKind::Docx));
        assert_eq!(docx(&["word/embeddings/Microsoft_Excel_Sheet1.xlsx"], &types), Ok(DocumentKind::Docx));
        assert_eq!(odt(&[], ODT), Ok(DocumentKind::Odt));
        assert_eq!(odt(&["Object 1/content.xml", "Configurations2/images/"], ODT), Ok(DocumentKind::Odt));
    }

    #[test]
    fn what_runs_is_refused_wherever_it_is_in_the_container() {
        let types = format!("<Override ContentType=\"{MAIN_PART}\"/>");
        for part in [
            "word/vbaProject.bin",
            "word/VBAPROJECT.BIN",
            "elsewhere\\vbaProject.bin",
            "word/vbaData.xml",
            "word/vbaProjectSignature.bin",
            "word/activeX/activeX1.xml",
            "word/embeddings/oleObject1.bin",
            "word/embeddings/Microsoft_Word_Document.docm",
            "word/embeddings/old.doc",
            "x.exe",
            "customUI/page.html",
            "word/media/image1.svg",
        ] {
            assert!(docx(&[part], &types).unwrap_err().contains("macros"), "{part}");
        }
        for part in ["Basic/Standard/Module1.xml", "basic/script-lc.xml", "Scripts/python/x.py", "Dialogs/a.xml"] {
            assert!(odt(&[part], ODT).unwrap_err().contains("macros"), "{part}");
        }
    }

    #[test]
    fn a_docm_under_another_name_is_found_by_the_type_of_its_main_part() {
        let main = "application/vnd.ms-word.document.macroEnabled.main+xml";
        assert!(docx(&[], &format!("<Override ContentType=\"{main}\"/>")).unwrap_err().contains("macros"));
        let both = format!("{MAIN_PART} application/vnd.ms-office.vbaProject");
        assert!(docx(&[], &both).unwrap_err().contains("macros"));
    }

    #[test]
    fn any_other_archive_is_no_document() {
        assert!(Container::default().kind().is_err());
        assert!(docx(&[], "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml").is_err());
        for other in ["application/vnd.oasis.opendocument.spreadsheet", "application/epub+zip", "", " "] {
            assert!(odt(&[], other).is_err(), "{other}");
        }
        let types = Some(MAIN_PART.to_owned());
        let both = Container { content_types: types, media_type: Some(ODT.to_owned()), parts: Vec::new() };
        assert!(both.kind().is_err(), "a document of two kinds is of none");
        let parts = vec![String::new(); MOST_PARTS + 1];
        assert!(Container { parts, media_type: Some(ODT.to_owned()), ..Container::default() }.kind().is_err());
    }
}
