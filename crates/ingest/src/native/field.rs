//! The fields of the wire, each with its place in a flat row and its bit in a mask, and which of them each kind may carry.

use domain::SignalKind;

macro_rules! fields {
    ($($name:ident = $text:literal,)*) => {
        /// A field of the wire.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Field { $($name,)* }

        impl Field {
            /// Every field, in the order of its place.
            pub(super) const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name on the wire.
            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The field of a name.
            pub(super) fn of(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$name),)* _ => None }
            }
        }
    };
}

fields! {
    Kind = "kind", At = "at", ReceivedAt = "received_at", Site = "site", Device = "device",
    Origin = "origin", Boot = "boot", Lane = "lane", Seq = "seq",
    Metric = "metric", IntervalS = "interval_s", Count = "count", Value = "value", Currency = "currency",
    Up = "up", Reason = "reason",
    Attributes = "attributes",
    Tool = "tool", Key = "key", Status = "status", Severity = "severity", Labels = "labels", Summary = "summary",
    Channel = "channel", Text = "text", Symptom = "symptom",
    Pipeline = "pipeline", Stage = "stage", BusinessDate = "business_date", Till = "till", ZNumber = "z_number",
    ReceiptFirst = "receipt_first", ReceiptLast = "receipt_last", Refunds = "refunds", ByPayment = "by_payment",
    Path = "path", Event = "event", Blake3 = "blake3", SizeBytes = "size_bytes", By = "by",
    Category = "category", OpenedAt = "opened_at",
}

/// A set of fields, one bit each.
pub(super) type Mask = u64;

/// How many fields there are.
pub(super) const FIELDS: usize = Field::ALL.len();
const _: () = assert!(FIELDS <= Mask::BITS as usize, "one bit per field");

impl Field {
    /// Its bit.
    pub(super) const fn bit(self) -> Mask {
        1 << self as u8
    }

    /// Whether it is kept as the text it was written in: amounts must stay exact, objects are read by their kind.
    pub(super) fn is_raw(self) -> bool {
        matches!(self, Self::Value | Self::Refunds | Self::Attributes | Self::Labels | Self::ByPayment)
    }
}

const fn mask(fields: &[Field]) -> Mask {
    let (mut bits, mut i) = (0, 0);
    while i < fields.len() {
        bits |= fields[i].bit();
        i += 1;
    }
    bits
}

/// The fields that a line of a kind may carry.
pub(super) const fn allowed(kind: SignalKind) -> Mask {
    use Field as F;
    let common = mask(&[F::Kind, F::At, F::ReceivedAt, F::Site, F::Device, F::Origin, F::Boot, F::Lane, F::Seq]);
    let own = match kind {
        SignalKind::Count => mask(&[F::Metric, F::IntervalS, F::Count, F::Value, F::Currency]),
        SignalKind::Heartbeat => 0,
        SignalKind::Link => mask(&[F::Up, F::Reason]),
        SignalKind::Observed => mask(&[F::Attributes]),
        SignalKind::Alert => mask(&[F::Tool, F::Key, F::Status, F::Severity, F::Labels, F::Summary]),
        SignalKind::Report => mask(&[F::Channel, F::Text, F::Symptom]),
        SignalKind::Stage => mask(&[
            F::Pipeline,
            F::Stage,
            F::BusinessDate,
            F::Till,
            F::ZNumber,
            F::ReceiptFirst,
            F::ReceiptLast,
            F::Count,
            F::Value,
            F::Refunds,
            F::ByPayment,
            F::Currency,
        ]),
        SignalKind::File => mask(&[F::Path, F::Event, F::Blake3, F::SizeBytes, F::By]),
        SignalKind::Log => mask(&[F::Severity, F::Text]),
        SignalKind::Gauge => mask(&[F::Metric, F::Value]),
        SignalKind::Ticket => mask(&[F::Tool, F::Key, F::Category, F::Text, F::Status, F::OpenedAt]),
    };
    common | own
}

/// Whether a line of a kind must say where: site, device or both.
pub(super) const fn needs_place(kind: SignalKind) -> bool {
    !matches!(kind, SignalKind::Alert | SignalKind::Ticket)
}
