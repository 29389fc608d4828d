//! A bucket at Amazon S3, or at a store that speaks its protocol.

use std::error::Error as _;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http_body_util::BodyExt as _;
use object_store::aws::AmazonS3Builder;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
    SpawnService,
};
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use reqwest::redirect::Policy;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::ground::error::StoreError;

/// The longest time in which a connection is made.
const CONNECTED_WITHIN: Duration = Duration::from_secs(3);

/// The longest time in which one request is answered: a part of 5 MiB at four megabits a second, and some.
const ANSWERED_WITHIN: Duration = Duration::from_secs(15);

/// How often a request is repeated that failed, and the time after which it is repeated no more. Somebody waits for the answer.
const REPEATED: usize = 2;
const REPEATED_FOR: Duration = Duration::from_secs(5);

/// A bucket, and the credentials with which the program uses it. Nothing else is looked for: no variable of the environment, no
/// file of a home directory, and no service of the machine that gives out credentials.
pub struct Bucket<'b> {
    /// The base URL of the store, which is that of the region at Amazon if there is none. It begins with `http://` only where
    /// the store is on this machine.
    pub endpoint: Option<&'b str>,
    /// The region, such as `eu-west-2`.
    pub region: &'b str,
    /// The name of the bucket.
    pub name: &'b str,
    /// The beginning of each object's address in the bucket, or nothing.
    pub prefix: &'b str,
    /// The identifier of the access key.
    pub access_key_id: &'b str,
    /// The secret of the access key.
    pub secret_access_key: &'b str,
}

/// A bucket that can be used, from any thread and any runtime.
pub(crate) struct OpenBucket {
    pub(crate) store: Arc<dyn ObjectStore>,
    /// The runtime of the connections. They outlive the request that made them, and so may not belong to its runtime, which
    /// may be gone, or busy with something else, when the next request takes one of them.
    pub(crate) runtime: Handle,
    /// Dropped with the bucket, which ends the runtime and its thread.
    _stop: oneshot::Sender<()>,
}

impl OpenBucket {
    pub(crate) fn open(bucket: &Bucket<'_>) -> Result<Self, StoreError> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        std::thread::Builder::new()
            .name("s3".to_owned())
            .spawn(move || {
                // It ends with an error, because nothing is sent: the sender is dropped.
                let _ = runtime.block_on(stopped);
            })
            .map_err(failed)?;
        let client = reqwest::Client::builder()
            .user_agent(concat!("almoner/", env!("CARGO_PKG_VERSION")))
            .https_only(!bucket.endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")))
            // A request is signed for the place to which it is sent.
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(CONNECTED_WITHIN)
            .timeout(ANSWERED_WITHIN)
            .build()
            .map_err(failed)?;
        let mut builder = AmazonS3Builder::new()
            .with_http_connector(Connector { client: Client(client), runtime: handle.clone() })
            .with_region(bucket.region)
            .with_bucket_name(bucket.name)
            .with_access_key_id(bucket.access_key_id)
            .with_secret_access_key(bucket.secret_access_key)
            .with_retry(RetryConfig {
                backoff: BackoffConfig::default(),
                max_retries: REPEATED,
                retry_timeout: REPEATED_FOR,
            });
        if let Some(endpoint) = bucket.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        let store = PrefixStore::new(builder.build().map_err(failed)?, bucket.prefix);
        Ok(Self { store: Arc::new(store), runtime: handle, _stop: stop })
    }
}

fn failed(error: impl fmt::Display) -> StoreError {
    StoreError::StorageFailed(error.to_string())
}

/// Gives the store the program's one HTTP client, whose requests run on the runtime of the connections.
#[derive(Debug)]
struct Connector {
    client: Client,
    runtime: Handle,
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(SpawnService::new(self.client.clone(), self.runtime.clone())))
    }
}

