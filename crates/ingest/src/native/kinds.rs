//! Slots into a signal: what each kind requires, and what it may carry.

use super::Fault;
use super::bounds::{MAX_INTERVAL_S, Shape};
use super::envelope::envelope;
use super::field::{Field, allowed, needs_place};
use super::nested::{amount, object, plain};
use super::slots::{Slots, Value, missing};
use crate::parsed::clip;
use domain::signal::{
    AlertStatus, Count, FileEvent, FileSeen, LogLine, ReportSignal, StagePassed, TicketSeen, TicketStatus, ToolAlert,
};
use domain::{Currency, DeviceCode, Metric, Money, Signal, SignalBody, SignalKind, SiteCode};
use jiff::civil::Date;

pub(super) const ALERT_STATUS: [(&str, AlertStatus); 2] =
    [("firing", AlertStatus::Firing), ("resolved", AlertStatus::Resolved)];
pub(super) const TICKET_STATUS: [(&str, TicketStatus); 2] =
    [("open", TicketStatus::Open), ("closed", TicketStatus::Closed)];
pub(super) const FILE_EVENT: [(&str, FileEvent); 5] = [
    ("written", FileEvent::Written),
    ("forwarded", FileEvent::Forwarded),
    ("missing", FileEvent::Missing),
    ("quarantined", FileEvent::Quarantined),
    ("released", FileEvent::Released),
];

/// Makes the signal of a line. `last` remembers the currency read before: a batch seldom has two.
pub(super) fn signal(
    slots: &mut Slots<'_>,
    default: Option<Currency>,
    last: &mut Option<Currency>,
) -> Result<Signal, Fault> {
    let kind = kind(slots)?;
    let strange = slots.seen() & !allowed(kind);
    if let Some(field) = Field::ALL.iter().find(|field| strange & field.bit() != 0) {
        return Err(Fault::field(field.name(), format!("is not a field of kind {}", kind.name())));
    }
    let at = slots.time(Field::At)?.ok_or_else(|| missing(Field::At))?;
    let received_at = slots.time(Field::ReceivedAt)?;
    let site = slots.code(Field::Site, SiteCode::new)?;
    let device = slots.code(Field::Device, DeviceCode::new)?;
    if site.is_none() && device.is_none() && needs_place(kind) {
        return Err(Fault::field(
            "site",
            format!("is missing, and device too: kind {} needs one of them", kind.name()),
        ));
    }
    let envelope = envelope(slots)?;
    let body = body(kind, slots, default, last)?;
    Ok(Signal { at, received_at, site, device, envelope, body })
}

fn kind(slots: &mut Slots<'_>) -> Result<SignalKind, Fault> {
    let name = slots.any_text(Field::Kind)?.ok_or_else(|| missing(Field::Kind))?;
    SignalKind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
        let known = SignalKind::ALL.map(SignalKind::name).join(", ");
        Fault::field("kind", format!("must be one of {known}, not {:?}", clip(&name)))
    })
}

fn body(
    kind: SignalKind,
    slots: &mut Slots<'_>,
    default: Option<Currency>,
    last: &mut Option<Currency>,
) -> Result<SignalBody, Fault> {
    Ok(match kind {
        SignalKind::Count => SignalBody::Count(count(slots, default, last)?),
        SignalKind::Heartbeat => SignalBody::Heartbeat,
        SignalKind::Link => {
            SignalBody::Link { up: required_bool(slots, Field::Up)?, reason: slots.text(Field::Reason, Shape::Text)? }
        }
        SignalKind::Observed => SignalBody::Observed(observed(slots)?),
        SignalKind::Alert => SignalBody::Alert(alert(slots)?),
        SignalKind::Report => SignalBody::Report(ReportSignal {
            channel: slots.required_text(Field::Channel, Shape::Word)?,
            text: slots.required_text(Field::Text, Shape::Text)?,
            symptom: slots.text(Field::Symptom, Shape::Word)?,
        }),
        SignalKind::Stage => SignalBody::Stage(Box::new(stage(slots, default, last)?)),
        SignalKind::File => SignalBody::File(file(slots)?),
        SignalKind::Log => SignalBody::Log(LogLine {
            severity: severity(slots)?,
            text: slots.required_text(Field::Text, Shape::Text)?,
        }),
        SignalKind::Gauge => SignalBody::Gauge { metric: metric(slots)?, value: gauge_value(slots)? },
        SignalKind::Ticket => SignalBody::Ticket(TicketSeen {
            tool: slots.required_text(Field::Tool, Shape::Word)?,
            key: slots.required_text(Field::Key, Shape::Key)?,
            category: slots.text(Field::Category, Shape::Word)?,
            text: slots.text(Field::Text, Shape::Text)?,
            status: slots.choice(Field::Status, &TICKET_STATUS)?,
            opened_at: slots.time(Field::OpenedAt)?,
        }),
    })
}

