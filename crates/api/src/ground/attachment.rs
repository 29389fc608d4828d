//! An answer with the content of a document: a file to be saved, which no browser shows or runs as a page of the service's.

use actix_web::body::{BoxBody, SizedStream};
use actix_web::http::header::{
    Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue, HeaderValue,
};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, Responder};
use almoner_domain::documents::DocumentKind;
use almoner_persistence::documents::{Content, Reading};
use almoner_persistence::{Objects, OnRecord};
use futures_util::stream;
use utoipa::openapi::{ContentBuilder, ResponseBuilder};

use crate::ground::headers;
use crate::ground::operation::{Answer, Description};
use crate::ground::problem::{ApiError, Kind};
use crate::ground::upload::{binary, example};

/// An answer of 200 with the content of a document, which is read as it is sent.
pub(crate) struct Attachment {
    kind: DocumentKind,
    name: String,
    size: u64,
    first: Option<actix_web::web::Bytes>,
    reading: Reading,
}

impl Attachment {
    /// Begins to read a content, whose reading is on record. Its first chunk is opened before anything is answered.
    pub(crate) async fn of(content: OnRecord<Content>, objects: &Objects) -> Result<Self, ApiError> {
        let content = content.into_shown();
        let (kind, size) = (content.kind, content.size);
        let name = content.name.clone().unwrap_or_default();
        let mut reading = content.begin(objects).await?;
        let first = reading.next().await?;
        Ok(Self { kind, name, size, first, reading })
    }
}

impl Responder for Attachment {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let media_type = match self.kind {
            DocumentKind::Txt => "text/plain; charset=utf-8",
            kind => kind.media_type(),
        };
        let chunks = stream::unfold((self.first, Some(self.reading)), |(first, reading)| async move {
            let mut reading = reading?;
            if let Some(first) = first {
                return Some((Ok(first), (None, Some(reading))));
            }
            match reading.next().await {
                Ok(Some(chunk)) => Some((Ok(chunk), (None, Some(reading)))),
                Ok(None) => None,
                // The answer breaks off: it is shorter than it said.
                Err(error) => {
                    tracing::error!(%error, "the content of a document could not be read to its end");
                    Some((Err(std::io::Error::other("the content broke off")), (None, None)))
                }
            }
        });
        HttpResponse::build(StatusCode::OK)
            .insert_header((header::CONTENT_TYPE, HeaderValue::from_static(media_type)))
            .insert_header((header::CONTENT_DISPOSITION, disposition(&self.name)))
            .insert_header((header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox")))
            .body(SizedStream::new(self.size, Box::pin(chunks)))
    }
}

/// Returns the header that has a browser save the content under this name (RFC 6266): in ASCII for old programs, and whole.
fn disposition(name: &str) -> ContentDisposition {
    let plain = |c: char| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' { c } else { '_' };
    let whole = ExtendedValue {
        charset: Charset::Ext("UTF-8".to_owned()),
        language_tag: None,
        value: name.as_bytes().to_vec(),
    };
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![
            DispositionParam::Filename(name.chars().map(plain).collect()),
            DispositionParam::FilenameExt(whole),
        ],
    }
}

impl Answer for Attachment {
    fn describe(description: &mut Description) {
        let mut response = ResponseBuilder::new().description("The content of the document, to be saved");
        for kind in DocumentKind::ALL {
            let bytes = ContentBuilder::new().schema(Some(binary())).example(Some(example(*kind))).build();
            response = response.content(kind.media_type(), bytes);
        }
        for (name, header) in headers::of_attachments() {
            response = response.header(name, header);
        }
        description.answer(StatusCode::OK, response);
        description.refuses(&[Kind::ServiceUnavailable]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_given_in_ascii_and_whole() {
        for (name, header) in [
            ("Care plan.pdf", "attachment; filename=\"Care plan.pdf\"; filename*=UTF-8''Care%20plan.pdf"),
            ("Caf\u{e9} \"x\".txt", "attachment; filename=\"Caf_ _x_.txt\"; filename*=UTF-8''Caf%C3%A9%20%22x%22.txt"),
        ] {
            assert_eq!(disposition(name).to_string(), header);
        }
    }
}
