//! The vault in one SQLite file with a key file beside it. Deleted content is overwritten (`secure_delete`), and after an
//! erasure the log is emptied into the file and cut off, so that nothing of it lingers there either.

pub(crate) mod key;

use super::file::{FileError, FileKind};
use super::readers::Readers;
use crate::entropy::{Entropy, random};
use crate::ids::SubjectId;
use crate::vault::{Found, MAX_ITEM_BYTES, Vault, VaultError};
use data_encoding::HEXLOWER;
use domain::PersonalRef;
use key::{SealKey, SubjectKey, make_master, read_master};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) const VAULT_FILE: FileKind = FileKind {
    what: "vault",
    application_id: i32::from_be_bytes(*b"SMBV"),
    version: 1,
    schema: include_str!("schema.sql"),
    shrinks: false,
    wipes: true,
};

/// The vault in a file of its own.
///
/// It is written rarely and by few, so that a lock serves where the logs have a thread.
pub struct SqliteVault {
    path: PathBuf,
    master: SealKey,
    readers: Readers,
    writer: Mutex<Connection>,
}

impl SqliteVault {
    /// Opens the vault at `path` with the master key at `key_path`; both are made when there is neither.
    ///
    /// # Errors
    /// [`VaultError::Key`] when the key file does not fit, [`VaultError::KeyExposed`] when others may read it.
    pub fn open(path: &Path, key_path: &Path, entropy: &mut dyn Entropy) -> Result<Self, VaultError> {
        let master =
            if path.exists() || key_path.exists() { read_master(key_path)? } else { make_master(key_path, entropy)? };
        let fingerprint = master.fingerprint();
        let conn = VAULT_FILE.open_or_make(path, |conn| {
            conn.execute("INSERT INTO meta (name, value) VALUES ('master_key', ?1)", [fingerprint]).map(drop)
        })?;
        let known: Vec<u8> = conn
            .query_row("SELECT value FROM meta WHERE name = 'master_key'", [], |row| row.get(0))
            .map_err(FileError::sqlite(path))?;
        if known != fingerprint {
            return Err(VaultError::Key { path: key_path.to_owned(), what: "it is another vault's" });
        }
        Ok(Self { path: path.to_owned(), master, readers: Readers::new(path, VAULT_FILE), writer: Mutex::new(conn) })
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self) -> impl Fn(rusqlite::Error) -> VaultError {
        |error| FileError::sqlite(&self.path)(error).into()
    }

    /// The subject's key, made when it has none; an error when it was erased.
    fn key_for(
        &self,
        conn: &Connection,
        subject: &SubjectId,
        entropy: &mut dyn Entropy,
    ) -> Result<SubjectKey, VaultError> {
        let tampered = || VaultError::Tampered(subject.to_string());
        match stored_key(conn, subject.as_str()).map_err(self.failed())? {
            Some(Some(wrapped)) => SubjectKey::unwrap(&wrapped, &self.master, subject.as_str()).ok_or_else(tampered),
            Some(None) => Err(VaultError::SubjectErased(subject.clone())),
            None => {
                let key = SubjectKey::make(entropy);
                let wrapped = key.wrap(&self.master, subject.as_str(), entropy).ok_or_else(tampered)?;
                conn.execute("INSERT INTO subject (id, key) VALUES (?1, ?2)", params![subject.as_str(), wrapped])
                    .map_err(self.failed())?;
                Ok(key)
            }
        }
    }

    fn find(&self, id: &str) -> Result<Option<Stored>, VaultError> {
        self.readers.with(|conn| {
            conn.query_row(
                "SELECT subject, class, body, commitment, key FROM item JOIN subject ON subject.id = item.subject
                 WHERE item.id = ?1",
                [id],
                |row| {
                    Ok(Stored {
                        subject: row.get(0)?,
                        class: row.get(1)?,
                        body: row.get(2)?,
                        commitment: row.get(3)?,
                        key: row.get(4)?,
                    })
                },
            )
            .optional()
            .map_err(self.failed())
        })
    }
}

/// An item with its subject's key. Without key or body it was erased.
struct Stored {
    subject: String,
    class: String,
    body: Option<Vec<u8>>,
    commitment: Option<[u8; 32]>,
    key: Option<Vec<u8>>,
}

