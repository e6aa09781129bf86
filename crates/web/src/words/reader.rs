//! For whom a page is written: language, zone and the moment. Templates speak through it (`{{ r.say("nav-fleet") }}`), so
//! that no template formats anything by itself.

use super::{Key, Lang, catalog};
use crate::format::{self, MoneyInterval};
use domain::Money;
use jiff::{Timestamp, tz::TimeZone};

/// Language, zone and "now" of one answer.
#[derive(Debug, Clone)]
pub struct Reader {
    /// Language of the page.
    pub lang: Lang,
    /// Zone that absolute times stand in, unless a site's own zone is named.
    pub zone: TimeZone,
    /// The moment the page was made.
    pub now: Timestamp,
    /// The query that the page was asked for with, without its language.
    pub query: String,
}

/// A count, however many references deep: templates pass what they have at hand.
pub trait AsCount {
    /// The count.
    fn as_count(&self) -> u64;
}

impl AsCount for u64 {
    fn as_count(&self) -> u64 {
        *self
    }
}

impl AsCount for u32 {
    fn as_count(&self) -> u64 {
        u64::from(*self)
    }
}

impl<T: AsCount> AsCount for &T {
    fn as_count(&self) -> u64 {
        (*self).as_count()
    }
}

impl Reader {
    /// A text without arguments.
    #[must_use]
    pub fn say(&self, key: impl Into<Key>) -> String {
        catalog::say(self.lang, key.into().0)
    }

    /// A text with one text argument `$a`.
    #[must_use]
    pub fn say_a(&self, key: impl Into<Key>, a: impl AsRef<str>) -> String {
        catalog::say_with(self.lang, key.into().0, &[("a", a.as_ref().into())])
    }

    /// A text with two text arguments `$a` and `$b`.
    #[must_use]
    pub fn say_ab(&self, key: impl Into<Key>, a: impl AsRef<str>, b: impl AsRef<str>) -> String {
        catalog::say_with(self.lang, key.into().0, &[("a", a.as_ref().into()), ("b", b.as_ref().into())])
    }

    /// A text with a count `$n`, which also chooses singular or plural.
    #[must_use]
    pub fn say_n(&self, key: impl Into<Key>, n: impl AsCount) -> String {
        catalog::say_with(self.lang, key.into().0, &[("n", (n.as_count()).into())])
    }

    /// A text with two counts `$n` and `$m`.
    #[must_use]
    pub fn say_nm(&self, key: impl Into<Key>, n: impl AsCount, m: impl AsCount) -> String {
        catalog::say_with(self.lang, key.into().0, &[("n", (n.as_count()).into()), ("m", (m.as_count()).into())])
    }

    /// A text with a count `$n` and a text `$a`.
    #[must_use]
    pub fn say_na(&self, key: impl Into<Key>, n: impl AsCount, a: impl AsRef<str>) -> String {
        catalog::say_with(self.lang, key.into().0, &[("n", (n.as_count()).into()), ("a", a.as_ref().into())])
    }

    /// What was refused, in this language where somebody has translated it.
    #[must_use]
    pub fn refusal(&self, said: impl AsRef<str>) -> String {
        super::refusal(self.lang, said.as_ref())
    }

    /// Language of what [`Self::refusal`] says.
    #[must_use]
    pub fn refusal_lang(&self, said: impl AsRef<str>) -> &'static str {
        super::translated(self.lang, said.as_ref()).map_or(Lang::En.tag(), |_| self.lang.tag())
    }

    /// A whole number.
    #[must_use]
    pub fn count(&self, n: impl AsCount) -> String {
        format::count(self.lang, i64::try_from(n.as_count()).unwrap_or(i64::MAX))
    }

    /// A share of one.
    #[must_use]
    pub fn percent(&self, share: &f64) -> String {
        format::percent(self.lang, *share)
    }

    /// A number with three significant digits.
    #[must_use]
    pub fn number(&self, value: &f64) -> String {
        format::significant(self.lang, *value)
    }

    /// An amount.
    #[must_use]
    pub fn money(&self, amount: &Money) -> String {
        format::money(self.lang, *amount)
    }

    /// An hourly rate.
    #[must_use]
    pub fn rate(&self, per_hour: &Money) -> String {
        format::money_rate(self.lang, *per_hour)
    }

    /// An amount that is an estimate: three digits.
    #[must_use]
    pub fn money_about(&self, amount: &Money) -> String {
        format::money_about(self.lang, *amount)
    }

    /// The interval of an hourly rate, in the unit of its estimate: `1.60–2.10`.
    #[must_use]
    pub fn rate_interval(&self, i: &MoneyInterval) -> String {
        format::money_rate_interval(self.lang, i)
    }

    /// The number of a rate in the unit of `like`, for columns whose head names the unit.
    #[must_use]
    pub fn rate_in(&self, per_hour: &Money, like: &Money) -> String {
        format::money_rate_column(self.lang, *per_hour, *like)
    }

    /// The unit of such a column.
    #[must_use]
    pub fn rate_unit(&self, like: &Money) -> String {
        format::money_rate_unit(self.lang, *like)
    }

    /// `4 min ago`.
    #[must_use]
    pub fn ago(&self, at: &Timestamp) -> String {
        format::ago(self.lang, *at, self.now)
    }

    /// `10:31:04`, with the date when it is another day.
    #[must_use]
    pub fn clock(&self, at: &Timestamp) -> String {
        format::clock(self.lang, *at, self.now, &self.zone)
    }

    /// `10:31`, with the date when it is another day.
    #[must_use]
    pub fn clock_minutes(&self, at: &Timestamp) -> String {
        format::clock_minutes(self.lang, *at, self.now, &self.zone)
    }

    /// A link to the same page in another language.
    #[must_use]
    pub fn in_language(&self, lang: &Lang) -> String {
        let and = if self.query.is_empty() { "" } else { "&" };
        format!("?{}{and}lang={}", self.query, lang.tag())
    }

    /// A number of hours at the size that a person can picture: `9 hours`, `12 days`, `223 years`.
    #[must_use]
    pub fn hours(&self, hours: &f64) -> String {
        let whole = |value: f64| value.round().clamp(0.0, 1e15) as u64;
        match *hours {
            h if h < 48.0 => self.say_n("n-hours", whole(h)),
            h if h < 2.0 * 8_766.0 => self.say_n("n-days", whole(h / 24.0)),
            h => self.say_n("n-years", whole(h / 8_766.0)),
        }
    }

    /// IANA name of the zone, for charts.
    #[must_use]
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// Length of time from then to now: `12 min`.
    #[must_use]
    pub fn since(&self, at: &Timestamp) -> String {
        format::duration(self.lang, self.now.duration_since(*at))
    }

    /// Length of time between two moments.
    #[must_use]
    pub fn span(&self, from: &Timestamp, to: &Timestamp) -> String {
        format::duration(self.lang, to.duration_since(*from))
    }

    /// A day written out.
    #[must_use]
    pub fn day(&self, at: &Timestamp) -> String {
        format::weekday_date(self.lang, *at, &self.zone)
    }
}
