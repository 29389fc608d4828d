//! The scanner: a command of the operator's, which reads a document from its standard input and says with its exit status
//! whether it found something.
//!
//! It is started without a shell, with its arguments and nothing of this program's environment, in a process group of its own,
//! and as a user without rights where this program may choose one. 0 says that the document is clean and 1 that it is not, as
//! the programs of `ClamAV` do. Whatever else happens is no answer: another status, a signal, thirty seconds, or an end before the
//! whole document was read.

use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use almoner_domain::documents::state::Verdict;
use rustix::process::{Pid, Signal, geteuid, kill_process_group};

/// The time that a scanner has for one document.
const PATIENCE: Duration = Duration::from_secs(30);

/// The time between two looks at whether the scanner has ended.
const LOOK: Duration = Duration::from_millis(20);

/// The time for which a scanner that told the test content from a plain text is believed.
const BELIEVED_FOR: Duration = Duration::from_hours(1);

/// The user and the group without rights, which every Linux has.
const NOBODY: u32 = 65_534;

/// The parts of the content that every scanner is to find, by agreement of their makers (EICAR). In one piece it would have
/// scanners find this program.
const TEST_CONTENT: [&str; 3] = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-", "STANDARD-ANTIVIRUS-", "TEST-FILE!$H+H*"];

/// A text in which no scanner finds anything.
const PLAIN_TEXT: &str = "The next visit is on Tuesday.";

/// What scans documents.
#[derive(Debug)]
pub enum Scanner {
    /// A command of the operator's.
    Command(ScannerCommand),
    /// The demonstration's: it finds every document clean, and every document is made up.
    Demonstration,
}

/// A command with its arguments, which scans what it reads from its standard input.
#[derive(Debug)]
pub struct ScannerCommand {
    program: String,
    arguments: Vec<String>,
    patience: Duration,
    /// When the scanner last told the test content from a plain text.
    told_apart_at: Mutex<Option<Instant>>,
}

impl Scanner {
    /// Reads a command: the whole path of a program and its arguments, with blanks between them. No shell reads it, so that
    /// quotes and variables mean nothing.
    pub fn parse(text: &str) -> Result<Self, String> {
        ScannerCommand::parse(text).map(Self::Command)
    }

    /// Scans a content.
    pub(crate) fn scan(&self, content: impl Read + Send + 'static) -> Verdict {
        match self {
            Self::Command(command) => command.scan(content),
            Self::Demonstration => Verdict::Clean,
        }
    }
}

impl ScannerCommand {
    fn parse(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace().map(str::to_owned);
        let program = words.next().filter(|program| program.starts_with('/'));
        let program =
            program.ok_or("expected the whole path of a program, and its arguments with blanks between them")?;
        Ok(Self { program, arguments: words.collect(), patience: PATIENCE, told_apart_at: Mutex::new(None) })
    }

    /// Scans a content. Neither answer is believed of a scanner that gives it to everything: one that calls all clean would open
    /// what it never looked at, and one that finds something in all would have every document destroyed.
    fn scan(&self, content: impl Read + Send + 'static) -> Verdict {
        match self.run(content) {
            Verdict::Clean | Verdict::Infected if !self.tells_apart() => {
                tracing::error!(
                    "the scanner does not tell the test content of EICAR from a plain text: what it was given stays in \
                     quarantine"
                );
                Verdict::Nothing
            }
            verdict => verdict,
        }
    }

    /// Whether the scanner finds something in the test content, and nothing in a plain text.
    fn tells_apart(&self) -> bool {
        let mut told_at = self.told_apart_at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if told_at.is_some_and(|at| at.elapsed() < BELIEVED_FOR) {
            return true;
        }
        let tells = self.run(io::Cursor::new(TEST_CONTENT.concat())) == Verdict::Infected
            && self.run(io::Cursor::new(PLAIN_TEXT)) == Verdict::Clean;
        *told_at = tells.then(Instant::now);
        tells
    }

    fn run(&self, content: impl Read + Send + 'static) -> Verdict {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        if geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => {
                tracing::error!(%error, "the scanner could not be started");
                return Verdict::Nothing;
            }
        };
        let Some(mut into) = child.stdin.take() else { return Verdict::Nothing };
        let fed = thread::spawn(move || {
            let mut content = content;
            io::copy(&mut content, &mut into).and_then(|_| into.flush())
        });
        let ended = self.wait_for(&mut child);
        if ended.is_none() {
            tracing::error!("the scanner gave no answer in time, and was ended");
        }
        // Whatever it started ends with it, so that nothing holds the pipe, and the feeding ends.
        end_group(&mut child);
        let was_read = match fed.join() {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the scanner did not read the whole document");
                false
            }
            Err(_) => false,
        };
        match ended.and_then(|status| status.code()) {
            Some(0) if was_read => Verdict::Clean,
            Some(1) => Verdict::Infected,
            _ => Verdict::Nothing,
        }
    }

    /// Waits until the scanner ends. `None` if it does not in time.
    fn wait_for(&self, child: &mut Child) -> Option<ExitStatus> {
        let until = Instant::now() + self.patience;
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < until => thread::sleep(LOOK),
                Ok(None) | Err(_) => return None,
            }
        }
    }
}

