//! From signals to what shards are told: de-duplicated, resolved against the registered fleet, in the order of the inbox.

use crate::clock::{Ms, to_ms};
use crate::fleet::{Class, bears};
use crate::output::{BatchOutcome, TransitionKind, Unregistered};
use crate::registry::NOWHERE;
use crate::shard::{What, learn_lag, transition};
use crate::view::ClassView;
use crate::{Engine, MOST_UNREGISTERED};
use domain::signal::Envelope;
use domain::{CustomerKey, Metric, Signal, SignalBody};
use jiff::Timestamp;
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

/// Where a signal belongs.
#[derive(Debug, Clone, Copy)]
struct Place {
    site: u32,
    slot: u32,
    member: u32,
}

impl Engine {
    /// One batch of one customer: what had come before is left out, codes are resolved, and it waits for the next tick.
    pub fn batch(
        &mut self,
        customer: &CustomerKey,
        received_at: Timestamp,
        envelope: Option<&Envelope>,
        signals: &[Signal],
    ) -> BatchOutcome {
        let customer = self.registry.customer(customer);
        let mut outcome = BatchOutcome::default();
        if envelope.is_some_and(|e| !self.dedup.first_time(customer, e)) {
            outcome.duplicates = signals.len() as u32;
            self.health.duplicates += signals.len() as u64;
            return outcome;
        }
        // All places first: the look-ups wait for memory, and in a loop of their own they wait at the same time.
        let places: Vec<Option<Place>> = signals.iter().map(|signal| self.place(customer, signal)).collect();
        for (signal, place) in signals.iter().zip(places) {
            if signal.envelope.as_ref().is_some_and(|e| !self.dedup.first_time(customer, e)) {
                outcome.duplicates += 1;
                continue;
            }
            let received = signal.received_at.unwrap_or(received_at);
            match place {
                Some(place) => {
                    self.hear(customer, place, signal, to_ms(received));
                    outcome.counted += 1;
                }
                None if concerns_a_place(&signal.body) => {
                    self.note_unregistered(customer, signal, received);
                    outcome.unregistered += 1;
                }
                None => outcome.counted += 1,
            }
        }
        self.health.signals += u64::from(outcome.counted);
        self.health.duplicates += u64::from(outcome.duplicates);
        self.health.unregistered += u64::from(outcome.unregistered);
        outcome
    }

    fn place(&self, customer: u32, signal: &Signal) -> Option<Place> {
        if let Some(device) = &signal.device {
            let member = self.registry.device(customer, device)?;
            let m = &self.registry.members[member as usize];
            return (m.site != NOWHERE).then_some(Place { site: m.site, slot: m.slot, member });
        }
        let site = self.registry.site(customer, signal.site.as_ref()?)?;
        Some(Place { site, slot: 0, member: self.registry.sites[site as usize].slots[0] })
    }

    fn hear(&mut self, customer: u32, place: Place, signal: &Signal, received: Ms) {
        let at = to_ms(signal.at);
        self.hear_first(place.member, at, &signal.body);
        let what = match &signal.body {
            SignalBody::Count(count) => {
                let series = self.leaf(customer, place, &count.metric, at.min(received));
                let currency = self.registry.customers[customer as usize].currency;
                let value = count.value.filter(|v| v.currency == currency).map(|v| v.minor);
                let interval_ms = count.interval_s.map_or(0, |s| Ms::from(s) * 1_000);
                self.note_form(series, at, interval_ms, received);
                What::Count { series, n: count.count, value, interval_ms }
            }
            SignalBody::Heartbeat => What::Heartbeat,
            SignalBody::Link { up, .. } => What::Link { up: *up },
            SignalBody::Observed(attributes) => {
                for (attribute, value) in attributes {
                    self.observed(place.member, attribute, value.as_deref(), at, received);
                }
                What::Sign
            }
            SignalBody::Gauge { .. } | SignalBody::Log(_) | SignalBody::File(_) | SignalBody::Stage(_) => What::Sign,
            // People and other tools speak of a place; that is no sign of life from it.
            SignalBody::Alert(_) | SignalBody::Report(_) | SignalBody::Ticket(_) => return,
        };
        self.tell(place.site, place.slot, at, received, what);
    }

    /// The first sign of life of a device is remembered as such; whether its absence will mean anything is another question.
    fn hear_first(&mut self, member: u32, at: Ms, body: &SignalBody) {
        let what = match body {
            SignalBody::Alert(_) | SignalBody::Report(_) | SignalBody::Ticket(_) => return,
            SignalBody::Link { up: false, .. } => None,
            SignalBody::Link { up: true, .. } => Some(TransitionKind::Up),
            SignalBody::Count(_)
            | SignalBody::Heartbeat
            | SignalBody::Observed(_)
            | SignalBody::Gauge { .. }
            | SignalBody::Log(_)
            | SignalBody::File(_)
            | SignalBody::Stage(_) => Some(TransitionKind::Heard),
        };
        if self.known.insert(member) {
            self.transitions.extend(what.and_then(|what| transition(&self.registry, member, at, what)));
        }
    }

