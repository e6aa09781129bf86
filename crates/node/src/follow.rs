//! What the journal tells the engine: the fleet and its policy. An event takes effect at the first tick that names its seq, so that
//! a restart that reads the same inbox and the same journal tells it the same, at the same place.

use crate::gauges::{Gauges, Part};
use crate::judge::Judge;
use desk::Desk;
use domain::Scope;
use domain::event::Event;
use domain::fleet::FleetChange;
use domain::policy::PolicySet;
use std::sync::Arc;
use store::{JournalError, Seq};

/// So many events are read at a time.
const AT_ONCE: usize = 500;

/// Why the engine cannot be told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FollowError {
    #[error("the journal cannot be read: {0}")]
    Journal(#[from] JournalError),
    #[error("{0}")]
    Codec(#[from] desk::CodecError),
}

/// How far the engine has been told.
pub(crate) struct Follower {
    pub(crate) desk: Arc<Desk>,
    pub(crate) gauges: Arc<Gauges>,
    pub(crate) told: Seq,
}

impl Follower {
    /// Tells the engine everything up to `until`.
    pub(crate) fn tell(&mut self, judge: &mut dyn Judge, until: Seq) -> Result<(), FollowError> {
        while self.told < until {
            let left = usize::try_from(until.0 - self.told.0).unwrap_or(usize::MAX);
            let rows = self.desk.journal().read(self.told.next(), AT_ONCE.min(left), &Scope::All)?;
            let Some(last) = rows.last().map(|row| row.seq) else {
                // What the engine was told of the fleet then is gone; it goes on with what there is.
                let what = format!(
                    "the inbox names event {until} of a journal that ends at {}: an older journal was put in its place, or it was cut",
                    self.told
                );
                self.gauges.trouble(Part::Following, what);
                return Ok(());
            };
            for row in rows {
                if concerns_engine(&row.kind) {
                    self.tell_one(judge, self.desk.codec().decode(row)?.event);
                }
            }
            self.told = last;
        }
        Ok(())
    }

    fn tell_one(&self, judge: &mut dyn Judge, event: Event) {
        match event {
            Event::CustomerRegistered(record) => judge.apply_fleet(&FleetChange::Customer(record)),
            Event::SitesImported(body) => {
                judge.apply_fleet(&FleetChange::Sites { customer: body.customer, sites: body.sites });
            }
            Event::DevicesImported(body) => {
                judge.apply_fleet(&FleetChange::Devices { customer: body.customer, devices: body.devices });
            }
            Event::PolicySet(PolicySet::Engine(value)) => match serde_json::from_value(value) {
                Ok(policy) => {
                    judge.set_policy(policy);
                    self.gauges.well(Part::Policy);
                }
                // Set by a version that knows more: the one in force stays, and the page says so.
                Err(error) => self.gauges.trouble(Part::Policy, format!("the engine's policy cannot be read: {error}")),
            },
            // `concerns_engine` lets no others through, but for policies of the desk.
            _ => {}
        }
    }
}

fn concerns_engine(kind: &str) -> bool {
    matches!(kind, "customer.registered" | "fleet.sites_imported" | "fleet.devices_imported" | "policy.set")
}
