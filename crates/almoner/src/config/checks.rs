//! Checks of the texts of settings. A failed check says what is expected, and never repeats the text.

use std::net::IpAddr;

use almoner_persistence::demands_tls;
use ipnet::IpNet;

/// The text that every secret made for demonstrations contains.
const DEMONSTRATION: &str = "demo-only";

/// Passwords that everyone would try first.
const GUESSED: [&str; 5] = ["almoner", "postgres", "password", "changeme", "secret"];

type Check = Result<(), String>;

/// Refuses a secret that was made for demonstrations.
pub(super) fn not_for_demonstrations(text: &str) -> Check {
    refuse_if(text.contains(DEMONSTRATION), "this secret is for demonstrations only: make one of your own")
}

/// Checks the URL of a database, for this build of the program.
pub(super) fn database_url(text: &str) -> Check {
    let has_tls = cfg!(feature = "tls");
    refuse_if(
        !has_tls && demands_tls(text),
        "it asks for TLS, which this build of the program does not have: build it with `--features tls`, or leave \
         `sslmode` out where the database is on this machine or on a network that is yours alone",
    )?;
    let host_and_more = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
    refuse_if(
        host_and_more.is_none_or(str::is_empty) || text.contains(char::is_whitespace),
        "expected a URL, postgres://USER:PASSWORD@HOST/DATABASE; what is not a letter or a digit in the password is \
         percent-encoded",
    )
}

/// Refuses a database's URL whose password is among the first that anyone would try. A URL without a password is accepted:
/// the server knows its peer in another way.
pub(super) fn no_guessed_password(url: &str) -> Check {
    let (_, rest) = url.split_once("://").unwrap_or_default();
    // As libpq takes it apart: the user ends at the first `@`, if that comes before the first `/`.
    let credentials = rest.split('/').next().and_then(|start| start.split_once('@')).map_or("", |(user, _)| user);
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    let (_, parameters) = rest.split_once('?').unwrap_or_default();
    let parameters = parameters.split('&').filter_map(|parameter| parameter.split_once('='));
    let in_parameters = parameters.filter(|(name, _)| percent_decoded(name) == b"password").map(|(_, value)| value);
    let user = percent_decoded(user);
    let guessed = [password].into_iter().chain(in_parameters).map(percent_decoded).any(|password| {
        let known = GUESSED.iter().any(|guess| password.eq_ignore_ascii_case(guess.as_bytes()));
        known || (!password.is_empty() && password == user)
    });
    refuse_if(guessed, "the password in it is among the first that anyone would try: give the role a random one")
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |digit: &u8| char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        match tail {
            [high, low, after @ ..] if *first == b'%' && hex(high).is_some() && hex(low).is_some() => {
                decoded.push(hex(high).unwrap_or_default() * 16 + hex(low).unwrap_or_default());
                rest = after;
            }
            _ => {
                decoded.push(*first);
                rest = tail;
            }
        }
    }
    decoded
}

/// Checks the form of the master keys; `MasterKeys::parse` checks the rest.
pub(super) fn master_keys(text: &str) -> Check {
    let shaped = text.split(',').all(|part| part.split_once(':').is_some_and(|(_, key)| !key.trim().is_empty()));
    refuse_if(
        !shaped,
        "expected VERSION:BASE64[,VERSION:BASE64…], 32 random bytes each, such as 1: and what `openssl rand -base64 32` \
         prints",
    )
}

/// Refuses a master key of one byte over and over, which no source of randomness gives.
pub(super) fn no_repeated_byte(keys: &str) -> Check {
    let repeated = keys.split(',').filter_map(|part| part.split_once(':')).any(|(_, key)| {
        let bytes = data_encoding::BASE64.decode(key.trim().as_bytes()).map(zeroize::Zeroizing::new);
        bytes.is_ok_and(|bytes| bytes.windows(2).all(|pair| pair[0] == pair[1]))
    });
    refuse_if(repeated, "one of the keys is the same byte over and over: make it with `openssl rand -base64 32`")
}

/// Checks the form of a private key; `Heads::new` checks that it is an Ed25519 key.
pub(super) fn private_key(text: &str) -> Check {
    let text = text.trim();
    refuse_if(
        !(text.starts_with("-----BEGIN PRIVATE KEY-----") && text.ends_with("-----END PRIVATE KEY-----")),
        "expected an Ed25519 private key as PKCS#8 in PEM, as `openssl genpkey -algorithm ed25519` prints it",
    )
}