fn count(slots: &mut Slots<'_>, default: Option<Currency>, last: &mut Option<Currency>) -> Result<Count, Fault> {
    let interval_s = slots.whole(Field::IntervalS, u64::from(MAX_INTERVAL_S))?;
    if interval_s == Some(0) {
        return Err(Fault::field("interval_s", "must be at least 1; leave it out for a single moment"));
    }
    let count = slots.whole(Field::Count, u64::from(u32::MAX))?.ok_or_else(|| missing(Field::Count))?;
    let currency = currency(slots, default, last)?;
    Ok(Count {
        metric: metric(slots)?,
        interval_s: interval_s.and_then(|s| u32::try_from(s).ok()),
        count: u32::try_from(count).map_err(|_| Fault::field("count", "is too large"))?,
        value: money(slots, Field::Value, currency)?,
    })
}

fn observed(slots: &mut Slots<'_>) -> Result<std::collections::BTreeMap<String, Option<String>>, Fault> {
    let raw = raw(slots, Field::Attributes)?.ok_or_else(|| missing(Field::Attributes))?;
    object(Field::Attributes, raw, |value| plain(value, Shape::Attribute))
}

fn alert(slots: &mut Slots<'_>) -> Result<ToolAlert, Fault> {
    let mut labels = std::collections::BTreeMap::new();
    if let Some(raw) = raw(slots, Field::Labels)? {
        let read = object(Field::Labels, raw, |value| plain(value, Shape::Label))?;
        labels = read.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))).collect();
    }
    Ok(ToolAlert {
        tool: slots.required_text(Field::Tool, Shape::Word)?,
        key: slots.required_text(Field::Key, Shape::Key)?,
        status: slots.choice(Field::Status, &ALERT_STATUS)?,
        severity: severity(slots)?,
        labels,
        summary: slots.text(Field::Summary, Shape::Text)?,
    })
}

fn stage(slots: &mut Slots<'_>, default: Option<Currency>, last: &mut Option<Currency>) -> Result<StagePassed, Fault> {
    let stated = currency(slots, default, last)?;
    let value = money(slots, Field::Value, stated)?;
    let refunds = money(slots, Field::Refunds, stated)?;
    let mut by_payment = std::collections::BTreeMap::new();
    if let Some(raw) = raw(slots, Field::ByPayment)? {
        by_payment = match stated {
            Some(currency) => object(Field::ByPayment, raw, |raw| amount(raw, currency))?,
            None => object(Field::ByPayment, raw, |_| Err::<Money, _>("needs a currency beside it".to_owned()))?,
        };
    }
    Ok(StagePassed {
        pipeline: slots.required_text(Field::Pipeline, Shape::Word)?,
        stage: slots.required_text(Field::Stage, Shape::Word)?,
        business_date: business_date(slots)?,
        till: slots.text(Field::Till, Shape::Word)?,
        z_number: slots.whole(Field::ZNumber, u64::MAX)?,
        receipt_first: slots.whole(Field::ReceiptFirst, u64::MAX)?,
        receipt_last: slots.whole(Field::ReceiptLast, u64::MAX)?,
        count: slots.whole(Field::Count, u64::MAX)?,
        value,
        refunds,
        by_payment,
        currency: stated,
    })
}

