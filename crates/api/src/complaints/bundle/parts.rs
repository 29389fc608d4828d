//! What a file says of the complaint itself: particulars, the complainant's words, plan, heads, requests, responses, actions, learning.

use almoner_domain::complaints::assigning::AssignmentEnd;
use almoner_domain::complaints::complaint::{Author, Complainant, ContactWish, PersonConcerned};
use almoner_domain::complaints::ombudsman::AskedOmbudsman;
use almoner_domain::complaints::requests::NewRequest;
use almoner_domain::ids::{GuestId, OfficerId};
use almoner_domain::words::text::{Line, Passage};
use almoner_letters::{Block, Level};
use almoner_persistence::complaints::bundle::Bundle;
use almoner_persistence::complaints::representing::RepresentativeCheck;
use almoner_persistence::complaints::requests::Request;

use super::super::letters::blocks_of_response;
use super::people::{assigned_to, name_of};
use super::words;
use crate::letters::day;

type Facts = Vec<(String, String)>;

fn add(facts: &mut Facts, name: &str, value: impl Into<String>) {
    facts.push((name.to_owned(), value.into()));
}

fn add_if(facts: &mut Facts, name: &str, value: Option<impl Into<String>>) {
    facts.extend(value.map(|value| (name.to_owned(), value.into())));
}

/// What stands where a part has nothing.
pub(super) fn or_none(blocks: Vec<Block>, none: &str) -> Vec<Block> {
    if blocks.is_empty() { vec![Block::paragraph(none)] } else { blocks }
}

fn yes_or_no(is_so: bool) -> &'static str {
    if is_so { "Yes" } else { "No" }
}

fn complainant(complainant: &Complainant) -> String {
    let mut lines = vec![complainant.name.to_string(), words::basis(complainant.basis).to_owned()];
    lines.extend(complainant.representation_reason.map(|reason| words::representation(reason).to_owned()));
    lines.join("\n")
}

fn person(person: &PersonConcerned) -> String {
    let given = person.given_name.as_ref().map_or("", Line::as_str);
    let mut lines = vec![format!("{given} {}", person.family_name).trim().to_owned()];
    let accuracy = words::plain(person.date_of_birth_accuracy.as_str()).to_lowercase();
    lines.extend(person.date_of_birth.map(|born| format!("Born on {} ({accuracy})", day(born))));
    lines.extend(person.nhs_number.as_ref().map(|number| format!("NHS number {}", number.as_str())));
    lines.join("\n")
}

fn contact(contact: &ContactWish) -> String {
    let mut lines = vec![format!("Preferred: {}", words::plain(contact.preferred.as_str()).to_lowercase())];
    lines.extend(contact.phone.as_ref().map(|phone| format!("Telephone: {}", phone.as_str())));
    lines.extend(contact.email.as_ref().map(|email| format!("E-mail: {}", email.as_str())));
    lines.extend(contact.address.as_ref().map(|address| format!("Address:\n{}", address.as_str())));
    lines.push(format!("Consents to be sent documents electronically: {}", yes_or_no(contact.electronic)));
    lines.extend(contact.instructions.as_ref().map(|words| format!("Instructions: {}", words.as_str())));
    lines.join("\n")
}

