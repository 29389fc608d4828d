//! Makes one object of each schema that is made of several. A member of a message that is flattened would otherwise be an
//! `allOf`, and no value fits an `allOf` whose parts each refuse the members of the others.

use std::collections::BTreeMap;

use utoipa::openapi::schema::AllOf;
use utoipa::openapi::{Object, OpenApi, RefOr, Schema};

type Schemas = BTreeMap<String, RefOr<Schema>>;

/// Merges every schema of the document that is an `allOf` of objects.
pub(crate) fn describe(api: &mut OpenApi) {
    let Some(components) = &mut api.components else { return };
    let parts: Schemas = components.schemas.iter().map(|(name, schema)| (name.clone(), schema.clone())).collect();
    for schema in components.schemas.values_mut() {
        if let RefOr::T(Schema::AllOf(all)) = schema
            && let Some(object) = merged(all, &parts)
        {
            *schema = RefOr::T(Schema::Object(object));
        }
    }
}

/// Returns the object with the members of every part; `None` if a part is no object. It refuses further members only if
/// every part does.
fn merged(all: &AllOf, parts: &Schemas) -> Option<Object> {
    let mut objects = all.items.iter().map(|item| object(item, parts)).collect::<Option<Vec<_>>>()?.into_iter();
    let mut whole = objects.next()?;
    for object in objects {
        whole.properties.extend(object.properties);
        whole.required.extend(object.required);
        if object.additional_properties.is_none() {
            whole.additional_properties = None;
        }
    }
    whole.description.clone_from(&all.description);
    whole.title.clone_from(&all.title);
    whole.example.clone_from(&all.example);
    whole.examples.clone_from(&all.examples);
    Some(whole)
}

fn object(item: &RefOr<Schema>, parts: &Schemas) -> Option<Object> {
    match item {
        RefOr::Ref(reference) => object(parts.get(reference.ref_location.rsplit('/').next()?)?, parts),
        RefOr::T(Schema::Object(object)) => Some(object.clone()),
        RefOr::T(Schema::AllOf(all)) => merged(all, parts),
        RefOr::T(_) => None,
    }
}
