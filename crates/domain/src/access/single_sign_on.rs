//! The rules of single sign-on at a practice or a council: the settings that its provider may have, and the links that may be
//! removed.

use crate::fault::Fault;
use crate::refusal::Refusal;

/// The settings of an identity provider that the rules are about.
#[derive(Clone, Copy, Debug)]
pub struct ProviderSettings<'a> {
    /// The issuer and the `client_id` that the settings name.
    pub identity: (&'a str, &'a str),
    /// Whether a client secret is given with the settings.
    pub has_secret: bool,
    /// The number of redirect URIs to which the provider may send people back.
    pub redirect_uris: usize,
    /// The number of `acr` values that count as a second factor.
    pub accepted_acr_values: usize,
    /// Whether who is linked must sign in through the provider.
    pub required: bool,
    /// Whether it is a council's, whose officers need a password of their own for complaints and for confirming one another.
    pub is_a_councils: bool,
}

impl ProviderSettings<'_> {
    /// Whether these settings can replace the provider's current settings, given as `now`. A secret is kept only for
    /// the issuer and the `client_id` that it was given for, because it must be sent to no other.
    pub fn check(&self, now: Option<(&str, &str)>) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        if !(1..=10).contains(&self.redirect_uris) {
            faults.push(Fault::new("/redirect_uris", "must be from 1 to 10 addresses"));
        }
        if self.accepted_acr_values > 10 {
            faults.push(Fault::new("/accepted_acr_values", "must be at most 10 values"));
        }
        if self.required && self.is_a_councils {
            faults.push(Fault::new(
                "/required",
                "must be false: an officer needs a password of their own for complaints",
            ));
        }
        if !self.has_secret && now != Some(self.identity) {
            faults.push(Fault::new("/client_secret", "is required with another issuer or client_id"));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

/// Whether a link to an identity provider can be removed. A member of staff who must sign in through the provider
/// cannot escape that by removing their own link: the arguments say whether a password let them in before, and whether
/// it would let them in afterwards.
pub fn end_link(password_served: bool, password_would_serve: bool) -> Result<(), Refusal> {
    if password_served || !password_would_serve {
        return Ok(());
    }
    Err(Refusal::InvalidState { thing: "link", state: "required here", step: "ended" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_stays_with_the_issuer_and_the_client_that_it_was_given_for() {
        let settings = ProviderSettings {
            identity: ("https://login.severn.example", "almoner"),
            has_secret: true,
            redirect_uris: 1,
            accepted_acr_values: 0,
            required: false,
            is_a_councils: false,
        };
        let without = ProviderSettings { has_secret: false, ..settings };
        for (settings, now, faults) in [
            (settings, None, vec![]),
            (settings, Some(("https://elsewhere.example", "almoner")), vec![]),
            (without, Some(("https://login.severn.example", "almoner")), vec![]),
            (without, None, vec!["/client_secret"]),
            (without, Some(("https://elsewhere.example", "almoner")), vec!["/client_secret"]),
            (without, Some(("https://login.severn.example", "another")), vec!["/client_secret"]),
            (ProviderSettings { redirect_uris: 10, accepted_acr_values: 10, ..settings }, None, vec![]),
            (ProviderSettings { redirect_uris: 0, ..settings }, None, vec!["/redirect_uris"]),
            (ProviderSettings { required: true, ..settings }, None, vec![]),
            (ProviderSettings { required: true, is_a_councils: true, ..settings }, None, vec!["/required"]),
            (
                ProviderSettings { redirect_uris: 11, accepted_acr_values: 11, ..without },
                None,
                vec!["/redirect_uris", "/accepted_acr_values", "/client_secret"],
            ),
        ] {
            let found = settings.check(now).err().unwrap_or_default();
            assert_eq!(
                found.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>(),
                faults,
                "{settings:?} {now:?}"
            );
        }
    }

    #[test]
    fn whoever_is_bound_to_the_provider_does_not_free_themselves() {
        for (before, after, allowed) in
            [(true, true, true), (true, false, true), (false, false, true), (false, true, false)]
        {
            assert_eq!(end_link(before, after).is_ok(), allowed, "{before} {after}");
        }
    }
}
