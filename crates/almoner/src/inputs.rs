//! What the commands that create something read from standard input, as their `--help` shows it. A test gives each example to
//! its command.

macro_rules! input {
    ($(#[$doc:meta])* $name:ident: $json:literal, $remark:literal) => {
        $(#[$doc])*
        pub(crate) const $name: &str =
            concat!("JSON on standard input, as the operator's door takes it. For example:\n\n", $json, "\n\n", $remark);
    };
}

input!(
    /// Of `create-council`.
    COUNCIL: r#"{
  "gss_code": "E06000051",
  "name": "Shropshire Council",
  "emergency_duty_phone": "0345 678 9040"
}"#,
    "No member can be left out."
);

input!(
    /// Of `change-council`.
    COUNCIL_CHANGE: r#"{
  "starts_on": "2026-11-01",
  "gss_code": "E06000998",
  "name": "North Severnshire Council",
  "emergency_duty_phone": "0345 678 9040"
}"#,
    "What stays can be left out, and `starts_on` if it is today."
);

input!(
    /// Of `create-reorganisation`.
    REORGANISATION: r#"{
  "title": "Severnshire",
  "takes_effect_on": "2029-04-01",
  "abolished": [{ "code": "E10000999", "name": "Severnshire County Council" }],
  "created": [{ "code": "E06000998", "name": "North Severnshire" }]
}"#,
    "One of `abolished` and `created` can be left out."
);

input!(
    /// Of `change-reorganisation`.
    REORGANISATION_CHANGE: r#"{
  "takes_effect_on": "2029-04-01",
  "created": [{ "code": "E06000999", "name": "South Severnshire" }]
}"#,
    "The codes are added to those that are known. Either can be left out."
);

input!(
    /// Of `add-bank-holiday`.
    BANK_HOLIDAY: r#"{
  "day": "2027-06-04",
  "title": "Bank holiday for the jubilee"
}"#,
    "No member can be left out."
);

input!(
    /// Of `create-practice`.
    PRACTICE: r#"{
  "slug": "severn-social-work",
  "name": "Severn Social Work",
  "districts": ["SY1", "SY2"],
  "capacity": 120,
  "complaints_procedure": "Tell any of us, or write to us; we acknowledge within 3 working days.",
  "advocacy": "Shropshire Independent Advocacy, 01743 000000"
}"#,
    "No member can be left out."
);

input!(
    /// Of `create-contract`.
    CONTRACT: r#"{
  "council_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d",
  "practice_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4e",
  "starts_on": "2026-04-01",
  "ends_on": "2028-03-31",
  "response_working_days": 5,
  "complaint_response_working_days": 25,
  "urgent_response_working_days": 2,
  "immediate_minutes": 120,
  "urgent_minutes": 480,
  "delegations": [
    { "function": "needs_assessment", "starts_on": "2026-04-01", "ends_on": "2028-03-31" },
    { "function": "review", "starts_on": "2026-04-01" }
  ]
}"#,
    "`list-councils` and `list-practices` have the ids. These can be left out: `ends_on` of the contract and of a delegation,\n\
     `complaint_response_working_days` (25), `urgent_response_working_days` (2), `immediate_minutes` (120) and\n\
     `urgent_minutes` (480)."
);

input!(
    /// Of `create-client`.
    CLIENT: r#"{
  "council_id": "01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d",
  "name": "Adult social care system",
  "scopes": ["referrals", "complaints"],
  "allowed_addresses": ["203.0.113.0/24", "2001:db8:12::/48"]
}"#,
    "A partner app has no `council_id`, and the scope `complaints`. `allowed_addresses` can be left out. With `jwks`, its public\n\
     keys, the client is given no secret."
);

input!(
    /// Of `invite-staff`.
    MEMBER: r#"{
  "name": "Hannah Price",
  "email": "hannah.price@severn.example",
  "roles": ["social_worker", "administrator"],
  "owner": true,
  "social_work_england_number": "SW123456"
}"#,
    "The roles are `social_worker`, `practitioner`, `manager`, `records_officer` and `administrator`. `owner`\n\
     can be left out, and the number unless somebody is a social worker; `line_manager_id` and `deputy_for_id` can be added."
);

input!(
    /// Of `invite-officer`.
    OFFICER: r#"{
  "name": "Ravi Mistry",
  "email": "ravi.mistry@shropshire.example",
  "roles": ["administrator", "referrals"]
}"#,
    "The roles are `referrals`, `complaints`, `responsible_person`, `safeguarding`, `commissioner`, `duty`, `records_officer` and\n\
     `administrator`. None works before two operators have confirmed it."
);
