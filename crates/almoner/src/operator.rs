//! `almoner operator …`: what the operator's door does, from the machine's own console; and the first account for that door.

use std::io::Read;

use almoner_api::rotate_signing_keys;
use almoner_domain::fault::Fault;
use almoner_domain::ids::PracticeId;
use almoner_domain::words::email::Email;
use almoner_persistence::access::invitations::{self, Link};
use almoner_persistence::access::joining;
use almoner_persistence::{
    OperatorScope, Paging, Store, StoreError, access::clients, access::signing_keys, contracts, staff,
    tenancy::councils, tenancy::practices,
};
use clap::Subcommand;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::config::Config;
use crate::serve::Failure;

/// What to do. What is created is read from standard input, as the JSON that the operator's door takes.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Enter a council; its JSON on standard input.
    CreateCouncil,
    /// List the councils.
    ListCouncils,
    /// Provision a practice; its JSON on standard input.
    CreatePractice,
    /// List the practices.
    ListPractices,
    /// Enter a contract with its delegations; its JSON on standard input.
    CreateContract,
    /// List the contracts.
    ListContracts,
    /// Register a council's system or a partner app; its JSON on standard input. The secret is printed once.
    CreateClient,
    /// List the clients.
    ListClients,
    /// Invite a member of a practice's staff; their JSON on standard input. The link is printed once.
    InviteStaff {
        /// The practice.
        practice: Uuid,
    },
    /// List a practice's staff.
    ListStaff {
        /// The practice.
        practice: Uuid,
    },
    /// The keys that sign access tokens.
    Keys {
        /// What to do with them.
        #[command(subcommand)]
        action: KeyAction,
    },
    /// Invite somebody to the operator's door. The link is printed once.
    InviteOperator {
        /// Its e-mail address.
        #[arg(long)]
        email: String,
        /// Whose it is.
        #[arg(long)]
        name: String,
    },
}

/// What to do with the keys that sign access tokens.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum KeyAction {
    /// Make a new key. It is published now and signs an hour from now; the old one is refused once its last token has expired.
    Rotate {
        /// Somebody else has the old key: the new one signs now, the others are refused now, and so is every token that they
        /// signed.
        #[arg(long)]
        at_once: bool,
    },
    /// List the keys.
    List,
}

/// Does it, and prints what was made or found as JSON.
pub fn run(store: &Store, config: &Config, action: &Action) -> Result<(), Failure> {
    match action {
        Action::CreateCouncil => create(store, |scope, new| {
            let id = councils::create(scope, new)?;
            councils::find(scope, id)
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
        Action::InviteOperator { email, name } => {
            let email = Email::parse(email).map_err(|unfit| format!("the e-mail address {unfit}"))?;
            let invite = |scope: &mut OperatorScope<'_>| {
                let made = invitations::invite_operator(scope, &email, name)?;
                Ok(made.secret.as_deref().map(Link::new))
            };
            let link = store.console(invite).map_err(in_words)?;
            print(&serde_json::json!({ "email": email, "link": link }))
        }
        Action::Keys { action: KeyAction::Rotate { at_once } } => {
            let kid = rotate_signing_keys(store, config.access_token_life, *at_once)?;
            let keys = store.console(signing_keys::list)?;
            print(&keys.iter().find(|key| key.kid == kid))
        }
        Action::Keys { action: KeyAction::List } => print(&store.console(signing_keys::list)?),
        Action::ListCouncils => list(store, councils::list),
        Action::ListPractices => list(store, practices::list),
        Action::ListContracts => list(store, contracts::list),
        Action::ListClients => list(store, clients::list),
        Action::ListStaff { practice } => {
            let practice = PracticeId::from(*practice);
            list(store, move |scope, paging| staff::list(scope, practice, paging))
        }
    }
}

fn create<New: DeserializeOwned, Made: Serialize>(
    store: &Store,
    work: impl FnOnce(&mut OperatorScope<'_>, &New) -> Result<Made, StoreError>,
) -> Result<(), Failure> {
    let mut json = String::new();
    std::io::stdin().read_to_string(&mut json)?;
    let new: New = serde_json::from_str(&json).map_err(|error| format!("standard input: {error}"))?;
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
        for item in &page.items {
            println!("{}", serde_json::to_string(item)?);
        }
        match page.next_cursor {
            Some(next) => cursor = Some(next),
            None => return Ok(()),
        }
    }
}

fn print(value: &impl Serialize) -> Result<(), Failure> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// The faults of the content, one to a line.
fn in_words(error: StoreError) -> Failure {
    match error {
        StoreError::Unfit(faults) => faults
            .iter()
            .map(|Fault { pointer, detail }| format!("{pointer} {detail}"))
            .collect::<Vec<_>>()
            .join("\n")
            .into(),
        other => other.into(),
    }
}
