//! Strict reading of JSON: an object is read from an object only. The derived `Deserialize` of a struct also accepts a
//! list, member by member in order, which no schema says and no caller should come to depend on. A member that is given
//! twice is refused, because one of the two would be silently lost.
//!
//! A member that is `null`, or a text that shows nothing, counts as left out, whatever its type. It is the one rule for every
//! member of every request. A blank text that a required member has is what its own type says: a password may be anything.

use std::cell::Cell;
use std::collections::BTreeMap;

use almoner_domain::words::characters::is_blank;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};
use serde_json::{Error, Value};

/// Reads a value of its shape. A fault is reported with its place.
pub(crate) fn read<T: DeserializeOwned>(value: Value) -> Result<T, serde_path_to_error::Error<Error>> {
    let mut required = Vec::new();
    loop {
        // Which members are required is known only to the type that is read, which says so by missing one.
        let read = serde_path_to_error::deserialize(Strict { value: value.clone(), required: &required });
        match read.as_ref().err().and_then(|error| after(error.inner(), BLANK)) {
            Some(name) if !required.contains(&name) => required.push(name),
            _ => return read,
        }
    }
}

/// The words of the error that a required member is blank, up to its name.
const BLANK: &str = "blank field `";

/// A value from which a struct is read only if it is an object, at any depth.
struct Strict<'r> {
    value: Value,
    /// The names of members that are known to be required, and are read though they are blank.
    required: &'r [String],
}

impl Strict<'_> {
    fn unexpected(&self) -> Unexpected<'_> {
        match &self.value {
            Value::Null => Unexpected::Unit,
            Value::Bool(value) => Unexpected::Bool(*value),
            Value::Number(_) => Unexpected::Other("number"),
            Value::String(_) => Unexpected::Other("string"),
            Value::Array(_) => Unexpected::Seq,
            Value::Object(_) => Unexpected::Map,
        }
    }
}

impl IntoDeserializer<'_, Error> for Strict<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Strict<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let required = self.required;
        let strict = move |value| Strict { value, required };
        match self.value {
            Value::Array(items) => {
                let mut items = SeqDeserializer::new(items.into_iter().map(strict));
                let value = visitor.visit_seq(&mut items)?;
                items.end()?;
                Ok(value)
            }
            Value::Object(members) => {
                let mut members = MapDeserializer::new(members.into_iter().map(|(name, value)| (name, strict(value))));
                let value = visitor.visit_map(&mut members)?;
                members.end()?;
                Ok(value)
            }
            single => single.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let Value::Object(members) = self.value else { return Err(Error::invalid_type(self.unexpected(), &visitor)) };
        let required = self.required;
        // A member that the struct has not is refused, whatever its value.
        let (left_out, given): (BTreeMap<_, _>, BTreeMap<_, _>) = members.into_iter().partition(|(name, value)| {
            is_left_out(value) && fields.contains(&name.as_str()) && (value.is_null() || !required.contains(name))
        });
        let all_read = Cell::new(false);
        let at_the_end = std::iter::from_fn(|| {
            all_read.set(true);
            None
        });
        let given = given.into_iter().map(|(name, value)| (name, Strict { value, required })).chain(at_the_end);
        let read = visitor.visit_map(MapDeserializer::new(given));
        // Only after the last member does the struct itself miss one; before that, a member within it does.
        read.map_err(|error| match after(&error, "missing field `").filter(|_| all_read.get()) {
            Some(name) if left_out.get(&name).is_some_and(Value::is_string) => Error::custom(format!("{BLANK}{name}`")),
            _ => error,
        })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if is_left_out(&self.value) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        // The API's enums carry no struct: each is a word.
        self.value.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier
    }
}

/// Whether the value says nothing: a member that has it is as one that is left out.
pub(crate) fn is_left_out(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => is_blank(text),
        _ => false,
    }
}

/// Returns the name of the member in an error that begins with these words.
fn after(error: &Error, words: &str) -> Option<String> {
    error.to_string().strip_prefix(words)?.split('`').next().map(str::to_owned)
}

/// JSON in which no member is given twice.
pub(crate) struct Unique(pub(crate) Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Self)
    }
}

