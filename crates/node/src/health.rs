//! How the node is doing, in numbers and in words. Degraded is said: what is behind, missing or refused stands here, and so on
//! `/readyz` and on the pages.

use crate::clock::Clock;
use crate::gauges::{Beat, Gauges, Part};
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use store::inbox::{FullBecause, Inbox};

/// Ticks that are judged later than this are said to be late.
const LATE: SignedDuration = SignedDuration::from_secs(5);
/// Without a judged tick for so long, by a clock that never jumps, a loop stands still and the node is not ready.
const STOPPED: Duration = Duration::from_secs(30);
/// More entries than this before the engine are said to be a backlog.
const BACKLOG: u64 = 2_000;

/// How the node is doing.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    /// Whether signals are taken and judged, and commands recorded.
    pub ready: bool,
    /// What is not as it should be; empty when all is well.
    pub troubles: Vec<Trouble>,
    /// The newest durable entry of the inbox.
    pub inbox_head: u64,
    /// The newest entry that the engine has read.
    pub engine_at: u64,
    /// The newest entry whose consequences are all durable.
    pub settled: u64,
    /// The newest entry that a snapshot on disk covers.
    pub covered: u64,
    /// The newest event of the journal that the desk has folded.
    pub journal_seq: u64,
    /// The newest tick that was judged.
    pub judged_at: Option<Timestamp>,
    /// Bytes of batches that are handed in and not durable yet.
    pub in_flight_bytes: usize,
    /// Batches refused since the start.
    pub refused_batches: u64,
    /// Bytes that the inbox holds.
    pub inbox_bytes: u64,
    /// Readers of the live feed that wait at this moment.
    pub live_readers: usize,
    /// The engine's own counters, of a moment ago.
    pub engine: engine::EngineHealth,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq)]
pub enum Trouble {
    /// The engine stopped; pages and commands go on, and signals are kept for it.
    EngineStopped(String),
    /// Another loop stopped, or cannot do its work.
    PartStopped {
        /// Which.
        part: &'static str,
        /// With which words.
        what: String,
    },
    /// After a start: what came in before is still being read.
    CatchingUp {
        /// Entries that are left.
        entries: u64,
    },
    /// The engine is behind what comes in.
    EngineBehind {
        /// Entries that wait.
        entries: u64,
    },
    /// Ticks are judged late.
    TicksLate {
        /// By how much.
        by: SignedDuration,
    },
    /// No tick is judged any more, though the node ticks by itself.
    TicksStopped {
        /// For how long.
        since: Duration,
    },
    /// Signals are refused: the inbox has no room.
    InboxFull(FullBecause),
    /// The inbox, the journal, history or the snapshots fail.
    StoreFailing {
        /// Which.
        store: &'static str,
        /// With which words.
        what: String,
    },
    /// The newest snapshot is old: a start would take long.
    SnapshotOld {
        /// How many entries came since.
        entries: u64,
    },
    /// Input was lost to the engine.
    InputLost {
        /// Entries that were damaged, or retired before they were read.
        entries: u64,
        /// Lines that could not be read back.
        lines: u64,
    },
    /// The engine said something else than before at the same place of its input.
    SaidDifferently {
        /// How many findings.
        findings: u64,
    },
    /// Something that was read cannot be used.
    Unusable(String),
}

/// Entries after the newest snapshot that make it old.
const OLD_ENTRIES: u64 = 1_000_000;

