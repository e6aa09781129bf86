//! What users do today: "no sale for N minutes" and "far fewer than in the same hour last week", each tuned on the learning half.

use crate::openings::Openings;

const WEEK_S: i64 = 604_800;
const HOUR_S: i64 = 3_600;
const MINUTE_S: i64 = 60;

/// Receipts of a group (unix seconds, sorted), and when its places are open.
pub struct Series<'a> {
    /// When each receipt was written.
    pub receipts: &'a [i64],
    /// When it is open.
    pub openings: &'a Openings,
}

/// A rule on a series; both kinds answer the same two questions.
pub enum Rule {
    /// No receipt for so many open seconds.
    Gap(i64),
    /// The last hour has at most this share of the same hour a week before, which had at least so many.
    LastWeek { share: f64, least: usize },
}

impl Series<'_> {
    fn count(&self, from: i64, to: i64) -> usize {
        self.receipts.partition_point(|r| *r <= to) - self.receipts.partition_point(|r| *r <= from)
    }

    /// Open lengths of the gaps that begin in `from..to`.
    fn gaps(&self, from: i64, to: i64) -> Vec<i64> {
        let inside: Vec<i64> = self.receipts.iter().copied().filter(|r| (from..to).contains(r)).collect();
        inside.windows(2).map(|w| self.openings.elapsed(w[1]) - self.openings.elapsed(w[0])).collect()
    }

    /// False alarms of a rule in `from..to`.
    pub fn alarms(&self, rule: &Rule, from: i64, to: i64) -> usize {
        match rule {
            Rule::Gap(longest) => self.gaps(from, to).into_iter().filter(|g| g > longest).count(),
            Rule::LastWeek { .. } => {
                let mut alarms = 0;
                let mut was = false;
                for at in (from..to).step_by(MINUTE_S as usize) {
                    let is = self.below_last_week(rule, at, i64::MAX);
                    alarms += usize::from(is && !was);
                    was = is;
                }
                alarms
            }
        }
    }

    /// Whether the last hour up to `at` is too few, when nothing came after `cut`.
    fn below_last_week(&self, rule: &Rule, at: i64, cut: i64) -> bool {
        let Rule::LastWeek { share, least } = rule else { return false };
        let (from, before) = (at - HOUR_S, at - WEEK_S);
        if !self.openings.holds(from, at) || !self.openings.holds(before - HOUR_S, before) {
            return false;
        }
        let usual = self.count(before - HOUR_S, before);
        usual >= *least && self.count(from, at.min(cut).max(from)) as f64 <= share * usual as f64
    }

    /// When a rule finds that nothing came from `cut` to `end`.
    pub fn found(&self, rule: &Rule, cut: i64, end: i64) -> Option<i64> {
        let found = match rule {
            Rule::Gap(longest) => {
                let last = self.receipts[self.receipts.partition_point(|r| *r <= cut).checked_sub(1)?];
                self.openings.at(self.openings.elapsed(last) + longest + 1).max(cut)
            }
            Rule::LastWeek { .. } => {
                (cut..end).step_by(MINUTE_S as usize).find(|at| self.below_last_week(rule, *at, cut))?
            }
        };
        (found <= end).then_some(found)
    }

    /// The shortest gap that gives at most `allowed` false alarms in `from..to`.
    pub fn tune_gap(&self, allowed: usize, from: i64, to: i64) -> Rule {
        let mut gaps = self.gaps(from, to);
        gaps.sort_unstable_by(|a, b| b.cmp(a));
        // To the next whole minute, as a user would set it.
        Rule::Gap(gaps.get(allowed).map_or(MINUTE_S, |g| (g / MINUTE_S + 1) * MINUTE_S))
    }

    /// The share and the least count that give at most `allowed` false alarms and find most of the cuts in `from..to` soonest.
    pub fn tune_last_week(&self, allowed: usize, from: i64, to: i64, open_s: i64) -> Rule {
        let mut best = (f64::INFINITY, Rule::LastWeek { share: 0.0, least: usize::MAX });
        let cuts: Vec<i64> = (0..100_i64)
            .map(|i| {
                let (first, last) = (self.openings.elapsed(from), self.openings.elapsed(to) - open_s);
                self.openings.at(first + (last - first) * i / 100)
            })
            .collect();
        for least in [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50] {
            let fits = |share: &f64| self.alarms(&Rule::LastWeek { share: *share, least }, from, to) <= allowed;
            let Some(share) = [0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.05, 0.0].into_iter().find(fits) else { continue };
            let rule = Rule::LastWeek { share, least };
            let cost: i64 = cuts
                .iter()
                .map(|&cut| {
                    let end = self.openings.at(self.openings.elapsed(cut) + open_s);
                    self.found(&rule, cut, end)
                        .map_or(2 * open_s, |f| self.openings.elapsed(f) - self.openings.elapsed(cut))
                })
                .sum();
            if (cost as f64) < best.0 {
                best = (cost as f64, rule);
            }
        }
        best.1
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gap(longest) => write!(f, "no sale for {} min", longest / MINUTE_S),
            Self::LastWeek { least, .. } if *least == usize::MAX => {
                write!(f, "same hour last week: no setting is quiet enough")
            }
            Self::LastWeek { share, least } => {
                write!(f, "at most {:.0} % of the same hour last week, if that had {least}", share * 100.0)
            }
        }
    }
}
