//! What a database's URL asks for, and what is asked for where it says nothing.

/// The limits of libpq, for a database that vanishes without a word: a host that loses its power sends no farewell. Left to
/// itself libpq waits for minutes to connect, and the kernel for a quarter of an hour for an answer. The times of TCP mean
/// nothing over a socket of the same machine, and do no harm there.
const DEFAULTS: [(&str, &str); 7] = [
    // Seconds for each host of the URL. libpq takes less than 2 as 2.
    ("connect_timeout", "2"),
    // Milliseconds for which what was sent may stay unacknowledged.
    ("tcp_user_timeout", "4000"),
    ("keepalives", "1"),
    ("keepalives_idle", "5"),
    ("keepalives_interval", "2"),
    ("keepalives_count", "3"),
    // Of several hosts, the one that takes writes; a standby is passed over.
    ("target_session_attrs", "read-write"),
];

/// The ways of `sslmode` that refuse a connection without TLS.
const MODES_WITH_TLS: [&str; 3] = ["require", "verify-ca", "verify-full"];

/// Adds the limits that the URL does not set itself.
pub(crate) fn with_defaults(url: &str) -> String {
    let given: Vec<String> = parameters(url).map(|(name, _)| name).collect();
    let mut whole = url.to_owned();
    for (name, value) in DEFAULTS.iter().filter(|(name, _)| !given.iter().any(|given| given == name)) {
        whole.push(if query(&whole).is_none() { '?' } else { '&' });
        whole.push_str(name);
        whole.push('=');
        whole.push_str(value);
    }
    whole
}

/// Whether the URL asks for a connection with TLS, and for no other.
pub fn demands_tls(url: &str) -> bool {
    parameters(url).any(|(name, value)| match name.as_str() {
        "sslmode" => MODES_WITH_TLS.contains(&value.as_str()),
        "sslnegotiation" => value == "direct",
        "channel_binding" => value == "require",
        "requiressl" => value == "1",
        _ => false,
    })
}

/// The parameters of a URL, decoded.
fn parameters(url: &str) -> impl Iterator<Item = (String, String)> + '_ {
    let pairs = query(url).unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

/// The text behind the question mark, as libpq takes a URL apart: a password may have one too, and ends at the first `@` that
/// comes before the first `/`.
fn query(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let behind_credentials = rest.find(['@', '/']).filter(|at| rest[*at..].starts_with('@')).map_or(0, |at| at + 1);
    rest[behind_credentials..].split_once('?').map(|(_, query)| query)
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        match (first, tail) {
            (b'%', [high, low, after @ ..]) if hex(*high).is_some() && hex(*low).is_some() => {
                bytes.push(hex(*high).unwrap_or(0) * 16 + hex(*low).unwrap_or(0));
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = "connect_timeout=2&tcp_user_timeout=4000&keepalives=1&keepalives_idle=5&keepalives_interval=2&\
                       keepalives_count=3&target_session_attrs=read-write";

    #[test]
    fn a_url_gets_the_limits_that_it_does_not_set() {
        for (url, whole) in [
            ("postgres://a:b@db/almoner", format!("postgres://a:b@db/almoner?{ALL}")),
            ("postgres://a:b?c@db/almoner", format!("postgres://a:b?c@db/almoner?{ALL}")),
            ("postgresql://db?sslmode=require", format!("postgresql://db?sslmode=require&{ALL}")),
            ("postgres:///almoner?host=/run/p@q", format!("postgres:///almoner?host=/run/p@q&{ALL}")),
            (
                "postgres://one,two/almoner?connect_timeout=10&target_session_attrs=any",
                format!(
                    "postgres://one,two/almoner?connect_timeout=10&target_session_attrs=any&{}",
                    ALL.trim_start_matches("connect_timeout=2&").trim_end_matches("&target_session_attrs=read-write")
                ),
            ),
            (
                "postgres://db/a?keep%61lives=0",
                format!("postgres://db/a?keep%61lives=0&{}", ALL.replace("&keepalives=1", "")),
            ),
        ] {
            assert_eq!(with_defaults(url), whole);
            assert_eq!(with_defaults(&whole), whole, "a second time adds nothing");
        }
    }

    #[test]
    fn a_url_demands_tls_if_it_takes_no_other_connection() {
        for url in [
            "postgres://db/a?sslmode=require",
            "postgres://db/a?x=y&sslm%6fde=verify%2Dfull",
            "postgres://a:b?c@db/a?sslmode=verify-ca",
            "postgres://db/a?sslnegotiation=direct",
            "postgres://db/a?channel_binding=require",
            "postgres://db/a?requiressl=1",
        ] {
            assert!(demands_tls(url), "{url}");
        }
        for url in ["postgres://db/a", "postgres://db/a?sslmode=prefer", "postgres://a:x?sslmode=require@db/a"] {
            assert!(!demands_tls(url), "{url}");
        }
    }
}
