mod client_authentication;
mod signing_keys;

use almoner_demo::web::Answer;
use almoner_persistence::{Request, StoreError, access};
use almoner_tests::callers::Caller;
use almoner_tests::{System, World, messages, postgres};
use diesel::prelude::*;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::REFERRALS;

pub(crate) const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Encodes a text in base64 without padding (RFC 4648).
pub(crate) fn encode(alphabet: &[u8; 64], content: &str) -> String {
    let mut text = String::new();
    for chunk in content.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - chunk.len()));
        text.extend((0..=chunk.len()).map(|place| char::from(alphabet[bits >> (18 - 6 * place) & 63])));
    }
    text
}

/// Decodes the JSON in a part of a token.
fn decode(part: &str) -> Value {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_usize, 0);
    for letter in part.bytes() {
        bits = bits << 6 | URL_SAFE.iter().position(|known| *known == letter).unwrap();
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 255).unwrap());
        }
    }
    serde_json::from_slice(&bytes).unwrap()
}

fn form(client: &System, more: &str) -> String {
    format!("grant_type=client_credentials&client_id={}&client_secret={}{more}", client.id, client.secret)
}

/// Counts the events of this kind about a client in the platform's log.
fn audited(client: &str, action: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    let mut database = PgConnection::establish(&postgres::superuser_url(&postgres::shared_name())).unwrap();
    let written = "SELECT count(*) FROM audit_events WHERE subject_id = $1 AND action = $2 AND chain = 'platform'";
    diesel::sql_query(written)
        .bind::<diesel::sql_types::Uuid, _>(client.parse::<uuid::Uuid>().unwrap())
        .bind::<diesel::sql_types::Text, _>(action)
        .get_result::<Count>(&mut database)
        .unwrap()
        .count
}

/// Asks for a token with `Basic` credentials and this form.
fn ask_with(world: &World, credentials: &str, form: &str) -> Answer {
    let mut encoded = encode(STANDARD, credentials);
    while !encoded.len().is_multiple_of(4) {
        encoded.push('=');
    }
    let content = Some(("application/x-www-form-urlencoded", form.as_bytes()));
    world.anyone().send("POST", "/oauth/token", &[("authorization", &format!("Basic {encoded}"))], content)
}

/// Asks for the council's referrals with this token.
fn read_with(world: &World, token: &str) -> Answer {
    world.anyone().send("GET", REFERRALS, &[("authorization", &format!("Bearer {token}"))], None)
}

/// Nobody is told why a token does not hold, and only a request with a token is told that it does not (RFC 6750 §3).
fn assert_not_authenticated(answer: &Answer, what: &str) {
    assert_refused(answer, "Bearer error=\"invalid_token\"", what);
}

fn assert_refused(answer: &Answer, challenge: &str, what: &str) {
    assert_eq!(
        (answer.status, answer.text("/type")),
        (401, Some("/problems/not-authenticated")),
        "{what}: {}",
        answer.body
    );
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.header("www-authenticate"), Some(challenge), "{what}");
}

#[test]
fn a_client_gets_a_token_by_its_secret_in_the_form_or_in_the_header() {
    let world = World::new();
    let council = world.council();
    let client = &council.system;
    let by_form = client.ask_token(&form(client, ""));
    let by_header = ask_with(&world, &format!("{}:{}", client.id, client.secret), "grant_type=client_credentials");
    for answer in [by_form, by_header] {
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!((answer.text("/token_type"), answer.text("/scope")), (Some("Bearer"), Some("referrals")));
        assert_eq!(answer.body["expires_in"], 600);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let read = read_with(&world, answer.text("/access_token").unwrap());
        assert_eq!((read.status, read.body), (200, json!({ "items": [] })));
    }
}

#[test]
fn whoever_is_not_the_client_gets_none_and_learns_nothing() {
    let world = World::new();
    let council = world.council();
    let other = world.council();
    let (id, secret) = (&council.system.id, &council.system.secret);
    let nobody = uuid::Uuid::from_u128(1);
    let grant = "grant_type=client_credentials";
    let refused = [
        council.system.ask_token(&format!("{grant}&client_id={id}&client_secret=wrong")),
        council.system.ask_token(&format!("{grant}&client_id={id}&client_secret=")),
        council.system.ask_token(&format!("{grant}&client_id={id}&client_secret={}", other.system.secret)),
        council.system.ask_token(&format!("{grant}&client_id={id}&client_secret={}", secret.to_uppercase())),
        council.system.ask_token(&format!("{grant}&client_id={nobody}&client_secret={secret}")),
        council.system.ask_token(&format!("{grant}&client_id=me&client_secret={secret}")),
        council.system.ask_token(&format!("{grant}&client_id=%27%20OR%201%3D1--&client_secret={secret}")),
        ask_with(&world, &format!("{id}:wrong"), grant),
        ask_with(&world, &format!("{nobody}:{secret}"), grant),
    ];
    for answer in refused {
        assert_eq!((answer.status, answer.body), (401, json!({ "error": "invalid_client" })));
        assert!(answer.headers.iter().any(|(name, value)| name == "www-authenticate" && value.starts_with("Basic")));
    }
}

