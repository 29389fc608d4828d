//! Gives every text of a known format the greatest length that the format has, so that a reader of the OpenAPI document
//! knows how much room each value needs.

use utoipa::openapi::path::Parameter;
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems};
use utoipa::openapi::{KnownFormat, Object, OpenApi, RefOr, Schema, SchemaFormat};

use crate::ground::openapi::operations;

/// Completes every schema of the document.
pub(crate) fn describe(api: &mut OpenApi) {
    if let Some(components) = &mut api.components {
        components.schemas.values_mut().for_each(bound);
    }
    for operation in api.paths.paths.values_mut().flat_map(operations) {
        for parameter in operation.parameters.iter_mut().flatten() {
            if let RefOr::T(Parameter { schema: Some(schema), .. }) = parameter {
                bound(schema);
            }
        }
        for response in operation.responses.responses.values_mut() {
            let RefOr::T(response) = response else { continue };
            for header in response.headers.values_mut() {
                if let RefOr::T(header) = header {
                    header.schema.iter_mut().for_each(bound);
                }
            }
        }
    }
}

fn bound(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Object(object) => bound_object(object),
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                bound(items);
            }
        }
        Schema::OneOf(one) => one.items.iter_mut().for_each(bound),
        Schema::AllOf(all) => all.items.iter_mut().for_each(bound),
        Schema::AnyOf(any) => any.items.iter_mut().for_each(bound),
        _ => {}
    }
}

fn bound_object(object: &mut Object) {
    let length = match &object.format {
        Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)) => Some(36),
        Some(SchemaFormat::KnownFormat(KnownFormat::Date)) => Some(10),
        // RFC 3339 with nine digits of a second and an offset.
        Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)) => Some(35),
        Some(SchemaFormat::Custom(format)) if format.starts_with("uri") => Some(2000),
        _ => None,
    };
    object.max_length = object.max_length.or(length);
    object.properties.values_mut().for_each(bound);
    if let Some(AdditionalProperties::RefOr(schema)) = object.additional_properties.as_deref_mut() {
        bound(schema);
    }
}
