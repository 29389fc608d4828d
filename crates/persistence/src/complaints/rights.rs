//! The rights of a complainant, which every receipt says.

use almoner_domain::words::text::{Line, Passage};
use serde::Serialize;
use utoipa::ToSchema;

/// The rights of a complainant, in sentences that an app can show.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Rights {
    /// Says that nobody is treated worse for having complained.
    #[schema(value_type = Line<500>)]
    pub no_detriment: String,
    /// Says where to find local independent advocacy.
    #[schema(value_type = Passage<2000>)]
    pub advocacy: String,
    /// Says that the complaint can be made directly to the council.
    #[schema(value_type = Line<500>)]
    pub council: String,
    /// Says that the complaint can be taken to the Ombudsman afterwards.
    #[schema(value_type = Line<500>)]
    pub ombudsman: String,
}

impl Rights {
    pub(super) fn with(advocacy: String) -> Self {
        Self {
            no_detriment:
                "You will not be treated worse, or lose any service, because you complained. Tell us at once if you \
                           feel that you have been."
                    .to_owned(),
            advocacy,
            council: "You can complain straight to your council at any time; it stays responsible for your care."
                .to_owned(),
            ombudsman: "If you are not satisfied with the answer, you can go to the Local Government and Social Care \
                        Ombudsman."
                .to_owned(),
        }
    }
}
