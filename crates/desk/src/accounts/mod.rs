//! Logins: invited by a link that works once, set up with a password, opened as sessions. What a person may do stands in the
//! journal; their secrets stand hashed in the accounts file.

mod breached;
mod hashing;
mod login;
mod rules;
mod users;

pub use breached::{FINGERPRINT_BYTES, fingerprint};
pub use hashing::{Hashing, HashingBusy};
pub use login::{LoginRefused, SignedIn};
pub use rules::{MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS, WeakPassword};
pub use users::{NewPassword, SetupLink};

use store::Hash;

/// How a secret of ours is looked up: by its hash. Secrets hold 256 random bits, so that a plain hash is enough.
fn hash_of(secret: &str) -> Hash {
    Hash::of(secret.as_bytes())
}
