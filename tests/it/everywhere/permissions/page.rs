//! The page `docs/permissions.txt`.

use std::fmt::Write;

use almoner_api::{
    AtTheDesk, COMPLAINTS_PERMISSIONS, COUNCIL_PERMISSIONS, COUNCIL_SCOPES, PARTNER_PERMISSIONS, PRACTICE_PERMISSIONS,
};
use almoner_domain::officers::roles::OfficerRole;
use almoner_domain::staff::roles::Role;

use super::cast::{CALLERS, Who};
use super::{Cell, NOT_THEIRS, Operation, why_not_theirs};

const INTRODUCTION: &str = "\
WHO MAY DO WHAT

This is written by a test from what the running server answers (make permissions), and compared
with it by every run of the tests. It is not changed by hand: where it is wrong, the program is.


1. ROLES AND PERMISSIONS

At the practice's door a role gives permissions; somebody with several roles has those of each.
`fresh`: wants a second factor that was proved within the last five minutes.

";

/// The word for a cell.
pub(super) fn word(cell: Cell) -> &'static str {
    match cell {
        Cell::Allowed => "yes",
        Cell::Nobody => "401",
        Cell::StepUpRequired => "old",
        Cell::Refused => "403",
        Cell::NotFound => "404",
        Cell::NotAsked => ".",
    }
}

/// The width of the column with the operations' names.
const NAMES: usize = 68;

/// A line of a table.
fn line_of<C: std::fmt::Display>(name: &str, cells: impl IntoIterator<Item = C>) -> String {
    let mut line = name.to_owned();
    for cell in cells {
        write!(line, " {cell:<4}").unwrap();
    }
    line.trim_end().to_owned() + "\n"
}

fn role_heads() -> Vec<(Role, &'static str)> {
    let heads = CALLERS.iter().filter_map(|(who, head, _)| match who {
        Who::Has(role) => Some((*role, *head)),
        _ => None,
    });
    heads.collect()
}

fn officer_heads() -> Vec<(OfficerRole, &'static str)> {
    let heads = CALLERS.iter().filter_map(|(who, head, _)| match who {
        Who::Is(role) => Some((*role, *head)),
        _ => None,
    });
    heads.collect()
}

const COUNCIL: &str = "
At the council's door a role gives an officer permissions, and a scope a system (`sys`).

";

const COMPLAINTS: &str = "
At the complaints' door an officer (`off`) for complaints, the responsible person (`res`) and their alternate have the
permissions of an officer, the responsible person one more, and a guest (`gst`) those of a guest. Each is one about complaints that are assigned or offered to them.

";

fn permissions(page: &mut String, operations: &[Operation], cells: &[Vec<Cell>]) {
    let column = |of: Who| CALLERS.iter().position(|(who, _, _)| *who == of).unwrap();
    let (old, old_officer) = (column(Who::OldFactor), column(Who::OfficerOldFactor));
    let wants_fresh = |permission: &str| {
        let of_it = |operation: &Operation| operation.security().is_some_and(|(_, all)| all == [permission]);
        operations.iter().zip(cells).any(|(operation, row)| of_it(operation) && row[old] == Cell::StepUpRequired)
    };
    let officer_wants_fresh = |permission: &str| {
        let of_it = |operation: &Operation| operation.of_officers().is_some_and(|all| all == [permission]);
        operations
            .iter()
            .zip(cells)
            .any(|(operation, row)| of_it(operation) && row[old_officer] == Cell::StepUpRequired)
    };
    let line = |name: &str, cells: Vec<&str>| line_of(&format!("{name:<27}"), cells);
    let roles = role_heads();
    let mut heads: Vec<&str> = roles.iter().map(|(_, head)| *head).collect();
    heads.push("fresh");
    page.push_str(&line("", heads));
    for (name, having) in PRACTICE_PERMISSIONS {
        let mut cells: Vec<&str> =
            roles.iter().map(|(role, _)| if having.contains(role) { "yes" } else { "-" }).collect();
        cells.push(if wants_fresh(name) { "fresh" } else { "" });
        page.push_str(&line(name, cells));
    }
    page.push_str(COUNCIL);
    let officers = officer_heads();
    let mut heads: Vec<&str> = officers.iter().map(|(_, head)| *head).collect();
    heads.extend(["sys", "fresh"]);
    page.push_str(&line("", heads));
    for (name, scope, having) in COUNCIL_PERMISSIONS {
        let mut cells: Vec<&str> =
            officers.iter().map(|(role, _)| if having.contains(role) { "yes" } else { "-" }).collect();
        cells.push(match *scope {
            Some("referrals") => "ref",
            Some(_) => "cpl",
            None => "-",
        });
        cells.push(if officer_wants_fresh(name) { "fresh" } else { "" });
        page.push_str(&line(name, cells));
    }
    page.push_str(COMPLAINTS);
    page.push_str(&line("", vec!["off", "res", "gst", "fresh"]));
    let old_at_the_desk = [column(Who::AtTheDeskOldFactor), column(Who::ResponsibleOldFactor)];
    for (name, holders) in COMPLAINTS_PERMISSIONS {
        let of_it = |operation: &Operation| operation.security().is_some_and(|(_, all)| all == [*name]);
        let is_fresh = operations.iter().zip(cells).any(|(operation, row)| {
            of_it(operation) && old_at_the_desk.iter().any(|old| row[*old] == Cell::StepUpRequired)
        });
        let held = |is_held: bool| if is_held { "yes" } else { "-" };
        let officer = held(matches!(holders, AtTheDesk::Everybody | AtTheDesk::Officers));
        let guest = held(*holders == AtTheDesk::Everybody);
        page.push_str(&line(name, vec![officer, "yes", guest, if is_fresh { "fresh" } else { "" }]));
    }
    let scopes = |scopes: &[&str]| scopes.iter().map(|scope| format!("`{scope}`")).collect::<Vec<_>>().join(" or ");
    write!(
        page,
        "\nWhat concerns one's own account and sessions wants a session, and no permission.\n\
         A council's system has the scope {}, and an app the scope {}.\n\
         An operator has no roles: each may do what the operator's door has, which is never a record.\n\n\n",
        scopes(COUNCIL_SCOPES),
        scopes(PARTNER_PERMISSIONS),
    )
    .unwrap();
}