#[test]
fn what_is_no_request_for_a_token_is_said_to_be_none() {
    let world = World::new();
    let council = world.council();
    let client = &council.system;
    let grant = "grant_type=client_credentials";
    let both = ask_with(&world, &format!("{}:{}", client.id, client.secret), &form(client, ""));
    assert_eq!((both.status, both.text("/error")), (400, Some("invalid_request")), "two ways at once");
    for content in
        ["", "nonsense", &format!("{grant}&client_secret={}", client.secret), &form(client, "").replace(grant, "")]
    {
        let refused = client.ask_token(content);
        assert_eq!(
            (refused.status, refused.text("/error")),
            (400, Some("invalid_request")),
            "{content}: {}",
            refused.body
        );
    }
    for unknown in ["password", "authorization_code", "implicit", "refresh_token", "Client_Credentials"] {
        let content = form(client, "").replace(grant, &format!("grant_type={unknown}"));
        let refused = client.ask_token(&content);
        assert_eq!((refused.status, refused.text("/error")), (400, Some("unsupported_grant_type")), "{unknown}");
    }
    let json = json!({ "grant_type": "client_credentials", "client_id": client.id, "client_secret": client.secret });
    let refused = world.anyone().post("/oauth/token", &json);
    assert_eq!((refused.status, refused.text("/error")), (400, Some("invalid_request")), "{}", refused.body);
}

#[test]
fn whoever_shows_no_credentials_is_no_client() {
    let world = World::new();
    let council = world.council();
    let client = &council.system;
    let grant = "grant_type=client_credentials";
    let id_alone = format!("{grant}&client_id={}", client.id);
    let blank = format!("{grant}&client_id={}&client_secret=", client.id);
    for (what, answer) in [
        ("nothing", client.ask_token(grant)),
        ("an id alone", client.ask_token(&id_alone)),
        ("a blank secret, which is none", client.ask_token(&blank)),
        ("no colon", ask_with(&world, &client.id, grant)),
        ("a broken escape", ask_with(&world, &format!("{}:%ff", client.id), grant)),
    ] {
        assert_eq!((answer.status, answer.text("/error")), (401, Some("invalid_client")), "{what}: {}", answer.body);
        assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"almoner\""), "{what}");
    }
    let content = Some(("application/x-www-form-urlencoded", grant.as_bytes()));
    for unreadable in ["Basic", "Basic ", "Basic %%%", "basic !"] {
        let answer = world.anyone().send("POST", "/oauth/token", &[("authorization", unreadable)], content);
        assert_eq!((answer.status, answer.text("/error")), (401, Some("invalid_client")), "{unreadable}");
    }
}

#[test]
fn basic_credentials_are_form_encoded_and_a_parameter_without_a_value_is_left_out() {
    let world = World::new();
    let council = world.council();
    let client = &council.system;
    // As libraries write them that follow RFC 6749 to the letter.
    let escaped = format!("{}:{}", client.id.replace('-', "%2D"), client.secret);
    let everything: String =
        escaped.chars().map(|letter| if letter == 'a' { "%61".to_owned() } else { letter.into() }).collect();
    for credentials in [escaped, everything] {
        let form = "grant_type=client_credentials&scope=&client_id=&client_secret=&client_assertion=&resource=x";
        let answer = ask_with(&world, &credentials, form);
        assert_eq!((answer.status, answer.text("/scope")), (200, Some("referrals")), "{}", answer.body);
    }
    let twice = client.ask_token(&form(client, "&grant_type=client_credentials"));
    assert_eq!((twice.status, twice.text("/error")), (400, Some("invalid_request")), "given twice");
}

