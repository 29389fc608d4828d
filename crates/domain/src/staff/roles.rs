//! The roles that a member of staff may hold in a practice. A person may hold several.

use crate::words::sql_text::closed_codes;

closed_codes! {
    /// A role in a practice.
    pub enum Role {
        /// The member of staff is a registered social worker (a protected title).
        SocialWorker = "social_worker",
        /// The member of staff is an occupational therapist, assessor or student, under a named registrant's
        /// supervision.
        Practitioner = "practitioner",
        /// The member of staff allocates cases and countersigns.
        Manager = "manager",
        /// The member of staff handles complaints.
        ComplaintsManager = "complaints_manager",
        /// The member of staff is responsible for audit, subject access and retention.
        RecordsOfficer = "records_officer",
        /// The member of staff manages staff and settings. This role alone opens no records.
        Administrator = "administrator",
    }
}
