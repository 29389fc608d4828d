//! One operation: a handler, its address, and its description in the OpenAPI document.
//!
//! The address and the words are the handler's attribute and documentation. Everything else comes from its types: each
//! argument describes itself ([`CallerArgument`], [`Argument`]), and so does the answer ([`Answer`], [`Refusals`]). A
//! handler with an argument that the document does not know, or without one for the caller, cannot be registered.

use std::collections::{BTreeMap, VecDeque};

use actix_web::http::StatusCode;
use actix_web::{FromRequest, Handler, Responder, Route, web};
use utoipa::openapi::path::{HttpMethod, Operation as Documentation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBody;
use utoipa::openapi::{
    Content, ObjectBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Schema, SecurityRequirement, Type,
};
use utoipa::{IntoParams, ToSchema};

use crate::ground::examples;
use crate::ground::headers::{self, add_headers, every_answers_headers};
use crate::ground::problem::{Kind, Problem};
use crate::ground::routes::method_of;
use crate::ground::unread::{Expected, Whole};

/// An argument that identifies the caller. Each handler has one, as its first argument.
pub(crate) trait CallerArgument: FromRequest + 'static {
    /// Whether the caller needs no token. Such requests are limited by address.
    const IS_OPEN: bool;

    /// Adds the caller's required credentials, and the problems with which callers without them are refused.
    fn describe(description: &mut Description);
}

/// An argument of a handler that describes the part of a request that it reads.
pub(crate) trait Argument: FromRequest + 'static {
    /// Adds the part of the request, and the problems with which a request is refused if that part is wrong or missing.
    fn describe(description: &mut Description);
}

/// The answer of a handler that succeeds.
pub(crate) trait Answer: Responder + 'static {
    /// Adds the status, the headers and the content of the answer.
    fn describe(description: &mut Description);
}

/// The problems with which a handler can refuse any request.
pub(crate) trait Refusals {
    /// Adds the problems.
    fn describe(description: &mut Description);
}

/// A handler of which every argument and every answer has a description in the document.
pub(crate) trait Documented<Arguments>: Handler<Arguments> {
    /// Whether the caller needs no token.
    const IS_OPEN: bool;

    /// Adds the descriptions of the handler's types.
    fn describe(description: &mut Description);
}

macro_rules! documented {
    ($($argument:ident),*) => {
        impl<F, C, $($argument,)* A, E> Documented<(C, $($argument,)*)> for F
        where
            F: Handler<(C, $($argument,)*), Output = Result<A, E>>,
            C: CallerArgument,
            $($argument: Argument,)*
            A: Answer,
            E: Refusals,
        {
            const IS_OPEN: bool = C::IS_OPEN;

            fn describe(description: &mut Description) {
                if C::IS_OPEN {
                    description.is_open();
                }
                C::describe(description);
                $($argument::describe(description);)*
                A::describe(description);
                E::describe(description);
            }
        }
    };
}

documented!();
documented!(A1);
documented!(A1, A2);
documented!(A1, A2, A3);
documented!(A1, A2, A3, A4);
documented!(A1, A2, A3, A4, A5);

/// An operation, ready to be served and to be described.
pub(crate) struct Operation {
    /// The address with its placeholders.
    pub(crate) path: String,
    pub(crate) method: HttpMethod,
    /// Whether its caller needs no token.
    pub(crate) is_open: bool,
    /// The way to the handler.
    pub(crate) route: Route,
    /// Makes the description.
    pub(crate) describe: Describe,
}

/// A function that describes an operation. It runs when somebody asks: the server has no need of most descriptions.
pub(crate) type Describe = Box<dyn Fn() -> Described + Send>;

/// The description of an operation.
pub(crate) struct Described {
    pub(crate) documentation: Documentation,
    /// The schemas to which it refers, with their names.
    pub(crate) schemas: Vec<(String, RefOr<Schema>)>,
    /// What it expects of the parts of a request that its arguments do not read.
    pub(crate) expected: Expected,
}

impl Operation {
    /// Returns the operation of this handler. The words and the address are `P`'s, which `utoipa::path` generated. Its
    /// name is the last part of its module and its own name, such as `cases_read`. The problems are those of its own
    /// work, which its types do not tell.
    pub(crate) fn of<P, H, Arguments>(module: &'static str, handler: H, problems: &'static [Kind]) -> Self
    where
        P: utoipa::Path,
        H: Documented<Arguments>,
        H::Output: Responder + 'static,
        Arguments: FromRequest + 'static,
    {
        // The attribute allows several methods; each handler has one.
        let method = P::methods().pop().unwrap_or(HttpMethod::Get);
        let is_get = method == HttpMethod::Get;
        Self {
            path: P::path(),
            route: web::method(method_of(&method)).to(Whole(handler)),
            describe: Box::new(move || described::<P, H, Arguments>(module, is_get, problems)),
            method,
            is_open: H::IS_OPEN,
        }
    }
}

