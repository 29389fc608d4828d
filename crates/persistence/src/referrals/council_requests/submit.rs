//! Taking a council's message, routing it to a practice, withdrawing it, and routing it again.

use std::collections::HashMap;

use almoner_domain::contracts::readiness::Readiness;
use almoner_domain::events::{Event, ReferralOf};
use almoner_domain::fault::Fault;
use almoner_domain::ids::{ContractId, CouncilRequestId, PracticeId, ReferralId};
use almoner_domain::referrals::deadlines::{Deadlines, Periods, Pressing};
use almoner_domain::referrals::message::{Function, ReferralMessage};
use almoner_domain::referrals::routing::{Candidate, Routing, Strategy, named_by_council, route};
use almoner_domain::referrals::state::{DeclineReason, ReferralStatus};
use almoner_domain::tenancy::council_codes::CodeDays;
use almoner_domain::words::calendar::Calendar;
use almoner_domain::words::nhs_number::NhsNumber;
use almoner_domain::words::slug::Slug;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CouncilReferral, codes_of_sender, documents, find, find_with_message, message_field};
use crate::contracts::readiness;
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{
    contracts, council_requests, delegations, opening_hours, practice_capacity, practice_districts, practices,
};
use crate::ground::scope::CouncilScope;
use crate::ground::sealing::Key;
use crate::referrals::intake::Arrival;
use crate::tenancy::council_codes::days_of;
use crate::tenancy::opening_hours::said;

diesel::define_sql_function! {
    /// Waits for every other transaction that has locked the same key, and locks it until the transaction ends.
    fn pg_advisory_xact_lock(key: sql_types::BigInt) -> sql_types::Nullable<sql_types::Text>;
}
diesel::define_sql_function! {
    /// A 64-bit hash of a text.
    fn hashtextextended(text: sql_types::Text, seed: sql_types::BigInt) -> sql_types::BigInt;
}

/// The practice to which a council routes a referral.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "practice": "severn-social-work" }))]
pub struct RouteReferral {
    /// The name of the practice in URLs and messages.
    pub practice: Slug,
}

/// Whether a message was new, or had been taken before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submission {
    /// This request took the message.
    Now,
    /// An earlier request took the same content under the same reference.
    Before,
}

/// Takes a message, once for each of the council's references. The same content again returns the same referral.
pub fn take(
    scope: &mut CouncilScope<'_>,
    message: &ReferralMessage,
) -> Result<(Submission, CouncilRequestId), StoreError> {
    let (council, client) = (scope.council_id(), scope.system()?.client_id);
    let canonical = serde_json::to_vec(message).map_err(StoreError::unreadable)?;
    let root = scope.root_key(council.uuid())?;
    let fingerprint = root.hash("council request", &canonical);
    // Of two requests at once with one reference, the second waits here until the first is committed, and then finds its row.
    let lock = hashtextextended(format!("{council} {}", message.council_reference), 0_i64);
    diesel::select(pg_advisory_xact_lock(lock)).execute(scope.conn)?;
    let known: Option<(CouncilRequestId, Vec<u8>)> = council_requests::table
        .filter(council_requests::council_id.eq(council))
        .filter(council_requests::council_reference.eq(&message.council_reference))
        .select((council_requests::council_request_id, council_requests::fingerprint))
        .first(scope.conn)
        .optional()?;
    if let Some((id, known)) = known {
        return if known == fingerprint { Ok((Submission::Before, id)) } else { Err(StoreError::ReferenceAlreadyUsed) };
    }
    let calendar = scope.calendar()?;
    let places = days_of_places(scope, message)?;
    message.check(scope.today(), &calendar, &places)?;

    let candidates = candidates(scope, message)?;
    let district = message
        .person
        .address
        .as_ref()
        .and_then(|a| a.postcode.as_ref())
        .map(almoner_domain::words::postcode::Postcode::district);
    let (chosen, preferred) = (message.chosen_practice.as_ref(), message.preferred_practice.as_ref());
    let routing = route(chosen, preferred, district.as_ref(), &candidates)
        .map_err(|fault| StoreError::ValidationFailed(vec![fault]))?;
    let id: CouncilRequestId = scope.next_id();
    let (routed, deadlines) = RoutedRequest::new(scope, &calendar, message.into(), routing)?;
    let (key_id, key) = scope.new_key(council.uuid())?;
    let sealed = key.seal(message_field(scope.council_id(), id), message)?;
    diesel::insert_into(council_requests::table)
        .values((
            council_requests::council_id.eq(council),
            council_requests::council_request_id.eq(id),
            council_requests::council_reference.eq(&message.council_reference),
            council_requests::client_id.eq(client),
            council_requests::fingerprint.eq(fingerprint),
            council_requests::person_token.eq(person_token(&root, message)),
            council_requests::nhs_number_token.eq(nhs_number_token(&root, message)),
            council_requests::function.eq(message.function),
            council_requests::urgency.eq(message.urgency),
            council_requests::key_id.eq(key_id),
            council_requests::message.eq(sealed),
            council_requests::received_at.eq(scope.at()),
            council_requests::changed_at.eq(scope.at()),
            &routed,
        ))
        .execute(scope.conn)?;
    deliver(scope, id, message, &routed, deadlines)?;
    scope.record(Event::ReferralSent { request: id })?;
    Ok((Submission::Now, id))
}

