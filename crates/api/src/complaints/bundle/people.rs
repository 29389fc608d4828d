//! What a file says of those who worked on the complaint: what each did and when, what was shown to whom, messages, documents, assignments,
//! and who saw it.

use almoner_domain::complaints::acknowledging::AcknowledgedBy;
use almoner_domain::complaints::complaint::Author;
use almoner_domain::ids::AssignmentId;
use almoner_domain::officers::guests::Capacity;
use almoner_domain::words::calendar::{london_date, london_time};
use almoner_letters::{Block, Level};
use almoner_persistence::complaints::assignments::Assignment;
use almoner_persistence::complaints::bundle::Bundle;
use almoner_persistence::complaints::logged::Actor;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;

use super::parts::or_none;
use super::words;
use crate::letters::day;

/// The name of somebody who works on complaints, with what they are to the council.
pub(super) fn name_of(bundle: &Bundle, id: Uuid) -> String {
    let somebody = bundle.people.get(&id);
    somebody.map_or_else(|| "Somebody".to_owned(), |one| format!("{}, {}", one.name, words::office(one)))
}

/// The name of somebody to whom the complaint is assigned, or was.
pub(super) fn assigned_to(bundle: &Bundle, one: &Assignment) -> String {
    one.to().map_or_else(|| one.name.clone(), |id| name_of(bundle, id))
}

/// Who did something, as the log has them.
fn actor(bundle: &Bundle, by: Actor) -> String {
    let is_known = by.id.is_some_and(|id| bundle.people.contains_key(&id));
    by.id.filter(|_| is_known).map_or_else(|| words::door(by.door).to_owned(), |id| name_of(bundle, id))
}

/// Who wrote something.
pub(super) fn author(author: Author) -> &'static str {
    match author {
        Author::Complainant => "The complainant",
        Author::Council => "The council",
        Author::Service => "The service, because a clock had run out",
    }
}

/// A line of the chronology: its day, whether no more than the day is known, its time of day, when it was as words, and what it was. What
/// is known by its day stands behind what happened on that day.
type Told = ((NaiveDate, bool, NaiveTime), String, String);

fn at(moment: DateTime<Utc>, what: String) -> Told {
    let london = london_time(moment);
    ((london.date(), false, london.time()), words::moment(moment), what)
}

fn on(date: NaiveDate, what: String) -> Told {
    ((date, true, NaiveTime::MIN), day(date), what)
}

pub(super) fn chronology(bundle: &Bundle) -> Vec<Block> {
    let complaint = &bundle.complaint;
    let mut told: Vec<Told> = Vec::new();
    for act in &bundle.acts {
        told.push(at(act.at, format!("{}\n{}", words::of_this_one(&act.what), actor(bundle, act.by))));
    }
    for one in &bundle.ran_out {
        let what = format!(
            "What was due by {} was not there: {}. The complaint came before the responsible person.",
            day(one.due_on),
            words::clock(one.clock)
        );
        told.push(at(one.at, what));
    }
    for response in &bundle.responses {
        told.push(on(response.sent_on, format!("The response was sent {}.", words::sent(response.sent_by))));
    }
    if let Some(asked) = &complaint.ombudsman {
        told.push(on(asked.asked_on, "The council was told that the complaint was taken to the Ombudsman.".to_owned()));
        let decided = asked.decided_on.zip(asked.decision);
        told.extend(decided.map(|(date, decision)| {
            on(date, format!("The Ombudsman decided: {}.", words::decision(decision).to_lowercase()))
        }));
    }
    for (place, action) in complaint.actions.iter().enumerate() {
        told.extend(action.done_on.map(|date| on(date, format!("Action {} was done.", place + 1))));
    }
    let acknowledged = complaint.acknowledged_at.map(|at| day(london_date(at)));
    if let Some((at, by)) = complaint.acknowledged_at.zip(complaint.acknowledged_by) {
        told.push(on(london_date(at), format!("The complainant was given the acknowledgement {}.", by.in_words())));
    }
    let by = complaint.acknowledged_by.map_or("", AcknowledgedBy::in_words);
    let acknowledged = acknowledged.map_or_else(|| "No".to_owned(), |day| format!("{day} {by}").trim().to_owned());
    told.sort_by_key(|(when, ..)| *when);
    let explained = complaint.delay_explained_at.map_or_else(|| "Not needed, or not done".to_owned(), words::moment);
    let progress = complaint.progress_due_on.map_or_else(|| "None is due".to_owned(), day);
    vec![
        Block::heading(Level::Two, "Days that count"),
        Block::facts([
            ("Acknowledgement due", day(complaint.acknowledgement_due_on)),
            ("Acknowledged", acknowledged),
            ("Plan due", day(complaint.plan_due_on)),
            ("Response due", day(complaint.response_due_on)),
            ("Response due at the latest", day(complaint.response_latest_on)),
            ("Next word to the complainant due", progress),
            ("Complainant told why there was no response in time", explained),
            ("Response sent", complaint.answered_at.map_or_else(|| "No".to_owned(), |at| day(london_date(at)))),
            ("Closed", complaint.closed_at.map_or_else(|| "No".to_owned(), words::moment)),
            ("Last reopened", complaint.reopened_at.map_or_else(|| "No".to_owned(), words::moment)),
        ]),
        Block::heading(Level::Two, "What happened, in order"),
        Block::paragraph("Messages stand in part 7, documents in part 8, and those who read something in part 13."),
        Block::facts(told.into_iter().map(|(_, when, what)| (when, what))),
    ]
}

fn assignment(bundle: &Bundle, id: AssignmentId) -> Option<&Assignment> {
    bundle.assignments.iter().find(|one| one.id == id)
}

