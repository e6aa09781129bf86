//! After we were away ourselves: what was not heard then says nothing of anybody. Everything starts anew, and everybody gets the time to be
//! heard again that a shop gets at its opening.

use super::activity::Activity;
use super::{Context, Shard};
use crate::clock::Ms;

impl Shard {
    /// Nothing was taken in since `from`; what is told from now on counts.
    pub fn come_back(&mut self, from: Ms, context: Context<'_>) {
        self.take_zones(context.registry);
        for at in 0..self.sites.len() {
            let site = &mut self.sites[at];
            if !site.uplink.lost {
                site.uplink.last_ms = site.uplink.last_ms.max(context.now);
                for contact in site.contacts.iter_mut().filter(|contact| contact.heard) {
                    contact.last_ms = contact.last_ms.max(context.now);
                }
            }
            for activity in &mut site.activities {
                let Some(clock) = context.view.series.get(activity.series as usize).map(|s| s.clock) else { continue };
                activity.come_back(from, clock, context.now);
            }
            self.refresh(at, context);
        }
    }
}

impl Activity {
    fn come_back(&mut self, from: Ms, clock: f64, now: Ms) {
        for stream in &mut self.streams {
            stream.unobserved(from, now);
        }
        for leaf in &mut self.leaves {
            if let Some(interval) = &mut leaf.interval {
                interval.credited = interval.credited.max(now);
                interval.waiting = None;
            }
        }
        self.start_anew(clock, now);
        self.chart.begin(now);
        self.wait_again(now);
    }
}
