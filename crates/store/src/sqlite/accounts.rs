//! What logins need and the journal must never hold: password hashes, setup links, sessions. A small file of its own.
//!
//! Every secret is stored hashed; e-mail addresses only as a keyed hash, to find a login by. Rules live in the desk: this
//! file keeps rows and makes each change atomic.

use super::file::{FileError, FileKind, checkpoint_when_grown};
use crate::entropy::{Entropy, random};
use crate::ids::Hash;
use crate::time::{from_us, to_us};
use domain::UserId;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) const ACCOUNTS_FILE: FileKind = FileKind {
    what: "accounts file",
    application_id: i32::from_be_bytes(*b"SMBA"),
    version: 1,
    schema: include_str!("accounts.sql"),
    shrinks: false,
    wipes: true,
};

/// Why the accounts file refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AccountsError {
    /// Another user logs in with this address.
    #[error("another user logs in with this address")]
    AddressTaken,
    /// A row is not what was written.
    #[error("the accounts file holds {0} that cannot be read")]
    Damaged(&'static str),
    /// The file failed.
    #[error(transparent)]
    File(#[from] FileError),
}

/// What a login is checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// Whose.
    pub user: UserId,
    /// The password's hash; none until it was set up.
    pub password: Option<String>,
    /// Wrong passwords since the last right one.
    pub failures: u32,
    /// Nobody gets in before.
    pub locked_until: Timestamp,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// The hash of its secret, by which it is revoked.
    pub hash: Hash,
    /// Whose.
    pub user: UserId,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used.
    pub seen_at: Timestamp,
}

/// The accounts file. It is written rarely, so that a lock serves.
pub struct SqliteAccounts {
    path: PathBuf,
    pepper: [u8; 32],
    conn: Mutex<Connection>,
}

impl SqliteAccounts {
    /// Opens the accounts file at `path`, which is made when there is none.
    ///
    /// # Errors
    /// [`FileError`] when it is another program's file, a newer version's, or cannot be used.
    pub fn open(path: &Path, entropy: &mut dyn Entropy) -> Result<Self, AccountsError> {
        let fresh: [u8; 32] = random(entropy);
        let conn = ACCOUNTS_FILE.open_or_make(path, |conn| {
            conn.execute("INSERT INTO meta (name, value) VALUES ('email_key', ?1)", [fresh]).map(drop)
        })?;
        let pepper = conn
            .query_row("SELECT value FROM meta WHERE name = 'email_key'", [], |row| row.get(0))
            .map_err(FileError::sqlite(path))?;
        Ok(Self { path: path.to_owned(), pepper, conn: Mutex::new(conn) })
    }

    /// Makes a login without a password, and a link that sets one. An older link and password of the user go.
    ///
    /// # Errors
    /// [`AccountsError::AddressTaken`] when another user logs in with the address.
    pub fn invite(&self, user: &UserId, email: &str, link: &Hash, expires: Timestamp) -> Result<(), AccountsError> {
        let email = self.email_key(email);
        self.change(|conn| {
            let owner: Option<String> =
                conn.query_row("SELECT user FROM login WHERE email = ?1", [email], |row| row.get(0)).optional()?;
            if owner.is_some_and(|owner| owner != user.as_str()) {
                return Ok(Err(AccountsError::AddressTaken));
            }
            conn.execute(
                "INSERT INTO login (user, email) VALUES (?1, ?2)
                 ON CONFLICT (user) DO UPDATE SET email = ?2, password = NULL, failures = 0, locked_until = 0",
                params![user.as_str(), email],
            )?;
            put_link(conn, user, link, expires)?;
            Ok(Ok(()))
        })?
    }