pub(super) fn hearings(bundle: &Bundle) -> Vec<Block> {
    let mut blocks = Vec::new();
    for shown in &bundle.shown {
        let by = assignment(bundle, shown.id);
        let name = by.map_or_else(|| "Somebody".to_owned(), |one| assigned_to(bundle, one));
        blocks.push(Block::heading(Level::Two, name));
        if let Some(by) = by {
            let is_heard = by.capacity == Some(Capacity::Subject);
            let why = if is_heard { "Arranged meanwhile" } else { "Why nothing speaks against them" };
            let mut facts = vec![("Shown from", words::moment(by.opens_at))];
            facts.extend(by.ended_at.map(|at| ("Shown until", words::moment(at))));
            facts.extend(by.reason.clone().map(|reason| (why, reason)));
            blocks.push(Block::facts(facts));
        }
        if !shown.heads.is_empty() {
            blocks.push(Block::heading(Level::Three, "Heads as they were shown"));
            blocks.push(Block::list(shown.heads.iter().map(|head| head.statement.clone())));
        }
        if let Some(notice) = &shown.notice {
            blocks.extend([Block::heading(Level::Three, "Notice"), Block::paragraph(notice.clone())]);
        }
        for answer in &shown.answers {
            let heading = format!("Answer of {}", words::moment(answer.written_at));
            blocks.extend([Block::heading(Level::Three, heading), Block::paragraph(answer.text.clone())]);
        }
    }
    or_none(blocks, "Nobody was heard on heads, and no notice was given.")
}

pub(super) fn messages(bundle: &Bundle) -> Vec<Block> {
    let mut blocks = Vec::new();
    for message in &bundle.messages {
        let by = message.by.map_or_else(|| author(message.author).to_owned(), |id| name_of(bundle, id));
        blocks.push(Block::heading(Level::Two, format!("{}: {by}", words::moment(message.written_at))));
        blocks.push(Block::paragraph(message.text.clone()));
        if message.author == Author::Complainant {
            blocks.push(Block::paragraph(passed_on(message.passed_on_at)));
        }
        if let Some(given) = &message.given {
            let given = format!("Given to the complainant {} on {}.", given.by.in_words(), day(given.on));
            blocks.push(Block::paragraph(given));
        }
    }
    or_none(blocks, "No messages were written.")
}

/// When an officer passed on what the complainant wrote or sent.
fn passed_on(at: Option<DateTime<Utc>>) -> String {
    match at {
        Some(at) => format!("Passed on to everybody who has the complaint on {}.", words::moment(at)),
        None => "Not passed on to guests.".to_owned(),
    }
}

pub(super) fn documents(bundle: &Bundle) -> Vec<Block> {
    let mut blocks = Vec::new();
    for filed in &bundle.documents {
        let sent = &filed.document;
        let mut facts = vec![
            ("Sent by", filed.sent_by.clone().unwrap_or_else(|| author(filed.author).to_owned())),
            ("Sent", words::moment(sent.sent_at)),
            ("Kind", words::plain(sent.kind.as_str())),
            ("Size", format!("{} bytes", sent.size)),
            ("SHA-256", sent.sha256.clone()),
            ("Scanner", words::scanned(sent.status).to_owned()),
        ];
        if filed.author == Author::Complainant {
            facts.push(("To guests", passed_on(filed.passed_on_at)));
        }
        blocks.extend([Block::heading(Level::Two, sent.name.clone()), Block::facts(facts)]);
    }
    or_none(blocks, "No documents were sent.")
}

pub(super) fn who_had_it(bundle: &Bundle) -> Vec<Block> {
    let mut blocks = vec![Block::heading(Level::Two, "Those who had it")];
    for one in &bundle.assignments {
        let mut facts = vec![("Saw", words::view(one.view).to_owned()), ("From", words::moment(one.opens_at))];
        facts.push(("Until", one.ended_at.map_or_else(|| "They have it still.".to_owned(), words::moment)));
        if one.ended_at.is_some() {
            facts.push(("Why it ended", words::ended(one.ended_because).to_owned()));
        }
        if one.to() == Some(one.assigned_by.uuid()) {
            facts.push(("Why", "They opened it when it was offered to them.".to_owned()));
        } else {
            let by = format!("{}, on {}", name_of(bundle, one.assigned_by.uuid()), words::moment(one.assigned_at));
            facts.push(("Assigned by", by));
            facts.extend(one.reason.clone().map(|reason| ("Why", reason)));
        }
        blocks.extend([Block::heading(Level::Three, assigned_to(bundle, one)), Block::facts(facts)]);
    }
    blocks.push(Block::heading(Level::Two, "Those who saw it"));
    blocks
        .push(Block::paragraph("The log of the council has each time. Here stand how often, the first and the last."));
    let mut by: Vec<Actor> = Vec::new();
    for sight in &bundle.sights {
        if !by.contains(&sight.by) {
            by.push(sight.by);
        }
    }
    for one in by {
        let seen = bundle.sights.iter().filter(|sight| sight.by == one).map(|sight| {
            let (what, first) = (words::of_this_one(&sight.what), words::moment(sight.first));
            match sight.times {
                1 => format!("{what}\n{first}"),
                times => format!("{what}\n{times} times, from {first} to {}", words::moment(sight.last)),
            }
        });
        blocks.extend([Block::heading(Level::Three, actor(bundle, one)), Block::list(seen)]);
    }
    if bundle.complaint.confidential {
        blocks.push(Block::heading(Level::Two, "Those who unsealed who complained"));
        let unsealed = bundle.unsealings.iter().map(|one| {
            let when = format!("{}, until {}", words::moment(one.at), words::moment(one.until));
            (when, format!("{}\n{}", name_of(bundle, one.by), one.reason))
        });
        blocks.push(Block::facts(unsealed));
    }
    blocks
}
