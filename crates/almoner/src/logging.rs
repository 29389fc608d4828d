//! The log of the program: written to standard error, one event to a line.

use std::fmt;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::format::{FormatEvent, JsonFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormattedFields};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::{LookupSpan, Scope};
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Layer};

/// The form in which events are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Each event is a line with a JSON object, for machines.
    Json,
    /// Each event is a line of plain text, for people.
    Text,
}

/// The reason why logging could not start.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// The filter cannot be parsed.
    #[error("expected levels, such as info or info,almoner_api=debug: {0}")]
    Filter(#[from] ParseError),
    /// Logging was started before in this process.
    #[error("logging has already started: {0}")]
    Started(#[from] TryInitError),
}

/// Starts logging to standard error, for the whole process: `filter` is the text of an [`EnvFilter`].
///
/// The HTTP library reports a request that cannot be parsed, or whose connection breaks, as an error of its own. It is the
/// caller's, who is answered 400, and a stranger could fill the log. A filter that names `actix_http` shows it.
pub fn start(filter: &str, format: Format) -> Result<(), LoggingError> {
    let names_the_library = filter.contains("actix_http");
    let filter = EnvFilter::try_new(filter)?;
    let filter = if names_the_library { filter } else { filter.add_directive("actix_http::h1=off".parse()?) };
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let lines = match format {
        Format::Json => lines.fmt_fields(JsonFields::new()).event_format(JsonLine).boxed(),
        Format::Text => lines.with_target(false).boxed(),
    };
    Ok(tracing_subscriber::registry().with(filter).with(lines).try_init()?)
}

/// Formats an event as one flat JSON object: `time`, `level`, `target`, `message`, `span`, its own fields and those of the
/// spans around it. If two fields have the same name, the innermost one is written.
struct JsonLine;

impl<S> FormatEvent<S, JsonFields> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields(Map::new());
        for span in context.event_scope().into_iter().flat_map(Scope::from_root) {
            let extensions = span.extensions();
            let formatted = extensions.get::<FormattedFields<JsonFields>>().map_or("", |formatted| &formatted.fields);
            if let Ok(Value::Object(of_span)) = serde_json::from_str(formatted) {
                fields.0.extend(of_span);
            }
            fields.insert("span", span.name());
        }
        event.record(&mut fields);
        // An event from the `log` crate carries its target among the fields.
        let target = fields.0.remove("log.target");
        fields.0.retain(|name, _| !name.starts_with("log."));

        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        fields.insert("time", time);
        fields.insert("level", event.metadata().level().as_str());
        fields.insert("target", target.unwrap_or_else(|| event.metadata().target().into()));
        writeln!(writer, "{}", Value::Object(fields.0))
    }
}

struct Fields(Map<String, Value>);

impl Fields {
    fn insert(&mut self, name: &str, value: impl Into<Value>) {
        // A field called like a keyword of Rust is written with `r#`.
        self.0.insert(name.trim_start_matches("r#").to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.insert(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.insert(field.name(), format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Formats the events of `f` as `JsonLine` does.
    fn logged(f: impl FnOnce()) -> Vec<Value> {
        let lines = Lines::default();
        let writer = lines.clone();
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .fmt_fields(JsonFields::new())
            .event_format(JsonLine);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), f);
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn an_event_is_one_flat_object_with_the_fields_of_its_spans() {
        let lines = logged(|| {
            let request = tracing::info_span!("request", request_id = "r-1", status = tracing::field::Empty);
            let _request = request.enter();
            request.record("status", 201);
            let scope = tracing::info_span!("scope", role = "almoner_practice", request_id = "r-2");
            let _scope = scope.enter();
            tracing::warn!(rows = 3, slow = true, r#type = "x", "two\nlines");
        });
        assert_eq!(lines.len(), 1);
        let mut line = lines[0].clone();
        let time = line.as_object_mut().unwrap().remove("time").unwrap();
        assert!(time.as_str().unwrap().ends_with('Z'), "{time}");
        let expected = serde_json::json!({
            "level": "WARN", "target": module_path!(), "message": "two\nlines", "span": "scope",
            "request_id": "r-2", "status": 201, "role": "almoner_practice", "rows": 3, "slow": true, "type": "x",
        });
        assert_eq!(line, expected);
    }

    #[test]
    fn a_field_cannot_pass_itself_off_as_the_level() {
        let lines = logged(|| tracing::error!(level = "INFO", time = "never", "broken"));
        assert_eq!(lines[0]["level"], "ERROR");
        assert_ne!(lines[0]["time"], "never");
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_refused() {
        assert!(matches!(start("info,=,almoner=loud", Format::Json), Err(LoggingError::Filter(_))));
    }
}
