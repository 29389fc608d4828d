//! `almoner operator …`: does from the machine's own console what an operator does over HTTP, and invites the first
//! operator.

use std::io::Read;

use almoner_api::rotate_signing_keys;
use almoner_console::say;
use almoner_domain::fault::Fault;
use almoner_domain::ids::{CouncilId, OfficerId, PracticeId, ReorganisationId, StaffId};
use almoner_domain::words::email::Email;
use almoner_persistence::access::invitations::{self, Link};
use almoner_persistence::access::joining;
use almoner_persistence::access::{appointing, confirmations};
use almoner_persistence::deadlines::add_bank_holiday;
use almoner_persistence::officers;
use almoner_persistence::referrals::council_requests;
use almoner_persistence::{
    OperatorScope, Paging, Store, StoreError, access::clients, access::signing_keys, contracts, staff,
    tenancy::bank_holidays, tenancy::councils, tenancy::practices, tenancy::reorganisations,
};
use clap::Subcommand;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::config::Config;
use crate::inputs;
use crate::serve::Failure;

/// The actions of `almoner operator`. An action that creates something reads it from standard input, as the JSON that the
/// operator's door takes.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Enter a council, given as JSON on standard input.
    #[command(after_help = inputs::COUNCIL)]
    CreateCouncil,
    /// List the councils.
    ListCouncils,
    /// Change a council's code, name or emergency number, given as JSON on standard input.
    #[command(after_help = inputs::COUNCIL_CHANGE)]
    ChangeCouncil {
        /// The id of the council.
        council: Uuid,
    },
    /// Enter a reorganisation of local government, given as JSON on standard input.
    #[command(after_help = inputs::REORGANISATION)]
    CreateReorganisation,
    /// Change the day of a reorganisation, or add codes of successors, given as JSON on standard input.
    #[command(after_help = inputs::REORGANISATION_CHANGE)]
    ChangeReorganisation {
        /// The id of the reorganisation.
        reorganisation: Uuid,
    },
    /// List the reorganisations.
    ListReorganisations,
    /// Add a bank holiday, given as JSON on standard input, and move the deadlines that it makes too short.
    #[command(after_help = inputs::BANK_HOLIDAY)]
    AddBankHoliday,
    /// List the bank holidays.
    ListBankHolidays,
    /// Provision a practice, given as JSON on standard input.
    #[command(after_help = inputs::PRACTICE)]
    CreatePractice,
    /// List the practices.
    ListPractices,
    /// Enter a contract with its delegations, given as JSON on standard input.
    #[command(after_help = inputs::CONTRACT)]
    CreateContract,
    /// List the contracts.
    ListContracts,
    /// Register a council's system or a partner app, given as JSON on standard input. The secret is printed this once.
    #[command(after_help = inputs::CLIENT)]
    CreateClient,
    /// List the clients.
    ListClients,
    /// Invite a member of a practice's staff, given as JSON on standard input. The link is printed this once.
    #[command(after_help = inputs::MEMBER)]
    InviteStaff {
        /// The id of the practice.
        practice: Uuid,
    },
    /// Confirm a membership of a new practice for the operator. An owner of the practice confirms it at the practice's door.
    ConfirmStaff {
        /// The id of the practice.
        practice: Uuid,
        /// The id of the membership.
        member: Uuid,
    },
    /// List a practice's staff.
    ListStaff {
        /// The id of the practice.
        practice: Uuid,
    },
    /// Invite one of a council's first officers, given as JSON on standard input. The link is printed this once.
    #[command(after_help = inputs::OFFICER)]
    InviteOfficer {
        /// The id of the council.
        council: Uuid,
    },
    /// Confirm an officer of a new council, as one of two operators. The other one confirms at the operator's door.
    ConfirmOfficer {
        /// The id of the council.
        council: Uuid,
        /// The id of the officer.
        officer: Uuid,
    },
    /// List a council's officers.
    ListOfficers {
        /// The id of the council.
        council: Uuid,
    },
    /// Rotate or list the keys that sign access tokens.
    Keys {
        /// The action on the keys.
        #[command(subcommand)]
        action: KeyAction,
    },
    /// Invite a person to the operator's door. The link is printed this once.
    InviteOperator {
        /// The person's e-mail address.
        #[arg(long)]
        email: String,
        /// The person's name.
        #[arg(long)]
        name: String,
    },
}

