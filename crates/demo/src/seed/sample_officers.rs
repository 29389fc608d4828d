//! The sample officers of every council. All of them are made up.

use almoner_domain::ids::CouncilId;
use almoner_persistence::OperatorScope;
use almoner_persistence::access::appointing;
use almoner_persistence::idempotency::Made;
use serde_json::json;

use super::from_json;
use super::sample_organisations::COUNCILS;
use crate::Failure;

/// The officers of every council: each one's login, name and roles.
const OFFICERS: [(&str, &str, &[&str]); 4] = [
    ("administrator", "Marianne Hollis", &["administrator"]),
    ("referrals", "Ravi Mistry", &["referrals", "duty"]),
    ("commissioner", "Gwendolen Achebe", &["commissioner", "safeguarding"]),
    ("records", "Piotr Lewandowski", &["records_officer"]),
];

/// The e-mail address with which an officer of a council signs in.
pub(super) fn officer_email(council: usize, login: &str) -> String {
    format!("{login}@{}.council.example", COUNCILS[council].prefix.to_lowercase())
}

/// Invites the officers of a council, as the operator does.
pub(super) fn enter_officers(
    scope: &mut OperatorScope<'_>,
    index: usize,
    council: CouncilId,
) -> Result<Vec<Made>, Failure> {
    let invite = |(login, name, roles)| {
        let new = from_json(json!({ "name": name, "email": officer_email(index, login), "roles": roles }))?;
        Ok(appointing::invite_first(scope, council, &new)?)
    };
    OFFICERS.into_iter().map(invite).collect()
}
