//! How every site is doing: open findings say what is wrong, history says who was heard from and what was sold last. The
//! picture from history is renewed now and then by whoever finds it old, while others go on with the one there is.

mod activity;
mod troubles;

pub(crate) use activity::{Activity, Newest};
pub(crate) use troubles::{Troubles, count};

use crate::hours::{Doors, Hours};
use crate::view::SiteState;
use desk::Desk;
use desk::world::Part;
use domain::{CustomerKey, DeviceCode, RowScope, Scope, SiteCode, SiteRecord};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};
use store::history::{Series, Span, TransitionTo};
use store::{History, HistoryError};

/// A picture is old after this much of real time; nothing but the age of a cache is measured by it.
const OLD_AFTER: Duration = Duration::from_secs(5);
/// Samples of sites come every five minutes, or every quarter where sums of a quarter come in; this much covers the newest.
const NEWEST_WITHIN: SignedDuration = SignedDuration::from_mins(32);
/// So many series are listed at a time, and so many at most.
const SERIES_AT_ONCE: usize = 5_000;
const MOST_SERIES: usize = 100_000;

/// Transitions of devices are looked for this far back.
const TRANSITIONS_WITHIN: SignedDuration = SignedDuration::from_hours(24 * 30);
/// Transitions are made known late by at most this much.
const LATE: SignedDuration = SignedDuration::from_mins(15);
/// So many transitions are read at a time, and so often at most.
const TRANSITIONS_AT_ONCE: usize = 50_000;
const MOST_READS: usize = 40;

/// What a device last came to be, and when.
pub(crate) type Turn = (TransitionTo, Timestamp);
type Turns = HashMap<(CustomerKey, DeviceCode), Turn>;

/// What history knows of all sites, as of a moment ago.
#[derive(Debug, Default)]
pub(crate) struct Picture {
    /// Goes up when something in it changed.
    pub(crate) generation: u64,
    sites: HashMap<(CustomerKey, SiteCode), Activity>,
    turns: Arc<Turns>,
    /// Transitions up to here were read.
    read_to: Option<Timestamp>,
    /// The sites whose activity changed with this generation.
    pub(crate) changed: Vec<(CustomerKey, SiteCode)>,
}

impl Picture {
    /// What is known of a site; none for one that was never heard.
    pub(crate) fn site(&self, customer: &CustomerKey, site: &SiteCode) -> Option<&Activity> {
        self.sites.get(&(customer.clone(), site.clone()))
    }

    /// What a device last came to be; none for one that was never heard.
    pub(crate) fn device(&self, customer: &CustomerKey, device: &DeviceCode) -> Option<Turn> {
        self.turns.get(&(customer.clone(), device.clone())).copied()
    }
}

/// The newest picture.
#[derive(Default)]
pub(crate) struct Board {
    picture: RwLock<(Option<Instant>, Arc<Picture>)>,
    renewing: Mutex<()>,
}

impl Board {
    /// The picture; renewed first when there is none, or when it is old and nobody else is renewing it. Blocks.
    pub(crate) fn picture(&self, history: &dyn History, desk: &Desk, now: Timestamp) -> Arc<Picture> {
        let (made, picture) = self.picture.read().unwrap_or_else(PoisonError::into_inner).clone();
        if made.is_some_and(|made| made.elapsed() < OLD_AFTER) {
            return picture;
        }
        let turn = if made.is_none() {
            self.renewing.lock().unwrap_or_else(PoisonError::into_inner)
        } else {
            match self.renewing.try_lock() {
                Ok(turn) => turn,
                Err(_) => return picture,
            }
        };
        let (again, newer) = self.picture.read().unwrap_or_else(PoisonError::into_inner).clone();
        if again != made {
            return newer;
        }
        let fresh = match paint(history, desk, now, &picture) {
            Ok(fresh) => Arc::new(fresh),
            Err(error) => {
                tracing::warn!(%error, "the states of sites could not be read from history");
                picture
            }
        };
        *self.picture.write().unwrap_or_else(PoisonError::into_inner) = (Some(Instant::now()), Arc::clone(&fresh));
        drop(turn);
        fresh
    }

    /// Whether the picture is due to be renewed.
    pub(crate) fn is_old(&self) -> bool {
        let made = self.picture.read().unwrap_or_else(PoisonError::into_inner).0;
        made.is_none_or(|made| made.elapsed() >= OLD_AFTER)
    }

    /// The picture there is, renewed or not.
    pub(crate) fn last(&self) -> Arc<Picture> {
        Arc::clone(&self.picture.read().unwrap_or_else(PoisonError::into_inner).1)
    }
}