/// Returns the integer that a number with a fraction of nothing is, as in `24.0` or `2.4e1`. To JSON Schema it is one, and
/// some languages write every number so. Beyond 53 bits a number with a point is no certain integer.
fn whole(value: f64) -> Option<i64> {
    const CERTAIN: f64 = 9_007_199_254_740_991.0;
    #[expect(clippy::cast_possible_truncation, reason = "the value has no fraction, and less than 54 bits")]
    (value.fract() == 0.0 && value.abs() <= CERTAIN).then_some(value as i64)
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(whole(value).map_or_else(|| value.into(), Value::from))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut all = serde_json::Map::new();
        while let Some((name, Unique(value))) = members.next_entry::<String, Unique>()? {
            if all.contains_key(&name) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            all.insert(name, value);
        }
        Ok(Value::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Word {
        Yes,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        number: u8,
        word: Option<Word>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind", rename_all = "snake_case")]
    enum Tagged {
        One(Inner),
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        one: Inner,
        maybe: Option<Inner>,
        many: Vec<Inner>,
        #[serde(default)]
        named: std::collections::BTreeMap<String, Inner>,
        #[serde(default)]
        tagged: Option<Tagged>,
        #[serde(default)]
        pair: Option<(u8, i64)>,
    }

    fn read_text(json: &str) -> Result<Outer, String> {
        read(serde_json::from_str(json).unwrap()).map_err(|error| format!("{}: {}", error.path(), error.inner()))
    }

    #[test]
    fn what_is_of_its_shape_is_read() {
        let json = r#"{"one": {"number": 1, "word": "yes"}, "maybe": null, "many": [{"number": 2}],
            "named": {"a": {"number": 3, "word": null}}, "tagged": {"kind": "one", "number": 4}, "pair": [5, -6]}"#;
        let inner = |number| Inner { number, word: None };
        let expected = Outer {
            one: Inner { number: 1, word: Some(Word::Yes) },
            maybe: None,
            many: vec![inner(2)],
            named: [("a".to_owned(), inner(3))].into(),
            tagged: Some(Tagged::One(inner(4))),
            pair: Some((5, -6)),
        };
        assert_eq!(read_text(json), Ok(expected));
    }

    #[test]
    fn a_number_without_a_fraction_is_an_integer_however_it_is_written() {
        for (text, read) in [
            ("24.0", json!(24)),
            ("2.4e1", json!(24)),
            ("-24.000", json!(-24)),
            ("-0.0", json!(0)),
            ("9007199254740991.0", json!(9_007_199_254_740_991_i64)),
            ("24", json!(24)),
            ("24.5", json!(24.5)),
            ("1e300", json!(1e300)),
        ] {
            let Unique(value) = serde_json::from_str(text).unwrap();
            assert_eq!(value, read, "{text}");
            assert_eq!(value.is_i64() || value.is_u64(), read.is_i64() || read.is_u64(), "{text}");
        }
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Form {
        name: String,
        #[serde(default)]
        agreed: bool,
        #[serde(default)]
        many: Vec<u8>,
        #[serde(default)]
        word: Option<Word>,
        #[serde(default)]
        number: Option<u8>,
        #[serde(default)]
        inner: Option<Box<Form>>,
    }

    #[test]
    fn a_null_or_blank_member_is_left_out_whatever_its_type() {
        let read_form = |json: &str| read::<Form>(serde_json::from_str(json).unwrap());
        let plain =
            || Form { name: "Ann".to_owned(), agreed: false, many: vec![], word: None, number: None, inner: None };
        for member in ["agreed", "many", "word", "number", "inner"] {
            for nothing in ["null", r#""""#, r#"" \n""#, r#""\u200b\ufeff""#] {
                let json = format!(r#"{{"name": "Ann", "{member}": {nothing}}}"#);
                assert_eq!(read_form(&json).unwrap(), plain(), "{json}");
                let inner = read_form(&format!(r#"{{"name": "Ann", "inner": {json}}}"#)).unwrap();
                assert_eq!(inner, Form { inner: Some(Box::new(plain())), ..plain() }, "{json}");
            }
        }
        for (json, words) in [
            (r#"{"name": null}"#, "missing field `name`"),
            (r#"{"name": "", "inner": {}}"#, "missing field `name`"),
            (r#"{"name": "Ann", "nam": null}"#, "unknown field `nam`"),
            (r#"{"name": "Ann", "nam": ""}"#, "unknown field `nam`"),
        ] {
            let refused = read_form(json).unwrap_err().to_string();
            assert!(refused.contains(words), "{json}: {refused}");
        }
    }

    #[derive(Debug, Deserialize)]
    struct Counted {
        #[expect(dead_code, reason = "only its reading is tested")]
        number: u8,
    }

    #[test]
    fn a_required_member_that_is_blank_is_what_its_own_type_says() {
        let read_form =
            |json: &str| read::<Form>(serde_json::from_str(json).unwrap()).map_err(|error| error.to_string());
        let blank = read_form(r#"{"name": " ", "number": "", "inner": {"name": "", "word": ""}}"#).unwrap();
        assert_eq!((blank.name.as_str(), blank.number, blank.inner.unwrap().name.as_str()), (" ", None, ""));

        let refused = read::<Counted>(serde_json::json!({ "number": " " })).unwrap_err().to_string();
        assert!(refused.contains("expected u8"), "{refused}");
    }

    #[test]
    fn a_list_is_no_object_wherever_one_is_meant() {
        for (json, at) in [
            (r#"[{"number": 1}, null, []]"#, "."),
            (r#"{"one": [1, "yes"], "many": []}"#, "one"),
            (r#"{"one": {"number": 1}, "maybe": [1, null], "many": []}"#, "maybe"),
            (r#"{"one": {"number": 1}, "many": [{"number": 1}, [1, null]]}"#, "many[1]"),
            (r#"{"one": {"number": 1}, "many": [], "named": {"a": [1, null]}}"#, "named.a"),
        ] {
            let refused = read_text(json).unwrap_err();
            assert!(
                refused.starts_with(&format!("{at}: invalid type: sequence, expected struct")),
                "{json}: {refused}"
            );
        }
        assert!(read_text(r#"{"one": {"number": 1}, "many": [], "tagged": ["one", 4]}"#).is_err());
        assert!(read_text(r#"{"one": {"number": 1}, "many": [], "pair": [1, 2, 3]}"#).is_err());
        assert!(read_text(r#"{"one": {"number": 1}, "many": {}}"#).is_err());
    }
}
