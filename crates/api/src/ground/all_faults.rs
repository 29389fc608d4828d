//! All the faults of a content's shape at once. Reading stops at the first fault. Only then is the content compared with the
//! schema that the OpenAPI document has for it, which finds the others.

use std::any::TypeId;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use almoner_domain::fault::Fault;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{PatternOptions, ValidationError, Validator};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::{Components, OpenApi};

use crate::ground::body::fault;
use crate::ground::{bounds, left_out, merged, strict};

/// The number of faults that are told at once.
const MOST: usize = 50;

/// The number of faults of the schema that are looked at, of which some may be none.
const LOOKED_AT: usize = 4 * MOST;

/// Returns the fault at which the reading stopped, and after it the others that the schema of `T` finds, at most fifty in
/// all. Members that are `null` or blank have been left out of the content.
pub(crate) fn with_first<T: DeserializeOwned + ToSchema + 'static>(content: &Value, first: Fault) -> Vec<Fault> {
    let mut told = BTreeSet::from([first.pointer.clone()]);
    let mut faults = vec![first];
    let Some(validator) = validator_of::<T>() else { return faults };
    let others = validator.iter_errors(content).flat_map(|error| faults_of(&error));
    // What is refused as a whole, such as a list of blank texts, is not told again of its parts.
    let whole = format!("{}/", faults[0].pointer);
    let is_part = |fault: &Fault| whole.len() > 1 && fault.pointer.starts_with(&whole);
    let new = others.take(LOOKED_AT).filter(|fault| !is_part(fault) && told.insert(fault.pointer.clone()));
    faults.extend(new.filter(|fault| is_refused::<T>(content, &fault.pointer)).take(MOST - 1));
    faults
}

/// Whether the text at this place is refused when it is read. The reader takes more than a schema can say: the words of a
/// list in any case, a code with an invisible character, an optional member that is blank.
fn is_refused<T: DeserializeOwned>(content: &Value, pointer: &str) -> bool {
    if !content.pointer(pointer).is_some_and(Value::is_string) {
        return true;
    }
    let Some((only, place)) = alone(content, pointer.strip_prefix('/').unwrap_or_default()) else { return true };
    strict::read::<T>(only).err().is_some_and(|error| {
        let refused = fault(&error).pointer;
        // A list of texts may be refused as a whole.
        refused == place || place.rsplit_once('/').is_some_and(|(list, last)| last == "0" && refused == list)
    })
}

/// Returns the content with nothing but what is at this place, and the place in it: an item of a list is the only one.
fn alone(content: &Value, rest: &str) -> Option<(Value, String)> {
    let (step, rest) = rest.split_once('/').map_or((rest, None), |(step, rest)| (step, Some(rest)));
    let (inner, name) = match content {
        Value::Object(members) => {
            let name = step.replace("~1", "/").replace("~0", "~");
            (members.get(&name)?, Some(name))
        }
        Value::Array(items) => (items.get(step.parse::<usize>().ok()?)?, None),
        _ => return None,
    };
    let (inner, place) = match rest {
        Some(rest) => alone(inner, rest)?,
        None => (inner.clone(), String::new()),
    };
    Some(match name {
        Some(name) => (Value::Object(Map::from_iter([(name, inner)])), format!("/{step}{place}")),
        None => (Value::Array(vec![inner]), format!("/0{place}")),
    })
}

/// Returns the validator of a type's schema, which is made when it is first needed; `None` if it cannot be made.
fn validator_of<T: ToSchema + 'static>() -> Option<Arc<Validator>> {
    static MADE: Mutex<Option<HashMap<TypeId, Option<Arc<Validator>>>>> = Mutex::new(None);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.get_or_insert_default().entry(TypeId::of::<T>()).or_insert_with(|| compile(&schema_of::<T>())).clone()
}

/// Returns the schema of a type as the document has it, with all that it refers to.
fn schema_of<T: ToSchema>() -> Value {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    let mut components = Components::new();
    components.schemas.extend(schemas);
    components.schemas.values_mut().for_each(left_out::member_without_null);
    let mut api = OpenApi::default();
    api.components = Some(components);
    merged::describe(&mut api);
    bounds::describe(&mut api);
    json!({ "$ref": format!("#/components/schemas/{}", T::name()), "components": api.components })
}

fn compile(schema: &Value) -> Option<Arc<Validator>> {
    let made = jsonschema::draft202012::options()
        .should_validate_formats(true)
        // This engine takes linear time, whatever the text.
        .with_pattern_options(PatternOptions::regex())
        .build(schema);
    made.inspect_err(|error| tracing::error!(%error, "a schema cannot be compared with")).ok().map(Arc::new)
}

/// Returns the faults that an error of the validator stands for, in words that repeat nothing of the input.
fn faults_of(error: &ValidationError<'_>) -> Vec<Fault> {
    let place = error.instance_path().as_str();
    let at = |member: &str| format!("{place}/{}", member.replace('~', "~0").replace('/', "~1"));
    let here = |detail: String| vec![Fault::new(place, detail)];
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            vec![Fault::new(at(property.as_str().unwrap_or_default()), "is required")]
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            unexpected.iter().take(MOST).map(|name| Fault::new(at(name), "is not a member of this message")).collect()
        }
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => {
            // One of several shapes: told is the fault of the one that fits best.
            let closest = context.iter().min_by_key(|errors| errors.len());
            closest.map_or_else(
                || here("has none of the allowed forms".to_owned()),
                |errors| errors.iter().flat_map(faults_of).collect(),
            )
        }
        ValidationErrorKind::Type { kind } => here(format!("must be {}", type_words(kind))),
        ValidationErrorKind::Enum { options } => here(format!("must be one of {}", listed(options))),
        ValidationErrorKind::Constant { expected_value } => here(format!("must be {}", plain(expected_value))),
        ValidationErrorKind::MinLength { limit: 1 } => here("must not be blank".to_owned()),
        ValidationErrorKind::MinLength { limit } => here(format!("must have at least {limit} characters")),
        ValidationErrorKind::MaxLength { limit } => here(format!("must have at most {limit} characters")),
        ValidationErrorKind::MinItems { limit } => here(format!("must have at least {limit} items")),
        ValidationErrorKind::MaxItems { limit } => here(format!("must have at most {limit} items")),
        ValidationErrorKind::Minimum { limit } => here(format!("must be at least {limit}")),
        ValidationErrorKind::Maximum { limit } => here(format!("must be at most {limit}")),
        ValidationErrorKind::UniqueItems => here("must not have an item twice".to_owned()),
        ValidationErrorKind::Format { format } => here(format!("must be {}", format_words(format))),
        _ => here("does not have the form that the document describes".to_owned()),
    }
}

fn type_words(kind: &TypeKind) -> String {
    let words = match kind {
        TypeKind::Single(one) => one.to_string(),
        TypeKind::Multiple(several) => several.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" or "),
    };
    let article = if words.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {words}")
}

fn format_words(format: &str) -> &str {
    match format {
        "date" => "a day of the calendar, YYYY-MM-DD",
        "date-time" => "a time with its offset, such as 2026-11-20T09:30:00Z",
        "uuid" => "a UUID",
        "email" => "an email address",
        "uri" | "uri-reference" => "an address (RFC 3986)",
        _ => "of the form that the document describes",
    }
}

fn listed(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    options.iter().map(plain).collect::<Vec<_>>().join(", ")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
