//! Ingest tokens: made once, shown once, kept as a hash, checked without a lock on the disk.

use super::label;
use crate::caller::Caller;
use crate::codec::Draft;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::ids;
use crate::streams;
use domain::account::Role;
use domain::event::Event;
use domain::token::{TokenCreated, TokenRevoked};
use domain::{CustomerKey, RowScope, TokenId};
use jiff::Timestamp;
use store::Expected;

/// A token as it is shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct NewToken {
    /// Its public id.
    pub id: TokenId,
    /// The secret: `smb_<prefix>_<256 bits>`.
    pub secret: String,
}

/// What a token grants: to hand in signals of one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenGrant {
    /// Which token.
    pub token: TokenId,
    /// Whose signals.
    pub customer: CustomerKey,
}

impl Desk {
    /// Makes a token. Its secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] for a customer that nobody registered.
    pub fn create_token(
        &self,
        caller: &Caller,
        customer: &CustomerKey,
        name: &str,
        now: Timestamp,
    ) -> Result<NewToken, DeskError> {
        caller.may(Role::Admin)?;
        caller.sees(customer)?;
        let name = label("label", name, 80)?.to_owned();
        let (id, secret) = {
            let mut entropy = self.entropy();
            let id = ids::fresh("t", &mut **entropy, TokenId::new);
            (id, format!("smb_{}_{}", ids::secret::<5>(&mut **entropy), ids::secret::<32>(&mut **entropy)))
        };
        let prefix = secret.rsplit_once('_').map_or("", |(prefix, _)| prefix).to_owned();
        let created =
            TokenCreated { token: id.clone(), prefix, hash: hash_of(&secret), customer: customer.clone(), label: name };
        self.run(&caller.actor, now, |world| {
            if world.parts.get(customer).is_none_or(|part| part.record.is_none()) {
                return Err(DeskError::NotFound { what: "customer", id: customer.to_string() });
            }
            Ok((vec![draft(customer, Event::TokenCreated(created.clone()))], ()))
        })?;
        Ok(NewToken { id, secret })
    }

    /// Makes a token worth nothing.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when there is no such token in force.
    pub fn revoke_token(&self, caller: &Caller, id: &TokenId, now: Timestamp) -> Result<(), DeskError> {
        caller.may(Role::Admin)?;
        self.run(&caller.actor, now, |world| {
            let part = world.parts.iter().find(|(customer, part)| {
                let in_force = part.tokens.get(id).is_some_and(|token| token.revoked_at.is_none());
                in_force && caller.sees.sees_customer(customer)
            });
            let (customer, _) = part.ok_or_else(|| DeskError::NotFound { what: "token", id: id.to_string() })?;
            let revoked = TokenRevoked { token: id.clone(), customer: customer.clone() };
            Ok((vec![draft(customer, Event::TokenRevoked(revoked))], ()))
        })
    }

    /// What a token grants; none for one that was revoked or never made. The hash, not the secret, is looked up, so that the
    /// time it takes tells nothing of it.
    #[must_use]
    pub fn token_grant(&self, secret: &str) -> Option<TokenGrant> {
        let hash = hash_of(secret);
        let world = self.world();
        let (customer, token) = world.tokens_by_hash.get(&hash)?;
        Some(TokenGrant { token: token.clone(), customer: customer.clone() })
    }
}

fn hash_of(secret: &str) -> String {
    blake3::hash(secret.as_bytes()).to_hex().to_string()
}

fn draft(customer: &CustomerKey, event: Event) -> Draft {
    Draft {
        stream: streams::tokens(customer),
        expected: Expected::Any,
        scope: RowScope::Customer(customer.clone()),
        cause: None,
        event,
    }
}