/// The actions on the keys that sign access tokens.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum KeyAction {
    /// Make a new key. It is published now and signs from an hour from now; the old key is refused once its last token has
    /// expired.
    Rotate {
        /// Replace the old keys at once, because somebody else has one: the new key signs now, and every token that another
        /// key signed is refused now.
        #[arg(long)]
        at_once: bool,
    },
    /// List the keys.
    List,
}

/// Runs an action, and prints what it made or found as JSON: one thing over several lines, a list with an object to each line.
pub fn run(store: &Store, config: &Config, action: &Action) -> Result<(), Failure> {
    match action {
        Action::CreateCouncil => create(store, |scope, new| {
            let id = councils::create(scope, new)?;
            councils::find(scope, id)
        }),
        Action::ChangeCouncil { council } => {
            let council = CouncilId::from(*council);
            create(store, |scope, how| {
                let seen = councils::find(scope, council)?;
                council_requests::change_council(scope, &seen, how)?;
                councils::find(scope, council)
            })
        }
        Action::CreateReorganisation => create(store, |scope, new| {
            let id = reorganisations::create(scope, new)?;
            reorganisations::find(scope, id)
        }),
        Action::ChangeReorganisation { reorganisation } => {
            let reorganisation = ReorganisationId::from(*reorganisation);
            create(store, |scope, how| {
                let seen = reorganisations::find(scope, reorganisation)?;
                reorganisations::change(scope, &seen, how)?;
                reorganisations::find(scope, reorganisation)
            })
        }
        Action::AddBankHoliday => create(store, |scope, new| {
            let id = add_bank_holiday(scope, new)?;
            bank_holidays::find(scope, id)
        }),
        Action::CreatePractice => create(store, |scope, new| {
            let id = practices::create(scope, new)?;
            practices::find(scope, id)
        }),
        Action::CreateContract => create(store, |scope, new| {
            let id = contracts::create(scope, new)?;
            contracts::find(scope, id)
        }),
        Action::CreateClient => create(store, |scope, new| {
            let made = clients::create(scope, new)?;
            let client = clients::find(scope, made.id.into())?;
            Ok(serde_json::json!({ "client": client, "client_secret": made.secret }))
        }),
        Action::InviteStaff { practice } => {
            let practice = PracticeId::from(*practice);
            create(store, |scope, new| {
                let made = joining::create(scope, practice, new)?;
                let member = staff::find(scope, practice, made.id.into())?;
                let link = made.secret.as_deref().map(Link::new);
                Ok(serde_json::json!({ "member": member, "link": link }))
            })
        }
        Action::ConfirmStaff { practice, member } => confirm_staff(store, (*practice).into(), (*member).into()),
        Action::InviteOfficer { council } => {
            let council = CouncilId::from(*council);
            create(store, |scope, new| {
                let made = appointing::invite_first(scope, council, new)?;
                let officer = officers::find(scope, council, made.id.into())?;
                let link = made.secret.as_deref().map(Link::new);
                Ok(serde_json::json!({ "officer": officer, "link": link }))
            })
        }
        Action::ConfirmOfficer { council, officer } => confirm_officer(store, (*council).into(), (*officer).into()),
        Action::InviteOperator { email, name } => invite_operator(store, email, name),
        Action::Keys { action: KeyAction::Rotate { at_once } } => {
            let kid = rotate_signing_keys(store, config.access_token_life, *at_once)?;
            let keys = store.console(signing_keys::list)?;
            print(&keys.iter().find(|key| key.kid == kid))
        }
        Action::Keys { action: KeyAction::List } => print_each(&store.console(signing_keys::list)?),
        Action::ListCouncils => list(store, councils::list),
        Action::ListReorganisations => list(store, reorganisations::list),
        Action::ListBankHolidays => list(store, bank_holidays::list),
        Action::ListPractices => list(store, practices::list),
        Action::ListContracts => list(store, contracts::list),
        Action::ListClients => list(store, clients::list),
        Action::ListOfficers { council } => {
            let council = CouncilId::from(*council);
            list(store, move |scope, paging| officers::list(scope, council, paging))
        }
        Action::ListStaff { practice } => {
            let practice = PracticeId::from(*practice);
            list(store, move |scope, paging| staff::list(scope, practice, paging))
        }
    }
}

