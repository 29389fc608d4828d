//! A scripted provider, for answers that a real one cannot be made to give.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use almoner_demo::web::Answer;
use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// The answers of the provider.
struct Script {
    issuer: String,
    key: EncodingKey,
    token: String,
    redirects: bool,
    /// Whether it promises to name itself to who comes back (RFC 9207).
    names_itself: bool,
    requests: Vec<String>,
}

/// A provider on the loopback address.
#[derive(Clone)]
pub(crate) struct Fake(Arc<Mutex<Script>>);

impl Fake {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let seed: [u8; 32] = almoner_persistence::random::bytes();
        let pkcs8 =
            [&[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20], seed.as_slice()].concat();
        let fake = Self(Arc::new(Mutex::new(Script {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            key: EncodingKey::from_ed_der(&pkcs8),
            token: String::new(),
            redirects: false,
            names_itself: true,
            requests: Vec::new(),
        })));
        let serving = fake.clone();
        thread::spawn(move || listener.incoming().flatten().for_each(|stream| serving.answer(stream)));
        fake
    }

    pub(crate) fn issuer(&self) -> String {
        self.0.lock().unwrap().issuer.clone()
    }

    /// Gives this token to every client that redeems a code.
    pub(crate) fn gives(&self, token: String) {
        self.0.lock().unwrap().token = token;
    }

    /// Redirects every request for its configuration elsewhere.
    pub(crate) fn redirects(&self) {
        self.0.lock().unwrap().redirects = true;
    }

    /// Does not promise to name itself to who comes back.
    pub(crate) fn is_nameless(&self) {
        self.0.lock().unwrap().names_itself = false;
    }

    /// The requests that the provider has got so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.0.lock().unwrap().requests.clone()
    }

    /// The claims of an ID token for this subject, whom that answer redirected to the provider.
    pub(crate) fn claims(&self, now: DateTime<Utc>, begun: &Answer, subject: &str) -> Value {
        let now = now.timestamp();
        json!({
            "iss": self.issuer(), "sub": subject, "aud": super::CLIENT, "iat": now, "exp": now + 300,
            "auth_time": now - 3600, "nonce": nonce(begun), "amr": ["pwd", "mfa"],
        })
    }

    /// Vouches for this subject, whom that answer redirected to the provider. Returns the parameters with which they come back.
    pub(crate) fn vouch(&self, now: DateTime<Utc>, begun: &Answer, subject: &str) -> Value {
        self.gives(self.sign(&self.claims(now, begun, subject)));
        json!({ "state": begun.text("/state").unwrap_or("none"), "authorization_code": "a", "iss": self.issuer() })
    }

    /// Signs these claims.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: Some("a".to_owned()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, &self.0.lock().unwrap().key).unwrap()
    }

    fn answer(&self, mut stream: TcpStream) {
        let mut read = Vec::new();
        let mut chunk = [0; 4096];
        let head = |read: &[u8]| read.windows(4).position(|four| four == b"\r\n\r\n");
        let length = |text: &str| {
            let mut lines = text
                .lines()
                .filter_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            lines.next_back().unwrap_or(0)
        };
        loop {
            let Ok(n) = stream.read(&mut chunk) else { return };
            read.extend_from_slice(&chunk[..n]);
            let text = String::from_utf8_lossy(&read).into_owned();
            if n == 0 || head(&read).is_some_and(|end| read.len() >= end + 4 + length(&text)) {
                break;
            }
        }
        let request = String::from_utf8_lossy(&read).into_owned();
        let mut script = self.0.lock().unwrap();
        script.requests.push(request.clone());
        let issuer = &script.issuer;
        let path = request.split(' ').nth(1).unwrap_or_default();
        let (status, content) = match path {
            _ if script.redirects => (format!("302 Found\r\nLocation: {issuer}/elsewhere"), json!({})),
            "/.well-known/openid-configuration" | "/elsewhere" => (
                "200 OK".to_owned(),
                json!({
                    "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
                    "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/jwks"),
                    "response_types_supported": ["code"], "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["EdDSA"],
                    "authorization_response_iss_parameter_supported": script.names_itself,
                }),
            ),
            "/jwks" => {
                let key = Jwk::from_encoding_key(&script.key, Algorithm::EdDSA).unwrap();
                let mut key = serde_json::to_value(key).unwrap();
                key["kid"] = "a".into();
                ("200 OK".to_owned(), json!({ "keys": [key] }))
            }
            _ => {
                let token = &script.token;
                ("200 OK".to_owned(), json!({ "access_token": "a", "token_type": "Bearer", "id_token": token }))
            }
        };
        let content = content.to_string();
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{content}",
            content.len()
        );
        drop(stream.write_all(answer.as_bytes()));
    }
}

/// The nonce of an attempt, as the provider is told it. `None` if there is no attempt.
fn nonce(begun: &Answer) -> Option<&str> {
    let url = begun.text("/authorization_url")?;
    url.split(['?', '&']).find_map(|pair| pair.strip_prefix("nonce="))
}
