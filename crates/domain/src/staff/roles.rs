//! The roles that a member of staff may hold in a practice. A person may hold several.

use crate::words::sql_text::closed_codes;

closed_codes! {
    /// A role in a practice.
    pub enum Role {
        /// A registered social worker (a protected title).
        SocialWorker = "social_worker",
        /// An occupational therapist, assessor or student, under a named registrant's supervision.
        Practitioner = "practitioner",
        /// Allocates and countersigns.
        Manager = "manager",
        /// Handles complaints.
        ComplaintsManager = "complaints_manager",
        /// Audit, subject access, retention.
        RecordsOfficer = "records_officer",
        /// Staff and settings; no records by this role alone.
        Administrator = "administrator",
    }
}
