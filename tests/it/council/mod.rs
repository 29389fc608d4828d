mod access;
mod complaints;
mod referrals;

use almoner_demo::web::Answer;
use almoner_tests::Staff;
use almoner_tests::callers::Caller;

const REFERRALS: &str = "/v1/council/referrals";

/// The path of a step on the referral in this answer, for the council that sent it.
fn at(referral: &Answer, step: &str) -> String {
    format!("{REFERRALS}/{}{step}", referral.text("/id").unwrap())
}

/// The referral that is due first in the practice's inbox.
fn due_first(staff: &Staff) -> Answer {
    let inbox = staff.get("/v1/practice/referrals");
    staff.get(&in_practice(inbox.text("/items/0/id").unwrap(), ""))
}

/// The path of a step on a referral, for the practice.
fn in_practice(referral: &str, step: &str) -> String {
    format!("/v1/practice/referrals/{referral}{step}")
}
