//! Client authentication: secrets that overlap, keys, and allowed addresses.

use almoner_demo::web::Answer;
use almoner_tests::callers::{Caller, fresh_key};
use almoner_tests::{Council, Staff, World};
use chrono::TimeDelta;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::{URL_SAFE, ask_with, assert_not_authenticated, encode, read_with};
use crate::council::REFERRALS;

const CLIENTS: &str = "/v1/operator/clients";
const ISSUER: &str = "http://almoner.test";
const JWT_BEARER: &str = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";

/// An Ed25519 key pair of a council's.
struct Pair {
    kid: String,
    private: EncodingKey,
}

impl Pair {
    fn new(kid: &str) -> Self {
        let seed: [u8; 32] = almoner_persistence::random::bytes();
        let pkcs8 =
            [&[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20], seed.as_slice()].concat();
        Self { kid: kid.to_owned(), private: EncodingKey::from_ed_der(&pkcs8) }
    }

    fn public(&self) -> Value {
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&self.private, Algorithm::EdDSA).unwrap()).unwrap();
        jwk["kid"] = self.kid.as_str().into();
        jwk
    }

    fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.private).unwrap()
    }
}

/// Registers a client of the council's with these keys.
fn register(operator: &Staff, council: &Council, keys: &[&Pair]) -> Answer {
    let keys: Vec<Value> = keys.iter().map(|pair| pair.public()).collect();
    let new =
        json!({ "council_id": council.id, "name": "A system", "scopes": ["referrals"], "jwks": { "keys": keys } });
    let made = operator.create(CLIENTS, &new);
    assert_eq!(made.status, 201, "{}", made.body);
    made
}

/// The claims of a client assertion that is valid in every respect.
fn claims(world: &World, client: &str) -> Value {
    let now = world.clock.now().timestamp();
    json!({ "iss": client, "sub": client, "aud": ISSUER, "iat": now, "exp": now + 60, "jti": fresh_key() })
}

fn form(assertion: &str) -> String {
    format!("grant_type=client_credentials&client_assertion_type={JWT_BEARER}&client_assertion={assertion}")
}

fn post(world: &World, path: &str, form: &str) -> Answer {
    world.anyone().send("POST", path, &[], Some(("application/x-www-form-urlencoded", form.as_bytes())))
}

fn assert_invalid_client(answer: &Answer, what: &str) {
    assert_eq!((answer.status, &answer.body), (401, &json!({ "error": "invalid_client" })), "{what}");
}

#[test]
fn a_client_with_keys_gets_a_token_by_signing_and_by_nothing_else() {
    let world = World::new();
    let (operator, council) = (world.operator(), world.council());
    let (one, two) = (Pair::new("one"), Pair::new("two"));
    let made = register(&operator, &council, &[&one, &two]);
    assert_eq!((&made.body["client_secret"], &made.body["secrets"]), (&Value::Null, &json!([])));
    let id = made.text("/id").unwrap();
    for pair in [&one, &two] {
        let token = post(&world, "/oauth/token", &form(&pair.sign(&claims(&world, id))));
        assert_eq!((token.status, token.text("/scope")), (200, Some("referrals")), "{}", token.body);
        assert_eq!(read_with(&world, token.text("/access_token").unwrap()).status, 200);
    }
    let by_secret = ask_with(&world, &format!("{id}:"), "grant_type=client_credentials");
    assert_invalid_client(&by_secret, "a secret");
    let refused = operator.create(&format!("{CLIENTS}/{id}/secrets"), &json!({}));
    assert_eq!((refused.status, refused.text("/type")), (409, Some("/problems/invalid-state")), "{}", refused.body);

    let secretive = &council.system;
    let signed = one.sign(&claims(&world, &secretive.id));
    assert_invalid_client(&post(&world, "/oauth/token", &form(&signed)), "keys, of a client with a secret");
    let both = format!("{}&client_secret={}", form(&one.sign(&claims(&world, id))), secretive.secret);
    assert_eq!(post(&world, "/oauth/token", &both).text("/error"), Some("invalid_request"), "two ways at once");
}

