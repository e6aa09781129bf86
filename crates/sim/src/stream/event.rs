//! An event in its compact form: sorted by the million, written out as a signal only when it is given.

/// What an event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Says {
    /// Attributes change, by note; the device's own firmware where there is none.
    Observed(Option<u16>),
    /// The device is up again.
    Up,
    /// The device goes down, for a reason by note.
    Down(u16),
    /// "I am here."
    Beat,
    /// Sales: one, or those of an interval of so many seconds.
    Sales(Option<u16>),
}

/// One event on its way. The order of the fields is the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// When it reaches us.
    pub received_ms: i64,
    /// Which device says it.
    pub device: u32,
    /// Its number within its lane, if numbered.
    pub seq: u64,
    /// When it happened by the device's clock.
    pub at_ms: i64,
    /// What it says.
    pub says: Says,
    /// How many sales.
    pub count: u32,
    /// For how much.
    pub value_minor: i64,
    /// The local day of the agent's run that numbered it.
    pub boot: i32,
    /// Whether it came by the lane for backlog.
    pub backlog: bool,
}
