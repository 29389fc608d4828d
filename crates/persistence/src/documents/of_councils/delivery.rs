//! Giving the documents of a council's request to the practice that has it now: rows of the practice's own, for the same objects,
//! with the key of each sealed once more, under the referral's.

use std::collections::HashMap;

use almoner_domain::documents::{DocumentKind, DocumentStatus};
use almoner_domain::events::{Event, LogOwner};
use almoner_domain::ids::{CouncilId, CouncilRequestId, DocumentId, KeyId};
use chrono::{DateTime, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use uuid::Uuid;

use super::sealed_field;
use crate::documents::holder::Place;
use crate::documents::listing::{self, Details};
use crate::documents::sending::replaced_meanwhile;
use crate::ground::error::StoreError;
use crate::ground::schema::{council_documents, documents};
use crate::ground::scope::{CouncilScope, Intake};
use crate::ground::sealing::Key;

#[derive(Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[diesel(table_name = council_documents)]
struct DeliveredRow {
    document_id: DocumentId,
    first_id: DocumentId,
    kind: DocumentKind,
    size: i64,
    key_id: KeyId,
    details: Vec<u8>,
    object_id: Uuid,
    content_key: Option<Vec<u8>>,
    status: DocumentStatus,
    sent_at: DateTime<Utc>,
    scanned_at: Option<DateTime<Utc>>,
}

/// A document on its way to a practice.
struct Delivery {
    row: DeliveredRow,
    details: Details,
    key: Key,
}

/// Documents of one request on their way to a practice, in the order in which they were sent.
pub(crate) struct Deliveries {
    council: CouncilId,
    documents: Vec<Delivery>,
}

/// Opens the documents of a request for the practice that has it now: all of them, or the one that was just sent. One in which the
/// scanner found something goes nowhere.
pub(crate) fn deliveries_of(
    scope: &mut CouncilScope<'_>,
    request: CouncilRequestId,
    only: Option<DocumentId>,
) -> Result<Deliveries, StoreError> {
    let council = scope.council_id();
    // The policy of the council's door hides from one system what waits of another's.
    let rows: Vec<DeliveredRow> = scope.as_role("almoner_intake", |scope| {
        let rows = council_documents::table
            .filter(council_documents::council_id.eq(council).and(council_documents::council_request_id.eq(request)))
            .filter(council_documents::content_key.is_not_null())
            .filter(only.is_none().into_sql::<Bool>().or(council_documents::document_id.nullable().eq(only)))
            .order(council_documents::document_id)
            .select(DeliveredRow::as_select())
            // The scanner's answer waits until the practice has the documents, and so reaches each of them.
            .for_share()
            .load(scope.conn)?;
        Ok(rows)
    })?;
    let mut documents = Vec::with_capacity(rows.len());
    for row in rows {
        let key = scope.key(council.uuid(), row.key_id)?;
        let details = key.open(sealed_field(council.uuid(), row.document_id), &row.details)?;
        let sealed = row.content_key.as_deref().ok_or(StoreError::Sealed)?;
        let key = key.unwrap_key(council.uuid(), row.document_id.uuid(), sealed)?;
        documents.push(Delivery { row, details, key });
    }
    Ok(Deliveries { council, documents })
}

impl Intake<'_, '_> {
    /// Adds documents to a referral of the practice's. Each has an identifier of the practice's own, and versions are numbered
    /// among those that the practice has.
    pub(crate) fn deliver(&mut self, place: &Place, deliveries: &Deliveries) -> Result<(), StoreError> {
        let practice = self.practice;
        let mut versions = self.versions_of(place, deliveries)?;
        let key = self.scope.key(practice.uuid(), place.key_id)?;
        for Delivery { row, details, key: content_key } in &deliveries.documents {
            let id: DocumentId = self.scope.next_id();
            let (first_id, number) = versions.get(&row.first_id).map_or((id, 1), |(first, last)| (*first, last + 1));
            versions.insert(row.first_id, (first_id, number));
            diesel::insert_into(documents::table)
                .values((
                    documents::practice_id.eq(practice),
                    documents::document_id.eq(id),
                    place.whereabouts(),
                    documents::council_id.eq(deliveries.council),
                    documents::council_document_id.eq(row.document_id),
                    documents::first_id.eq(first_id),
                    documents::number.eq(number),
                    documents::kind.eq(row.kind),
                    documents::size.eq(row.size),
                    documents::key_id.eq(place.key_id),
                    documents::details.eq(key.seal(listing::sealed_field(practice.uuid(), id), details)?),
                    documents::object_id.eq(row.object_id),
                    documents::content_key.eq(key.wrap(practice.uuid(), id.uuid(), content_key)?),
                    documents::status.eq(row.status),
                    documents::sent_at.eq(row.sent_at),
                    documents::scanned_at.eq(row.scanned_at),
                ))
                .execute(self.scope.conn)
                .map_err(replaced_meanwhile)?;
            let person = place.person();
            self.scope.record_in(LogOwner::Practice(practice), Event::DocumentReceived { document: id, person })?;
        }
        Ok(())
    }

    /// The versions that the referral has already, by the council's identifier of the first: the practice's identifier of it, and
    /// the last number.
    fn versions_of(
        &mut self,
        place: &Place,
        deliveries: &Deliveries,
    ) -> Result<HashMap<DocumentId, (DocumentId, i32)>, StoreError> {
        let is_new_version = |delivery: &Delivery| delivery.row.first_id != delivery.row.document_id;
        let mut versions = HashMap::new();
        if !deliveries.documents.iter().any(is_new_version) {
            return Ok(versions);
        }
        let chains: HashMap<DocumentId, DocumentId> = council_documents::table
            .filter(council_documents::council_id.eq(deliveries.council))
            .filter(council_documents::first_id.eq_any(deliveries.documents.iter().map(|one| one.row.first_id)))
            .select((council_documents::document_id, council_documents::first_id))
            .load(self.scope.conn)?
            .into_iter()
            .collect();
        let known: Vec<(Option<DocumentId>, DocumentId)> = documents::table
            .filter(documents::practice_id.eq(self.practice).and(documents::referral_id.eq(place.referral)))
            .select((documents::council_document_id, documents::first_id))
            .load(self.scope.conn)?;
        // The practice may have added versions of its own, in the case that the referral became.
        let last: HashMap<DocumentId, Option<i32>> = documents::table
            .filter(documents::practice_id.eq(self.practice))
            .filter(documents::first_id.eq_any(known.iter().map(|(_, first)| *first)))
            .group_by(documents::first_id)
            .select((documents::first_id, max(documents::number)))
            .load(self.scope.conn)?
            .into_iter()
            .collect();
        for (theirs, first) in &known {
            if let Some(chain) = theirs.and_then(|theirs| chains.get(&theirs)) {
                versions.insert(*chain, (*first, last.get(first).copied().flatten().unwrap_or(1)));
            }
        }
        Ok(versions)
    }
}
