//! Mix-up between two practices' providers (RFC 9700 §4.4): one is hostile, and would be given the code of the other.

use almoner_demo::web::Answer;
use almoner_tests::callers::Caller;
use almoner_tests::{Practice, World};
use serde_json::{Value, json};

use super::fake::Fake;
use super::{COMPLETE, FRONTEND, IDENTITIES, LINK, SIGN_ON, assert_wrong, begin, put, set, settings, world};

/// The code that the honest provider gave the person.
const CODE: &str = "the-code-of-the-person";

/// Two practices, each with its provider. A member of the honest one is linked there as `sub`.
struct Neighbours {
    world: World,
    honest: (Practice, Fake),
    hostile: (Practice, Fake),
}

fn neighbours() -> Neighbours {
    let world = world();
    let [honest, hostile] = [(); 2].map(|()| (world.practice_with(json!({})), Fake::start()));
    for (practice, provider) in [&honest, &hostile] {
        set(practice, &provider.issuer(), json!({}));
    }
    let member = &honest.0.social_worker;
    let begun = member.post(IDENTITIES, &json!({ "redirect_uri": FRONTEND }));
    let linked = member.post(LINK, &honest.1.vouch(world.clock.now(), &begun, "sub"));
    assert_eq!(linked.status, 201, "{}", linked.body);
    Neighbours { world, honest, hostile }
}

impl Neighbours {
    /// The member begins to sign in at the hostile practice. Its provider sends them on to the honest one, with what belongs
    /// to an attempt at the honest practice, and they come back with the honest provider's code. Returns that state and code
    /// with the other parameters that the frontend sends, and what the hostile practice does with the code, if it gets it.
    fn mixed_up(&self, others: Value) -> (Value, Answer) {
        let at_the_honest = begin(&self.world, &self.honest.0);
        let at_the_hostile = begin(&self.world, &self.hostile.0);
        self.honest.1.vouch(self.world.clock.now(), &at_the_honest, "sub");
        let mut back = json!({ "state": at_the_hostile.body["state"], "authorization_code": CODE });
        back.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
        (back, at_the_honest)
    }

    fn assert_the_code_went_nowhere(&self, why: &str) {
        let got = self.hostile.1.requests();
        assert!(!got.iter().any(|request| request.contains(CODE) || request.contains("/token")), "{why}: {got:?}");
    }
}

/// An address of the practice's own.
fn own_address(practice: &Practice) -> String {
    format!("{FRONTEND}/{}", practice.slug)
}

#[test]
fn row_17_the_code_of_one_practices_provider_is_never_given_to_anothers() {
    let neighbours = neighbours();
    let honest = neighbours.honest.1.issuer();
    for (why, others) in [
        ("the honest provider named itself", json!({ "iss": honest })),
        ("the frontend forgot to send it, or there was none", json!({})),
        ("it named the address as well", json!({ "iss": honest, "redirect_uri": FRONTEND })),
        ("it named the address alone", json!({ "redirect_uri": FRONTEND })),
        ("nearly the issuer", json!({ "iss": format!("{}/", neighbours.hostile.1.issuer()) })),
    ] {
        let (back, _) = neighbours.mixed_up(others.clone());
        assert_wrong(&neighbours.world.anyone().post(COMPLETE, &back), why);
        neighbours.assert_the_code_went_nowhere(why);

        let member = &neighbours.hostile.0.social_worker;
        let begun = member.post(IDENTITIES, &json!({ "redirect_uri": FRONTEND }));
        let mut back = json!({ "state": begun.body["state"], "authorization_code": CODE });
        back.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
        assert_wrong(&member.post(LINK, &back), why);
        neighbours.assert_the_code_went_nowhere(why);
    }
    // What the attacker wanted to do with it would have worked.
    let (_, attempt) = neighbours.mixed_up(json!({}));
    let with_the_code = json!({ "state": attempt.body["state"], "authorization_code": CODE, "iss": honest });
    assert_eq!(neighbours.world.anyone().post(COMPLETE, &with_the_code).status, 201);
}

