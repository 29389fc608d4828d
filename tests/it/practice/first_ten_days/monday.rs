//! Monday 23 November. The practice is made ready, and its inbox fills.

use almoner_domain::officers::roles::OfficerRole;
use almoner_tests::Practice;
use almoner_tests::callers::Caller;
use serde_json::{Value, json};

use super::cast::{
    Accepted, Fortnight, INBOX, STAFF, Waiting, about, accept, at_the_council, done, going_home, minute, notices, put,
};
use crate::practice::cases::{column, give, pointer};

/// The referrals that wait in the inbox on the first evening, and the one that nobody may let wait.
pub(super) struct Inbox {
    pub(super) edith: Waiting,
    pub(super) arthur: Waiting,
    pub(super) ivor: Waiting,
    nora: Waiting,
}

/// The council sends its first referral before anybody was looked up in the register, and with neither insurance nor an
/// agreement on record. The practice is not sent it, is not found by anybody who looks for one, and each lack is said.
pub(super) fn nothing_is_sent_to_a_practice_that_is_not_ready(story: &Fortnight) -> Waiting {
    let Practice { slug, id, manager: gareth, social_worker: hannah, social_worker_2: tomasz, .. } = &story.practice;
    story.at("2026-11-23T08:30");
    let listing = format!("/v1/public/practices/{slug}");
    let listed = || story.world.anyone().get(&listing).status;
    assert_eq!(listed(), 404);
    let message = about("Edith", "Marlow", "1941-03-08");
    let unrouted = story.post(&message);
    assert_eq!((unrouted.status, unrouted.text("/status")), (201, Some("unrouted")), "{}", unrouted.body);
    let why = unrouted.text("/routing/explanation").unwrap();
    assert!(why.ends_with("that serves SY1 is ready to be sent referrals: name a practice."), "{why}");
    let by_name = |route: &str| {
        let named = json!({ "practice": slug });
        let officer = story.world.first_officer(&story.council);
        officer.change(&format!("{}/{route}", at_the_council(&unrouted)), &unrouted, &named)
    };
    let refused = by_name("route");
    assert_eq!(pointer(&refused), (422, Some("/practice")), "{}", refused.body);

    // The operator sees the same lacks, and records what was seen. The manager looks the social workers up.
    let onboarding = format!("/v1/operator/practices/{id}/onboarding");
    let seen = story.operator.get(&onboarding);
    assert_eq!(seen.body["ready_for_referrals"], false, "{}", seen.body);
    for lack in ["no social worker", "no insurance", "no agreement"] {
        for said in [refused.text("/errors/0/detail"), seen.text("/not_ready_because")] {
            assert!(said.is_some_and(|said| said.contains(lack)), "{lack}: {said:?}");
        }
    }
    for (item, expires_on) in [("insurance", "2027-10-31"), ("processing_agreement", "2028-03-31")] {
        let shown =
            json!({ "done_on": "2026-11-23", "expires_on": expires_on, "evidence": "Seen by the contracts team." });
        done(put(&story.operator, &format!("{onboarding}/{item}"), &story.operator.get(&onboarding), &shown));
    }
    assert_eq!(listed(), 404, "nobody who may decide has been looked up");
    for worker in [hannah, tomasz] {
        let path = format!("{STAFF}/{}/registration", worker.id);
        let unseen = gareth.get(&path);
        assert_eq!(unseen.body["attention"], json!(["never_checked"]), "{}", unseen.body);
        let found = json!({ "status": "registered", "checked_on": "2026-11-23", "registration_ends_on": "2027-11-30" });
        assert_eq!(done(put(gareth, &path, &unseen, &found)).body["may_practise"], true);
    }
    let unseen = gareth.get("/v1/practice/registrations");
    assert_eq!(column(&unseen, "/staff/name"), [Some("Wren Abbott")], "one is forgotten, and stays on the list");
    let ready = story.operator.get(&onboarding);
    assert_eq!((&ready.body["ready_for_referrals"], ready.body.get("not_ready_because")), (&json!(true), None));
    assert_eq!(listed(), 200);

    let routed = done(by_name("route"));
    assert_eq!((routed.text("/status"), routed.text("/practice/slug")), (Some("received"), Some(slug.as_str())));
    Waiting { message, at_the_council: at_the_council(&routed), at_the_practice: story.arrived(), answer: routed }
}

/// The only officer to whom complaints could be offered gives the role up: the council reads in its next answer that nobody is there
/// for them, and the operator in the list of councils, though nobody has complained; and no longer once a colleague has the role.
pub(super) fn a_council_without_a_desk_is_told(story: &Fortnight) {
    story.at("2026-11-23T08:50");
    let told = || {
        let at_the_operator = story.operator.get(&format!("/v1/operator/councils/{}", story.council.id));
        let at_the_council = story.council.system.get("/v1/council/referrals");
        [
            minute(&at_the_operator, "/complaints_unread_since").map(str::to_owned),
            minute(&at_the_council, "/items/0/complaints_unread_since").map(str::to_owned),
        ]
    };
    let only_one = story.world.officer(&story.council, &[OfficerRole::Complaints, OfficerRole::Duty]);
    assert_eq!(told(), [None, None]);
    let colleague = story.world.officer(&story.council, &[OfficerRole::Administrator]);
    let officer = format!("/v1/council/officers/{}", only_one.id);
    done(colleague.patch(&officer, &colleague.get(&officer), &json!({ "roles": ["duty"] })));
    assert_eq!(told(), [Some("2026-11-23T08:50"); 2].map(|since| since.map(str::to_owned)));
    story.world.officer(&story.council, &[OfficerRole::Complaints]);
    assert_eq!(told(), [None, None]);
}

