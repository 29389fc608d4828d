//! The comparison of the answers at the two practices, after everything that differs between them is renamed.

use std::collections::BTreeMap;

use almoner_demo::web::Answer;
use serde_json::Value;

use super::Side;

/// An answer in which everything that is one practice's own is renamed in the order in which it appears.
pub(crate) fn renamed(answer: &Answer, names: &mut Vec<String>) -> (u16, BTreeMap<String, String>, Value) {
    let written = answer.body.to_string().len();
    let body = rename("", &answer.body, names);
    let mut headers = BTreeMap::new();
    for (name, value) in &answer.headers {
        match name.as_str() {
            // The trace is made of the request's own identifier (`everywhere/trace.rs`), and an upload expires a day after the
            // request, which its content says too.
            "date" | "x-request-id" | "traceparent" | "connection" | "upload-expires" => {}
            // A time may be written in fewer digits, so only the other content of the answer is compared.
            "content-length" => {
                headers.insert(
                    name.clone(),
                    (value.parse::<i64>().unwrap() - i64::try_from(written).unwrap()).to_string(),
                );
            }
            _ => {
                headers.insert(name.clone(), rename_text(value, names));
            }
        }
    }
    (answer.status, headers, body)
}

fn rename(member: &str, value: &Value, names: &mut Vec<String>) -> Value {
    match value {
        Value::String(text) if DRAWN.contains(&member) => place_of(text, names).into(),
        Value::String(text) => rename_text(text, names).into(),
        Value::Array(items) => items.iter().map(|item| rename(member, item, names)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), rename(name, value, names))).collect()
        }
        other => other.clone(),
    }
}

/// The members whose values are drawn at random.
const DRAWN: [&str; 10] = [
    "access_code",
    "access_token",
    "authorization_url",
    "state",
    "refresh_token",
    "next_cursor",
    "token",
    "secret",
    "otpauth_uri",
    "recovery_codes",
];

fn place_of(name: &str, names: &mut Vec<String>) -> String {
    let place = names.iter().position(|known| known == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    });
    format!("#{place}")
}

/// Whether a word is the reference of a complaint.
fn is_reference(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    matches!(parts[..], ["C", first, second] if first.len() == 5 && second.len() == 5)
}

/// The text in which identifiers and whatever else is one practice's own are named in the order in which they appear.
pub(crate) fn rename_text(text: &str, names: &mut Vec<String>) -> String {
    let part_of_a_name = |c: char| c.is_ascii_alphanumeric() || "-_.:@+".contains(c);
    let mut renamed = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| part_of_a_name(c) != part_of_a_name(first)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let own = uuid::Uuid::try_parse(word).is_ok()
            || chrono::DateTime::parse_from_rfc3339(word).is_ok()
            || word.contains("practice-1")
            || (word.len() == 9 && word.starts_with("E06"))
            || (word.len() == 8 && word.starts_with("SW1"))
            || is_reference(word);
        if own {
            renamed.push_str(&place_of(word, names));
        } else {
            renamed.push_str(word);
        }
        rest = after;
    }
    renamed
}

/// Fails if an operation got a different answer at one practice than at the other.
pub(super) fn assert_same(sides: &mut [Side; 2], n: usize, answers: [Vec<(String, Answer)>; 2]) {
    let [here, there] = answers;
    assert_eq!(here.len(), there.len());
    let [with, without] = sides;
    for ((operation, here), (_, there)) in here.iter().zip(&there) {
        let (here, there) = (renamed(here, &mut with.names), renamed(there, &mut without.names));
        assert_eq!(here, there, "{operation} tells number {n} whether somebody complained");
    }
}
