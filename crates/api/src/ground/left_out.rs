//! What the schemas say of members that may be left out. An answer leaves out what is unknown, so `null` is taken from its
//! schemas. A request may send `null` for whatever it could leave out, so it is added to those.

use std::collections::BTreeSet;

use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, SchemaType};
use utoipa::openapi::{ObjectBuilder, OneOfBuilder, OpenApi, RefOr, Schema, Type};

/// Takes `null` from the members of every schema that an answer has: an optional member is there or is left out. What occurs in
/// requests of JSON alone has it for each optional member.
pub(crate) fn describe(api: &mut OpenApi) {
    let answered = reached(api, answers_of);
    let asked = reached(api, content_of);
    let Some(components) = &mut api.components else { return };
    for (name, schema) in &mut components.schemas {
        if answered.contains(name) {
            member_without_null(schema);
        } else if asked.contains(name)
            && let RefOr::T(Schema::Object(object)) = schema
        {
            let optional = object.properties.iter_mut().filter(|(name, _)| !object.required.contains(name));
            optional.for_each(|(_, member)| with_null(member));
        }
    }
}

/// The names of the schemas that a part of any operation has, however deep.
fn reached(api: &OpenApi, names_in: fn(&Operation, &mut Vec<String>)) -> BTreeSet<String> {
    let mut waiting = Vec::new();
    for item in api.paths.paths.values() {
        for operation in [&item.get, &item.post, &item.patch, &item.delete, &item.put].into_iter().flatten() {
            names_in(operation, &mut waiting);
        }
    }
    let mut reached = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        if reached.insert(name.clone())
            && let Some(schema) = api.components.as_ref().and_then(|components| components.schemas.get(&name))
        {
            references(schema, &mut waiting);
        }
    }
    reached
}

fn content_of(operation: &Operation, names: &mut Vec<String>) {
    let Some(RefOr::T(body)) = &operation.request_body else { return };
    if let Some(RefOr::T(content)) = body.content.get("application/json") {
        content.schema.iter().for_each(|schema| references(schema, names));
    }
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

fn with_null(member: &mut RefOr<Schema>) {
    let schema_type = match member {
        RefOr::T(Schema::OneOf(one)) => {
            if !one.items.iter().any(is_null) {
                one.items.push(null());
            }
            return;
        }
        RefOr::T(Schema::Object(object)) if object.enum_values.is_none() => &mut object.schema_type,
        RefOr::T(Schema::Array(array)) => &mut array.schema_type,
        _ => {
            *member = Schema::from(OneOfBuilder::new().item(member.clone()).item(null())).into();
            return;
        }
    };
    if let SchemaType::Type(only) = schema_type {
        *schema_type = SchemaType::Array(vec![only.clone(), Type::Null]);
    }
}

fn null() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::Null).into()
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
}