    /// A series that reported intervals and now reports single moments does so everywhere: a site that has sold nothing yet cannot say so.
    fn note_form(&mut self, series: u32, at: Ms, interval_ms: Ms, received: Ms) {
        let ix = series as usize;
        if self.forms.len() <= ix {
            self.forms.resize(ix + 1, Form::default());
        }
        let form = &mut self.forms[ix];
        if interval_ms > 0 {
            (form.interval_ms, form.last) = (interval_ms, form.last.max(at));
            learn_lag(&mut form.lag_ms, (received - at).clamp(0, FORM_GRACE_MS));
        } else if form.interval_ms > 0 && at > form.last + form.interval_ms + form.grace_ms() {
            *form = Form::default();
            let customer = self.registry.series[series as usize].customer;
            for site in 0..self.registry.sites.len() as u32 {
                if self.registry.sites[site as usize].customer == customer {
                    self.tell(site, 0, at, received, What::Moments { series });
                }
            }
        }
    }

    /// Makes sure that a member's leaf exists.
    fn leaf(&mut self, customer: u32, place: Place, metric: &Metric, at: Ms) -> u32 {
        let series = self.registry.series(customer, metric);
        if self.leaves.get(series as usize).is_some_and(|known| known.contains(place.member)) {
            return series;
        }
        if self.leaves.len() <= series as usize {
            self.leaves.resize_with(series as usize + 1, RoaringBitmap::new);
        }
        self.leaves[series as usize].insert(place.member);
        self.fleet.add_series(series);
        let class = self.class(series, place);
        let now = if self.last == Ms::MIN { at } else { self.last };
        let groups = self.fleet.lattice.groups_of(&self.registry, series, place.member, now);
        let groups = self.lists.one(&groups);
        self.tell(place.site, place.slot, at, at, What::Leaf { series, class, member: place.member, groups });
        series
    }

    /// The class of a member: its activity, its type, and the opening hours of its site.
    fn class(&mut self, series: u32, place: Place) -> u32 {
        let kind = self.registry.class_of(place.member).unwrap_or("");
        let hours = self.registry.sites[place.site as usize].hours.as_ref();
        let key = (series, format!("{kind}\u{1f}{}", hours.map_or("", |h| h.as_str())));
        if let Some(&class) = self.classes.get(&key) {
            return class;
        }
        let class = self.fleet.classes.len() as u32;
        self.fleet.classes.push(Class::new(hours));
        self.fleet.view.classes.push(ClassView::unknown());
        self.classes.insert(key, class);
        class
    }

    fn observed(&mut self, member: u32, attribute: &str, value: Option<&str>, at: Ms, received: Ms) {
        let Some(before) = self.registry.observe(member, attribute, value) else { return };
        let (attribute, after) = (attribute.to_owned(), value.map(str::to_owned));
        let what = TransitionKind::Observed { attribute, before, after };
        self.transitions.extend(transition(&self.registry, member, at, what));
        self.regroup(member, at, received);
    }

    /// A member bears other attributes: its evidence goes to other groups from now on.
    pub(crate) fn regroup(&mut self, member: u32, at: Ms, received: Ms) {
        let (site, slot) = {
            let m = &self.registry.members[member as usize];
            (m.site, m.slot)
        };
        if site == NOWHERE {
            return;
        }
        let now = if self.last == Ms::MIN { at } else { self.last };
        for series in 0..self.registry.series.len() as u32 {
            if !self.leaves.get(series as usize).is_some_and(|known| known.contains(member)) {
                continue;
            }
            let groups = self.fleet.lattice.groups_of(&self.registry, series, member, now);
            let groups = self.lists.one(&groups);
            let holder = self.fleet.open.iter().find(|o| {
                o.closed.is_none()
                    && o.series == Some(series)
                    && o.group.is_some()
                    && bears(&self.registry, &o.terms, member)
            });
            let held = holder.and_then(|o| o.group);
            self.tell(site, slot, at, received, What::Groups { series, groups, held });
        }
    }

    fn note_unregistered(&mut self, customer: u32, signal: &Signal, at: Timestamp) {
        let site = signal.site.as_ref().map(|s| s.as_str().to_owned());
        let device = signal.device.as_ref().map(|d| d.as_str().to_owned());
        if self.unregistered.len() >= MOST_UNREGISTERED
            && !self.unregistered.contains_key(&(customer, site.clone(), device.clone()))
        {
            let oldest = self.unregistered.iter().min_by_key(|(_, u)| u.last_at).map(|(k, _)| k.clone());
            if let Some(oldest) = oldest {
                self.unregistered.remove(&oldest);
            }
        }
        let entry = self.unregistered.entry((customer, site, device)).or_insert_with(|| Unregistered {
            customer: self.registry.customers[customer as usize].key.clone(),
            site: signal.site.clone(),
            device: signal.device.clone(),
            first_at: at,
            last_at: at,
            signals: 0,
        });
        entry.last_at = entry.last_at.max(at);
        entry.signals += 1;
    }
}

/// How a series reports: intervals of some length, up to some moment; or single moments (the default).
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Form {
    interval_ms: Ms,
    last: Ms,
    lag_ms: f32,
}

/// Intervals may come at most this late before single moments count as the new form of the whole series.
const FORM_GRACE_MS: Ms = 120_000;

impl Form {
    /// Sooner than an interval that did not come is taken as one without sales: else a change of form would look like silence.
    fn grace_ms(self) -> Ms {
        (self.interval_ms / 8).clamp(2_500, FORM_GRACE_MS / 2) + self.lag_ms as Ms
    }
}

/// Whether a signal is nothing without a registered place.
fn concerns_a_place(body: &SignalBody) -> bool {
    !matches!(body, SignalBody::Alert(_) | SignalBody::Ticket(_))
}
