//! How somebody complains, as the public reads it: about a practice, or to a council.

use almoner_domain::complaints::ombudsman::Ombudsman;
use almoner_domain::ids::PracticeId;
use almoner_domain::words::characters::letters_and_digits;
use almoner_domain::words::slug::Slug;
use almoner_domain::words::text::{Line, Passage};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::council_contacts::{ComplaintsColumns, ComplaintsContact};
use super::councils::CouncilName;
use super::practices::PracticeName;
use crate::ground::error::StoreError;
use crate::ground::schema::{contracts, councils, practices};
use crate::ground::scope::PublicScope;

/// What everybody may rely on who complains.
const NO_DETRIMENT: &str = "Nobody is treated worse, or loses any service, because they complained. A complaint is the council's: nobody whom \
                            it is about may read it.";

/// How somebody complains about a practice.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ComplaintsProcedure {
    /// The practice.
    pub practice: PracticeName,
    /// The procedure for complaining, in the practice's plain words.
    #[schema(value_type = Passage<10000>)]
    pub procedure: String,
    /// The local independent advocacy service.
    #[schema(value_type = Passage<2000>)]
    pub advocacy: String,
    /// The councils for which the practice works today. A complaint about it is a complaint to one of them.
    #[schema(max_items = 200)]
    pub councils: Vec<CouncilToComplainTo>,
    /// What everybody may rely on who complains.
    #[schema(value_type = Line<500>)]
    pub no_detriment: &'static str,
    /// To whom somebody goes who is not satisfied with the council's answer.
    pub ombudsman: &'static Ombudsman,
}

/// A council, and where somebody complains to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CouncilToComplainTo {
    /// The council.
    pub council: CouncilName,
    /// Where somebody complains to it, once the council has said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<ComplaintsContact>,
}

/// How somebody complains to a council.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CouncilComplaintsProcedure {
    /// The council, and where somebody complains to it.
    #[serde(flatten)]
    pub to: CouncilToComplainTo,
    /// What everybody may rely on who complains.
    #[schema(value_type = Line<500>)]
    pub no_detriment: &'static str,
    /// To whom somebody goes who is not satisfied with the council's answer.
    pub ombudsman: &'static Ombudsman,
}

/// Finds how somebody complains about a practice, even about a suspended one.
pub fn of_practice(scope: &mut PublicScope<'_>, slug: &Slug) -> Result<ComplaintsProcedure, StoreError> {
    let (practice_id, practice, procedure, advocacy): (PracticeId, _, _, _) = practices::table
        .filter(practices::slug.eq(slug))
        .select((
            practices::practice_id,
            PracticeName::as_select(),
            practices::complaints_procedure,
            practices::advocacy,
        ))
        .first(scope.conn)?;
    let today = scope.today();
    let in_force = contracts::table
        .filter(contracts::practice_id.eq(practice_id).and(contracts::starts_on.le(today)))
        .filter(contracts::ends_on.is_null().or(contracts::ends_on.ge(today)))
        .select(contracts::council_id);
    let rows: Vec<(CouncilName, ComplaintsColumns)> = councils::table
        .filter(councils::council_id.eq_any(in_force))
        .order((councils::name, councils::council_id))
        .limit(200)
        .select((CouncilName::as_select(), ComplaintsColumns::as_select()))
        .load(scope.conn)?;
    let councils = rows.into_iter().map(shown).collect::<Result<_, _>>()?;
    let ombudsman = Ombudsman::of_councils();
    Ok(ComplaintsProcedure { practice, procedure, advocacy, councils, no_detriment: NO_DETRIMENT, ombudsman })
}

/// Finds how somebody complains to a council.
pub fn of_council(scope: &mut PublicScope<'_>, code: &str) -> Result<CouncilComplaintsProcedure, StoreError> {
    let row: (CouncilName, ComplaintsColumns) = councils::table
        .filter(councils::gss_code.eq(typed(code)))
        .select((CouncilName::as_select(), ComplaintsColumns::as_select()))
        .first(scope.conn)?;
    let ombudsman = Ombudsman::of_councils();
    Ok(CouncilComplaintsProcedure { to: shown(row)?, no_detriment: NO_DETRIMENT, ombudsman })
}

/// A council's code as it was typed: in any case, with or without spaces.
pub(crate) fn typed(code: &str) -> String {
    letters_and_digits(code).to_ascii_uppercase()
}

fn shown((council, columns): (CouncilName, ComplaintsColumns)) -> Result<CouncilToComplainTo, StoreError> {
    Ok(CouncilToComplainTo { council, contact: columns.contact()? })
}
