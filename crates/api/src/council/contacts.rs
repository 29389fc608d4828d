//! The contacts of the council, which its officers keep.

use almoner_persistence::referrals::council_requests;
use almoner_persistence::tenancy::council_contacts::{self, ContactDetails, CouncilContacts};
use serde_json::{Value, json};

use crate::ground::body::{MergePatch, Patchable};
use crate::ground::caller::Caller;
use crate::ground::etag::IfMatch;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::permission::{ContactsManage, ContactsRead};
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: read, change);
}

impl Patchable for ContactDetails {
    fn example() -> Value {
        json!({ "complaints": {
            "address": "Customer Feedback, Guildhall, Frankwell Quay, Shrewsbury SY3 8HQ", "phone": "0345 678 9077",
            "email": "complaints@shropshire.example", "website": "www.shropshire.example/complaints",
            "advocacy": "Taking Part, 01743 363399, helps free of charge, and is no part of the council.",
        } })
    }
}

/// Shows the contacts of the council.
#[utoipa::path(get, path = "/contacts")]
async fn read(caller: Caller<ContactsRead>) -> Result<Reply<CouncilContacts>, ApiError> {
    caller.read(move |scope| council_contacts::find(scope).map(no_record::of_a_tenant)).await
}

/// Changes the contacts of the council from today on, as a merge patch (RFC 7396).
///
/// The next answer about an urgent referral has the new number.
#[utoipa::path(patch, path = "/contacts")]
async fn change(
    caller: Caller<ContactsManage>,
    if_match: IfMatch,
    patch: MergePatch<ContactDetails>,
) -> Result<Reply<CouncilContacts>, ApiError> {
    caller
        .change(if_match, council_contacts::find, move |scope, known| {
            let details = patch.apply(&known.details)?;
            Ok::<_, ApiError>(council_requests::change_contacts(scope, known, &details)?)
        })
        .await
}