fn paint(history: &dyn History, desk: &Desk, now: Timestamp, before: &Picture) -> Result<Picture, HistoryError> {
    let mut sites = activities(history, now)?;
    let turns = turns(history, desk, now, before)?;
    desk.read(&Scope::All, |view| {
        for ((customer, device), (to, at)) in &*turns {
            let site = view.customer(customer).and_then(|part| part.fleet.device(device)?.site.clone());
            let Some(site) = site else { continue };
            sites.entry((customer.clone(), site)).or_default().turned(*to, *at);
        }
        let mut known: HashMap<(&str, &str), Option<Doors>> = HashMap::new();
        for ((customer, site), activity) in &mut sites {
            let Some(part) = view.customer(customer) else { continue };
            let Some((hours, zone)) = part.fleet.site(site).and_then(|site| hours_of(part, site)) else { continue };
            // Many sites share their hours.
            let doors = known.entry((hours.as_str(), zone));
            let doors = *doors.or_insert_with(|| Some(Hours::new(hours, zone)?.doors(now)));
            activity.stand(doors, now);
        }
    });
    let differs = |(key, activity): &(&(CustomerKey, SiteCode), &Activity)| before.sites.get(*key) != Some(*activity);
    let changed: Vec<_> = sites.iter().filter(differs).map(|(key, _)| key.clone()).collect();
    let generation = before.generation + u64::from(!changed.is_empty());
    Ok(Picture { generation, sites, turns, read_to: Some(now), changed })
}

/// A site's registered hours and the name of the zone they stand in.
pub(crate) fn hours_of<'p>(part: &'p Part, site: &'p SiteRecord) -> Option<(&'p domain::fleet::OpeningHours, &'p str)> {
    let zone = site.timezone.as_deref().or_else(|| Some(part.record.as_ref()?.timezone.as_str()))?;
    Some((site.opening_hours.as_ref()?, zone))
}

/// What was sold last at each site that ever sold anything.
fn activities(
    history: &dyn History,
    now: Timestamp,
) -> Result<HashMap<(CustomerKey, SiteCode), Activity>, HistoryError> {
    let span = Span { from: now.checked_sub(NEWEST_WITHIN).unwrap_or(Timestamp::MIN), to: now, as_of: None };
    let mut sites: HashMap<_, Activity> = HashMap::new();
    let mut after: Option<Series> = None;
    for _ in 0..MOST_SERIES / SERIES_AT_ONCE {
        let found = history.series(&Scope::All, "site/", after.as_ref(), SERIES_AT_ONCE)?;
        for series in &found {
            let (RowScope::Customer(customer), Some(site)) = (&series.scope, site_of(series)) else { continue };
            let activity = sites.entry((customer.clone(), site)).or_default();
            activity.sells = true;
            activity.add(&history.points(&Scope::All, series, span, 1_000)?);
        }
        if found.len() < SERIES_AT_ONCE {
            break;
        }
        after = found.into_iter().next_back();
    }
    Ok(sites)
}

/// What each device last came to be: what was known, and what was added since.
fn turns(history: &dyn History, desk: &Desk, now: Timestamp, before: &Picture) -> Result<Arc<Turns>, HistoryError> {
    let back = |from: Timestamp, by| from.checked_sub(by).unwrap_or(Timestamp::MIN);
    let customers: Vec<_> =
        desk.read(&Scope::All, |view| view.customers().map(|(customer, _)| customer.clone()).collect());
    let mut turns = Arc::clone(&before.turns);
    for customer in customers {
        let of = RowScope::Customer(customer.clone());
        let mut from = before.read_to.map_or_else(|| back(now, TRANSITIONS_WITHIN), |read| back(read, LATE));
        for _ in 0..MOST_READS {
            let span = Span { from, to: now, as_of: None };
            let rows = history.transitions(&Scope::All, &of, None, span, TRANSITIONS_AT_ONCE)?;
            let full = rows.len() == TRANSITIONS_AT_ONCE;
            from = rows.last().map_or(now, |row| row.at);
            for row in rows {
                let key = (customer.clone(), row.device);
                if turns.get(&key).is_none_or(|(to, at)| (*at, *to) < (row.at, row.to)) {
                    Arc::make_mut(&mut turns).insert(key, (row.to, row.at));
                }
            }
            if !full {
                break;
            }
        }
    }
    Ok(turns)
}

/// `site/<code>/<metric>`
fn site_of(series: &Series) -> Option<SiteCode> {
    let (code, _metric) = series.key.as_str().strip_prefix("site/")?.rsplit_once('/')?;
    SiteCode::new(code).ok()
}