fn file(slots: &mut Slots<'_>) -> Result<FileSeen, Fault> {
    let mut blake3 = slots.text(Field::Blake3, Shape::Word)?;
    if let Some(hex) = &mut blake3 {
        if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Fault::field("blake3", "must be 64 hexadecimal digits"));
        }
        hex.make_ascii_lowercase();
    }
    Ok(FileSeen {
        path: slots.required_text(Field::Path, Shape::Path)?,
        event: slots.choice(Field::Event, &FILE_EVENT)?,
        blake3,
        size_bytes: slots.whole(Field::SizeBytes, u64::MAX)?,
        by: slots.text(Field::By, Shape::Word)?,
    })
}

fn metric(slots: &mut Slots<'_>) -> Result<Metric, Fault> {
    slots.code(Field::Metric, Metric::new)?.ok_or_else(|| missing(Field::Metric))
}

fn severity(slots: &mut Slots<'_>) -> Result<Option<String>, Fault> {
    Ok(slots.text(Field::Severity, Shape::Word)?.map(|word| word.to_lowercase()))
}

fn required_bool(slots: &mut Slots<'_>, field: Field) -> Result<bool, Fault> {
    match slots.take(field) {
        Some(Value::Bool(value)) => Ok(value),
        Some(other) => Err(Fault::field(field.name(), format!("must be true or false, not {}", other.said()))),
        None => Err(missing(field)),
    }
}

fn gauge_value(slots: &mut Slots<'_>) -> Result<f64, Fault> {
    let raw = raw(slots, Field::Value)?.ok_or_else(|| missing(Field::Value))?;
    let bad = || Fault::field("value", format!("must be a number without quotes, not {}", clip(raw)));
    let value: f64 = serde_json::from_str(raw).map_err(|_| bad())?;
    if value.is_finite() { Ok(value) } else { Err(bad()) }
}

fn business_date(slots: &mut Slots<'_>) -> Result<Option<Date>, Fault> {
    let Some(text) = slots.any_text(Field::BusinessDate)? else { return Ok(None) };
    let date = Date::strptime("%Y-%m-%d", text.as_ref())
        .ok()
        .filter(|date| text.len() == 10 && crate::rfc3339::YEARS.contains(&i64::from(date.year())));
    let bad = || Fault::field("business_date", format!("must be a date such as 2026-02-09, not {:?}", clip(&text)));
    date.map(Some).ok_or_else(bad)
}

fn raw<'a>(slots: &mut Slots<'a>, field: Field) -> Result<Option<&'a str>, Fault> {
    match slots.take(field) {
        None => Ok(None),
        Some(Value::Raw(text)) => Ok(Some(text)),
        Some(other) => Err(Fault::field(field.name(), format!("must not be {}", other.said()))),
    }
}

fn currency(
    slots: &mut Slots<'_>,
    default: Option<Currency>,
    last: &mut Option<Currency>,
) -> Result<Option<Currency>, Fault> {
    let Some(text) = slots.any_text(Field::Currency)? else { return Ok(default) };
    if last.is_none_or(|known| known.as_str() != text) {
        let bad = |_| format!("must be three capital letters such as SEK (ISO 4217), not {:?}", clip(&text));
        *last = Some(text.parse().map_err(|e| Fault::field("currency", bad(e)))?);
    }
    Ok(*last)
}

fn money(slots: &mut Slots<'_>, field: Field, currency: Option<Currency>) -> Result<Option<Money>, Fault> {
    let Some(raw) = raw(slots, field)? else { return Ok(None) };
    let Some(currency) = currency else {
        return Err(Fault::field("currency", format!("is missing: {} needs one", field.name())));
    };
    amount(raw, currency).map(Some).map_err(|reason| Fault::field(field.name(), reason))
}
