//! The way of a signal to us: transport that is late now and then, lines that are cut, clocks that are off.

use super::Source;
use super::event::Says;
use crate::dice::{Dice, Purpose, unit};
use crate::scenario::{What, Window};

/// The longest that transport delays a signal whose line is up, a second delivery included.
pub const LATE_MAX_MS: i64 = 400_000;

/// The longest that an interval's sum is on its way when nothing is late.
pub const SUM_LATEST_MS: i64 = 3_000;

/// How a backlog comes in: a start, a pace, and an end at the latest.
pub const DRAIN: (i64, i64, i64) = (3_000, 5, 600_000);

/// The stretch without contact in which a moment lies, overlapping cuts joined: from, until, whether the backlog comes.
pub fn cut(cuts: &[Window], ms: i64) -> Option<(i64, i64, bool)> {
    let mut found: Option<(i64, i64, bool)> = None;
    loop {
        let (from, until) = found.map_or((ms, ms), |(f, u, _)| (f, u));
        let more = cuts.iter().find(|w| w.holds(until) || (found.is_none() && w.holds(ms)));
        match more {
            Some(Window { from_ms, until_ms, what: What::Cut { backlog } }) => {
                let all = found.is_none_or(|(.., b)| b) && *backlog;
                found = Some((from.min(*from_ms), *until_ms, all));
            }
            _ => return found,
        }
    }
}

/// Keeps signals of one device and moment apart in their draws.
pub fn kind(says: Says) -> u64 {
    match says {
        Says::Observed(_) => 1,
        Says::Up => 2,
        Says::Down(_) => 3,
        Says::Beat => 4,
        Says::Sales(_) => 5,
    }
}

/// Transport: tens to hundreds of milliseconds, an interval's sum some seconds; late now and then.
pub fn delay_ms(source: &Source, says: Says, lot: u64) -> i64 {
    let usual = match says {
        Says::Sales(Some(_)) => 500 + (lot & 0xffff) as i64 % (SUM_LATEST_MS - 500),
        _ => 40 + (lot & 0xffff) as i64 % 400,
    };
    // The upper bits decide on lateness, the ones between on how much.
    if unit(lot) < source.reporting.trouble.late {
        let u = unit(lot.rotate_left(32));
        return usual + (5_000.0 - 30_000.0 * libm::log1p(-u)).min(300_000.0) as i64;
    }
    usual
}

/// The error of a device's clock: fixed, within three standard deviations.
pub fn skew_ms(source: &Source, device: usize) -> i64 {
    let sd = source.reporting.trouble.skew_s;
    if sd <= 0.0 {
        return 0;
    }
    let z = Dice::new(source.world.config.seed, Purpose::Skew, device as u64, 0).normal();
    (z.clamp(-3.0, 3.0) * sd * 1000.0) as i64
}
