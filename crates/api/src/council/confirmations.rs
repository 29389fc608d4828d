//! What the council confirms of the actions that took effect at once.

use almoner_domain::cases::sampling::Month;
use almoner_domain::fault::InvalidValue;
use almoner_persistence::Page;
use almoner_persistence::referrals::confirmations::{self, Confirmation};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ground::caller::Caller;
use crate::ground::operation::operations;
use crate::ground::page::{PageQuery, Query};
use crate::ground::permission::ConfirmationsRead;
use crate::ground::problem::ApiError;
use crate::ground::reply::Reply;
use crate::ground::routes::Routes;

pub(super) fn routes(door: &mut Routes) {
    operations!(door: list);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ConfirmationsOf {
    /// The month, which is over: the last such month, if left out.
    #[param(min_length = 7, max_length = 7, pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    month: Option<String>,
}

/// Lists what the council confirms of the actions that took effect at once, in a month that is over.
///
/// It is a tenth of what each practice did on evidence in cases of this council, and at least one, and all that was done on the
/// council's instruction. The same month always gives the same list, and no practice can work it out.
#[utoipa::path(get, path = "/confirmations")]
async fn list(
    caller: Caller<ConfirmationsRead>,
    page: Query<PageQuery>,
    of: Query<ConfirmationsOf>,
) -> Result<Reply<Page<Confirmation>>, ApiError> {
    let paging = page.0.paging()?;
    let refused = |invalid: InvalidValue| ApiError::parameter("month", invalid.to_string());
    let asked = of.0.month.as_deref().map(Month::parse).transpose().map_err(refused)?;
    caller
        .scope(move |scope| {
            let month = asked.unwrap_or_else(|| Month::before(scope.today()));
            month.check(scope.today()).map_err(refused)?;
            Reply::ok(&confirmations::list(scope, month, &paging)?)
        })
        .await
}
