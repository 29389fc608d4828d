//! A member that may be left out may be `null` or show nothing instead, in the content of every operation.

use almoner_tests::World;
use almoner_tests::callers::Caller;
use serde_json::{Value, json};

use super::loops::{NOBODYS, send_with};
use super::operations::{document, operations};

/// The places of the members that a content of this schema may leave out, in objects that the example has.
fn optional(document: &Value, schema: &Value, example: &Value, at: &str, found: &mut Vec<String>) {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    for one in schema["oneOf"].as_array().into_iter().flatten() {
        optional(document, one, example, at, found);
    }
    let (Some(members), Some(_)) = (schema["properties"].as_object(), example.as_object()) else { return };
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for (name, member) in members {
        let place = format!("{at}/{name}");
        if !required.contains(&json!(name)) {
            found.push(place.clone());
        }
        optional(document, member, &example[name], &place, found);
    }
}

#[test]
fn every_optional_member_of_every_content_may_be_null_or_blank() {
    let world = World::new();
    let council = world.council();
    let practice = world.practice(&council);
    let (partner, operator, anyone) = (world.partner(), world.operator(), world.anyone());
    let desk = world.desk(&council);
    let document = document();
    let mut tried = 0;
    for operation in operations() {
        let Some((media_type, example)) =
            operation.example().filter(|(media_type, _)| media_type == "application/json")
        else {
            continue;
        };
        let caller: &dyn Caller = match operation.security() {
            None => &anyone,
            Some((door, _)) => match door.as_str() {
                "practice" => &practice.manager,
                "operator" => &operator,
                "partner" => &partner,
                "complaints" => &desk.officers[0],
                _ => match operation.of_systems().as_deref() {
                    Some(scope) => council.system_with(scope),
                    None => world.first_officer(&council),
                },
            },
        };
        let schema = &operation.json["requestBody"]["content"][&media_type]["schema"];
        let mut places = Vec::new();
        optional(&document, schema, &example, "", &mut places);
        for place in places {
            let (parent, name) = place.rsplit_once('/').unwrap();
            for nothing in [Value::Null, "".into(), " \n".into(), "\u{200b}".into()] {
                let mut content = example.clone();
                content.pointer_mut(parent).unwrap()[name] = nothing.clone();
                // Members are read in the order of their names, and this one comes after all that there are.
                content["zzz"] = true.into();
                let refused = send_with(caller, &operation, NOBODYS, Some((&media_type, &content)));
                let told = (refused.status, refused.text("/errors/0/pointer"), refused.text("/errors/0/detail"));
                let expected = (422, Some("/zzz"), Some("is not a member of this message"));
                assert_eq!(told, expected, "{} {place} {nothing:?}: {}", operation.name(), refused.body);
                tried += 1;
            }
        }
    }
    assert!(tried > 300, "{tried}");
}
