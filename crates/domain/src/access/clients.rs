//! The rules of OAuth 2.0 clients: their scopes, the addresses from which they may connect, and the steps of their
//! lives.

use super::apps::MOST_CONTROLLERS;
use crate::fault::Fault;
use crate::refusal::Refusal;

/// The scopes that a council's system may have: referrals; complaints, which it lodges and does not read; and safeguarding, which lets it
/// ring the duty.
pub const COUNCIL_SCOPES: [&str; 3] = ["referrals", COMPLAINTS, "safeguarding"];

/// The scope with which a client lodges complaints.
pub const COMPLAINTS: &str = "complaints";

/// The scopes that a partner app may have.
pub const PARTNER_SCOPES: [&str; 1] = [COMPLAINTS];

/// The greatest number of address ranges that a client may have.
const MOST_RANGES: usize = 50;

/// What the operator says of a partner app, and of no other client.
#[derive(Clone, Copy, Debug, Default)]
pub struct SaidOfAnApp {
    /// Whether it is said who runs it.
    pub run_by: bool,
    /// How many are named who own or manage whoever runs it.
    pub controlled_by: usize,
    /// Whether an address is given at which it is found.
    pub website: bool,
}

/// Whether a client can be registered as a council's system or a partner app, with these scopes and this many address
/// ranges. The operator says who runs a partner app and who controls them, because nobody complains about a practice through its own
/// app.
pub fn register(is_councils: bool, said: SaidOfAnApp, scopes: &[String], ranges: usize) -> Result<(), Vec<Fault>> {
    let known: &[&str] = if is_councils { &COUNCIL_SCOPES } else { &PARTNER_SCOPES };
    let mut faults = Vec::new();
    if scopes.is_empty() || scopes.iter().any(|scope| !known.contains(&scope.as_str())) {
        faults.push(Fault::new("/scopes", format!("must be one or more of: {}", known.join(", "))));
    }
    let members = [("/run_by", said.run_by), ("/controlled_by", said.controlled_by > 0), ("/website", said.website)];
    for (member, is_said) in members {
        if is_councils && is_said {
            faults.push(Fault::new(member, "is for a partner app only"));
        } else if !is_councils && !is_said && member != "/website" {
            faults.push(Fault::new(member, "is required of a partner app"));
        }
    }
    if said.controlled_by > MOST_CONTROLLERS {
        faults.push(Fault::new("/controlled_by", format!("must be at most {MOST_CONTROLLERS} names")));
    }
    faults.extend(check_ranges(ranges).err().unwrap_or_default());
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Whether a client may have this many address ranges from which it may connect.
pub fn check_ranges(ranges: usize) -> Result<(), Vec<Fault>> {
    if ranges <= MOST_RANGES {
        return Ok(());
    }
    Err(vec![Fault::new("/allowed_addresses", format!("must be at most {MOST_RANGES} ranges"))])
}

/// Whether a client may be given a further secret. A client that authenticates with keys may not.
pub fn add_secret(has_keys: bool) -> Result<(), Refusal> {
    if has_keys { Err(refusal("one with keys", "given a secret")) } else { Ok(()) }
}

/// Whether a client can be disabled. A disabled client cannot.
pub fn disable(is_disabled: bool) -> Result<(), Refusal> {
    if is_disabled { Err(refusal("disabled", "disabled again")) } else { Ok(()) }
}

/// Whether a client can be enabled again. Only a disabled client can, and no app that a practice has come to run meanwhile.
pub fn enable(is_disabled: bool, is_run_by_a_practice: bool) -> Result<(), Refusal> {
    match (is_disabled, is_run_by_a_practice) {
        (false, _) => Err(refusal("enabled", "enabled again")),
        (true, true) => Err(refusal("run by a practice, or by somebody who controls one", "enabled")),
        (true, false) => Ok(()),
    }
}

fn refusal(state: &'static str, step: &'static str) -> Refusal {
    Refusal::InvalidState { thing: "client", state, step }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said_of(an_app: bool) -> SaidOfAnApp {
        SaidOfAnApp { run_by: an_app, controlled_by: an_app.into(), website: an_app }
    }

    #[test]
    fn a_client_asks_for_what_its_kind_may_do() {
        for (is_councils, scopes, ranges, faults) in [
            (true, &["referrals"][..], 0, vec![]),
            (true, &["referrals", "complaints"], 50, vec![]),
            (false, &["complaints"], 0, vec![]),
            (false, &["referrals"], 0, vec!["/scopes: must be one or more of: complaints"]),
            (
                true,
                &["referrals", "cases"],
                0,
                vec!["/scopes: must be one or more of: referrals, complaints, safeguarding"],
            ),
            (true, &[], 0, vec!["/scopes: must be one or more of: referrals, complaints, safeguarding"]),
            (true, &["referrals"], 51, vec!["/allowed_addresses: must be at most 50 ranges"]),
            (
                false,
                &[],
                51,
                vec!["/scopes: must be one or more of: complaints", "/allowed_addresses: must be at most 50 ranges"],
            ),
        ] {
            let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
            let found = register(is_councils, said_of(!is_councils), &scopes, ranges).err().unwrap_or_default();
            let said: Vec<String> = found.iter().map(|fault| format!("{}: {}", fault.pointer, fault.detail)).collect();
            assert_eq!(said, faults, "{scopes:?}");
        }
        for is_councils in [true, false] {
            let faults = register(is_councils, said_of(is_councils), &["complaints".to_owned()], 0).unwrap_err();
            let pointers: Vec<String> = faults.into_iter().map(|fault| fault.pointer).collect();
            let expected = if is_councils {
                &["/run_by", "/controlled_by", "/website"][..]
            } else {
                &["/run_by", "/controlled_by"]
            };
            assert_eq!(pointers, expected);
        }
        let many = SaidOfAnApp { controlled_by: 21, ..said_of(true) };
        assert_eq!(register(false, many, &["complaints".to_owned()], 0).unwrap_err()[0].pointer, "/controlled_by");
    }

    #[test]
    fn each_step_is_refused_where_it_is_done_already_or_does_not_fit() {
        assert_eq!((add_secret(false), disable(false), enable(true, false)), (Ok(()), Ok(()), Ok(())));
        for (refused, words) in [
            (add_secret(true), "the client is one with keys and cannot be given a secret"),
            (disable(true), "the client is disabled and cannot be disabled again"),
            (enable(false, true), "the client is enabled and cannot be enabled again"),
            (
                enable(true, true),
                "the client is run by a practice, or by somebody who controls one and cannot be enabled",
            ),
        ] {
            assert_eq!(refused.unwrap_err().to_string(), words);
        }
    }
}
