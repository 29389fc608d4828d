//! The details of a person, each with its history: it is kept with its source and the day from which it holds, and is ended when
//! it holds no longer.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::people::service_user::ServiceUserDetails;
use crate::words::nhs_number::NhsNumber;
use crate::words::sql_text::closed_codes;
use crate::words::written::written;

closed_codes! {
    /// The kind of a detail whose history is kept: each member of a record, or each item of a member that is a list.
    pub enum FactKind {
        /// The person's present name: title, given, family and preferred name.
        Name = "name",
        /// The pronouns.
        Pronouns = "pronouns",
        /// A name that the person had before.
        FormerName = "former_name",
        /// Another name by which the person is known.
        AlsoKnownAs = "also_known_as",
        /// The date of birth, with its accuracy.
        DateOfBirth = "date_of_birth",
        /// The day on which the person died.
        DateOfDeath = "date_of_death",
        /// The NHS number, with how far it was verified.
        NhsNumber = "nhs_number",
        /// The identifier that a council uses for the person. The council itself has said it where the source is a referral.
        CouncilPersonId = "council_person_id",
        /// The gender.
        Gender = "gender",
        /// The ethnicity.
        Ethnicity = "ethnicity",
        /// The address at which the person lives.
        Address = "address",
        /// The address at which the person is for a time.
        TemporaryAddress = "temporary_address",
        /// Where the person is ordinarily resident.
        OrdinaryResidence = "ordinary_residence",
        /// The accommodation in which the person lives.
        AccommodationStatus = "accommodation_status",
        /// The GP practice.
        GpPracticeCode = "gp_practice_code",
        /// The telephone number.
        Phone = "phone",
        /// The e-mail address.
        Email = "email",
        /// A further telephone number, textphone or e-mail address.
        Contact = "contact",
        /// The instructions for contacting the person safely.
        SafeContact = "safe_contact",
        /// The way in which the person likes to be contacted.
        PreferredContact = "preferred_contact",
        /// The language in which the person is spoken to.
        Language = "language",
        /// Support that the person needs in order to understand and be understood.
        CommunicationNeed = "communication_need",
        /// A reasonable adjustment that must be made for the person.
        ReasonableAdjustment = "reasonable_adjustment",
        /// The main reason why the person needs support.
        PrimarySupportReason = "primary_support_reason",
        /// Whether the person works.
        EmploymentStatus = "employment_status",
        /// Whether somebody cares for the person unpaid.
        HasUnpaidCarer = "has_unpaid_carer",
        /// Whether the person has an autism spectrum disorder.
        Autism = "autism",
        /// How far the person sees.
        VisualImpairment = "visual_impairment",
        /// How far the person hears.
        HearingImpairment = "hearing_impairment",
        /// Whether the person has dementia.
        Dementia = "dementia",
        /// Who pays for the person's support.
        ClientFundingStatus = "client_funding_status",
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

/// The members that are one detail together.
const TOGETHER: [(FactKind, &[&str]); 3] = [
    (FactKind::Name, &["title", "given_name", "family_name", "preferred_name"]),
    (FactKind::DateOfBirth, &["date_of_birth", "date_of_birth_accuracy"]),
    (FactKind::NhsNumber, &["nhs_number", "nhs_number_status"]),
];

/// Every other member of a record, with its kind. A list is one detail for each item.
const MEMBERS: [(&str, FactKind); 28] = [
    ("pronouns", FactKind::Pronouns),
    ("former_names", FactKind::FormerName),
    ("also_known_as", FactKind::AlsoKnownAs),
    ("date_of_death", FactKind::DateOfDeath),
    ("council_person_ids", FactKind::CouncilPersonId),
    ("gender", FactKind::Gender),
    ("ethnicity", FactKind::Ethnicity),
    ("address", FactKind::Address),
    ("temporary_address", FactKind::TemporaryAddress),
    ("ordinary_residence", FactKind::OrdinaryResidence),
    ("accommodation_status", FactKind::AccommodationStatus),
    ("gp_practice_code", FactKind::GpPracticeCode),
    ("phone", FactKind::Phone),
    ("email", FactKind::Email),
    ("contacts", FactKind::Contact),
    ("safe_contact", FactKind::SafeContact),
    ("preferred_contact", FactKind::PreferredContact),
    ("language", FactKind::Language),
    ("communication_needs", FactKind::CommunicationNeed),
    ("reasonable_adjustments", FactKind::ReasonableAdjustment),
    ("primary_support_reason", FactKind::PrimarySupportReason),
    ("employment_status", FactKind::EmploymentStatus),
    ("has_unpaid_carer", FactKind::HasUnpaidCarer),
    ("autism", FactKind::Autism),
    ("visual_impairment", FactKind::VisualImpairment),
    ("hearing_impairment", FactKind::HearingImpairment),
    ("dementia", FactKind::Dementia),
    ("client_funding_status", FactKind::ClientFundingStatus),
];

/// A detail whose history is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The kind of the detail.
    pub kind: FactKind,
    /// The detail, as it is written in the record.
    pub value: Value,
}

impl Fact {
    /// Writes the detail for a list, in which no NHS number stands whole.
    pub fn written(mut self) -> String {
        if self.kind == FactKind::NhsNumber
            && let Some(number) = self.value.get_mut("nhs_number")
            && let Ok(whole) = NhsNumber::parse(number.as_str().unwrap_or_default())
        {
            *number = whole.masked().into();
        }
        written(&self.value)
    }
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
    let mut facts = Vec::new();
    for (kind, names) in TOGETHER {
        let parts: Map<String, Value> =
            names.iter().filter_map(|name| Some(((*name).to_owned(), members.get(*name)?.clone()))).collect();
        // How far a date or a number is known says nothing without it.
        if parts.contains_key(kind.as_str()) || kind == FactKind::Name {
            facts.push(Fact { kind, value: Value::Object(parts) });
        }
    }
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
    use utoipa::PartialSchema as _;

    use super::*;
    use crate::people::service_user::tests::{edith, person};

    #[test]
    fn a_change_begins_what_is_new_and_ends_what_holds_no_longer() {
        let opened = fact_changes(None, &edith());
        let kinds = |facts: &[Fact]| facts.iter().map(|fact| fact.kind).collect::<Vec<_>>();
        let all = vec![
            FactKind::Name,
            FactKind::DateOfBirth,
            FactKind::NhsNumber,
            FactKind::CouncilPersonId,
            FactKind::Address,
        ];
        assert_eq!((kinds(&opened.begun), opened.ended.len()), (all, 0));
        assert_eq!(opened.begun[0].value, json!({ "given_name": "Edith", "family_name": "Marlow" }));
        assert!(fact_changes(Some(&edith()), &edith()).is_empty());
        let mut details = serde_json::to_value(edith()).unwrap();
        details["phone"] = "07700 900461".into();
        details["address"]["lines"] = json!(["9 Mardol"]);
        details["gender"] = "Female".into();
        details["nhs_number_status"] = "01".into();
        let changed = fact_changes(Some(&edith()), &person(details.clone()));
        let begun = [FactKind::NhsNumber, FactKind::Gender, FactKind::Address, FactKind::Phone];
        assert_eq!(kinds(&changed.begun), begun);
        assert_eq!(kinds(&changed.ended), [FactKind::NhsNumber, FactKind::Address]);
        assert_eq!(changed.begun[3].value, json!("07700 900461"));
        details.as_object_mut().unwrap().remove("address");
        let moved_out = fact_changes(Some(&edith()), &person(details));
        assert_eq!(kinds(&moved_out.ended), [FactKind::NhsNumber, FactKind::Address]);
    }

    #[test]
    fn every_member_of_a_record_is_a_detail_with_a_history() {
        let schema = serde_json::to_value(ServiceUserDetails::schema()).unwrap();
        let mut members: Vec<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let together = TOGETHER.iter().flat_map(|(_, names)| names.iter().copied());
        let mut kept: Vec<&str> = MEMBERS.iter().map(|(member, _)| *member).chain(together).collect();
        members.sort_unstable();
        kept.sort_unstable();
        assert_eq!(kept, members);
        assert_eq!(FactKind::ALL.len(), MEMBERS.len() + TOGETHER.len());
    }

    #[test]
    fn each_item_of_a_list_is_a_detail_of_its_own() {
        let needing = |needs: serde_json::Value| {
            let mut details = serde_json::to_value(edith()).unwrap();
            details["communication_needs"] = needs;
            details["former_names"] = json!([{ "family_name": "Lloyd" }]);
            details["contacts"] = json!([{ "kind": "relay", "value": "18002" }]);
            details["temporary_address"] = json!({ "lines": ["Ward 7"] });
            details["safe_contact"] = json!({ "how": "By letter." });
            person(details)
        };
        let (print, sign) = (json!("Large print"), json!("British Sign Language"));
        let before = needing(json!([print, sign]));
        let opened = fact_changes(Some(&edith()), &before);
        let mut kinds: Vec<&str> = opened.begun.iter().map(|fact| fact.kind.as_str()).collect();
        kinds.sort_unstable();
        let all =
            ["communication_need", "communication_need", "contact", "former_name", "safe_contact", "temporary_address"];
        assert_eq!(kinds, all);
        assert!(
            fact_changes(Some(&before), &needing(json!([sign, print]))).is_empty(),
            "another order changes nothing"
        );
        let changed = fact_changes(Some(&before), &needing(json!([sign])));
        assert_eq!((changed.begun.len(), &changed.ended[0].value), (0, &print));
    }
}
