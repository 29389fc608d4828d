//! The annual report: it counts every complaint of the council's, and shows none.

use almoner_tests::callers::Caller;
use almoner_tests::complaints::follow;
use serde_json::json;

use super::answered::{draft, let_in, ready_to_sign, sign};
use super::{Scene, acknowledge, found, plan, pointers, put, raise};

#[test]
fn a_year_of_complaints_is_counted_whoever_has_them_and_none_is_shown() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    acknowledge(officer, &complaint);
    plan(officer, &complaint, "2026-12-18");
    let head = raise(officer, &complaint);
    found(officer, &complaint, &head);
    let draft = json!({ "considered": "I looked.", "conclusions": "You are right.", "action": "I am satisfied." });
    put(officer, &complaint, "response", &draft);
    let let_in = json!({ "officer_id": scene.desk.responsible.id, "reason": "Signs for the council." });
    assert_eq!(officer.create(&format!("{complaint}/assignments"), &let_in).status, 201);
    let sign = format!("{complaint}/response/sign");
    let seen = scene.desk.responsible.get(&complaint);
    assert_eq!(scene.desk.responsible.send("POST", &sign, &[("if-match", seen.etag().unwrap())], None).status, 200);
    put(officer, &complaint, "response/sent", &json!({ "by": "post", "on": "2026-11-20" }));
    put(officer, &complaint, "ombudsman", &json!({ "asked_on": "2026-11-20" }));
    let learning = json!({ "learning": "A visit without a call is heard as being forgotten." });
    let closed = officer.change(&format!("{complaint}/close"), &officer.get(&complaint), &learning);
    assert_eq!(closed.status, 200, "{}", closed.body);
    let (_, other, excluded) = scene.opened(json!({}));
    let exclude = json!({ "ground": "employment", "reason": "It is about your own employment." });
    assert_eq!(other.change(&format!("{excluded}/exclude"), &other.get(&excluded), &exclude).status, 200);
    scene.world.lodge(&scene.complaint(json!({})));

    let idle = &scene.desk.alternate;
    let report = idle.get("/v1/complaints/annual-report?ending=2027");
    assert_eq!(report.status, 200, "{}", report.body);
    for (member, number) in [
        ("received", 3),
        ("well_founded", 1),
        ("answered", 1),
        ("answered_in_time", 1),
        ("withdrawn", 0),
        ("taken_to_the_ombudsman", 1),
        ("upheld_by_the_ombudsman", 0),
    ] {
        assert_eq!(report.body[member], json!(number), "{member}: {}", report.body);
    }
    assert_eq!(report.body["by_theme"], json!([{ "what": "delay", "number": 1 }]));
    assert_eq!(report.body["not_considered"], json!([{ "what": "employment", "number": 1 }]));
    assert_eq!(report.body["by_practice"][0]["number"], json!(3));
    assert_eq!(report.body["learning"], json!(["A visit without a call is heard as being forgotten."]));
    // Whoever is barred from a complaint would else see it come and go: the numbers of a running year are the responsible person's.
    for kind in ["", ".html", ".csv"] {
        let running = officer.get(&format!("/v1/complaints/annual-report{kind}?ending=2027"));
        assert_eq!(pointers(&running), ["ending"], "{kind}");
        assert!(running.body.to_string().contains("the responsible person"), "{}", running.body);
        assert_eq!(officer.get(&format!("/v1/complaints/annual-report{kind}?ending=2026")).status, 200, "{kind}");
    }
    let text = report.body.to_string();
    assert!(!text.contains("Marlow") && !text.contains("C-") && !text.contains("cancelled"), "{text}");
    let html = idle.get("/v1/complaints/annual-report.html?ending=2027");
    assert_eq!((html.status, html.header("content-type")), (200, Some("text/html; charset=utf-8")));

    assert_eq!(idle.get("/v1/complaints/annual-report").body["received"], json!(0), "the year that has ended");
    assert_eq!(pointers(&idle.get("/v1/complaints/annual-report?ending=2028")), ["ending"]);
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!(guest.get("/v1/complaints/annual-report").status, 403);
    let elsewhere = scene.world.council();
    let desk = scene.world.desk(&elsewhere);
    assert_eq!(desk.responsible.get("/v1/complaints/annual-report?ending=2027").body["received"], json!(0));
}