pub(super) fn particulars(bundle: &Bundle) -> Vec<Block> {
    let complaint = &bundle.complaint;
    let mut facts = Facts::new();
    add(&mut facts, "Reference", complaint.reference.clone());
    add(&mut facts, "Council", bundle.council.clone());
    add_if(&mut facts, "Practice", complaint.practice.as_ref().map(|practice| practice.name.clone()));
    if complaint.practice_named_by == Some(Author::Council) {
        add(&mut facts, "Who named the practice", "An officer did, since the complainant named none.");
    }
    if !complaint.about.is_empty() {
        let about: Vec<&str> = complaint.about.iter().map(|one| words::matter(*one)).collect();
        add(&mut facts, "What it is about", about.join("\n"));
    }
    add(&mut facts, "About the council's own people", yes_or_no(complaint.about_council));
    add(&mut facts, "How it was received", words::way(complaint.way));
    if let Some(taken) = &complaint.taken_down {
        add(&mut facts, "How it came to whoever took it down", words::came_by(taken.came_by));
        let by = taken.officer_id.map(|officer| name_of(bundle, officer.uuid()));
        add_if(&mut facts, "Who took it down", by);
        if taken.came_by.is_oral() {
            let given = taken.record_given.as_ref();
            let given = given.map(|given| format!("Given {} on {}", words::sent(given.by), day(given.on)));
            let record = given.unwrap_or_else(|| "It has not been given yet".to_owned());
            add(&mut facts, "Written record of what was said (reg 13(2))", record);
        }
    }
    add(&mut facts, "When it was received", words::moment(complaint.received_at));
    add(&mut facts, "Confidential", yes_or_no(complaint.confidential));
    add_if(&mut facts, "With what the person was satisfied at the desk", complaint.settled.clone());
    let danger = &complaint.danger;
    add(&mut facts, "Somebody was said to be in danger", words::plain(danger.now.as_str()));
    add_if(&mut facts, "Where the person was", danger.place.as_ref().map(Passage::to_string));
    if let Some(timeliness) = &complaint.timeliness {
        add(&mut facts, "When it happened", day(timeliness.happened_on));
        add_if(&mut facts, "When it was noticed", timeliness.noticed_on.map(day));
        add(&mut facts, "Late (reg 12)", yes_or_no(complaint.late));
        let because = timeliness.accepted_because.as_ref().map(Passage::to_string);
        add_if(&mut facts, "Why it was looked into all the same", because);
    }
    let nobody = || "Nobody is named".to_owned();
    add(&mut facts, "Complainant", complaint.complainant.as_ref().map_or_else(nobody, complainant));
    add(&mut facts, "Person whose care it is about", complaint.person.as_ref().map_or_else(nobody, person));
    add(&mut facts, "Contact", complaint.contact.as_ref().map_or_else(|| "None was given".to_owned(), contact));
    add_if(&mut facts, "Contact that was given at lodging", complaint.contact_at_lodging.as_ref().map(contact));
    add(&mut facts, "Language", complaint.language.clone().unwrap_or_else(|| "English".to_owned()));
    add(&mut facts, "Format in which the complainant reads", words::format(complaint.format));
    add(&mut facts, "Status", words::plain(complaint.status.as_str()));
    add_if(&mut facts, "Outcome", complaint.outcome.map(words::outcome));
    let ground = complaint.exclusion.map(|ground| words::plain(ground.as_str()));
    add_if(&mut facts, "Ground on which it is not considered", ground);
    if let Some(asked) = &complaint.ombudsman {
        of_the_ombudsman(&mut facts, asked);
    }
    let mut blocks = vec![Block::facts(facts)];
    for entry in &bundle.ombudsman {
        let mut facts = Facts::new();
        of_the_ombudsman(&mut facts, &entry.asked);
        add(&mut facts, "Recorded by", name_of(bundle, entry.by));
        let heading = format!("Recorded of the Ombudsman on {}", words::moment(entry.at));
        blocks.extend([Block::heading(Level::Two, heading), Block::facts(facts)]);
    }
    for check in &complaint.representative_checks {
        blocks
            .extend([Block::heading(Level::Two, "Check of the representative"), Block::facts(checked(bundle, check))]);
    }
    blocks
}

/// What is recorded of the Ombudsman.
fn of_the_ombudsman(facts: &mut Facts, asked: &AskedOmbudsman) {
    add(facts, "Taken to the Ombudsman on", day(asked.asked_on));
    add_if(facts, "Reference of the Ombudsman", asked.reference.as_ref().map(Line::to_string));
    add_if(facts, "Decision of the Ombudsman", asked.decision.map(words::decision));
    add_if(facts, "Decided on", asked.decided_on.map(day));
    add_if(facts, "The decision in words", asked.summary.as_ref().map(Passage::to_string));
}

/// What was checked of a representative, and by whom.
fn checked(bundle: &Bundle, check: &RepresentativeCheck) -> Facts {
    let mut facts = Facts::new();
    add_if(&mut facts, "Representative", check.representative.as_ref().map(Line::to_string));
    add(&mut facts, "Checked on", day(check.checked_on));
    let by = check.officer_id.map(OfficerId::uuid).or(check.guest_id.map(GuestId::uuid));
    add_if(&mut facts, "Checked by", by.map(|id| name_of(bundle, id)));
    let seen: Vec<&str> = check.seen.iter().map(|one| words::seen(*one)).collect();
    add(&mut facts, "What was seen", if seen.is_empty() { "Nothing".to_owned() } else { seen.join("\n") });
    add_if(&mut facts, "In words", check.words.as_ref().map(Passage::to_string));
    add(&mut facts, "What came of it", words::checked(check.outcome));
    facts
}

