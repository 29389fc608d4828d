//! The sample councils, with their officers. All of it is made up, except the councils' names and codes.

use almoner_domain::ids::CouncilId;
use almoner_persistence::OperatorScope;
use almoner_persistence::access::appointing;
use almoner_persistence::idempotency::Made;
use serde_json::json;

use super::from_json;
use crate::Failure;

pub(crate) struct Council {
    pub(crate) gss_code: &'static str,
    pub(crate) name: &'static str,
    /// The letters with which the council's own references begin.
    pub(super) prefix: &'static str,
    /// A telephone number of the range that Ofcom keeps for drama.
    pub(crate) emergency_duty_phone: &'static str,
}

const fn council(
    gss_code: &'static str,
    name: &'static str,
    prefix: &'static str,
    emergency_duty_phone: &'static str,
) -> Council {
    Council { gss_code, name, prefix, emergency_duty_phone }
}

pub(crate) const COUNCILS: [Council; 7] = [
    council("E08000025", "Birmingham City Council", "BHM", "01632 960101"),
    council("E09000022", "Lambeth Council", "LBH", "01632 960102"),
    council("E06000012", "North East Lincolnshire Council", "NEL", "01632 960103"),
    council("E06000051", "Shropshire Council", "SHR", "01632 960104"),
    council("E06000021", "Stoke-on-Trent City Council", "STE", "01632 960105"),
    council("E10000029", "Suffolk County Council", "SFK", "01632 960106"),
    council("E10000030", "Surrey County Council", "SRY", "01632 960107"),
];

/// The officers of every council: each one's login, name and roles.
const OFFICERS: [(&str, &str, &[&str]); 8] = [
    ("administrator", "Marianne Hollis", &["administrator"]),
    ("referrals", "Ravi Mistry", &["referrals", "duty"]),
    ("commissioner", "Gwendolen Achebe", &["commissioner", "safeguarding"]),
    ("records", "Piotr Lewandowski", &["records_officer"]),
    ("complaints", "Beatrice Oyelaran", &["complaints"]),
    ("complaints-2", "Callum Whitfield", &["complaints"]),
    ("responsible", "Helena Vance", &["responsible_person"]),
    ("alternate", "Idris Rahman", &["alternate"]),
];

/// The logins of those to whom a complaint can be offered, in the order in which they are asked.
pub(super) const COMPLAINTS_DESK: [&str; 4] = ["complaints", "complaints-2", "responsible", "alternate"];

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
