//! The pages beside the operations: the service's health, its documents, and what a problem means.

use std::sync::{Arc, LazyLock, OnceLock};

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use utoipa_swagger_ui::Config;

use crate::ground::problem::{ApiError, Kind};
use crate::ground::routes::Routes;
use crate::ground::service::Service;

pub(crate) fn routes(routes: &mut Routes) {
    routes.page("/", web::get().to(documentation));
    routes.page("/docs", web::get().to(documentation));
    routes.page("/docs/", web::get().to(|| async { documentation_file("index.html") }));
    routes.page("/docs/{file}", web::get().to(|file: web::Path<String>| async move { documentation_file(&file) }));
    routes.page("/health/live", web::get().to(HttpResponse::Ok));
    routes.page("/health/ready", web::get().to(ready));
    routes.page("/openapi.json", web::get().to(|| async { document("openapi.json") }));
    routes.page("/openapi/{file}", web::get().to(|file: web::Path<String>| async move { document(&file) }));
    routes.page("/problems/{word}", web::get().to(problem));
}

async fn documentation() -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, "/docs/")).finish()
}

/// Returns a file of Swagger UI, which shows the OpenAPI document.
fn documentation_file(name: &str) -> Result<HttpResponse, ApiError> {
    static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| Arc::new(Config::from("/openapi.json")));
    let file = utoipa_swagger_ui::serve(name, Arc::clone(&CONFIG)).map_err(ApiError::internal)?;
    let file = file.ok_or_else(|| ApiError::new(Kind::NotFound))?;
    Ok(HttpResponse::Ok().content_type(file.content_type).body(file.bytes.into_owned()))
}

async fn ready(service: web::Data<Service>) -> Result<HttpResponse, ApiError> {
    service.into_inner().is_ready().await?;
    Ok(HttpResponse::Ok().finish())
}

/// Returns one of the OpenAPI documents by the name of its file: the whole, or a door's. They are written when somebody
/// first asks for one, so that the server neither starts later for them nor keeps what it does not show.
fn document(name: &str) -> Result<HttpResponse, ApiError> {
    static WRITTEN: OnceLock<Vec<(String, String)>> = OnceLock::new();
    let written = if let Some(written) = WRITTEN.get() {
        written
    } else {
        let written = crate::ground::openapi::files().map_err(ApiError::internal)?;
        WRITTEN.get_or_init(|| written)
    };
    let text = written.iter().find(|(file, _)| file == name).map(|(_, text)| text.as_str());
    let text = text.ok_or_else(|| ApiError::new(Kind::NotFound))?;
    Ok(HttpResponse::Ok().content_type("application/json").body(text))
}

/// Shows the page that explains a kind of problem, to which `type` points.
async fn problem(word: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let kind = Kind::ALL.iter().find(|kind| kind.word() == word.as_str());
    let kind = kind.ok_or_else(|| ApiError::new(Kind::NotFound))?;
    Ok(HttpResponse::Ok().content_type("text/markdown; charset=utf-8").body(kind.page()))
}
