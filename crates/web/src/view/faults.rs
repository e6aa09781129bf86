//! What was wrong with a form that is given back: said beside the field, named as its label names it, or above the form.

use crate::security::{Problem, ProblemKind};

/// The faults of one form; none of a form that was not sent yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults {
    fields: Vec<(String, String)>,
    whole: Option<String>,
    /// Whether somebody else changed the same thing meanwhile.
    pub is_race: bool,
}

impl Faults {
    /// Of a refusal. What is wrong with none of these fields stands above the form.
    #[must_use]
    pub fn of(problem: Problem, known: &[&str]) -> Self {
        let is_race = ProblemKind::of(&problem) == ProblemKind::Conflict;
        let (here, elsewhere): (Vec<_>, Vec<_>) =
            problem.errors.into_iter().partition(|error| known.contains(&error.field.as_str()));
        let whole = match elsewhere.first() {
            Some(error) => Some(format!("{} {}", error.field, error.reason)),
            None if here.is_empty() => Some(problem.detail),
            None => None,
        };
        Self { fields: here.into_iter().map(|error| (error.field, error.reason)).collect(), whole, is_race }
    }

    /// What is wrong with a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, reason)| reason.as_str())
    }

    /// What is wrong with all of it.
    #[must_use]
    pub fn whole(&self) -> Option<&str> {
        self.whole.as_deref()
    }
}
