//! One site, one block at a time: sales, what disruptions make of them, heartbeats, and the way of every signal to us.

use super::Source;
use super::event::{Event, Says};
use super::way::{self, DRAIN, LATE_MAX_MS};
use crate::calendar::{BLOCK_MS, BLOCK_S, Clock, first_block};
use crate::config::Sales;
use crate::dice::{Dice, Purpose, chance, draw, unit};
use crate::scenario::{What, Window};
use crate::traffic::{self, Levels, Sale, Trading};
use crate::trouble;
use jiff::ToSpan;

/// What a site carries from block to block.
#[derive(Debug)]
pub struct SiteRun {
    site: usize,
    levels: Levels,
    day: Option<i64>,
    delay_ms: i64,
    /// The error of each device's clock.
    skew_ms: Vec<i64>,
    /// The world's own trouble with each device, begun yesterday or today.
    own: Vec<Vec<Window>>,
    /// When the site is unheard, by scenario or by itself.
    cuts: Vec<Window>,
    /// Sales that moved into a block to come.
    moved: Vec<Sale>,
    /// Events of blocks to come.
    waiting: Vec<Raw>,
    /// Next numbers of the lanes: live, backlog.
    seq: [u64; 2],
    /// The cut that a backlog is being kept for, and how much is kept.
    kept: (i64, i64),
}

/// An event before its way: true time, device, what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Raw {
    true_ms: i64,
    device: usize,
    says: Says,
    count: u32,
    value_minor: i64,
}

impl SiteRun {
    /// A site of which nothing is made yet.
    pub fn new(site: usize) -> Self {
        Self {
            site,
            levels: Levels::default(),
            day: None,
            delay_ms: 0,
            skew_ms: Vec::new(),
            own: Vec::new(),
            cuts: Vec::new(),
            moved: Vec::new(),
            waiting: Vec::new(),
            seq: [0, 0],
            kept: (i64::MIN, 0),
        }
    }

    /// The first block that must be made for everything received at `from_ms` or later to be right.
    pub fn look_back(&self, source: &Source, from_ms: i64) -> i64 {
        let zone = source.world.zone();
        let mut earliest = from_ms - LATE_MAX_MS;
        let clock = Clock::read(zone, from_ms.div_euclid(BLOCK_MS));
        let mut cuts: Vec<Window> = source.plan.cuts(self.site).to_vec();
        for back in 0..=2 {
            let date = clock.date.saturating_sub(back.days());
            cuts.extend(trouble::site(&source.world, &source.reporting.trouble, self.site, date));
        }
        // Cuts may overlap: what was kept in the first comes only after the last.
        cuts.sort_by_key(|w| std::cmp::Reverse(w.until_ms));
        for cut in cuts {
            let drained = cut.until_ms.saturating_add(DRAIN.2);
            if cut.from_ms < from_ms && drained > earliest {
                earliest = earliest.min(cut.from_ms);
            }
        }
        let block = earliest.div_euclid(BLOCK_MS);
        if source.reporting.envelopes {
            // Numbers begin anew at local midnight; one block more for what moved over it.
            return first_block(zone, Clock::read(zone, block).date) - 1;
        }
        block - 1
    }

    /// Makes one block; blocks must be made in order.
    pub fn block(&mut self, source: &Source, clock: &Clock, out: &mut Vec<Event>) {
        if self.day != Some(clock.day) {
            self.turn_day(source, clock);
        }
        self.levels.refresh(&source.world, self.site, clock);
        let end_ms = clock.start_ms() + BLOCK_MS;
        let mut raw = Vec::new();
        let (due, waiting) = self.waiting.drain(..).partition(|r: &Raw| r.true_ms < end_ms);
        raw.extend::<Vec<Raw>>(due);
        self.waiting = waiting;
        self.sell(source, clock, &mut raw);
        self.live(source, clock, &mut raw);
        raw.sort_unstable();
        for event in raw {
            if event.true_ms < end_ms {
                self.send(source, clock, &event, out);
            } else {
                self.waiting.push(event);
            }
        }
    }

    fn turn_day(&mut self, source: &Source, clock: &Clock) {
        let (world, own) = (&source.world, &source.reporting.trouble);
        self.day = Some(clock.day);
        self.seq = [0, 0];
        if self.skew_ms.is_empty() {
            self.skew_ms = self.devices(source).map(|d| way::skew_ms(source, d)).collect();
        }
        self.delay_ms = trouble::opening_delay_ms(world, own, self.site, clock);
        let yesterday = clock.date.saturating_sub(1.day());
        let mut cuts = source.plan.cuts(self.site).to_vec();
        // Tomorrow's too: one that begins before today's is over prolongs it.
        for date in [yesterday, clock.date, clock.date.saturating_add(1.day())] {
            cuts.extend(trouble::site(world, own, self.site, date));
        }
        self.cuts = cuts;
        self.own = self
            .devices(source)
            .map(|d| {
                let mut windows = Vec::new();
                for date in [yesterday, clock.date] {
                    trouble::device(world, own, d, date, &mut windows);
                }
                windows
            })
            .collect();
    }

