//! Puts what many answers have in common once into the document: their headers and their problems.

use utoipa::openapi::header::Header;
use utoipa::openapi::{Components, OpenApi, Ref, RefOr, Response};

use crate::ground::openapi::operations;

/// Replaces the headers of all answers, and the answers that are problems, by references.
pub(crate) fn describe(api: &mut OpenApi) {
    let components = api.components.get_or_insert_with(Components::new);
    for operation in api.paths.paths.values_mut().flat_map(operations) {
        for response in operation.responses.responses.values_mut() {
            let RefOr::T(answer) = response else { continue };
            for (name, header) in &mut answer.headers {
                if let RefOr::T(whole) = header {
                    let name = header_name(name, whole);
                    let reference = Ref::new(format!("#/components/headers/{name}"));
                    components.headers.insert(name, std::mem::replace(header, RefOr::Ref(reference)));
                }
            }
            if answer.content.contains_key("application/problem+json") {
                let name = problem_name(answer);
                let reference = Ref::from_response_name(&name);
                components.responses.insert(name, std::mem::replace(response, RefOr::Ref(reference)));
            }
        }
    }
}

/// Returns the name of a header that is always there, or of the same header where it is not.
fn header_name(name: &str, header: &Header) -> String {
    let always = header.extensions.as_ref().is_some_and(|members| members.contains_key("required"));
    if always { name.to_owned() } else { format!("{name}-Optional") }
}

/// Returns the names of the kinds of problem, such as `InvalidStateOrInProgress`.
fn problem_name(problems: &Response) -> String {
    let words = problems.description.split('`').skip(1).step_by(2);
    let names: Vec<String> = words
        .map(|word| {
            let parts = word.split('-').filter_map(|part| part.split_at_checked(1));
            parts.map(|(first, rest)| first.to_uppercase() + rest).collect()
        })
        .collect();
    names.join("Or")
}