/// Finds the days of the codes that the message names, in the order of its places.
fn days_of_places(scope: &mut CouncilScope<'_>, message: &ReferralMessage) -> Result<Vec<CodeDays>, StoreError> {
    let codes: Vec<&str> = message.places().iter().map(|place| place.code).collect();
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let days = days_of(scope, &codes)?;
    Ok(codes.into_iter().map(|code| days.of(code)).collect())
}

/// The hash of the council's own identifier of the person. No code of the council's is in it, so that it stays when that
/// changes.
fn person_token(root: &Key, message: &ReferralMessage) -> Vec<u8> {
    root.hash("council's person", message.person.council_person_id.comparable().as_bytes())
}

/// The hash of the person's NHS number, if the message has one.
fn nhs_number_token(root: &Key, message: &ReferralMessage) -> Option<Vec<u8>> {
    message.person.nhs_number.as_ref().map(|number| token_of_nhs_number(root, number))
}

/// The hash under the council's key by which its requests for one person are found.
pub(crate) fn token_of_nhs_number(root: &Key, number: &NhsNumber) -> Vec<u8> {
    root.hash("council's NHS number", number.as_str().as_bytes())
}

/// The practice, deadlines and explanation that routing gives a request.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = council_requests, treat_none_as_null = true, treat_none_as_default_value = false)]
struct RoutedRequest {
    status: ReferralStatus,
    strategy: Strategy,
    explanation: String,
    practice_id: Option<PracticeId>,
    contract_id: Option<ContractId>,
    referral_id: Option<ReferralId>,
    routed_at: DateTime<Utc>,
    response_due_on: Option<NaiveDate>,
    human_contact_due_at: Option<DateTime<Utc>>,
    human_contact_missed_at: Option<DateTime<Utc>>,
}

impl RoutedRequest {
    /// Also returns the times that the practice is held to, if a practice was found.
    fn new(
        scope: &CouncilScope<'_>,
        calendar: &Calendar,
        pressing: Pressing,
        routing: Routing,
    ) -> Result<(Self, Option<Deadlines>), StoreError> {
        let mut routed = Self {
            status: ReferralStatus::Unrouted,
            strategy: routing.strategy,
            explanation: routing.explanation,
            practice_id: None,
            contract_id: None,
            referral_id: None,
            routed_at: scope.at(),
            response_due_on: None,
            human_contact_due_at: None,
            human_contact_missed_at: None,
        };
        let Some(to) = routing.to else { return Ok((routed, None)) };
        let deadlines = to.periods.deadlines(pressing, scope.at(), calendar)?;
        routed.status = ReferralStatus::Received;
        routed.practice_id = Some(to.practice_id);
        routed.contract_id = Some(to.contract_id);
        routed.referral_id = Some(scope.next_id());
        routed.response_due_on = Some(deadlines.response_due_on);
        routed.human_contact_due_at = deadlines.human_contact_due_at;
        Ok((routed, Some(deadlines)))
    }
}

