//! Restricting a record, which is an adverse action: on some grounds a second person reviews it, on others they decide first.

use almoner_domain::cases::case::{Countersign, CountersignaturePurpose, RefuseCountersignature};
use almoner_domain::ids::CountersignatureId;
use almoner_domain::people::access_restriction::{Restrict, RestrictionTerms};
use almoner_domain::refusal::Refusal;

use crate::cases::countersignatures::{Asking, Countersignature, ask};
use crate::cases::deciding::{agree, disagree};
use crate::cases::matter::Matter;
use crate::ground::error::StoreError;
use crate::ground::scope::PracticeScope;
use crate::people::access_restrictions::{
    HeldWithReferrals, check_terms, close_to_others, open_to_others, terms_as_of_now, terms_in_force, write_terms,
};

/// Asks to restrict a record to the named members of staff, in place of any earlier restriction. Returns the request to which
/// that leads, if it leads to one.
pub fn restrict(
    scope: &mut PracticeScope<'_>,
    held: &HeldWithReferrals,
    how: &Restrict,
) -> Result<Option<CountersignatureId>, StoreError> {
    let terms = how.read(scope.staff_id(), scope.today())?;
    check_terms(scope, held, &terms)?;
    let purpose = CountersignaturePurpose::of(terms.ground.effect());
    let waits = purpose == Some(CountersignaturePurpose::Countersign);
    let before = if waits { None } else { terms_in_force(scope, held.person())?.map(|(terms, _)| terms) };
    if !waits {
        // Whoever reviews the restriction is drawn from those to whom the record stays open.
        write_terms(scope, held, &terms)?;
    }
    let asked = purpose.map(|purpose| ask_second_person(scope, held, purpose, terms.clone(), before)).transpose()?;
    if !waits {
        close_to_others(scope, held, &terms)?;
    }
    Ok(asked)
}

fn ask_second_person(
    scope: &mut PracticeScope<'_>,
    held: &HeldWithReferrals,
    purpose: CountersignaturePurpose,
    terms: RestrictionTerms,
    before: Option<RestrictionTerms>,
) -> Result<CountersignatureId, StoreError> {
    let practice = scope.practice_id();
    let key = held.person().key(scope, practice.uuid())?;
    let (ground, words) = (terms.ground.ground(), terms.words.clone());
    let asking = Asking {
        purpose,
        ground,
        matter: &Matter::Restricting { terms, before },
        about: held.person().about(),
        key: &key,
        words: &words,
        kept_out: Vec::new(),
    };
    ask(scope, &asking)
}

/// Records that the signatory agrees to the restriction. Where it had waited, it is in force now.
pub(crate) fn approve(
    scope: &mut PracticeScope<'_>,
    asked: &Countersignature,
    held: &HeldWithReferrals,
    terms: &RestrictionTerms,
    answer: &Countersign,
) -> Result<(), StoreError> {
    agree(scope, asked, answer)?;
    if asked.purpose == CountersignaturePurpose::Review {
        return Ok(());
    }
    let in_force = terms_in_force(scope, held.person())?;
    if in_force.is_some_and(|(_, since)| since > asked.asked_at) {
        return Err(Refusal::Overtaken("the record has been restricted").into());
    }
    let terms = terms_as_of_now(scope, held, terms.clone())?;
    write_terms(scope, held, &terms)?;
    close_to_others(scope, held, &terms)
}

/// Records that the signatory does not agree to the restriction. One that is in force ends, and the one whose place it took is
/// in force again, unless the record has been restricted otherwise since.
pub(crate) fn refuse(
    scope: &mut PracticeScope<'_>,
    asked: &Countersignature,
    held: &HeldWithReferrals,
    before: Option<&RestrictionTerms>,
    answer: &RefuseCountersignature,
) -> Result<(), StoreError> {
    disagree(scope, asked, answer)?;
    let in_force = terms_in_force(scope, held.person())?;
    let is_in_force = in_force.is_some_and(|(_, since)| since == asked.asked_at);
    if asked.purpose == CountersignaturePurpose::Countersign || !is_in_force {
        return Ok(());
    }
    match before {
        Some(before) => {
            let before = terms_as_of_now(scope, held, before.clone())?;
            write_terms(scope, held, &before)?;
            close_to_others(scope, held, &before)
        }
        None => open_to_others(scope, &held.0),
    }
}
