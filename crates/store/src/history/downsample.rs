//! Thins a series for a chart: sums over equal stretches, which keep what was missed visible where averages would hide it.

use super::types::{Heard, Point, Sample, Span};
use crate::time::{from_us, to_us};
use jiff::{SignedDuration, Timestamp};

/// Takes samples in order of time and gives no more points than asked for.
///
/// As long as they are few enough every sample is a point of its own.
pub(crate) struct Thinner {
    from_us: i64,
    to_us: i64,
    max_points: usize,
    width_us: i64,
    points: Vec<Point>,
    thinned: bool,
    open: Option<(i64, Sums)>,
}

impl Thinner {
    pub(crate) fn new(span: Span, max_points: usize) -> Self {
        let max_points = max_points.max(1);
        let (from_us, to_us) = (to_us(span.from), to_us(span.to));
        let length = to_us.saturating_sub(from_us).max(1);
        let wanted = i64::try_from(max_points).unwrap_or(i64::MAX);
        let width_us = length / wanted + i64::from(length % wanted != 0);
        Self { from_us, to_us, max_points, width_us, points: Vec::new(), thinned: false, open: None }
    }

    pub(crate) fn push(&mut self, sample: &Sample) {
        let point = Sums::of(sample).point(begin(sample), sample.at);
        if self.thinned {
            self.sum(&point, to_us(sample.at));
        } else if self.points.len() < self.max_points {
            self.points.push(point);
        } else {
            self.thinned = true;
            for earlier in std::mem::take(&mut self.points) {
                self.sum(&earlier, to_us(earlier.to));
            }
            self.sum(&point, to_us(sample.at));
        }
    }

    pub(crate) fn finish(mut self) -> Vec<Point> {
        self.close();
        self.points
    }

    fn sum(&mut self, point: &Point, at_us: i64) {
        let stretch = at_us.saturating_sub(self.from_us).saturating_sub(1).div_euclid(self.width_us);
        if self.open.as_ref().is_some_and(|(open, _)| *open != stretch) {
            self.close();
        }
        self.open.get_or_insert_with(|| (stretch, Sums::default())).1.add(point);
    }

    fn close(&mut self) {
        if let Some((stretch, sums)) = self.open.take() {
            let begin = self.from_us.saturating_add(stretch.saturating_mul(self.width_us));
            let end = begin.saturating_add(self.width_us).min(self.to_us);
            let time = |us| from_us(us).unwrap_or(Timestamp::MAX);
            self.points.push(sums.point(time(begin), time(end)));
        }
    }
}

fn begin(sample: &Sample) -> Timestamp {
    sample.at.checked_sub(SignedDuration::from_secs(i64::from(sample.interval_s))).unwrap_or(Timestamp::MIN)
}

#[derive(Default)]
struct Sums {
    samples: u32,
    covered_s: u64,
    unknown_s: u64,
    /// Share heard times seconds known.
    heard_s: f64,
    expected: f64,
    observed: f64,
    expected_value_minor: i64,
    observed_value_minor: i64,
}

impl Sums {
    fn of(sample: &Sample) -> Self {
        let seconds = u64::from(sample.interval_s);
        let (unknown_s, heard_s) = match sample.heard {
            Heard::Unknown => (seconds, 0.0),
            Heard::Share(share) => (0, f64::from(share) * f64::from(sample.interval_s)),
        };
        Self {
            samples: 1,
            covered_s: seconds,
            unknown_s,
            heard_s,
            expected: sample.expected,
            observed: sample.observed,
            expected_value_minor: sample.expected_value_minor,
            observed_value_minor: sample.observed_value_minor,
        }
    }

    fn add(&mut self, point: &Point) {
        self.samples = self.samples.saturating_add(point.samples);
        self.covered_s += point.covered_s;
        self.unknown_s += point.unknown_s;
        if let Heard::Share(share) = point.heard {
            self.heard_s += f64::from(share) * seconds(point.covered_s - point.unknown_s);
        }
        self.expected += point.expected;
        self.observed += point.observed;
        self.expected_value_minor = self.expected_value_minor.saturating_add(point.expected_value_minor);
        self.observed_value_minor = self.observed_value_minor.saturating_add(point.observed_value_minor);
    }

    fn point(&self, from: Timestamp, to: Timestamp) -> Point {
        let known_s = self.covered_s - self.unknown_s;
        let heard = if known_s == 0 {
            Heard::Unknown
        } else {
            Heard::Share(((self.heard_s / seconds(known_s)) as f32).clamp(0.0, 1.0))
        };
        Point {
            from,
            to,
            samples: self.samples,
            covered_s: self.covered_s,
            unknown_s: self.unknown_s,
            heard,
            expected: self.expected,
            observed: self.observed,
            expected_value_minor: self.expected_value_minor,
            observed_value_minor: self.observed_value_minor,
        }
    }
}

/// A number of seconds as a float; exact up to 285 million years.
fn seconds(whole: u64) -> f64 {
    whole as f64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn minute(n: i64, heard: Heard) -> Sample {
        Sample {
            at: from_us(n * 60_000_000).unwrap(),
            interval_s: 60,
            expected: 2.0,
            observed: 1.0,
            expected_value_minor: 200,
            observed_value_minor: 100,
            heard,
            known_at: from_us(n * 60_000_000).unwrap(),
        }
    }

    fn thin(minutes: impl IntoIterator<Item = Sample>, span_min: i64, max_points: usize) -> Vec<Point> {
        let to = from_us(span_min * 60_000_000).unwrap();
        let mut thinner = Thinner::new(Span { from: Timestamp::UNIX_EPOCH, to, as_of: None }, max_points);
        minutes.into_iter().for_each(|sample| thinner.push(&sample));
        thinner.finish()
    }

    #[test]
    fn few_samples_stay_as_they_are_and_many_are_summed_without_loss() {
        let all: Vec<_> = (1..=60).map(|n| minute(n, Heard::Share(1.0))).collect();
        assert_eq!(thin(all.clone(), 60, 60).len(), 60);
        for max_points in [1, 7, 30, 59] {
            let points = thin(all.clone(), 60, max_points);
            assert!(points.len() <= max_points, "{} points of at most {max_points}", points.len());
            assert_eq!(points.iter().map(|point| point.samples).sum::<u32>(), 60);
            assert_eq!(points.iter().map(|point| point.expected_value_minor).sum::<i64>(), 12_000);
            assert!(points.iter().zip(points.iter().skip(1)).all(|(a, b)| a.to == b.from));
            assert_eq!(points.last().unwrap().to, all[59].at);
        }
    }

    #[test]
    fn what_is_missing_stays_missing() {
        let gap = (1..=60).filter(|n| !(21..=40).contains(n)).map(|n| minute(n, Heard::Share(0.5)));
        let points = thin(gap, 60, 6);
        assert_eq!(points.len(), 4, "stretches without samples give no points");
        assert!(points.iter().all(|point| point.heard == Heard::Share(0.5) && point.unknown_s == 0));
        let unknown = thin((1..=60).map(|n| minute(n, Heard::Unknown)), 60, 1);
        assert_eq!((unknown[0].heard, unknown[0].unknown_s), (Heard::Unknown, 3600));
        let half = thin((1..=60).map(|n| minute(n, if n <= 30 { Heard::Unknown } else { Heard::Share(1.0) })), 60, 1);
        assert_eq!((half[0].heard, half[0].unknown_s, half[0].covered_s), (Heard::Share(1.0), 1800, 3600));
    }
}