#[test]
fn a_token_covers_what_was_asked_for_and_never_more_than_the_client_is_registered_for() {
    let world = World::new();
    let council = world.council();
    for scope in ["complaints", "referrals%20complaints", "everything", "REFERRALS", "%20"] {
        let refused = council.system.ask_token(&form(&council.system, &format!("&scope={scope}")));
        assert_eq!((refused.status, refused.text("/error")), (400, Some("invalid_scope")), "{scope}: {}", refused.body);
    }
    let both = world.client(Some(council.id), &["referrals", "complaints"]);
    let practice = world.practice(&council);
    let complaint = messages::complaint(&practice.slug);
    let lodge = |client: &System| client.create("/v1/council/complaints", &complaint).status;
    assert_eq!((both.get(REFERRALS).status, lodge(&both)), (200, 201));

    let less = both.ask_token(&form(&both, "&scope=referrals"));
    assert_eq!((less.status, less.text("/scope")), (200, Some("referrals")));
    let authorization = format!("Bearer {}", less.text("/access_token").unwrap());
    let get = |path| world.anyone().send("GET", path, &[("authorization", &authorization)], None);
    assert_eq!(get(REFERRALS).status, 200);
    let key = almoner_tests::callers::fresh_key();
    let headers = [("authorization", authorization.as_str()), ("idempotency-key", &key)];
    let refused = world.anyone().post_with("/v1/council/complaints", &headers, &complaint);
    assert_eq!((refused.status, refused.text("/type")), (403, Some("/problems/forbidden")), "{}", refused.body);
    assert_eq!(lodge(&council.system), 403);
    assert_eq!(council.complaints.get(REFERRALS).status, 403);
    assert_eq!(council.complaints.post(REFERRALS, &messages::referral()).status, 403);
}

#[test]
fn row_24_a_token_that_has_expired_or_is_of_the_future_is_401() {
    let world = World::new();
    let council = world.council();
    let token = council.system.token().unwrap();
    world.set_clock("2026-11-20T10:09:00Z");
    assert_eq!(read_with(&world, &token).status, 200);
    world.set_clock("2026-11-20T10:11:00Z");
    assert_not_authenticated(&read_with(&world, &token), "expired");
    world.set_clock("2026-11-20T09:00:00Z");
    assert_not_authenticated(&read_with(&world, &token), "from the future");
}

#[test]
fn row_23_a_token_that_was_changed_after_it_was_signed_is_401() {
    let world = World::new();
    let [council, other] = [world.council(), world.council()];
    let token = council.system.token().unwrap();
    let others = other.system.token().unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("three parts") };
    let others_claims = others.split('.').nth(1).unwrap();
    let mut longer = decode(claims);
    longer["exp"] = 4_000_000_000_u64.into();
    let longer = encode(URL_SAFE, &longer.to_string());
    let turned: String = signature.chars().rev().collect();
    for (what, forged) in [
        ("another's claims", format!("{header}.{others_claims}.{signature}")),
        ("a longer life", format!("{header}.{longer}.{signature}")),
        ("a signature turned round", format!("{header}.{claims}.{turned}")),
        ("no signature", format!("{header}.{claims}.")),
        ("two parts", format!("{header}.{claims}")),
        ("four parts", format!("{token}.{signature}")),
        ("garbage", "garbage".to_owned()),
        ("dots", "..".to_owned()),
        ("a secret", council.system.secret.clone()),
        ("a long one", "x".repeat(6000)),
    ] {
        assert_not_authenticated(&read_with(&world, &forged), what);
    }
    assert_eq!(read_with(&world, &token).status, 200, "the true one");
}

