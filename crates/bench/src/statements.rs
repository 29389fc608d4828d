//! The statements of a request, recorded from the server's log, and written as a script for pgbench.
//!
//! A statement keeps its text and its parameters. What came in one message, such as the opening of a transaction, stays one
//! round trip: a pipeline of pgbench's. A value that the request made anew, such as the identifier of a row, is made anew by
//! each run of the script, and is the same wherever it recurs in the transaction.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use uuid::Uuid;

/// The most parameters that pgbench takes in one statement. More of them become literals.
const MOST_PARAMETERS: usize = 200;

/// A message to the server: what is done in one round trip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trip {
    /// The statements: several only if they came as one text.
    pub(crate) statements: Vec<String>,
    /// The parameters as the log shows them; `None` is NULL.
    pub(crate) parameters: Vec<Option<String>>,
}

/// Reads the entries of a piece of the log, each with the lines that go on with it.
pub(crate) fn entries(log: &str) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    for line in log.lines() {
        match (line.strip_prefix('\t'), entries.last_mut()) {
            (Some(rest), Some(last)) => {
                last.push('\n');
                last.push_str(rest);
            }
            _ => entries.push(line.to_owned()),
        }
    }
    entries
}

/// Reads the messages from a piece of the log, in their order.
pub(crate) fn read(log: &str) -> Vec<Trip> {
    let mut trips: Vec<Trip> = Vec::new();
    for entry in entries(log) {
        // `@1234 LOG:  statement: …`
        let Some((_, said)) = entry.split_once(' ') else { continue };
        if let Some(text) = said.strip_prefix("LOG:  statement: ") {
            trips.push(Trip { statements: split(text), parameters: Vec::new() });
        } else if let Some(executed) = said.strip_prefix("LOG:  execute ") {
            let text = executed.split_once(": ").map_or("", |(_, text)| text);
            trips.push(Trip { statements: vec![text.to_owned()], parameters: Vec::new() });
        } else if let (Some(list), Some(last)) = (said.strip_prefix("DETAIL:  parameters: "), trips.last_mut()) {
            last.parameters = parameters(list);
        }
    }
    trips
}

/// Splits a text at its semicolons, but for those in quotes.
fn split(text: &str) -> Vec<String> {
    let (mut parts, mut part, mut quoted) = (Vec::new(), String::new(), false);
    for character in text.chars() {
        quoted ^= character == '\'';
        if character == ';' && !quoted {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(character);
        }
    }
    parts.push(part);
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Reads `$1 = 'one', $2 = NULL`.
fn parameters(list: &str) -> Vec<Option<String>> {
    let mut values = Vec::new();
    let mut rest = list;
    while let Some((_, value)) = rest.split_once(" = ") {
        let Some(quoted) = value.strip_prefix('\'') else {
            values.push(None);
            rest = value;
            continue;
        };
        let (mut text, mut characters, mut end) = (String::new(), quoted.char_indices().peekable(), quoted.len());
        while let Some((at, character)) = characters.next() {
            if character != '\'' {
                text.push(character);
            } else if characters.next_if(|(_, next)| *next == '\'').is_some() {
                text.push('\'');
            } else {
                end = at;
                break;
            }
        }
        values.push(Some(text));
        rest = &quoted[end..];
    }
    values
}

/// The values that scripts pass to pgbench, each once, under the names of its variables.
#[derive(Default)]
pub(crate) struct Variables(pub(crate) BTreeMap<String, String>);

impl Variables {
    fn name(&mut self, value: &str) -> String {
        let next = format!("v{}", self.0.len());
        self.0.entry(value.to_owned()).or_insert(next).clone()
    }
}

/// What was new in a recorded request: everything made at or after this time, and the value that the driver made.
pub(crate) struct NewSince {
    /// Milliseconds since 1970.
    pub(crate) millis: u64,
}

impl NewSince {
    /// Whether a value was made by the request: an identifier with a time of the recording in it, or one that is drawn at
    /// random and stands first where keys and claims are written.
    fn is_new(&self, value: &str, statement: &str, seen: bool) -> bool {
        if let Some(id) = identifier(value) {
            let millis =
                id.get_timestamp().map(|time| time.to_unix()).map(|(s, nanos)| s * 1000 + u64::from(nanos) / 1_000_000);
            return match (id.get_version_num(), millis) {
                (7, Some(millis)) => millis >= self.millis,
                _ => !seen && statement.contains("\"sealing_keys\""),
            };
        }
        let drawn = value.starts_with("\\x") && value.len() == 66;
        drawn && !seen && statement.starts_with("INSERT") && statement.contains("\"idempotency_claims\"")
            || value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_hexdigit())
    }
}

/// An identifier as the log shows it. The library would also take one in braces, which is an array here.
fn identifier(value: &str) -> Option<Uuid> {
    (value.len() == 36).then(|| value.parse().ok()).flatten()
}

/// The only element of an array.
fn only_element(value: &str) -> Option<&str> {
    value.strip_prefix('{')?.strip_suffix('}')
}

