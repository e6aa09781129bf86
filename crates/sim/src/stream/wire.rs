//! From compact events to signals: codes, notes and envelopes in full.

use super::event::{Event, Says};
use super::{Source, Timed, moment};
use crate::world::World;
use domain::Metric;
use domain::money::{Money, SEK};
use domain::signal::{Count, Envelope, Signal, SignalBody};
use std::collections::BTreeMap;

/// Keeps what many signals share.
#[derive(Debug)]
pub struct Writer {
    sales: Metric,
    origins: Vec<Box<str>>,
    boot: Option<(i32, Box<str>)>,
}

impl Writer {
    /// For a world.
    pub fn new(world: &World) -> Self {
        Self {
            sales: Metric::new("sales").expect("a short word is a valid metric"),
            origins: world.sites.iter().map(|s| format!("agent-{}", s.code).into_boxed_str()).collect(),
            boot: None,
        }
    }

    /// Writes an event out.
    pub fn timed(&mut self, source: &Source, event: &Event) -> Timed {
        let device = &source.world.devices[event.device as usize];
        let envelope = source.reporting.envelopes.then(|| Envelope {
            origin: self.origins[device.site].clone(),
            boot: self.boot(event.boot),
            lane: if event.backlog { "backlog".into() } else { "live".into() },
            seq: event.seq,
        });
        let signal = Signal {
            at: moment(event.at_ms),
            received_at: None,
            site: Some(source.world.sites[device.site].code.clone()),
            device: Some(device.code.clone()),
            envelope,
            body: self.body(source, event),
        };
        Timed { received_at: moment(event.received_ms), signal }
    }

    fn body(&self, source: &Source, event: &Event) -> SignalBody {
        match event.says {
            Says::Beat => SignalBody::Heartbeat,
            Says::Up => SignalBody::Link { up: true, reason: Some("boot".to_owned()) },
            Says::Down(note) => {
                let reason = source.plan.notes.get(usize::from(note)).map(|(_, text)| text.clone());
                SignalBody::Link { up: false, reason }
            }
            Says::Observed(note) => SignalBody::Observed(observed(source, event.device as usize, note)),
            Says::Sales(interval_s) => SignalBody::Count(Count {
                metric: self.sales.clone(),
                interval_s: interval_s.map(u32::from),
                count: event.count,
                value: Some(Money { minor: event.value_minor, currency: SEK }),
            }),
        }
    }

    /// Name of an agent's run: the local date on which it began.
    fn boot(&mut self, day: i32) -> Box<str> {
        if let Some((known, name)) = &self.boot
            && *known == day
        {
            return name.clone();
        }
        let date = jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(day));
        let name = date.to_string().into_boxed_str();
        self.boot = Some((day, name.clone()));
        name
    }
}

fn observed(source: &Source, device: usize, note: Option<u16>) -> BTreeMap<String, Option<String>> {
    let told = note.and_then(|n| source.plan.notes.get(usize::from(n)));
    match told {
        Some((name, value)) => BTreeMap::from([(name.clone(), Some(value.clone()))]),
        None => {
            let own = source.world.devices[device].attributes.get("firmware").cloned();
            BTreeMap::from([("firmware".to_owned(), own)])
        }
    }
}
