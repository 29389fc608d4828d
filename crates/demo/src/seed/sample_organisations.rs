//! The sample organisations: councils, practices with their staff, and a partner app. All of them are made up, except the
//! councils' names and codes.

use std::collections::BTreeMap;

use almoner_api::{PasswordCost, hash_password};
use almoner_domain::ids::{CouncilId, OfficerId, PracticeId, StaffId};
use almoner_domain::referrals::message::Function;
use almoner_domain::words::email::Email;
use almoner_persistence::access::joining;
use almoner_persistence::idempotency::Made;
use almoner_persistence::{
    OperatorScope, Store, access::clients, access::invitations, contracts, tenancy::councils, tenancy::practices,
};
use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use super::from_json;
use super::sample_councils::{COMPLAINTS_DESK, COUNCILS, enter_officers, officer_email};
use crate::authenticator::Authenticator;
use crate::confirming::{confirm_officer, confirm_staff, invite_guest};
use crate::logins::Logins;
use crate::readiness::make_ready;
use crate::{Failure, OPERATOR, PASSWORD, TOTP_SECRET};

pub(crate) struct Practice {
    pub(crate) slug: &'static str,
    pub(crate) name: &'static str,
    /// The index of the practice's council in [`COUNCILS`].
    pub(crate) council: usize,
    pub(super) districts: &'static [&'static str],
    pub(super) towns: &'static [&'static str],
    /// The names of the practice's staff, in the order of [`STAFF`].
    pub(super) staff: [&'static str; 9],
}

pub(crate) const PRACTICES: [Practice; 8] = [
    Practice {
        slug: "severn-social-work",
        name: "Severn Social Work",
        council: 3,
        districts: &["SY1", "SY2", "SY3", "SY5"],
        towns: &["Shrewsbury"],
        staff: [
            "Philippa Thornycroft",
            "Adebayo Ogunleye",
            "Miriam Feldstein",
            "Hannah Price",
            "Tomasz Lewandowski",
            "Zainab Qureshi",
            "Gwilym Vaughan",
            "Ottilie Brandt",
            "Keith Mudge",
        ],
    },
    Practice {
        slug: "long-mynd-practice",
        name: "The Long Mynd Practice",
        council: 3,
        districts: &["SY11", "TF9", "WV16", "SY6"],
        towns: &["Church Stretton", "Bridgnorth", "Oswestry"],
        staff: [
            "Rosalind Acton",
            "Dariusz Nowicki",
            "Folasade Bello",
            "Jonathan Breeze",
            "Parveen Akhtar",
            "Siobhan Kinsella",
            "Chidi Eze",
            "Wilhelmina Stubbs",
            "Ravi Menon",
        ],
    },
    Practice {
        slug: "bournville-social-work",
        name: "Bournville Social Work",
        council: 0,
        districts: &["B14", "B29", "B30", "B31"],
        towns: &["Birmingham"],
        staff: [
            "Harpreet Dhaliwal",
            "Ngozi Umeh",
            "Lawrence Pickering",
            "Shabnam Yousafzai",
            "Declan Farrelly",
            "Marcia Whyte",
            "Ioana Munteanu",
            "Bertram Cole",
            "Thuy Pham",
        ],
    },
    Practice {
        slug: "brixton-hill-practice",
        name: "The Brixton Hill Practice",
        council: 1,
        districts: &["SW2", "SW4", "SW8", "SW9", "SE11", "SE24", "SE27"],
        towns: &["London"],
        staff: [
            "Cordelia Ampofo",
            "Joaquim Teixeira",
            "Bridget Rooney",
            "Delroy Hutchinson",
            "Amina Warsame",
            "Konstantin Petrov",
            "Lucinda Marlborough",
            "Yusuf Demir",
            "Fiona Galbraith",
        ],
    },
    Practice {
        slug: "humber-bank-practice",
        name: "The Humber Bank Practice",
        council: 2,
        districts: &["DN31", "DN32", "DN33", "DN34", "DN35", "DN36"],
        towns: &["Grimsby", "Cleethorpes"],
        staff: [
            "Marjorie Blanchard",
            "Piotr Zawadzki",
            "Abena Darko",
            "Craig Ludlam",
            "Sunita Bhattarai",
            "Ellen Vickers",
            "Hamish Urquhart",
            "Oluchi Nnamdi",
            "Trevor Snaith",
        ],
    },
    Practice {
        slug: "etruria-practice",
        name: "The Etruria Practice",
        council: 4,
        districts: &["ST1", "ST4", "ST6"],
        towns: &["Stoke-on-Trent"],
        staff: [
            "Josephine Clowes",
            "Imran Chaudhry",
            "Valerie Heath",
            "Michael Tunnicliffe",
            "Esperanza Delgado",
            "Babatunde Oni",
            "Greta Solheim",
            "Norman Fizzard",
            "Priyanka Shah",
        ],
    },
    Practice {
        slug: "orwell-practice",
        name: "The Orwell Practice",
        council: 5,
        districts: &["IP1", "IP3", "IP11"],
        towns: &["Ipswich", "Felixstowe"],
        staff: [
            "Augustus Wolsey",
            "Catarina Figueiredo",
            "Edmund Gooderham",
            "Beatrix Larter",
            "Samuel Mensah",
            "Nadia Rahimi",
            "Sylvia Kerridge",
            "Hugo Pettit",
            "Mei-Ling Tan",
        ],
    },
    Practice {
        slug: "north-downs-practice",
        name: "The North Downs Practice",
        council: 6,
        districts: &["GU1", "GU7", "GU15", "KT12", "KT22", "RH1"],
        towns: &["Guildford", "Godalming", "Leatherhead", "Redhill"],
        staff: [
            "Henrietta Loxley",
            "Olumide Fashola",
            "Sandra Whitcombe",
            "Rupert Ansell",
            "Kavitha Subramaniam",
            "Maeve Donnellan",
            "Zbigniew Krol",
            "Aurelia Finch",
            "Donovan Bright",
        ],
    },
];

