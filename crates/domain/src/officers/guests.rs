//! The guests of a council: people whom its complaints officers let in to complaints by name.

use crate::fault::Fault;
use crate::ids::AccountId;
use crate::refusal::Refusal;
use crate::words::sql_text::closed_codes;

closed_codes! {
    /// In what capacity a guest works on complaints.
    pub enum Capacity {
        /// The guest handles complaints at a practice. The council has met and trained them.
        Handler = "handler",
        /// The guest comes from elsewhere and looks into a complaint.
        Investigator = "investigator",
        /// The guest is heard on heads of a complaint about them, and sees nothing else.
        Subject = "subject",
        /// The guest gets a notice of what an employer must know and do, and sees nothing else.
        EmployersLead = "employers_lead",
    }
}

impl Capacity {
    /// Returns what is wrong with the practice of a guest in this capacity: a handler works at one that uses the service, an employer's lead
    /// is the one named person of one, and nobody else has one.
    pub fn faults_of_practice(self, is_named: bool, is_known: bool) -> Vec<Fault> {
        let detail = match (self, is_named, is_known) {
            (Self::Handler | Self::EmployersLead, false, _) => "is required of a handler and of an employer's lead",
            (Self::Handler | Self::EmployersLead, true, false) => "is not the name of a practice that uses the service",
            (Self::Investigator | Self::Subject, true, _) => "is for a handler or an employer's lead only",
            _ => return Vec::new(),
        };
        vec![Fault::new("/practice", detail)]
    }
}

impl Capacity {
    /// Returns what is wrong with the complaint for which a guest in this capacity is invited: whoever is heard or gets a notice is a guest
    /// for one, which the caller has, and nobody else is.
    pub fn fault_of_complaint(self, is_named: bool, has_it: bool) -> Option<Fault> {
        let detail = match (self.reads_the_whole(), is_named, has_it) {
            (true, true, _) => "is for who is heard or gets a notice",
            (false, false, _) => "is required of who is heard or gets a notice",
            (false, true, false) => "names nothing that is there",
            _ => return None,
        };
        Some(Fault::new("/complaint_id", detail))
    }

    /// Whether a complaint can be assigned whole to a guest in this capacity.
    pub const fn reads_the_whole(self) -> bool {
        matches!(self, Self::Handler | Self::Investigator)
    }
}

/// The state of a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuestState {
    /// Whether the guest has accepted their invitation.
    pub joined: bool,
    /// Whether the guest's account waits to be confirmed, because its credentials were replaced through a link.
    pub waits: bool,
    /// Whether the guest was let go.
    pub ended: bool,
}

impl GuestState {
    /// Whether the guest can be invited again.
    pub fn invite_again(self) -> Result<(), Refusal> {
        match self {
            Self { ended: true, .. } => Err(refusal("gone", "invited")),
            Self { joined: true, .. } => Err(refusal("here already", "invited")),
            _ => Ok(()),
        }
    }

    /// Whether the guest can be let go, by somebody who may.
    pub fn let_go(self, may: bool) -> Result<(), Refusal> {
        match (self.ended, may) {
            (true, _) => Err(refusal("gone", "let go")),
            (false, false) => Err(refusal("one whom the responsible person lets go", "let go by you")),
            (false, true) => Ok(()),
        }
    }

    /// Whether complaints can be assigned to the guest.
    pub fn is_there(self) -> bool {
        self.joined && !self.waits && !self.ended
    }

    /// Whether this account may confirm that the guest's is still theirs: somebody else than drew the link.
    pub fn confirm(self, opened_by: &[AccountId], by: AccountId) -> Result<(), Refusal> {
        if self.ended || !self.waits {
            return Err(refusal(if self.ended { "gone" } else { "confirmed" }, "confirmed"));
        }
        if opened_by.contains(&by) {
            return Err(refusal("waiting for somebody else than drew the link", "confirmed by you"));
        }
        Ok(())
    }
}

fn refusal(state: &'static str, step: &'static str) -> Refusal {
    Refusal::InvalidState { thing: "guest", state, step }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_done_follows_from_where_a_guest_stands() {
        let invited = GuestState { joined: false, waits: false, ended: false };
        let here = GuestState { joined: true, ..invited };
        let waits = GuestState { waits: true, ..here };
        let gone = GuestState { ended: true, ..here };
        let account = |n| AccountId::from(uuid::Uuid::from_u128(n));
        let can = |state: GuestState| {
            (
                state.invite_again().is_ok(),
                state.let_go(true).is_ok(),
                state.is_there(),
                state.confirm(&[account(1)], account(2)).is_ok(),
            )
        };
        assert_eq!(can(invited), (true, true, false, false));
        assert_eq!(can(here), (false, true, true, false));
        assert_eq!(can(waits), (false, true, false, true));
        assert_eq!(can(gone), (false, false, false, false));
        assert!(here.let_go(false).is_err(), "nobody lets go of whom others have, but the responsible person");
        assert!(waits.confirm(&[account(1)], account(1)).is_err(), "nobody confirms what they opened");
    }

    #[test]
    fn who_is_shown_a_part_is_a_guest_for_one_complaint_that_the_caller_has_and_nobody_else_is() {
        for (capacity, named, has_it, fine) in [
            (Capacity::Subject, true, true, true),
            (Capacity::Subject, true, false, false),
            (Capacity::EmployersLead, false, false, false),
            (Capacity::Handler, false, false, true),
            (Capacity::Investigator, true, true, false),
        ] {
            assert_eq!(capacity.fault_of_complaint(named, has_it).is_none(), fine, "{capacity:?} {named} {has_it}");
        }
    }

    #[test]
    fn a_handler_and_an_employers_lead_are_of_a_practice_and_nobody_else_is() {
        for (capacity, named, known, fine) in [
            (Capacity::Handler, true, true, true),
            (Capacity::Handler, true, false, false),
            (Capacity::Handler, false, false, false),
            (Capacity::EmployersLead, true, true, true),
            (Capacity::EmployersLead, true, false, false),
            (Capacity::EmployersLead, false, false, false),
            (Capacity::Subject, true, true, false),
            (Capacity::Investigator, false, false, true),
            (Capacity::Investigator, true, true, false),
        ] {
            assert_eq!(capacity.faults_of_practice(named, known).is_empty(), fine, "{capacity} {named} {known}");
        }
    }
}