/// Reads the service's own URL, and takes away the slash at its end.
pub(super) fn public_url(text: &str) -> Result<String, String> {
    base_url(text, "expected a base URL, such as https://almoner.example.org, without user, query or fragment")
}

/// Reads the base URL of a store that has buckets, and takes away the slash at its end.
pub(super) fn endpoint(text: &str) -> Result<String, String> {
    base_url(text, "expected a base URL, such as https://s3.example.org, without user, query or fragment")
}

fn base_url(text: &str, expected: &str) -> Result<String, String> {
    let (scheme, rest) = text.split_once("://").ok_or(expected)?;
    let authority = rest.split('/').next().unwrap_or_default();
    let host = host(authority).ok_or(expected)?;
    let unexpected = |c: char| c.is_whitespace() || c.is_control() || "@?#\\\"<>".contains(c);
    refuse_if(rest.contains(unexpected), expected)?;
    match scheme {
        "https" => {}
        "http" if is_this_machine(host) => {}
        "http" => return Err("expected https: only the loopback address may be reached without it".to_owned()),
        _ => return Err(expected.to_owned()),
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// Reads a word: printable characters of ASCII, without blanks.
pub(super) fn word(text: &str) -> Result<String, String> {
    refuse_if(
        !text.bytes().all(|byte| byte.is_ascii_graphic()),
        "expected one word, of printable characters of ASCII",
    )?;
    Ok(text.to_owned())
}

/// Reads networks that are separated by commas. A single address is a network of one.
pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let network = |part: &str| part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from)).ok();
    let networks: Option<Vec<IpNet>> = text.split(',').map(|part| network(part.trim())).collect();
    let networks = networks.ok_or("expected networks separated by commas, such as 10.0.0.0/8,2001:db8::7")?;
    refuse_if(
        networks.iter().any(|network| network.prefix_len() == 0),
        "expected the proxies' own networks: with the whole of it, anyone may say that they are anybody",
    )?;
    Ok(networks)
}

/// Reads origins as a browser writes them, separated by commas: no path, no slash at the end, no `*`.
pub(super) fn origins(text: &str) -> Result<Vec<String>, String> {
    const EXPECTED: &str = "expected origins separated by commas, such as https://app.example.org, each a scheme and a host in \
                            lower case, with the port if it is not the usual one, and nothing behind it";
    let origin = |part: &str| {
        let (scheme, authority) = part.split_once("://")?;
        let host = host(authority)?;
        let is_plain = host.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.:".contains(c));
        let is_usual =
            matches!((scheme, authority.rsplit_once(':')), ("https", Some((_, "443"))) | ("http", Some((_, "80"))));
        let is_safe = scheme == "https" || (scheme == "http" && is_this_machine(host));
        (is_plain && is_safe && !is_usual).then(|| part.to_owned())
    };
    let origins: Option<Vec<String>> = text.split(',').map(|part| origin(part.trim())).collect();
    origins.ok_or_else(|| EXPECTED.to_owned())
}

/// Finds the host in `HOST[:PORT]`, if both are well-formed.
fn host(authority: &str) -> Option<&str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(address) => {
            let (address, port) = address.split_once(']')?;
            let port = if port.is_empty() { None } else { Some(port.strip_prefix(':')?) };
            (address.parse::<std::net::Ipv6Addr>().ok().map(|_| address)?, port)
        }
        None => authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    let port_is_well_formed = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    (!host.is_empty() && port_is_well_formed).then_some(host)
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost") || host.parse().is_ok_and(|host: IpAddr| host.is_loopback())
}

