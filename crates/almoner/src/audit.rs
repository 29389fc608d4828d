//! `almoner audit verify` recomputes the hash chains of the audit log, and names the first row that is not as it was sealed.
//! `almoner audit break` enters that an older state was restored, so that verification goes on from there.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use almoner_console::{Progress, say};
use almoner_domain::events::Chain;
use almoner_domain::ids::PracticeId;
use almoner_domain::words::text::Line;
use almoner_persistence::audit::{self, Break, ChainName, Fault, Place, Signed, Verified};
use almoner_persistence::{Clock, Login, Store, StoreError};
use almoner_worker::Heads;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Subcommand;
use data_encoding::HEXLOWER;
use uuid::Uuid;

use crate::config::Config;
use crate::serve::{Failure, open_store};

/// The fewest characters of the reason for a break.
const SHORTEST_REASON: usize = 10;

/// The actions of `almoner audit`.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Verify that the audit log is as it was written. One line is printed for each chain, and one for each break that was
    /// entered in it; the exit status is not 0 if a chain is broken.
    Verify {
        /// The practice whose chains are verified, by its slug or its id. Without it, all chains are verified.
        #[arg(long)]
        practice: Option<String>,
        /// The file of signed heads that the chains are compared with. Without it, the file of `ALMONER_AUDIT_HEADS` is used.
        #[arg(long)]
        heads: Option<PathBuf>,
    },
    /// Enter that the database was restored to an older state, so that verification reports it and goes on. Every chain that
    /// has lost rows whose head was signed gets a break, which is signed and added to the file of heads.
    Break {
        /// The name of the operator who enters the break, and answers for it.
        #[arg(long)]
        by: String,
        /// The reason: what failed, and to which moment the database was restored.
        #[arg(long)]
        reason: String,
        /// The practice whose chains get a break, by its slug or its id. Without it, all chains that need one do.
        #[arg(long)]
        practice: Option<String>,
        /// The file of signed heads. Without it, the file of `ALMONER_AUDIT_HEADS` is used.
        #[arg(long)]
        heads: Option<PathBuf>,
    },
}

/// Runs an action. The exit code is not zero if a chain is broken.
pub fn run(config: &Config, action: &Action) -> Result<ExitCode, Failure> {
    let store = open_store(config, Login::Work, Clock::new())?;
    match action {
        Action::Verify { practice, heads } => {
            let signed = match heads.as_ref().or(config.audit_heads.as_ref()) {
                Some(file) => heads_in(config, file)?.read(file)?,
                None => Signed::default(),
            };
            Chains::find(&store, practice.as_deref(), &signed)?.report(&signed)
        }
        Action::Break { by, reason, practice, heads } => {
            let file = heads.as_ref().or(config.audit_heads.as_ref());
            let file = file.ok_or("--heads or ALMONER_AUDIT_HEADS is needed: a break is about signed heads")?;
            let written = heads_in(config, file)?;
            let by = Line::<200>::parse(by).map_err(|invalid| format!("--by {invalid}"))?;
            let reason = Line::<1000>::parse(reason).map_err(|invalid| format!("--reason {invalid}"))?;
            if reason.as_str().chars().count() < SHORTEST_REASON {
                return Err(
                    format!("--reason has at least {SHORTEST_REASON} characters: it is read years from now").into()
                );
            }
            let signed = written.read(file)?;
            let chains = Chains::find(&store, practice.as_deref(), &signed)?;
            let breaks = chains.breaks(&signed, by.as_str(), reason.as_str())?;
            if breaks.is_empty() {
                say!("Every chain is whole, and has each of its signed heads: there is no break to enter.")?;
                return Ok(ExitCode::SUCCESS);
            }
            written.enter(&breaks)?;
            let signed = written.read(file)?;
            chains.report(&signed)
        }
    }
}

/// The heads in a file, with the key that signs them.
fn heads_in(config: &Config, file: &Path) -> Result<Heads, Failure> {
    if config.audit_key.is_empty() {
        return Err(format!("{} is to be compared with: ALMONER_AUDIT_KEY is needed", file.display()).into());
    }
    Ok(Heads::new(config.audit_key.expose(), file)?)
}

/// The chains that an action is about.
struct Chains<'s> {
    store: &'s Store,
    names: Vec<ChainName>,
}

impl<'s> Chains<'s> {
    /// Finds the two chains of a practice, or every chain that has rows or a signed head.
    fn find(store: &'s Store, practice: Option<&str>, signed: &Signed) -> Result<Self, Failure> {
        let names = if let Some(named) = practice {
            let owner = find_practice(store, named)?;
            [Chain::Practice, Chain::Complaints].map(|chain| ChainName { owner, chain: chain.to_string() }).to_vec()
        } else {
            let mut names = store.worker::<_, StoreError>(None, audit::chains)?;
            names.extend(signed.heads.iter().map(|signed| signed.head.name.clone()));
            names.extend(signed.breaks.iter().map(|one| one.name.clone()));
            names.sort_unstable();
            names.dedup();
            names
        };
        Ok(Self { store, names })
    }

