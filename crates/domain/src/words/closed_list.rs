//! Lists of a few words that a member takes, for the OpenAPI document, where a type of its own would say no more.

use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{Array, ArrayBuilder, Object, ObjectBuilder, Type};

/// Returns the schema of a member that takes one of these words.
pub fn one_of(description: &str, words: &[&str]) -> Object {
    let member =
        ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).enum_values(Some(words.iter().copied()));
    member.description(Some(description)).build()
}

/// Returns the schema of a member that takes several of these words, and at least so many.
pub fn some_of(description: &str, least: usize, words: &[&str]) -> Array {
    let word = ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).enum_values(Some(words.iter().copied()));
    let list = ArrayBuilder::new().items(word).min_items(Some(least)).max_items(Some(words.len()));
    list.description(Some(description)).build()
}