    /// Gives a user a new link in place of password, link and sessions; false when there is no such login.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn renew(&self, user: &UserId, link: &Hash, expires: Timestamp) -> Result<bool, AccountsError> {
        self.change(|conn| {
            let known = conn.execute("UPDATE login SET password = NULL WHERE user = ?1", [user.as_str()])? > 0;
            if known {
                conn.execute("DELETE FROM session WHERE user = ?1", [user.as_str()])?;
                put_link(conn, user, link, expires)?;
            }
            Ok(known)
        })
    }

    /// Whose link this is, while it is good.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn link_of(&self, link: &Hash, now: Timestamp) -> Result<Option<UserId>, AccountsError> {
        let user = self.change(|conn| {
            let sql = "SELECT user FROM link WHERE hash = ?1 AND expires_us > ?2";
            conn.query_row(sql, params![link.0, to_us(now)], |row| row.get::<_, String>(0)).optional()
        })?;
        user.map(read_user).transpose()
    }

    /// Spends a link: sets the password of its user. None when the link is not good (any more).
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn spend_link(&self, link: &Hash, password: &str, now: Timestamp) -> Result<Option<UserId>, AccountsError> {
        let user = self.change(|conn| {
            let sql = "DELETE FROM link WHERE hash = ?1 AND expires_us > ?2 RETURNING user";
            let user: Option<String> = conn.query_row(sql, params![link.0, to_us(now)], |row| row.get(0)).optional()?;
            if let Some(user) = &user {
                conn.execute(
                    "UPDATE login SET password = ?2, failures = 0, locked_until = 0 WHERE user = ?1",
                    params![user, password],
                )?;
            }
            Ok(user)
        })?;
        user.map(read_user).transpose()
    }

    /// The login with this address.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn login_by_email(&self, email: &str) -> Result<Option<Login>, AccountsError> {
        let email = self.email_key(email);
        let sql = "SELECT user, password, failures, locked_until FROM login WHERE email = ?1";
        let row = self.change(|conn| {
            conn.query_row(sql, [email], |row| {
                Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?, row.get::<_, i64>(3)?))
            })
            .optional()
        })?;
        row.map(|(user, password, failures, locked_us)| {
            let locked_until = from_us(locked_us).map_err(|_| AccountsError::Damaged("a time"))?;
            Ok(Login { user: read_user(user)?, password, failures, locked_until })
        })
        .transpose()
    }

    /// Counts a wrong password (`failures` so far, locked until then), or with 0 forgets the earlier ones.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn note_failures(&self, user: &UserId, failures: u32, locked_until: Timestamp) -> Result<(), AccountsError> {
        let values = params![user.as_str(), failures, to_us(locked_until)];
        self.change(|conn| {
            conn.execute("UPDATE login SET failures = ?2, locked_until = ?3 WHERE user = ?1", values).map(drop)
        })
    }

    /// Replaces the password's hash, as when its cost was raised.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn set_password(&self, user: &UserId, password: &str) -> Result<(), AccountsError> {
        self.change(|conn| {
            conn.execute("UPDATE login SET password = ?2 WHERE user = ?1", params![user.as_str(), password]).map(drop)
        })
    }

    /// Removes login, link and sessions of a user; true when there were any.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn remove(&self, user: &UserId) -> Result<bool, AccountsError> {
        self.change(|conn| {
            let mut gone = 0;
            for sql in [
                "DELETE FROM login WHERE user = ?1",
                "DELETE FROM link WHERE user = ?1",
                "DELETE FROM session WHERE user = ?1",
            ] {
                gone += conn.execute(sql, [user.as_str()])?;
            }
            Ok(gone > 0)
        })
    }

    /// Begins a session.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn open_session(&self, secret: &Hash, user: &UserId, now: Timestamp) -> Result<(), AccountsError> {
        let sql = "INSERT INTO session (hash, user, created_us, seen_us) VALUES (?1, ?2, ?3, ?3)";
        self.change(|conn| conn.execute(sql, params![secret.0, user.as_str(), to_us(now)]).map(drop))
    }

    /// A session by the hash of its secret.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn session(&self, secret: &Hash) -> Result<Option<SessionRow>, AccountsError> {
        let sql = "SELECT hash, user, created_us, seen_us FROM session WHERE hash = ?1";
        let raw = self.change(|conn| conn.query_row(sql, [secret.0], session_row).optional())?;
        raw.map(read_session).transpose()
    }

    /// The sessions of a user, newest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn sessions_of(&self, user: &UserId) -> Result<Vec<SessionRow>, AccountsError> {
        let sql = "SELECT hash, user, created_us, seen_us FROM session WHERE user = ?1 ORDER BY created_us DESC";
        let raw = self.change(|conn| {
            conn.prepare_cached(sql)?.query_map([user.as_str()], session_row)?.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        raw.into_iter().map(read_session).collect()
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn touch_session(&self, secret: &Hash, now: Timestamp) -> Result<(), AccountsError> {
        let values = params![secret.0, to_us(now)];
        self.change(|conn| conn.execute("UPDATE session SET seen_us = ?2 WHERE hash = ?1", values).map(drop))
    }

    /// Ends a session; true when there was one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn end_session(&self, secret: &Hash) -> Result<bool, AccountsError> {
        self.change(|conn| Ok(conn.execute("DELETE FROM session WHERE hash = ?1", [secret.0])? > 0))
    }

    /// Drops sessions that began or were last used before the given times, and links that are over.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn sweep(&self, created: Timestamp, seen: Timestamp, now: Timestamp) -> Result<(), AccountsError> {
        let values = params![to_us(created), to_us(seen)];
        self.change(|conn| {
            conn.execute("DELETE FROM session WHERE created_us < ?1 OR seen_us < ?2", values)?;
            conn.execute("DELETE FROM link WHERE expires_us <= ?1", [to_us(now)]).map(drop)
        })
    }

    fn email_key(&self, email: &str) -> [u8; 32] {
        *blake3::keyed_hash(&self.pepper, email.trim().to_lowercase().as_bytes()).as_bytes()
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.conn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` in one transaction, which is durable when this returns.
    fn change<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, AccountsError> {
        let mut conn = self.lock();
        let run = || {
            let tx = conn.transaction()?;
            let answer = work(&tx)?;
            tx.commit()?;
            Ok(answer)
        };
        let answer = run().map_err(FileError::sqlite(&self.path))?;
        checkpoint_when_grown(&conn, &self.path, 1 << 20);
        Ok(answer)
    }
}

fn put_link(conn: &Connection, user: &UserId, link: &Hash, expires: Timestamp) -> rusqlite::Result<()> {
    let sql = "INSERT INTO link (hash, user, expires_us) VALUES (?1, ?2, ?3)
               ON CONFLICT (user) DO UPDATE SET hash = ?1, expires_us = ?3";
    conn.execute(sql, params![link.0, user.as_str(), to_us(expires)]).map(drop)
}

type RawSession = ([u8; 32], String, i64, i64);

fn session_row(row: &Row<'_>) -> rusqlite::Result<RawSession> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

fn read_session((hash, user, created_us, seen_us): RawSession) -> Result<SessionRow, AccountsError> {
    let time = |us| from_us(us).map_err(|_| AccountsError::Damaged("a time"));
    Ok(SessionRow { hash: Hash(hash), user: read_user(user)?, created_at: time(created_us)?, seen_at: time(seen_us)? })
}

fn read_user(text: String) -> Result<UserId, AccountsError> {
    UserId::new(text).map_err(|_| AccountsError::Damaged("a user id"))
}
