//! The evidence on which an adverse action takes effect at once. Evidence says something: what, when, and from whom.

use chrono::{Datelike as _, NaiveDate};
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::openapi::ObjectBuilder;

use crate::fault::{Fault, InvalidValue};
use crate::people::grounds::Effect;
use crate::words::date;
use crate::words::sql_text::text_value;
use crate::words::text::{Line, ONE_LINE, Passage, SEVERAL_LINES, at_least};
use crate::words::unread::Unread;

/// The smallest number of characters that say what the evidence is.
const WHAT_AT_LEAST: usize = 20;

/// The smallest number of characters that say from whom the evidence is.
const FROM_AT_LEAST: usize = 2;

/// The content of the evidence: 20 to 4,000 characters that may run over several lines.
#[derive(Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct EvidenceText(Passage<4000>);

impl EvidenceText {
    /// Reads the content of the evidence.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let passage = Passage::parse(text)?;
        at_least(passage.as_str(), WHAT_AT_LEAST)?;
        Ok(Self(passage))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

text_value!(
    [] EvidenceText, hidden,
    name: "EvidenceText",
    schema: ObjectBuilder::new()
        .description(Some("The content of the evidence. White space and invisible characters do not count as content."))
        .pattern(Some(SEVERAL_LINES))
        .min_length(Some(WHAT_AT_LEAST))
        .max_length(Some(4000)),
);

/// The source of the evidence: one line of 2 to 200 characters.
#[derive(Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct EvidenceSource(Line<200>);

impl EvidenceSource {
    /// Reads the source of the evidence.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let line = Line::parse(text)?;
        at_least(line.as_str(), FROM_AT_LEAST)?;
        Ok(Self(line))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

text_value!(
    [] EvidenceSource, hidden,
    name: "EvidenceSource",
    schema: ObjectBuilder::new()
        .description(Some("The person or body from whom the evidence comes, and how it came"))
        .pattern(Some(ONE_LINE))
        .min_length(Some(FROM_AT_LEAST))
        .max_length(Some(200)),
);

/// The evidence of an event, or of the person's own wish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "what": "The surgery wrote that she died in hospital.", "on": "2026-11-19", "from": "Letter of the surgery",
}))]
pub struct Evidence {
    /// The content of the evidence: what was said, written or seen. Where the person agreed, it is their words, the letter
    /// that was sent to them, and the day of the next review if there is one.
    #[schema(value_type = EvidenceText)]
    pub what: Unread,
    /// The day on which it was said, written or seen. It is not in the future.
    #[schema(value_type = NaiveDate)]
    pub on: Unread,
    /// The person or body from whom the evidence comes.
    #[schema(value_type = EvidenceSource)]
    pub from: Unread,
}

/// Evidence that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceRead {
    what: EvidenceText,
    on: NaiveDate,
    from: EvidenceSource,
}

/// Reads the evidence that comes with a request, as of `today`. A ground that takes effect on evidence needs it, and with any
/// other it may be given.
pub fn evidence_for(
    effect: Option<Effect>,
    evidence: Option<&Evidence>,
    today: NaiveDate,
    faults: &mut Vec<Fault>,
) -> Option<EvidenceRead> {
    if evidence.is_none() && effect == Some(Effect::AtOnceWithEvidence) {
        faults.push(Fault::new("/evidence", "is required with this ground"));
    }
    evidence.and_then(|evidence| evidence.read(today, faults))
}

/// Returns the words that are kept in the record: those that were given, and the evidence below them.
pub fn with_evidence(words: &str, evidence: Option<&EvidenceRead>) -> String {
    match evidence {
        Some(evidence) => format!("{words}\n\n{evidence}"),
        None => words.to_owned(),
    }
}

impl Evidence {
    /// Reads the evidence, as of `today`. All its faults are added, below `/evidence`.
    pub fn read(&self, today: NaiveDate, faults: &mut Vec<Fault>) -> Option<EvidenceRead> {
        let what = self.what.read("/evidence/what", EvidenceText::parse, faults);
        let on = self.on.read("/evidence/on", |text| past(date::parse(text)?, today), faults);
        let from = self.from.read("/evidence/from", EvidenceSource::parse, faults);
        Some(EvidenceRead { what: what?, on: on?, from: from? })
    }
}

fn past(on: NaiveDate, today: NaiveDate) -> Result<NaiveDate, InvalidValue> {
    match on {
        on if on > today => Err(InvalidValue::new("must not be in the future")),
        on if on.year() < 1900 => Err(InvalidValue::new("must not be before 1900")),
        on => Ok(on),
    }
}

impl std::fmt::Display for EvidenceRead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Evidence: {}\n\nOf {}, from: {}", self.what, self.on, self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(what: &str, on: &str, from: &str) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        let today = "2026-11-20".parse().unwrap();
        let read = Evidence { what: what.into(), on: on.into(), from: from.into() }.read(today, &mut faults);
        assert_eq!(read.is_some(), faults.is_empty());
        faults.into_iter().map(|fault| (fault.pointer, fault.detail)).collect()
    }

    const WHAT: &str = "She said so at home.";

    #[test]
    fn evidence_says_what_when_and_from_whom() {
        let (long, longest) = ("x".repeat(4001), "x".repeat(4000));
        let few = "must have at least 20 characters that can be seen";
        let hidden = format!("e{}", "\u{200b}".repeat(30));
        let spaced = format!("e{}e", " ".repeat(30));
        for (what, fault) in [
            (WHAT, None),
            (longest.as_str(), None),
            (&WHAT[1..], Some(few)),
            ("e", Some(few)),
            (hidden.as_str(), Some(few)),
            (spaced.as_str(), Some(few)),
            (long.as_str(), Some("must be at most 4000 characters")),
            ("\u{200b}\u{200b}", Some("must not be blank")),
            ("She said so at home\0.", Some("must not contain the control character NUL")),
        ] {
            let expected: Vec<_> =
                fault.map(|fault| ("/evidence/what".to_owned(), fault.to_owned())).into_iter().collect();
            assert_eq!(faults(what, "2026-11-20", "her"), expected, "{what:?}");
        }
        for (on, fault) in [
            ("2026-11-20", None),
            ("1900-01-01", None),
            ("2026-11-21", Some("must not be in the future")),
            ("1899-12-31", Some("must not be before 1900")),
            ("2026-02-30", Some("must be a day that exists, written YYYY-MM-DD")),
            ("20 November", Some("must be a date written YYYY-MM-DD")),
        ] {
            let expected: Vec<_> =
                fault.map(|fault| ("/evidence/on".to_owned(), fault.to_owned())).into_iter().collect();
            assert_eq!(faults(WHAT, on, "her"), expected, "{on}");
        }
        let (long, longest) = ("x".repeat(201), "x".repeat(200));
        for (from, is_taken) in
            [("GP", true), (longest.as_str(), true), ("x", false), ("x\u{200b}", false), (long.as_str(), false)]
        {
            assert_eq!(faults(WHAT, "2026-11-20", from).is_empty(), is_taken, "{from}");
        }
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let pointers: Vec<String> = faults("e", "2026-11-21", "\0").into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(pointers, ["/evidence/what", "/evidence/on", "/evidence/from"]);
    }
}
