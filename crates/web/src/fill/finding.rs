//! One finding, with its revisions.

use super::cost::{cost_of_finding, later};
use super::opening::Opening;
use super::places::{Sites, picture};
use super::why::why;
use crate::board::Troubles;
use crate::charts;
use crate::convert::not_found;
use crate::security::Problem;
use crate::view::{ChartView, FindingView, Headline, RevisionLine};
use crate::visit::Visit;
use domain::{Finding, FindingId};

/// So many sites are listed.
const SITES_LISTED: usize = 200;
/// The most that are listed when all are asked for.
const SITES_MOST: usize = 5_000;

/// One finding; with its chart when `whole`.
pub(crate) fn finding(visit: &Visit, id: &FindingId, whole: bool) -> Result<FindingView, Problem> {
    let picture = picture(visit);
    let all = visit.asked.query("sites").as_deref() == Some("all");
    let listed = if all { SITES_MOST } else { SITES_LISTED };
    let found = visit.app.desk.read(visit.scope(), |view| {
        let entry = view.finding(id)?;
        let troubles = Troubles::of(view);
        let rows = Sites { visit, picture: &picture, troubles: &troubles };
        let part = view.customer(&entry.latest.customer)?;
        let mut sites = rows.lines_of(&entry.latest.customer, part, entry.latest.sites.iter(), usize::MAX);
        let sites_more = sites.len().saturating_sub(listed) as u64;
        sites.truncate(listed);
        let opening = Opening::of(part, entry.latest.sites.iter());
        Some((entry.clone(), sites, sites_more, opening))
    });
    let (entry, sites, sites_more, opening) = found.ok_or_else(|| not_found("finding", id.as_str()))?;
    // What each earlier revision said stands in the journal; the list says when and why, and the newest what.
    let headline = Headline::of(&entry.latest, &entry.types);
    let count = u64::from(entry.latest.affected.sites);
    let revisions = entry.revisions.iter().rev().map(|revision| RevisionLine {
        revision: revision.revision,
        at: revision.at,
        because: revision.because,
        headline: headline.clone(),
        sites: count,
    });
    let revisions = said_then(visit, &entry, revisions.collect());
    Ok(FindingView {
        cost: cost_of_finding(&entry.latest, &opening, visit),
        why: why(visit, &entry.latest),
        finding: (*entry.latest).clone(),
        types: entry.types.clone(),
        chart: whole
            .then(|| charts::chart(visit, &format!("finding:{id}")))
            .flatten()
            .map(|chart| ChartView { later: later(&entry.latest), ..chart }),
        revisions,
        sites,
        sites_more,
    })
}

/// Puts in what each revision said when it was made, read from the journal.
fn said_then(
    visit: &Visit,
    entry: &desk::world::findings::FindingEntry,
    mut lines: Vec<RevisionLine>,
) -> Vec<RevisionLine> {
    const READ: usize = 50;
    for revision in entry.revisions.iter().rev().take(READ) {
        let Some(then) = as_said(visit, revision.seq) else { continue };
        if let Some(line) = lines.iter_mut().find(|line| line.revision == then.revision) {
            line.headline = Headline::of(&then, &entry.types);
            line.sites = u64::from(then.affected.sites);
        }
    }
    lines
}

/// A finding as a row of the journal said it.
pub(crate) fn as_said(visit: &Visit, seq: store::Seq) -> Option<Finding> {
    use domain::event::Event::{FindingClosed, FindingOpened, FindingRevised};
    let mut rows = visit.app.desk.journal().read(seq, 1, visit.scope()).ok()?;
    let row = rows.pop().filter(|row| row.seq == seq)?;
    match visit.app.desk.codec().decode(row).ok()?.event {
        FindingOpened(then) | FindingRevised(then) | FindingClosed(then) => Some(then),
        _ => None,
    }
}
