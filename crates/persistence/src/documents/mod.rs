//! Documents of people's records, of cases and of referrals: their rows, and their contents, which are sealed objects outside the
//! database.

mod clearing;
mod comparing;
mod content;
mod holder;
#[cfg(test)]
mod in_a_bucket;
mod listing;
mod of_councils;
mod reception;
mod scanning;
mod sending;
mod storing;
pub mod uploads;

pub use clearing::clear_object;
pub(crate) use clearing::{Erasable, clear_unless_kept, erase, find_erasable, person_at};
pub use comparing::{Compared, Keyed, compare};
pub use content::{Content, Reading};
pub use holder::Holder;
pub(crate) use holder::{Place, open_to};
pub(crate) use listing::{Details, list_of_referral, name_of};
pub use listing::{Document, list_of_case, list_of_person, open};
pub(crate) use of_councils::settle_council_scan;
pub use of_councils::{
    CouncilDocument, begin_council_scan, begin_of_council, clear_council_object, find_sent_by_council,
};
pub(crate) use of_councils::{Request, deliveries_of, open_of_council, request_of};
pub(crate) use of_councils::{check as check_of_council, list as list_of_request, send as send_of_council};
pub use reception::{Received, Reception};
pub(crate) use scanning::{Answered, Waiting, answered, take_scan, waiting};
pub use scanning::{Scanned, begin_scan, settle_scan};
pub use sending::{begin, check, find_sent, send};
pub(crate) use sending::{begin_object, bytes};
