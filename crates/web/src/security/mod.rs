//! What every answer and every unsafe request must pass: response headers, the same-origin check, and the one form in
//! which a request is refused.

mod headers;
mod origin;
mod problem;

pub use headers::{CONTENT_SECURITY_POLICY, add_security_headers};
pub use origin::{OriginRefused, check_same_origin, require_same_origin};
pub use problem::{FieldError, Problem, ProblemKind};
