//! Password hashing: argon2id with m=19456, t=2, p=1 (OWASP), a few at a time, so that a storm of logins cannot take the
//! machine's memory. It blocks; where it blocks is the caller's choice.

use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::BASE64_NOPAD;
use std::sync::{Condvar, Mutex, PoisonError};
use store::Entropy;

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// So many are hashed at once.
const AT_ONCE: usize = 2;
/// So many may wait; the next is turned away.
const MAY_WAIT: usize = 32;

/// Too many passwords are being checked: try again in a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked at this moment: try again in a few seconds")]
pub struct HashingBusy;

#[derive(Default)]
struct Slots {
    busy: usize,
    waiting: usize,
}

/// The semaphore before the hashing.
#[derive(Default)]
pub struct Hashing {
    slots: Mutex<Slots>,
    freed: Condvar,
}

impl Hashing {
    /// Hashes a password with a fresh salt, in the PHC string format.
    ///
    /// # Errors
    /// [`HashingBusy`] when too many wait.
    pub fn hash(&self, password: &str, entropy: &mut dyn Entropy) -> Result<String, HashingBusy> {
        let mut salt = [0; SALT_BYTES];
        entropy.fill(&mut salt);
        let _slot = self.enter()?;
        let hash = derive(password, &salt).ok_or(HashingBusy)?;
        let (salt, hash) = (BASE64_NOPAD.encode(&salt), BASE64_NOPAD.encode(&hash));
        Ok(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}"))
    }

    /// Whether `password` is the one that `stored` is of. Without `stored` it takes as long and says no.
    ///
    /// # Errors
    /// [`HashingBusy`] when too many wait.
    pub fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool, HashingBusy> {
        let known = stored.and_then(read);
        let _slot = self.enter()?;
        let (salt, wanted) = known.unwrap_or(([0; SALT_BYTES], [0; HASH_BYTES]));
        let found = derive(password, &salt).ok_or(HashingBusy)?;
        // `blake3::Hash` compares in constant time.
        Ok(known.is_some() && blake3::Hash::from(found) == blake3::Hash::from(wanted))
    }

    fn enter(&self) -> Result<Slot<'_>, HashingBusy> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.waiting >= MAY_WAIT {
            return Err(HashingBusy);
        }
        slots.waiting += 1;
        while slots.busy >= AT_ONCE {
            slots = self.freed.wait(slots).unwrap_or_else(PoisonError::into_inner);
        }
        slots.waiting -= 1;
        slots.busy += 1;
        Ok(Slot(self))
    }
}

struct Slot<'a>(&'a Hashing);

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.0.slots.lock().unwrap_or_else(PoisonError::into_inner).busy -= 1;
        self.0.freed.notify_one();
    }
}

/// None when there is no memory for it.
fn derive(password: &str, salt: &[u8]) -> Option<[u8; HASH_BYTES]> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_BYTES)).ok()?;
    let mut hash = [0; HASH_BYTES];
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(password.as_bytes(), salt, &mut hash).ok()?;
    Some(hash)
}

/// Salt and hash of what [`Hashing::hash`] wrote.
fn read(stored: &str) -> Option<([u8; SALT_BYTES], [u8; HASH_BYTES])> {
    let rest = stored.strip_prefix(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$"))?;
    let (salt, hash) = rest.split_once('$')?;
    let bytes = |text: &str| BASE64_NOPAD.decode(text.as_bytes()).ok();
    Some((bytes(salt)?.try_into().ok()?, bytes(hash)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_the_password_itself_verifies() {
        let hashing = Hashing::default();
        let stored = hashing.hash("rätt häst batteri häfta", &mut |bytes: &mut [u8]| bytes.fill(7)).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(hashing.verify("rätt häst batteri häfta", Some(&stored)), Ok(true));
        assert_eq!(hashing.verify("ratt hast batteri hafta", Some(&stored)), Ok(false));
        assert_eq!(hashing.verify("", None), Ok(false));
    }
}
