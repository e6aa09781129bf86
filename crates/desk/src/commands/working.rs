//! Several decisions on the way to one append: later ones see what earlier ones decided, and each event knows which version of
//! its incident it was decided on.

use crate::codec::Draft;
use crate::streams;
use crate::world::World;
use domain::event::Event;
use domain::incident::{Command, Incident, Refusal, apply, decide};
use domain::{CustomerKey, IncidentId, RowScope};
use jiff::Timestamp;
use std::collections::BTreeMap;
use store::{Expected, StreamVersion};

/// Incidents as they would be after what was decided so far.
pub(crate) struct Working<'w> {
    world: &'w World,
    now: Timestamp,
    changed: BTreeMap<IncidentId, (Incident, StreamVersion)>,
    /// What is to be recorded.
    pub(crate) drafts: Vec<Draft>,
}

impl<'w> Working<'w> {
    pub(crate) fn new(world: &'w World, now: Timestamp) -> Self {
        Self { world, now: store::whole_us(now), changed: BTreeMap::new(), drafts: Vec::new() }
    }

    /// The incident as it would be.
    pub(crate) fn incident(&self, customer: &CustomerKey, id: &IncidentId) -> Option<(&Incident, StreamVersion)> {
        if let Some((incident, version)) = self.changed.get(id) {
            return Some((incident, *version));
        }
        let entry = self.world.parts.get(customer)?.incidents.get(id)?;
        Some((&entry.incident, entry.version))
    }

    /// Decides one more command; says whether anything came of it.
    pub(crate) fn decide(
        &mut self,
        customer: &CustomerKey,
        id: &IncidentId,
        command: &Command,
    ) -> Result<bool, Refusal> {
        let known = self.incident(customer, id);
        let events = decide(known.map(|(incident, _)| incident), command, self.now)?;
        let (mut incident, mut version) = match known {
            Some((incident, version)) => (Some(incident.clone()), version),
            None => (None, StreamVersion(0)),
        };
        let any = !events.is_empty();
        for event in events {
            // `decide` has applied each of its events: what it accepted folds.
            let Ok(next) = apply(incident.take(), &event, self.now) else { return Ok(any) };
            let draft = Draft {
                stream: streams::incident(id),
                expected: Expected::Exact(version),
                scope: RowScope::Customer(next.customer.clone()),
                cause: None,
                event: Event::from(event),
            };
            self.drafts.push(draft);
            incident = Some(next);
            version = version.next();
        }
        if let Some(incident) = incident {
            self.changed.insert(id.clone(), (incident, version));
        }
        Ok(any)
    }
}
