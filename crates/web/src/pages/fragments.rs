//! From template to answer: whole pages, and the parts of them that the browser fetches anew.

use crate::security::{Problem, ProblemKind};
use askama::Template;
use axum::response::{Html, IntoResponse, Response};

/// A page whose blocks can be rendered alone.
pub trait Fragments {
    /// The block of that name; `None` when the page has no such block.
    fn fragment(&self, name: &str) -> Option<askama::Result<String>>;
}

/// Answers with a rendered page or fragment.
pub fn html(rendered: askama::Result<String>) -> Response {
    match rendered {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!(%error, "page could not be rendered");
            Problem::new(ProblemKind::Internal, "The page could not be made. The log says why.").into_response()
        }
    }
}

/// Renders and answers.
pub fn page(template: &impl Template) -> Response {
    html(template.render())
}

/// Answers with one block of a page.
pub fn fragment(page: &impl Fragments, name: &str) -> Response {
    match page.fragment(name) {
        Some(rendered) => html(rendered),
        None => Problem::new(ProblemKind::NotFound, format!("the page has no part named {name:?}")).into_response(),
    }
}
