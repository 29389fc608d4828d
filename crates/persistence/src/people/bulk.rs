//! Many people at once, for data that is made: the demonstration's scale and the measurements. What is written is what
//! [`super::service_users::create`] writes, in the scope of a member of staff and under the same policies, but for the audit
//! log, the outbox and the history of the details: nobody did this work.

use almoner_domain::ids::{PracticeId, ServiceUserId};
use almoner_domain::people::service_user::ServiceUserDetails;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::scope::PracticeScope;
use crate::ground::sealing::{Key, SealedField};
use crate::ground::search_tokens::token;
use crate::people::about::AboutPerson;
use crate::tenancy::teams::everybody;

/// A person to write, with the time at which the record is said to have been opened.
pub struct PastPerson {
    /// The identifier of the person.
    pub id: ServiceUserId,
    /// The details of the person.
    pub details: ServiceUserDetails,
    /// When the record was opened.
    pub created_at: DateTime<Utc>,
}

/// A person who was written, with the key under which everything about them is sealed.
pub struct WrittenPerson {
    pub(crate) about: AboutPerson,
    pub(crate) key: Key,
}

/// Writes people: their keys, their sealed details, and the tokens by which they are found. Returns them in the same order.
pub fn create_all(scope: &mut PracticeScope<'_>, people: &[PastPerson]) -> Result<Vec<WrittenPerson>, StoreError> {
    for person in people {
        person.details.check(scope.today())?;
    }
    let practice = scope.practice_id();
    let keys = scope.new_keys(practice.uuid(), people.len())?;
    let sealed: Vec<Vec<u8>> = people
        .iter()
        .zip(&keys)
        .map(|(person, (_, key))| key.seal(sealed_field(practice, person.id), &person.details))
        .collect::<Result<_, _>>()?;
    let team_id = everybody(practice);
    diesel::sql_query(
        "INSERT INTO service_users (practice_id, service_user_id, access_restricted, team_id, key_id, details, created_at,
             changed_at)
         SELECT $1, person.id, false, $2, person.key_id, person.details, person.at, person.at
         FROM unnest($3, $4, $5, $6) AS person (id, key_id, details, at)",
    )
    .bind::<SqlUuid, _>(practice.uuid())
    .bind::<SqlUuid, _>(team_id.uuid())
    .bind::<Array<SqlUuid>, _>(people.iter().map(|person| person.id.uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(keys.iter().map(|(id, _)| id.uuid()).collect::<Vec<_>>())
    .bind::<Array<Binary>, _>(sealed)
    .bind::<Array<Timestamptz>, _>(people.iter().map(|person| person.created_at).collect::<Vec<_>>())
    .execute(scope.conn)?;

    let root = scope.root_key(practice.uuid())?;
    let (mut tokens, mut whose): (Vec<Vec<u8>>, Vec<Uuid>) = (Vec::new(), Vec::new());
    for person in people {
        for key in person.details.search_keys() {
            tokens.push(token(&root, &key));
            whose.push(person.id.uuid());
        }
    }
    diesel::sql_query(
        "INSERT INTO search_tokens (practice_id, token, service_user_id, access_restricted, team_id)
         SELECT $1, made.token, made.person, false, $2 FROM unnest($3, $4) AS made (token, person)",
    )
    .bind::<SqlUuid, _>(practice.uuid())
    .bind::<SqlUuid, _>(team_id.uuid())
    .bind::<Array<Binary>, _>(tokens)
    .bind::<Array<SqlUuid>, _>(whose)
    .execute(scope.conn)?;

    Ok(people
        .iter()
        .zip(keys)
        .map(|(person, (_, key))| WrittenPerson {
            about: AboutPerson { service_user_id: person.id, access_restricted: false, team_id },
            key,
        })
        .collect())
}

fn sealed_field(practice: PracticeId, id: ServiceUserId) -> SealedField {
    SealedField { owner: practice.uuid(), table: "service_users", column: "details", row: id.uuid() }
}
