//! The real binary as a process: started on a free port, asked to end, and what it costs as Linux counts it.

use anyhow::{Context, Result, ensure};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The kernel counts processor time in hundredths of a second.
const CLOCK_TICKS: f64 = 100.0;

/// A running server.
pub struct Server {
    child: Child,
    /// `http://127.0.0.1:PORT`
    pub base: String,
    /// From its start until it named its address.
    pub named_after: Duration,
}

/// The binary to measure: `cargo xtask bench` names it.
pub fn binary() -> Result<PathBuf> {
    std::env::var_os("SAMBAND_BIN")
        .map(PathBuf::from)
        .context("SAMBAND_BIN must name the binary; cargo xtask bench does")
}

impl Server {
    /// Starts it on a data directory and waits until it names its address.
    pub fn start(data: &Path, settings: &[(&str, String)]) -> Result<Self> {
        let began = Instant::now();
        let mut command = Command::new(binary()?);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).stdout(Stdio::piped());
        // What names the binary is no setting of it.
        command.env_remove("SAMBAND_BIN").envs(settings.iter().map(|(name, value)| (*name, value.as_str())));
        let mut child = command.spawn().context("the server does not start")?;
        let out = child.stdout.take().context("its output is piped")?;
        let mut lines = BufReader::new(out).lines();
        let base = loop {
            let line = lines.next().context("the server ended before it named its address")??;
            if let Some(at) = line.find("http://") {
                break line[at..].trim().trim_end_matches('/').to_owned();
            }
        };
        // What it says later is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, base, named_after: began.elapsed() })
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// Seconds of processor time of all its threads.
    pub fn cpu_s(&self) -> f64 {
        cpu_s(&self.child.id().to_string())
    }

    /// Its resident memory in bytes.
    pub fn resident_bytes(&self) -> f64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(0.0) * 1024.0
    }

    /// A number of `/metrics`.
    pub fn metric(&self, name: &str) -> Result<f64> {
        let text = ureq::get(format!("{}/metrics", self.base)).call()?.body_mut().read_to_string()?;
        let line = text.lines().find(|line| line.split(' ').next() == Some(name));
        line.and_then(|line| line.split(' ').nth(1)?.parse().ok())
            .with_context(|| format!("no metric {name} in\n{text}"))
    }

    /// Asks it to end and waits: it judges what is durable and writes its snapshots.
    pub fn end(mut self) -> Result<()> {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        ensure!(asked.success() && self.child.wait()?.success(), "the server did not end in order");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already cannot be killed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Seconds of processor time of a process, by its id or `self`.
pub fn cpu_s(process: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name in brackets may hold anything; user and system time are the 12th and 13th field after it.
    let mut fields = text.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11);
    let mut next = || fields.next().and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (next() + next()) / CLOCK_TICKS
}
