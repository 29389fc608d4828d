//! The rules of answering a referral: the person it is about, and the priority of the work.

use crate::cases::case::Priority;
use crate::fault::Fault;
use crate::ids::ServiceUserId;
use crate::referrals::message::Urgency;

impl Urgency {
    /// Returns the priority of the work, if the practice gives no other.
    pub const fn priority(self) -> Priority {
        match self {
            Self::Standard => Priority::Routine,
            Self::Urgent => Priority::Urgent,
            Self::Immediate => Priority::Immediate,
        }
    }
}

/// Returns the known person whom a referral is about: the person whom the practice names, or else the person who was
/// recognised; `None` if a record is to be opened. A referral that is access-restricted stays with the person who was
/// recognised.
pub fn person_meant(
    named: Option<ServiceUserId>,
    recognised: Option<ServiceUserId>,
    access_restricted: bool,
) -> Result<Option<ServiceUserId>, Vec<Fault>> {
    if access_restricted && named.is_some() && named != recognised {
        let detail = "must be the person whom the referral was recognised to be about";
        return Err(vec![Fault::new("/service_user_id", detail)]);
    }
    Ok(named.or(recognised))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guarded_referral_is_about_the_person_whom_it_was_recognised_to_be_about() {
        let [one, other] = [1, 2].map(|n| Some(ServiceUserId::from(uuid::Uuid::from_u128(n))));
        for (named, recognised, access_restricted, meant) in [
            (None, None, false, Some(None)),
            (one, None, false, Some(one)),
            (None, one, false, Some(one)),
            (one, other, false, Some(one)),
            (None, one, true, Some(one)),
            (one, one, true, Some(one)),
            (other, one, true, None),
        ] {
            let found = person_meant(named, recognised, access_restricted);
            assert_eq!(found.ok(), meant, "{named:?} {recognised:?} {access_restricted}");
        }
    }

    #[test]
    fn work_is_as_pressing_as_the_referral() {
        for (urgency, priority) in Urgency::ALL.iter().zip(Priority::ALL) {
            assert_eq!(urgency.priority(), *priority);
        }
        assert_eq!(Urgency::ALL.len(), Priority::ALL.len());
    }
}
