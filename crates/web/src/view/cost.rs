//! What a disruption costs, as far as it can be said: measured, at most so much, unknown, or nothing while all is shut. In words, so that
//! every page says it alike.

use crate::format::MoneyInterval;
use crate::words::Reader;
use domain::Money;
use jiff::Timestamp;

/// What a cost rests on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Basis {
    /// The affected are heard: what they do not sell is counted.
    #[default]
    Measured,
    /// They do not sell, or are not heard: not decided yet.
    Undecided,
    /// They are not heard: they may well sell.
    NotHeard,
}

/// What came in after contact was back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CameLater {
    /// Transactions that came later.
    pub came: f64,
    /// Transactions that were expected.
    pub expected: f64,
}

impl CameLater {
    /// The share that came.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.expected > 0.0 { (self.came / self.expected).min(1.0) } else { 1.0 }
    }
}

/// All of the affected are shut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AllShut {
    /// When the first of them opens, where that is known.
    pub opens_at: Option<Timestamp>,
}

/// Turnover that does not come about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cost {
    /// Per hour: now, or while the affected are open if they are shut. None while nothing can be said, and when it is over.
    pub per_hour: Option<MoneyInterval>,
    /// Since the start; none where it is unknown.
    pub so_far: Option<Money>,
    /// What it rests on.
    pub basis: Basis,
    /// Set while all of the affected are shut.
    pub shut: Option<AllShut>,
    /// Whether it is over.
    pub is_over: bool,
    /// What came later of what was not heard.
    pub later: Option<CameLater>,
}

impl Cost {
    /// The one number.
    #[must_use]
    pub fn figure(&self, r: &Reader) -> String {
        let nothing = || "\u{2013}".to_owned();
        if self.is_over {
            return match (&self.later, &self.so_far) {
                (Some(later), _) => r.percent(&later.share()),
                (None, Some(sum)) => r.money_about(sum),
                (None, None) => r.say("unknown"),
            };
        }
        let Some(per_hour) = &self.per_hour else { return nothing() };
        match self.basis {
            _ if self.shut.is_some() => r.rate(&Money { minor: 0, ..per_hour.estimate }),
            Basis::Measured => r.rate(&per_hour.estimate),
            Basis::Undecided | Basis::NotHeard => r.say_a("at-most", r.rate(&per_hour.high)),
        }
    }

    /// What the number is.
    #[must_use]
    pub fn caption(&self, r: &Reader) -> String {
        match (self.is_over, &self.later) {
            (true, Some(_)) => r.say("came-later-share"),
            (true, None) => r.say("not-sold-total"),
            (false, _) => r.say("not-sold"),
        }
    }

    /// How sure it is, or why there is none.
    #[must_use]
    pub fn note(&self, r: &Reader) -> String {
        if self.is_over {
            return match (&self.later, self.basis) {
                (Some(later), _) => r.say_ab("came-later", r.number(&later.came), r.number(&later.expected)),
                (None, Basis::NotHeard) => r.say("not-heard-meanwhile"),
                (None, Basis::Measured | Basis::Undecided) => r.say("activity-back"),
            };
        }
        if let Some(shut) = &self.shut {
            return self.note_shut(r, shut);
        }
        match (&self.per_hour, self.basis) {
            (None, _) => r.say("not-sold-unknown"),
            (Some(_), Basis::Undecided) => r.say("contact-undecided"),
            (Some(_), Basis::NotHeard) => r.say("not-sold-not-heard"),
            (Some(i), Basis::Measured) => r.say_a("interval-short", r.rate_interval(i)),
        }
    }

    fn note_shut(&self, r: &Reader, shut: &AllShut) -> String {
        let said = match (&self.per_hour, self.basis) {
            (None, _) => r.say("shut-nothing-due"),
            (Some(i), Basis::Measured) => r.say_a("shut-when-open", r.rate(&i.estimate)),
            (Some(i), Basis::Undecided | Basis::NotHeard) => r.say_a("shut-at-most-when-open", r.rate(&i.high)),
        };
        match &shut.opens_at {
            Some(at) => format!("{said} {}", r.say_a("first-opens", r.clock_minutes(at))),
            None => said,
        }
    }

