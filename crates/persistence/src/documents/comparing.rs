//! Comparing the place where documents are stored with the rows that name what is in it.

use std::collections::HashSet;

use almoner_domain::ids::{CouncilId, ObjectId, PracticeId};
use chrono::TimeDelta;
use diesel::prelude::*;
use uuid::Uuid;

use crate::ground::error::StoreError;
use crate::ground::objects::{Objects, wait};
use crate::ground::schema::{complaint_documents, council_documents, councils, documents, jobs, practices};
use crate::ground::scope::WorkerScope;
use crate::ground::transaction::{Store, setting};

/// The age up to which an object without a row is no surprise: twice the time after which it is cleared away.
const YOUNG: TimeDelta = TimeDelta::days(2);

/// What a folder of the place where documents are stored has, and how it differs from the rows.
#[derive(Debug)]
pub struct Compared {
    /// The number of objects that are stored.
    pub objects: usize,
    /// The number of rows that have the key of a content.
    pub rows: usize,
    /// The objects, older than two days, of which no row has the key and that no job is about to delete.
    pub without_row: Vec<ObjectId>,
    /// The rows that have the key of a content that is not stored.
    pub without_object: Vec<Keyed>,
}

/// A row that has the key of an object. An object that a council sent has such rows at the council and at each practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Keyed {
    /// The practice or the council whose row it is.
    pub owner: Uuid,
    /// The object of the row.
    pub object: ObjectId,
}

/// Compares one of the 256 folders, whose objects' identifiers begin with this byte, with the rows of all practices and councils.
/// So no more than a 256th of what there is is in memory.
pub fn compare(store: &Store, objects: &Objects, folder: u8) -> Result<Compared, StoreError> {
    // The objects first: one that is stored while the rows are read is too young to be reported.
    let stored = wait(objects.list(folder))?;
    let rows = store.worker(None, |scope| keyed_in(scope, folder))?;
    let keyed: HashSet<Uuid> = rows.iter().map(|row| row.object.uuid()).collect();
    let long_ago = store.clock().now() - YOUNG;
    let old = stored.iter().filter(|object| object.at < long_ago && !keyed.contains(&object.id));
    let without_row = store.worker(None, |scope| unless_due(scope, old.map(|object| object.id.into()).collect()))?;

    let there: HashSet<Uuid> = stored.iter().map(|object| object.id).collect();
    let mut without_object = Vec::new();
    for row in rows.iter().filter(|row| !there.contains(&row.object.uuid())) {
        // It may have been stored since, with its row.
        if !wait(objects.has(row.object.uuid()))? {
            without_object.push(*row);
        }
    }
    if !without_object.is_empty() {
        // Or erased since, with the key in its row.
        let now: HashSet<Keyed> =
            store.worker::<_, StoreError>(None, |scope| keyed_in(scope, folder))?.into_iter().collect();
        without_object.retain(|row| now.contains(row));
    }
    Ok(Compared { objects: stored.len(), rows: rows.len(), without_row, without_object })
}

/// Finds the rows with a key whose objects are in a folder: of one practice after another, and then of one council after another,
/// each in a scope of its own. No role sees the documents of all of them at once.
fn keyed_in(scope: &mut WorkerScope<'_>, folder: u8) -> Result<Vec<Keyed>, StoreError> {
    let (mut first, mut last) = ([0; 16], [u8::MAX; 16]);
    (first[0], last[0]) = (folder, folder);
    let (first, last) = (Uuid::from_bytes(first), Uuid::from_bytes(last));
    let (practices, councils): (Vec<PracticeId>, Vec<CouncilId>) = scope.as_role("almoner_identity", |scope| {
        let practices = practices::table.select(practices::practice_id).load(scope.conn)?;
        Ok((practices, councils::table.select(councils::council_id).load(scope.conn)?))
    })?;
    let mut keyed = Vec::new();
    for practice in practices {
        scope.become_role("almoner_worker", &[setting("app.practice", practice.uuid())])?;
        let objects: Vec<ObjectId> = documents::table
            .filter(documents::practice_id.eq(practice).and(documents::object_id.between(first, last)))
            .filter(documents::content_key.is_not_null())
            .select(documents::object_id)
            .load(scope.conn)?;
        keyed.extend(objects.into_iter().map(|object| Keyed { owner: practice.uuid(), object }));
    }
    for council in councils {
        scope.become_role("almoner_worker", &[setting("app.council", council.uuid())])?;
        let objects: Vec<ObjectId> = council_documents::table
            .filter(council_documents::council_id.eq(council).and(council_documents::object_id.between(first, last)))
            .filter(council_documents::content_key.is_not_null())
            .select(council_documents::object_id)
            .load(scope.conn)?;
        let of_complaints: Vec<ObjectId> = complaint_documents::table
            .filter(
                complaint_documents::council_id.eq(council).and(complaint_documents::object_id.between(first, last)),
            )
            .filter(complaint_documents::content_key.is_not_null())
            .select(complaint_documents::object_id)
            .load(scope.conn)?;
        let objects = objects.into_iter().chain(of_complaints);
        keyed.extend(objects.map(|object| Keyed { owner: council.uuid(), object }));
    }
    Ok(keyed)
}

/// Leaves out the objects that a job is about to delete, because they were erased, or begun and never sent.
fn unless_due(scope: &mut WorkerScope<'_>, mut objects: Vec<ObjectId>) -> Result<Vec<ObjectId>, StoreError> {
    let due: HashSet<Uuid> = jobs::table
        .filter(jobs::done_at.is_null().and(jobs::subject_id.eq_any(objects.iter().map(|object| object.uuid()))))
        .select(jobs::subject_id)
        .load(scope.conn)?
        .into_iter()
        .collect();
    objects.retain(|object| !due.contains(&object.uuid()));
    Ok(objects)
}
