//! Values of a record or a message in words, for people to compare.

use serde_json::Value;

/// Writes a value: the items of a list on a line each, the members of an object with their names.
pub fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(written).collect::<Vec<_>>().join("\n"),
        Value::Object(members) => {
            let parts: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}: {}", name.replace('_', " "), written(value).replace('\n', ", ")))
                .collect();
            parts.join("; ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_written_with_the_names_of_its_members() {
        for (value, text) in [
            (json!("Edith"), "Edith"),
            (json!(["Large print", "Makaton"]), "Large print\nMakaton"),
            (
                json!({ "lines": ["4 Wyle Cop", "Shrewsbury"], "postcode": "SY1 1UT" }),
                "lines: 4 Wyle Cop, Shrewsbury; postcode: SY1 1UT",
            ),
            (json!({ "lives_with_person": true }), "lives with person: true"),
            (json!([{ "kind": "home", "value": "01743 000000" }]), "kind: home; value: 01743 000000"),
        ] {
            assert_eq!(written(&value), text);
        }
    }
}
