//! What the worker does when its time comes.

use uuid::Uuid;

use super::kinds::kinds;
use crate::ids::{ComplaintId, CountersignatureId, ReferralId};

macro_rules! tasks {
    ($(#[doc = $doc:literal] $name:ident = $word:literal, about $subject:ident: $Subject:ty;)+) => {
        /// Something for the worker to do for a practice when it is due.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Task {$(
            #[doc = $doc]
            $name {
                #[doc = concat!("The ", stringify!($subject), " that it is about.")]
                $subject: $Subject,
            },
        )+}

        kinds! {
            /// The kind of a [`Task`], as the table of jobs has it.
            pub enum JobKind {
                $(#[doc = $doc] $name = $word),+
            }
        }

        impl Task {
            /// The task of this kind about the thing with this id.
            pub fn new(kind: JobKind, subject: Uuid) -> Self {
                match kind {
                    $(JobKind::$name => Self::$name { $subject: subject.into() }),+
                }
            }

            /// Its kind.
            pub const fn kind(self) -> JobKind {
                match self {
                    $(Self::$name { .. } => JobKind::$name),+
                }
            }

            /// What it is about, as the table of jobs has it.
            pub const fn subject(self) -> Uuid {
                match self {
                    $(Self::$name { $subject } => $subject.uuid()),+
                }
            }
        }
    };
}

tasks! {
    /// A referral that its practice has not answered in time expires.
    ExpireReferral = "referral.expire", about referral: ReferralId;
    /// A request that its signatory has not decided in time goes to another.
    PassOnCountersignature = "countersignature.pass_on", about countersignature: CountersignatureId;
    /// A complaint that nobody at the practice may read any more goes to the council; it is looked at again and again.
    FindComplaintReader = "complaint.find_reader", about complaint: ComplaintId;
}
