//! Settling: what the engine said becomes durable, findings in the journal and measurements in history. In order, again and again
//! until it is done: a snapshot that covers an entry is written only after everything that came of the entry is.

use crate::arrivals::ArrivedBatch;
use crate::gauges::{Gauges, Part};
use crate::keeper::Kept;
use desk::{Desk, DeskError, NewReport};
use domain::event::EngineStarted;
use domain::{CustomerKey, Metric, RowScope, SignalBody};
use engine::{TickOutput, TransitionKind};
use jiff::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError};
use std::time::Duration;
use store::history::{Additions, AttributeChange, Heard, Sample, Series, Transition, TransitionTo};
use store::{Closed, History, HistoryError, Position, SeriesKey, Ticket};

/// How long it waits after a failure.
const PAUSE: Duration = Duration::from_millis(500);
/// So many additions to history may be under way.
const UNDER_WAY: usize = 32;

/// What comes of an entry of the inbox.
pub(crate) enum Outcome {
    /// The engine has read what was there at the start.
    Started,
    /// A tick was judged.
    Ticked { position: Position, now: Timestamp, output: Box<TickOutput> },
    /// A batch held reports.
    Reports { position: Position, received_at: Timestamp, reports: Vec<(u32, NewReport)> },
    /// Where the engine stands.
    Snapshot(Kept),
}

/// The reports among the signals of a batch, each with its place in it. One without a site cannot be placed.
pub(crate) fn reports_in(batch: &ArrivedBatch) -> Vec<(u32, NewReport)> {
    let numbered = (0_u32..).zip(&batch.signals);
    let report = |(ordinal, signal): (u32, &domain::Signal)| {
        let SignalBody::Report(report) = &signal.body else { return None };
        let new = NewReport {
            customer: batch.customer.clone(),
            site: signal.site.clone()?,
            at: signal.at,
            channel: report.channel.clone(),
            symptom: report.symptom.clone(),
            text: report.text.clone(),
        };
        Some((ordinal, new))
    };
    numbered.filter_map(report).collect()
}

/// The loop that settles.
pub(crate) struct Settling {
    pub(crate) desk: Arc<Desk>,
    pub(crate) history: Arc<dyn History>,
    pub(crate) gauges: Arc<Gauges>,
    pub(crate) outcomes: Receiver<Outcome>,
    pub(crate) keeper: SyncSender<Kept>,
    pub(crate) started: EngineStarted,
    pub(crate) now: Box<dyn Fn() -> Timestamp + Send>,
    pub(crate) under_way: Vec<Ticket<(), HistoryError>>,
    pub(crate) abandon: Arc<AtomicBool>,
    /// Whether the engine is going down: its last snapshot is waited for.
    pub(crate) finish: Arc<AtomicBool>,
}

impl Settling {
    /// Runs until the engine's loop has ended, or it is told to end.
    pub(crate) fn run(mut self) {
        while let Ok(outcome) = self.outcomes.recv() {
            if self.abandon.load(Ordering::Acquire) {
                return;
            }
            self.settle(outcome);
        }
        self.wait_for_history();
    }

