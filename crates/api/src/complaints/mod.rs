//! The complaints' door, for those who work on complaints of a council: its officers, and the guests whom these let in by name. Nobody
//! reads a complaint here that is not assigned to them.

mod assignments;
mod bundle;
mod closing;
mod desk;
mod documents;
mod guests;
mod handling;
mod heads;
mod hearings;
mod learning;
mod letters;
mod limiting;
mod linking;
mod messages;
mod offers;
mod planning;
mod practices;
mod record;
mod reporting;
mod requests;
mod response;
mod sessions;
mod written_record;

use almoner_domain::ids::ComplaintId;
use almoner_persistence::complaints::changing;
use almoner_persistence::complaints::reading::{self, Complaint};
use almoner_persistence::{ComplaintsScope, StoreError};
use uuid::Uuid;

use crate::account;
use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::door::ComplaintsDoor;
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::permission::Permission;
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, Reply};
use crate::ground::routes::Routes;

/// Registers every operation of the door.
pub(crate) fn routes(service: &mut Routes) {
    service.under("/v1/complaints", |door| {
        sessions::routes(door);
        account::routes::<ComplaintsDoor>(door);
        desk::routes(door);
        offers::routes(door);
        guests::routes(door);
        handling::routes(door);
        messages::routes(door);
        documents::routes(door);
        assignments::routes(door);
        planning::routes(door);
        written_record::routes(door);
        practices::routes(door);
        record::routes(door);
        linking::routes(door);
        reporting::routes(door);
        learning::routes(door);
        heads::routes(door);
        hearings::routes(door);
        response::routes(door);
        closing::routes(door);
        bundle::routes(door);
        requests::routes(door);
        limiting::routes(door);
    });
}

/// Changes a complaint in the version that the caller has seen, and answers with the complaint. Of two at once the second waits for the
/// first, and is told then that the version is another.
async fn change<P: Permission<Door = ComplaintsDoor>>(
    caller: Caller<P>,
    if_match: IfMatch,
    id: ComplaintId,
    act: impl for<'a, 's> FnOnce(&'a mut ComplaintsScope<'s>, &Complaint) -> Result<(), StoreError> + Send + 'static,
) -> Result<Reply<Complaint>, ApiError> {
    caller.change(if_match, move |scope| changing::find_alone(scope, id), act).await
}

/// Adds something to a complaint, in whichever version it is, and answers with the complaint.
async fn add<P: Permission<Door = ComplaintsDoor>, B: Send + 'static, Id: Into<Uuid>>(
    caller: Caller<P>,
    key: IdempotencyKey,
    body: Body<B>,
    id: ComplaintId,
    make: impl for<'a, 's> FnOnce(&'a mut ComplaintsScope<'s>, &B) -> Result<Id, StoreError> + Send + 'static,
) -> Result<Created<Complaint>, ApiError> {
    caller
        .create(
            key,
            body,
            move |scope, new| make(scope, new).map(Into::into),
            move |scope, _| reading::find(scope, id).map(no_record::changed),
            |complaint| format!("/v1/complaints/{}", complaint.id),
        )
        .await
}
