//! `almoner documents` compares the place where documents are stored with the database: which objects no row has the key of, and
//! which rows have the key of an object that is not there. It deletes nothing. What it finds comes from a restore, from a hand, or
//! from a mistake in the settings, and in each case somebody has to look first.

use std::process::ExitCode;

use almoner_console::{Progress, say};
use almoner_persistence::documents::{Compared, compare};
use almoner_persistence::{Clock, Login};

use crate::config::Config;
use crate::serve::{Failure, open_store};

/// Compares one folder after another, and prints a line for each difference, and one at the end. The exit code is not zero if
/// there is a difference.
pub fn run(config: &Config) -> Result<ExitCode, Failure> {
    let store = open_store(config, Login::Work, Clock::new())?;
    let objects = config.documents.open()?;
    let progress = Progress::of("comparing the documents");
    let (mut stored, mut rows, mut without_row, mut without_object) = (0, 0, 0, 0);
    for folder in 0..=u8::MAX {
        progress.is(format!("folder {folder:02x} of ff"));
        let compared: Compared = compare(&store, &objects, folder)?;
        stored += compared.objects;
        rows += compared.rows;
        without_row += compared.without_row.len();
        without_object += compared.without_object.len();
        for object in compared.without_row {
            say!("object without a row    {object}")?;
        }
        for row in compared.without_object {
            say!("row without an object   {} of {}", row.object, row.owner)?;
        }
    }
    drop(progress);
    say!(
        "{stored} objects, {rows} rows with a content: {without_row} objects without a row, {without_object} rows without an object."
    )?;
    Ok(if without_row + without_object == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
