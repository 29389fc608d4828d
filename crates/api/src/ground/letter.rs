//! An answer with a letter: a page that stands alone, or a PDF. Both are tagged for those who listen to them.

use actix_web::body::BoxBody;
use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType, HeaderValue};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, Responder};
use almoner_domain::refusal::Refusal;
use almoner_letters::{Letter, PdfError};
use almoner_persistence::OnRecord;
use utoipa::openapi::schema::SchemaFormat;
use utoipa::openapi::{ContentBuilder, ResponseBuilder};

use crate::ground::headers;
use crate::ground::operation::{Answer, Description};
use crate::ground::problem::{ApiError, Kind};
use crate::ground::upload::binary;

/// A letter as an HTML document that needs nothing else.
pub(crate) struct HtmlLetter {
    name: String,
    html: String,
}

/// A letter as PDF/UA-1.
pub(crate) struct PdfLetter {
    name: String,
    pdf: Vec<u8>,
}

impl HtmlLetter {
    /// Writes a letter whose reading is on record. The name is that of a file, without its ending, in ASCII.
    pub(crate) fn of(letter: OnRecord<(String, Letter)>) -> Self {
        let (name, letter) = letter.into_shown();
        Self { name, html: letter.html() }
    }
}

impl PdfLetter {
    /// Writes a letter whose reading is on record. It is refused where a character has no font: the HTML has every character.
    pub(crate) fn of(letter: OnRecord<(String, Letter)>) -> Result<Self, ApiError> {
        let (name, letter) = letter.into_shown();
        match letter.pdf() {
            Ok(pdf) => Ok(Self { name, pdf }),
            Err(PdfError::NoFont(_)) => Err(Refusal::NoFont.into()),
            Err(error @ PdfError::Refused(_)) => {
                tracing::error!(%error, "a letter could not be written as PDF");
                Err(ApiError::new(Kind::InternalError))
            }
        }
    }
}

/// What a browser may do with a file that it is shown after all: nothing but lay it out, and in no frame.
const POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/// Answers with a file that is saved, and not shown.
pub(crate) fn saved(media_type: &'static str, name: String, content: impl Into<actix_web::web::Bytes>) -> HttpResponse {
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(name)],
    };
    HttpResponse::build(StatusCode::OK)
        .insert_header((header::CONTENT_TYPE, HeaderValue::from_static(media_type)))
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .insert_header((header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)))
        .body(content.into())
}

impl Responder for HtmlLetter {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        saved("text/html; charset=utf-8", format!("{}.html", self.name), self.html)
    }
}

impl Responder for PdfLetter {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        saved("application/pdf", format!("{}.pdf", self.name), self.pdf)
    }
}

fn describe(description: &mut Description, words: &'static str, media_type: &'static str, example: &'static str) {
    let schema = binary().format(None::<SchemaFormat>);
    let content = ContentBuilder::new().schema(Some(schema)).example(Some(example.into())).build();
    let mut response = ResponseBuilder::new().description(words).content(media_type, content);
    for (name, header) in headers::of_attachments() {
        response = response.header(name, header);
    }
    description.answer(StatusCode::OK, response);
}

impl Answer for HtmlLetter {
    fn describe(description: &mut Description) {
        let words = "The letter as an HTML document that needs nothing else";
        describe(description, words, "text/html", "<!DOCTYPE html> …");
    }
}

impl Answer for PdfLetter {
    fn describe(description: &mut Description) {
        describe(description, "The letter as PDF/UA-1", "application/pdf", "%PDF-1.7 …");
        description.refuses(&[Kind::InvalidState]);
    }
}
