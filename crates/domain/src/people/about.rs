//! About whom a row is: what every row about a person carries, in every table.

use crate::ids::{ServiceUserId, TeamId};

/// A person, whether their record is access-restricted, and the team that works with them. The three are one foreign key, which carries
/// the last two along when they change and refuses what is not so; the policy of the table compares them with the scope. They
/// are taken from the person's own row and written together, so that no row is without one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AboutPerson {
    /// The person.
    pub service_user_id: ServiceUserId,
    /// Whether their record is access-restricted: restricted, or closed to somebody.
    pub access_restricted: bool,
    /// The team that works with them.
    pub team_id: TeamId,
}
