//! The people who are something to a person, and what these are to one another, in one answer.

use almoner_domain::events::Event;
use almoner_domain::ids::{RelationshipId, ServiceUserId};
use almoner_domain::people::flags::Flags;
use almoner_domain::people::relationship::{Part, RelationshipKept};
use almoner_domain::words::text::Line;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::relationships::{Row, around, of_person, sealed_field};
use crate::ground::error::StoreError;
use crate::ground::keys::{WrappedKeys, wrapped_keys};
use crate::ground::on_record::OnRecord;
use crate::ground::schema::relationships;
use crate::ground::scope::PracticeScope;
use crate::people::service_users::ServiceUser;

/// The most relationships of one person that a network shows, and the most between those whom it shows.
const MOST: i64 = 200;

/// A person and those around them, as far as the caller may see them.
#[derive(Clone, Serialize, ToSchema)]
pub struct Network {
    /// The people, the person first.
    #[schema(max_items = 201)]
    pub people: Vec<PersonInNetwork>,
    /// What they are to one another, the person's own relationships first.
    #[schema(max_items = 400)]
    pub ties: Vec<Tie>,
}

/// Somebody in a network.
#[derive(Clone, Serialize, ToSchema)]
pub struct PersonInNetwork {
    /// The identifier by which the ties name them.
    pub id: Uuid,
    /// The identifier of their record, if they have one at the practice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_user_id: Option<ServiceUserId>,
    /// Their name, as it is said.
    #[schema(value_type = Line<500>)]
    pub name: String,
    /// The flags of their record, which a visitor must see first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flags: Option<Flags>,
}

/// What two people in a network are to one another.
#[derive(Clone, Serialize, ToSchema)]
pub struct Tie {
    /// The relationship.
    pub relationship_id: RelationshipId,
    /// The first of the two.
    pub one: Uuid,
    /// The second.
    pub other: Uuid,
    /// What the first is to the second.
    pub one_is: Part,
    /// What the second is to the first.
    pub other_is: Part,
    /// Whether the two live together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live_together: Option<bool>,
}

impl From<&ServiceUser> for PersonInNetwork {
    fn from(person: &ServiceUser) -> Self {
        Self {
            id: person.id.uuid(),
            service_user_id: Some(person.id),
            name: person.details.spoken_name(),
            flags: Some(person.flags),
        }
    }
}

/// Reads the network of a person: the relationships that hold, and those that hold between the people who are something to them.
pub fn read(scope: &mut PracticeScope<'_>, person: ServiceUserId) -> Result<OnRecord<Network>, StoreError> {
    let practice = scope.practice_id().uuid();
    let own: Vec<(Row, WrappedKeys)> = of_person!(scope, person)
        .filter(relationships::ended_at.is_null())
        .order(relationships::relationship_id)
        .limit(MOST)
        .select((Row::as_select(), wrapped_keys!(relationships, practice)))
        .load(scope.conn)?;
    let people = around(scope, person, own.iter().map(|(row, _)| row))?;
    let mut between = Vec::new();
    if people.len() > 2 {
        let others: Vec<ServiceUserId> = people[1..].iter().map(|one| one.id).collect();
        between = relationships::table
            .filter(relationships::practice_id.eq(practice).and(relationships::ended_at.is_null()))
            .filter(relationships::service_user_id.eq_any(&others))
            .filter(relationships::other_service_user_id.eq_any(&others))
            .order(relationships::relationship_id)
            .limit(MOST)
            .select((Row::as_select(), wrapped_keys!(relationships, practice)))
            .load(scope.conn)?;
    }
    let mut people: Vec<PersonInNetwork> = people.iter().map(PersonInNetwork::from).collect();
    let mut ties = Vec::new();
    for (row, keys) in own.into_iter().chain(between) {
        let key = scope.unwrap(practice, row.key_id, &keys)?;
        let said = key.open::<RelationshipKept>(sealed_field(scope, row.relationship_id), &row.content)?.said;
        if let Some(without_record) = &said.without_record {
            people.push(PersonInNetwork {
                id: row.relationship_id.uuid(),
                service_user_id: None,
                name: without_record.name.to_string(),
                flags: None,
            });
        }
        ties.push(Tie {
            relationship_id: row.relationship_id,
            one: row.service_user_id.uuid(),
            other: row.other_service_user_id.map_or_else(|| row.relationship_id.uuid(), ServiceUserId::uuid),
            one_is: said.person_is,
            other_is: said.other_is,
            live_together: said.live_together,
        });
    }
    scope.record_read(Network { people, ties }, Event::RelationshipsRead { person })
}
