//! The committed table, and the ceilings above which no operation goes.

use std::fmt::Write;
use std::path::Path;

use crate::counter::Counts;
use crate::walk::{Counted, Kind};

const INTRODUCTION: &str = "What each operation asks of the database, once its statements are prepared.

Round trips are messages that wait for PostgreSQL's answer. Statements are all that PostgreSQL runs for the request, those
inside functions included. Key checks are the statements with which PostgreSQL itself checks foreign keys. A test counts them
(tests/statements); `make statements` writes this page anew. A row grows only in a commit that names the feature for which it
grows, and never above its ceiling:

";

impl Kind {
    const ALL: [Self; 5] = [Self::Read, Self::List, Self::Note, Self::Accept, Self::Other];

    fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::List => "list",
            Self::Note => "note",
            Self::Accept => "accept",
            Self::Other => "other",
        }
    }

    /// The most round trips and statements.
    fn ceiling(self) -> Option<(i64, i64)> {
        match self {
            Self::Read => Some((5, 12)),
            Self::List => Some((6, 14)),
            Self::Note => Some((14, 30)),
            Self::Accept => Some((30, 60)),
            Self::Other => None,
        }
    }
}

/// Compares the counts with the committed page, and each with its ceiling. `UPDATE_EXPECT=1` writes the page anew.
pub(crate) fn hold(counted: &[Counted]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/performance/statements.txt");
    let page = written(counted);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &page).expect("the page is written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    for (now, before) in page.lines().zip(committed.lines()) {
        assert_eq!(now, before, "docs/performance/statements.txt: see its first lines");
    }
    assert_eq!(page.lines().count(), committed.lines().count(), "docs/performance/statements.txt: rows are missing");
    for Counted { operation, kind, counts } in counted {
        if let Some((trips, statements)) = kind.ceiling() {
            assert!(counts.round_trips <= trips, "{operation}: {counts:?} is more than {trips} round trips");
            assert!(counts.statements <= statements, "{operation}: {counts:?} is more than {statements} statements");
        }
    }
}

fn written(counted: &[Counted]) -> String {
    let mut page = INTRODUCTION.to_owned();
    for kind in Kind::ALL {
        if let Some((trips, statements)) = kind.ceiling() {
            writeln!(page, "  {:<8}{trips} round trips, {statements} statements", kind.word()).unwrap();
        }
    }
    writeln!(page, "\n{:<78}{:<8}{:>6}{:>12}{:>12}", "operation", "kind", "trips", "statements", "key checks").unwrap();
    for Counted { operation, kind, counts } in counted {
        let Counts { round_trips, statements, key_checks } = counts;
        writeln!(page, "{operation:<78}{:<8}{round_trips:>6}{statements:>12}{key_checks:>12}", kind.word()).unwrap();
    }
    page
}