pub(super) fn own_words(bundle: &Bundle) -> Vec<Block> {
    let complaint = &bundle.complaint;
    let mut blocks = vec![Block::heading(Level::Two, "What happened"), Block::paragraph(complaint.narrative.clone())];
    if let Some(wants) = &complaint.wants {
        blocks.extend([Block::heading(Level::Two, "What the complainant wants"), Block::paragraph(wants.clone())]);
    }
    for (heading, names) in [
        ("Staff complained about", &complaint.staff_named),
        ("People who must not see the complaint", &complaint.must_not_see),
    ] {
        if !names.is_empty() {
            blocks.extend([Block::heading(Level::Two, heading), Block::list(names.clone())]);
        }
    }
    blocks
}

pub(super) fn plan(bundle: &Bundle) -> Vec<Block> {
    let complaint = &bundle.complaint;
    let mut facts = Facts::new();
    add_if(&mut facts, "How it is looked into", complaint.handling.clone());
    add(&mut facts, "Day by which it is answered", day(complaint.response_due_on));
    add_if(&mut facts, "How that day came about", complaint.period.map(words::period));
    add(&mut facts, "Last day of the relevant period", day(complaint.response_latest_on));
    add_if(&mut facts, "Risk", complaint.risk.map(|risk| words::plain(risk.as_str())));
    if let Some(limits) = &complaint.limits {
        add(&mut facts, "How the complainant may reach the council", limits.how.as_str());
        add(&mut facts, "Why", limits.reasons.as_str());
        add(&mut facts, "Until", day(limits.until));
    }
    let mut blocks = Vec::new();
    if complaint.handling.is_none() {
        blocks.push(Block::paragraph("No plan is in force."));
    }
    blocks.push(Block::facts(facts));
    for (place, period) in complaint.periods.iter().enumerate() {
        let mut facts = Facts::new();
        add(&mut facts, "How it came about", words::origin(period.origin));
        add_if(&mut facts, "How it was to be looked into", period.handling.clone());
        add(&mut facts, "Day by which it was to be answered", day(period.respond_by));
        add(&mut facts, "In the place of", day(period.before));
        add(&mut facts, "Recorded on", words::moment(period.recorded_at));
        let by = period.officer_id.map(OfficerId::uuid).or(period.guest_id.map(GuestId::uuid));
        add_if(&mut facts, "Recorded by", by.map(|id| name_of(bundle, id)));
        blocks.extend([Block::heading(Level::Two, format!("Period {}", place + 1)), Block::facts(facts)]);
    }
    blocks
}

pub(super) fn heads(bundle: &Bundle) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (place, head) in bundle.complaint.heads.iter().enumerate() {
        let mut facts = Facts::new();
        add(&mut facts, "Complained of", head.statement.clone());
        add(&mut facts, "About", words::matter(head.about));
        add(&mut facts, "Theme", words::plain(head.theme.as_str()));
        add(&mut facts, "Put down on", words::moment(head.raised_at));
        if let Some(held) = &head.held {
            add(&mut facts, "Held until", day(held.until));
            add(&mut facts, "Why it is held", held.reason.clone());
        }
        add(&mut facts, "Outcome", head.outcome.map_or("There is no finding yet.", words::outcome));
        add_if(&mut facts, "Finding", head.finding.clone());
        add_if(&mut facts, "Remedy", head.remedy.clone());
        add_if(&mut facts, "The person was heard on", head.heard_on.map(day));
        add_if(&mut facts, "Why the person was not heard", head.not_heard_because.clone());
        blocks.push(Block::heading(Level::Two, format!("Head {}", place + 1)));
        blocks.push(Block::facts(facts));
    }
    or_none(blocks, "No heads were put down.")
}

/// What a request asks for beside its kind.
fn asked(facts: &mut Facts, asked: &NewRequest) {
    add_if(facts, "Why", asked.words.as_ref().map(Passage::to_string));
    add_if(facts, "To be answered by", asked.respond_by.map(day));
    add_if(facts, "New contact", asked.contact.as_ref().map(contact));
    add_if(facts, "Person", asked.person.as_ref().map(person));
    add_if(facts, "Complainant", asked.complainant.as_ref().map(complainant));
    add_if(facts, "Body to which it is sent on", asked.body.as_ref().map(Line::to_string));
    add_if(facts, "Who may see it", asked.name.as_ref().map(Line::to_string));
}

