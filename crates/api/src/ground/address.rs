//! The address that a request comes from: the peer's, or, if the peer is a trusted proxy, the address that the proxy
//! names.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use actix_web::HttpRequest;
use ipnet::IpNet;

use crate::ground::service::Service;

/// Returns the caller's address. `X-Forwarded-For` counts only from a trusted proxy, and only its right-most address
/// that is not a trusted proxy's own, because the caller can write everything to the left of that.
pub(crate) fn address_of(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    let Ok(service) = Service::of(request) else { return Some(peer) };
    let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    Some(nearest_untrusted(peer, forwarded, &service.settings.trusted_proxies))
}

fn nearest_untrusted<'h>(peer: IpAddr, forwarded: impl Iterator<Item = &'h str>, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).collect();
    let mut nearest = peer;
    for hop in hops.into_iter().rev() {
        if !is_trusted(&nearest) {
            break;
        }
        // A text that is not an address was not written by a trusted proxy, so the proxy's own address is the last one
        // known.
        let Some(address) = parse(hop.trim()) else { break };
        nearest = address;
    }
    nearest
}

/// Reads an address, with or without a port, as proxies write them.
fn parse(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))?;
    Some(IpAddr::to_canonical(&address))
}

/// Returns the network that one customer has: an IPv4 address, or 64 bits of an IPv6 address. All callers without an
/// address share one network.
pub(crate) fn network(address: Option<IpAddr>) -> IpAddr {
    match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V6(address)) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        Some(address) => address,
        None => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        nearest_untrusted(peer.parse().unwrap(), forwarded.iter().copied(), &trusted).to_string()
    }

    #[test]
    fn row_38_forwarded_headers_count_only_from_a_trusted_proxy() {
        let ours = ["10.0.0.0/8", "fd00::/8"];
        for (peer, forwarded, address) in [
            ("203.0.113.9", vec!["198.51.100.1"], "203.0.113.9"),
            ("10.0.0.1", vec![], "10.0.0.1"),
            ("10.0.0.1", vec!["198.51.100.1"], "198.51.100.1"),
            // The part that the caller wrote stands to the left of the part that the trusted proxy wrote.
            ("10.0.0.1", vec!["192.0.2.66, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", vec!["192.0.2.66", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", vec!["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", vec!["198.51.100.1, rubbish"], "10.0.0.1"),
            ("10.0.0.1", vec!["198.51.100.1:4711"], "198.51.100.1"),
            ("fd00::1", vec!["[2001:db8::7]:4711"], "2001:db8::7"),
            ("10.0.0.1", vec!["::ffff:198.51.100.1"], "198.51.100.1"),
        ] {
            assert_eq!(nearest(peer, &forwarded, &ours), address, "{peer} {forwarded:?}");
        }
        assert_eq!(nearest("10.0.0.1", &["198.51.100.1"], &[]), "10.0.0.1", "nobody is trusted unless told");
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_and_an_address_of_ipv4_by_itself() {
        let of = |address: &str| network(Some(address.parse().unwrap())).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(of("192.0.2.1"), "192.0.2.1");
        assert_eq!(network(None).to_string(), "0.0.0.0");
    }
}