fn described<P: utoipa::Path, H: Documented<Arguments>, Arguments>(
    module: &str,
    is_get: bool,
    problems: &[Kind],
) -> Described {
    let (path, mut documentation) = (P::path(), P::operation());
    let resource_word = module.rsplit("::").next().unwrap_or(module);
    documentation.operation_id =
        documentation.operation_id.map(|verb| format!("{resource_word}_{}", verb.trim_start_matches("r#")));
    let placeholders = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut description = Description {
        placeholders: placeholders.map(str::to_owned).collect(),
        is_get,
        is_keyed: false,
        ignores_other_parameters: false,
        documentation,
        problems: problems.to_vec(),
        schemas: Vec::new(),
    };
    H::describe(&mut description);
    description.finish()
}

/// Registers handlers of this module: `operations!(door: list, read)`. The same handler serves several doors if it
/// takes the door as a type: `operations!(door: read_account::<D>)`. A handler whose work is refused for a reason that its
/// types do not tell names the kinds of problem: `operations!(door: close refuses InvalidState)`.
macro_rules! operations {
    ($door:ident: $($handler:ident $(::<$of:ident>)? $(refuses $($kind:ident)+)?),+ $(,)?) => {
        pastey::paste! {
            $(
                $door.add($crate::ground::operation::Operation::of::<[<__path_ $handler>], _, _>(
                    module_path!(),
                    $handler $(::<$of>)?,
                    &[$($($crate::ground::problem::Kind::$kind),+)?],
                ));
            )+
        }
    };
}

pub(crate) use operations;

/// The description of an operation, as it is collected.
pub(crate) struct Description {
    /// The names in the address that no argument has taken yet.
    placeholders: VecDeque<String>,
    is_get: bool,
    is_keyed: bool,
    ignores_other_parameters: bool,
    documentation: Documentation,
    problems: Vec<Kind>,
    schemas: Vec<(String, RefOr<Schema>)>,
}

impl Description {
    /// Adds a schema to the document, with all that it refers to, and returns a reference to it.
    pub(crate) fn reference<T: ToSchema>(&mut self) -> RefOr<Schema> {
        T::schemas(&mut self.schemas);
        self.define(T::name().into_owned(), T::schema())
    }

    /// Adds a schema that is built here to the document, and returns a reference to it.
    pub(crate) fn define(&mut self, name: String, schema: RefOr<Schema>) -> RefOr<Schema> {
        let reference = Ref::from_schema_name(name.as_str());
        self.schemas.push((name, schema));
        RefOr::Ref(reference)
    }

