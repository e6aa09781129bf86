//! How every site is doing: open findings say what is wrong, history says who was heard from and what was sold last. The
//! picture from history is renewed now and then by whoever finds it old, while others go on with the one there is.

use crate::view::SiteState;
use desk::world::Part;
use desk::{Desk, View};
use domain::finding::Contact;
use domain::fleet::{Country, DayKind, Lifecycle, Span as Hours, day_kind};
use domain::{CustomerKey, DeviceCode, Finding, FindingKind, RowScope, Scope, SiteCode, SiteRecord};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};
use store::history::{Heard, Point, Series, Span, TransitionTo};
use store::{History, HistoryError};

/// A picture is old after this much of real time; nothing but the age of a cache is measured by it.
const OLD_AFTER: Duration = Duration::from_secs(5);
/// Samples of sites come every five minutes, or every quarter where sums of a quarter come in; this much covers the newest.
const NEWEST_WITHIN: SignedDuration = SignedDuration::from_mins(32);
/// A site that sells this share of what is expected has not stopped, whatever some of its devices have done.
const STILL_SELLING: f64 = 0.1;
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

/// What history knows of one site.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Activity {
    /// The newest samples of its activities, summed; none when there is none of late.
    pub(crate) newest: Option<Newest>,
    /// Whether it has ever sold anything.
    sells: bool,
    /// Devices that were last said to be heard, and when the last of them came to be.
    heard: Option<(u32, Timestamp)>,
    /// Devices that were last said to be unheard or down.
    lost: u32,
    /// Whether it has been open for a while, by its registered hours.
    open: bool,
}

/// What a device last came to be, and when.
pub(crate) type Turn = (TransitionTo, Timestamp);
type Turns = HashMap<(CustomerKey, DeviceCode), Turn>;

/// The newest measured interval of a site.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Newest {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// Whether the site was heard from.
    pub(crate) heard: bool,
    pub(crate) expected: f64,
    pub(crate) observed: f64,
    pub(crate) expected_minor_per_hour: i64,
    pub(crate) observed_minor_per_hour: i64,
}

impl Newest {
    /// Whether more was sold, by count or by value, than what came before `since` and stray sales after it would make.
    fn sells_since(&self, since: Timestamp) -> bool {
        let length = self.to.duration_since(self.from).as_secs_f64().max(1.0);
        let before = (since.duration_since(self.from).as_secs_f64() / length).max(0.0);
        let share = before + STILL_SELLING;
        let by_count = self.observed >= share * self.expected;
        let by_value = self.observed_minor_per_hour as f64 >= share * self.expected_minor_per_hour as f64;
        before < 1.0 && self.observed > 0.0 && (by_count || by_value)
    }
}

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
        for ((customer, site), activity) in &mut sites {
            let part = view.customer(customer);
            activity.open = part.is_some_and(|part| part.fleet.site(site).is_some_and(|site| is_open(part, site, now)));
        }
    });
    let differs = |(key, activity): &(&(CustomerKey, SiteCode), &Activity)| before.sites.get(*key) != Some(*activity);
    let changed: Vec<_> = sites.iter().filter(differs).map(|(key, _)| key.clone()).collect();
    let generation = before.generation + u64::from(!changed.is_empty());
    Ok(Picture { generation, sites, turns, read_to: Some(now), changed })
}