/// The staff of every practice: each one's login, roles and line manager.
pub(super) const STAFF: [(&str, &[&str], Option<&str>); 9] = [
    ("director", &["manager"], None),
    ("manager", &["manager"], Some("director")),
    ("second-manager", &["manager"], None),
    ("social-worker", &["social_worker"], Some("manager")),
    ("social-worker-2", &["social_worker"], Some("manager")),
    ("practitioner", &["practitioner"], Some("manager")),
    (HANDLER, &["practitioner"], None),
    ("records", &["records_officer"], None),
    ("administrator", &["administrator"], None),
];

/// The login of a practitioner who handles complaints that the council's officers give to them.
pub(super) const HANDLER: &str = "handler";

/// The login of a worker who belongs to every practice of one council.
pub(super) const BANK_WORKER: &str = "bank-social-worker";
const BANK_COUNCIL: usize = 3;
pub(crate) const BANK_EMAIL: &str = "bank-social-worker@shropshire.example";

/// The e-mail address with which a member of staff signs in.
pub(super) fn email(practice: usize, login: &str) -> String {
    if login == BANK_WORKER { BANK_EMAIL.to_owned() } else { format!("{login}@{}.example", PRACTICES[practice].slug) }
}

/// The organisations that were entered: the logins of their systems, and their staff by practice and login.
pub(super) struct SampleOrganisations {
    pub(super) logins: Logins,
    /// The councils, in the order of [`COUNCILS`].
    pub(super) councils: Vec<CouncilId>,
    staff: Vec<BTreeMap<&'static str, (StaffId, &'static str)>>,
}

