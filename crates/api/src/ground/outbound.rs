//! Requests from the service to addresses that a customer named. They go to the public internet only, follow no
//! redirect, and are limited in time and in size. Each carries the trace of the request that it is made for.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use openidconnect::url::{Host, Url};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::HeaderValue;
use reqwest::redirect::Policy;

use crate::ground::trace::{TRACEPARENT, Trace};

/// The longest that one answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest answer, in bytes. A set of keys with their certificates is a tenth of it.
const LONGEST: usize = 256 * 1024;

/// The reason why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAnswer {
    #[error("the address is not one to ask")]
    Barred,
    #[error("the answer is too long")]
    TooLong,
    #[error("no answer: {0}")]
    Failed(#[from] reqwest::Error),
    #[error("the answer makes no sense: {0}")]
    Senseless(#[from] openidconnect::http::Error),
}

/// The client that makes requests to customers' servers.
pub(crate) struct Outbound {
    client: reqwest::Client,
    private: bool,
}

impl Outbound {
    /// Makes the client. If `private`, it may also reach this machine and its own network, and there without TLS.
    pub(crate) fn new(private: bool) -> Result<Self, String> {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            // A proxy would resolve the names in the service's place, and bypass the check of addresses.
            .no_proxy()
            .timeout(PATIENCE)
            .connect_timeout(PATIENCE)
            .dns_resolver(Arc::new(Resolver { private }))
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { client, private })
    }

    /// Whether the address may be requested, as far as its text says. The address that a name resolves to is checked
    /// each time it is resolved.
    pub(crate) fn permits(&self, url: &Url) -> bool {
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) => None,
            None => return false,
        };
        let scheme = url.scheme() == "https" || (self.private && url.scheme() == "http");
        plain && scheme && (self.private || address.is_none_or(is_public))
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let mut request = reqwest::Request::try_from(request)?;
        if !self.permits(request.url()) {
            return Err(NoAnswer::Barred);
        }
        if let Some(trace) = Trace::current()
            && let Ok(trace) = HeaderValue::from_str(&trace.to_string())
        {
            request.headers_mut().insert(TRACEPARENT, trace);
        }
        let mut answer = self.client.execute(request).await?;
        let mut made = openidconnect::http::Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            made = made.header(name, value);
        }
        let mut content = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if content.len() + chunk.len() > LONGEST {
                return Err(NoAnswer::TooLong);
            }
            content.extend_from_slice(&chunk);
        }
        Ok(made.body(content)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Outbound {
    type Error = NoAnswer;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, NoAnswer>> + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

/// Resolves names, and returns only addresses that may be requested, so that the address that is connected to is the
/// one that was checked.
struct Resolver {
    private: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let open: Vec<SocketAddr> = found.filter(|found| private || is_public(found.ip())).collect();
            if open.is_empty() {
                return Err(NoAnswer::Barred.into());
            }
            Ok(Box::new(open.into_iter()) as Addrs)
        })
    }
}

/// Whether the address is one of the public internet (IANA's registries of special-purpose addresses).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || a == 0
        // These are shared address space of carriers (RFC 6598), protocol assignments, benchmarking, multicast and
        // reserved addresses.
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (18..20).contains(&b))
        || a >= 224)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    // Of the addresses given out (2000::/3), these are not tunnels to an IPv4 address, protocol assignments or
    // documentation. IPv4-mapped addresses lie outside that range.
    (0x2000..0x4000).contains(&a) && a != 0x2002 && !(a == 0x2001 && (b < 0x0200 || b == 0x0db8)) && a != 0x3fff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_asked() {
        for address in
            ["1.1.1.1", "100.63.0.1", "100.128.0.1", "172.32.0.1", "198.20.0.1", "2606:4700::1111", "2a00::1"]
        {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.168.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:1.1.1.1",
            "64:ff9b::7f00:1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn an_address_to_ask_is_https_and_hides_nothing() {
        let (public, private) = (Outbound::new(false).unwrap(), Outbound::new(true).unwrap());
        let permits = |outbound: &Outbound, url: &str| outbound.permits(&Url::parse(url).unwrap());
        for url in ["https://login.example.org", "https://login.example.org:8443/tenant", "https://1.1.1.1/"] {
            assert!(permits(&public, url) && permits(&private, url), "{url}");
        }
        // The loopback address is recognised however it is written.
        for url in [
            "http://login.example.org",
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://[::1]/",
            "https://2130706433",
        ] {
            assert!(!permits(&public, url) && permits(&private, url), "{url}");
        }
        for url in [
            "file:///etc/passwd",
            "https://user:hush@login.example.org",
            "https://a@b.example/",
            "https://b.example/#x",
        ] {
            assert!(!permits(&public, url) && !permits(&private, url), "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_not_asked() {
        let resolve = |private: bool| Resolver { private }.resolve("localhost".parse().unwrap());
        assert!(resolve(false).await.is_err());
        assert!(resolve(true).await.is_ok());
    }
}
