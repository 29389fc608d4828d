//! The roles that an officer may hold at a council. A person may hold several, and be an officer of several councils.

use crate::words::sql_text::closed_codes;

closed_codes! {
    /// A role at a council. None works before a second person has confirmed it: each reads records or lets somebody in.
    pub enum OfficerRole {
        /// The officer sends referrals, follows them, and names the practice where no rule does.
        Referrals = "referrals",
        /// The officer is offered complaints, opens them and assigns them. No complaint is open to the role itself.
        Complaints = "complaints",
        /// The officer is the person who is responsible for how complaints are dealt with (SI 2009/309 reg 4(1)(a)), or is
        /// authorised by them.
        ResponsiblePerson = "responsible_person",
        /// The officer stands in for the responsible person where a complaint is about them or their own people: somebody outside,
        /// of another council or the monitoring officer.
        Alternate = "alternate",
        /// The officer decides on safeguarding enquiries (Care Act 2014 s42).
        Safeguarding = "safeguarding",
        /// The officer manages the contracts with practices, and looks at what they do under these.
        Commissioner = "commissioner",
        /// The officer is on the emergency duty team, out of hours.
        Duty = "duty",
        /// The officer is responsible for audit and subject access.
        RecordsOfficer = "records_officer",
        /// The officer manages officers and the council's settings. This role alone opens no records.
        Administrator = "administrator",
    }
}

impl OfficerRole {
    /// The roles that work on complaints.
    pub const OF_COMPLAINTS: [Self; 3] = [Self::Complaints, Self::ResponsiblePerson, Self::Alternate];

    /// Whether the role works on complaints, so that whoever holds it comes in by the complaints' door.
    pub fn is_of_complaints(self) -> bool {
        Self::OF_COMPLAINTS.contains(&self)
    }
}
