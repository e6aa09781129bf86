//! A form that is refused comes back to whoever sent it, with what they typed and what is wrong beside the field. Programs, and
//! the scripts of pages, get the problem itself.

use crate::security::{Problem, ProblemKind};
use crate::view::Faults;
use crate::visit::{Answer, Visit, wants_html};
use axum::http::StatusCode;
use axum::response::Response;

/// Shows the page of the form again, with the faults of these fields in it, where the refusal is one that people mend there.
pub(super) fn given_back(
    visit: &Visit,
    problem: Problem,
    fields: &[&str],
    show: impl FnOnce(Faults) -> Answer,
) -> Answer {
    use ProblemKind::{Conflict, Invalid, Malformed, Refused, TooLarge};
    let is_theirs = matches!(ProblemKind::of(&problem), Conflict | Invalid | Malformed | Refused | TooLarge);
    if !is_theirs || !wants_html(&visit.asked.headers) {
        return Err(problem);
    }
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    let mut response: Response = show(Faults::of(problem, fields))?;
    *response.status_mut() = status;
    Ok(response)
}
