//! Invitations: links with which somebody joins, or resets a lost password and second factor.

use std::sync::Arc;

use almoner_persistence::access::invitations::{self, Invitation, InvitationPurpose};
use almoner_persistence::access::second_factor::Factor;
use almoner_persistence::tenancy::councils::CouncilName;
use almoner_persistence::tenancy::practices::PracticeName;
use almoner_persistence::{PlaceKind, Seat, StoreError, access::accounts};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::own_account::{NewAuthenticator, fits};
use super::sign_in::{BY_INVITATION, Password, THIS_ADDRESS, Throttle};
use crate::ground::body::Body;
use crate::ground::caller::{Anyone, Invited};
use crate::ground::door::Door;
use crate::ground::no_record;
use crate::ground::operation::operations;
use crate::ground::problem::{ApiError, Kind};
use crate::ground::reply::{Reply, Representation};
use crate::ground::routes::Routes;
use crate::ground::service::Service;

pub(super) fn routes<D: Door>(door: &mut Routes) {
    operations!(door: open::<D>, accept::<D> refuses InvalidCredentials);
}

/// A request to open an invitation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "token": "AZN8XisAekGdbF8OGis8TQGTfF4rAHpBnWxfDhorPE0" }))]
struct OpenInvitation {
    /// The token of the invitation's link.
    #[schema(max_length = 200, pattern = "^[A-Za-z0-9_-]*$")]
    token: String,
}

/// An open invitation that can still be used.
#[derive(Serialize, ToSchema)]
struct OpenedInvitation {
    /// The email address with which the invited person will sign in.
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// The name of the invited person.
    #[schema(value_type = almoner_domain::words::text::Line<200>)]
    name: String,
    /// The practice to join; absent at another door.
    #[serde(skip_serializing_if = "Option::is_none")]
    practice: Option<PracticeName>,
    /// The council to join; absent at another door.
    #[serde(skip_serializing_if = "Option::is_none")]
    council: Option<CouncilName>,
    /// The secret for a new authenticator. Whoever has an account already goes on with the one they have.
    authenticator: NewAuthenticator,
}

impl Representation for OpenedInvitation {}

/// Whether an invitation's purpose belongs to this door.
fn belongs<D: Door>(invitation: &Invitation) -> bool {
    match invitation.purpose {
        InvitationPurpose::Join => invitation.seat.map(Seat::kind) == D::PLACE,
        InvitationPurpose::Operate => D::PLACE == Some(PlaceKind::Service) && invitation.account.is_none(),
        // A link that an operator drew serves at any door at which the account can have a place.
        InvitationPurpose::ResetCredentials => invitation.account.as_ref().is_some_and(|account| {
            account.operator == (D::PLACE == Some(PlaceKind::Service))
                && invitation.seat.is_none_or(|seat| Some(seat.kind()) == D::PLACE)
        }),
    }
}

fn ended() -> ApiError {
    ApiError::new(Kind::InvitationExpired)
}

/// Opens an invitation.
///
/// The answer names the invited person and has the secret for their authenticator. Opening it again draws another
/// secret.
#[utoipa::path(post, path = "/invitations/open")]
async fn open<D: Door>(
    Invited(anyone): Invited,
    body: Body<OpenInvitation>,
) -> Result<Reply<OpenedInvitation>, ApiError> {
    let (Anyone { service, request, .. }, OpenInvitation { token }) = (anyone, body.value);
    let open = move |service: &Service| {
        service.store.identity(request, |scope| {
            let invitation = invitations::find(scope, &token)?.filter(belongs::<D>).ok_or_else(ended)?;
            let (secret, address) = invitations::begin(scope, &invitation)?;
            Reply::ok(&no_record::own(OpenedInvitation {
                email: invitation.email,
                name: invitation.name,
                practice: invitation.practice,
                council: invitation.council,
                authenticator: NewAuthenticator {
                    secret: secret.base32().to_string(),
                    otpauth_uri: address.to_string(),
                },
            }))
        })
    };
    service.block(open).await
}

