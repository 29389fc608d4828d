//! Putting down which practice a complaint is about, where whoever complains named none.

use almoner_domain::complaints::complaint::Matter;
use almoner_domain::complaints::responsibility::PracticeConcerned;
use almoner_domain::complaints::status::Step;
use almoner_domain::events::Event;
use almoner_domain::fault::Fault;
use almoner_domain::ids::PracticeId;
use almoner_domain::refusal::Refusal;
use almoner_domain::words::slug::Slug;
use diesel::dsl::exists;
use diesel::prelude::*;

use super::answering::had_a_contract;
use super::changing::{Changes, change, seal_again};
use super::messages::{Written, write_message};
use super::reading::{Complaint, content, identity};
use super::rechecking::{end_what_is_barred, recognised_at};
use super::record_openings::close_open;
use crate::ground::callers::Tenant;
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{complaint_assignments, complaint_offers, practices};
use crate::ground::scope::ComplaintsScope;
use crate::ground::transaction::setting;

/// Puts down which practice a complaint is about that names none: one with which the council has or had a contract. The person is looked for
/// there, and whoever has the complaint and may not have it now loses it. The clocks stay as the complainant was told them. Another is put down
/// in its place while no guest has the complaint; what the complainant named stays. The same again changes nothing.
pub fn put_down(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    with: &PracticeConcerned,
) -> Result<(), StoreError> {
    scope.officer()?;
    complaint.status.after(Step::Investigate)?;
    let (practice, name) = own_practice(scope, &with.practice)?;
    if complaint.practice_id == Some(practice) {
        return Ok(());
    }
    let mut content = content(scope, complaint)?;
    if complaint.practice_id.is_some() {
        let refused =
            |state| Refusal::InvalidState { thing: "complaint", state, step: "put down as about another practice" };
        if !content.practice_put_down {
            return Err(refused("about the practice that the complainant named").into());
        }
        if guests_have(scope, complaint)? {
            return Err(refused("open to a guest").into());
        }
        close_open(scope, complaint.id)?;
    }
    let person = identity(scope, complaint)?.person;
    let person = person.map(|person| recognised_at(scope, practice, &person)).transpose()?.flatten();
    content.practice_put_down = true;
    let changes = Changes {
        practice_id: Some(practice),
        about_council: Some(content.about.contains(&Matter::Council)),
        service_user_id: Some(person),
        content: Some(seal_again(scope, complaint, "content", &content)?),
        ..Changes::default()
    };
    change(scope, complaint, changes)?;
    show_in_the_offer(scope, complaint, practice)?;
    end_what_is_barred(scope, complaint.id)?;
    let person = scope.worker().person;
    write_message(scope, complaint.sealed, Written::By(person), &PracticeConcerned::told(&name))?;
    scope.record(Event::ComplaintPracticePutDown { complaint: complaint.id })
}

/// Finds the practice of this short name with which the council has or had a contract, and what it is called.
fn own_practice(scope: &mut ComplaintsScope<'_>, named: &Slug) -> Result<(PracticeId, String), StoreError> {
    let council = scope.council_id();
    let known = practices::table.filter(practices::slug.eq(named));
    let known: Option<(PracticeId, String)> =
        known.select((practices::practice_id, practices::name)).first(scope.conn).optional()?;
    if let Some((practice, name)) = known {
        let settings = [setting("app.practice", practice.uuid())];
        let own = Some(Tenant::Council(council));
        if scope.at_intake_with(own, &settings, |scope| had_a_contract(scope, practice, council))? {
            return Ok((practice, name));
        }
    }
    let detail = "is not the name of a practice with which your council has or had a contract";
    Err(vec![Fault::new("/practice", detail)].into())
}

/// Shows the practice to the officer who is asked to open the complaint beside those who have it.
fn show_in_the_offer(
    scope: &mut ComplaintsScope<'_>,
    complaint: &Complaint,
    practice: PracticeId,
) -> Result<(), StoreError> {
    update(complaint_offers::table)
        .filter(complaint_offers::council_id.eq(scope.council_id()))
        .filter(complaint_offers::complaint_id.eq(complaint.id).and(complaint_offers::ended_at.is_null()))
        .set(complaint_offers::practice_id.eq(practice))
        .execute(scope.conn)?;
    Ok(())
}

fn guests_have(scope: &mut ComplaintsScope<'_>, complaint: &Complaint) -> Result<bool, StoreError> {
    let live = complaint_assignments::table
        .filter(complaint_assignments::council_id.eq(scope.council_id()))
        .filter(complaint_assignments::complaint_id.eq(complaint.id).and(complaint_assignments::ended_at.is_null()))
        .filter(complaint_assignments::guest_id.is_not_null());
    Ok(diesel::select(exists(live)).get_result(scope.conn)?)
}
