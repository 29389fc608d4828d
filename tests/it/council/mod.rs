pub(crate) mod access;
mod confirmations;
mod feed;
pub(crate) mod instructions;
mod officers;
mod referrals;

use almoner_demo::web::Answer;

use crate::practice::referrals::due_first;

pub(crate) const REFERRALS: &str = "/v1/council/referrals";

/// The path of a step on the referral in this answer, for the council that sent it.
fn at(referral: &Answer, step: &str) -> String {
    format!("{REFERRALS}/{}{step}", referral.text("/id").unwrap())
}

/// The path of a step on a referral, for the practice.
pub(crate) fn in_practice(referral: &str, step: &str) -> String {
    format!("/v1/practice/referrals/{referral}{step}")
}