#[test]
fn the_annual_report_is_a_table_as_well() {
    let scene = Scene::new();
    scene.world.lodge(&scene.complaint(json!({})));
    let officer = &scene.desk.responsible;
    let table = officer.get("/v1/complaints/annual-report.csv?ending=2027");
    assert_eq!((table.status, table.header("content-type")), (200, Some("text/csv; charset=utf-8")));
    assert!(table.header("content-disposition").unwrap().contains("complaints-2027-03-31.csv"));
    let text = String::from_utf8(table.content.clone()).unwrap();
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!((rows[0], rows[2]), ("Of,What,Number", "Report,From,2026-04-01"), "{rows:?}");
    assert!(rows.contains(&"Total,Received,1") && rows.contains(&"How they came,app,1"), "{rows:?}");
}

#[test]
fn the_annual_report_says_what_was_agreed_to_be_done_what_is_and_what_is_overdue() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    let add = |due_on: &str| {
        let action =
            json!({ "what": "Visits are taken out after a call only.", "owner": "The practice", "due_on": due_on });
        let added = officer.create(&format!("{complaint}/actions"), &action);
        let actions = added.body["actions"].as_array().unwrap_or_else(|| panic!("{}", added.body));
        actions.last().unwrap()["id"].as_str().unwrap().to_owned()
    };
    let ids = ["2026-11-23", "2026-11-23", "2027-01-15"].map(add);
    let thanks = json!({ "stream": "compliment", "owner": "Practice manager", "words": "We pass it on.", "due_on": "2026-11-23" });
    assert_eq!(officer.create(&format!("{complaint}/matters"), &thanks).status, 201);
    let words = json!({ "on": "2026-11-20", "words": "I have seen the diary." });
    assert_eq!(put(officer, &complaint, &format!("actions/{}/done", ids[0]), &words).status, 200);
    let reports = |kind: &str| scene.desk.responsible.get(&format!("/v1/complaints/annual-report{kind}?ending=2027"));
    assert_eq!(reports("").body["actions"], json!({ "agreed": 3, "done": 1, "overdue": 0 }), "their day goes on");
    scene.it_is("2026-11-24T09:00:00Z");
    assert_eq!(reports("").body["actions"], json!({ "agreed": 3, "done": 1, "overdue": 1 }), "what is apart is none");
    let table = String::from_utf8(reports(".csv").content.clone()).unwrap();
    let rows: Vec<&str> = table.lines().filter(|row| row.starts_with("Action taken")).collect();
    assert_eq!((rows.len(), &rows[..2]), (3, &["Action taken,Agreed,3", "Action taken,Done,1"][..]), "{table}");
    assert!(rows[2].contains("Not done, and overdue") && rows[2].ends_with(",1"), "{table}");
    let page = String::from_utf8(reports(".html").content.clone()).unwrap();
    let (_, page) = page.split_once("Action taken</h2>").unwrap_or_else(|| panic!("{page}"));
    assert!(page.contains("Agreed") && page.contains("Not done, and overdue"), "{page}");
    let elsewhere = scene.world.desk(&scene.world.council());
    let theirs = elsewhere.responsible.get("/v1/complaints/annual-report?ending=2027");
    assert_eq!(theirs.body["actions"]["agreed"], json!(0), "another council's are none of theirs");
}

/// Lodges so many complaints about a practice.
fn lodge(scene: &Scene, practice: &str, number: usize) {
    for _ in 0..number {
        scene.world.lodge(&scene.complaint(json!({ "practice": practice, "council": scene.council.gss_code })));
    }
}

