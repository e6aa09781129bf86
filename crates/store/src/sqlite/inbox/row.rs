//! One entry as a row: bodies compressed, and a digest over everything, bound to the position.

use crate::ids::Position;
use crate::inbox::{Batch, Entry, InboxError, MAX_BODY_BYTES, Tick};
use crate::time::{from_us, to_us};
use domain::{CustomerKey, TokenId};
use rusqlite::{CachedStatement, Row, named_params};

/// An entry made ready for its row: all that costs time is done on the appender's thread.
#[derive(Debug)]
pub(crate) enum Ready {
    Batch { received_us: i64, customer: String, token: Option<String>, codec: u16, count: u32, raw: u32, body: Vec<u8> },
    Tick { n: u64, now_us: i64, journal_seq: u64 },
}

/// How hard bodies are compressed: at level 1 zstd keeps up with any disk.
const ZSTD_LEVEL: i32 = 1;

impl Ready {
    pub(crate) fn from_entry(entry: Entry) -> Result<Self, InboxError> {
        match entry {
            Entry::Tick(Tick { n, now, journal_seq }) => Ok(Self::Tick { n, now_us: to_us(now), journal_seq }),
            Entry::Batch(batch) => {
                let bytes = batch.body.len();
                let raw = u32::try_from(bytes).ok().filter(|_| bytes <= MAX_BODY_BYTES);
                let raw = raw.ok_or(InboxError::TooLarge { bytes })?;
                // Compressing into memory fails only for want of it; the body is then far above the bound.
                let body = zstd::bulk::compress(&batch.body, ZSTD_LEVEL).map_err(|_| InboxError::TooLarge { bytes })?;
                Ok(Self::Batch {
                    received_us: to_us(batch.received_at),
                    customer: batch.customer.into(),
                    token: batch.token.map(String::from),
                    codec: batch.codec,
                    count: batch.count,
                    raw,
                    body,
                })
            }
        }
    }

    pub(crate) fn at_us(&self) -> i64 {
        match self {
            Self::Batch { received_us, .. } => *received_us,
            Self::Tick { now_us, .. } => *now_us,
        }
    }

    pub(crate) fn is_tick(&self) -> bool {
        matches!(self, Self::Tick { .. })
    }

    /// What its row takes on disk, nearly.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Batch { body, .. } => body.len() + 128,
            Self::Tick { .. } => 48,
        }
    }

    /// The first eight bytes of the BLAKE3 hash over the position and all fields; see docs/formats.md.
    fn digest(&self, position: u64) -> i64 {
        let mut hasher = blake3::Hasher::new();
        match self {
            Self::Batch { received_us, customer, token, codec, count, raw, body } => {
                hasher.update(&[1, 1]).update(&position.to_le_bytes()).update(&received_us.to_le_bytes());
                hasher.update(&codec.to_le_bytes()).update(&count.to_le_bytes()).update(&raw.to_le_bytes());
                text(&mut hasher, customer);
                hasher.update(&[u8::from(token.is_some())]);
                text(&mut hasher, token.as_deref().unwrap_or_default());
                hasher.update(body);
            }
            Self::Tick { n, now_us, journal_seq } => {
                hasher.update(&[1, 2]).update(&position.to_le_bytes()).update(&now_us.to_le_bytes());
                hasher.update(&n.to_le_bytes()).update(&journal_seq.to_le_bytes());
            }
        }
        let mut first = [0; 8];
        hasher.finalize_xof().fill(&mut first);
        i64::from_le_bytes(first)
    }

    pub(crate) fn insert(&self, statement: &mut CachedStatement<'_>, position: u64) -> rusqlite::Result<()> {
        let digest = self.digest(position);
        let position = position.cast_signed();
        match self {
            Self::Batch { received_us, customer, token, codec, count, raw, body } => statement.execute(named_params! {
                ":position": position, ":at_us": received_us, ":digest": digest, ":n": None::<i64>,
                ":journal_seq": None::<i64>, ":customer": customer, ":token": token, ":codec": codec,
                ":count": count, ":body_bytes": raw, ":body": body,
            }),
            Self::Tick { n, now_us, journal_seq } => statement.execute(named_params! {
                ":position": position, ":at_us": now_us, ":digest": digest, ":n": n.cast_signed(),
                ":journal_seq": journal_seq.cast_signed(), ":customer": None::<&str>, ":token": None::<&str>,
                ":codec": None::<u16>, ":count": None::<u32>, ":body_bytes": None::<u32>, ":body": None::<&[u8]>,
            }),
        }
        .map(drop)
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let at_us = row.get("at_us")?;
        if let Some(n) = row.get::<_, Option<i64>>("n")? {
            let journal_seq = row.get::<_, i64>("journal_seq")?.cast_unsigned();
            return Ok(Self::Tick { n: n.cast_unsigned(), now_us: at_us, journal_seq });
        }
        Ok(Self::Batch {
            received_us: at_us,
            customer: row.get("customer")?,
            token: row.get("token")?,
            codec: row.get("codec")?,
            count: row.get("count")?,
            raw: row.get("body_bytes")?,
            body: row.get("body")?,
        })
    }

    /// The entry again; says what is wrong when it cannot be.
    fn into_entry(self) -> Result<Entry, &'static str> {
        const TIME: &str = "its time is out of range";
        match self {
            Self::Tick { n, now_us, journal_seq } => {
                Ok(Entry::Tick(Tick { n, now: from_us(now_us).map_err(|_| TIME)?, journal_seq }))
            }
            Self::Batch { received_us, customer, token, codec, count, raw, body } => {
                let raw = usize::try_from(raw).unwrap_or(usize::MAX);
                if raw > MAX_BODY_BYTES {
                    return Err("its body is larger than any that is taken");
                }
                let body = zstd::bulk::decompress(&body, raw).map_err(|_| "its body cannot be unpacked")?;
                if body.len() != raw {
                    return Err("its body has another length");
                }
                let customer = CustomerKey::new(customer).map_err(|_| "its customer is no key")?;
                let token = token.map(TokenId::new).transpose().map_err(|_| "its token is no id")?;
                let received_at = from_us(received_us).map_err(|_| TIME)?;
                Ok(Entry::Batch(Batch { received_at, customer, token, codec, count, body }))
            }
        }
    }
}

/// The statement that [`Ready::insert`] runs.
pub(crate) const INSERT: &str = "INSERT INTO entry
    (position, at_us, digest, n, journal_seq, customer, token, codec, count, body_bytes, body)
    VALUES (:position, :at_us, :digest, :n, :journal_seq, :customer, :token, :codec, :count, :body_bytes, :body)";

/// The statement that [`read`] reads rows of.
pub(crate) const SELECT: &str = "SELECT * FROM entry WHERE position >= ?1 ORDER BY position";

/// Reads the row that should be at `expected`.
pub(crate) fn read(row: &Row<'_>, expected: u64) -> Result<(Position, Entry), &'static str> {
    let position = row.get::<_, i64>("position").map_err(|_| "it has no position")?.cast_unsigned();
    if position != expected {
        return Err("it is missing");
    }
    let ready = Ready::from_row(row).map_err(|_| "a column is missing or of another type")?;
    let digest: i64 = row.get("digest").map_err(|_| "it has no digest")?;
    if ready.digest(position) != digest {
        return Err("its digest is another");
    }
    Ok((Position(position), ready.into_entry()?))
}

fn text(hasher: &mut blake3::Hasher, text: &str) {
    hasher.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes()).update(text.as_bytes());
}
