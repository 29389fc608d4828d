//! The settings of a practice's provider.

use almoner_tests::World;
use almoner_tests::callers::Caller;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::fake::Fake;
use super::{FRONTEND, SECRET, SETTINGS, SIGN_ON, assert_wrong, put, settings, world};

#[test]
fn an_administrator_sets_changes_and_takes_away_the_provider_whose_secret_is_never_shown() {
    let world = world();
    let practice = world.practice_with(json!({}));
    let (fake, other) = (Fake::start(), Fake::start());
    let administrator = &practice.administrator;
    let nothing = administrator.get(SETTINGS);
    assert_eq!((nothing.status, nothing.etag(), &nothing.body["provider"]), (200, Some("\"0\""), &Value::Null));
    let all = settings(&fake.issuer(), json!({}));
    let done = put(administrator, &nothing, &all);
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(put(administrator, &nothing, &all).status, 412, "somebody was there before");
    let seen = administrator.get(SETTINGS);
    assert_eq!(seen.text("/provider/issuer"), Some(fake.issuer().as_str()));
    assert!(!seen.body.to_string().contains(SECRET) && !done.body.to_string().contains(SECRET));

    let mut without = all.clone();
    without.as_object_mut().unwrap().remove("client_secret");
    assert_eq!(put(administrator, &seen, &without).status, 200, "the secret stays");
    let seen = administrator.get(SETTINGS);
    without["issuer"] = other.issuer().into();
    let refused = put(administrator, &seen, &without);
    assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/client_secret")), "{}", refused.body);
    assert!(other.requests().is_empty(), "nor was it asked");
    for (changes, pointer) in [
        (json!({ "redirect_uris": [] }), "/redirect_uris"),
        (json!({ "redirect_uris": ["http://app.example/"] }), "/redirect_uris/0"),
        (json!({ "redirect_uris": [FRONTEND, "javascript:alert(1)"] }), "/redirect_uris/1"),
        (json!({ "issuer": "not an address" }), "/issuer"),
        (json!({ "issuer": format!("{}/nothing-here", fake.issuer()) }), "/issuer"),
        (json!({ "issuer": "x".repeat(501) }), "/issuer"),
    ] {
        let refused = put(administrator, &seen, &settings(&fake.issuer(), changes.clone()));
        assert_eq!(
            (refused.status, refused.text("/errors/0/pointer")),
            (422, Some(pointer)),
            "{changes}: {}",
            refused.body
        );
    }
    let removed = administrator.send("DELETE", SETTINGS, &[("if-match", seen.etag().unwrap())], None);
    assert_eq!(removed.status, 204, "{}", removed.body);
    let after = administrator.get(SETTINGS);
    assert_eq!((&after.body["provider"], after.etag()), (&Value::Null, Some("\"3\"")));
    let body = json!({ "practice": practice.slug, "redirect_uri": FRONTEND });
    assert_wrong(&world.anyone().post(SIGN_ON, &body), "taken away");
    world.clock.advance(TimeDelta::minutes(6));
    assert_eq!(put(administrator, &after, &all).text("/type"), Some("/problems/step-up-required"));
}

#[test]
fn row_34_no_provider_is_looked_for_on_a_private_address_and_no_redirect_is_followed() {
    let world = World::new();
    let practice = world.practice_with(json!({}));
    let fake = Fake::start();
    let seen = practice.administrator.get(SETTINGS);
    let here = fake.issuer();
    let by_name = here.replace("127.0.0.1", "localhost");
    let secure = here.replace("http:", "https:");
    for issuer in
        [&here, &by_name, &secure, &by_name.replace("http:", "https:"), "https://169.254.169.254", "https://[::1]"]
    {
        let refused = put(&practice.administrator, &seen, &settings(issuer, json!({})));
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/issuer")), "{issuer}");
    }
    assert!(fake.requests().is_empty(), "{:?}", fake.requests());

    let world = self::world();
    let practice = world.practice_with(json!({}));
    fake.redirects();
    let refused = put(&practice.administrator, &practice.administrator.get(SETTINGS), &settings(&here, json!({})));
    assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, Some("/issuer")), "{}", refused.body);
    assert_eq!(fake.requests().len(), 1, "{:?}", fake.requests());
}