#[test]
fn row_23_alg_none_hs256_unknown_kid_and_keys_in_the_header_are_401_however_truly_they_are_signed() {
    let world = World::new();
    let council = world.council();
    let token = council.system.token().unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let (named, claims) = (decode(parts[0]), decode(parts[1]));
    let kid = named["kid"].as_str().unwrap();

    // The service's own key, and one that whoever forges has made.
    let own = world.store.identity(Request::of_our_own(uuid::Uuid::nil()), |scope| {
        let keys = access::signing_keys::current(scope)?;
        Ok::<_, StoreError>(keys.into_iter().find(|key| key.kid.to_string() == kid).unwrap())
    });
    let own = EncodingKey::from_ed_der(&own.unwrap().private_key);
    let strangers = EncodingKey::from_ed_der(&almoner_api::new_private_key());
    let right = Header { typ: Some("at+jwt".to_owned()), kid: Some(kid.to_owned()), ..Header::new(Algorithm::EdDSA) };
    let signed = |header: &Header, key: &EncodingKey| jsonwebtoken::encode(header, &claims, key).unwrap();
    let public = |key: &EncodingKey| Jwk::from_encoding_key(key, Algorithm::EdDSA).unwrap();
    assert_eq!(read_with(&world, &signed(&right, &own)).status, 200, "the signature is a true one");

    let changed = |change: fn(&mut Header)| {
        let mut header = right.clone();
        change(&mut header);
        header
    };
    let unsigned = |header: Value| format!("{}.{}.", encode(URL_SAFE, &header.to_string()), parts[1]);
    let published = world.anyone().get("/.well-known/jwks.json");
    let published = published.body["keys"].as_array().unwrap().iter().find(|key| key["kid"] == kid).unwrap().clone();
    let hs256 = Header { alg: Algorithm::HS256, ..right.clone() };
    let by_secret = |secret: &[u8]| signed(&hs256, &EncodingKey::from_secret(secret));
    let mut forged = vec![
        ("a stranger's key under our name", signed(&right, &strangers)),
        ("an unknown name, our key", signed(&changed(|header| header.kid = Some("other".to_owned())), &own)),
        ("no name, our key", signed(&changed(|header| header.kid = None), &own)),
        ("another type, our key", signed(&changed(|header| header.typ = Some("JWT".to_owned())), &own)),
        ("no type, our key", signed(&changed(|header| header.typ = None), &own)),
        (
            "a set of keys, our key",
            signed(&changed(|header| header.jku = Some("https://evil.example/".to_owned())), &own),
        ),
        ("the public key as an HMAC's secret", by_secret(published["x"].as_str().unwrap().as_bytes())),
        ("the published key as an HMAC's secret", by_secret(published.to_string().as_bytes())),
        ("no algorithm", unsigned(json!({ "alg": "none", "typ": "at+jwt", "kid": kid }))),
        ("no algorithm, in capitals", unsigned(json!({ "alg": "None", "typ": "at+jwt", "kid": kid }))),
        ("no algorithm and no name", unsigned(json!({ "alg": "none", "typ": "at+jwt" }))),
    ];
    for (what, key) in [("a stranger's key, told in the header", &strangers), ("our key, told in the header", &own)] {
        let mut header = right.clone();
        header.jwk = Some(public(key));
        forged.push((what, signed(&header, key)));
    }
    for (what, token) in forged {
        assert_not_authenticated(&read_with(&world, &token), what);
    }
}

#[test]
fn without_a_token_or_by_another_scheme_nobody_comes_in() {
    let world = World::new();
    let council = world.council();
    let token = council.system.token().unwrap();
    assert_refused(&world.anyone().get(REFERRALS), "Bearer", "no header");
    for header in
        [token.clone(), format!("Basic {token}"), "Bearer".to_owned(), "Bearer ".to_owned(), format!("Token {token}")]
    {
        let answer = world.anyone().send("GET", REFERRALS, &[("authorization", &header)], None);
        assert_refused(&answer, "Bearer", &header);
    }
    assert_refused(&world.anyone().get(&format!("{REFERRALS}?access_token={token}")), "Bearer", "in the address");
    let unread = world.anyone().post(REFERRALS, &json!({ "spoilt": true }));
    assert_refused(&unread, "Bearer", "who it is comes before what it says");
}

#[test]
fn a_token_opens_one_door() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    for (who, token) in [
        ("a member of staff", practice.manager.token()),
        ("a partner app", world.partner().token()),
        ("an operator", world.operator().token()),
    ] {
        assert_not_authenticated(&read_with(&world, &token.unwrap()), who);
    }
    for path in ["/v1/practice/referrals", "/v1/operator/councils"] {
        assert_not_authenticated(&council.system.get(path), path);
    }
    let lodged = council.complaints.create("/v1/partner/complaints", &messages::complaint(&practice.slug));
    assert_not_authenticated(&lodged, "the partners' door");
}

#[test]
fn the_public_keys_are_there_with_the_one_that_signs() {
    let world = World::new();
    let council = world.council();
    let keys = world.anyone().get("/.well-known/jwks.json");
    assert_eq!(keys.status, 200);
    let token = council.system.token().unwrap();
    let header = decode(token.split('.').next().unwrap());
    let key = keys.body["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]).expect("the key");
    assert_eq!((&key["kty"], &key["crv"], &key["use"]), (&json!("OKP"), &json!("Ed25519"), &json!("sig")));
    assert_eq!((&header["alg"], &header["typ"]), (&json!("EdDSA"), &json!("at+jwt")));
    assert!(key.get("d").is_none(), "the private part stays private");
}