/// Looks at everything.
pub(crate) fn look(gauges: &Gauges, inbox: &dyn Inbox, desk: &desk::Desk, clock: &dyn Clock) -> Health {
    let beat = gauges.beat();
    let usage = inbox.usage();
    let (inbox_head, inbox_bytes) = usage.as_ref().map_or((0, 0), |usage| (usage.head.0, usage.used_bytes));
    let engine_at = gauges.engine_at.load(Ordering::Acquire);
    let covered = beat.covered.map_or(0, |(position, _)| position.0);
    let mut troubles = parts_in_trouble(gauges);
    match usage {
        Ok(usage) => troubles.extend(usage.full.map(Trouble::InboxFull)),
        Err(error) => troubles.push(Trouble::StoreFailing { store: "inbox", what: error.to_string() }),
    }
    let behind = inbox_head.saturating_sub(engine_at);
    if !gauges.caught_up.load(Ordering::Acquire) {
        troubles.push(Trouble::CatchingUp { entries: behind });
    } else if behind > BACKLOG {
        troubles.push(Trouble::EngineBehind { entries: behind });
    }
    let late = beat.ticked.map_or(SignedDuration::ZERO, |(_, ticked)| {
        let last = beat.judged.unwrap_or(ticked).min(ticked);
        clock.now().duration_since(last)
    });
    if late > LATE && gauges.caught_up.load(Ordering::Acquire) {
        troubles.push(Trouble::TicksLate { by: late });
    }
    if gauges.ticks_itself.load(Ordering::Acquire) {
        troubles.extend(ticks_stopped(&beat, Instant::now()));
    }
    if engine_at.saturating_sub(covered) > OLD_ENTRIES {
        troubles.push(Trouble::SnapshotOld { entries: engine_at.saturating_sub(covered) });
    }
    troubles.extend(losses(gauges));
    Health {
        ready: !troubles.iter().any(Trouble::is_grave),
        troubles,
        inbox_head,
        engine_at,
        settled: beat.settled.0,
        covered,
        journal_seq: desk.seq().0,
        judged_at: beat.judged,
        in_flight_bytes: gauges.in_flight_bytes.load(Ordering::Acquire),
        refused_batches: gauges.refused_batches.load(Ordering::Relaxed),
        inbox_bytes,
        live_readers: desk.feed().waiting(),
        engine: gauges.said().health,
    }
}

impl Trouble {
    /// Whether signals are not taken or not judged, or commands not recorded, while it lasts.
    #[must_use]
    pub fn is_grave(&self) -> bool {
        match self {
            Self::EngineStopped(_)
            | Self::PartStopped { .. }
            | Self::CatchingUp { .. }
            | Self::TicksStopped { .. }
            | Self::InboxFull(_) => true,
            Self::StoreFailing { store, .. } => *store == "inbox" || *store == "journal",
            Self::EngineBehind { .. }
            | Self::TicksLate { .. }
            | Self::SnapshotOld { .. }
            | Self::InputLost { .. }
            | Self::SaidDifferently { .. }
            | Self::Unusable(_) => false,
        }
    }
}

fn ticks_stopped(beat: &Beat, now: Instant) -> Option<Trouble> {
    let since = now.saturating_duration_since(beat.moved_at?);
    (since > STOPPED).then_some(Trouble::TicksStopped { since })
}

fn parts_in_trouble(gauges: &Gauges) -> Vec<Trouble> {
    let said = |(part, what): (Part, String)| match part {
        Part::Engine => Trouble::EngineStopped(what),
        Part::Settling => Trouble::PartStopped { part: "settling", what },
        Part::Ticker => Trouble::PartStopped { part: "ticker", what },
        Part::Keeper => Trouble::PartStopped { part: "keeper", what },
        Part::Journal => Trouble::StoreFailing { store: "journal", what },
        Part::History => Trouble::StoreFailing { store: "history", what },
        Part::Snapshots => Trouble::StoreFailing { store: "snapshots", what },
        Part::Inbox => Trouble::StoreFailing { store: "inbox", what },
        Part::Projections => Trouble::Unusable(format!("snapshots of the projections: {what}")),
        Part::Following | Part::Policy | Part::Report => Trouble::Unusable(what),
    };
    gauges.troubles().into_iter().map(said).collect()
}

fn losses(gauges: &Gauges) -> Vec<Trouble> {
    let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    let (entries, lines) = (count(&gauges.lost_entries), count(&gauges.unreadable_lines));
    let findings = count(&gauges.different_findings);
    let lost = (entries + lines > 0).then_some(Trouble::InputLost { entries, lines });
    let differently = (findings > 0).then_some(Trouble::SaidDifferently { findings });
    lost.into_iter().chain(differently).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_whose_ticks_stand_still_is_not_ready_whatever_its_clock_says() {
        let began = Instant::now();
        let beat = Beat { moved_at: Some(began), ..Beat::default() };
        assert_eq!(ticks_stopped(&beat, began + Duration::from_secs(29)), None);
        let stopped = ticks_stopped(&beat, began + Duration::from_secs(31));
        assert!(stopped.is_some_and(|trouble| trouble.is_grave()));
        assert_eq!(ticks_stopped(&Beat::default(), began + Duration::from_secs(999)), None, "still catching up");
    }
}
