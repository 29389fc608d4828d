//! The organisations of data at scale: the demonstration's councils, as many practices as are asked for, each like one of the
//! demonstration's, and so many workers that each has about 25 open cases.

use almoner_api::{PasswordCost, hash_password};
use almoner_domain::ids::{ClientId, CouncilId, PracticeId, StaffId};
use almoner_persistence::access::{accounts, identity, joining, sessions, sessions::SessionLimits};
use almoner_persistence::tenancy::{councils, practices};
use almoner_persistence::{ClientToken, OperatorScope, Place, Session, Store, StoreError, random};
use chrono::{NaiveDate, TimeDelta};
use serde_json::{Value, json};

use super::history::CASES_PER_OPEN_CASE;
use super::printed::{Printed, PrintedClient, PrintedPractice};
use super::{Size, own_request, people_before};
use crate::authenticator::Authenticator;
use crate::confirming::confirm_staff;
use crate::logins::Logins;
use crate::readiness::make_ready;
use crate::seed::from_json;
use crate::seed::sample_councils::COUNCILS;
use crate::seed::sample_organisations::{PRACTICES, Practice, STAFF, enter_client, enter_contract};
use crate::{Failure, PASSWORD, TOTP_SECRET};

/// The open cases of one worker.
const CASELOAD: usize = 25;

/// The organisations that were entered.
pub(super) struct Entered {
    pub(super) practices: Vec<PracticeEntered>,
    pub(super) printed: Printed,
}

/// A practice that was entered, with the manager's session.
pub(super) struct PracticeEntered {
    pub(super) index: usize,
    /// The index in [`PRACTICES`] of the practice that it is like.
    pub(super) template: usize,
    pub(super) slug: String,
    pub(super) council_id: CouncilId,
    pub(super) council_client: ClientToken,
    pub(super) manager: StaffId,
    pub(super) session: Session,
    pub(super) workers: Vec<StaffId>,
    pub(super) worker_emails: Vec<String>,
}

/// A practice before anybody has joined it.
struct Provisioned {
    id: PracticeId,
    slug: String,
    council_id: CouncilId,
    /// Everybody's identifier, e-mail address and invitation, with the login that they have in every practice.
    staff: Vec<(String, StaffId, String, String)>,
}

/// Enters all of them as the operator does, accepts every invitation, and signs every manager in.
pub(super) fn enter(store: &Store, size: Size, today: NaiveDate) -> Result<Entered, Failure> {
    let mut logins = Logins::default();
    let used = COUNCILS.len().min(PRACTICES.len().max(1));
    let council_ids: Vec<CouncilId> = store.console(|scope| {
        enter_client(
            scope,
            &mut logins,
            "PARTNER",
            json!({ "name": "Speak Up", "run_by": "Speak Up Advocacy, a charity", "controlled_by": ["Ida Fenwick"], "website": "https://speak-up.example", "scopes": ["complaints"] }),
        )?;
        COUNCILS[..used]
            .iter()
            .map(|council| enter_council(scope, &mut logins, council))
            .collect::<Result<_, Failure>>()
    })?;
    let client = |key: &str, council: &'static str| -> Result<PrintedClient, Failure> {
        let get = |what: &str| logins.get(&format!("{key}_{what}")).map(str::to_owned);
        Ok(PrintedClient { council, client_id: get("ID")?, client_secret: get("SECRET")? })
    };
    let councils = COUNCILS[..used]
        .iter()
        .map(|council| client(&format!("COUNCIL_{}", council.gss_code), council.gss_code))
        .collect::<Result<Vec<_>, _>>()?;

    let hash = hash_password(PasswordCost::Full, PASSWORD)?;
    let authenticator = Authenticator::new(TOTP_SECRET).ok_or("the authenticator's secret")?;
    let (mut entered, mut printed) = (Vec::new(), Vec::new());
    for index in 0..size.practices {
        let template = index % PRACTICES.len();
        let practice = &PRACTICES[template];
        let open = (people_before(size, index + 1) - people_before(size, index)).div_ceil(CASES_PER_OPEN_CASE);
        let mut made = store.console(|scope| provision(scope, &council_ids, today, index, open))?;
        // The director is there first, and confirms the others.
        for directors in [true, false] {
            let known = made.staff.len();
            store.console(|scope| invite(scope, &mut made, index, open, directors))?;
            for (_, _, _, token) in &made.staff[known..] {
                authenticator.accept(store, token, &hash)?;
            }
        }
        confirm_staff(store, made.id, None)?;
        make_ready(store, made.id)?;
        let named = |wanted: &str| made.staff.iter().find(|(login, ..)| login == wanted);
        let (_, manager, manager_email, _) = named("manager").ok_or("a practice without a manager")?;
        let (_, _, records_email, _) = named("records").ok_or("a practice without a records officer")?;
        let workers_of_practice = made.staff.iter().filter(|(login, ..)| login == "social-worker");
        let (workers, worker_emails): (Vec<StaffId>, Vec<String>) =
            workers_of_practice.map(|(_, id, email, _)| (*id, email.clone())).unzip();
        let council_client: ClientId =
            councils[practice.council].client_id.parse::<uuid::Uuid>().map(ClientId::from)?;
        printed.push(PrintedPractice {
            id: made.id.uuid(),
            slug: made.slug.clone(),
            council: COUNCILS[practice.council].gss_code,
            manager: manager_email.clone(),
            records_officer: records_email.clone(),
            workers: worker_emails.clone(),
            people: Vec::new(),
        });
        entered.push(PracticeEntered {
            index,
            template,
            slug: made.slug.clone(),
            council_id: made.council_id,
            council_client: ClientToken {
                client: council_client,
                jti: uuid::Builder::from_random_bytes(random::bytes()).into_uuid(),
                generation: 0,
            },
            manager: *manager,
            session: sign_in(store, &authenticator, manager_email)?,
            workers,
            worker_emails,
        });
    }
    let partner = client("PARTNER", "")?;
    let printed = Printed { password: PASSWORD, totp_secret: TOTP_SECRET, councils, partner, practices: printed };
    Ok(Entered { practices: entered, printed })
}

