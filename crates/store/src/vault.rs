//! The vault: personal data apart from everything else, so that it can be erased while the journal stays whole.
//!
//! Every subject has a key and a salt of its own. An event's body holds a [`PersonalRef`]: where the item lies, and a
//! commitment to what it says. Erasing a subject destroys key and salt: nothing can be read or guessed any more.

use crate::entropy::Entropy;
use crate::ids::SubjectId;
use crate::sqlite::FileError;
use domain::PersonalRef;
use std::path::PathBuf;
use std::sync::Arc;

/// The largest item, in bytes.
pub const MAX_ITEM_BYTES: usize = 4 << 20;

/// What a reference leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// What was put there.
    Plain(Vec<u8>),
    /// Its subject was erased.
    Erased,
}

/// Why the vault refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum VaultError {
    /// A reference that was never given out by this vault.
    #[error("the vault holds no item {0:?}")]
    Unknown(String),
    /// The subject was erased; it takes no more. A person who comes back is a new subject.
    #[error("subject {0} was erased and takes no more")]
    SubjectErased(SubjectId),
    /// What lies there is not what the reference commits to, or cannot be decrypted.
    #[error("item {0:?} of the vault is not what was put there")]
    Tampered(String),
    /// An item above [`MAX_ITEM_BYTES`].
    #[error("an item of {bytes} bytes is above the bound of {MAX_ITEM_BYTES}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// A class that is no short name.
    #[error("class {0:?} must be 1 to 64 of a-z, 0-9, - and _")]
    Class(String),
    /// The key file is missing, damaged, or another vault's.
    #[error("{} does not open this vault: {what}", path.display())]
    Key {
        /// The key file.
        path: PathBuf,
        /// In what way.
        what: &'static str,
    },
    /// The key file can be read by others.
    #[error("{} may be read by others (mode {mode:o}): chmod 600 it", path.display())]
    KeyExposed {
        /// The key file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The subject is erased, but a long reader keeps the encrypted remains in the file's log: erase once more.
    #[error("subject {0} is erased, but encrypted remains linger in the log while it is being read: erase once more")]
    Lingering(SubjectId),
    /// The disk has no room.
    #[error("the disk is full; nothing was put into the vault")]
    Full,
    /// The file failed.
    #[error(transparent)]
    File(FileError),
}

impl From<FileError> for VaultError {
    fn from(error: FileError) -> Self {
        if error.is_full() { Self::Full } else { Self::File(error) }
    }
}

/// Keeps personal data by subject, encrypted, erasable.
pub trait Vault: Send + Sync {
    /// Puts an item about `subject` in, durable on return. `class` says what it is (`name`, `phone`, `report`): it is not secret.
    ///
    /// # Errors
    /// [`VaultError::SubjectErased`] and others; then nothing was put in.
    fn put(
        &self,
        subject: &SubjectId,
        class: &str,
        plaintext: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Result<PersonalRef, VaultError>;

    /// What `item` leads to, checked against its commitment.
    ///
    /// # Errors
    /// [`VaultError::Unknown`], [`VaultError::Tampered`].
    fn get(&self, item: &PersonalRef) -> Result<Found, VaultError>;

    /// Destroys key, salt and items of `subject`, for good; true when there were any. Backups made before still hold them:
    /// after a restore, erase again what the journal says was erased.
    ///
    /// # Errors
    /// When the vault cannot be written.
    fn erase(&self, subject: &SubjectId) -> Result<bool, VaultError>;

    /// Every item about `subject`, as `(class, reference)`, for its export.
    ///
    /// # Errors
    /// When the vault cannot be read.
    fn items_of(&self, subject: &SubjectId) -> Result<Vec<(String, PersonalRef)>, VaultError>;
}

impl<V: Vault + ?Sized> Vault for Arc<V> {
    fn put(
        &self,
        subject: &SubjectId,
        class: &str,
        plaintext: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Result<PersonalRef, VaultError> {
        (**self).put(subject, class, plaintext, entropy)
    }
    fn get(&self, item: &PersonalRef) -> Result<Found, VaultError> {
        (**self).get(item)
    }
    fn erase(&self, subject: &SubjectId) -> Result<bool, VaultError> {
        (**self).erase(subject)
    }
    fn items_of(&self, subject: &SubjectId) -> Result<Vec<(String, PersonalRef)>, VaultError> {
        (**self).items_of(subject)
    }
}