    /// Requires one of these credentials, each with a permission; `None` if a session is enough.
    pub(crate) fn requires<'a>(&mut self, credentials: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) {
        let one_of = credentials.into_iter().map(|(scheme, permission)| SecurityRequirement::new(scheme, permission));
        self.documentation.security = Some(one_of.collect());
    }

    /// Says that the operation requires no token.
    fn is_open(&mut self) {
        self.documentation.security = Some(Vec::new());
    }

    /// Adds the problems with which the operation may be refused.
    pub(crate) fn refuses(&mut self, kinds: &[Kind]) {
        self.problems.extend_from_slice(kinds);
    }

    /// Adds the problems with which any operation may be refused, whatever it does. What changes something may also find
    /// that another request is changing it.
    pub(crate) fn may_fail(&mut self) {
        self.refuses(&[Kind::TooManyRequests, Kind::InternalError, Kind::ServiceUnavailable, Kind::Timeout]);
        if !self.is_get {
            self.refuses(&[Kind::InProgress]);
        }
    }

    /// Adds a sentence at the end of the operation's description.
    pub(crate) fn note(&mut self, sentence: &str) {
        let written = self.documentation.description.take().filter(|written| !written.is_empty());
        self.documentation.description = Some(match written {
            Some(written) => format!("{written}\n\n{sentence}"),
            None => sentence.to_owned(),
        });
    }

    fn parameter(&mut self, parameter: Parameter) {
        self.documentation.parameters.get_or_insert_default().push(RefOr::T(parameter));
    }

    /// Describes the next placeholder in the address.
    pub(crate) fn path_parameter(&mut self, description: &str, schema: RefOr<Schema>) {
        // An address without a placeholder for it matches no request; a test compares the two.
        let Some(name) = self.placeholders.pop_front() else { return };
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(description))
            .schema(Some(schema))
            .build();
        self.parameter(parameter);
    }

    /// Adds a header of the request.
    pub(crate) fn header_parameter(&mut self, name: &str, required: Required, description: &str, text: ObjectBuilder) {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(required)
            .description(Some(description))
            .schema(Some(text.schema_type(Type::String)))
            .build();
        self.parameter(parameter);
    }

    /// Adds query parameters.
    pub(crate) fn query_parameters<T: IntoParams>(&mut self) {
        for parameter in T::into_params(|| Some(ParameterIn::Query)) {
            self.parameter(parameter);
        }
    }

    /// Adds content of this media type.
    pub(crate) fn content(&mut self, media_type: &str, content: Content, description: Option<&str>) {
        self.contents([(media_type, content)], description);
    }

    /// Adds content of any of these media types.
    pub(crate) fn contents<'m>(
        &mut self,
        contents: impl IntoIterator<Item = (&'m str, Content)>,
        description: Option<&str>,
    ) {
        let mut body = RequestBody::new();
        body.description = description.map(str::to_owned);
        for (media_type, content) in contents {
            body.content.insert(media_type.to_owned(), RefOr::T(content));
        }
        body.required = Some(Required::True);
        self.documentation.request_body = Some(RefOr::T(body));
    }

    /// Says that the operation does its work once for each idempotency key.
    pub(crate) fn is_keyed(&mut self) {
        self.is_keyed = true;
    }

    /// Says that query parameters which the operation does not have are ignored. Every other operation refuses them.
    pub(crate) fn ignores_other_parameters(&mut self) {
        self.ignores_other_parameters = true;
    }

    /// Whether the operation only reads.
    pub(crate) fn is_get(&self) -> bool {
        self.is_get
    }

    /// Adds an answer.
    pub(crate) fn answer(&mut self, status: StatusCode, response: ResponseBuilder) {
        let mut response = response.build();
        add_headers(&mut response, every_answers_headers(status));
        self.documentation.responses.responses.insert(status.as_str().to_owned(), RefOr::T(response));
    }

    /// Adds headers to each answer of success that was described so far.
    pub(crate) fn with_headers<const N: usize>(&mut self, headers: [headers::Named; N]) {
        for response in self.documentation.responses.responses.values_mut() {
            if let RefOr::T(response) = response {
                add_headers(response, headers.clone());
            }
        }
    }

    fn finish(mut self) -> Described {
        let expected = self.expected();
        if expected.parameters.is_some() {
            self.refuses(&[Kind::ValidationFailed]);
        }
        if self.is_keyed {
            for (status, response) in &mut self.documentation.responses.responses {
                if let (true, RefOr::T(response)) = (status.starts_with('2'), response) {
                    add_headers(response, [headers::replayed()]);
                }
            }
        }
        let mut by_status: BTreeMap<u16, Vec<Kind>> = BTreeMap::new();
        for kind in self.problems {
            let kinds = by_status.entry(kind.status().as_u16()).or_default();
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        for (status, mut kinds) in by_status {
            kinds.sort_unstable();
            let response = RefOr::T(problem_response(&kinds));
            self.documentation.responses.responses.entry(status.to_string()).or_insert(response);
        }
        Described { documentation: self.documentation, schemas: self.schemas, expected }
    }

    /// Returns what the operation expects of the parts of a request that its arguments do not read.
    fn expected(&self) -> Expected {
        let parameters = self.documentation.parameters.iter().flatten().filter_map(|parameter| match parameter {
            RefOr::T(Parameter { name, parameter_in: ParameterIn::Query, .. }) => Some(name.clone()),
            _ => None,
        });
        Expected {
            parameters: (!self.ignores_other_parameters).then(|| parameters.collect()),
            is_conditional: self.documentation.responses.responses.contains_key(StatusCode::NOT_MODIFIED.as_str()),
        }
    }
}

/// Returns the answer that these problems share, which have one status.
fn problem_response(kinds: &[Kind]) -> Response {
    let titles: Vec<_> = kinds.iter().map(|kind| format!("`{}`: {}.", kind.word(), kind.title())).collect();
    let content = Content::new(Some(Ref::from_schema_name(Problem::name())));
    let mut response = ResponseBuilder::new()
        .description(titles.join(" "))
        .content("application/problem+json", examples::of_problems(content, kinds))
        .build();
    if let Some(kind) = kinds.first() {
        add_headers(&mut response, every_answers_headers(kind.status()));
    }
    add_headers(&mut response, headers::of_problems(kinds));
    response
}