fn legend(page: &mut String) {
    page.push_str("2. OPERATIONS AND CALLERS\n\nWhat the server answers each of these callers:\n\n");
    for (_, head, meaning) in CALLERS {
        writeln!(page, "  {head:<4} {meaning}").unwrap();
    }
    page.push_str(
        "\n  yes  allowed: it is done, or only what was sent stands in the way (2xx, 409, 412, 422)\n\
         \x20 401  nobody: without a token that holds at this door\n\
         \x20 old  401 too: allowed, once the second factor is proved anew\n\
         \x20 403  refused: somebody here, without the permission\n\
         \x20 404  not found: answered as if it did not exist\n\
         \x20 .    not asked: no record is in the address\n\n\
         Who has no column at a door is 401 at all that needs a token there.\n\n\
         Each asks about a thing of their own practice, council or complaint; `els`, `oth` and `c.e` about\n\
         somebody else's, wherever the address names one.\n",
    );
}

/// The doors, each with the prefix of its operations' paths.
const DOORS: [(&str, &str); 7] = [
    ("The practice's door", "/v1/practice/"),
    ("The council's door", "/v1/council/"),
    ("The complaints' door", "/v1/complaints"),
    ("The partners' door", "/v1/partner/"),
    ("The operator's door", "/v1/operator/"),
    ("The public door", "/v1/public/"),
    ("Tokens", "/"),
];

/// Writes the whole page.
pub(super) fn written(operations: &[Operation], cells: &[Vec<Cell>]) -> String {
    let mut page = INTRODUCTION.to_owned();
    permissions(&mut page, operations, cells);
    legend(&mut page);
    let mut rows: Vec<_> = operations.iter().zip(cells).collect();
    rows.sort_by_key(|(operation, _)| (operation.path.clone(), operation.method.clone()));
    let mut shown = 0;
    for (title, start) in DOORS {
        let of_the_door = |path: &str| DOORS.iter().find(|(_, start)| path.starts_with(start)).unwrap().1 == start;
        let of_it: Vec<_> = rows.iter().filter(|(operation, _)| of_the_door(&operation.path)).collect();
        // Whoever is nobody in every row, like the callers of other doors, has no column.
        let columns: Vec<usize> = (0..CALLERS.len())
            .filter(|n| !of_it.iter().all(|(_, row)| [Cell::Nobody, Cell::NotAsked].contains(&row[*n])))
            .collect();
        let heads = line_of(&" ".repeat(NAMES), columns.iter().map(|n| CALLERS[*n].1));
        write!(page, "\n\n{title}\n\n{heads}").unwrap();
        for (operation, row) in of_it {
            let answers = columns.iter().map(|n| (&CALLERS[*n], &row[*n])).map(|((who, _, _), cell)| {
                let mark = if why_not_theirs(operation, *who).is_some() { "*" } else { "" };
                format!("{}{mark}", word(*cell))
            });
            let name = format!("{:<6} {}", operation.method, operation.path);
            page.push_str(&line_of(&format!("{name:<NAMES$}"), answers));
            shown += 1;
        }
    }
    assert_eq!(shown, operations.len(), "every operation has its row");
    page.push_str("\n\n* Not theirs, though their role has the permission:\n\n");
    for (name, callers, why) in NOT_THEIRS {
        let heads = CALLERS.iter().filter(|(who, _, _)| callers.contains(who)).map(|(_, head, _)| *head);
        writeln!(page, "  {name} by {}: {why}", heads.collect::<Vec<_>>().join(", ")).unwrap();
    }
    page
}
