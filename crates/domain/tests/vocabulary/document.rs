//! `docs/events.md` is made from the table of events. `UPDATE_EXPECT=1` writes it anew.

use std::path::Path;

use almoner_domain::events::{
    Attempt, Chain, Description, Door, EventKind, Feed, JobKind, Log, OutboxKind, Outcome, TimelineKind, UnusualAccess,
};

const HEAD: &str = "# What can happen

This page is made from the table of events in `crates/domain/src/events/`: change the table, then run `make events`.

The audit log, the feeds of events, the notices to staff and the timelines of cases use these words and no others. They carry \
identifiers, never content. A word is the thing and what happened to it.

- **About** is what `subject_id` identifies.
- **Log** is the audit log that the event goes to. A practice's records officers read its own log, and a \
council's theirs, but for complaints, which have a chain of their own. An event that is in no log follows from another, whose \
row says who did it.
- **Person** says whether `service_user_id` names the person whose record it is.
- **Announced to** names the recipient in whose feed the event appears.
- **Staff told** are the members of staff who get a notice. The other managers are those but for who acts and whom it is about.
- **Timeline** is the `kind` of the line that it writes on the case's timeline.
";

const EXAMPLE: &str = "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d";

const FEED: &str = "
## The feed of a council

`GET /v1/council/events` has these kinds, in version 1 of their form. A later version may have more members, and the list may \
get longer; what is there stays.

| `kind` | What happened | Example |
| --- | --- | --- |";

const SAFEGUARDING_FEED: &str = "
## The feed of the safeguarding duty

`GET /v1/council/safeguarding-events` has these kinds, in version 1 of their form. `alert_id` names the concern.

| `kind` | What happened | Example |
| --- | --- | --- |";

#[test]
fn the_document_is_made_from_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/events.md");
    let now = document();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == now,
        "docs/events.md is not what the table of events says: \
         run `make events` and look at the change"
    );
}

fn document() -> String {
    let mut lines = vec![HEAD.to_owned(), "## Events\n".to_owned()];
    lines.push("| Word | What happened | About | Log | Person | Announced to | Staff told | Timeline |".to_owned());
    lines.push("| --- | --- | --- | --- | --- | --- | --- | --- |".to_owned());
    for kind in EventKind::ALL {
        let row = kind.description();
        let (sentence, about, log) = (row.sentence, row.subject.replace('_', " "), row.log.as_str());
        let (announced_to, notice_to) = (row.announced_to.unwrap_or_default(), row.notice_to.unwrap_or_default());
        let (person, line) = (named(&row), row.line.map(|line| format!("`{line}`")).unwrap_or_default());
        lines.push(format!(
            "| `{kind}` | {sentence} | the {about} | {log} | {person} | {announced_to} | {notice_to} | {line} |"
        ));
    }
    lines.push(FEED.to_owned());
    for kind in OutboxKind::ALL.iter().filter(|kind| kind.feed() == Feed::Council) {
        let referral =
            if kind.is_about_a_referral() { format!(r#", "referral_id": "{EXAMPLE}""#) } else { String::new() };
        lines.push(format!(
            r#"| `{kind}` | {} | `{{ "number": 412, "kind": "{kind}", "version": 1, "at": "2026-11-20T10:05:00Z"{referral} }}` |"#,
            kind.sentence()
        ));
    }
    lines.push(SAFEGUARDING_FEED.to_owned());
    for kind in OutboxKind::ALL.iter().filter(|kind| kind.feed() == Feed::Safeguarding) {
        lines.push(format!(
            r#"| `{kind}` | {} | `{{ "number": 12, "kind": "{kind}", "version": 1, "at": "2026-11-20T10:05:00Z", "alert_id": "{EXAMPLE}" }}` |"#,
            kind.sentence()
        ));
    }
    macro_rules! list {
        ($head:literal, $list:ident) => {
            lines.push(format!("\n{} | Meaning |\n| --- | --- |", $head));
            lines.extend($list::ALL.iter().map(|value| format!("| `{value}` | {} |", value.sentence())));
        };
    }
    list!("## Lines of a case's timeline\n\n| `kind`", TimelineKind);
    list!("## Outcomes\n\n| `outcome`", Outcome);
    list!(
        "What was refused has the word of the permission that it wants as its `action`, or one of these:\n\n| `action`",
        Attempt
    );
    list!("## Doors\n\n| `door`", Door);
    list!("## Chains\n\n| `chain`", Chain);
    list!("## Unusual access\n\n| `kind`", UnusualAccess);
    list!("## Jobs\n\n| Kind", JobKind);
    lines.push(String::new());
    lines.join("\n")
}

/// Whether the row names the person: what it is about, or what goes with it, is theirs.
fn named(row: &Description) -> &'static str {
    match (row.subject_type, row.person) {
        _ if row.log == Log::Nothing => "",
        ("ServiceUserId" | "CaseKey", _) => "yes",
        (_, Some((_, of))) if of.starts_with("Option") => "where there is one",
        (_, Some(_)) => "yes",
        (_, None) => "",
    }
}
