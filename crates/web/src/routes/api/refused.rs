//! How refusals stand in the document: every operation says with which statuses it may refuse, and that a refusal is a problem
//! (RFC 9457), in its own media type. Said once here, not at each operation.

use crate::security::ProblemKind;
use utoipa::Modify;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder};

/// What any operation may answer.
const ANY: [ProblemKind; 6] = [
    ProblemKind::Malformed,
    ProblemKind::Unauthenticated,
    ProblemKind::Forbidden,
    ProblemKind::NotFound,
    ProblemKind::Invalid,
    ProblemKind::Unavailable,
];
/// What one that takes a body may answer besides.
const WITH_BODY: [ProblemKind; 2] = [ProblemKind::TooLarge, ProblemKind::UnsupportedMedia];

/// Adds them.
pub(super) struct Refusals;

impl Modify for Refusals {
    fn modify(&self, document: &mut OpenApi) {
        document.paths.paths.values_mut().flat_map(operations).for_each(refuse);
    }
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut path.get, &mut path.put, &mut path.post, &mut path.delete].into_iter().flatten()
}

fn refuse(operation: &mut Operation) {
    let body: &[ProblemKind] = if operation.request_body.is_some() { &WITH_BODY } else { &[] };
    let responses = &mut operation.responses.responses;
    for kind in ANY.iter().chain(body) {
        responses.insert(kind.status().as_str().to_owned(), RefOr::T(problem(kind.title())));
    }
    for (status, response) in responses.iter_mut().filter(|(status, _)| status.starts_with(['4', '5'])) {
        let said =
            [ProblemKind::Conflict, ProblemKind::TooMany].into_iter().find(|kind| kind.status().as_str() == status);
        if let Some(kind) = said {
            *response = RefOr::T(problem(kind.title()));
        }
    }
}

fn problem(title: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(title).content("application/problem+json", content).build()
}