#[test]
fn anybody_knows_a_councils_totals_of_a_year_that_is_over_and_practices_from_five_up() {
    let scene = Scene::new();
    let (five, four) = (scene.world.practice(&scene.council), scene.world.practice(&scene.council));
    lodge(&scene, &five.slug, 6);
    lodge(&scene, &four.slug, 4);
    let figures = format!("/v1/public/councils/{}/complaint-figures", scene.council.gss_code);
    let anyone = scene.world.anyone();
    let of_now = anyone.get(&format!("{figures}?ending=2027"));
    assert_eq!(pointers(&of_now), ["ending"], "a year that goes on would tell of each complaint as it comes");
    assert_eq!(anyone.get(&figures).body["received"], json!(0));
    scene.world.set_clock("2027-04-01T09:00:00Z");
    let told = anyone.get(&figures);
    assert_eq!((told.status, &told.body["received"]), (200, &json!(10)), "{}", told.body);
    assert_eq!(told.body["by_practice"], json!([]), "six of ten would say that the other has four");
    lodge(&scene, &scene.practice.slug, 1);
    scene.world.set_clock("2027-03-30T09:00:00Z");
    lodge(&scene, &scene.practice.slug, 1);
    scene.world.set_clock("2027-04-01T10:00:00Z");
    let told = anyone.get(&figures);
    let six = json!([{ "what": format!("Practice {}", five.slug), "number": 6 }]);
    assert_eq!((&told.body["received"], &told.body["by_practice"]), (&json!(11), &six), "{}", told.body);
    assert_eq!(anyone.get("/v1/public/councils/E06000999/complaint-figures").status, 404);
}

#[test]
fn a_theme_is_published_from_five_heads_up() {
    let scene = Scene::new();
    let (_, officer, complaint) = scene.opened(json!({}));
    for _ in 0..5 {
        raise(officer, &complaint);
    }
    let conduct = json!({ "statement": "She laughed at me.", "about": "staff", "theme": "conduct" });
    for _ in 0..4 {
        assert_eq!(officer.create(&format!("{complaint}/heads"), &conduct).status, 201);
    }
    scene.world.set_clock("2027-04-01T09:00:00Z");
    let figures = format!("/v1/public/councils/{}/complaint-figures", scene.council.gss_code);
    let told = scene.world.anyone().get(&figures);
    assert_eq!(told.body["by_theme"], json!([{ "what": "delay", "number": 5 }]), "{}", told.body);
}

#[test]
fn what_is_no_complaint_is_counted_nowhere_so_that_no_small_number_can_be_worked_out_from_it() {
    let scene = Scene::new();
    let other = scene.world.practice(&scene.council);
    lodge(&scene, &other.slug, 3);
    scene.world.work_for_council(&scene.council);
    for _ in 0..6 {
        scene.opened(json!({}));
    }
    for _ in 0..4 {
        let (_, officer, complaint) = scene.opened(json!({}));
        let thanks = json!({ "stream": "compliment", "owner": "Practice manager", "words": "We pass it on." });
        assert_eq!(officer.create(&format!("{complaint}/matters"), &thanks).status, 201);
        let none = json!({ "ground": "no_complaint", "reason": "We passed your thanks on." });
        let over = officer.change(&format!("{complaint}/exclude"), &officer.get(&complaint), &none);
        assert_eq!(over.status, 200, "{}", over.body);
    }
    let figures = format!("/v1/public/councils/{}/complaint-figures", scene.council.gss_code);
    scene.world.set_clock("2027-04-01T09:00:00Z");
    scene.desk.forget_tokens();
    let told = scene.world.anyone().get(&figures);
    assert_eq!((told.status, &told.body["received"]), (200, &json!(9)), "{}", told.body);
    assert_eq!(told.body["by_practice"], json!([]), "six of nine would say that the other has three: {}", told.body);
    lodge(&scene, &scene.practice.slug, 1);
    let report = scene.desk.officers[0].get("/v1/complaints/annual-report?ending=2027");
    let of = |list: &str, what: &str| {
        let all = report.body[list].as_array().unwrap_or_else(|| panic!("{}", report.body));
        all.iter().find(|one| one["what"].as_str().unwrap().contains(what)).map(|one| one["number"].clone())
    };
    assert_eq!(report.body["received"], json!(9));
    assert_eq!(of("by_practice", &scene.practice.slug), Some(json!(6)), "{}", report.body);
    assert_eq!(of("by_way", "app"), Some(json!(9)), "{}", report.body);
    assert_eq!(of("not_considered", "no_complaint"), Some(json!(4)), "it is told how many were none");
}

