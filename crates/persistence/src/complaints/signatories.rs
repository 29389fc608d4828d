//! The officers of a council's complaints desk, and whom of them the responsible person authorises to sign responses (SI 2009/309 reg
//! 4(3)).

use almoner_domain::events::Event;
use almoner_domain::ids::OfficerId;
use almoner_domain::officers::roles::OfficerRole;
use almoner_domain::words::text::Line;
use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::assignments::officer_to_assign;
use crate::ground::error::StoreError;
use crate::ground::on_record::OnRecord;
use crate::ground::schema::{complaint_signatories, officers};
use crate::ground::scope::ComplaintsScope;
use crate::officers::parse_roles;
use crate::officers::roles::{answers_for_the_council, not_gone};

/// An officer who works on the council's complaints.
#[derive(Clone, Serialize, ToSchema)]
pub struct ComplaintsOfficer {
    /// The identifier of the officer.
    pub id: OfficerId,
    /// Their name.
    #[schema(value_type = Line<200>)]
    pub name: String,
    /// Their roles in complaints.
    #[schema(max_items = 3)]
    pub roles: Vec<OfficerRole>,
    /// Whether they sign responses: by their role, or authorised by the responsible person.
    pub signs: bool,
    /// When a second person last confirmed them: as somebody new, or after their password and second factor were replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<DateTime<Utc>>,
    /// Whether they wait for that. Until then they open nothing.
    pub awaits_confirmation: bool,
}

/// The officers who work on the council's complaints.
#[derive(Clone, Serialize, ToSchema)]
pub struct ComplaintsOfficers {
    /// The officers.
    #[schema(max_items = 500)]
    pub items: Vec<ComplaintsOfficer>,
}

/// Whether the caller is the responsible person, who stands in for them, or an officer whom they authorised.
pub(super) fn may_sign(scope: &mut ComplaintsScope<'_>) -> Result<bool, StoreError> {
    let officer = scope.officer()?;
    if answers_for_the_council(&scope.worker().roles) {
        return Ok(true);
    }
    let own =
        complaint_signatories::table.find((scope.council_id(), officer)).select(complaint_signatories::officer_id);
    Ok(diesel::select(exists(own)).get_result(scope.conn)?)
}

/// Lists the officers who work on the council's complaints, and are there, with those who wait to be confirmed for it: so everybody is
/// told of each.
pub fn list(scope: &mut ComplaintsScope<'_>) -> Result<OnRecord<ComplaintsOfficers>, StoreError> {
    type Row = (OfficerId, String, (Vec<String>, Vec<String>), Times, Option<OfficerId>);
    type Times = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);
    let council = scope.council_id();
    let rows: Vec<Row> = officers::table
        .left_join(
            complaint_signatories::table.on(complaint_signatories::council_id
                .eq(officers::council_id)
                .and(complaint_signatories::officer_id.eq(officers::officer_id))),
        )
        .filter(officers::council_id.eq(council).and(officers::account_id.is_not_null()))
        .filter(not_gone!(scope.at()))
        .order(officers::officer_id)
        .limit(500)
        .select((
            officers::officer_id,
            officers::name,
            (officers::roles, officers::unconfirmed_roles),
            (officers::confirmed_at, officers::unconfirmed_at),
            complaint_signatories::officer_id.nullable(),
        ))
        .load(scope.conn)?;
    let of_complaints = |roles: &[String]| -> Result<Vec<OfficerRole>, StoreError> {
        Ok(parse_roles(roles)?.into_iter().filter(|role| role.is_of_complaints()).collect())
    };
    let mut items = Vec::new();
    for (id, name, (working, waiting), (confirmed_at, unconfirmed_at), authorised) in rows {
        let (mut roles, waiting) = (of_complaints(&working)?, of_complaints(&waiting)?);
        let works = !roles.is_empty() && unconfirmed_at.is_none();
        let signs = works && (answers_for_the_council(&roles) || authorised.is_some());
        let awaits_confirmation = !works || waiting.iter().any(|role| !roles.contains(role));
        if !works {
            roles.extend(waiting.into_iter().filter(|role| !roles.contains(role)).collect::<Vec<_>>());
        }
        if !roles.is_empty() {
            items.push(ComplaintsOfficer { id, name, roles, signs, confirmed_at, awaits_confirmation });
        }
    }
    scope.record_read(ComplaintsOfficers { items }, Event::ComplaintPeopleListed { council })
}

/// Authorises an officer who works on complaints. The same again changes nothing.
pub fn authorise(scope: &mut ComplaintsScope<'_>, officer: OfficerId) -> Result<(), StoreError> {
    let by = scope.officer()?;
    // Whoever does not work on complaints is nobody here.
    officer_to_assign(scope, officer, "").map_err(|_| StoreError::NotFound)?;
    let written = diesel::insert_into(complaint_signatories::table)
        .values((
            complaint_signatories::council_id.eq(scope.council_id()),
            complaint_signatories::officer_id.eq(officer),
            complaint_signatories::authorised_by.eq(by),
            complaint_signatories::authorised_at.eq(scope.at()),
        ))
        .on_conflict_do_nothing()
        .execute(scope.conn)?;
    if written == 0 { Ok(()) } else { scope.record(Event::SignatoryAuthorised { officer }) }
}

/// Ends an officer's authority.
pub fn end(scope: &mut ComplaintsScope<'_>, officer: OfficerId) -> Result<(), StoreError> {
    let ended = diesel::delete(complaint_signatories::table.find((scope.council_id(), officer))).execute(scope.conn)?;
    if ended == 0 {
        return Err(StoreError::NotFound);
    }
    scope.record(Event::SignatoryEnded { officer })
}
