//! A signal as one canonical line: what the inbox stores (codec 1), what the simulator sends, what an export writes.
//!
//! What is written here is read back by [`decode`](super::decode) to the same signal; a signal that could not be is refused now,
//! while there is someone to tell.

use super::bounds::{MAX_INTERVAL_S, Shape};
use super::field::needs_place;
use super::kinds::{ALERT_STATUS, FILE_EVENT, TICKET_STATUS};
use super::line::{Line, Written, refusal};
use crate::rfc3339;
use domain::signal::{Count, Envelope, FileSeen, StagePassed, TicketSeen, ToolAlert};
use domain::{Currency, Signal, SignalBody};
use std::collections::BTreeMap;

/// The longest line that is written. Above the bound on lines that are read, because canonical forms may be longer than the sent.
pub(super) const MAX_ENCODED_BYTES: usize = 2 << 20;

/// Why a signal cannot be written so that it can be read back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotEncode {
    /// A field breaks a rule of the format.
    #[error("{field} {reason}")]
    Field {
        /// Its name on the wire.
        field: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// Amounts of one stage in more than one currency, or in another than it states.
    #[error("currency must be one and the same for every amount of a stage")]
    Currencies,
    /// The whole is too long.
    #[error("the line is {0} bytes long, more than {MAX_ENCODED_BYTES}")]
    TooLong(usize),
}

/// Appends a signal and a line feed to `out`; on an error `out` is as before.
///
/// # Errors
/// [`CannotEncode`] for a signal that no line could give: years out of range, texts beyond their bounds, a gauge that is no number.
pub fn encode(signal: &Signal, out: &mut Vec<u8>) -> Result<(), CannotEncode> {
    let start = out.len();
    let mut line = Line { out };
    let written = line.signal(signal);
    let length = out.len() - start;
    let written = written.and(if length > MAX_ENCODED_BYTES { Err(CannotEncode::TooLong(length)) } else { Ok(()) });
    if written.is_err() {
        out.truncate(start);
    }
    written
}

