//! The rights of a complainant, which every receipt says.

use almoner_domain::words::text::Line;
use serde::Serialize;
use utoipa::ToSchema;

/// The rights of a complainant, in sentences that an app can show. They are the same in every receipt: which council answers, the
/// complainant reads once an officer has the complaint.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Rights {
    /// Says that nobody is treated worse for having complained.
    #[schema(value_type = Line<500>)]
    pub no_detriment: String,
    /// Says that somebody independent can help to complain.
    #[schema(value_type = Line<500>)]
    pub advocacy: String,
    /// Says that the complaint is the council's, and is not open to those whom it is about.
    #[schema(value_type = Line<500>)]
    pub council: String,
    /// Says that the complaint can be taken to the Ombudsman afterwards.
    #[schema(value_type = Line<500>)]
    pub ombudsman: String,
}

impl Rights {
    pub(super) fn in_words() -> Self {
        Self {
            no_detriment:
                "You will not be treated worse, or lose any service, because you complained. Tell us at once if you \
                           feel that you have been."
                    .to_owned(),
            advocacy: "Somebody independent can help you to complain, free of charge. The public page of the practice, and your \
                       council, say who."
                .to_owned(),
            council: "Your complaint is your council's. Nobody whom it is about may read it, and you can ask who has it at any \
                      time."
                .to_owned(),
            ombudsman: "If you are not satisfied with the answer, you can go to the Local Government and Social Care \
                        Ombudsman."
                .to_owned(),
        }
    }
}
