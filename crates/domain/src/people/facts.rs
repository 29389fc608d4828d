//! The details of a person whose history is kept: names, addresses, telephone numbers and e-mail addresses, instructions for
//! safe contact, and warnings to visitors. Each is kept with its source and the day from which it holds, and is ended when it
//! holds no longer.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::people::service_user::ServiceUserDetails;
use crate::words::sql_text::closed_codes;

closed_codes! {
    /// The kind of a detail whose history is kept.
    pub enum FactKind {
        /// The person's present name: title, given, family and preferred name.
        Name = "name",
        /// A name that the person had before.
        FormerName = "former_name",
        /// The address at which the person lives.
        Address = "address",
        /// The address at which the person is for a time.
        TemporaryAddress = "temporary_address",
        /// The telephone number.
        Phone = "phone",
        /// The e-mail address.
        Email = "email",
        /// A further telephone number, textphone or e-mail address.
        Contact = "contact",
        /// The instructions for contacting the person safely.
        SafeContact = "safe_contact",
        /// A warning to whoever may visit.
        VisitWarning = "visit_warning",
    }
}

closed_codes! {
    /// The source of a detail.
    pub enum FactSource {
        /// Somebody at the practice found it out.
        Practice = "practice",
        /// A council's referral said it.
        Referral = "referral",
    }
}

/// The members of a record that are kept with their history, each with its kind. A list is one detail for each item.
const MEMBERS: [(&str, FactKind); 8] = [
    ("former_names", FactKind::FormerName),
    ("address", FactKind::Address),
    ("temporary_address", FactKind::TemporaryAddress),
    ("phone", FactKind::Phone),
    ("email", FactKind::Email),
    ("contacts", FactKind::Contact),
    ("safe_contact", FactKind::SafeContact),
    ("visit_warnings", FactKind::VisitWarning),
];

/// The members that are the present name.
const NAME: [&str; 4] = ["title", "given_name", "family_name", "preferred_name"];

/// A detail whose history is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The kind of the detail.
    pub kind: FactKind,
    /// The detail, as it is written in the record.
    pub value: Value,
}

/// What a change of a record begins and ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactChanges {
    /// The details that hold from now on.
    pub begun: Vec<Fact>,
    /// The details that hold no longer.
    pub ended: Vec<Fact>,
}

impl FactChanges {
    /// Whether nothing begins or ends.
    pub const fn is_empty(&self) -> bool {
        self.begun.is_empty() && self.ended.is_empty()
    }
}

/// Returns what a record that is opened with these details, or is changed to them, begins and ends.
pub fn fact_changes(before: Option<&ServiceUserDetails>, after: &ServiceUserDetails) -> FactChanges {
    let (before, after) = (before.map(facts).unwrap_or_default(), facts(after));
    let without = |ours: &[Fact], theirs: &[Fact]| ours.iter().filter(|fact| !theirs.contains(fact)).cloned().collect();
    FactChanges { begun: without(&after, &before), ended: without(&before, &after) }
}

fn facts(details: &ServiceUserDetails) -> Vec<Fact> {
    let members = members(details);
    let name: Map<String, Value> =
        NAME.iter().filter_map(|name| Some(((*name).to_owned(), members.get(*name)?.clone()))).collect();
    let mut facts = vec![Fact { kind: FactKind::Name, value: Value::Object(name) }];
    for (member, kind) in MEMBERS {
        match members.get(member) {
            Some(Value::Array(items)) => facts.extend(items.iter().map(|item| Fact { kind, value: item.clone() })),
            Some(value) => facts.push(Fact { kind, value: value.clone() }),
            None => {}
        }
    }
    facts
}

/// The members of what is written as an object.
pub(crate) fn members(of: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(of) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::people::service_user::tests::{edith, person};

    #[test]
    fn a_change_begins_what_is_new_and_ends_what_holds_no_longer() {
        let opened = fact_changes(None, &edith());
        let kinds = |facts: &[Fact]| facts.iter().map(|fact| fact.kind).collect::<Vec<_>>();
        assert_eq!((kinds(&opened.begun), opened.ended.len()), (vec![FactKind::Name, FactKind::Address], 0));
        assert_eq!(opened.begun[0].value, json!({ "given_name": "Edith", "family_name": "Marlow" }));
        assert!(fact_changes(Some(&edith()), &edith()).is_empty());
        let mut details = serde_json::to_value(edith()).unwrap();
        details["phone"] = "07700 900461".into();
        details["address"]["lines"] = json!(["9 Mardol"]);
        details["gender"] = "Female".into();
        let changed = fact_changes(Some(&edith()), &person(details.clone()));
        assert_eq!(kinds(&changed.begun), [FactKind::Address, FactKind::Phone]);
        assert_eq!(kinds(&changed.ended), [FactKind::Address]);
        assert_eq!(changed.begun[1].value, json!("07700 900461"));
        details.as_object_mut().unwrap().remove("address");
        let moved_out = fact_changes(Some(&edith()), &person(details));
        assert_eq!(kinds(&moved_out.ended), [FactKind::Address]);
    }

    #[test]
    fn each_item_of_a_list_is_a_detail_of_its_own() {
        let warned = |warnings: serde_json::Value| {
            let mut details = serde_json::to_value(edith()).unwrap();
            details["visit_warnings"] = warnings;
            details["former_names"] = json!([{ "family_name": "Lloyd" }]);
            details["contacts"] = json!([{ "kind": "relay", "value": "18002" }]);
            details["temporary_address"] = json!({ "lines": ["Ward 7"] });
            details["safe_contact"] = json!({ "how": "By letter." });
            person(details)
        };
        let (dog, goose) =
            (json!({ "kind": "animal", "detail": "A dog." }), json!({ "kind": "animal", "detail": "A goose." }));
        let before = warned(json!([dog, goose]));
        let opened = fact_changes(Some(&edith()), &before);
        let mut kinds: Vec<&str> = opened.begun.iter().map(|fact| fact.kind.as_str()).collect();
        kinds.sort_unstable();
        let all = ["contact", "former_name", "safe_contact", "temporary_address", "visit_warning", "visit_warning"];
        assert_eq!(kinds, all);
        assert!(fact_changes(Some(&before), &warned(json!([goose, dog]))).is_empty(), "another order changes nothing");
        let changed = fact_changes(Some(&before), &warned(json!([goose])));
        assert_eq!((changed.begun.len(), &changed.ended[0].value), (0, &dog));
    }
}
