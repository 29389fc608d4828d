//! Wednesday 25 November. Cases are closed, by those who may and on what is a ground; and a note stands in the wrong
//! record.

use almoner_tests::callers::Caller;
use almoner_tests::{Practice, messages};
use serde_json::json;

use super::cast::{Accepted, Fortnight, PEOPLE, TO_SIGN, assert_refused, done, evidence, faults, known, step};
use crate::practice::cases::{close, column};

pub(super) fn after_an_hour_an_answer_stands(story: &Fortnight, ivor: &Accepted) {
    story.at("2026-11-25T09:05");
    let late = step(&story.practice.manager, &ivor.at_the_practice, "undo", &json!({}));
    assert_refused(&late, 409, "invalid-state");
    assert!(late.text("/detail").unwrap().contains("accepted more than an hour ago"), "{}", late.body);
}

/// Edith's case is Hannah's. A colleague does not close it, and nobody does because a worker is away, a provider stopped or
/// somebody moved. On a ground for closing it waits for Irena, who stands outside the line of its worker.
pub(super) fn a_case_is_closed_on_a_ground_for_closing_and_by_those_who_work_on_it(
    story: &Fortnight,
    edith: &Accepted,
) {
    let Practice { manager: gareth, second_manager: irena, social_worker: hannah, .. } = &story.practice;
    let Practice { social_worker_2: tomasz, practitioner: lucy, .. } = &story.practice;
    story.at("2026-11-25T10:00");
    for passing in [tomasz, lucy] {
        for how in [messages::close(), messages::close_on_death()] {
            assert_refused(&close(passing, &edith.case, &how), 403, "forbidden");
        }
    }
    for ground in ["worker_absent", "provider_stopped", "moved_away", "person_asked"] {
        let mut how = messages::close();
        how["ground"] = ground.into();
        how["evidence"] = evidence("e", "2026-11-26", "?");
        let refused = close(hannah, &edith.case, &how);
        assert_eq!(faults(&refused), ["/ground", "/evidence/what", "/evidence/on", "/evidence/from"], "{ground}");
    }
    assert_eq!(hannah.get(&edith.case).text("/status"), Some("open"));

    // The warning that Lucy took over on Tuesday is in force, and Irena upholds it.
    let taken_over = irena.get(TO_SIGN);
    assert_eq!(column(&taken_over, "/ground"), [Some("hazard")], "{}", taken_over.body);
    let request = format!("{TO_SIGN}/{}", taken_over.text("/items/0/id").unwrap());
    assert_eq!(done(step(irena, &request, "approve", &messages::approve())).text("/status"), Some("approved"));

    let asked = done(close(hannah, &edith.case, &messages::close()));
    assert_eq!(asked.text("/status"), Some("closing"), "{}", asked.body);
    let waits = irena.get(TO_SIGN);
    assert_eq!(column(&waits, "/ground"), [Some("work_complete")], "{}", waits.body);
    let request = format!("{TO_SIGN}/{}", waits.text("/items/0/id").unwrap());
    assert_eq!(gareth.get(&request).status, 404, "the worker's own manager does not sign");
    story.at("2026-11-25T11:30");
    let signed = done(step(irena, &request, "approve", &messages::approve()));
    assert_eq!(signed.text("/status"), Some("approved"));
    let closed = hannah.get(&edith.case);
    assert_eq!((closed.text("/status"), closed.text("/ground")), (Some("closed"), Some("work_complete")));
    let told = story.council_reads(&edith.at_the_council);
    assert_eq!(told.text("/closed_on"), Some("2026-11-25"), "{}", told.body);

    // Edith's daughter rings in the afternoon. That can be written down, and the case stays closed.
    story.at("2026-11-25T15:00");
    let note = hannah.create(&format!("{}/notes", edith.case), &messages::note("Her daughter rang to thank us."));
    assert_eq!(note.status, 201, "{}", note.body);
    let timeline = hannah.get(&format!("{}/timeline", edith.case));
    let last = column(&timeline, "/kind").split_off(column(&timeline, "/kind").len() - 2);
    assert_eq!(last, [Some("closed"), Some("note_written")], "{}", timeline.body);
    assert_eq!(hannah.get(&edith.case).etag(), closed.etag());
}

/// Ivor is at home with his family, and agrees that nothing more is needed. The evidence of that is what closes the case at
/// once.
pub(super) fn an_event_closes_a_case_on_evidence_alone(story: &Fortnight, ivor: &Accepted) {
    let tomasz = &story.practice.social_worker_2;
    let mut how = messages::close();
    how["ground"] = "agreed_with_person".into();
    assert_eq!(faults(&close(tomasz, &ivor.case, &how)), ["/evidence"]);
    how["evidence"] = evidence("He signed that he wants nothing more from us.", "2026-11-25", "Ivor Lloyd, at home");
    let closed = done(close(tomasz, &ivor.case, &how));
    assert_eq!((closed.text("/status"), closed.text("/ground")), (Some("closed"), Some("agreed_with_person")));
    let notes = tomasz.get(&format!("{}/notes", ivor.case));
    assert!(notes.text("/items/0/text").unwrap().contains("He signed that he wants nothing more"), "{}", notes.body);
}

/// Lucy writes on the road, with two records open. What she says of Frank Hale stands in Nora's record until she sees it.
pub(super) fn a_note_in_the_wrong_record_is_struck_through(story: &Fortnight, nora: &Accepted) {
    let Practice { manager: gareth, social_worker_2: tomasz, practitioner: lucy, records_officer: rosalind, .. } =
        &story.practice;
    story.at("2026-11-25T16:10");
    let notes = format!("{}/notes", nora.case);
    let write = |text: &str| {
        let written = lucy.create(&notes, &messages::note(text));
        assert_eq!(written.status, 201, "{}", written.body);
        written.header("location").unwrap().to_owned()
    };
    write("Saw Nora at home.");
    let wrong = write("Saw Frank Hale, who has fallen again.");
    let why = json!({ "reason": "This was Frank Hale." });
    assert_refused(&step(tomasz, &wrong, "entered-in-error", &why), 403, "forbidden");
    let struck = done(step(lucy, &wrong, "entered-in-error", &why));
    for sees_why in [lucy, gareth, rosalind] {
        let listed = sees_why.get(&notes);
        assert_eq!(column(&listed, "/text").len(), 2);
        assert_eq!(listed.body["items"][0]["entered_in_error"], struck.body["entered_in_error"]);
    }
    assert_eq!(struck.text("/entered_in_error/reason"), Some("This was Frank Hale."));
    assert_eq!(column(&tomasz.get(&notes), "/text"), [Some("Saw Nora at home.")], "gone for everybody else");
    assert_eq!(tomasz.get(&wrong).status, 404);
    let log = rosalind.get("/v1/practice/audit?action=note.entered_in_error");
    assert_eq!(column(&log, "/subject_id"), [struck.text("/id")], "the log keeps that it was there: {}", log.body);

    // Frank is known and has no case. What Lucy saw can be written all the same.
    let frank = lucy.create(PEOPLE, &known("Frank", "Hale", "1944-01-30"));
    let frank = frank.header("location").unwrap_or_else(|| panic!("{}", frank.body));
    let right = lucy.create(&format!("{frank}/notes"), &messages::note("Saw Frank, who has fallen again."));
    assert_eq!((right.status, right.body.get("case_id")), (201, None), "{}", right.body);
    assert_eq!(column(&tomasz.get(&format!("{frank}/notes")), "/text"), [Some("Saw Frank, who has fallen again.")]);
}
