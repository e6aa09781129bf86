//! A batch on its way into the inbox: the signals, and the bytes from which a restart reads exactly the same signals.

use domain::signal::Envelope;
use domain::{CustomerKey, Signal, TokenId};
use ingest::native::{self, CannotEncode, Options};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::inbox::Batch;

/// The body is native lines, one canonical line per signal.
pub const CODEC_LINES: u16 = 1;
/// As [`CODEC_LINES`], after a first line that holds the envelope of the whole batch.
pub const CODEC_ENVELOPED: u16 = 2;

/// A batch as it is handed in: the same twice, for the engine and for the disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Handed {
    /// Whose signals.
    pub customer: CustomerKey,
    /// The token they came with.
    pub token: Option<TokenId>,
    /// When they reached us.
    pub received_at: Timestamp,
    /// Makes the whole batch count once, if it has one.
    pub envelope: Option<Envelope>,
    /// The signals.
    pub signals: Vec<Signal>,
    /// How `body` is encoded.
    pub codec: u16,
    /// The signals as bytes.
    pub body: Vec<u8>,
}

/// The envelope of a batch as its first line.
#[derive(Serialize, Deserialize)]
struct EnvelopeLine {
    origin: String,
    boot: String,
    lane: String,
    seq: u64,
}

/// Why a batch from the inbox cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadBatch {
    /// A codec that this version does not know.
    #[error("codec {0} is unknown to this version")]
    Codec(u16),
    /// Its first line is no envelope.
    #[error("its envelope cannot be read")]
    Envelope,
}

impl Handed {
    /// Encodes signals for the inbox.
    ///
    /// # Errors
    /// [`CannotEncode`] for a signal that no line could give.
    pub fn encode(
        customer: CustomerKey,
        token: Option<TokenId>,
        received_at: Timestamp,
        envelope: Option<Envelope>,
        signals: Vec<Signal>,
    ) -> Result<Self, CannotEncode> {
        let mut body = Vec::with_capacity(signals.len() * 128);
        let codec = match &envelope {
            None => CODEC_LINES,
            Some(envelope) => {
                body.extend_from_slice(&envelope_line(envelope));
                body.push(b'\n');
                CODEC_ENVELOPED
            }
        };
        signals.iter().try_for_each(|signal| native::encode(signal, &mut body))?;
        Ok(Self { customer, token, received_at, envelope, signals, codec, body })
    }
}

/// The envelope and the signals of a batch as it lies in the inbox, and how many of its lines are no signals.
pub(crate) fn decode(batch: &Batch) -> Result<(Option<Envelope>, Vec<Signal>, u64), BadBatch> {
    let (envelope, lines) = match batch.codec {
        CODEC_LINES => (None, batch.body.as_slice()),
        CODEC_ENVELOPED => {
            let end = batch.body.iter().position(|byte| *byte == b'\n').ok_or(BadBatch::Envelope)?;
            let (first, rest) = batch.body.split_at(end);
            (Some(read_envelope(first)?), rest)
        }
        other => return Err(BadBatch::Codec(other)),
    };
    let mut signals = Vec::with_capacity(batch.count as usize);
    let mut refused = 0;
    for read in native::signals(lines, &Options { limits: bounds(), ..Options::default() }) {
        match read {
            Ok(signal) => signals.push(signal),
            Err(_) => refused += 1,
        }
    }
    Ok((envelope, signals, refused))
}

/// What was once accepted is read back whatever its length.
fn bounds() -> ingest::Limits {
    ingest::Limits { line_bytes: store::inbox::MAX_BODY_BYTES, signals: usize::MAX, refused_listed: 0 }
}

fn envelope_line(envelope: &Envelope) -> Vec<u8> {
    let line = EnvelopeLine {
        origin: envelope.origin.to_string(),
        boot: envelope.boot.to_string(),
        lane: envelope.lane.to_string(),
        seq: envelope.seq,
    };
    serde_json::to_vec(&line).expect("three texts and a number have a JSON form")
}

fn read_envelope(line: &[u8]) -> Result<Envelope, BadBatch> {
    let line: EnvelopeLine = serde_json::from_slice(line).map_err(|_| BadBatch::Envelope)?;
    let EnvelopeLine { origin, boot, lane, seq } = line;
    Ok(Envelope { origin: origin.into(), boot: boot.into(), lane: lane.into(), seq })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_the_engine_saw_live_is_what_a_restart_reads() {
        let lines = br#"{"kind":"heartbeat","at":"2026-02-10T10:31:04.123456789+01:00","device":"till-1"}
{"kind":"count","at":"2026-02-10T10:31:04Z","interval_s":60,"site":"0412","metric":"sales","count":17,"value":"2210.00","currency":"SEK","origin":"a","boot":"b","lane":"live","seq":4}"#;
        let signals = native::parse(lines, &Options::default()).signals;
        assert_eq!(signals.len(), 2);
        let envelope = Envelope { origin: "gw\n1".into(), boot: "b".into(), lane: "live".into(), seq: u64::MAX };
        for envelope in [None, Some(envelope)] {
            let customer = CustomerKey::new("north").unwrap();
            let at = "2026-02-10T10:31:05Z".parse().unwrap();
            let handed = Handed::encode(customer.clone(), None, at, envelope.clone(), signals.clone()).unwrap();
            let (codec, body) = (handed.codec, handed.body);
            let batch = Batch { received_at: at, customer, token: None, codec, count: 2, body };
            assert_eq!(decode(&batch).unwrap(), (envelope, signals.clone(), 0));
        }
    }
}
