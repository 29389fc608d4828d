//! The letterboxes at a practice's desk. A member of staff writes a complaint down for somebody, or the minute of an oral concern that was
//! settled on the spot, and it is the council's from that moment. The practice keeps nothing of it, and the answer is the same always.

use almoner_domain::complaints::complaint::LodgeComplaint;
use almoner_domain::complaints::concern::LodgeConcern;
use almoner_persistence::complaints::lodging;
use almoner_persistence::tenancy::practices;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ground::body::Body;
use crate::ground::caller::Caller;
use crate::ground::idempotency_key::UnclaimedKey;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::permission::ComplaintsWriteDown;
use crate::ground::problem::ApiError;
use crate::ground::reply::{Accepted, Representation};
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: write_down, write_minute);
}

/// What becomes of a complaint that was written down: the same words always.
#[derive(Serialize, ToSchema)]
struct HandedOver {
    /// Says who sends the receipt.
    #[schema(value_type = almoner_domain::words::text::Line<500>)]
    receipt: &'static str,
}

impl Representation for HandedOver {}

/// Writes a complaint down for somebody, and hands it to the council.
///
/// The answer is the same whatever becomes of the complaint, and the practice can read nothing of it afterwards. The council sends the
/// receipt to the complainant. The same request again, with its Idempotency-Key, does nothing.
#[utoipa::path(post, path = "/complaints")]
async fn write_down(
    caller: Caller<ComplaintsWriteDown>,
    key: UnclaimedKey,
    body: Body<LodgeComplaint>,
) -> Result<Accepted<HandedOver>, ApiError> {
    caller
        .scope(move |scope| {
            let own_name = practices::own_name(scope)?;
            lodging::write_down(scope, &body.value, &own_name, &key.key(&body))?;
            let receipt = "The council has the complaint now. It sends the receipt to the person who complains.";
            Accepted::showing(&no_record::own(HandedOver { receipt }))
        })
        .await
}

/// Hands the council the minute of an oral concern that was settled on the spot.
///
/// An officer asks the person by the end of the next working day whether it is settled. If they do not say so, it is a complaint, of the
/// day on which it was said (SI 2009/309 reg 8(1)(c)). The answer is the same whatever becomes of it, and the practice can read nothing of
/// it afterwards. The same request again, with its Idempotency-Key, does nothing.
#[utoipa::path(post, path = "/concerns")]
async fn write_minute(
    caller: Caller<ComplaintsWriteDown>,
    key: UnclaimedKey,
    body: Body<LodgeConcern>,
) -> Result<Accepted<HandedOver>, ApiError> {
    caller
        .scope(move |scope| {
            let own_name = practices::own_name(scope)?;
            lodging::write_minute(scope, &body.value, &own_name, &key.key(&body))?;
            let receipt = "The council has the minute now. It asks the person whether this is settled.";
            Accepted::showing(&no_record::own(HandedOver { receipt }))
        })
        .await
}
