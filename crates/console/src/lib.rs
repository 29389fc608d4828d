//! What the commands print: results on standard output, remarks and progress on standard error.
//!
//! `println!` panics where its reader is gone, as in `almoner operator list-practices | head -1`. Here a result that nobody
//! can read any more ends the command, as the signal SIGPIPE would, and a remark that nobody can read is left unsaid. No
//! other way to print is allowed in this program: `print_stdout` and `print_stderr` of Clippy are on.

mod progress;

use std::error::Error;
use std::fmt::Arguments;
use std::io::{self, Write};
use std::process::ExitCode;

pub use progress::Progress;

/// The exit code that a shell gives to a program which SIGPIPE (13) has ended. It is no success: what was to be printed was
/// not printed, and a verification did not come to its end.
const READER_GONE: u8 = 128 + 13;

/// The reason why a result was not printed.
#[derive(Debug, thiserror::Error)]
pub enum NotPrinted {
    /// Nobody reads standard output any more.
    #[error("nobody reads what is printed")]
    ReaderGone,
    /// Standard output takes nothing, for example because a disc is full.
    #[error("standard output: {0}")]
    Failed(io::Error),
}

impl From<io::Error> for NotPrinted {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::ReaderGone } else { Self::Failed(error) }
    }
}

/// Prints a line on standard output, formatted like `println!`. Returns a [`NotPrinted`] instead of a panic.
#[macro_export]
macro_rules! say {
    () => { $crate::print(format_args!("\n")) };
    ($($what:tt)+) => { $crate::print_line(format_args!($($what)+)) };
}

/// Says a line on standard error, formatted like `eprintln!`. If nobody reads it, it is left unsaid.
#[macro_export]
macro_rules! remark {
    ($($what:tt)+) => { $crate::remark_line(format_args!($($what)+)) };
}

/// Prints a text on standard output, and sees that it arrives.
pub fn print(text: Arguments<'_>) -> Result<(), NotPrinted> {
    let mut out = io::stdout().lock();
    out.write_fmt(text)?;
    Ok(out.flush()?)
}

/// Prints a text and the end of the line. See [`say!`].
pub fn print_line(text: Arguments<'_>) -> Result<(), NotPrinted> {
    print(format_args!("{text}\n"))
}

/// Says a text and the end of the line on standard error. See [`remark!`].
pub fn remark_line(text: Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Ends a command that failed: says why, and gives the exit code. If it ended because nobody reads its result, there is
/// nobody to tell.
pub fn failed(program: &str, failure: &(dyn Error + Send + Sync + 'static)) -> ExitCode {
    if let Some(NotPrinted::ReaderGone) = failure.downcast_ref() {
        return ExitCode::from(READER_GONE);
    }
    remark!("{program}: {failure}");
    ExitCode::FAILURE
}
