//! Proposals to link a complaint with another about the same, which a complainant or an officer knows by its reference alone. Whoever has the
//! other answers, and sees no more than the reference of the one that asks; whether there is another, nobody is told.

use almoner_domain::complaints::complaint::Author;
use almoner_domain::complaints::reference::of_a_receipt;
use almoner_domain::events::Event;
use almoner_domain::fault::Fault;
use almoner_domain::ids::{AccountId, ComplaintId, CouncilId, LinkProposalId};
use almoner_domain::refusal::Refusal;
use almoner_domain::words::text::Line;
use chrono::{DateTime, Utc};
use diesel::IntoSql;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Sealed;
use super::barring::concerned;
use super::changing::{Changes, change, find_alone};
use super::reading::Complaint;
use crate::ground::callers::Tenant;
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{
    complaint_assignments, complaint_link_proposals, complaint_links, complaint_receipts, officers,
};
use crate::ground::scope::{ComplaintsScope, Scope};
use crate::ground::transaction::setting;

/// The most proposals that are shown in one complaint.
const MOST_PROPOSALS: i64 = 100;

/// A proposal to link a complaint with another.
#[derive(Clone, Serialize, ToSchema)]
pub struct LinkProposal {
    /// The identifier of the proposal.
    pub id: LinkProposalId,
    /// The reference of the other complaint, as it was given.
    #[schema(value_type = Line<40>)]
    pub reference: String,
    /// Whether it waits for the answer of an officer who has this complaint. Else it was proposed here, and waits for whoever has the
    /// other, if there is another.
    pub to_answer: bool,
    /// Who proposed it: whoever complained, or an officer.
    pub proposed_by: Author,
    /// When it was proposed.
    pub proposed_at: DateTime<Utc>,
}

/// A complaint with which another is to be linked.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reference": "C-7QX4M-2KDPA" }))]
pub struct ProposeLink {
    /// The reference of the other complaint, in any case, with or without its hyphens.
    pub reference: Line<40>,
}

/// The answer to a proposal to link a complaint with another.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "agreed": true }))]
pub struct AnswerProposal {
    /// Whether the two are linked.
    pub agreed: bool,
}

/// Puts down in a complaint that it is to be linked with another, and in that other, if the council has one of this reference. What is done
/// is the same whether or not it has. The caller is the intake of the council.
pub(super) fn insert(
    scope: &mut Scope<'_>,
    (sealed, own_reference): (Sealed, &str),
    other: &Line<40>,
    proposed_by: Author,
) -> Result<LinkProposalId, StoreError> {
    let id: LinkProposalId = scope.next_id();
    let at = scope.at();
    diesel::insert_into(complaint_link_proposals::table)
        .values((
            complaint_link_proposals::council_id.eq(sealed.council),
            complaint_link_proposals::complaint_id.eq(sealed.id),
            complaint_link_proposals::proposal_id.eq(id),
            complaint_link_proposals::reference.eq(other),
            complaint_link_proposals::proposed_by.eq(proposed_by),
            complaint_link_proposals::proposed_at.eq(at),
        ))
        .execute(scope.conn)?;
    let in_the_other = complaint_receipts::table
        .filter(complaint_receipts::council_id.eq(sealed.council).and(complaint_receipts::reference.eq(other)))
        .filter(complaint_receipts::complaint_id.ne(sealed.id))
        .select((
            complaint_receipts::council_id,
            complaint_receipts::complaint_id,
            id.uuid().into_sql::<sql_types::Uuid>(),
            own_reference.into_sql::<sql_types::Text>(),
            Some(sealed.id.uuid()).into_sql::<sql_types::Nullable<sql_types::Uuid>>(),
            proposed_by.as_str().into_sql::<sql_types::Text>(),
            at.into_sql::<sql_types::Timestamptz>(),
        ));
    diesel::insert_into(complaint_link_proposals::table)
        .values(in_the_other)
        .into_columns((
            complaint_link_proposals::council_id,
            complaint_link_proposals::complaint_id,
            complaint_link_proposals::proposal_id,
            complaint_link_proposals::reference,
            complaint_link_proposals::from_id,
            complaint_link_proposals::proposed_by,
            complaint_link_proposals::proposed_at,
        ))
        .execute(scope.conn)?;
    Ok(id)
}