impl SampleOrganisations {
    /// Enters all of them as the operator does, and accepts every invitation.
    pub(super) fn enter(store: &Store, today: NaiveDate) -> Result<Self, Failure> {
        // All accounts have one password, which is hashed once, and one authenticator.
        let hash = hash_password(PasswordCost::Cheap, PASSWORD)?;
        let authenticator = Authenticator::new(TOTP_SECRET).ok_or("the authenticator's secret")?;
        let accept =
            |tokens: Vec<String>| tokens.iter().try_for_each(|token| authenticator.accept(store, token, &hash));
        let Entered { mut organisations, practices, officers, tokens } = store.console(|scope| enter(scope, today))?;
        accept(tokens)?;
        for (council, officer) in officers {
            confirm_officer(store, council, officer, OPERATOR)?;
        }
        // The first people of a practice are there before the others, whom they confirm.
        for first in [true, false] {
            accept(store.console(|scope| {
                let mut tokens = Vec::new();
                for (index, (id, members)) in practices.iter().zip(&mut organisations.staff).enumerate() {
                    enter_staff(scope, index, *id, first, members, &mut tokens)?;
                }
                Ok::<_, Failure>(tokens.into_iter().filter_map(|made| made.secret).collect())
            })?)?;
        }
        for practice in &practices {
            confirm_staff(store, *practice, None)?;
            make_ready(store, *practice)?;
        }
        for (index, practice) in PRACTICES.iter().enumerate() {
            let (_, name) = organisations.staff_member(index, HANDLER)?;
            let guest = from_json(json!({
                "name": name, "email": email(index, HANDLER), "capacity": "handler", "practice": practice.slug,
            }))?;
            let officer = officer_email(practice.council, COMPLAINTS_DESK[0]);
            let link = invite_guest(store, organisations.councils[practice.council], &officer, &guest)?;
            authenticator.accept(store, &link, &hash)?;
        }
        Ok(organisations)
    }

    /// Finds a member of a practice's staff: their id and their name.
    pub(super) fn staff_member(&self, practice: usize, login: &str) -> Result<(StaffId, &'static str), Failure> {
        self.staff[practice].get(login).copied().ok_or_else(|| format!("nobody signs in as {login}").into())
    }

    /// The logins of the members of staff who work on cases at a practice.
    pub(super) fn case_workers(practice: usize) -> &'static [&'static str] {
        let workers = &["social-worker", "social-worker-2", "practitioner", BANK_WORKER];
        if PRACTICES[practice].council == BANK_COUNCIL { workers } else { &workers[..3] }
    }

    /// The number of members of staff at all practices.
    pub(super) fn staff_count(&self) -> usize {
        self.staff.iter().map(BTreeMap::len).sum()
    }
}

/// What was entered first, and the links with which its people join.
struct Entered {
    organisations: SampleOrganisations,
    practices: Vec<PracticeId>,
    officers: Vec<(CouncilId, OfficerId)>,
    tokens: Vec<String>,
}

fn enter(scope: &mut OperatorScope<'_>, today: NaiveDate) -> Result<Entered, Failure> {
    let mut logins = Logins::default();
    logins.set("STAFF_PASSWORD", PASSWORD);
    logins.set("OPERATOR_EMAIL", OPERATOR);
    logins.set("STAFF_TOTP_SECRET", TOTP_SECRET);
    let operator = Email::parse(OPERATOR).map_err(|invalid| invalid.to_string())?;
    let mut tokens = vec![invitations::invite_operator(scope, &operator, "Ola Perret")?];

    let (mut council_ids, mut officers) = (Vec::new(), Vec::new());
    for (index, council) in COUNCILS.iter().enumerate() {
        let id = councils::create(
            scope,
            &from_json(json!({
                "gss_code": council.gss_code,
                "name": council.name,
                "emergency_duty_phone": council.emergency_duty_phone,
            }))?,
        )?;
        for (key, name, scope_word) in [
            ("", "adult social care system", "referrals"),
            ("_COMPLAINTS", "complaints form", "complaints"),
            ("_SAFEGUARDING", "bell of the safeguarding duty", "safeguarding"),
        ] {
            let key = format!("COUNCIL_{}{key}", council.gss_code);
            let name = format!("{}: {name}", council.name);
            enter_client(scope, &mut logins, &key, json!({ "council_id": id, "name": name, "scopes": [scope_word] }))?;
        }
        for invited in enter_officers(scope, index, id)? {
            officers.push((id, invited.id.into()));
            tokens.push(invited);
        }
        council_ids.push(id);
    }
    enter_client(
        scope,
        &mut logins,
        "PARTNER",
        json!({ "name": "Speak Up", "run_by": "Speak Up Advocacy, a charity", "controlled_by": ["Ida Fenwick"], "website": "https://speak-up.example", "scopes": ["complaints"] }),
    )?;

    let mut entered = Vec::new();
    for (index, practice) in PRACTICES.iter().enumerate() {
        let council = &COUNCILS[practice.council];
        let id = practices::create(
            scope,
            &from_json(json!({
                "slug": practice.slug,
                "name": practice.name,
                "districts": practice.districts,
                "capacity": 400,
                "complaints_procedure": format!(
                    "Tell any of us at {}, write to us, or use the Speak Up app. We acknowledge within 3 working days and \
                     agree with you how we look into it, and by when. You can also go straight to {}.",
                    practice.name, council.name
                ),
                "advocacy": format!("Speak Up Advocacy, {}, 01632 960{}", practice.towns[0], 200 + index),
            }))?,
        )?;
        enter_contract(scope, today, &json!(council_ids[practice.council]), &json!(id))?;
        entered.push(id);
    }
    let staff = vec![BTreeMap::new(); entered.len()];
    let tokens = tokens.into_iter().filter_map(|made| made.secret).collect();
    Ok(Entered {
        organisations: SampleOrganisations { logins, councils: council_ids, staff },
        practices: entered,
        officers,
        tokens,
    })
}