/// The HTTP client that the program has already. `object_store` would bring a later version of it, with a second TLS.
#[derive(Clone, Debug)]
struct Client(reqwest::Client);

#[async_trait]
impl HttpService for Client {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let request = request.map(reqwest::Body::wrap).try_into().map_err(no_answer)?;
        let response = self.0.execute(request).await.map_err(no_answer)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = reqwest::Body::from(response).map_err(no_answer);
        let mut answered = HttpResponse::new(HttpResponseBody::new(body));
        *answered.status_mut() = status;
        *answered.headers_mut() = headers;
        Ok(answered)
    }
}

/// The reason why there is no answer, with each of its causes: a certificate that is not trusted, a connection that was refused.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NoAnswer(String);

/// Says how a request failed, which decides whether it is repeated.
fn no_answer(error: reqwest::Error) -> HttpError {
    let kind = if error.is_connect() {
        HttpErrorKind::Connect
    } else if error.is_timeout() {
        HttpErrorKind::Timeout
    } else if error.is_builder() {
        HttpErrorKind::Unknown
    } else {
        // The connection broke off: before the request was answered, or in the middle of its answer.
        HttpErrorKind::Interrupted
    };
    let error = error.without_url();
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    let words: Vec<String> = std::iter::once(error.to_string()).chain(causes.map(ToString::to_string)).collect();
    HttpError::new(kind, NoAnswer(words.join(": ")))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::net::TcpListener;
    use std::thread;
    use std::time::Instant;

    use bytes::Bytes;
    use uuid::Uuid;

    use super::*;
    use crate::ground::objects::{Objects, wait};
    use crate::ground::random;

    const SECRET: &str = "a-secret-of-this-test-alone";

    /// A bucket of this test's own at the store that `scripts/deep.d/s3` starts.
    pub(crate) struct Scratch {
        url: String,
        pub(crate) objects: Objects,
    }

    fn objects_at(endpoint: &str, name: &str) -> Objects {
        let bucket = Bucket {
            endpoint: Some(endpoint),
            region: "eu-west-2",
            name,
            prefix: "almoner/documents",
            access_key_id: "test",
            secret_access_key: SECRET,
        };
        Objects::in_bucket(&bucket).unwrap()
    }

    fn random_id() -> Uuid {
        Uuid::from_bytes(random::bytes())
    }

    impl Scratch {
        pub(crate) fn new() -> Self {
            let endpoint = std::env::var("ALMONER_TEST_S3").expect("ALMONER_TEST_S3: run scripts/deep.d/s3");
            let name = format!("almoner-{}", random_id().simple());
            let scratch = Self { objects: objects_at(&endpoint, &name), url: format!("{endpoint}/{name}") };
            scratch.ask(reqwest::Method::PUT, "");
            scratch
        }

        /// Asks the store itself, as nobody, which this one allows.
        fn ask(&self, method: reqwest::Method, query: &str) -> String {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            let request = reqwest::Client::new().request(method, format!("{}{query}", self.url));
            let answer =
                runtime.block_on(async { request.send().await.unwrap().error_for_status().unwrap().text().await });
            answer.unwrap()
        }

        /// The addresses of the objects in the bucket.
        pub(crate) fn addresses(&self) -> Vec<String> {
            between(&self.ask(reqwest::Method::GET, "?list-type=2"), "<Key>", "</Key>")
        }

        /// The uploads that were begun and neither finished nor aborted.
        fn unfinished(&self) -> Vec<String> {
            between(&self.ask(reqwest::Method::GET, "?uploads"), "<UploadId>", "</UploadId>")
        }
    }

    fn between(text: &str, start: &str, end: &str) -> Vec<String> {
        text.split(start).skip(1).filter_map(|rest| Some(rest.split_once(end)?.0.to_owned())).collect()
    }

    /// Writes an object in pieces, which are not those in which it is sent. Each call has a runtime of its own, as a thread of the
    /// worker has for each of its calls.
    fn write(objects: &Objects, id: Uuid, content: &[u8]) -> Result<(), StoreError> {
        wait(async {
            let mut writing = objects.begin(id).await?;
            for piece in content.chunks(1_100_000) {
                writing.write(Bytes::copy_from_slice(piece)).await?;
            }
            writing.finish().await
        })
    }

    #[test]
    #[ignore = "needs the store that scripts/deep.d/s3 starts"]
    fn an_object_is_written_read_in_any_order_listed_and_deleted() {
        let scratch = Scratch::new();
        let (objects, id) = (&scratch.objects, random_id());
        let content: Vec<u8> = (0_u32..5_000_000).flat_map(u32::to_le_bytes).collect();
        assert!(!wait(objects.has(id)).unwrap());
        write(objects, id, &content).unwrap();
        assert!(wait(objects.has(id)).unwrap());
        let name = id.simple().to_string();
        assert_eq!(scratch.addresses(), [format!("almoner/documents/{}/{name}", &name[..2])]);
        for at in [0, 5_242_879, 19_999_000, 65_536] {
            let read = thread::scope(|threads| threads.spawn(|| wait(objects.read(id, at..at + 1000)).unwrap()).join());
            let at = usize::try_from(at).unwrap();
            assert_eq!(read.unwrap(), content[at..at + 1000], "{at}");
        }
        let listed = |folder| wait(objects.list(folder)).unwrap().iter().map(|stored| stored.id).collect::<Vec<_>>();
        assert_eq!(listed(id.as_bytes()[0]), [id]);
        assert!(listed(!id.as_bytes()[0]).is_empty());
        wait(objects.delete(id)).unwrap();
        assert!(!wait(objects.has(id)).unwrap() && scratch.addresses().is_empty());
        assert!(wait(objects.read(id, 0..1)).is_err());
        wait(objects.delete(id)).unwrap();
        assert!(scratch.unfinished().is_empty());
    }

    #[test]
    #[ignore = "needs the store that scripts/deep.d/s3 starts"]
    fn an_object_that_is_dropped_before_it_is_finished_leaves_neither_an_object_nor_its_parts() {
        let scratch = Scratch::new();
        let (objects, id) = (&scratch.objects, random_id());
        wait(async {
            let mut writing = objects.begin(id).await?;
            for _ in 0..7 {
                writing.write(Bytes::from(vec![7; 1_000_000])).await?;
            }
            Ok(())
        })
        .unwrap();
        let until = Instant::now() + Duration::from_secs(10);
        while !scratch.unfinished().is_empty() && Instant::now() < until {
            thread::sleep(Duration::from_millis(10));
        }
        assert!(scratch.unfinished().is_empty() && scratch.addresses().is_empty());
        assert!(!wait(objects.has(id)).unwrap());
    }

    /// Begins an object where nothing can be stored, for this reason, and returns how long that took.
    fn fail_at(endpoint: &str, reason: &str) -> Duration {
        let objects = objects_at(endpoint, "documents");
        let began = Instant::now();
        let failed = wait(objects.begin(random_id())).err().unwrap();
        assert!(matches!(failed, StoreError::StorageFailed(_)), "{failed}");
        assert!(failed.to_string().contains(reason) && !failed.to_string().contains(SECRET), "{failed}");
        began.elapsed()
    }

    #[test]
    fn a_store_that_is_away_is_said_to_have_failed_within_seconds() {
        let away = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let took = fail_at(&format!("http://{away}"), "Connection refused");
        assert!(took < REPEATED_FOR, "{took:?}");
    }

    #[test]
    #[ignore = "waits for an answer as long as a request does: scripts/deep.d/s3 runs it"]
    fn a_store_that_never_answers_is_asked_once() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let took = fail_at(&format!("http://{}", silent.local_addr().unwrap()), "timed out");
        assert!(took < ANSWERED_WITHIN + REPEATED_FOR, "{took:?}");
    }
}