    /// Verifies one chain after another, with the progress on standard error.
    fn verify<'v>(&'v self, signed: &'v Signed) -> impl Iterator<Item = Result<Verified, StoreError>> + 'v {
        let progress = Progress::of("verifying the audit log");
        let all = self.names.len();
        self.names.iter().enumerate().map(move |(at, name)| {
            let tell = &mut |rows| progress.is(format!("chain {} of {all}, {name}, {rows} rows", at + 1));
            tell(0);
            audit::verify_and_tell(self.store, name, signed, tell)
        })
    }

    /// Verifies every chain, and prints each result when it is known. The exit code is not zero if a chain is broken.
    fn report(&self, signed: &Signed) -> Result<ExitCode, Failure> {
        let mut whole = true;
        for verified in self.verify(signed) {
            let verified = verified?;
            whole &= verified.fault.is_none();
            say!("{}", line(&verified))?;
            for entered in &verified.breaks {
                say!("{}", break_line(entered))?;
            }
        }
        if signed.is_empty() {
            say!(
                "Not compared with signed heads: a chain that was made anew as a whole, or cut off at its end, with its head, looks whole."
            )?;
        }
        Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// Makes the breaks that the chains need. A restored chain is whole in itself and lacks what was signed later; a chain that
    /// is broken in another way was not restored, and no break covers that.
    fn breaks(&self, signed: &Signed, by: &str, reason: &str) -> Result<Vec<Break>, Failure> {
        let now = self.store.clock().now();
        let mut breaks = Vec::new();
        for compared in self.verify(signed) {
            let compared = compared?;
            let name = compared.name;
            let Some(fault) = compared.fault else { continue };
            let alone = audit::verify(self.store, &name, &Signed::default())?;
            let fault = alone.fault.unwrap_or(fault);
            let (Fault::CutOff { .. } | Fault::Rewritten { .. }) = fault else {
                return Err(
                    format!("{name}: {fault}. A restore does not do that, and a break does not cover it").into()
                );
            };
            let mut from = None;
            let mut last = now;
            for (place, signed_at) in signed_beyond(signed, &name, compared.matched) {
                last = last.max(signed_at);
                let kept =
                    self.store.worker::<_, StoreError>(None, |scope| audit::hash_at(scope, &name, place.number))?;
                if kept.as_ref() != Some(&place.hash) {
                    from = Some(place);
                }
            }
            let Some(from) = from else {
                return Err(format!("{name}: {fault}, and no signed head says so").into());
            };
            let to = Place { number: alone.count, hash: alone.hash.unwrap_or_default() };
            // Later than what it takes away, also where the clock of the machine that signed it was ahead.
            let at = last + TimeDelta::microseconds(1);
            let (by, reason) = (by.to_owned(), reason.to_owned());
            breaks.push(Break { name, from, to, after: compared.matched, at, by, reason });
        }
        Ok(breaks)
    }
}

/// Lists what was signed of a chain beyond this number, in the order of time.
fn signed_beyond(signed: &Signed, name: &ChainName, after: i64) -> Vec<(Place, DateTime<Utc>)> {
    let heads = signed.heads.iter().filter(|signed| signed.head.name == *name);
    let heads = heads.map(|signed| (Place { number: signed.head.number, hash: signed.head.hash.clone() }, signed.at));
    let led_to = signed.breaks.iter().filter(|one| one.name == *name).map(|one| (one.to.clone(), one.at));
    let mut places: Vec<_> = heads.chain(led_to).filter(|(place, _)| place.number > after).collect();
    places.sort_by_key(|(_, at)| *at);
    places
}

/// Writes the result for one chain as a line.
fn line(verified: &Verified) -> String {
    let Verified { name, count, hash, unsealed, fault, .. } = verified;
    let hash = hash.as_deref().map_or_else(|| "none".to_owned(), |hash| HEXLOWER.encode(hash));
    match fault {
        None => format!("whole    {name}: {count} rows, {unsealed} not yet sealed, head {hash}"),
        Some(fault) => format!("BROKEN   {name}: {fault}; the {count} before it are whole, head {hash}"),
    }
}

/// Writes a break that was entered as a line.
fn break_line(entered: &Break) -> String {
    let Break { name, from, to, after, at, by, reason } = entered;
    let place = |place: &Place| match place.number {
        0 => "before the first row".to_owned(),
        number => format!("number {number}, head {}", HEXLOWER.encode(&place.hash)),
    };
    format!(
        "break    {name}: from {} to {}; of the heads signed before it, those up to number {after} count; entered {} by {by}: {reason}",
        place(from),
        place(to),
        at.format("%Y-%m-%dT%H:%M:%SZ"),
    )
}

fn find_practice(store: &Store, named: &str) -> Result<Uuid, Failure> {
    if let Ok(id) = named.parse() {
        return Ok(id);
    }
    store.find_practice_id(named)?.map(PracticeId::uuid).ok_or_else(|| format!("no practice is called {named}").into())
}