impl Vault for SqliteVault {
    fn put(
        &self,
        subject: &SubjectId,
        class: &str,
        plaintext: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Result<PersonalRef, VaultError> {
        check(class, plaintext)?;
        let mut conn = self.writer();
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(self.failed())?;
        let key = self.key_for(&tx, subject, entropy)?;
        let id = format!("v-{}", HEXLOWER.encode(&random::<16>(entropy)));
        let commitment = key.commitment(class, plaintext);
        let context = item_context(&id, subject.as_str(), class);
        let body = key.seal.seal(plaintext, &context, entropy).ok_or_else(|| VaultError::Tampered(id.clone()))?;
        tx.execute(
            "INSERT INTO item (id, subject, class, body, commitment) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id, subject.as_str(), class, body, commitment],
        )
        .map_err(self.failed())?;
        tx.commit().map_err(self.failed())?;
        super::file::checkpoint_when_grown(&conn, &self.path, 1 << 20);
        Ok(PersonalRef { id, commitment: HEXLOWER.encode(&commitment) })
    }

    fn get(&self, item: &PersonalRef) -> Result<Found, VaultError> {
        let stored = self.find(&item.id)?.ok_or_else(|| VaultError::Unknown(item.id.clone()))?;
        let (Some(body), Some(wrapped)) = (&stored.body, &stored.key) else { return Ok(Found::Erased) };
        let tampered = || VaultError::Tampered(item.id.clone());
        let key = SubjectKey::unwrap(wrapped, &self.master, &stored.subject).ok_or_else(tampered)?;
        let context = item_context(&item.id, &stored.subject, &stored.class);
        let plain = key.seal.open(body, &context).ok_or_else(tampered)?;
        let commitment = key.commitment(&stored.class, &plain);
        if HEXLOWER.encode(&commitment) != item.commitment || stored.commitment != Some(commitment) {
            return Err(tampered());
        }
        Ok(Found::Plain(plain))
    }

    fn erase(&self, subject: &SubjectId) -> Result<bool, VaultError> {
        let mut conn = self.writer();
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(self.failed())?;
        let had = matches!(stored_key(&tx, subject.as_str()).map_err(self.failed())?, Some(Some(_)));
        // The empty row stays: what refers to this subject learns that it was erased, and nothing can be added.
        tx.execute(
            "INSERT INTO subject (id, key) VALUES (?1, NULL) ON CONFLICT (id) DO UPDATE SET key = NULL",
            [subject.as_str()],
        )
        .map_err(self.failed())?;
        tx.execute("UPDATE item SET body = NULL, commitment = NULL WHERE subject = ?1", [subject.as_str()])
            .map_err(self.failed())?;
        tx.commit().map_err(self.failed())?;
        let busy: i64 =
            conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(self.failed())?;
        if busy != 0 {
            return Err(VaultError::Lingering(subject.clone()));
        }
        Ok(had)
    }

    fn items_of(&self, subject: &SubjectId) -> Result<Vec<(String, PersonalRef)>, VaultError> {
        self.readers.with(|conn| {
            let sql = "SELECT class, id, commitment FROM item
                       WHERE subject = ?1 AND commitment IS NOT NULL ORDER BY rowid";
            let mut statement = conn.prepare_cached(sql).map_err(self.failed())?;
            let rows = statement.query_map([subject.as_str()], |row| {
                let commitment = HEXLOWER.encode(&row.get::<_, [u8; 32]>(2)?);
                Ok((row.get(0)?, PersonalRef { id: row.get(1)?, commitment }))
            });
            rows.and_then(Iterator::collect).map_err(self.failed())
        })
    }
}

fn check(class: &str, plaintext: &[u8]) -> Result<(), VaultError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    if !(1..=64).contains(&class.len()) || !class.bytes().all(fits) {
        return Err(VaultError::Class(class.chars().take(64).collect()));
    }
    if plaintext.len() > MAX_ITEM_BYTES {
        return Err(VaultError::TooLarge { bytes: plaintext.len() });
    }
    Ok(())
}

/// The wrapped key in a subject's row; the inner none says that it was erased.
fn stored_key(conn: &Connection, subject: &str) -> rusqlite::Result<Option<Option<Vec<u8>>>> {
    conn.query_row("SELECT key FROM subject WHERE id = ?1", [subject], |row| row.get(0)).optional()
}

fn item_context(id: &str, subject: &str, class: &str) -> Vec<u8> {
    [b"item\0".as_slice(), id.as_bytes(), b"\0", subject.as_bytes(), b"\0", class.as_bytes()].concat()
}