/// Three more arrive, the one that cannot wait last of all. It stands first, and those who may answer it are told.
pub(super) fn the_inbox_says_whom_to_ring_first(story: &Fortnight, edith: Waiting) -> Inbox {
    let Practice { manager: gareth, second_manager: irena, social_worker: hannah, practitioner: lucy, .. } =
        &story.practice;
    story.at("2026-11-23T09:30");
    let hours = lucy.get("/v1/practice/opening-hours");
    let nine_to_five = json!({ "from": "09:00", "to": "17:00" });
    assert_eq!(
        (&hours.body["monday"], hours.body.get("saturday")),
        (&nine_to_five, None),
        "unless the practice says so"
    );

    let mut urgent = about("Arthur", "Price", "1939-11-02");
    urgent["urgency"] = "urgent".into();
    urgent["person"]["address"] = json!({ "lines": ["9 Mardol"], "postcode": "SY1 1PU" });
    urgent["person"]["preferred_name"] = "Art".into();
    urgent["carer"] = json!({ "name": "Owen Price", "relationship": "son", "phone": "07700 900123" });
    urgent["visit_warnings"] =
        json!([{ "kind": "animal", "detail": "A large dog in the yard.", "told_to_person": false }]);
    let mut immediate = about("Nora", "Bevan", "1947-06-21");
    immediate["urgency"] = "immediate".into();
    immediate["person"]["address"] = json!({ "lines": ["2 Castle Street"], "postcode": "SY2 5AA" });
    immediate["person"]["safe_contact"] = json!({ "when": "Mornings only.", "not_to_tell": "Her nephew" });
    let home_tomorrow = going_home(about("Ivor", "Lloyd", "1936-02-14"), "2026-11-24");
    let [ivor, arthur, nora] = [home_tomorrow, urgent, immediate].map(|message| story.send(&message));

    // The immediate one is first; then whoever has to be looked at by tomorrow morning; then the one that came first of
    // all.
    let inbox = hannah.get(INBOX);
    let people = ["Nora Bevan", "Ivor Lloyd", "Art Price", "Edith Marlow"].map(Some);
    assert_eq!(column(&inbox, "/person"), people, "{}", inbox.body);
    let due = ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-30"].map(Some);
    assert_eq!(column(&inbox, "/response_due_on"), due, "{}", inbox.body);
    let looked_at =
        [0, 1, 2, 3].map(|n| minute(&inbox, &format!("/items/{n}/human_contact_due_at")).map(str::to_owned));
    let within_two_hours_or_a_day =
        [Some("2026-11-23T11:30"), Some("2026-11-24T09:30"), Some("2026-11-24T09:30"), None];
    assert_eq!(looked_at.each_ref().map(Option::as_deref), within_two_hours_or_a_day, "{}", inbox.body);
    let line = &inbox.body["items"][0];
    assert_eq!((&line["urgency"], &line["place"]), (&json!("immediate"), &json!("SY2")), "{line}");
    assert_eq!((&line["flags"]["safe_contact"], &line["flags"]["visit_warnings"]), (&json!(true), &json!(false)));
    assert_eq!(inbox.body["items"][1]["discharge"], ivor.message["discharge"]);
    for hidden in ["nephew", "dog", "Castle Street", "1947-06-21"] {
        assert!(!inbox.body.to_string().contains(hidden), "a list shows no more than it must: {hidden}");
    }
    for (referral, to_workers) in [(&edith, 0), (&ivor, 0), (&arthur, 1), (&nora, 1)] {
        let told = |of| notices(of, "referral.received", &referral.at_the_practice);
        let person = &referral.message["person"]["given_name"];
        assert_eq!((told(gareth), told(irena), told(hannah), told(lucy)), (1, 1, to_workers, 0), "{person}");
    }
    Inbox { edith, arthur, ivor, nora }
}

/// Hannah rings Nora and accepts; Gareth gives the case to Lucy, who sees at once how Nora can be reached.
pub(super) fn the_immediate_one_is_answered_within_the_hour(story: &Fortnight, inbox: &Inbox) -> Accepted {
    let Practice { social_worker: hannah, practitioner: lucy, .. } = &story.practice;
    let team = &inbox.nora.answer.body["emergency_duty_team"];
    assert_eq!((&team["ring_now"], &team["seen_same_day"]), (&json!(false), &json!(true)), "{team}");
    story.at("2026-11-23T09:50");
    let nora = accept(hannah, &inbox.nora, &json!({}));
    let given = give(&story.practice, &nora.case, lucy);
    assert_eq!(given.text("/allocated_to/name"), Some("Lucy Freeman"), "{}", given.body);
    let record = lucy.get(&nora.person);
    assert_eq!(record.body["safe_contact"], inbox.nora.message["person"]["safe_contact"], "{}", record.body);
    assert_eq!(record.body["flags"]["safe_contact"], true);
    let told = story.council_reads(&nora.at_the_council);
    assert_eq!(told.text("/status"), Some("accepted"), "{}", told.body);
    assert_eq!(told.body["emergency_duty_team"], Value::Null, "nobody needs to ring any more");
    nora
}