#[test]
fn row_26_an_assertion_replayed_addressed_elsewhere_or_out_of_time_is_401() {
    let world = World::new();
    let (operator, council) = (world.operator(), world.council());
    let pair = Pair::new("a");
    let id = register(&operator, &council, &[&pair]).text("/id").unwrap().to_owned();
    let ask = |assertion: &str| post(&world, "/oauth/token", &form(assertion));
    let now = world.clock.now().timestamp();

    let used = pair.sign(&claims(&world, &id));
    assert_eq!(ask(&used).status, 200);
    assert_invalid_client(&ask(&used), "replayed");
    assert_invalid_client(&post(&world, "/oauth/revoke", &format!("{}&token=x", form(&used))), "replayed elsewhere");

    for (what, name, value) in [
        ("another audience", "aud", json!("https://elsewhere.example")),
        ("the endpoint for the issuer", "aud", json!(format!("{ISSUER}/oauth/token"))),
        ("several audiences", "aud", json!([ISSUER])),
        ("no audience", "aud", Value::Null),
        ("another issuer", "iss", json!(council.system.id)),
        ("expired", "exp", json!(now - 1)),
        ("too long", "exp", json!(now + 400)),
        ("for ever", "exp", Value::Null),
        ("from the future", "iat", json!(now + 30)),
        ("not yet", "nbf", json!(now + 30)),
        ("without a name", "jti", Value::Null),
        ("with an empty name", "jti", json!("")),
        ("with a name too long", "jti", json!("x".repeat(256))),
        ("another client", "sub", json!(council.system.id)),
        ("no client", "sub", json!("me")),
    ] {
        let mut wrong = claims(&world, &id);
        wrong[name] = value;
        assert_invalid_client(&ask(&pair.sign(&wrong)), what);
    }
    let mut skewed = claims(&world, &id);
    skewed["iat"] = json!(now + 5);
    assert_eq!(ask(&pair.sign(&skewed)).status, 200, "a clock may be a little ahead");

    let right = claims(&world, &id);
    assert_invalid_client(&ask(&Pair::new("a").sign(&right)), "another key of that name");
    assert_invalid_client(&ask(&Pair::new("b").sign(&right)), "a key that is not registered");
    let unsigned =
        format!("{}.{}.", encode(URL_SAFE, r#"{"alg":"none","kid":"a"}"#), encode(URL_SAFE, &right.to_string()));
    assert_invalid_client(&ask(&unsigned), "unsigned");
    let public = pair.public()["x"].as_str().unwrap().to_owned();
    let header = Header { kid: Some("a".to_owned()), ..Header::new(Algorithm::HS256) };
    let confused = jsonwebtoken::encode(&header, &right, &EncodingKey::from_secret(public.as_bytes())).unwrap();
    assert_invalid_client(&ask(&confused), "HS256 with the public key");
    assert_eq!(ask("x").status, 401);
    assert_eq!(ask(&pair.sign(&right)).status, 200, "the right one");
}

#[test]
fn row_26_of_two_that_use_one_assertion_at_once_one_gets_a_token() {
    let world = World::new();
    let (operator, council) = (world.operator(), world.council());
    let pair = Pair::new("a");
    let id = register(&operator, &council, &[&pair]).text("/id").unwrap().to_owned();
    for _ in 0..5 {
        let form = form(&pair.sign(&claims(&world, &id)));
        let url = world.url().to_owned();
        let answers: Vec<u16> = std::thread::scope(|threads| {
            let ask = || {
                let content = Some(("application/x-www-form-urlencoded", form.as_bytes()));
                almoner_tests::Web::new(&url).send("POST", "/oauth/token", &[], content).status
            };
            let both = [threads.spawn(ask), threads.spawn(ask)];
            both.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(answers == [200, 401] || answers == [401, 200], "{answers:?}");
    }
}

#[test]
fn row_27_other_grants_are_unsupported_and_a_scope_beyond_registration_is_invalid() {
    let world = World::new();
    let council = world.council();
    let client = &council.system;
    let with = |grant: &str, more: &str| {
        client.ask_token(&format!("grant_type={grant}&client_id={}&client_secret={}{more}", client.id, client.secret))
    };
    for grant in [
        "password",
        "implicit",
        "authorization_code",
        "refresh_token",
        "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer",
    ] {
        let refused = with(grant, "&username=a&password=b");
        assert_eq!((refused.status, refused.text("/error")), (400, Some("unsupported_grant_type")), "{grant}");
    }
    let refused = with("client_credentials", "&scope=complaints");
    assert_eq!((refused.status, refused.text("/error")), (400, Some("invalid_scope")));
}

#[test]
fn a_new_secret_overlaps_with_the_old_one_for_as_long_as_it_was_said() {
    let world = World::new();
    let (operator, council) = (world.operator(), world.council());
    let client = &council.system;
    let ask =
        |secret: &str| ask_with(&world, &format!("{}:{secret}", client.id), "grant_type=client_credentials").status;
    let made = operator.create(&format!("{CLIENTS}/{}/secrets", client.id), &json!({ "overlap_hours": 2 }));
    assert_eq!(made.status, 201, "{}", made.body);
    let new = made.text("/client_secret").unwrap();
    assert_eq!((ask(&client.secret), ask(new)), (200, 200));
    world.clock.advance(TimeDelta::minutes(119));
    assert_eq!((ask(&client.secret), ask(new)), (200, 200));
    world.clock.advance(TimeDelta::minutes(2));
    assert_eq!((ask(&client.secret), ask(new)), (401, 200));
}

#[test]
fn row_9_a_client_bound_to_addresses_is_refused_elsewhere_with_its_secret_and_with_its_token() {
    let world = World::new();
    let (operator, council) = (world.operator(), world.council());
    let client = &council.system;
    let token = client.token().unwrap();
    let path = format!("{CLIENTS}/{}", client.id);
    let bind = |ranges: &[&str]| {
        let etag = operator.get(&path).etag().unwrap().to_owned();
        let body = json!({ "allowed_addresses": ranges }).to_string();
        let answer = operator.send(
            "PUT",
            &format!("{path}/allowed-addresses"),
            &[("if-match", &etag)],
            Some(("application/json", body.as_bytes())),
        );
        assert_eq!(answer.status, 200, "{}", answer.body);
    };
    let by_secret = || ask_with(&world, &format!("{}:{}", client.id, client.secret), "grant_type=client_credentials");
    bind(&["198.51.100.0/24", "127.0.0.0/8"]);
    assert_eq!((read_with(&world, &token).status, by_secret().status), (200, 200));
    bind(&["198.51.100.0/24", "2001:db8::/32"]);
    let refused = read_with(&world, &token);
    assert_eq!((refused.status, refused.text("/type")), (403, Some("/problems/forbidden")), "{}", refused.body);
    assert_invalid_client(&by_secret(), "from elsewhere");
    let written = super::audited(&client.id, "client.address_refused");
    assert_eq!(written, 2, "at the door and at the token endpoint");
    bind(&[]);
    assert_eq!((read_with(&world, &token).status, by_secret().status), (200, 200));
}

#[test]
fn a_token_given_back_stops_at_once_and_only_its_own_client_gives_it_back_or_asks_about_it() {
    let world = World::new();
    let [council, other] = [world.council(), world.council()];
    let (client, stranger) = (&council.system, &other.system);
    let (token, second) = (client.token().unwrap(), {
        client.forget_token();
        client.token().unwrap()
    });
    let own = |who: &almoner_tests::System, path: &str, token: &str| {
        post(&world, path, &format!("client_id={}&client_secret={}&token={token}", who.id, who.secret))
    };
    let said = own(client, "/oauth/introspect", &token);
    assert_eq!((said.status, &said.body["active"]), (200, &json!(true)), "{}", said.body);
    assert_eq!((said.text("/client_id"), said.text("/scope")), (Some(client.id.as_str()), Some("referrals")));
    assert_eq!((said.text("/iss"), said.text("/aud")), (Some(ISSUER), Some("almoner:council")));
    let inactive = json!({ "active": false });
    assert_eq!(own(stranger, "/oauth/introspect", &token).body, inactive, "another's");
    assert_eq!(own(client, "/oauth/introspect", "garbage").body, inactive);
    let operators = world.operator().token().unwrap();
    assert_eq!(own(client, "/oauth/introspect", &operators).body, inactive, "a person's");

    for nothing in [own(stranger, "/oauth/revoke", &token), own(client, "/oauth/revoke", "garbage")] {
        assert_eq!(nothing.status, 200);
    }
    assert_eq!(read_with(&world, &token).status, 200, "another cannot give it back");
    assert_eq!(own(client, "/oauth/revoke", &token).status, 200);
    assert_not_authenticated(&read_with(&world, &token), "given back");
    assert_eq!(own(client, "/oauth/revoke", &token).status, 200, "again");
    assert_eq!(own(client, "/oauth/introspect", &token).body, inactive);
    assert_eq!(read_with(&world, &second).status, 200, "the client's other token");

    for path in ["/oauth/introspect", "/oauth/revoke"] {
        let wrong = format!("client_id={}&client_secret=wrong&token={token}", client.id);
        assert_invalid_client(&post(&world, path, &wrong), path);
        let without = format!("client_id={}&client_secret={}", client.id, client.secret);
        assert_eq!(post(&world, path, &without).text("/error"), Some("invalid_request"), "{path}");
    }
}

#[test]
fn what_happens_to_a_known_client_is_written_down_and_nothing_of_an_unknown_one() {
    let world = World::new();
    let council = world.council();
    let client = &council.system;
    let grant = "grant_type=client_credentials";
    client.token();
    ask_with(&world, &format!("{}:wrong", client.id), grant);
    ask_with(&world, &format!("{}:{}", client.id, client.secret), &format!("{grant}&scope=everything"));
    for action in ["token.issued", "client.refused", "token.refused"] {
        assert_eq!(super::audited(&client.id, action), 1, "{action}");
    }
    let nobody = fresh_key();
    ask_with(&world, &format!("{nobody}:{}", client.secret), grant);
    assert_eq!(super::audited(&nobody, "client.refused"), 0);
}

#[test]
fn the_metadata_says_where_everything_is() {
    let world = World::new();
    let metadata = world.anyone().get("/.well-known/oauth-authorization-server");
    assert_eq!(metadata.status, 200);
    assert_eq!(metadata.text("/issuer"), Some(ISSUER));
    for (name, path) in [
        ("token_endpoint", "/oauth/token"),
        ("revocation_endpoint", "/oauth/revoke"),
        ("introspection_endpoint", "/oauth/introspect"),
        ("jwks_uri", "/.well-known/jwks.json"),
    ] {
        assert_eq!(metadata.body[name], format!("{ISSUER}{path}"));
    }
    assert_eq!(metadata.body["grant_types_supported"], json!(["client_credentials"]));
    assert!(
        metadata.body["token_endpoint_auth_methods_supported"].as_array().unwrap().contains(&json!("private_key_jwt"))
    );
    assert_eq!(world.council().system.get(REFERRALS).status, 200);
}
