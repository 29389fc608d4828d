//! The jobs that the worker does when they are due.

use uuid::Uuid;

use super::kinds::kinds;
use crate::ids::{ComplaintId, CountersignatureId, DocumentId, ObjectId, ReferralId, SafeguardingAlertId, StaffId};

macro_rules! tasks {
    ($(#[doc = $doc:literal] $name:ident = $word:literal, about $subject:ident: $Subject:ty;)+) => {
        /// A job for the worker to do for a practice or a council when it is due.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Task {$(
            #[doc = $doc]
            $name {
                #[doc = concat!("The ", stringify!($subject), " that the task is about.")]
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
            /// Makes the task of this kind about the subject with this identifier.
            pub fn new(kind: JobKind, subject: Uuid) -> Self {
                match kind {
                    $(JobKind::$name => Self::$name { $subject: subject.into() }),+
                }
            }

            /// Returns the kind of the task.
            pub const fn kind(self) -> JobKind {
                match self {
                    $(Self::$name { .. } => JobKind::$name),+
                }
            }

            /// Returns the identifier of the task's subject, as the table of jobs has it.
            pub const fn subject(self) -> Uuid {
                match self {
                    $(Self::$name { $subject } => $subject.uuid()),+
                }
            }
        }
    };
}

tasks! {
    /// The worker expires a referral that its practice has not answered in time, or gives it back to the council.
    ExpireReferral = "referral.expire", about referral: ReferralId;
    /// The worker reports a referral that nobody has answered by the time by which a human was to look at it.
    ReportOverdueReferral = "referral.report_overdue", about referral: ReferralId;
    /// The worker passes a request that its signatory has not decided in time to another signatory.
    PassOnCountersignature = "countersignature.pass_on", about countersignature: CountersignatureId;
    /// The worker passes on what a leaver was drawn to decide, and records that they left once no work of theirs is open.
    EndMembership = "staff.end_membership", about member: StaffId;
    /// The worker has a document scanned, until the scanner gives an answer.
    ScanDocument = "document.scan", about document: DocumentId;
    /// The worker deletes the content of a document that was begun to be sent in, unless it was sent.
    ClearObject = "document.clear_away", about object: ObjectId;
    /// The worker has a document that a council sent scanned, until the scanner gives an answer.
    ScanCouncilDocument = "council_document.scan", about document: DocumentId;
    /// The worker deletes the content of a document that a council began to send in, unless it was sent.
    ClearCouncilObject = "council_document.clear_away", about object: ObjectId;
    /// The worker has a document of a complaint scanned, until the scanner gives an answer.
    ScanComplaintDocument = "complaint_document.scan", about document: DocumentId;
    /// The worker deletes the content of a document that was begun to be sent to a complaint, unless it was sent.
    ClearComplaintObject = "complaint_document.clear_away", about object: ObjectId;
    /// The worker sees to it, again and again, that a complaint is somebody's, and that no clock of its runs out unseen.
    WatchComplaint = "complaint.watch", about complaint: ComplaintId;
    /// The worker does at once what a complaint needs next, such as an offer to the next officer.
    OfferComplaint = "complaint.offer", about complaint: ComplaintId;
    /// The worker tells a council, each hour, that nobody has taken up a safeguarding concern of which it was told.
    ReportUntakenAlert = "safeguarding.report_untaken", about alert: SafeguardingAlertId;
}

impl JobKind {
    /// Whether jobs of this kind are done in the scope of a council. All others are a practice's, but those with documents, which
    /// have a lane of their own.
    pub const fn is_of_a_council(self) -> bool {
        matches!(self, Self::WatchComplaint | Self::OfferComplaint | Self::ReportUntakenAlert)
    }
}
