//! Every word a person reads, in Swedish and English: which language, the catalogs, and the [`Reader`] that templates
//! speak through.

mod attributes;
mod catalog;
mod lang;
mod reader;
mod refusals;

pub use attributes::lower_first;
pub use catalog::{say, say_with};
pub use lang::{Lang, cookie};
pub use reader::{AsCount, Reader};
pub use refusals::{refusal, translated};

/// A key of the catalogs. Enums of the pages name theirs through this, so that the test of the catalogs finds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(pub &'static str);

impl From<&'static str> for Key {
    fn from(key: &'static str) -> Self {
        Self(key)
    }
}

impl From<&Key> for Key {
    fn from(key: &Key) -> Self {
        *key
    }
}
