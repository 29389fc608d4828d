//! The operations of the service, as its own document lists them.

use std::sync::OnceLock;

use serde_json::Value;

/// One operation.
pub(super) struct Operation {
    pub(super) method: String,
    /// The path, with its parameters in braces.
    pub(super) path: String,
    pub(super) json: Value,
}

/// The document, built once because that takes longer than many a request.
fn written() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::from_str(&almoner_api::openapi::text().unwrap()).unwrap())
}

pub(super) fn document() -> Value {
    written().clone()
}

pub(super) fn operations() -> Vec<Operation> {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let operations: Vec<_> = paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(|(method, json)| Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                json: with_responses(json.clone(), &document["components"]["responses"]),
            })
        })
        .collect();
    assert!(operations.len() > 40, "the document is whole");
    operations
}

/// The operation with its responses in place of the references to them.
fn with_responses(mut operation: Value, shared: &Value) -> Value {
    for response in operation["responses"].as_object_mut().unwrap().values_mut() {
        if let Some(name) = response["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
            *response = shared[name].clone();
        }
    }
    operation
}

impl Operation {
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The door and the permissions that the operation requires there. `None` for public operations. At the council's door it is
    /// the scope of a system, where a system has one.
    pub(super) fn security(&self) -> Option<(String, Vec<String>)> {
        let (scheme, permissions) = self.requirements().into_iter().next()?;
        Some((if scheme == "officer" { "council".to_owned() } else { scheme }, permissions))
    }

    /// The scope with which a system may do it; `None` if none may, or at a door without systems.
    pub(super) fn of_systems(&self) -> Option<String> {
        let mut requirements = self.requirements().into_iter();
        let (_, scopes) = requirements.find(|(scheme, _)| ["council", "partner"].contains(&scheme.as_str()))?;
        scopes.into_iter().next()
    }

    /// The permissions with which an officer may do it, of which there is none where a session is enough; `None` if no officer may.
    pub(super) fn of_officers(&self) -> Option<Vec<String>> {
        let mut requirements = self.requirements().into_iter();
        requirements.find(|(scheme, _)| scheme == "officer").map(|(_, permissions)| permissions)
    }

    /// The credentials, each of which is enough, with the permissions that they need.
    fn requirements(&self) -> Vec<(String, Vec<String>)> {
        let one_of = self.json["security"].as_array().unwrap().iter();
        one_of
            .flat_map(|required| required.as_object().unwrap())
            .map(|(scheme, permissions)| {
                let words = permissions.as_array().unwrap().iter();
                (scheme.clone(), words.map(|one| one.as_str().unwrap().to_owned()).collect())
            })
            .collect()
    }

    /// The headers that the operation takes, but these.
    pub(super) fn headers<'k>(&self, key: &'k str, without: &[&str]) -> Vec<(&'static str, &'k str)> {
        [
            ("If-Match", "\"1\""),
            ("Idempotency-Key", key),
            ("Complaint-Access-Code", "wrong"),
            ("Content-Disposition", "attachment; filename=\"note.txt\""),
            ("Tus-Resumable", "1.0.0"),
            ("Upload-Length", "10"),
            ("Upload-Offset", "0"),
        ]
        .into_iter()
        .filter(|(name, _)| self.needs(name) && !without.contains(name))
        .collect()
    }

    pub(super) fn needs(&self, header: &str) -> bool {
        self.json["parameters"].as_array().is_some_and(|all| all.iter().any(|one| one["name"] == header))
    }

    /// The content that the document gives as an example, with its media type.
    pub(super) fn example(&self) -> Option<(String, Value)> {
        // A document may be of several kinds, of which a text is one that JSON can write.
        let contents = self.json["requestBody"]["content"].as_object()?;
        let (media_type, content) = contents.get_key_value("text/plain").or_else(|| contents.iter().next())?;
        let example = if content["example"].is_null() {
            let reference = content["schema"]["$ref"].as_str().unwrap();
            let schema = written().pointer(reference.trim_start_matches('#')).unwrap().clone();
            schema["example"].clone()
        } else {
            content["example"].clone()
        };
        assert!(!example.is_null(), "{} has no example", self.name());
        Some((media_type.clone(), example))
    }

    /// The path with this value in place of each of its parameters, or with a valid item or field for the parameter that names
    /// one.
    pub(super) fn path_with(&self, value: &str) -> String {
        let parts = self.path.split('/').map(|part| match part {
            "{item}" => "dpia",
            "{field}" => "address",
            part if part.starts_with('{') => value,
            part => part,
        });
        parts.collect::<Vec<_>>().join("/")
    }
}
