//! The rules of OAuth 2.0 clients: what one may do, from where it may come, and its steps.

use crate::fault::Fault;
use crate::refusal::Refusal;

/// What a council's system may do: referrals, or complaints. Practice staff may hold log-ins on a council's other systems,
/// so complaints want a client of their own.
pub const COUNCIL_SCOPES: [&str; 2] = ["referrals", "complaints"];

/// What a partner app may do.
pub const PARTNER_SCOPES: [&str; 1] = ["complaints"];

/// How many ranges of addresses a client may have.
const MOST_RANGES: usize = 50;

/// Whether a client can be registered: a council's system or a partner app with these scopes, and so many ranges of addresses.
pub fn register(is_councils: bool, scopes: &[String], ranges: usize) -> Result<(), Vec<Fault>> {
    let known: &[&str] = if is_councils { &COUNCIL_SCOPES } else { &PARTNER_SCOPES };
    let mut faults = Vec::new();
    if scopes.is_empty() || scopes.iter().any(|scope| !known.contains(&scope.as_str())) {
        faults.push(Fault::new("/scopes", format!("must be one or more of: {}", known.join(", "))));
    }
    faults.extend(check_ranges(ranges).err().unwrap_or_default());
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Whether a client may have so many ranges of addresses from which it may come.
pub fn check_ranges(ranges: usize) -> Result<(), Vec<Fault>> {
    if ranges <= MOST_RANGES {
        return Ok(());
    }
    Err(vec![Fault::new("/allowed_addresses", format!("must be at most {MOST_RANGES} ranges"))])
}

/// A client is given a further secret: only one that does not prove itself by keys.
pub fn add_secret(has_keys: bool) -> Result<(), Refusal> {
    if has_keys { Err(refusal("one with keys", "given a secret")) } else { Ok(()) }
}

/// A client is disabled.
pub fn disable(is_disabled: bool) -> Result<(), Refusal> {
    if is_disabled { Err(refusal("disabled", "disabled again")) } else { Ok(()) }
}

/// A client is enabled again.
pub fn enable(is_disabled: bool) -> Result<(), Refusal> {
    if is_disabled { Ok(()) } else { Err(refusal("enabled", "enabled again")) }
}

fn refusal(state: &'static str, step: &'static str) -> Refusal {
    Refusal::InvalidState { thing: "client", state, step }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_asks_for_what_its_kind_may_do() {
        for (is_councils, scopes, ranges, faults) in [
            (true, &["referrals"][..], 0, vec![]),
            (true, &["referrals", "complaints"], 50, vec![]),
            (false, &["complaints"], 0, vec![]),
            (false, &["referrals"], 0, vec!["/scopes: must be one or more of: complaints"]),
            (true, &["referrals", "cases"], 0, vec!["/scopes: must be one or more of: referrals, complaints"]),
            (true, &[], 0, vec!["/scopes: must be one or more of: referrals, complaints"]),
            (true, &["referrals"], 51, vec!["/allowed_addresses: must be at most 50 ranges"]),
            (
                false,
                &[],
                51,
                vec!["/scopes: must be one or more of: complaints", "/allowed_addresses: must be at most 50 ranges"],
            ),
        ] {
            let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
            let found = register(is_councils, &scopes, ranges).err().unwrap_or_default();
            let said: Vec<String> = found.iter().map(|fault| format!("{}: {}", fault.pointer, fault.detail)).collect();
            assert_eq!(said, faults, "{scopes:?}");
        }
    }

    #[test]
    fn each_step_is_refused_where_it_is_done_already_or_does_not_fit() {
        assert_eq!((add_secret(false), disable(false), enable(true)), (Ok(()), Ok(()), Ok(())));
        for (refused, words) in [
            (add_secret(true), "the client is one with keys and cannot be given a secret"),
            (disable(true), "the client is disabled and cannot be disabled again"),
            (enable(false), "the client is enabled and cannot be enabled again"),
        ] {
            assert_eq!(refused.unwrap_err().to_string(), words);
        }
    }
}