#[test]
fn a_practice_reads_what_an_officer_releases_to_it_and_nothing_else() {
    let scene = Scene::new();
    let officer = &scene.desk.officers[0];
    scene.world.set_clock("2026-03-30T11:00:00Z");
    scene.desk.forget_tokens();
    lodge(&scene, &scene.practice.slug, 2);
    scene.world.set_clock("2026-11-20T11:00:00Z");
    scene.desk.forget_tokens();
    let words = "Whoever takes a visit out rings first.";
    let new = json!({ "practice": scene.practice.slug, "words": words, "ending": 2026 });
    let released = officer.create("/v1/complaints/learning", &new);
    assert_eq!((released.status, &released.body["figures"]["received"]), (201, &json!(2)), "{}", released.body);
    let bare = json!({ "practice": scene.practice.slug, "words": "Say when you are away." });
    assert!(officer.create("/v1/complaints/learning", &bare).body.get("figures").is_none());

    for reader in [&scene.practice.practitioner, &scene.practice.manager, &scene.practice.administrator] {
        let read = reader.get("/v1/practice/learning");
        assert_eq!((read.status, read.text("/items/0/words")), (200, Some("Say when you are away.")), "{}", read.body);
        assert_eq!((read.text("/items/1/words"), &read.body["items"][1]), (Some(words), &released.body));
    }
    let listed =
        scene.desk.officers[1].get(&format!("/v1/complaints/learning?practice={}&limit=1", scene.practice.slug));
    assert_eq!(listed.text("/items/0/words"), Some("Say when you are away."), "{}", listed.body);
    // Another practice, another council, and a guest have nothing of it.
    let other = scene.world.practice(&scene.council);
    assert_eq!(other.manager.get("/v1/practice/learning").body["items"], json!([]));
    let elsewhere = scene.world.desk(&scene.world.council());
    let of_practice = format!("/v1/complaints/learning?practice={}", scene.practice.slug);
    assert_eq!(elsewhere.officers[0].get(&of_practice).body["items"], json!([]));
    let guest = scene.world.investigator(&scene.council, &scene.desk, "Margaret Ashby");
    assert_eq!((guest.get(&of_practice).status, guest.create("/v1/complaints/learning", &new).status), (403, 403));
    let bad = json!({ "practice": "no-such-practice", "words": "\u{200b}", "ending": 2027 });
    assert_eq!(pointers(&officer.create("/v1/complaints/learning", &bad)), ["/words"]);
    let strange = scene.world.practice(&scene.world.council());
    let to_strangers = json!({ "practice": strange.slug, "words": "So." });
    assert_eq!(pointers(&officer.create("/v1/complaints/learning", &to_strangers)), ["/practice"]);
    let bad = json!({ "practice": "no-such-practice", "words": "So.", "ending": 2027 });
    assert_eq!(pointers(&officer.create("/v1/complaints/learning", &bad)), ["/practice", "/ending"]);
    for none in ["?practice=no-such-practice", "?practice=No+Practice", ""] {
        assert_eq!(pointers(&officer.get(&format!("/v1/complaints/learning{none}"))), ["practice"], "{none}");
    }
}

#[test]
fn a_response_that_was_sent_in_time_counts_so_whenever_that_is_recorded() {
    let scene = Scene::new();
    let (receipt, officer, complaint) = ready_to_sign(&scene, json!({}));
    let_in(officer, &complaint, &scene.desk.responsible);
    scene.it_is("2026-12-18T16:00:00Z");
    assert_eq!(sign(&scene.desk.responsible, &complaint).status, 200);
    // The letter went on the last day. The officer records it after the weekend.
    scene.it_is("2026-12-21T09:00:00Z");
    let sent = put(officer, &complaint, "response/sent", &json!({ "by": "post", "on": "2026-12-18" }));
    assert_eq!(sent.text("/answered_at"), Some("2026-12-18T12:00:00Z"), "{}", sent.body);
    assert_eq!(follow(&scene.world.partner(), &receipt).text("/answered_at"), Some("2026-12-18T12:00:00Z"));
    let report = scene.desk.responsible.get("/v1/complaints/annual-report?ending=2027");
    assert_eq!((&report.body["answered"], &report.body["answered_in_time"]), (&json!(1), &json!(1)), "{}", report.body);
    let due = officer.get("/v1/complaints/due");
    let close = due.body["items"].as_array().unwrap().iter().find(|item| item["clock"] == "close");
    assert_eq!(close.unwrap()["on"], json!("2027-01-06"), "ten working days after it was sent: {}", due.body);
}