/// A request to accept an invitation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "token": "AZN8XisAekGdbF8OGis8TQGTfF4rAHpBnWxfDhorPE0", "password": "correct horse battery staple", "code": "492039",
}))]
struct AcceptInvitation {
    /// The token of the invitation's link.
    #[schema(max_length = 200, pattern = "^[A-Za-z0-9_-]*$")]
    token: String,
    /// The password: 12 to 128 characters of any kind. A person who already has an account gives the account's present
    /// password.
    password: Password,
    /// The six digits that the authenticator shows.
    #[schema(max_length = 20, pattern = "^[0-9 -]*$")]
    code: String,
}

/// An accepted invitation.
#[derive(Serialize, ToSchema)]
struct AcceptedInvitation {
    /// The email address with which the person can sign in now.
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// Recovery codes, which are shown only once. Each can be used once in place of an authenticator's code. A person
    /// who already had an account gets none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10, value_type = Vec<almoner_domain::words::text::Line<40>>)]
    recovery_codes: Vec<String>,
}

impl Representation for AcceptedInvitation {}

/// Accepts an invitation, with a password of the holder's own choosing and a code of their authenticator.
///
/// A person who already has an account gives its password and a code of the authenticator that they have.
#[utoipa::path(post, path = "/invitations/accept")]
async fn accept<D: Door>(
    Invited(anyone): Invited,
    body: Body<AcceptInvitation>,
) -> Result<Reply<AcceptedInvitation>, ApiError> {
    let (Anyone { service, request, .. }, AcceptInvitation { token, password, code }) = (anyone, body.value);
    let find = move |service: &Service| {
        service
            .store
            .identity(request, |scope| invitations::find(scope, &token)?.filter(belongs::<D>).ok_or_else(ended))
    };
    let invitation = Arc::clone(&service).block(find).await?;
    let joins = invitation.purpose == InvitationPurpose::Join;
    let (hash, known) = if let Some(account) = invitation.account.as_ref().filter(|_| joins) {
        let throttle = Throttle::new(&invitation.email, request.from);
        throttle.take(&service, THIS_ADDRESS)?;
        let hash = account.password_hash.clone();
        let fits = !password.is_too_long() && throttle.take(&service, BY_INVITATION).is_ok();
        let right = service.passwords.check(password.normal(), Some(hash)).await?.right && fits;
        (String::new(), Some((account.account_id, right, account.operator)))
    } else {
        let mut words = vec![invitation.name.as_str(), invitation.email.as_str()];
        words.extend(invitation.practice.as_ref().map(|practice| practice.name.as_str()));
        words.extend(invitation.council.as_ref().map(|council| council.name.as_str()));
        fits(&password, &words, "/password")?;
        (service.passwords.hash(password.normal()).await?, None)
    };
    let accept = move |service: &Service| {
        service.store.identity(request, |scope| {
            let accepted = match known {
                None => invitations::accept(scope, &invitation, &hash, &code),
                // The record of the refusal is committed.
                Some((account, right, _)) if !accounts::prove(scope, Some(account), right, &Factor::Code(code))? => {
                    return Ok(Err(ApiError::new(Kind::InvalidCredentials)));
                }
                // An operator's account is nobody's at a practice or a council. The code is used up.
                Some((account, _, true)) => {
                    accounts::refuse_here(scope, account)?;
                    return Ok(Err(ApiError::new(Kind::InvalidCredentials)));
                }
                Some((account, ..)) => invitations::join(scope, &invitation, account).map(|()| Some(Vec::new())),
            };
            // An invitation that another request used in the meantime is no longer found.
            let accepted = accepted.map_err(|error| match error {
                StoreError::NotFound => ended(),
                other => other.into(),
            })?;
            let recovery_codes = accepted.ok_or_else(|| ApiError::new(Kind::InvalidCredentials))?;
            Reply::ok(&no_record::own(AcceptedInvitation { email: invitation.email, recovery_codes })).map(Ok)
        })
    };
    service.block(accept).await?
}
