//! The vault's keys: a master key in a file of its own (mode 0600), and a key and a salt per subject, wrapped by it.
//!
//! XChaCha20-Poly1305 throughout: its 24-byte nonces may be random.

use crate::entropy::{Entropy, random};
use crate::sqlite::file::{FileError, sync_folder_of};
use crate::vault::VaultError;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

const MAGIC: &[u8; 8] = b"SMBVKEY\x01";
const NONCE_BYTES: usize = 24;
const CHECK_BYTES: usize = 8;

/// A key that seals and opens.
pub(crate) struct SealKey([u8; 32]);

impl SealKey {
    /// Nonce and ciphertext of `plaintext`, bound to `context`.
    pub(crate) fn seal(&self, plaintext: &[u8], context: &[u8], entropy: &mut dyn Entropy) -> Option<Vec<u8>> {
        let nonce: [u8; NONCE_BYTES] = random(entropy);
        let cipher = XChaCha20Poly1305::new(&self.0.into());
        let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: plaintext, aad: context }).ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    /// The plaintext of what [`Self::seal`] made with the same context.
    pub(crate) fn open(&self, sealed: &[u8], context: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let cipher = XChaCha20Poly1305::new(&self.0.into());
        cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: context }).ok()
    }

    /// What tells this key from another without telling the key.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        *blake3::keyed_hash(&self.0, b"samband vault master key 1").as_bytes()
    }
}

/// What belongs to one subject, and what its erasure destroys.
pub(crate) struct SubjectKey {
    pub(crate) seal: SealKey,
    salt: [u8; 32],
}

impl SubjectKey {
    pub(crate) fn make(entropy: &mut dyn Entropy) -> Self {
        Self { seal: SealKey(random(entropy)), salt: random(entropy) }
    }

    /// As it is stored: key and salt, sealed by the master key and bound to the subject.
    pub(crate) fn wrap(&self, master: &SealKey, subject: &str, entropy: &mut dyn Entropy) -> Option<Vec<u8>> {
        master.seal(&[self.seal.0, self.salt].concat(), &subject_context(subject), entropy)
    }

    pub(crate) fn unwrap(wrapped: &[u8], master: &SealKey, subject: &str) -> Option<Self> {
        let plain = master.open(wrapped, &subject_context(subject))?;
        let (seal, salt) = plain.split_first_chunk::<32>()?;
        Some(Self { seal: SealKey(*seal), salt: salt.try_into().ok()? })
    }

    /// What a reference says about its content without telling it: BLAKE3 keyed with the salt.
    pub(crate) fn commitment(&self, class: &str, plaintext: &[u8]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&self.salt);
        hasher.update(&u64::try_from(class.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(class.as_bytes()).update(plaintext);
        *hasher.finalize().as_bytes()
    }
}

fn subject_context(subject: &str) -> Vec<u8> {
    [b"subject\0".as_slice(), subject.as_bytes()].concat()
}

/// Reads the master key at `path`.
pub(crate) fn read_master(path: &Path) -> Result<SealKey, VaultError> {
    let wrong = |what| VaultError::Key { path: path.to_owned(), what };
    let mode = match std::fs::metadata(path) {
        Ok(found) => found.permissions().mode() & 0o777,
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(wrong("the key file is missing")),
        Err(error) => return Err(FileError::io(path)(error).into()),
    };
    if mode & 0o077 != 0 {
        return Err(VaultError::KeyExposed { path: path.to_owned(), mode });
    }
    let bytes = std::fs::read(path).map_err(FileError::io(path))?;
    let (bytes, check) = bytes.split_last_chunk::<CHECK_BYTES>().ok_or_else(|| wrong("it is too short"))?;
    if !blake3::hash(bytes).as_bytes().starts_with(check) {
        return Err(wrong("it is damaged"));
    }
    let key =
        bytes.strip_prefix(MAGIC).and_then(|key| key.try_into().ok()).ok_or_else(|| wrong("it is no key file"))?;
    Ok(SealKey(key))
}

/// Makes a master key and its file at `path`, durable on return.
pub(crate) fn make_master(path: &Path, entropy: &mut dyn Entropy) -> Result<SealKey, VaultError> {
    let key: [u8; 32] = random(entropy);
    let bytes = [MAGIC.as_slice(), &key].concat();
    let check = blake3::hash(&bytes);
    let part = path.with_extension("part");
    let write = || {
        let mut file: File = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        file.write_all(&bytes)?;
        file.write_all(&check.as_bytes()[..CHECK_BYTES])?;
        file.sync_all()?;
        std::fs::rename(&part, path)
    };
    write().map_err(FileError::io(path))?;
    sync_folder_of(path)?;
    Ok(SealKey(key))
}
