//! The mark of a referral that is restricted.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::example;
use crate::ids::StaffId;
use crate::staff::meant::may_mean;
use crate::words::text::{self, Line, Passage};

/// The mark of a referral that is closed from the first moment: only managers see it, and none of them who may be meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = example::restricted)]
pub struct RestrictedMark {
    /// The reason why the record is closed.
    pub reason: Passage<1000>,
    /// The names of those who must not see it; up to 10.
    #[serde(default, deserialize_with = "text::list::<_, _, 0, 10>")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub not_to_see: Vec<Line<200>>,
}

impl RestrictedMark {
    /// Returns those of a practice's managers who may see the referral: none whom one of the names may mean.
    pub fn open_to(&self, managers: Vec<(StaffId, String)>) -> Vec<StaffId> {
        let meant = |name: &str| self.not_to_see.iter().any(|given| may_mean(given.as_str(), name));
        managers.into_iter().filter(|(_, name)| !meant(name)).map(|(id, _)| id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restricted_referral_is_open_to_managers_whom_no_name_may_mean() {
        let managers = || {
            ["Hannah Price", "Tomasz Wójcik", "Sean O'Brien"]
                .into_iter()
                .enumerate()
                .map(|(n, name)| (StaffId::from(uuid::Uuid::from_u128(n as u128)), name.to_owned()))
                .collect::<Vec<_>>()
        };
        for (not_to_see, open) in [
            (vec![], vec![0, 1, 2]),
            (vec!["Hana Pryce"], vec![1, 2]),
            (vec!["wojcik", "HP"], vec![2]),
            (vec!["Mr O Brien", "Hannah", "T.W."], vec![]),
            (vec!["Bronwen Marsh"], vec![0, 1, 2]),
        ] {
            let mark: RestrictedMark =
                serde_json::from_value(serde_json::json!({ "reason": "Works here.", "not_to_see": not_to_see }))
                    .unwrap();
            let expected: Vec<StaffId> = open.into_iter().map(|n| StaffId::from(uuid::Uuid::from_u128(n))).collect();
            assert_eq!(mark.open_to(managers()), expected, "{not_to_see:?}");
        }
    }
}
