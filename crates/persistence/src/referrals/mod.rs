//! Referrals: the councils' requests, the practice's inbox and answers, and the outcome that the council learns.

mod answers;
pub mod confirmations;
pub mod council_requests;
mod deadlines;
mod documents;
pub mod erasures;
pub(crate) mod expiry;
pub mod feed;
mod inbox;
pub mod instructions;
mod intake;
pub mod leaving;
mod listing;
mod other_work;
mod outcomes;
mod recognition;
mod restriction;
mod settling;
pub mod staff_changes;
mod undoing;

pub use answers::{AcceptReferral, Accepted, DeclineReferral, accept, decline};
pub use documents::{holder, list_documents, settle_council_scan};
pub use inbox::{Referral, ReferralWithMatches, accepted, answered, find, read, read_accepted};
pub use listing::{ReferralSummary, list};
pub use outcomes::{allocate, approve, close, refuse};
pub use recognition::{change_service_user, hold_with_referrals};
pub use restriction::{ReferralRestriction, restrict};
pub(crate) use restriction::{check_to_be_screened, expect_to_be_screened};
pub use settling::{SettleDifference, settle};
pub use undoing::undo;