impl Line<'_> {
    fn signal(&mut self, signal: &Signal) -> Written {
        let kind = signal.body.kind();
        self.out.extend_from_slice(br#"{"kind":""#);
        self.out.extend_from_slice(kind.name().as_bytes());
        self.out.push(b'"');
        self.time("at", Some(signal.at))?;
        self.time("received_at", signal.received_at)?;
        if signal.site.is_none() && signal.device.is_none() && needs_place(kind) {
            return Err(refusal("site", "is missing, and device too"));
        }
        // Codes and metrics were checked when they were made.
        self.string("site", signal.site.as_ref().map(|code| code.as_str()));
        self.string("device", signal.device.as_ref().map(|code| code.as_str()));
        self.body(&signal.body)?;
        if let Some(envelope) = &signal.envelope {
            self.envelope(envelope)?;
        }
        self.out.extend_from_slice(b"}\n");
        Ok(())
    }

    fn body(&mut self, body: &SignalBody) -> Written {
        match body {
            SignalBody::Count(count) => self.count(count),
            SignalBody::Heartbeat => Ok(()),
            SignalBody::Link { up, reason } => {
                self.plain("up", Some(up));
                self.text("reason", reason.as_deref(), Shape::Text)
            }
            SignalBody::Observed(attributes) => self.observed(attributes),
            SignalBody::Alert(alert) => self.alert(alert),
            SignalBody::Report(report) => {
                self.text("channel", Some(&report.channel), Shape::Word)?;
                self.text("text", Some(&report.text), Shape::Text)?;
                self.text("symptom", report.symptom.as_deref(), Shape::Word)
            }
            SignalBody::Stage(stage) => self.stage(stage),
            SignalBody::File(file) => self.file(file),
            SignalBody::Log(log) => {
                self.severity(log.severity.as_deref())?;
                self.text("text", Some(&log.text), Shape::Text)
            }
            SignalBody::Gauge { metric, value } => {
                self.string("metric", Some(metric.as_str()));
                if !value.is_finite() {
                    return Err(refusal("value", "must be a finite number"));
                }
                self.plain("value", serde_json::Number::from_f64(*value));
                Ok(())
            }
            SignalBody::Ticket(ticket) => self.ticket(ticket),
        }
    }

    fn count(&mut self, count: &Count) -> Written {
        self.string("metric", Some(count.metric.as_str()));
        if count.interval_s.is_some_and(|s| s == 0 || s > MAX_INTERVAL_S) {
            return Err(refusal("interval_s", "must be from 1 s to a day"));
        }
        self.plain("interval_s", count.interval_s);
        self.plain("count", Some(count.count));
        self.money("value", count.value)?;
        self.string("currency", count.value.as_ref().map(|value| value.currency.as_str()));
        Ok(())
    }

    fn observed(&mut self, attributes: &BTreeMap<String, Option<String>>) -> Written {
        self.object("attributes", attributes, |line, value| match value {
            Some(value) => line.value(value, "attributes", Shape::Attribute),
            None => {
                line.out.extend_from_slice(b"null");
                Ok(())
            }
        })
    }

    fn alert(&mut self, alert: &ToolAlert) -> Written {
        self.text("tool", Some(&alert.tool), Shape::Word)?;
        self.text("key", Some(&alert.key), Shape::Key)?;
        self.string("status", word(&ALERT_STATUS, alert.status));
        self.severity(alert.severity.as_deref())?;
        if !alert.labels.is_empty() {
            self.object("labels", &alert.labels, |line, value| line.value(value, "labels", Shape::Label))?;
        }
        self.text("summary", alert.summary.as_deref(), Shape::Text)
    }

    fn stage(&mut self, stage: &StagePassed) -> Written {
        let amounts = stage.value.iter().chain(&stage.refunds).chain(stage.by_payment.values());
        if amounts.into_iter().any(|amount| Some(amount.currency) != stage.currency) {
            return Err(CannotEncode::Currencies);
        }
        self.text("pipeline", Some(&stage.pipeline), Shape::Word)?;
        self.text("stage", Some(&stage.stage), Shape::Word)?;
        if stage.business_date.is_some_and(|date| !rfc3339::YEARS.contains(&i64::from(date.year()))) {
            return Err(refusal("business_date", "lies in a year out of range"));
        }
        self.quoted("business_date", stage.business_date);
        self.text("till", stage.till.as_deref(), Shape::Word)?;
        self.plain("z_number", stage.z_number);
        self.plain("receipt_first", stage.receipt_first);
        self.plain("receipt_last", stage.receipt_last);
        self.plain("count", stage.count);
        self.money("value", stage.value)?;
        self.money("refunds", stage.refunds)?;
        if !stage.by_payment.is_empty() {
            self.object("by_payment", &stage.by_payment, |line, amount| line.amount("by_payment", *amount))?;
        }
        self.string("currency", stage.currency.as_ref().map(Currency::as_str));
        Ok(())
    }

    fn file(&mut self, file: &FileSeen) -> Written {
        self.text("path", Some(&file.path), Shape::Path)?;
        self.string("event", word(&FILE_EVENT, file.event));
        let is_hash = |hex: &String| hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if !file.blake3.as_ref().is_none_or(is_hash) {
            return Err(refusal("blake3", "must be 64 hexadecimal digits in lower case"));
        }
        self.string("blake3", file.blake3.as_deref());
        self.plain("size_bytes", file.size_bytes);
        self.text("by", file.by.as_deref(), Shape::Word)
    }

    fn ticket(&mut self, ticket: &TicketSeen) -> Written {
        self.text("tool", Some(&ticket.tool), Shape::Word)?;
        self.text("key", Some(&ticket.key), Shape::Key)?;
        self.text("category", ticket.category.as_deref(), Shape::Word)?;
        self.text("text", ticket.text.as_deref(), Shape::Text)?;
        self.string("status", word(&TICKET_STATUS, ticket.status));
        self.time("opened_at", ticket.opened_at)
    }

    fn envelope(&mut self, envelope: &Envelope) -> Written {
        self.text("origin", Some(&envelope.origin), Shape::Envelope)?;
        self.text("boot", Some(&envelope.boot), Shape::Envelope)?;
        self.text("lane", Some(&envelope.lane), Shape::Envelope)?;
        self.plain("seq", Some(envelope.seq));
        Ok(())
    }
}

fn word<T: PartialEq + Copy>(words: &[(&'static str, T)], value: T) -> Option<&'static str> {
    words.iter().find(|(_, choice)| *choice == value).map(|(word, _)| *word)
}
