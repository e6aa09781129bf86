//! Senders over kept connections: batches of count signals, encoded beforehand but for their times, one request after another.

use crate::home::device_code;
use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

/// Signals of a batch.
pub const BATCH: usize = 500;
/// Different batches of each sender.
const DIFFERENT: usize = 16;
/// Where the time stands, all with as many letters.
const AT: &str = "2026-01-01T00:00:00.000Z";

/// A request whose answer came.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    /// When its first byte went out.
    pub at: Instant,
    /// When its answer was there.
    pub answered: Instant,
    /// Its place in the inbox.
    pub position: u64,
}

/// What one sender saw.
#[derive(Debug, Default)]
pub struct Seen {
    /// Requests that were acknowledged.
    pub sent: Vec<Sent>,
    /// Requests that were told to come again.
    pub refused: u64,
}

/// How they send.
#[derive(Debug, Clone, Copy)]
pub struct Load<'a> {
    /// Host and port.
    pub address: &'a str,
    /// The token's secret.
    pub token: &'a str,
    /// Senders, each on a connection.
    pub senders: usize,
    /// Sites and devices at each.
    pub fleet: (usize, usize),
    /// Time between two batches of one sender; as fast as answers come where there is none.
    pub every: Option<Duration>,
    /// How long they send.
    pub seconds: f64,
}

impl Load<'_> {
    /// Sends, and waits for the last answer.
    pub fn run(self) -> Result<Seen> {
        let stop = AtomicBool::new(false);
        let begins = Instant::now();
        thread::scope(|scope| {
            let stop = &stop;
            let senders: Vec<ScopedJoinHandle<'_, Result<Seen>>> =
                (0..self.senders).map(|sender| scope.spawn(move || self.send(sender, begins, stop))).collect();
            thread::sleep(Duration::from_secs_f64(self.seconds));
            stop.store(true, Ordering::Release);
            let mut all = Seen::default();
            for sender in senders {
                let seen = sender.join().ok().context("a sender died")??;
                all.sent.extend(seen.sent);
                all.refused += seen.refused;
            }
            Ok(all)
        })
    }

    fn send(self, sender: usize, begins: Instant, stop: &AtomicBool) -> Result<Seen> {
        let mut requests: Vec<_> = (0..DIFFERENT).map(|n| Request::new(&self, sender * DIFFERENT + n)).collect();
        let mut connection = Connection::open(self.address)?;
        let mut seen = Seen::default();
        let share = |every: Duration| every.mul_f64(sender as f64 / self.senders as f64);
        let mut due = self.every.map(|every| begins + share(every));
        for n in 0.. {
            if let (Some(at), Some(every)) = (&mut due, self.every) {
                thread::sleep(at.saturating_duration_since(Instant::now()));
                *at += every;
            }
            if stop.load(Ordering::Acquire) {
                break;
            }
            let request = &mut requests[n % DIFFERENT];
            request.set_time(Timestamp::now());
            let at = Instant::now();
            let (status, body) = connection.ask(&request.bytes)?;
            match status {
                200 => seen.sent.push(Sent { at, answered: Instant::now(), position: position_in(&body)? }),
                503 => {
                    seen.refused += 1;
                    thread::sleep(Duration::from_millis(50));
                }
                other => anyhow::bail!("{other}: {}", String::from_utf8_lossy(&body)),
            }
        }
        Ok(seen)
    }
}

/// The number after `"position":`.
pub fn position_in(text: &[u8]) -> Result<u64> {
    let text = String::from_utf8_lossy(text);
    let number = text.split("\"position\":").nth(1).and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
    number.and_then(|number| number.parse().ok()).with_context(|| format!("no position in {text}"))
}

/// A whole request, and where the times in it stand.
struct Request {
    bytes: Vec<u8>,
    times: Vec<Range<usize>>,
}

impl Request {
    fn new(load: &Load<'_>, n: usize) -> Self {
        let (sites, devices) = load.fleet;
        let mut body = String::new();
        let mut times = Vec::with_capacity(BATCH);
        for i in 0..BATCH {
            // Neighbours far apart, every device as often as the others.
            let place = (n * BATCH + i) * 7_919 % (sites * devices);
            let device = device_code(place % sites, place / sites);
            body.push_str("{\"kind\":\"count\",\"at\":\"");
            times.push(body.len()..body.len() + AT.len());
            body.push_str(AT);
            body.push_str(&format!(
                "\",\"device\":\"{device}\",\"metric\":\"sales\",\"count\":1,\"value\":\"129.50\",\"currency\":\"SEK\"}}\n"
            ));
        }
        let head = format!(
            "POST /api/v1/signals HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/x-ndjson\r\nContent-Length: {}\r\n\r\n",
            load.address,
            load.token,
            body.len()
        );
        let times = times.into_iter().map(|at| at.start + head.len()..at.end + head.len()).collect();
        Self { bytes: (head + &body).into_bytes(), times }
    }

    fn set_time(&mut self, now: Timestamp) {
        let text = format!("{now:.3}");
        for at in &self.times {
            self.bytes[at.clone()].copy_from_slice(text.as_bytes());
        }
    }
}

/// A kept connection that is read as far as HTTP/1.1 answers of ours need.
pub struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    /// Connects.
    pub fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::with_capacity(1 << 16, stream) })
    }

    /// Sends a request; the answer's status and body.
    pub fn ask(&mut self, request: &[u8]) -> Result<(u16, Vec<u8>)> {
        self.stream.get_mut().write_all(request)?;
        let (status, length) = self.head()?;
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok((status, body))
    }

    /// Sends a request whose answer goes on, and reads it up to its body.
    pub fn begin(mut self, request: &[u8]) -> Result<BufReader<TcpStream>> {
        self.stream.get_mut().write_all(request)?;
        let (status, _) = self.head()?;
        ensure!(status == 200, "answered with {status}");
        Ok(self.stream)
    }

    fn head(&mut self) -> Result<(u16, usize)> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no answer")?;
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { return Ok((status, length)) };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse()?;
            }
        }
    }
}