/// Enters a contract that delegates every function that can be delegated.
pub(super) fn enter_contract(
    scope: &mut OperatorScope<'_>,
    today: NaiveDate,
    council: &Value,
    practice: &Value,
) -> Result<(), Failure> {
    let starts_on = format!("{}-04-01", today.year() - 2);
    let delegations: Vec<_> = Function::ALL
        .iter()
        .filter(|function| **function != Function::SafeguardingEnquiry)
        .map(|function| json!({ "function": function, "starts_on": starts_on }))
        .collect();
    let new = from_json(json!({
        "council_id": council,
        "practice_id": practice,
        "starts_on": starts_on,
        "response_working_days": 5,
        "complaint_response_working_days": 25,
        "immediate_minutes": 120,
        "delegations": delegations,
    }))?;
    contracts::create(scope, &new)?;
    Ok(())
}

/// Invites the first people of a practice, which is the director, or everybody else.
fn enter_staff(
    scope: &mut OperatorScope<'_>,
    index: usize,
    id: PracticeId,
    first: bool,
    members: &mut BTreeMap<&'static str, (StaffId, &'static str)>,
    tokens: &mut Vec<Made>,
) -> Result<(), Failure> {
    let practice = &PRACTICES[index];
    let mut new_staff: Vec<_> = STAFF
        .iter()
        .zip(practice.staff)
        .map(|(&(login, roles, line_manager), name)| (login, name, roles, line_manager))
        .collect();
    if practice.council == BANK_COUNCIL {
        new_staff.push((BANK_WORKER, "Ifeoma Lindqvist", &["social_worker"], Some("manager")));
    }
    let is_first = |login: &str| login == "director";
    for (number, (login, name, roles, line_manager)) in new_staff.into_iter().enumerate() {
        if is_first(login) != first {
            continue;
        }
        let registered = roles.contains(&"social_worker").then(|| {
            let number = if login == BANK_WORKER { 999 } else { index * 100 + number };
            format!("SW99{number:05}")
        });
        let new = from_json(json!({
            "name": name,
            "email": email(index, login),
            "roles": roles,
            "owner": login == "director",
            "line_manager_id": line_manager.and_then(|login| members.get(login)).map(|(id, _)| id),
            "social_work_england_number": registered,
        }))?;
        let invited = joining::create(scope, id, &new)?;
        members.insert(login, (invited.id.into(), name));
        tokens.push(invited);
    }
    Ok(())
}

pub(super) fn enter_client(
    scope: &mut OperatorScope<'_>,
    logins: &mut Logins,
    key: &str,
    new: Value,
) -> Result<(), Failure> {
    let made = clients::create(scope, &from_json(new)?)?;
    logins.set(format!("{key}_ID"), made.id.to_string());
    logins.set(format!("{key}_SECRET"), made.secret.ok_or("a client without a secret")?);
    Ok(())
}
