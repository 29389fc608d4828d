//! Takes `null` from the schemas of answers: a member that is unknown is left out, and the document says so.

use std::collections::BTreeSet;

use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, SchemaType};
use utoipa::openapi::{OpenApi, RefOr, Schema, Type};

/// Takes `null` from the members of every schema that an answer has: an optional member is there or is left out. What occurs in
/// requests alone keeps it, since a request may send `null` for what it could leave out.
pub(crate) fn describe(api: &mut OpenApi) {
    let answered = answered(api);
    let Some(components) = &mut api.components else { return };
    for (_, schema) in components.schemas.iter_mut().filter(|(name, _)| answered.contains(*name)) {
        member_without_null(schema);
    }
}

/// The names of the schemas that answers have, however deep.
fn answered(api: &OpenApi) -> BTreeSet<String> {
    let mut waiting = Vec::new();
    for item in api.paths.paths.values() {
        for operation in [&item.get, &item.post, &item.patch, &item.delete, &item.put].into_iter().flatten() {
            answers_of(operation, &mut waiting);
        }
    }
    let mut answered = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        if answered.insert(name.clone())
            && let Some(schema) = api.components.as_ref().and_then(|components| components.schemas.get(&name))
        {
            references(schema, &mut waiting);
        }
    }
    answered
}

fn answers_of(operation: &Operation, names: &mut Vec<String>) {
    for response in operation.responses.responses.values() {
        if let RefOr::T(response) = response {
            let contents = response.content.values().filter_map(|content| match content {
                RefOr::T(content) => content.schema.as_ref(),
                RefOr::Ref(_) => None,
            });
            contents.for_each(|schema| references(schema, names));
        }
    }
}

/// Adds the names of the schemas to which this one refers.
fn references(schema: &RefOr<Schema>, names: &mut Vec<String>) {
    match schema {
        RefOr::Ref(reference) => names.extend(reference.ref_location.rsplit('/').next().map(str::to_owned)),
        RefOr::T(Schema::Object(object)) => {
            object.properties.values().for_each(|one| references(one, names));
            if let Some(AdditionalProperties::RefOr(one)) = object.additional_properties.as_deref() {
                references(one, names);
            }
        }
        RefOr::T(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(one) = &array.items {
                references(one, names);
            }
        }
        RefOr::T(Schema::OneOf(one)) => one.items.iter().for_each(|one| references(one, names)),
        RefOr::T(Schema::AllOf(all)) => all.items.iter().for_each(|one| references(one, names)),
        RefOr::T(Schema::AnyOf(any)) => any.items.iter().for_each(|one| references(one, names)),
        RefOr::T(_) => {}
    }
}

fn without_null(schema: &mut Schema) {
    match schema {
        Schema::Object(object) => {
            type_without_null(&mut object.schema_type);
            object.properties.values_mut().for_each(member_without_null);
        }
        Schema::Array(array) => type_without_null(&mut array.schema_type),
        Schema::OneOf(one) => one.items.iter_mut().for_each(member_without_null),
        Schema::AllOf(all) => all.items.iter_mut().for_each(member_without_null),
        Schema::AnyOf(any) => any.items.iter_mut().for_each(member_without_null),
        _ => {}
    }
}

/// Takes `null` from a member that may be left out.
pub(crate) fn member_without_null(member: &mut RefOr<Schema>) {
    let RefOr::T(schema) = member else { return };
    if let Schema::OneOf(one) = schema {
        one.items.retain(|item| !is_null(item));
        if let [only] = one.items.as_slice() {
            *member = only.clone();
            return;
        }
    }
    without_null(schema);
}

fn type_without_null(schema_type: &mut SchemaType) {
    if let SchemaType::Array(types) = schema_type {
        types.retain(|one| !matches!(one, Type::Null));
        if let [only] = types.as_slice() {
            *schema_type = SchemaType::Type(only.clone());
        }
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
}