#[test]
fn a_response_is_counted_once_it_was_sent_and_whatever_comes_afterwards() {
    let scene = Scene::new();
    let (_, officer, complaint) = ready_to_sign(&scene, json!({}));
    let responsible = &scene.desk.responsible;
    let_in(officer, &complaint, responsible);
    // Answered, well-founded, in time, and withdrawn, in the report in each of its kinds.
    let counted = |numbers: [i64; 4], outcomes: &[&str]| {
        let read = |kind: &str| responsible.get(&format!("/v1/complaints/annual-report{kind}?ending=2027"));
        let report = read("").body.clone();
        let members = ["answered", "well_founded", "answered_in_time", "withdrawn"];
        assert_eq!(members.map(|member| report[member].as_i64().unwrap()), numbers, "{report}");
        let found: Vec<&str> =
            report["by_outcome"].as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap()).collect();
        assert_eq!(found, outcomes, "{report}");
        let table = String::from_utf8(read(".csv").content.clone()).unwrap();
        for (row, number) in [
            ("Total,Answered", numbers[0]),
            ("Total,\"Well-founded, wholly or in part\"", numbers[1]),
            ("Total,Answered in time", numbers[2]),
        ] {
            assert!(table.lines().any(|line| line == format!("{row},{number}")), "{row},{number}: {table}");
        }
        assert_eq!(table.lines().filter(|line| line.starts_with("What was found,")).count(), outcomes.len(), "{table}");
        let page = String::from_utf8(read(".html").content.clone()).unwrap();
        assert_eq!(page.contains("What was found"), !outcomes.is_empty(), "{page}");
    };
    let reopen = || {
        let why = json!({ "reason": "You told us that it happened again." });
        let reopened = officer.change(&format!("{complaint}/reopen"), &officer.get(&complaint), &why);
        assert_eq!(reopened.status, 200, "{}", reopened.body);
    };
    assert_eq!(sign(responsible, &complaint).status, 200);
    counted([0, 0, 0, 0], &[]);
    put(officer, &complaint, "response/sent", &json!({ "by": "post", "on": "2026-11-20" }));
    counted([1, 1, 1, 0], &["well_founded"]);
    reopen();
    counted([1, 1, 1, 0], &["well_founded"]);

    plan(officer, &complaint, "2026-12-18");
    let head = officer.get(&complaint).text("/heads/0/id").unwrap().to_owned();
    let other = json!({ "outcome": "not_well_founded", "finding": "She had rung.", "heard_on": "2026-11-20" });
    assert_eq!(put(officer, &complaint, &format!("heads/{head}/finding"), &other).status, 200);
    assert_eq!(put(officer, &complaint, "response", &draft()).status, 200);
    scene.it_is("2026-12-21T09:00:00Z");
    assert_eq!(sign(responsible, &complaint).status, 200);
    counted([1, 1, 1, 0], &["well_founded"]);
    put(officer, &complaint, "response/sent", &json!({ "by": "post", "on": "2026-12-21" }));
    counted([1, 0, 0, 0], &["not_well_founded"]);
    reopen();
    assert_eq!(officer.create(&format!("{complaint}/requests"), &json!({ "kind": "withdrawal" })).status, 201);
    let seen = officer.get(&complaint);
    let path = format!("{complaint}/requests/{}/decide", seen.text("/requests/0/id").unwrap());
    let yes = json!({ "confirmed": true, "told_by": "phone", "told_on": "2026-12-21", "words": "So she said." });
    assert_eq!(officer.change(&path, &seen, &yes).text("/status"), Some("withdrawn"));
    counted([1, 0, 0, 1], &["not_well_founded"]);
}