/// Whether a site has been open for a quarter of an hour by its registered hours. Of eves and holidays nothing is claimed.
fn is_open(part: &Part, site: &SiteRecord, now: Timestamp) -> bool {
    let Some(hours) = &site.opening_hours else { return false };
    let name = site.timezone.as_deref().or_else(|| Some(part.record.as_ref()?.timezone.as_str()));
    let Some((name, zone)) = name.and_then(|name| Some((name, TimeZone::get(name).ok()?))) else { return false };
    let local = now.to_zoned_datetime(zone);
    if !matches!(day_kind(Country::of_timezone(name), local.date()), DayKind::Ordinary | DayKind::Payday) {
        return false;
    }
    let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
    let weekday = usize::from(local.weekday().to_monday_zero_offset().unsigned_abs());
    let inside = |span: &Hours| minute >= i32::from(span.from) + 15 && minute < i32::from(span.to);
    hours.spans(weekday, DayKind::Ordinary).iter().any(inside)
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
            if let Some(point) = history.points(&Scope::All, series, span, 1_000)?.last() {
                activity.add(point);
            }
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

impl Activity {
    fn add(&mut self, point: &Point) {
        let per_hour = |minor: i64| {
            let scaled = i128::from(minor) * 3_600 / i128::from(point.covered_s.max(1));
            i64::try_from(scaled).unwrap_or(i64::MAX)
        };
        let one = Newest {
            from: point.from,
            to: point.to,
            heard: matches!(point.heard, Heard::Share(share) if share > 0.0) || point.observed > 0.0,
            expected: point.expected,
            observed: point.observed,
            expected_minor_per_hour: per_hour(point.expected_value_minor),
            observed_minor_per_hour: per_hour(point.observed_value_minor),
        };
        self.newest = Some(match self.newest {
            None => one,
            Some(sum) => Newest {
                from: sum.from.min(one.from),
                to: sum.to.max(one.to),
                heard: sum.heard || one.heard,
                expected: sum.expected + one.expected,
                observed: sum.observed + one.observed,
                expected_minor_per_hour: sum.expected_minor_per_hour.saturating_add(one.expected_minor_per_hour),
                observed_minor_per_hour: sum.observed_minor_per_hour.saturating_add(one.observed_minor_per_hour),
            },
        });
    }

    fn turned(&mut self, to: TransitionTo, at: Timestamp) {
        match to {
            TransitionTo::Heard | TransitionTo::Up => {
                let (devices, last) = self.heard.unwrap_or((0, at));
                self.heard = Some((devices + 1, last.max(at)));
            }
            TransitionTo::Unheard | TransitionTo::Down => self.lost += 1,
        }
    }

    /// When it was last heard from, as far as history knows.
    pub(crate) fn heard_at(&self) -> Option<Timestamp> {
        let sold = self.newest.filter(|newest| newest.heard).map(|newest| newest.to);
        sold.max(self.heard.map(|(_, at)| at))
    }

    /// The state as far as activity tells: what no finding speaks of is as expected.
    fn state(&self) -> SiteState {
        match (self.newest, self.heard) {
            (Some(newest), _) if newest.heard => SiteState::Selling,
            (Some(_), _) => SiteState::Unheard,
            (None, None) if self.lost > 0 => SiteState::Unheard,
            // It sells at other hours and nothing is expected now; or it has never sold, and is heard.
            (None, None) if self.sells && self.open => SiteState::Unheard,
            (None, _) if self.sells => SiteState::Shut,
            (None, Some(_)) => SiteState::Selling,
            (None, None) => SiteState::Never,
        }
    }
}

/// What open findings say of sites and devices.
#[derive(Debug, Default)]
pub(crate) struct Troubles<'a> {
    sites: HashMap<(&'a CustomerKey, &'a SiteCode), SiteState>,
    /// When the latest of the findings began that call a site silent.
    silent_since: HashMap<(&'a CustomerKey, &'a SiteCode), Timestamp>,
    devices: HashMap<(&'a CustomerKey, &'a DeviceCode), SiteState>,
    hit: HashMap<(&'a CustomerKey, &'a SiteCode), HashSet<&'a DeviceCode>>,
}

impl<'a> Troubles<'a> {
    /// Of all open findings that a view shows.
    pub(crate) fn of(view: &View<'a>) -> Self {
        let mut troubles = Self::default();
        for (customer, part) in view.customers() {
            for entry in part.findings.open() {
                let finding: &'a Finding = &entry.latest;
                let Some(state) = state_of(finding) else { continue };
                for code in finding.devices.iter().flatten() {
                    worsen(troubles.devices.entry((customer, code)).or_insert(state), state);
                    if let Some(site) = part.fleet.device(code).and_then(|device| device.site.as_ref()) {
                        troubles.hit.entry((customer, site)).or_default().insert(code);
                    }
                }
                for site in &finding.sites {
                    let state = troubles.of_whole(part, customer, site, finding, state);
                    worsen(troubles.sites.entry((customer, site)).or_insert(state), state);
                    if state == SiteState::Silent {
                        let since = troubles.silent_since.entry((customer, site)).or_insert(finding.started_at);
                        *since = finding.started_at.max(*since);
                    }
                }
            }
        }
        troubles
    }

    /// How a site is doing. What it is seen to sell since then goes before what a finding of some of its devices says of all.
    pub(crate) fn site(&self, picture: &Picture, customer: &CustomerKey, site: &SiteCode) -> SiteState {
        let activity = picture.site(customer, site);
        match self.sites.get(&(customer, site)).copied() {
            Some(SiteState::Silent) if self.sells_on(activity, customer, site) => SiteState::Below,
            Some(said) => said,
            None => activity.map_or(SiteState::Never, Activity::state),
        }
    }

    fn sells_on(&self, activity: Option<&Activity>, customer: &CustomerKey, site: &SiteCode) -> bool {
        let newest = activity.and_then(|activity| activity.newest);
        let since = self.silent_since.get(&(customer, site));
        matches!((newest, since), (Some(newest), Some(since)) if newest.sells_since(*since))
    }

    /// What findings say of a device.
    pub(crate) fn device(&self, customer: &CustomerKey, device: &DeviceCode) -> Option<SiteState> {
        self.devices.get(&(customer, device)).copied()
    }