fn confirm_staff(store: &Store, practice: PracticeId, member: StaffId) -> Result<(), Failure> {
    let confirm = |scope: &mut OperatorScope<'_>| {
        let known = staff::find(scope, practice, member)?;
        confirmations::confirm_for_operator(scope, practice, &known)?;
        staff::find(scope, practice, member)
    };
    print(&store.console(confirm).map_err(in_words)?)
}

fn confirm_officer(store: &Store, council: CouncilId, officer: OfficerId) -> Result<(), Failure> {
    let confirm = |scope: &mut OperatorScope<'_>| {
        let known = officers::find(scope, council, officer)?;
        appointing::confirm_for_operator(scope, council, &known)?;
        officers::find(scope, council, officer)
    };
    print(&store.console(confirm).map_err(in_words)?)
}

fn invite_operator(store: &Store, email: &str, name: &str) -> Result<(), Failure> {
    let email = Email::parse(email).map_err(|invalid| format!("the e-mail address {invalid}"))?;
    let invite = |scope: &mut OperatorScope<'_>| {
        let made = invitations::invite_operator(scope, &email, name)?;
        Ok(made.secret.as_deref().map(Link::new))
    };
    let link = store.console(invite).map_err(in_words)?;
    print(&serde_json::json!({ "email": email, "link": link }))
}

fn create<New: DeserializeOwned, Made: Serialize>(
    store: &Store,
    work: impl FnOnce(&mut OperatorScope<'_>, &New) -> Result<Made, StoreError>,
) -> Result<(), Failure> {
    let mut json = String::new();
    std::io::stdin().read_to_string(&mut json)?;
    let new: New = almoner_api::read_content(&json).map_err(|error| format!("standard input: {error}"))?;
    print(&store.console(|scope| work(scope, &new)).map_err(in_words)?)
}

fn list<T: Serialize>(
    store: &Store,
    work: impl Fn(&mut OperatorScope<'_>, &Paging) -> Result<almoner_persistence::Page<T>, StoreError>,
) -> Result<(), Failure> {
    let mut cursor: Option<String> = None;
    loop {
        let paging = Paging::new(cursor.as_deref(), 200)?;
        let page = store.console(|scope| work(scope, &paging)).map_err(in_words)?;
        print_each(&page.items)?;
        match page.next_cursor {
            Some(next) => cursor = Some(next),
            None => return Ok(()),
        }
    }
}

/// Prints what a list shows: a JSON object to a line, so that a shell can take one after another.
fn print_each(items: &[impl Serialize]) -> Result<(), Failure> {
    for item in items {
        say!("{}", serde_json::to_string(item)?)?;
    }
    Ok(())
}

/// Prints one thing, which was made or found, for a person to read.
fn print(value: &impl Serialize) -> Result<(), Failure> {
    Ok(say!("{}", serde_json::to_string_pretty(value)?)?)
}

/// Turns an error into words; the faults of the content are one to a line.
fn in_words(error: StoreError) -> Failure {
    match error {
        StoreError::ValidationFailed(faults) => faults
            .iter()
            .map(|Fault { pointer, detail }| format!("{pointer} {detail}"))
            .collect::<Vec<_>>()
            .join("\n")
            .into(),
        other => other.into(),
    }
}