/// Puts the request into the practice's inbox.
fn deliver(
    scope: &mut CouncilScope<'_>,
    id: CouncilRequestId,
    message: &ReferralMessage,
    routed: &RoutedRequest,
    deadlines: Option<Deadlines>,
) -> Result<(), StoreError> {
    let &RoutedRequest {
        practice_id: Some(practice_id),
        contract_id: Some(contract_id),
        referral_id: Some(referral_id),
        ..
    } = routed
    else {
        return Ok(());
    };
    let Some(deadlines) = deadlines else { return Ok(()) };
    let council_id = scope.council_id();
    let sender_codes = codes_of_sender(scope)?;
    scope.at_intake(practice_id, |intake| {
        intake.receive(&Arrival {
            referral_id,
            council_id,
            sender_codes,
            council_request_id: id,
            contract_id,
            message,
            deadlines,
        })
    })
}

/// A practice under contract: its capacity and how much of it is reserved, what the contract says of times, and its hours.
type CandidateRow = (PracticeId, Slug, i32, i32, ContractId, (i32, i32, i32, i32), Option<String>);

/// Returns the periods that a contract has, in the order of its columns, with the hours that a practice has said.
pub(in crate::referrals) fn periods_of(
    (response, urgent_response, immediate, urgent): (i32, i32, i32, i32),
    hours: Option<&str>,
) -> Result<Periods, StoreError> {
    Ok(Periods {
        response_working_days: response.unsigned_abs(),
        urgent_response_working_days: urgent_response.unsigned_abs(),
        immediate_minutes: immediate.unsigned_abs(),
        urgent_minutes: urgent.unsigned_abs(),
        opening_hours: said(hours)?,
    })
}

/// The practices that are not suspended and whose contract covers this function today. A safeguarding enquiry is made under
/// the council's own instruction and needs no delegation (Care Act 2014 s42(2), s79).
fn candidates(scope: &mut CouncilScope<'_>, message: &ReferralMessage) -> Result<Vec<Candidate>, StoreError> {
    let today = scope.today();
    let mut query = contracts::table
        .inner_join(practices::table.on(practices::practice_id.eq(contracts::practice_id)))
        .inner_join(practice_capacity::table.on(practice_capacity::practice_id.eq(contracts::practice_id)))
        .left_join(opening_hours::table.on(opening_hours::practice_id.eq(contracts::practice_id)))
        .filter(contracts::council_id.eq(scope.council_id()).and(practices::suspended_at.is_null()))
        .filter(contracts::starts_on.le(today).and(contracts::ends_on.is_null().or(contracts::ends_on.ge(today))))
        .order((practices::slug, contracts::contract_id.desc()))
        .select((
            practices::practice_id,
            practices::slug,
            practices::capacity,
            practice_capacity::reserved,
            contracts::contract_id,
            (
                contracts::response_working_days,
                contracts::urgent_response_working_days,
                contracts::immediate_minutes,
                contracts::urgent_minutes,
            ),
            opening_hours::hours.nullable(),
        ))
        .into_boxed();
    if message.function != Function::SafeguardingEnquiry {
        query = query.filter(
            contracts::contract_id.eq_any(
                delegations::table
                    .filter(
                        delegations::council_id
                            .eq(scope.council_id())
                            .and(delegations::function.eq_any(message.function.covered_by())),
                    )
                    .filter(
                        delegations::starts_on
                            .le(today)
                            .and(delegations::ends_on.is_null().or(delegations::ends_on.ge(today))),
                    )
                    .select(delegations::contract_id),
            ),
        );
    }
    let rows: Vec<CandidateRow> = query.load(scope.conn)?;
    let postcode = message.person.address.as_ref().and_then(|address| address.postcode.as_ref());
    let serving: Vec<PracticeId> = match postcode {
        Some(postcode) => practice_districts::table
            .filter(practice_districts::district.eq(postcode.district()))
            .select(practice_districts::practice_id)
            .load(scope.conn)?,
        None => Vec::new(),
    };
    let under_contract: Vec<PracticeId> = rows.iter().map(|row| row.0).collect();
    let readiness: HashMap<PracticeId, Readiness> =
        readiness::find(scope, Some(&under_contract))?.into_iter().collect();
    let mut candidates = Vec::with_capacity(rows.len());
    for (practice_id, slug, capacity, reserved, contract_id, periods, hours) in rows {
        candidates.push(Candidate {
            practice_id,
            slug,
            contract_id,
            free_capacity: capacity - reserved,
            serves_district: serving.contains(&practice_id),
            periods: periods_of(periods, hours.as_deref())?,
            readiness: *readiness.get(&practice_id).ok_or(StoreError::NotFound)?,
        });
    }
    candidates.dedup_by_key(|candidate| candidate.practice_id);
    Ok(candidates)
}