/// Ends the scanner and all that it started.
fn end_group(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // A group that has ended already is what is wanted.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::PathBuf;

    use super::*;

    /// A scanner that is this script of the shell's, in a file of its own that everybody may read.
    fn scanner(name: &str, script: &str) -> (ScannerCommand, PathBuf) {
        let path = std::env::temp_dir().join(format!("almoner-scanner-{}-{name}", std::process::id()));
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = ScannerCommand::parse(path.to_str().unwrap()).unwrap();
        command.patience = Duration::from_secs(2);
        (command, path)
    }

    fn verdicts(name: &str, script: &str) -> [Verdict; 2] {
        let (scanner, path) = scanner(name, script);
        let large = "Saw Edith at home. ".repeat(100_000);
        let verdicts = [large, "a virus of the tests".to_owned()].map(|content| scanner.scan(io::Cursor::new(content)));
        std::fs::remove_file(path).unwrap();
        verdicts
    }

    /// Finds the test content and one of this file.
    const HONEST: &str = "if grep -q -e EICAR -e 'a virus of the tests'; then exit 1; else exit 0; fi";

    #[test]
    fn an_honest_scanner_is_believed() {
        // `grep -q` would end at the first line that it finds, and the rest would not be read: that is an answer all the same.
        assert_eq!(verdicts("honest", HONEST), [Verdict::Clean, Verdict::Infected]);
    }

    #[test]
    fn a_scanner_that_hangs_lies_dies_or_is_not_there_gives_no_answer() {
        let nothing = [Verdict::Nothing, Verdict::Nothing];
        assert_eq!(verdicts("hangs", "sleep 60"), nothing, "it hangs");
        assert_eq!(verdicts("reads-and-hangs", "cat > /dev/null; sleep 60 & wait"), nothing, "it reads, and hangs");
        assert_eq!(verdicts("lies", "cat > /dev/null; exit 0"), nothing, "it calls everything clean");
        assert_eq!(verdicts("cries", "cat > /dev/null; exit 1"), nothing, "it finds something in everything");
        assert_eq!(verdicts("does-not-read", "exit 0"), nothing, "it reads nothing");
        assert_eq!(verdicts("dies", "kill -9 $$"), nothing, "it dies");
        assert_eq!(verdicts("fails", "cat > /dev/null; exit 2"), nothing, "it says that it failed");
        let missing = ScannerCommand::parse("/nowhere/at/all").unwrap();
        assert_eq!(missing.scan(io::Cursor::new("x")), Verdict::Nothing, "it is not there");
    }

    #[test]
    fn a_scanner_that_finds_the_test_content_and_does_not_read_the_document_is_not_believed() {
        // It reads the first kilobyte, in which the test content is, and calls the rest clean unread.
        let script = "if head -c 1024 | grep -q EICAR; then exit 1; fi; exit 0";
        assert_eq!(verdicts("reads-the-beginning", script)[0], Verdict::Nothing);
    }

    #[test]
    fn a_scanner_that_hangs_is_ended_with_all_that_it_started() {
        let (scanner, path) = scanner("hangs-with-children", "sleep 61 & echo $! > /dev/null; sleep 62");
        let began = Instant::now();
        assert_eq!(scanner.scan(io::Cursor::new("x".repeat(1_000_000))), Verdict::Nothing);
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_scanner_has_no_environment_and_no_rights() {
        // With rights or an environment it does not run to its end, which is no answer.
        let script = format!("[ \"$(id -u)\" != 0 ] && [ -z \"$HOME$DATABASE_URL\" ] || exit 2; {HONEST}");
        assert_eq!(verdicts("rights", &script), [Verdict::Clean, Verdict::Infected]);
    }

    #[test]
    fn a_command_is_a_whole_path_and_its_arguments() {
        let command = ScannerCommand::parse(" /usr/bin/clamdscan  --no-summary - ").unwrap();
        assert_eq!(
            (command.program.as_str(), command.arguments.join("|").as_str()),
            ("/usr/bin/clamdscan", "--no-summary|-")
        );
        for wrong in ["", " ", "clamscan -", "./clamscan", "sh -c true"] {
            assert!(ScannerCommand::parse(wrong).is_err(), "{wrong}");
        }
    }
}