/// Writes the script of one request.
pub(crate) fn script(trips: &[Trip], new_since: &NewSince, variables: &mut Variables) -> String {
    let mut made: BTreeMap<String, String> = BTreeMap::new();
    let mut seen: Vec<String> = Vec::new();
    let mut text = "\\set r random(1, 9000000000000000)\n".to_owned();
    for trip in trips {
        for value in trip.parameters.iter().flatten() {
            let statement = trip.statements.first().map_or("", String::as_str);
            if !made.contains_key(value) && new_since.is_new(value, statement, seen.contains(value)) {
                let number = made.len();
                made.insert(value.clone(), expression(value, number));
            }
            seen.push(value.clone());
        }
        if trip.statements.len() > 1 {
            text.push_str("\\startpipeline\n");
        }
        for statement in &trip.statements {
            let _ = writeln!(text, "{};", filled(statement, &trip.parameters, &made, variables));
        }
        if trip.statements.len() > 1 {
            text.push_str("\\endpipeline\n");
        }
    }
    text
}

/// A value like the one that was recorded, from the random number of the transaction.
fn expression(like: &str, number: usize) -> String {
    if identifier(like).is_some() {
        // In order of time, as the service's own identifiers are (UUID version 7).
        return format!(
            "(lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7' || substr(md5(:r::text || 'v{number}'), 1, 19))::uuid"
        );
    }
    if like.starts_with("\\x") {
        return format!("decode(md5(:r::text || 'a{number}') || md5(:r::text || 'b{number}'), 'hex')");
    }
    format!("md5(:r::text || 't{number}')")
}

/// The text of a statement with its parameters in place.
fn filled(
    statement: &str,
    parameters: &[Option<String>],
    made: &BTreeMap<String, String>,
    variables: &mut Variables,
) -> String {
    let (mut text, mut used) = (String::new(), 0);
    let mut rest = statement;
    while let Some(at) = rest.find('$') {
        let digits: String = rest[at + 1..].chars().take_while(char::is_ascii_digit).collect();
        text.push_str(&rest[..at]);
        rest = &rest[at + 1 + digits.len()..];
        let Some(value) = digits.parse::<usize>().ok().and_then(|number| parameters.get(number - 1)) else {
            text.push('$');
            text.push_str(&digits);
            continue;
        };
        match value {
            None => text.push_str("NULL"),
            Some(value) if made.contains_key(value) => text.push_str(&made[value]),
            Some(value) if only_element(value).is_some_and(|one| made.contains_key(one)) => {
                let _ = write!(text, "ARRAY[{}]", made[only_element(value).unwrap_or_default()]);
            }
            Some(value) if used < MOST_PARAMETERS => {
                used += 1;
                let _ = write!(text, ":{}", variables.name(value));
            }
            Some(value) => text.push_str(&literal(value)),
        }
    }
    text.push_str(rest);
    text
}

/// A value as a literal in which pgbench finds no variable.
fn literal(value: &str) -> String {
    format!("E'{}'", value.replace('\\', "\\\\").replace('\'', "''").replace(':', "\\x3a"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_read_into_round_trips() {
        let log = "@7 LOG:  statement: BEGIN; SET LOCAL ROLE a; SET LOCAL app.b = 'x;y'\n\
                   @7 LOG:  execute __diesel_stmt_3: SELECT 1\n\tFROM t WHERE a = $1 AND b = $2\n\
                   @7 DETAIL:  parameters: $1 = 'it''s, $2 = ''', $2 = NULL\n\
                   @7 LOG:  statement: COMMIT\n";
        let trips = read(log);
        assert_eq!(trips.len(), 3);
        assert_eq!(trips[0].statements, ["BEGIN", "SET LOCAL ROLE a", "SET LOCAL app.b = 'x;y'"]);
        assert_eq!(trips[1].statements, ["SELECT 1\nFROM t WHERE a = $1 AND b = $2"]);
        assert_eq!(trips[1].parameters, [Some("it's, $2 = '".to_owned()), None]);
        assert_eq!(trips[2].statements, ["COMMIT"]);
    }

    #[test]
    fn a_new_identifier_is_made_anew_and_is_the_same_wherever_it_recurs() {
        let (old, new) = ("01937c5e-2b00-7a41-9d6c-5f0e1a2b3c4d", "01a21547-f5de-7540-b175-41fcb6cf0fc9");
        let trip = |text: &str, values: &[&str]| Trip {
            statements: vec![text.to_owned()],
            parameters: values.iter().map(|value| Some((*value).to_owned())).collect(),
        };
        let trips = [
            trip("INSERT INTO a VALUES ($1, $2)", &[old, new]),
            trip("SELECT $1, a = ANY($2), b = ANY($3)", &[new, &format!("{{{new}}}"), &format!("{{{old}}}")]),
        ];
        let mut variables = Variables::default();
        let new_since = NewSince { millis: 0x01a2_1547_0000 };
        let script = script(&trips, &new_since, &mut variables);
        let made = script.matches("substr(md5(:r::text || 'v0'), 1, 19))::uuid").count();
        assert_eq!(made, 3, "{script}");
        assert!(script.contains("a = ANY(ARRAY[("), "{script}");
        assert_eq!(variables.0.len(), 2, "what was there is a variable, in an array too");
    }
}
