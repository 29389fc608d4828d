//! About whom a row is: what every row about a person carries, in every table.

use almoner_domain::ids::{ServiceUserId, TeamId};

/// A person, whether their record is guarded, and the team that works with them. The three are one foreign key, which carries
/// the last two along when they change and refuses what is not so; the policy of the table compares them with the scope. They
/// are taken from the person's own row and written with [`about`], so that no row is without one of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AboutPerson {
    pub(crate) service_user_id: ServiceUserId,
    pub(crate) guarded: bool,
    pub(crate) team_id: TeamId,
}

/// The columns of a table that say about whom a row is.
macro_rules! about {
    ($table:ident, $person:expr) => {{
        let person: $crate::people::about::AboutPerson = $person;
        (
            $table::service_user_id.eq(person.service_user_id),
            $table::guarded.eq(person.guarded),
            $table::team_id.eq(person.team_id),
        )
    }};
}
pub(crate) use about;
