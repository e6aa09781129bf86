//! Formats of shops: when they are open, and how their customers spread over the week.

use crate::calendar::Clock;
use domain::fleet::{DayKind, OpeningHours, Span};

/// A format of shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Convenience shop.
    Nara,
    /// Supermarket.
    Supermarket,
    /// Hypermarket.
    Stormarknad,
    /// Shop in a town centre.
    City,
}

impl Format {
    /// Every format with the share of shops that have it.
    pub const SHARES: [(Self, f64); 4] =
        [(Self::Nara, 0.28), (Self::Supermarket, 0.42), (Self::Stormarknad, 0.14), (Self::City, 0.16)];

    /// Its name as an attribute.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nara => "nära",
            Self::Supermarket => "supermarket",
            Self::Stormarknad => "stormarknad",
            Self::City => "city",
        }
    }

    /// When shops of it are open.
    #[must_use]
    pub fn hours_text(self) -> &'static str {
        match self {
            Self::Nara => "Mo-Su 07:00-23:00; PH 08:00-22:00",
            Self::Supermarket => "Mo-Su 07:00-22:00; PH 09:00-20:00",
            Self::Stormarknad => "Mo-Fr 07:00-22:00; Sa,Su 08:00-21:00; PH 09:00-19:00",
            Self::City => "Mo-Fr 08:00-21:00; Sa 09:00-20:00; Su 10:00-19:00; PH 11:00-17:00",
        }
    }

    /// How many devices it has against the usual shop: (self-scanners, tills). Weighted by [`Self::SHARES`] both means are 1.
    #[must_use]
    pub fn equipment(self) -> (f64, f64) {
        match self {
            Self::Nara => (0.6, 0.75),
            Self::Supermarket => (1.0, 1.0),
            Self::Stormarknad => (1.9, 1.55),
            Self::City => (0.9125, 0.956),
        }
    }

    /// Unnormalised density of customers by weekday (Monday 0) and hour of day.
    fn density(self, weekday: usize, hour: f64) -> f64 {
        let bump = |centre: f64, width: f64| {
            let z = (hour - centre) / width;
            libm::exp(-0.5 * z * z)
        };
        let weekend = weekday >= 5;
        let day = [0.95, 0.93, 0.96, 1.02, 1.18, 1.1, 0.92][weekday.min(6)];
        let (lunch, rush) = match (self, weekend) {
            (Self::Nara, false) => (0.5, 1.0),
            (Self::Nara, true) => (0.6, 0.7),
            (Self::Supermarket, false) => (0.45, 1.4),
            (Self::Supermarket, true) => (1.2, 0.6),
            (Self::Stormarknad, false) => (0.4, 1.5),
            (Self::Stormarknad, true) => (1.6, 0.5),
            (Self::City, false) => (1.1, 1.0),
            (Self::City, true) => (1.3, 0.4),
        };
        let middle = if weekend { 13.0 } else { 12.2 };
        let width = if weekend { 2.6 } else { 1.2 };
        day * (0.3 + 0.45 * bump(14.0, 4.5) + lunch * bump(middle, width) + rush * bump(17.0, 1.6))
    }
}

/// The week of one format, normalised so that its mean over open quarters is 1.
#[derive(Debug, Clone)]
pub struct Week {
    quarters: Vec<[f64; 96]>,
    /// Opening hours.
    pub hours: OpeningHours,
    /// Open hours of a usual day, over the week.
    pub open_hours_per_day: f64,
}

impl Week {
    /// Works out the week of a format.
    #[must_use]
    pub fn of(format: Format) -> Self {
        let hours = OpeningHours::parse(format.hours_text()).expect("the texts above are valid; a test reads them all");
        let mut quarters: Vec<[f64; 96]> = (0..7)
            .map(|day| {
                std::array::from_fn(|q| format.density(day, (f64::from(u8::try_from(q).unwrap_or(95)) + 0.5) / 4.0))
            })
            .collect();
        let (mut sum, mut open) = (0.0, 0_u32);
        for (day, row) in quarters.iter().enumerate() {
            for span in hours.spans(day, DayKind::Ordinary) {
                for q in span.from / 15..(span.to / 15).min(96) {
                    sum += row[usize::from(q)];
                    open += 1;
                }
            }
        }
        let mean = if open == 0 { 1.0 } else { sum / f64::from(open) };
        quarters.iter_mut().flatten().for_each(|x| *x /= mean);
        Self { quarters, hours, open_hours_per_day: f64::from(open) / 4.0 / 7.0 }
    }

    /// The span in which a block lies, shops open; `None` when closed. Spans of yesterday that run past midnight count too.
    #[must_use]
    pub fn span(&self, clock: &Clock) -> Option<Span> {
        self.hours
            .spans(clock.weekday, clock.kind)
            .iter()
            .find(|s| (s.from..s.to).contains(&clock.minute))
            .or_else(|| {
                let late = clock.minute + 1440;
                let yesterday = self.hours.spans((clock.weekday + 6) % 7, DayKind::Ordinary);
                yesterday.iter().find(|s| (s.from..s.to).contains(&late))
            })
            .copied()
    }

    /// Level of traffic in a block of the week; holidays have the shape of a Sunday.
    #[must_use]
    pub fn level(&self, clock: &Clock) -> f64 {
        let day = if clock.kind == DayKind::Holiday { 6 } else { clock.weekday };
        self.quarters.get(day).map_or(0.0, |row| row[clock.quarter()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_hours_and_a_mean_level_of_one() {
        for (format, _) in Format::SHARES {
            let week = Week::of(format);
            let (mut sum, mut n) = (0.0, 0);
            for day in 0..7 {
                for span in week.hours.spans(day, DayKind::Ordinary) {
                    for q in span.from / 15..span.to / 15 {
                        sum += week.quarters[day][usize::from(q)];
                        n += 1;
                    }
                }
            }
            assert!((sum / f64::from(n) - 1.0).abs() < 1e-9, "{format:?}");
            assert!(week.open_hours_per_day > 8.0);
            assert!(week.hours.knows_holidays());
        }
    }

    #[test]
    fn equipment_averages_to_the_usual_shop() {
        let mean = |f: fn((f64, f64)) -> f64| Format::SHARES.iter().map(|(x, w)| w * f(x.equipment())).sum::<f64>();
        assert!((mean(|e| e.0) - 1.0).abs() < 0.01);
        assert!((mean(|e| e.1) - 1.0).abs() < 0.01);
    }
}