#[test]
fn row_17_a_provider_that_does_not_name_itself_has_addresses_of_one_practice_alone() {
    let neighbours = neighbours();
    let (practice, provider) = &neighbours.hostile;
    provider.is_nameless();
    // It no longer promises what it promised when it was set, and the address is everybody's.
    let (back, _) = neighbours.mixed_up(json!({ "redirect_uri": FRONTEND }));
    assert_wrong(&neighbours.world.anyone().post(COMPLETE, &back), "an address that others have too");
    neighbours.assert_the_code_went_nowhere("an address that others have too");

    let administrator = &practice.administrator;
    let (own, others) = (own_address(practice), own_address(&neighbours.honest.0));
    let to = |addresses: Value| {
        put(administrator, &administrator.get(super::SETTINGS), &settings(&provider.issuer(), addresses))
    };
    let refused = to(json!({ "redirect_uris": [own, FRONTEND, others] }));
    assert_eq!(refused.status, 422, "{}", refused.body);
    let pointers: Vec<&Value> =
        refused.body["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
    assert_eq!(pointers, ["/redirect_uris/1", "/redirect_uris/2"]);
    assert_eq!(to(json!({ "redirect_uris": [own] })).status, 200);

    let member = &practice.social_worker;
    let begun = member.post(IDENTITIES, &json!({ "redirect_uri": own }));
    let mut back = provider.vouch(neighbours.world.clock.now(), &begun, "e");
    back["iss"] = Value::Null;
    back["redirect_uri"] = own.clone().into();
    assert_eq!(member.post(LINK, &back).status, 201);
    let begun = || {
        let begun = neighbours.world.anyone().post(SIGN_ON, &json!({ "practice": practice.slug, "redirect_uri": own }));
        assert_eq!(begun.status, 200, "{}", begun.body);
        begun
    };
    for (why, address) in
        [("they came back to the other practice's", json!(others)), ("not named", Value::Null), ("", json!(FRONTEND))]
    {
        let asked = provider.requests().iter().filter(|request| request.contains("/token")).count();
        let back = json!({ "state": begun().body["state"], "authorization_code": CODE, "redirect_uri": address });
        assert_wrong(&neighbours.world.anyone().post(COMPLETE, &back), why);
        let asked_now = provider.requests().iter().filter(|request| request.contains("/token")).count();
        assert_eq!(asked_now, asked, "{why}");
    }
    let begun = begun();
    let mut back = provider.vouch(neighbours.world.clock.now(), &begun, "e");
    back["iss"] = Value::Null;
    back["redirect_uri"] = own.into();
    let signed_in = neighbours.world.anyone().post(COMPLETE, &back);
    assert_eq!(signed_in.status, 201, "{}", signed_in.body);
}

#[test]
fn a_provider_whose_second_factor_counts_is_asked_for_one_that_is_not_old() {
    let neighbours = neighbours();
    let (practice, provider) = &neighbours.honest;
    let url = |practice: &Practice| {
        let url = begin(&neighbours.world, practice).text("/authorization_url").unwrap().to_owned();
        assert!(url.contains("code_challenge_method=S256"), "{url}");
        url
    };
    assert!(url(practice).contains("&max_age=43200") && !url(practice).contains("acr_values"));
    set(practice, &provider.issuer(), json!({ "accepted_acr_values": ["two", "urn:example:mfa"] }));
    assert!(url(practice).contains("&max_age=43200&acr_values=two+urn%3Aexample%3Amfa"), "{}", url(practice));
    set(practice, &provider.issuer(), json!({ "accepted_acr_values": ["two"], "trusts_second_factor": false }));
    assert!(!url(practice).contains("max_age") && !url(practice).contains("acr_values"));
}
