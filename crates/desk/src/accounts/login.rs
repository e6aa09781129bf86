//! Logging in, and the sessions that come of it: opaque secrets of 256 bits, kept hashed, over when unused for long or when old.

use super::{HashingBusy, hash_of};
use crate::caller::Caller;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::ids;
use domain::account::Role;
use domain::{Actor, Scope, UserId};
use jiff::{SignedDuration, Timestamp};
use store::Hash;
use store::sqlite::SessionRow;

/// A session that is not used for so long is over.
const IDLE: SignedDuration = SignedDuration::from_hours(12);
/// A session is over after so long, used or not.
const ABSOLUTE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// That a session was used is written down this often at most.
const TOUCH_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// So many wrong passwords are free; each further one doubles the wait.
const FREE_FAILURES: u32 = 5;
/// The longest wait after wrong passwords, in seconds.
const LONGEST_WAIT_S: i64 = 900;

/// Why nobody was let in.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LoginRefused {
    /// Address or password is wrong; which, is not said.
    #[error("address or password is wrong")]
    Wrong,
    /// Too many wrong passwords.
    #[error("too many wrong passwords: try again after {until}")]
    Locked {
        /// Not before.
        until: Timestamp,
    },
    /// Too many at once.
    #[error(transparent)]
    Busy(#[from] HashingBusy),
    /// The desk failed.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

/// Somebody with a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub user: UserId,
    /// What they may do.
    pub role: Role,
    /// Whose rows they see.
    pub sees: Scope,
    /// The session, by which it can be ended.
    pub session: Hash,
}

impl SignedIn {
    /// Them as whoever gives a command.
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller { actor: Actor::User(self.user.clone()), role: self.role, sees: self.sees.clone() }
    }
}

impl Desk {
    /// Checks address and password; the answer is the secret of a new session. Blocks while the password is hashed.
    ///
    /// # Errors
    /// [`LoginRefused`].
    pub fn log_in(&self, email: &str, password: &str, now: Timestamp) -> Result<String, LoginRefused> {
        let login = self.accounts.login_by_email(email).map_err(DeskError::from)?;
        if let Some(login) = login.as_ref().filter(|login| login.locked_until > now) {
            return Err(LoginRefused::Locked { until: login.locked_until });
        }
        let stored = login.as_ref().and_then(|login| login.password.as_deref());
        let password = if password.len() > super::MAX_PASSWORD_BYTES { "" } else { password };
        let right = self.hashing.verify(password, stored)?;
        let Some(login) = login else { return Err(LoginRefused::Wrong) };
        let known = self.world().users.get(&login.user).is_some_and(crate::world::access::UserEntry::can_log_in);
        if !right || !known {
            let failures = login.failures.saturating_add(1);
            self.accounts.note_failures(&login.user, failures, locked_until(failures, now)).map_err(DeskError::from)?;
            return Err(LoginRefused::Wrong);
        }
        if login.failures > 0 {
            self.accounts.note_failures(&login.user, 0, Timestamp::UNIX_EPOCH).map_err(DeskError::from)?;
        }
        let secret = ids::secret::<32>(&mut **self.entropy());
        self.accounts.open_session(&hash_of(&secret), &login.user, now).map_err(DeskError::from)?;
        Ok(secret)
    }

    /// Whose session this is; none when it is over or its user may not log in any more.
    ///
    /// # Errors
    /// When the accounts cannot be read.
    pub fn session(&self, secret: &str, now: Timestamp) -> Result<Option<SignedIn>, DeskError> {
        let Some(row) = self.accounts.session(&hash_of(secret))? else { return Ok(None) };
        if is_over(&row, now) {
            self.accounts.end_session(&row.hash)?;
            return Ok(None);
        }
        if now.duration_since(row.seen_at) >= TOUCH_EVERY {
            self.accounts.touch_session(&row.hash, now)?;
        }
        let world = self.world();
        let user = world.users.get(&row.user).filter(|user| user.can_log_in());
        Ok(user.map(|user| SignedIn {
            user: row.user.clone(),
            role: user.role,
            sees: user.sees.clone(),
            session: row.hash,
        }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the accounts cannot be written.
    pub fn log_out(&self, session: &Hash) -> Result<bool, DeskError> {
        Ok(self.accounts.end_session(session)?)
    }

    /// The sessions of somebody, for the list where they can be ended.
    ///
    /// # Errors
    /// When the accounts cannot be read.
    pub fn sessions_of(&self, user: &UserId, now: Timestamp) -> Result<Vec<SessionRow>, DeskError> {
        let mut sessions = self.accounts.sessions_of(user)?;
        sessions.retain(|row| !is_over(row, now));
        Ok(sessions)
    }

    /// Drops sessions and links that are over.
    ///
    /// # Errors
    /// When the accounts cannot be written.
    pub fn sweep_sessions(&self, now: Timestamp) -> Result<(), DeskError> {
        let before = |age: SignedDuration| now.checked_sub(age).unwrap_or(Timestamp::MIN);
        Ok(self.accounts.sweep(before(ABSOLUTE), before(IDLE), now)?)
    }
}

fn is_over(row: &SessionRow, now: Timestamp) -> bool {
    now.duration_since(row.seen_at) >= IDLE || now.duration_since(row.created_at) >= ABSOLUTE
}

fn locked_until(failures: u32, now: Timestamp) -> Timestamp {
    if failures < FREE_FAILURES {
        return Timestamp::UNIX_EPOCH;
    }
    let doubled = 30_i64.saturating_mul(1 << (failures - FREE_FAILURES).min(10));
    now.checked_add(SignedDuration::from_secs(doubled.min(LONGEST_WAIT_S))).unwrap_or(now)
}
