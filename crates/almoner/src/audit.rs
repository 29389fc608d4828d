//! `almoner audit verify`: recomputes the hash chains of the audit log, and names the first row that is not as it was sealed.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use almoner_domain::events::Chain;
use almoner_domain::ids::PracticeId;
use almoner_persistence::audit::{self, ChainName, Head, Verified};
use almoner_persistence::{Clock, Login, Store, StoreError};
use almoner_worker::Heads;
use clap::Subcommand;
use data_encoding::HEXLOWER;
use uuid::Uuid;

use crate::config::Config;
use crate::serve::{Failure, open_store};

/// The actions of `almoner audit`.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Verify that the audit log is as it was written. One line is printed for each chain; the exit status is not 0 if a chain
    /// is broken.
    Verify {
        /// The practice whose chains are verified, by its slug or its id. Without it, all chains are verified.
        #[arg(long)]
        practice: Option<String>,
        /// The file of signed heads that the chains are compared with. Without it, the file of `ALMONER_AUDIT_HEADS` is used.
        #[arg(long)]
        heads: Option<PathBuf>,
    },
}

/// Runs an action. The exit code is not zero if a chain is broken.
pub fn run(config: &Config, action: &Action) -> Result<ExitCode, Failure> {
    let Action::Verify { practice, heads } = action;
    let store = open_store(config, Login::Work, Clock::new())?;
    let signed = match heads.as_ref().or(config.audit_heads.as_ref()) {
        Some(file) if config.audit_key.is_empty() => {
            return Err(format!("{} is to be compared with: ALMONER_AUDIT_KEY is needed", file.display()).into());
        }
        Some(file) => signed_heads(config.audit_key.expose(), file)?,
        None => Vec::new(),
    };
    let practice = practice.as_deref().map(|named| find_practice(&store, named)).transpose()?;
    let mut whole = true;
    for name in chains(&store, practice, &signed)? {
        let verified = audit::verify(&store, &name, &signed)?;
        whole &= verified.fault.is_none();
        println!("{}", line(&verified));
    }
    if signed.is_empty() {
        println!(
            "Not compared with signed heads: a chain that was made anew as a whole, or cut off at its end, with its head, looks whole."
        );
    }
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Reads the signed heads in a file, and checks every signature.
pub fn signed_heads(key: &str, file: &Path) -> Result<Vec<Head>, Failure> {
    Ok(Heads::new(key, file)?.read(file)?)
}

/// Lists the chains to verify: the two of a practice, or every chain that has rows or a signed head.
pub fn chains(store: &Store, practice: Option<Uuid>, signed: &[Head]) -> Result<Vec<ChainName>, StoreError> {
    if let Some(owner) = practice {
        let chains = [Chain::Practice, Chain::Complaints];
        return Ok(chains.map(|chain| ChainName { owner, chain: chain.to_string() }).to_vec());
    }
    let mut names = store.worker::<_, StoreError>(None, audit::chains)?;
    names.extend(signed.iter().map(|head| head.name.clone()));
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// Writes the result for one chain as a line.
pub fn line(verified: &Verified) -> String {
    let Verified { name, count, hash, unsealed, fault } = verified;
    let hash = hash.as_ref().map_or_else(|| "none".to_owned(), |hash| HEXLOWER.encode(hash));
    match fault {
        None => format!("whole    {name}: {count} rows, {unsealed} not yet sealed, head {hash}"),
        Some(fault) => format!("BROKEN   {name}: {fault}; the {count} before it are whole, head {hash}"),
    }
}

fn find_practice(store: &Store, named: &str) -> Result<Uuid, Failure> {
    if let Ok(id) = named.parse() {
        return Ok(id);
    }
    store.find_practice_id(named)?.map(PracticeId::uuid).ok_or_else(|| format!("no practice is called {named}").into())
}
