//! A small HTTP client for the demonstration, the tour and the tests. It sends JSON, and returns the status, the headers and
//! the JSON of every answer, whatever the status.

use std::time::Duration;

use serde_json::Value;

/// The answer to a request.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers, with their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The content as JSON; as a JSON string if it is not JSON, and null if there is none.
    pub body: Value,
    /// The content as it came.
    pub content: Vec<u8>,
}

impl Answer {
    /// Finds a header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Finds the `ETag` header.
    pub fn etag(&self) -> Option<&str> {
        self.header("etag")
    }

    /// Finds the text at a JSON pointer of the content.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.body.pointer(pointer).and_then(Value::as_str)
    }
}

/// A client of the service at one address.
#[derive(Clone)]
pub struct Web {
    agent: ureq::Agent,
    base: String,
}

impl Web {
    /// Makes a client of the service at this URL.
    pub fn new(base: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_mins(1)))
            // The server closes a connection that was idle for five seconds: one that is about to be closed is not used.
            .max_idle_age(Duration::from_secs(3))
            .build();
        Self { agent: config.into(), base: base.trim_end_matches('/').to_owned() }
    }

    /// Sends a request with these headers; the content comes with its media type.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        content: Option<(&str, &[u8])>,
    ) -> Result<Answer, ureq::Error> {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match content {
            Some((media_type, content)) => {
                self.agent.run(request.header("content-type", media_type).body(content.to_vec())?)?
            }
            // A request that changes something and has no content says so.
            None => self.agent.run(request.body(Vec::new())?)?,
        };
        let (parts, mut body) = response.into_parts();
        let content = body.with_config().limit(64 * 1024 * 1024).read_to_vec()?;
        let text = String::from_utf8_lossy(&content);
        let headers = parts
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let body = match text.as_ref() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
        };
        Ok(Answer { status: parts.status.as_u16(), headers, body, content })
    }
}