    /// What it has been since the start, while it goes on.
    #[must_use]
    pub fn so_far_line(&self, r: &Reader) -> Option<String> {
        if self.is_over || self.per_hour.is_none() {
            return None;
        }
        let amount = match (self.basis, &self.so_far) {
            (Basis::NotHeard, _) | (_, None) => r.say("unknown"),
            (Basis::Undecided, Some(sum)) => r.say_a("at-most", r.money_about(sum)),
            (Basis::Measured, Some(sum)) => r.money_about(sum),
        };
        Some(r.say_a("so-far", amount))
    }

    /// The sum since the start, for a column of such.
    #[must_use]
    pub fn total(&self, r: &Reader) -> String {
        match (&self.later, &self.so_far) {
            (Some(later), _) => r.say_a("came-later-of-it", r.percent(&later.share())),
            (None, Some(sum)) => r.money_about(sum),
            (None, None) => r.say("unknown"),
        }
    }

    /// Whether there is a number per hour that can be asked why.
    #[must_use]
    pub fn has_rate(&self) -> bool {
        self.per_hour.is_some()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::words::Lang;
    use domain::money::SEK;
    use jiff::tz::TimeZone;

    fn reader() -> Reader {
        let now = "2026-02-17T09:43:04Z".parse().unwrap();
        Reader { lang: Lang::En, zone: TimeZone::UTC, now, query: String::new() }
    }

    fn sek(major: i64) -> Money {
        Money { minor: major * 100, currency: SEK }
    }

    fn cost(basis: Basis) -> Cost {
        let estimate = if basis == Basis::NotHeard { 0 } else { 1_840_000 };
        let per_hour = Some(MoneyInterval { estimate: sek(estimate), low: sek(0), high: sek(2_100_000) });
        Cost { per_hour, so_far: Some(sek(368_000)), basis, ..Cost::default() }
    }

    fn said(cost: &Cost) -> String {
        let r = reader();
        let so_far = cost.so_far_line(&r).unwrap_or_default();
        [cost.figure(&r), cost.note(&r), so_far].join(" | ").replace(['\u{202f}', '\u{2013}'], " ")
    }

    #[test]
    fn what_is_not_known_is_never_stated_as_a_sum() {
        assert!(said(&cost(Basis::Measured)).starts_with("1.84 MSEK/h | 0 2.10 MSEK/h, 90 % | 368,000 SEK so far"));
        let undecided = said(&cost(Basis::Undecided));
        assert!(undecided.starts_with("at most 2.10 MSEK/h | not selling or not heard"), "{undecided}");
        assert!(undecided.ends_with("at most 368,000 SEK so far"), "{undecided}");
        let unheard = said(&cost(Basis::NotHeard));
        assert!(unheard.starts_with("at most 2.10 MSEK/h |") && unheard.ends_with("unknown so far"), "{unheard}");
        let over = Cost { per_hour: None, so_far: None, is_over: true, ..cost(Basis::NotHeard) };
        assert!(said(&over).starts_with("unknown |"), "{}", said(&over));
        let later = Some(CameLater { came: 9_817.0, expected: 11_133.0 });
        let came = said(&Cost { later, ..over });
        assert!(came.contains("9,817 of 11,133") && !came.contains("SEK"), "{came}");
    }

    #[test]
    fn nothing_is_lost_while_all_are_shut() {
        let opens_at = Some("2026-02-18T07:00:00Z".parse().unwrap());
        let night = said(&Cost { shut: Some(AllShut { opens_at }), ..cost(Basis::Measured) });
        assert!(night.starts_with("0 SEK/h | Shut now; about 1.84 MSEK/h when open."), "{night}");
        assert!(night.contains("opens 18\u{a0}Feb 07:00"), "{night}");
        let idle = said(&Cost { shut: Some(AllShut::default()), ..Cost::default() });
        assert!(idle.contains("No turnover is expected now."), "{idle}");
    }
}