/// Reads the proposals of a complaint that wait: those that were made here and have led to no link, and those that an officer who has it
/// answers. Guests see none.
pub(super) fn of_complaint(scope: &mut ComplaintsScope<'_>, sealed: Sealed) -> Result<Vec<LinkProposal>, StoreError> {
    type Row = (LinkProposalId, String, Option<ComplaintId>, Author, DateTime<Utc>);
    let led_to = complaint_links::table
        .filter(complaint_links::council_id.eq(complaint_link_proposals::council_id))
        .filter(complaint_links::complaint_id.eq(complaint_link_proposals::complaint_id))
        .filter(complaint_links::other_reference.eq(complaint_link_proposals::reference).and(complaint_links::agreed));
    let rows: Vec<Row> = complaint_link_proposals::table
        .filter(complaint_link_proposals::council_id.eq(sealed.council))
        .filter(complaint_link_proposals::complaint_id.eq(sealed.id))
        .filter(complaint_link_proposals::answered_by.is_null())
        .filter(diesel::dsl::not(exists(led_to)))
        .order(complaint_link_proposals::proposal_id)
        .limit(MOST_PROPOSALS)
        .select((
            complaint_link_proposals::proposal_id,
            complaint_link_proposals::reference,
            complaint_link_proposals::from_id,
            complaint_link_proposals::proposed_by,
            complaint_link_proposals::proposed_at,
        ))
        .load(scope.conn)?;
    let shown = |(id, reference, from, proposed_by, proposed_at): Row| LinkProposal {
        id,
        reference,
        to_answer: from.is_some(),
        proposed_by,
        proposed_at,
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// Proposes to link a complaint that the caller has with another, of which they know the reference.
pub fn propose(
    scope: &mut ComplaintsScope<'_>,
    id: ComplaintId,
    with: &ProposeLink,
) -> Result<LinkProposalId, StoreError> {
    scope.officer()?;
    let complaint = find_alone(scope, id)?;
    let Some(other) = of_a_receipt(&with.reference) else {
        return Err(vec![Fault::new("/reference", "must have the shape of a reference, such as C-7QX4M-2KDPA")].into());
    };
    if other.as_str() == complaint.reference {
        return Err(vec![Fault::new("/reference", "must be that of another complaint")].into());
    }
    if complaint.link_proposals.iter().any(|one| one.reference == other.as_str()) {
        let (state, step) = ("waiting for an answer", "made again");
        return Err(Refusal::InvalidState { thing: "proposal", state, step }.into());
    }
    if i64::try_from(complaint.link_proposals.len()).is_ok_and(|waiting| waiting >= MOST_PROPOSALS) {
        let (state, step) = ("waiting for the answers to a hundred proposals", "linked with another");
        return Err(Refusal::InvalidState { thing: "complaint", state, step }.into());
    }
    let council = scope.council_id();
    let own = Some(Tenant::Council(council));
    let named = (complaint.sealed, complaint.reference.as_str());
    let proposal = scope.at_intake_with(own, &[setting("app.council", council.uuid())], |scope| {
        insert(scope, named, &other, Author::Council)
    })?;
    change(scope, &complaint, Changes::default())?;
    scope.record(Event::ComplaintLinkProposed { complaint: id })?;
    Ok(proposal)
}

/// Answers a proposal to link another complaint with one that the caller has. If they agree, the two are linked, and each shows the
/// reference of the other.
pub fn answer(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    proposal: LinkProposalId,
    with: &AnswerProposal,
) -> Result<(), StoreError> {
    let officer = scope.officer()?;
    let council = scope.council_id();
    let own = complaint_link_proposals::table.find((council, complaint.id, proposal));
    let row: (Option<ComplaintId>, String, Option<bool>) = own
        .select((
            complaint_link_proposals::from_id,
            complaint_link_proposals::reference,
            complaint_link_proposals::agreed,
        ))
        .first(scope.conn)?;
    let refused = |state| Err(Refusal::InvalidState { thing: "proposal", state, step: "answered here" }.into());
    let (Some(from), reference, answered) = row else { return refused("made in this complaint") };
    if answered.is_some() {
        return refused("answered");
    }
    if with.agreed && somebody_is_barred(scope, complaint.id, from)? {
        let detail =
            "must be false: somebody who has the other complaint is barred from this one, and would learn of it";
        return Err(vec![Fault::new("/agreed", detail)].into());
    }
    let written = update(own)
        .set((complaint_link_proposals::answered_by.eq(officer), complaint_link_proposals::agreed.eq(with.agreed)))
        .execute(scope.conn)?;
    StoreError::unless_changed(written, "the proposal")?;
    change(scope, complaint, Changes::default())?;
    if with.agreed {
        agree(scope, council, (complaint.id, from), &reference)?;
        let settings = [setting("app.council", council.uuid())];
        scope.at_intake_with(Some(Tenant::Council(council)), &settings, |scope| {
            agree(scope, council, (from, complaint.id), &complaint.reference)
        })?;
        scope.record(Event::ComplaintLinked { complaint: from })?;
    }
    scope.record(Event::ComplaintLinkAnswered { complaint: complaint.id })
}

/// Whether something is known of an officer who has the other complaint by which they are barred from this one.
fn somebody_is_barred(
    scope: &mut ComplaintsScope<'_>,
    id: ComplaintId,
    other: ComplaintId,
) -> Result<bool, StoreError> {
    let council = scope.council_id();
    let concerned = concerned(scope, council, id)?;
    let holders: Vec<(String, AccountId)> = scope.as_identity(|scope| {
        Ok(complaint_assignments::table
            .inner_join(
                officers::table.on(officers::council_id
                    .eq(complaint_assignments::council_id)
                    .and(officers::officer_id.nullable().eq(complaint_assignments::officer_id))),
            )
            .filter(complaint_assignments::council_id.eq(council).and(complaint_assignments::complaint_id.eq(other)))
            .filter(complaint_assignments::ended_at.is_null().and(officers::account_id.is_not_null()))
            .select((officers::name, officers::account_id.assume_not_null()))
            .load(scope.conn)?)
    })?;
    Ok(holders.iter().any(|(name, account)| concerned.against_officer(name, *account).is_anything()))
}

/// Writes one direction of a link to which both sides have agreed.
fn agree(
    scope: &mut Scope<'_>,
    council: CouncilId,
    (id, other): (ComplaintId, ComplaintId),
    reference: &str,
) -> Result<(), StoreError> {
    diesel::insert_into(complaint_links::table)
        .values((
            complaint_links::council_id.eq(council),
            complaint_links::complaint_id.eq(id),
            complaint_links::other_id.eq(other),
            complaint_links::other_reference.eq(reference),
            complaint_links::agreed.eq(true),
        ))
        .on_conflict((complaint_links::council_id, complaint_links::complaint_id, complaint_links::other_id))
        .do_update()
        .set(complaint_links::agreed.eq(true))
        .execute(scope.conn)?;
    Ok(())
}