fn request(request: &Request) -> Facts {
    let mut facts = Facts::new();
    add(&mut facts, "Written by", super::people::author(request.author));
    add(&mut facts, "Made on", words::moment(request.made_at));
    asked(&mut facts, &request.asked);
    add(&mut facts, "To be decided by", day(request.decide_by));
    match (&request.decision, &request.review) {
        (Some(decision), _) => {
            add(&mut facts, "Confirmed by the contact given at lodging", yes_or_no(decision.confirmed));
            add(&mut facts, "Told", format!("{} on {}", words::told(decision.told_by), day(decision.told_on)));
            add_if(&mut facts, "Agreed on", decision.agreed_on.map(day));
            add(&mut facts, "What was said", decision.words.as_str());
        }
        (None, Some(review)) => {
            add(&mut facts, "The review finds for the complainant", yes_or_no(review.upheld));
            add(&mut facts, "Reasons", review.reasons.as_str());
        }
        (None, None) => add(&mut facts, "Decision", "There is none yet."),
    }
    facts
}

pub(super) fn requests(bundle: &Bundle) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (place, one) in bundle.complaint.requests.iter().enumerate() {
        let heading = format!("Request {}. {}", place + 1, words::request(one.asked.kind));
        blocks.extend([Block::heading(Level::Two, heading), Block::facts(request(one))]);
    }
    let objections = bundle.assignments.iter().filter_map(|one| {
        // A guest to whom the complainant objects has it no more at once.
        let of_a_guest = one.ended_at.filter(|_| one.ended_because == Some(AssignmentEnd::Complainant));
        let at = one.objected_at.or(of_a_guest)?;
        let objected = format!("{}: the complainant objected to {}.", words::moment(at), assigned_to(bundle, one));
        let kept =
            one.kept_at.map(|at| format!(" {}: the responsible person decided that they keep it.", words::moment(at)));
        Some(objected + kept.as_deref().unwrap_or_default())
    });
    let objections: Vec<String> = objections.collect();
    if !objections.is_empty() {
        blocks.extend([Block::heading(Level::Two, "Objections"), Block::list(objections)]);
    }
    or_none(blocks, "The complainant asked for nothing, and objected to nobody who had the complaint.")
}

pub(super) fn responses(bundle: &Bundle) -> Vec<Block> {
    let mut blocks = Vec::new();
    for response in &bundle.responses {
        let signed = day(response.letter.signed_on);
        let (sent_on, due_on) = (response.sent_on, response.due_on);
        let in_time = if sent_on <= due_on { "It was sent in time" } else { "It was sent late" };
        let sent = format!("Sent {} on {}.", words::sent(response.sent_by), day(sent_on));
        let sent = format!("{sent} {in_time}: it was due by {}.", day(due_on));
        blocks.extend([Block::heading(Level::Two, format!("Response of {signed}")), Block::paragraph(sent)]);
        blocks.extend(blocks_of_response(&response.letter, Level::Three));
    }
    or_none(blocks, "No response was sent.")
}

pub(super) fn actions(bundle: &Bundle) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (place, action) in bundle.complaint.actions.iter().enumerate() {
        let mut facts = Facts::new();
        add(&mut facts, "What is done", action.what.clone());
        add(&mut facts, "Whose it is", action.owner.clone());
        add(&mut facts, "Asked for by the Ombudsman", yes_or_no(action.for_ombudsman));
        add_if(&mut facts, "Dealt with apart", action.stream.map(|stream| words::stream(stream).to_owned()));
        add_if(&mut facts, "The complainant consented", action.consented_on.map(day));
        add(&mut facts, "By", day(action.due_on));
        add(&mut facts, "Done on", action.done_on.map_or_else(|| "It is not done yet.".to_owned(), day));
        add_if(&mut facts, "What was done", action.done.clone());
        blocks.extend([Block::heading(Level::Two, format!("Action {}", place + 1)), Block::facts(facts)]);
    }
    or_none(blocks, "No actions were put down.")
}

pub(super) fn learning(bundle: &Bundle) -> Vec<Block> {
    let learning = bundle.complaint.learning.as_ref().map(Block::paragraph);
    or_none(learning.into_iter().collect(), "Nothing was put down.")
}
