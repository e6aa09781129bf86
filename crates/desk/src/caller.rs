//! Who gives a command: the actor that the journal names, and what it may do and see. Checked here, in one place.

use crate::error::DeskError;
use domain::account::Role;
use domain::{Actor, CustomerKey, Scope, UserId};

/// Whoever gives a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// By whom it is recorded.
    pub actor: Actor,
    /// What they may do.
    pub role: Role,
    /// Whose rows they see.
    pub sees: Scope,
}

impl Caller {
    /// A part of Samband itself, which may do everything: `cli`, `node`.
    #[must_use]
    pub fn part(name: &str) -> Self {
        Self { actor: Actor::Part(name.to_owned()), role: Role::Admin, sees: Scope::All }
    }

    /// Sees that they may do what `needed` may.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`].
    pub fn may(&self, needed: Role) -> Result<(), DeskError> {
        if self.role.may(needed) { Ok(()) } else { Err(DeskError::Forbidden { needed }) }
    }

    /// Sees that the customer is one they see. To others it does not exist.
    ///
    /// # Errors
    /// [`DeskError::NotFound`].
    pub fn sees(&self, customer: &CustomerKey) -> Result<(), DeskError> {
        if self.sees.sees_customer(customer) {
            Ok(())
        } else {
            Err(DeskError::NotFound { what: "customer", id: customer.to_string() })
        }
    }

    /// Sees that they may administer the organisation itself.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`].
    pub fn administers(&self) -> Result<(), DeskError> {
        self.may(Role::Admin)?;
        if self.sees == Scope::All { Ok(()) } else { Err(DeskError::Forbidden { needed: Role::Admin }) }
    }

    /// The person, if it is one.
    ///
    /// # Errors
    /// [`DeskError::NotAPerson`] for machines and parts.
    pub fn person(&self) -> Result<&UserId, DeskError> {
        match &self.actor {
            Actor::User(user) => Ok(user),
            Actor::Token(_) | Actor::Part(_) => Err(DeskError::NotAPerson),
        }
    }
}
