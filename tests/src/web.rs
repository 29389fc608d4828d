//! The tests' one HTTP client. Every answer that it gets has been compared with the OpenAPI document ([`crate::promise`]).

use almoner_demo::web::{self, Answer};

use crate::promise;

/// A client of the service at one address.
#[derive(Clone)]
pub struct Web(web::Web);

impl Web {
    /// Makes a client of the service at this URL.
    pub fn new(base: &str) -> Self {
        Self(web::Web::new(base))
    }

    /// Sends a request with these headers; the content comes with its media type. A request without an answer, and an answer
    /// that the document does not promise, fail the test.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], content: Option<(&str, &[u8])>) -> Answer {
        let answer = self.0.send(method, path, headers, content).expect("an answer");
        promise::expect_kept(method, path, &answer);
        answer
    }
}
