//! About whom a row is: what every row about a person carries, in every table.

pub(crate) use almoner_domain::people::about::AboutPerson;

/// The columns of a table that say about whom a row is.
macro_rules! about {
    ($table:ident, $person:expr) => {{
        let person: $crate::people::about::AboutPerson = $person;
        (
            $table::service_user_id.eq(person.service_user_id),
            $table::access_restricted.eq(person.access_restricted),
            $table::team_id.eq(person.team_id),
        )
    }};
}
pub(crate) use about;
