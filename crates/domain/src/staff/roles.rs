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
        /// The member of staff is responsible for audit, subject access and retention.
        RecordsOfficer = "records_officer",
        /// The member of staff manages staff and settings. This role alone opens no records.
        Administrator = "administrator",
    }
}

/// Whether one person may give a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// One administrator gives the role, and it works at once.
    Light,
    /// The role reads records beyond one's own work, or decides who reads them. It works once a second person has
    /// confirmed it, so that no administrator opens the records to a puppet of their own.
    Heavy,
}

impl Role {
    /// Returns the weight of the role. A new role has to say it here.
    pub const fn weight(self) -> Weight {
        match self {
            Self::Manager | Self::RecordsOfficer => Weight::Heavy,
            Self::SocialWorker | Self::Practitioner | Self::Administrator => Weight::Light,
        }
    }

    /// Whether the role works only once a second person has confirmed it.
    pub fn is_heavy(self) -> bool {
        self.weight() == Weight::Heavy
    }
}