fn enter_council(
    scope: &mut OperatorScope<'_>,
    logins: &mut Logins,
    council: &crate::seed::sample_councils::Council,
) -> Result<CouncilId, Failure> {
    let id = councils::create(
        scope,
        &from_json(json!({
            "gss_code": council.gss_code,
            "name": council.name,
            "emergency_duty_phone": council.emergency_duty_phone,
        }))?,
    )?;
    let key = format!("COUNCIL_{}", council.gss_code);
    let name = format!("{}: adult social care system", council.name);
    enter_client(scope, logins, &key, json!({ "council_id": id, "name": name, "scopes": ["referrals"] }))?;
    Ok(id)
}

fn provision(
    scope: &mut OperatorScope<'_>,
    council_ids: &[CouncilId],
    today: NaiveDate,
    index: usize,
    open_cases: usize,
) -> Result<Provisioned, Failure> {
    let practice = &PRACTICES[index % PRACTICES.len()];
    let round = index / PRACTICES.len() + 1;
    let slug = if round == 1 { practice.slug.to_owned() } else { format!("{}-{round}", practice.slug) };
    let name = if round == 1 { practice.name.to_owned() } else { format!("{} {round}", practice.name) };
    let id = practices::create(
        scope,
        &from_json(json!({
            "slug": slug,
            "name": name,
            "districts": practice.districts,
            "capacity": open_cases * 2 + 100,
            "complaints_procedure": "Tell any of us, or write to us.",
            "advocacy": format!("Speak Up Advocacy, {}, 01632 960200", practice.towns[0]),
        }))?,
    )?;
    let council_id = council_ids[practice.council];
    enter_contract(scope, today, &json!(council_id), &json!(id))?;
    Ok(Provisioned { id, slug, council_id, staff: Vec::new() })
}

/// Invites the director, or everybody else.
fn invite(
    scope: &mut OperatorScope<'_>,
    provisioned: &mut Provisioned,
    index: usize,
    open_cases: usize,
    directors: bool,
) -> Result<(), Failure> {
    let Provisioned { id, slug, staff, .. } = provisioned;
    let workers = open_cases.div_ceil(CASELOAD).max(1);
    let wanted = everybody(&PRACTICES[index % PRACTICES.len()], workers).into_iter();
    for (login, name, roles, line_manager) in wanted.filter(|(login, ..)| (login == "director") == directors) {
        let number = staff.len();
        let email = match staff.iter().filter(|(known, ..)| *known == login).count() {
            0 => format!("{login}@{slug}.example"),
            others => format!("{login}-{}@{slug}.example", others + 1),
        };
        let registered = roles.contains(&"social_worker").then(|| format!("SW{:07}", index * 10_000 + number));
        let manager =
            line_manager.and_then(|line| staff.iter().find(|(known, ..)| *known == line)).map(|found| found.1);
        let new: Value = json!({
            "name": name,
            "email": email,
            "roles": roles,
            "owner": login == "director",
            "line_manager_id": manager,
            "social_work_england_number": registered,
        });
        let invited = joining::create(scope, *id, &from_json(new)?)?;
        staff.push((login, invited.id.into(), email, invited.secret.ok_or("an invitation without a link")?));
    }
    Ok(())
}

type NewMember = (String, String, &'static [&'static str], Option<&'static str>);

/// The demonstration's staff of a practice, with this number of social workers.
fn everybody(practice: &Practice, workers: usize) -> Vec<NewMember> {
    let is_social_worker = |login: &str| login.starts_with("social-worker");
    let named = || STAFF.iter().zip(practice.staff);
    let mut all: Vec<NewMember> = named()
        .filter(|((login, ..), _)| !is_social_worker(login))
        .map(|(&(login, roles, line), name)| (login.to_owned(), name.to_owned(), roles, line))
        .collect();
    let roles: &[&str] = &["social_worker"];
    all.extend((0..workers).map(|number| {
        let name = named()
            .filter(|((login, ..), _)| is_social_worker(login))
            .nth(number)
            .map_or_else(|| format!("Worker {}", number + 1), |(_, name)| name.to_owned());
        ("social-worker".to_owned(), name, roles, Some("manager"))
    }));
    all
}

/// Begins a session of the manager's, in which the people are written.
fn sign_in(store: &Store, authenticator: &Authenticator, email: &str) -> Result<Session, Failure> {
    let factor = authenticator.factor(email, store.clock().now()).ok_or("no code is left")?;
    let limits = SessionLimits { absolute: TimeDelta::hours(12), idle: TimeDelta::hours(12) };
    store.identity(own_request(), |scope| {
        let account = accounts::find(scope, email)?.ok_or(StoreError::NotFound)?.account_id;
        if !accounts::prove(scope, Some(account), true, &factor)? {
            return Err("the code is not accepted".into());
        }
        let membership = identity::memberships(scope, account)?.pop().ok_or(StoreError::NotFound)?;
        let opened = sessions::begin(scope, account, Place::Practice(membership), limits)?;
        Ok(Session { account: opened.account, session: opened.session })
    })
}
