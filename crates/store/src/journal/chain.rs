//! The hash chain: each event's hash covers its content and the hash before it, so that nothing can be changed,
//! removed or put in between without every later hash being another. Byte for byte in docs/formats.md.

use super::Cause;
use crate::ids::{Hash, Seq};
use serde::{Deserialize, Serialize};

/// The end of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The newest event; 0 when there is none.
    pub seq: Seq,
    /// Its hash; [`genesis`] when there is none.
    pub hash: Hash,
}

impl Head {
    /// The head of an empty journal.
    #[must_use]
    pub fn empty() -> Self {
        Self { seq: Seq(0), hash: genesis() }
    }
}

/// What the first event names as the hash before it: BLAKE3 of the text `samband journal 1`.
#[must_use]
pub fn genesis() -> Hash {
    Hash::of(b"samband journal 1")
}

/// What an event's hash covers, as it stands in the columns.
pub(crate) struct Content<'a> {
    pub(crate) seq: u64,
    pub(crate) stream: &'a str,
    pub(crate) version: u64,
    pub(crate) at_us: i64,
    pub(crate) scope: &'a str,
    pub(crate) actor: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) schema: u16,
    pub(crate) body: &'a [u8],
    pub(crate) cause: Option<&'a Cause>,
}

/// The hash of an event: BLAKE3(1, prev_hash, length of header, header, BLAKE3(body)).
pub(crate) fn link(prev: &Hash, content: &Content<'_>) -> Hash {
    let mut header = Vec::with_capacity(128);
    header.extend_from_slice(&content.seq.to_le_bytes());
    header.extend_from_slice(&content.version.to_le_bytes());
    header.extend_from_slice(&content.at_us.to_le_bytes());
    header.extend_from_slice(&content.schema.to_le_bytes());
    for text in [content.stream, content.scope, content.actor, content.kind] {
        push_text(&mut header, text);
    }
    header.push(u8::from(content.cause.is_some()));
    if let Some(cause) = content.cause {
        push_text(&mut header, &cause.source);
        header.extend_from_slice(&cause.position.0.to_le_bytes());
        header.extend_from_slice(&cause.ordinal.to_le_bytes());
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[1]).update(&prev.0).update(&length(&header)).update(&header);
    hasher.update(blake3::hash(content.body).as_bytes());
    Hash(*hasher.finalize().as_bytes())
}

fn push_text(header: &mut Vec<u8>, text: &str) {
    header.extend_from_slice(&length(text.as_bytes()));
    header.extend_from_slice(text.as_bytes());
}

/// A length as four bytes. Every text and the header are bounded far below 4 GiB before they come here.
fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ids::Position;

    fn content<'a>(cause: Option<&'a Cause>) -> Content<'a> {
        Content {
            seq: 7,
            stream: "incident/i-1",
            version: 3,
            at_us: 1_770_000_000_000_000,
            scope: "demo",
            actor: "user:u-1",
            kind: "NoteAdded",
            schema: 1,
            body: b"{}",
            cause,
        }
    }

    #[test]
    fn the_hash_is_the_one_written_down_in_the_format() {
        let mut bytes = vec![1];
        bytes.extend(blake3::hash(b"samband journal 1").as_bytes());
        let mut header = Vec::new();
        header.extend(7_u64.to_le_bytes());
        header.extend(3_u64.to_le_bytes());
        header.extend(1_770_000_000_000_000_i64.to_le_bytes());
        header.extend(1_u16.to_le_bytes());
        header.extend(b"\x0c\0\0\0incident/i-1\x04\0\0\0demo\x08\0\0\0user:u-1\x09\0\0\0NoteAdded\0");
        bytes.extend(u32::try_from(header.len()).unwrap().to_le_bytes());
        bytes.extend(header);
        bytes.extend(blake3::hash(b"{}").as_bytes());
        assert_eq!(link(&genesis(), &content(None)), Hash::of(&bytes));
    }

    #[test]
    fn every_field_is_covered() {
        let cause = Cause { source: "fleet".into(), position: Position(9), ordinal: 0 };
        let other = Cause { ordinal: 1, ..cause.clone() };
        let plain = content(None);
        let hashes = [
            link(&genesis(), &plain),
            link(&Hash([0; 32]), &plain),
            link(&genesis(), &Content { seq: 8, ..content(None) }),
            link(&genesis(), &Content { stream: "incident/i-1demo", scope: "", ..content(None) }),
            link(&genesis(), &Content { version: 4, ..content(None) }),
            link(&genesis(), &Content { at_us: 0, ..content(None) }),
            link(&genesis(), &Content { scope: "", ..content(None) }),
            link(&genesis(), &Content { actor: "user:u-2", ..content(None) }),
            link(&genesis(), &Content { kind: "Noteadded", ..content(None) }),
            link(&genesis(), &Content { schema: 2, ..content(None) }),
            link(&genesis(), &Content { body: b"[]", ..content(None) }),
            link(&genesis(), &content(Some(&cause))),
            link(&genesis(), &content(Some(&other))),
        ];
        let distinct: std::collections::HashSet<_> = hashes.iter().collect();
        assert_eq!(distinct.len(), hashes.len());
    }
}
