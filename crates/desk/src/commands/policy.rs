//! Policies: checked, then recorded whole. One that says what is in force already makes no event.

use crate::caller::Caller;
use crate::codec::Draft;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::streams;
use domain::RowScope;
use domain::event::Event;
use domain::policy::PolicySet;
use jiff::Timestamp;
use store::Expected;

impl Desk {
    /// Sets a policy. The engine's own is checked by whoever knows its shape, before it comes here.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] for one that contradicts itself.
    pub fn set_policy(&self, caller: &Caller, policy: &PolicySet, now: Timestamp) -> Result<(), DeskError> {
        caller.administers()?;
        if let PolicySet::Severity(severity) = policy {
            severity.check().map_err(|error| DeskError::invalid("severity", error.to_string()))?;
        }
        self.run(&caller.actor, now, |world| {
            let in_force = match policy {
                PolicySet::Severity(value) => world.policies.severity == *value,
                PolicySet::Reports(value) => world.policies.reports == *value,
                PolicySet::Engine(value) => world.policies.engine.as_ref() == Some(value),
            };
            let draft = Draft {
                stream: streams::organisation("policy"),
                expected: Expected::Any,
                scope: RowScope::Organisation,
                cause: None,
                event: Event::PolicySet(policy.clone()),
            };
            Ok((if in_force { vec![] } else { vec![draft] }, ()))
        })
    }
}
