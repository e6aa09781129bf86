//! How a request is refused: RFC 9457 problem documents for machines, and the same facts as a page for people. What was
//! wrong, where, and what to do next; never internal detail, which goes to the log under `instance`.

use crate::words::Key;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One family of refusals: the stable end of the `type` URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// The request cannot be read.
    Malformed,
    /// It can be read, but items in it are wrong: see `errors`.
    Invalid,
    /// Not logged in, or no token.
    Unauthenticated,
    /// Logged in, but not allowed to.
    Forbidden,
    /// Made by another site's page.
    ForeignOrigin,
    /// Not there, or not for this reader.
    NotFound,
    /// The method is not known here.
    MethodNotAllowed,
    /// Someone else was first: load again.
    Conflict,
    /// A rule stands in the way as things are: the incident is closed, the severity is held at that already.
    Refused,
    /// More bytes than the limit, before or after unpacking.
    TooLarge,
    /// A content type or encoding that is not read.
    UnsupportedMedia,
    /// Too many in a short time.
    TooMany,
    /// Not now: disk full, or starting.
    Unavailable,
    /// Our fault.
    Internal,
}

impl ProblemKind {
    /// All of them.
    const ALL: [Self; 14] = [
        Self::Malformed,
        Self::Invalid,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::ForeignOrigin,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::Refused,
        Self::TooLarge,
        Self::UnsupportedMedia,
        Self::TooMany,
        Self::Unavailable,
        Self::Internal,
    ];

    /// The kind of a problem, by its `type`.
    #[must_use]
    pub fn of(problem: &Problem) -> Self {
        let name = problem.type_uri.rsplit(':').next().unwrap_or_default();
        Self::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or(Self::Internal)
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict | Self::Refused => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable name, as in `urn:samband:problem:invalid`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Invalid => "invalid",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::ForeignOrigin => "foreign-origin",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Conflict => "conflict",
            Self::Refused => "refused",
            Self::TooLarge => "too-large",
            Self::UnsupportedMedia => "unsupported-media",
            Self::TooMany => "too-many",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// One sentence for developers, the same for every problem of the kind.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Malformed => "The request cannot be read",
            Self::Invalid => "Something in the request is not valid",
            Self::Unauthenticated => "Log in, or send a token",
            Self::Forbidden => "Your role does not allow this",
            Self::ForeignOrigin => "The request came from another site",
            Self::NotFound => "There is nothing here that you can see",
            Self::MethodNotAllowed => "This address does not take that method",
            Self::Conflict => "It has changed since you loaded it",
            Self::Refused => "As things stand this cannot be done",
            Self::TooLarge => "The request is too large",
            Self::UnsupportedMedia => "This content type or encoding is not read",
            Self::TooMany => "Too many requests",
            Self::Unavailable => "Not available just now",
            Self::Internal => "Something went wrong on our side",
        }
    }

    /// Title and advice for the page, as keys.
    #[must_use]
    pub fn page_words(self) -> (Key, Key) {
        match self {
            Self::Malformed | Self::Invalid | Self::UnsupportedMedia | Self::MethodNotAllowed => {
                (Key("problem-invalid"), Key("problem-invalid-do"))
            }
            Self::Unauthenticated => (Key("problem-login"), Key("problem-login-do")),
            Self::Forbidden | Self::ForeignOrigin => (Key("problem-forbidden"), Key("problem-forbidden-do")),
            Self::NotFound => (Key("problem-missing"), Key("problem-missing-do")),
            Self::Conflict => (Key("problem-conflict"), Key("problem-conflict-do")),
            Self::Refused => (Key("problem-refused"), Key("problem-refused-do")),
            Self::TooLarge => (Key("problem-large"), Key("problem-large-do")),
            Self::TooMany => (Key("problem-many"), Key("problem-many-do")),
            Self::Unavailable => (Key("problem-unavailable"), Key("problem-unavailable-do")),
            Self::Internal => (Key("problem-internal"), Key("problem-internal-do")),
        }
    }
}

/// One wrong item: where it stands and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// Line of the body, from 1, where the body has lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Field or JSON pointer.
    pub field: String,
    /// What is wrong and what would be right.
    pub reason: String,
}

/// A refused request (RFC 9457, `application/problem+json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `urn:samband:problem:<name>`.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub type_uri: Box<str>,
    /// The kind in one sentence.
    #[schema(value_type = String)]
    pub title: Box<str>,
    /// The HTTP status, repeated.
    pub status: u16,
    /// This occurrence: what was wrong and what to do.
    pub detail: String,
    /// Id of this occurrence, found again in the log: `urn:samband:occurrence:<id>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Every wrong item, bounded by the caller.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Seconds after which to try again.
    #[serde(skip)]
    pub retry_after_s: Option<u32>,
}

impl Problem {
    /// A problem of this kind; `detail` is read by users.
    #[must_use]
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self {
            type_uri: format!("urn:samband:problem:{}", kind.name()).into(),
            title: kind.title().into(),
            status: kind.status().as_u16(),
            detail: detail.into(),
            instance: None,
            errors: Vec::new(),
            retry_after_s: None,
        }
    }

    /// With the wrong items.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// With the id under which the log tells more.
    #[must_use]
    pub fn with_occurrence(mut self, id: &str) -> Self {
        self.instance = Some(format!("urn:samband:occurrence:{id}"));
        self
    }

    /// With a `Retry-After`.
    #[must_use]
    pub fn with_retry_after_s(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry = self.retry_after_s;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"samband\""));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_refusal_names_line_field_and_reason_in_the_standard_form() {
        let error = FieldError { line: Some(3), field: "n".into(), reason: "must not be negative, is -4".into() };
        let problem =
            Problem::new(ProblemKind::Invalid, "1 of 9 lines refused").with_errors(vec![error]).with_occurrence("7f3a");
        let json = serde_json::to_value(&problem).unwrap();
        assert_eq!(json["type"], "urn:samband:problem:invalid");
        assert_eq!(json["status"], 422);
        assert_eq!(json["errors"][0]["line"], 3);
        assert_eq!(json["instance"], "urn:samband:occurrence:7f3a");
        let response = problem.into_response();
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }

    #[test]
    fn a_full_disk_says_when_to_try_again() {
        let response =
            Problem::new(ProblemKind::Unavailable, "the disk is full").with_retry_after_s(30).into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "30");
    }
}