    fn devices(&self, source: &Source) -> std::ops::Range<usize> {
        source.world.sites.get(self.site).map_or(0..0, |s| s.devices.clone())
    }

    /// Everything wrong with a device, by scenario or by itself.
    fn windows<'a>(&'a self, source: &'a Source, device: usize) -> impl Iterator<Item = &'a Window> + Clone + 'a {
        let nth = device - self.devices(source).start;
        let own: &[Window] = self.own.get(nth).map_or(&[], Vec::as_slice);
        source.plan.device(device).iter().chain(own)
    }

    fn is_dead(&self, source: &Source, device: usize, ms: i64) -> bool {
        self.windows(source, device).any(|w| matches!(w.what, What::Dead { .. }) && w.holds(ms))
    }

    /// Draws the block's sales and lets disruptions take or move them.
    fn sell(&mut self, source: &Source, clock: &Clock, raw: &mut Vec<Raw>) {
        if source.reporting.sales == Sales::Off {
            return;
        }
        let end_ms = clock.start_ms() + BLOCK_MS;
        let trading = Trading::of(&source.world, self.site, clock, self.delay_ms);
        let devices = self.devices(source);
        let (mut made, moved): (Vec<Sale>, Vec<Sale>) = self.moved.drain(..).partition(|s| s.at_ms < end_ms);
        self.moved = moved;
        let mut drawn = Vec::new();
        for device in devices.clone() {
            drawn.clear();
            let level = self.levels.of(device - devices.start);
            traffic::draw(&source.world, device, clock, &trading, level, &mut drawn);
            if self.windows(source, device).next().is_none() {
                made.append(&mut drawn);
                continue;
            }
            for sale in &drawn {
                match self.fate(source, sale) {
                    Some(sale) if sale.at_ms < end_ms => made.push(sale),
                    Some(sale) => self.moved.push(sale),
                    None => {}
                }
            }
        }
        match source.reporting.sales {
            Sales::Single => raw.extend(made.iter().map(|s| Raw {
                true_ms: s.at_ms,
                device: s.device,
                says: Says::Sales(None),
                count: 1,
                value_minor: s.value_minor,
            })),
            Sales::Interval(seconds) => self.sums(source, clock, seconds, trading.open, &mut made, raw),
            Sales::Off => {}
        }
    }

    /// Where a sale is made in the end, and when; `None`: nowhere.
    fn fate(&self, source: &Source, sale: &Sale) -> Option<Sale> {
        let key = (sale.at_ms as u64) ^ (sale.value_minor as u64).rotate_left(40);
        let mut dice = Dice::new(source.world.config.seed, Purpose::Fate, sale.device as u64, key);
        let mut kept = 1.0;
        let mut how = None;
        for w in self.windows(source, sale.device).filter(|w| w.holds(sale.at_ms)) {
            match w.what {
                What::Dead { .. } => kept = 0.0,
                What::Drop { to } => kept *= to,
                What::Move { how: index } => how = source.plan.moves.get(usize::from(index)),
                What::Mute | What::Cut { .. } | What::Set { .. } => {}
            }
        }
        if dice.unit() < kept {
            return Some(*sale);
        }
        let how = how.filter(|h| dice.unit() < h.share)?;
        let at_ms = sale.at_ms + 1 + dice.below(how.within_ms.unsigned_abs()) as i64;
        let takers: Vec<usize> = self
            .devices(source)
            .filter(|d| *d != sale.device && how.terms.hold(&source.world, *d) && !self.is_dead(source, *d, at_ms))
            .collect();
        let device = *takers.get(dice.below(takers.len() as u64) as usize)?;
        Some(Sale { at_ms, device, ..*sale })
    }

    /// Sums sales over intervals; a device that is dead at an interval's end never tells of it.
    fn sums(&self, source: &Source, clock: &Clock, seconds: u32, open: bool, made: &mut [Sale], raw: &mut Vec<Raw>) {
        let (start, step) = (clock.start_ms(), i64::from(seconds) * 1000);
        made.sort_unstable_by_key(|s| (s.device, s.at_ms));
        let mut rest = &*made;
        for device in self.devices(source) {
            let sells = source.world.devices[device].sales_per_hour > 0.0;
            let (mine, others) = rest.split_at(rest.iter().take_while(|s| s.device == device).count());
            rest = others;
            let mut mine = mine;
            for n in 1..=BLOCK_S / i64::from(seconds) {
                let end = start + n * step;
                let (now, after) = mine.split_at(mine.iter().take_while(|s| s.at_ms < end).count());
                mine = after;
                if (now.is_empty() && !(open && sells)) || self.is_dead(source, device, end) {
                    continue;
                }
                raw.push(Raw {
                    true_ms: end,
                    device,
                    says: Says::Sales(u16::try_from(seconds).ok()),
                    count: u32::try_from(now.len()).unwrap_or(u32::MAX),
                    value_minor: now.iter().map(|s| s.value_minor).sum(),
                });
            }
        }
    }

    /// Heartbeats, boots, last words and changes of attributes.
    fn live(&self, source: &Source, clock: &Clock, raw: &mut Vec<Raw>) {
        let block = clock.start_ms()..clock.start_ms() + BLOCK_MS;
        let plain = |true_ms, device, says| Raw { true_ms, device, says, count: 0, value_minor: 0 };
        for device in self.devices(source) {
            let windows = self.windows(source, device);
            for w in windows.clone() {
                let (begins, ends) = (block.contains(&w.from_ms), block.contains(&w.until_ms));
                match w.what {
                    What::Dead { says: Some(note) } if begins => raw.push(plain(w.from_ms, device, Says::Down(note))),
                    What::Set { note, .. } if begins => raw.push(plain(w.from_ms, device, Says::Observed(Some(note)))),
                    _ => {}
                }
                match w.what {
                    What::Dead { .. } if ends && !self.is_dead(source, device, w.until_ms) => {
                        raw.push(plain(w.until_ms, device, Says::Up));
                        raw.push(plain(w.until_ms, device, Says::Observed(self.firmware(source, device, w.until_ms))));
                    }
                    What::Set { restore: Some(note), .. } if ends => {
                        raw.push(plain(w.until_ms, device, Says::Observed(Some(note))));
                    }
                    _ => {}
                }
            }
            let silent = windows.clone().next().is_some();
            for true_ms in beats(source, device, clock) {
                let quiet = silent
                    && windows.clone().any(|w| matches!(w.what, What::Dead { .. } | What::Mute) && w.holds(true_ms));
                if !quiet {
                    raw.push(plain(true_ms, device, Says::Beat));
                }
            }
        }
    }

    /// The firmware that a device bears at a moment: a note, or its own.
    fn firmware(&self, source: &Source, device: usize, ms: i64) -> Option<u16> {
        let set = |w: &&Window| w.holds(ms) && matches!(w.what, What::Set { .. });
        let last = source.plan.device(device).iter().filter(set).filter_map(|w| match w.what {
            What::Set { note, .. } => Some((w.from_ms, note)),
            _ => None,
        });
        last.filter(|(_, note)| source.plan.notes.get(usize::from(*note)).is_some_and(|(name, _)| name == "firmware"))
            .max()
            .map(|(_, note)| note)
    }

    /// Numbers an event and sends it on its way.
    fn send(&mut self, source: &Source, clock: &Clock, raw: &Raw, out: &mut Vec<Event>) {
        let cut = way::cut(&self.cuts, raw.true_ms);
        let seed = source.world.config.seed;
        let key = (raw.true_ms as u64) << 3 ^ way::kind(raw.says);
        let lot = draw(seed, Purpose::Transport, raw.device as u64, key);
        let (lane, received_ms) = match cut {
            None => (0, raw.true_ms + way::delay_ms(source, raw.says, lot)),
            Some((_, until_ms, backlog)) => {
                if !backlog || until_ms == i64::MAX || raw.says == Says::Beat {
                    return;
                }
                if self.kept.0 != until_ms {
                    self.kept = (until_ms, 0);
                }
                self.kept.1 += 1;
                (1, until_ms + (DRAIN.0 + DRAIN.1 * self.kept.1).min(DRAIN.2))
            }
        };
        let seq = self.seq[lane];
        self.seq[lane] += 1;
        let nth = raw.device - self.devices(source).start;
        let interval = matches!(raw.says, Says::Sales(Some(_)));
        let at_ms = if interval { raw.true_ms } else { raw.true_ms + self.skew_ms.get(nth).copied().unwrap_or(0) };
        let event = Event {
            received_ms,
            device: u32::try_from(raw.device).unwrap_or(u32::MAX),
            seq: if source.reporting.envelopes { seq } else { 0 },
            at_ms,
            says: raw.says,
            count: raw.count,
            value_minor: raw.value_minor,
            boot: i32::try_from(clock.day).unwrap_or(0),
            backlog: lane == 1,
        };
        out.push(event);
        let own = &source.reporting.trouble;
        if source.reporting.envelopes && own.duplicated > 0.0 {
            let again = draw(seed, Purpose::Transport, raw.device as u64 | 1 << 62, key);
            if unit(again) < own.duplicated {
                out.push(Event { received_ms: received_ms + 1_000 + (again & 0x7fff) as i64 % 29_000, ..event });
            }
        }
    }
}

/// Moments of a device's heartbeats whose turn is in a block: a phase of its own, up to two seconds of jitter.
fn beats(source: &Source, device: usize, clock: &Clock) -> impl Iterator<Item = i64> {
    let seed = source.world.config.seed;
    let period = i64::from(source.reporting.heartbeat_s);
    let count = if period == 0 { 0 } else { BLOCK_S / period };
    let phase = (chance(seed, Purpose::Beat, device as u64, u64::MAX) * period as f64 * 1000.0) as i64;
    let first = clock.start_ms();
    (0..count).map(move |n| {
        let turn = first + n * period * 1000 + phase;
        turn + (draw(seed, Purpose::Beat, device as u64, turn as u64) & 0xffff) as i64 % 2_000
    })
}
