//! An answer with a table, as CSV (RFC 4180).

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, Responder};
use almoner_persistence::OnRecord;
use utoipa::openapi::schema::SchemaFormat;
use utoipa::openapi::{ContentBuilder, ResponseBuilder};

use crate::ground::headers;
use crate::ground::letter::saved;
use crate::ground::operation::{Answer, Description};
use crate::ground::problem::{ApiError, Kind};
use crate::ground::upload::binary;

/// A table, of which the first row names the columns.
pub(crate) struct CsvTable {
    name: String,
    csv: Vec<u8>,
}

impl CsvTable {
    /// Writes a table whose reading is on record. The name is that of a file, without its ending, in ASCII.
    pub(crate) fn of(table: OnRecord<(String, Vec<Vec<String>>)>) -> Result<Self, ApiError> {
        let (name, rows) = table.into_shown();
        let mut writer = csv::Writer::from_writer(Vec::new());
        let failed = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, "a table could not be written as CSV");
            ApiError::new(Kind::InternalError)
        };
        for row in &rows {
            writer.write_record(row.iter().map(|cell| harmless(cell))).map_err(|error| failed(&error))?;
        }
        let csv = writer.into_inner().map_err(|error| failed(&error))?;
        Ok(Self { name, csv })
    }
}

/// A cell that no spreadsheet takes for a formula.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

impl Responder for CsvTable {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        saved("text/csv; charset=utf-8", format!("{}.csv", self.name), self.csv)
    }
}

impl Answer for CsvTable {
    fn describe(description: &mut Description) {
        let schema = binary().format(None::<SchemaFormat>);
        let content = ContentBuilder::new().schema(Some(schema)).example(Some("Of,What,Number".into())).build();
        let mut response = ResponseBuilder::new().description("The table as CSV").content("text/csv", content);
        for (name, header) in headers::of_attachments() {
            response = response.header(name, header);
        }
        description.answer(StatusCode::OK, response);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(harmless("=HYPERLINK(\"https://example.com\")"), "'=HYPERLINK(\"https://example.com\")");
        assert_eq!(harmless("Severn Social Work"), "Severn Social Work");
    }
}