    /// What a finding makes of a whole site: where it names less than half of the devices, and not the site, the others go on
    /// selling. Half, because shop servers and printers sell nothing and are never named.
    fn of_whole(
        &self,
        part: &Part,
        customer: &'a CustomerKey,
        site: &'a SiteCode,
        finding: &Finding,
        state: SiteState,
    ) -> SiteState {
        let names_devices = finding.devices.as_ref().is_some_and(|devices| !devices.is_empty());
        let names_site = finding.explanation.iter().any(|term| term.attribute == "site");
        let in_service = part.fleet.devices_at(site).filter(|(_, device)| device.lifecycle == Lifecycle::InService);
        let partly = state == SiteState::Silent
            && names_devices
            && !names_site
            && self.devices_hit(customer, site) * 2 < in_service.count() as u64;
        if partly { SiteState::Below } else { state }
    }

    /// How many devices of a site are hit.
    pub(crate) fn devices_hit(&self, customer: &CustomerKey, site: &SiteCode) -> u64 {
        self.hit.get(&(customer, site)).map_or(0, |hit| hit.len() as u64)
    }
}

/// What a finding makes of a site that it hits; none for kinds that say nothing of activity now.
fn state_of(finding: &Finding) -> Option<SiteState> {
    match finding.kind {
        FindingKind::ContactLost => Some(SiteState::Unheard),
        FindingKind::Silence if finding.evidence.contact == Contact::Lost => Some(SiteState::Unheard),
        FindingKind::Silence | FindingKind::CoFailure | FindingKind::Stall => Some(SiteState::Silent),
        FindingKind::Drop => Some(SiteState::Below),
        FindingKind::Surge
        | FindingKind::Punctual
        | FindingKind::Outlier
        | FindingKind::Missed
        | FindingKind::Quarantine
        | FindingKind::Flood
        | FindingKind::Drift
        | FindingKind::Regression
        | FindingKind::BrakeBroken
        | FindingKind::Novelty
        | FindingKind::Limit => None,
    }
}

fn worsen(state: &mut SiteState, other: SiteState) {
    // Worst first, as the enum has them.
    *state = (*state).min(other);
}

/// Counts of states, for the legend.
pub(crate) fn count(states: impl Iterator<Item = SiteState>) -> crate::view::StateCounts {
    let mut counted: BTreeMap<SiteState, u64> = BTreeMap::new();
    states.for_each(|state| *counted.entry(state).or_default() += 1);
    crate::view::StateCounts(SiteState::ALL.map(|state| counted.get(&state).copied().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use domain::fleet::OpeningHours;

    #[test]
    fn a_shop_that_should_be_open_and_is_not_heard_is_never_called_shut() {
        let site = SiteRecord {
            timezone: Some("Europe/Stockholm".into()),
            opening_hours: Some(OpeningHours::parse("Mo-Fr 08:00-22:00").unwrap()),
            ..SiteRecord::bare(SiteCode::new("0412").unwrap())
        };
        let open = |at: &str| is_open(&Part::default(), &site, at.parse().unwrap());
        assert!(open("2026-02-17T09:43:04Z"));
        assert!(!open("2026-02-17T07:05:00Z"), "five minutes after opening nothing is claimed");
        assert!(!open("2026-02-17T21:30:00Z"), "half past ten in the evening there");
        let known = Activity { sells: true, ..Activity::default() };
        assert_eq!(Activity { open: true, ..known.clone() }.state(), SiteState::Unheard);
        assert_eq!(known.state(), SiteState::Shut);
    }

    #[test]
    fn a_shop_whose_tills_go_on_selling_is_not_said_to_sell_nothing() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let newest = Newest {
            from: at("2026-02-17T09:40:00Z"),
            to: at("2026-02-17T09:45:00Z"),
            heard: true,
            expected: 20.0,
            observed: 9.0,
            expected_minor_per_hour: 2_400_000,
            observed_minor_per_hour: 1_100_000,
        };
        let (customer, site) = (CustomerKey::new("demo").unwrap(), SiteCode::new("0412").unwrap());
        let key = (customer.clone(), site.clone());
        let stated = |newest: Newest, since: &str| {
            let activity = Activity { newest: Some(newest), sells: true, ..Activity::default() };
            let picture = Picture { sites: HashMap::from([(key.clone(), activity)]), ..Picture::default() };
            let troubles = Troubles {
                sites: HashMap::from([((&customer, &site), SiteState::Silent)]),
                silent_since: HashMap::from([((&customer, &site), at(since))]),
                ..Troubles::default()
            };
            troubles.site(&picture, &customer, &site)
        };
        assert_eq!(stated(newest, "2026-02-17T09:36:00Z"), SiteState::Below);
        assert_eq!(
            stated(newest, "2026-02-17T09:40:35Z"),
            SiteState::Below,
            "it began within the interval, and little is from before"
        );
        assert_eq!(stated(newest, "2026-02-17T09:42:00Z"), SiteState::Silent, "what was sold may be from before");
        assert_eq!(stated(newest, "2026-02-17T09:46:00Z"), SiteState::Silent);
        let stray = Newest { observed: 1.0, observed_minor_per_hour: 100_000, ..newest };
        assert_eq!(stated(stray, "2026-02-17T09:36:00Z"), SiteState::Silent);
    }
}
