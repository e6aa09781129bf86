//! Who may see what. Every stored row belongs to a [`RowScope`]; every reader comes with a [`Scope`].

use crate::ids::CustomerKey;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// To whom a stored row belongs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowScope {
    /// The organisation that runs Samband: users, policies, the engine itself.
    Organisation,
    /// One customer.
    Customer(CustomerKey),
}

impl RowScope {
    /// The text stored in the `scope` column: empty for the organisation, else the customer's key.
    #[must_use]
    pub fn as_column(&self) -> &str {
        match self {
            Self::Organisation => "",
            Self::Customer(key) => key.as_str(),
        }
    }

    /// Reads the `scope` column back.
    ///
    /// # Errors
    /// [`crate::BadCode`] when the column holds no valid key.
    pub fn from_column(column: &str) -> Result<Self, crate::BadCode> {
        if column.is_empty() { Ok(Self::Organisation) } else { CustomerKey::new(column).map(Self::Customer) }
    }
}

/// What a reader may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everything, as the provider's own people do.
    All,
    /// Only rows of these customers, and nothing of the organisation's.
    Customers(BTreeSet<CustomerKey>),
}

impl Scope {
    /// A scope of one customer.
    #[must_use]
    pub fn customer(key: CustomerKey) -> Self {
        Self::Customers(BTreeSet::from([key]))
    }

    /// Whether a row of `row` may be shown.
    #[must_use]
    pub fn sees(&self, row: &RowScope) -> bool {
        match (self, row) {
            (Self::All, _) => true,
            (Self::Customers(_), RowScope::Organisation) => false,
            (Self::Customers(keys), RowScope::Customer(key)) => keys.contains(key),
        }
    }

    /// Whether a customer may be seen.
    #[must_use]
    pub fn sees_customer(&self, key: &CustomerKey) -> bool {
        match self {
            Self::All => true,
            Self::Customers(keys) => keys.contains(key),
        }
    }
}

/// Who did something: recorded with every event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A person, by opaque id.
    User(crate::ids::UserId),
    /// A machine with an ingest token.
    Token(crate::ids::TokenId),
    /// A part of Samband itself: `engine`, `desk`, `node`, `cli`.
    Part(String),
}

impl std::fmt::Display for Actor {
    /// `user:u-1`, `token:t-1`, `part:engine`: the form of the journal's `actor` column.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Token(id) => write!(f, "token:{id}"),
            Self::Part(name) => write!(f, "part:{name}"),
        }
    }
}

/// A text that is no [`Actor`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("actor {0:?} is not of the form user:ID, token:ID or part:NAME")]
pub struct BadActor(pub String);

impl std::str::FromStr for Actor {
    type Err = BadActor;
    fn from_str(text: &str) -> Result<Self, BadActor> {
        let bad = || BadActor(text.to_owned());
        let (kind, rest) = text.split_once(':').ok_or_else(bad)?;
        match kind {
            "user" => crate::ids::UserId::new(rest).map(Self::User).map_err(|_| bad()),
            "token" => crate::ids::TokenId::new(rest).map(Self::Token).map_err(|_| bad()),
            "part" if !rest.is_empty() => Ok(Self::Part(rest.to_owned())),
            _ => Err(bad()),
        }
    }
}
