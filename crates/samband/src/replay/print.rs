//! What a replay prints: a line for each finding and each revision.

use super::input::Signals;
use anyhow::Result;
use domain::finding::{Finding, FindingStatus};
use engine::Engine;
use std::io::{BufWriter, Stdout, Write};

/// Prints findings, and counts them.
#[derive(Debug)]
pub struct Printer {
    json: bool,
    out: BufWriter<Stdout>,
    findings: u64,
    incidents: std::collections::BTreeSet<String>,
}

impl Printer {
    /// A printer of JSON lines, or of lines for people.
    pub fn new(json: bool) -> Self {
        Self { json, out: BufWriter::new(std::io::stdout()), findings: 0, incidents: std::collections::BTreeSet::new() }
    }

    /// One revision.
    pub fn finding(&mut self, finding: &Finding) -> Result<()> {
        if finding.revision == 1 {
            self.findings += 1;
        }
        self.incidents.insert(finding.incident.as_str().to_owned());
        if self.json {
            serde_json::to_writer(&mut self.out, finding)?;
            writeln!(self.out)?;
        } else {
            self.line(finding)?;
        }
        self.out.flush()?;
        Ok(())
    }

    /// What it all came to, on standard error.
    pub fn summary(&self, engine: &Engine, signals: &Signals) {
        let health = engine.health();
        eprintln!(
            "{} signals ({} refused, {} repeated, {} unregistered, {} late): {} findings in {} incidents",
            health.signals,
            signals.refused_total,
            health.duplicates,
            health.unregistered,
            health.late,
            self.findings,
            self.incidents.len()
        );
    }

    fn line(&mut self, f: &Finding) -> Result<()> {
        let terms: Vec<String> = f.explanation.iter().map(ToString::to_string).collect();
        let what = if terms.is_empty() { "no known common factor".to_owned() } else { terms.join(" & ") };
        let kind = serde_json::to_value(f.kind)?;
        let kind = kind.as_str().unwrap_or("finding");
        let status = match f.status {
            FindingStatus::Open => "FOUND",
            FindingStatus::Revised => "revised",
            FindingStatus::Closed => "closed",
        };
        write!(self.out, "{}  {status:<7}  {} r{}  {kind}  {what}", f.revised_at, f.id, f.revision)?;
        write!(self.out, "  {} sites, {} devices", f.affected.sites, f.affected.devices)?;
        write!(self.out, "  since {}  observed {} of {:.0} expected", f.started_at, f.observed, f.expected)?;
        if let Some(c) = &f.consequence {
            let per_hour = c.per_hour;
            write!(
                self.out,
                "  {} {}/h not sold ({} to {})",
                per_hour.decimal(),
                per_hour.currency,
                c.low.decimal(),
                c.high.decimal()
            )?;
        }
        writeln!(self.out, "  [{}]", f.incident)?;
        Ok(())
    }
}