/// Withdraws a referral for the council.
pub fn withdraw(scope: &mut CouncilScope<'_>, referral: &CouncilReferral) -> Result<(), StoreError> {
    let status = referral.status.withdraw()?;
    // The practice's rows are locked first, as when the practice answers. So two requests at once wait for each other and do
    // not deadlock.
    if let (true, Some(practice), Some(id)) =
        (referral.status.waits_for_the_practice(), &referral.practice, referral.referral_id)
    {
        let taken = scope.at_intake(practice.practice.id, |intake| intake.take_back(id))?;
        version_mismatch_unless(scope, taken, referral.id)?;
    }
    let at = scope.at();
    let changed = update(council_requests::table)
        .filter(council_requests::council_id.eq(scope.council_id()))
        .filter(
            council_requests::council_request_id.eq(referral.id).and(council_requests::version.eq(referral.version)),
        )
        .set((
            council_requests::status.eq(status),
            council_requests::decided_at.eq(at),
            council_requests::changed_at.eq(scope.at()),
            council_requests::version.eq(referral.version + 1),
        ))
        .execute(scope.conn)?;
    version_mismatch_unless(scope, changed, referral.id)?;
    scope.record(Event::ReferralWithdrawn { referral: ReferralOf::Council(referral.id) })
}

/// Routes a referral to the practice that the council names, if no rule could route it, a practice did not take it, or it
/// waits at a practice that is suspended or where nobody has answered by the time by which a human was to look at it.
pub fn route_to(scope: &mut CouncilScope<'_>, referral: &CouncilReferral, practice: &Slug) -> Result<(), StoreError> {
    let left_at = match &referral.practice {
        Some(at) if referral.may_go_elsewhere(at) => Some((at.practice.id, referral.referral_id)),
        _ => None,
    };
    match left_at {
        Some(_) => referral.status.route_elsewhere()?,
        None => referral.status.route()?,
    };
    let message = find_with_message(scope, referral.id)?.message.ok_or(StoreError::NotFound)?;
    let routing = named_by_council(practice, &candidates(scope, &message)?)
        .map_err(|fault| StoreError::ValidationFailed(vec![fault]))?;
    let calendar = scope.calendar()?;
    if let Some((from, Some(id))) = left_at {
        let taken = scope.at_intake(from, |intake| intake.take_back(id))?;
        version_mismatch_unless(scope, taken, referral.id)?;
    }
    // The day that the message asked for binds the first practice only.
    let undated = Pressing { respond_by: None, ..Pressing::from(&message) };
    let (routed, deadlines) = RoutedRequest::new(scope, &calendar, undated, routing)?;
    let changed = update(council_requests::table)
        .filter(council_requests::council_id.eq(scope.council_id()))
        .filter(
            council_requests::council_request_id.eq(referral.id).and(council_requests::version.eq(referral.version)),
        )
        .set((
            council_requests::decided_at.eq(None::<DateTime<Utc>>),
            council_requests::decline_reason.eq(None::<DeclineReason>),
            council_requests::changed_at.eq(scope.at()),
            council_requests::version.eq(referral.version + 1),
            &routed,
        ))
        .execute(scope.conn)?;
    version_mismatch_unless(scope, changed, referral.id)?;
    deliver(scope, referral.id, &message, &routed, deadlines).map_err(at_the_practice)?;
    if let (Some(practice), Some(at)) = (routed.practice_id, routed.referral_id) {
        documents::deliver(scope, referral.id, None, (practice, at))?;
    }
    scope.record(Event::ReferralRouted { request: referral.id })
}

/// Names the practice as the fault where the message, which was taken before, cannot go there.
fn at_the_practice(error: StoreError) -> StoreError {
    match error {
        StoreError::ValidationFailed(faults) => StoreError::ValidationFailed(
            faults.into_iter().map(|_| Fault::new("/practice", "has no manager who may see this referral")).collect(),
        ),
        other => other,
    }
}

/// Fails with a version mismatch if no row changed: the practice or somebody else at the council was quicker. The error has
/// the version that is current now, since every answer counts the version up in the same transaction.
fn version_mismatch_unless(
    scope: &mut CouncilScope<'_>,
    changed: usize,
    id: CouncilRequestId,
) -> Result<(), StoreError> {
    if changed == 1 { Ok(()) } else { Err(StoreError::VersionMismatch(find(scope, id)?.version)) }
}
