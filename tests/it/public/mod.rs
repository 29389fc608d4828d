use almoner_domain::officers::roles::OfficerRole;
use almoner_tests::World;
use almoner_tests::callers::Caller;
use serde_json::{Value, json};

const PRACTICES: &str = "/v1/public/practices";

/// The names of the practices that serve a postcode, in order.
fn serving(world: &World, place: &str) -> Vec<String> {
    let answer = world.anyone().get(&format!("{PRACTICES}?postcode={place}"));
    assert_eq!(answer.status, 200, "{place}: {}", answer.body);
    answer.body["items"].as_array().unwrap().iter().map(|one| one["slug"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn anyone_finds_the_practices_that_serve_a_postcode_or_a_district() {
    let world = World::new();
    let [one, other, elsewhere] = [json!(["TR21", "TR22"]), json!(["TR21"]), json!(["TR23"])]
        .map(|districts| world.practice_with(json!({ "districts": districts })));
    for practice in [&one, &other, &elsewhere] {
        world.make_ready(practice);
    }
    for place in ["TR21%200AA", "TR210AA", "tr21+0aa", "TR21", "tr21", "%20TR21%20"] {
        assert_eq!(serving(&world, place), [one.slug.clone(), other.slug.clone()], "{place}");
    }
    assert_eq!(serving(&world, "TR22"), [one.slug.as_str()]);
    assert_eq!(serving(&world, "TR23%200AA"), [elsewhere.slug.as_str()]);
    assert_eq!(serving(&world, "TR24"), Vec::<String>::new(), "served by nobody");
}

#[test]
fn what_is_no_postcode_is_refused() {
    let world = World::new();
    for place in ["Shrewsbury", "SY1%201CI", "", "12345", "TR2%001", "%27%20OR%201%3D1%20--", "SY", "TR21-0AA"] {
        let refused = world.anyone().get(&format!("{PRACTICES}?postcode={place}"));
        let told = (refused.status, refused.text("/errors/0/pointer"));
        assert_eq!(told, (422, Some("postcode")), "{place}: {}", refused.body);
        assert!(!refused.body.to_string().contains("Shrewsbury"), "{}", refused.body);
    }
}

#[test]
fn a_practice_is_read_by_its_name() {
    let world = World::new();
    let practice = world.practice_with(json!({ "districts": ["TR25", "TR26"], "capacity": 7 }));
    world.make_ready(&practice);
    let listed = world.anyone().get(&format!("{PRACTICES}/{}", practice.slug));
    assert_eq!(listed.status, 200);
    let expected = json!({
        "slug": practice.slug, "name": format!("Practice {}", practice.slug), "districts": ["TR25", "TR26"],
        "free_capacity": 7,
    });
    assert_eq!(listed.body, expected, "and nothing else");
    assert_eq!(serving(&world, "TR26"), [practice.slug.as_str()]);
}

#[test]
fn what_is_not_there_is_not_found() {
    let world = World::new();
    for slug in ["no-such-practice", "No-Such-Practice", "a", "%00", "..%2f", "%27--", "%F0%9F%99%82"] {
        for step in ["", "/complaints-procedure"] {
            let unknown = world.anyone().get(&format!("{PRACTICES}/{slug}{step}"));
            let kind = (unknown.status, unknown.text("/type"));
            assert_eq!(kind, (404, Some("/problems/not-found")), "{slug}{step}: {}", unknown.body);
        }
    }
}

#[test]
fn anyone_learns_how_to_complain_and_who_helps_with_it() {
    let world = World::new();
    let practice = world.practice_with(json!({ "complaints_procedure": "Tell any of us,\nor write to us." }));
    let procedure = world.anyone().get(&format!("{PRACTICES}/{}/complaints-procedure", practice.slug));
    assert_eq!(procedure.status, 200);
    let expected = json!({
        "apps": procedure.body["apps"],
        "councils": [],
        "no_detriment": procedure.body["no_detriment"],
        "ombudsman": {
            "name": "Local Government and Social Care Ombudsman", "address": "PO Box 4771, Coventry CV4 0EH",
            "phone": "0300 061 0614", "website": "www.lgo.org.uk",
        },
        "practice": { "id": practice.id, "slug": practice.slug, "name": format!("Practice {}", practice.slug) },
        "procedure": "Tell any of us,\nor write to us.",
        "advocacy": "Independent Advocacy, 01743 000000",
    });
    assert_eq!(procedure.body, expected);
    assert!(procedure.text("/no_detriment").unwrap().contains("because they complained"), "{}", procedure.body);
}

#[test]
fn the_procedure_names_the_councils_of_the_practice_and_where_one_complains_to_each() {
    let world = World::new();
    let (council, silent, former) = (world.council(), world.council(), world.council());
    let practice = world.practice(&council);
    world.contract(&silent, &practice, json!({}));
    world.contract(&former, &practice, json!({ "starts_on": "2025-01-01", "ends_on": "2026-11-19" }));
    let duty = world.officer(&council, &[OfficerRole::Duty]);
    let contact = json!({
        "address": "Guildhall,\nFrankwell Quay", "phone": "0345 678 9077", "email": "complaints@council.example",
        "website": "www.council.example/complaints", "advocacy": "Taking Part, 01743 363399, helps free of charge.",
    });
    let contacts = "/v1/council/contacts";
    duty.step_up();
    let changed = duty.patch(contacts, &duty.get(contacts), &json!({ "complaints": contact }));
    assert_eq!((changed.status, &changed.body["complaints"]), (200, &contact), "{}", changed.body);
    let wrong = duty.patch(contacts, &changed, &json!({ "complaints": { "phone": "ring us", "advocacy": null } }));
    assert_eq!(wrong.status, 422, "{}", wrong.body);

    let procedure = world.anyone().get(&format!("{PRACTICES}/{}/complaints-procedure", practice.slug));
    let councils = procedure.body["councils"].as_array().unwrap_or_else(|| panic!("{}", procedure.body));
    assert_eq!(councils.len(), 2, "the contract with the third is over: {}", procedure.body);
    let of = |code: &str| councils.iter().find(|one| one["council"]["gss_code"] == code).unwrap();
    assert_eq!(of(&council.gss_code)["contact"], contact);
    assert!(of(&silent.gss_code).get("contact").is_none(), "{}", procedure.body);

    let to_council = world.anyone().get(&format!("/v1/public/councils/{}/complaints-procedure", council.gss_code));
    assert_eq!(to_council.status, 200, "{}", to_council.body);
    assert_eq!(to_council.text("/contact/address"), Some("Guildhall,\nFrankwell Quay"));
    assert_eq!(to_council.text("/ombudsman/phone"), Some("0300 061 0614"));
    let nobodys = world.anyone().get("/v1/public/councils/E06000999/complaints-procedure");
    assert_eq!((nobodys.status, world.anyone().get("/v1/public/councils/X/complaints-procedure").status), (404, 404));
    // Taken out, it is gone.
    let out = duty.patch(contacts, &changed, &json!({ "complaints": null }));
    assert!(out.body.get("complaints").is_none(), "{}", out.body);
}

#[test]
fn a_full_practice_is_listed_with_no_free_capacity() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice_with(json!({ "capacity": 0 }));
    world.contract(&council, &practice, json!({}));
    let mut message = almoner_tests::messages::referral();
    message["chosen_practice"] = practice.slug.as_str().into();
    assert_eq!(council.system.post("/v1/council/referrals", &message).status, 201);
    let listed = world.anyone().get(&format!("{PRACTICES}/{}", practice.slug));
    assert_eq!(listed.body["free_capacity"], 0, "never less");
}

#[test]
fn the_directory_is_paged_through() {
    let world = World::new();
    let mut expected: Vec<String> = (0..5)
        .map(|_| {
            let practice = world.practice_with(json!({ "districts": ["TR27"] }));
            world.make_ready(&practice);
            practice.slug
        })
        .collect();
    expected.sort_unstable();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.anyone().get(&format!("{PRACTICES}?postcode=TR27&limit=2{cursor}"));
        seen.extend(page.body["items"].as_array().unwrap().iter().map(|one| one["slug"].as_str().unwrap().to_owned()));
        let Some(next) = page.text("/next_cursor") else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, expected);
    // The first cursor has a NUL, a vertical bar and an identifier; the others are texts that no page gave.
    let nul = "AHwwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDA";
    for cursor in ["!", "AAAA", "YQ", nul] {
        let refused = world.anyone().get(&format!("{PRACTICES}?cursor={cursor}"));
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("cursor")), "{}", refused.body);
    }
}

#[test]
fn a_token_neither_helps_nor_hinders() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    world.make_ready(&practice);
    let path = format!("{PRACTICES}/{}", practice.slug);
    let plain = world.anyone().get(&path);
    let garbage = world.anyone().send("GET", &path, &[("authorization", "Bearer garbage")], None);
    for answer in [practice.administrator.get(&path), garbage] {
        assert_eq!((answer.status, answer.body), (200, plain.body.clone()));
    }
    let posted = world.anyone().post(&path, &Value::Null);
    assert_eq!((posted.status, posted.header("allow")), (405, Some("GET, HEAD")), "{}", posted.body);
}