    fn settle(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Started => {
                let now = (self.now)();
                self.until_done(|desk| desk.engine_started(&self.started, now));
            }
            Outcome::Ticked { position, now, output } => {
                self.ticked(position, now, &output);
                self.gauges.on_beat(|beat| beat.settled = beat.settled.max(position));
            }
            Outcome::Reports { position, received_at, reports } => {
                for (ordinal, report) in reports {
                    self.until_done(|desk| desk.receive_report_signal(position, ordinal, &report, received_at));
                }
            }
            Outcome::Snapshot(kept) => {
                self.wait_for_history();
                self.keep(kept);
            }
        }
    }

    fn ticked(&mut self, position: Position, now: Timestamp, output: &TickOutput) {
        if !output.findings.is_empty() {
            let recorded = self.until_done(|desk| desk.record_findings(position, now, &output.findings));
            if let Some(recorded) = recorded {
                Gauges::add(&self.gauges.different_findings, (recorded.different + recorded.unwritable) as u64);
            }
        }
        let additions = additions_of(output, now);
        if additions == Additions::default() {
            return;
        }
        if self.under_way.len() >= UNDER_WAY {
            self.wait_for_history();
        }
        let (ticket, done) = Ticket::pair();
        self.history.append_then(additions, done);
        self.under_way.push(ticket);
    }

    /// Does something with the journal until it is done. What can never be done is said and passed over.
    fn until_done<T>(&self, mut work: impl FnMut(&Desk) -> Result<T, DeskError>) -> Option<T> {
        loop {
            match work(&self.desk) {
                Ok(done) => {
                    self.gauges.well(Part::Journal);
                    return Some(done);
                }
                Err(error) if is_hopeless(&error) => {
                    tracing::error!(%error, "something that came in cannot be recorded");
                    self.gauges.trouble(Part::Report, error.to_string());
                    return None;
                }
                Err(error) => self.gauges.trouble(Part::Journal, error.to_string()),
            }
            if self.abandon.load(Ordering::Acquire) {
                return None;
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// History may fail without stopping anything: charts have a gap then, and the page says so.
    fn wait_for_history(&mut self) {
        for ticket in self.under_way.drain(..) {
            match ticket.wait() {
                Ok(()) => self.gauges.well(Part::History),
                Err(HistoryError::Closed(Closed)) => {}
                Err(error) => self.gauges.trouble(Part::History, error.to_string()),
            }
        }
    }

    fn keep(&self, kept: Kept) {
        if self.finish.load(Ordering::Acquire) {
            // The last one is waited for. Its keeper is gone only when it has died, which is said already.
            drop(self.keeper.send(kept));
            return;
        }
        if let Err(TrySendError::Full(_)) = self.keeper.try_send(kept) {
            Gauges::add(&self.gauges.snapshots_left_out, 1);
        }
    }
}

/// An error that would come again however often it is tried.
fn is_hopeless(error: &DeskError) -> bool {
    match error {
        DeskError::Invalid { .. } | DeskError::NotFound { .. } | DeskError::Refused(_) => true,
        DeskError::Codec(desk::CodecError::Unwritable { .. }) => true,
        DeskError::Forbidden { .. } | DeskError::NotAPerson | DeskError::LastAdmin => true,
        DeskError::FindingElsewhere(_) | DeskError::ReportElsewhere(_) => true,
        DeskError::Codec(_)
        | DeskError::Contended { .. }
        | DeskError::Full
        | DeskError::Vault(_)
        | DeskError::Accounts(_)
        | DeskError::History(_) => false,
    }
}

/// The series of history in which the samples of an engine's series lie; none for names too long to have one.
#[must_use]
pub fn series_of(customer: &CustomerKey, of: &engine::SeriesKey, metric: &Metric) -> Option<Series> {
    let name = match of {
        engine::SeriesKey::All => format!("all/{metric}"),
        engine::SeriesKey::Site(site) => format!("site/{site}/{metric}"),
    };
    Some(Series { scope: RowScope::Customer(customer.clone()), key: SeriesKey::new(name).ok()? })
}

fn additions_of(output: &TickOutput, known_at: Timestamp) -> Additions {
    let mut additions = Additions::default();
    for sample in &output.samples {
        if let Some(series) = series_of(&sample.customer, &sample.series, &sample.metric) {
            additions.samples.push((series, kept(sample, known_at)));
        }
    }
    for transition in &output.transitions {
        let (scope, device, at) = (RowScope::Customer(transition.customer.clone()), &transition.device, transition.at);
        let device = device.clone();
        let to = match &transition.what {
            TransitionKind::Up => TransitionTo::Up,
            TransitionKind::Down => TransitionTo::Down,
            TransitionKind::Heard => TransitionTo::Heard,
            TransitionKind::Unheard => TransitionTo::Unheard,
            TransitionKind::Observed { attribute, after, .. } => {
                let (attribute, value) = (attribute.clone(), after.clone());
                additions.attributes.push(AttributeChange { scope, device, attribute, value, at, known_at });
                continue;
            }
        };
        additions.transitions.push(Transition { scope, device, at, to, known_at });
    }
    additions
}

fn kept(sample: &engine::Sample, known_at: Timestamp) -> Sample {
    Sample {
        at: sample.at,
        interval_s: sample.interval_s,
        expected: sample.expected,
        observed: sample.observed,
        expected_value_minor: sample.expected_value_minor,
        observed_value_minor: sample.observed_value_minor,
        heard: if sample.heard > 0.0 { Heard::Share(sample.heard.min(1.0)) } else { Heard::Unknown },
        known_at,
    }
}