fn refuse_if(refused: bool, words: &str) -> Check {
    if refused { Err(words.to_owned()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_https_unless_it_is_this_machine() {
        for (text, kept) in [
            ("https://almoner.example.org", "https://almoner.example.org"),
            ("https://almoner.example.org:8443/base/", "https://almoner.example.org:8443/base"),
            ("http://localhost:8080/", "http://localhost:8080"),
            ("http://127.0.0.1", "http://127.0.0.1"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://demo.localhost", "http://demo.localhost"),
        ] {
            assert_eq!(public_url(text).as_deref(), Ok(kept), "{text}");
        }
        for text in [
            "",
            "almoner.example.org",
            "https://",
            "https:///path",
            "ftp://almoner.example.org",
            "http://almoner.example.org",
            "http://127.0.0.1.example.org",
            "http://localhost.example.org",
            "http://localhost@example.org",
            "https://user:hush@example.org",
            "https://example.org/?a=b",
            "https://example.org/#a",
            "https://example.org:port",
            "https://example.org:0",
            "https://[::1",
            "https://exa mple.org",
        ] {
            let refused = public_url(text).unwrap_err();
            assert!(refused.starts_with("expected"), "{text}: {refused}");
            assert!(!refused.contains("hush"));
        }
    }

    #[test]
    fn origins_are_exact_and_networks_are_the_proxies_own() {
        assert_eq!(
            origins("https://a.example, http://localhost:3000").unwrap(),
            ["https://a.example", "http://localhost:3000"]
        );
        for text in [
            "*",
            "null",
            "https://*.example",
            "https://a.example/",
            "https://a.example/path",
            "https://A.example",
            "https://a.example:443",
            "http://a.example",
            "a.example",
            "https://a.example,",
            "https://user@a.example",
        ] {
            assert!(origins(text).unwrap_err().starts_with("expected origins"), "{text}");
        }
        assert_eq!(networks("10.0.0.0/8, 192.0.2.1,2001:db8::/32").unwrap().len(), 3);
        for text in ["", "10.0.0.0/33", "proxy.example", "0.0.0.0/0", "::/0", "10.0.0.0/8;192.0.2.1"] {
            assert!(networks(text).unwrap_err().starts_with("expected"), "{text}");
        }
    }

    #[test]
    fn a_password_that_anyone_would_try_is_refused_however_it_is_written() {
        for url in [
            "postgres://almoner_app:almoner@db/almoner",
            "postgres://almoner_app:almoner_app@db/almoner",
            "postgresql://a:Password@db",
            "postgres://a:%70ostgres@db/x",
            "postgres://a@db/x?sslmode=prefer&password=changeme",
            "postgres://a@db/x?pass%77ord=secret",
        ] {
            assert!(database_url(url).is_ok(), "{url}");
            assert!(no_guessed_password(url).is_err(), "{url}");
        }
        for url in [
            "postgres://almoner_app@db/almoner",
            "postgres:///almoner?host=/run/postgresql",
            "postgres://almoner_app:f3c9a1@db/almoner",
            "postgres://almoner_app:secretive@db/postgres?application_name=almoner",
            "postgres://db/almoner?user=almoner_app",
        ] {
            assert!(database_url(url).is_ok(), "{url}");
            assert!(no_guessed_password(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn a_url_that_asks_for_tls_is_refused_in_words_by_a_build_without_it() {
        for url in ["postgres://a@db/x?sslmode=verify-full", "postgresql://db?application_name=a&ssl%6Dode=require"] {
            let checked = database_url(url);
            if cfg!(feature = "tls") {
                assert_eq!(checked, Ok(()), "{url}");
            } else {
                assert!(checked.unwrap_err().contains("--features tls"), "{url}");
            }
        }
    }

    #[test]
    fn what_is_no_database_url_is_refused() {
        for text in ["mysql://db/almoner", "postgres://", "host=db password=hush", "postgres://a:b c@db"] {
            assert!(!database_url(text).unwrap_err().contains("hush"), "{text}");
        }
    }

    #[test]
    fn a_master_key_of_one_byte_is_refused() {
        let encode = |bytes: [u8; 32]| data_encoding::BASE64.encode(&bytes);
        let mut random = [7; 32];
        random[31] = 8;
        assert!(no_repeated_byte(&format!("1:{}", encode([0; 32]))).is_err());
        assert!(no_repeated_byte(&format!("1:{}, 2:{}", encode(random), encode([7; 32]))).is_err());
        assert!(no_repeated_byte(&format!("1:{}", encode(random))).is_ok());
        for text in ["", "1", "1:", "1:AAAA,", "key"] {
            assert!(master_keys(text).is_err(), "{text}");
        }
        assert!(master_keys(&format!("1:{}", encode(random))).is_ok());
    }

    #[test]
    fn a_signing_key_is_pkcs8_in_pem() {
        assert!(private_key("-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n").is_ok());
        assert!(private_key("-----BEGIN RSA PRIVATE KEY-----\nMC4C\n-----END RSA PRIVATE KEY-----").is_err());
        assert!(private_key("MC4C").is_err());
    }
}
