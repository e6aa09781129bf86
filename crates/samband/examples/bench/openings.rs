//! Opening hours read off recorded receipts, and a clock that runs only while open.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// An hour of the week counts as open from this share of the busiest hour.
const OPEN_SHARE: f64 = 0.1;
const HOUR_S: i64 = 3_600;

/// Stretches in which it is open, unix seconds.
pub struct Openings {
    spans: Vec<(i64, i64)>,
    /// Open seconds before each stretch.
    before: Vec<i64>,
}

impl Openings {
    /// Open hours of the week from the receipts before `learned`; a day without any receipt at all is closed.
    pub fn read(receipts: &[i64], learned: i64, zone: &TimeZone) -> Self {
        let local = |at: i64| zone.to_datetime(Timestamp::from_second(at).unwrap_or(Timestamp::MIN));
        let mut week = [0.0; 168];
        for &at in receipts.iter().filter(|at| **at < learned) {
            let z = local(at);
            week[z.weekday().to_monday_zero_offset() as usize * 24 + z.hour() as usize] += 1.0;
        }
        let most = week.iter().copied().fold(0.0, f64::max);
        let mut days: Vec<_> = receipts.iter().map(|at| local(*at).date()).collect();
        days.dedup();
        let (mut spans, mut before, mut total): (Vec<(i64, i64)>, Vec<i64>, i64) = (Vec::new(), Vec::new(), 0);
        for day in days {
            for hour in 0..24_i8 {
                if week[day.weekday().to_monday_zero_offset() as usize * 24 + hour as usize] < OPEN_SHARE * most {
                    continue;
                }
                let Ok(from) = zone.to_timestamp(day.at(hour, 0, 0, 0)) else { continue };
                let (from, to) = (from.as_second(), from.as_second() + HOUR_S);
                match spans.last_mut() {
                    Some(last) if last.1 >= from => last.1 = to.max(last.1),
                    _ => {
                        spans.push((from, to));
                        before.push(total);
                    }
                }
                let last = spans.len() - 1;
                total = before[last] + spans[last].1 - spans[last].0;
            }
        }
        Self { spans, before }
    }

    /// Open seconds up to a moment.
    pub fn elapsed(&self, at: i64) -> i64 {
        let next = self.spans.partition_point(|s| s.0 <= at);
        match next.checked_sub(1) {
            Some(last) => self.before[last] + (at.min(self.spans[last].1) - self.spans[last].0),
            None => 0,
        }
    }

    /// The moment at which so many open seconds have passed.
    pub fn at(&self, elapsed: i64) -> i64 {
        let last = self.before.partition_point(|b| *b <= elapsed).saturating_sub(1);
        self.spans.get(last).map_or(i64::MAX, |s| s.0 + elapsed - self.before[last])
    }

    /// Whether it is open all through a stretch.
    pub fn holds(&self, from: i64, to: i64) -> bool {
        let last = self.spans.partition_point(|s| s.0 <= from).checked_sub(1);
        last.is_some_and(|last| self.spans[last].1 >= to)
    }
}
