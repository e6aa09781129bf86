//! A learned world behind a real server on a free port: signals go in by `POST /api/v1/signals`, as the clock is driven.

use crate::http::{agent, get, post};
use desk::Caller;
use domain::Scope;
use domain::event::Event;
use domain::finding::Finding;
use domain::incident::Incident;
use ingest::native::encode;
use jiff::{SignedDuration, Timestamp};
use node::Clock;
use samband::demo::Stage;
use samband::wall::SystemEntropy;
use sim::{Scenario, Stream, Truth, World, WorldConfig};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::Entropy;
use tempfile::TempDir;

const LONG: Duration = Duration::from_secs(60);

pub struct House {
    pub stage: Stage,
    pub base: String,
    pub session: String,
    token: String,
    agent: ureq::Agent,
    stream: Mutex<Stream>,
    // Ends the server when it is dropped.
    _runtime: tokio::runtime::Runtime,
    _folder: TempDir,
}

impl House {
    pub fn new(sites: u32, begins: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = World::new(&WorldConfig { sites, ..WorldConfig::default() }).unwrap();
        let begins: Timestamp = begins.parse().unwrap();
        let stage = Stage::set(world, folder.path(), begins, &mut |_| Ok(())).unwrap();
        let desk = stage.node.desk();
        let customer = &stage.world.config.customer;
        let token = desk.create_token(&Caller::part("test"), customer, "test", begins).unwrap().secret;
        let session = session(desk, begins);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let app = web::app(samband::serve::state(&stage.node, base.clone(), "Europe/Stockholm", None));
        let node = Arc::clone(&stage.node);
        runtime.spawn(async move {
            samband::serve::serve_until(listener, app, std::future::pending(), &node).await.unwrap();
        });
        let stream = Mutex::new(sim::live(&stage.world, begins).unwrap());
        Self { stage, base, session, token, agent: agent(), stream, _runtime: runtime, _folder: folder }
    }

    pub fn now(&self) -> Timestamp {
        self.stage.clock.now()
    }

    /// Lets a scenario loose at a moment; what will really happen.
    pub fn inject(&self, name: &str, at: Timestamp) -> Truth {
        let injected = Scenario::shipped(name).unwrap().at(at);
        let truth = injected.truth(&self.stage.world).unwrap();
        self.stream.lock().unwrap().inject(injected).unwrap();
        truth
    }

    /// Posts what the world says and ticks, `step_s` at a time, until what came of it all is durable.
    pub fn advance(&self, by: SignedDuration, step_s: i64) {
        let until = self.now() + by;
        let mut last = None;
        while self.now() < until {
            let at = (self.now() + SignedDuration::from_secs(step_s)).min(until);
            let mut lines = Vec::new();
            for timed in self.stream.lock().unwrap().advance(at) {
                encode(&timed.signal, &mut lines).unwrap();
            }
            self.stage.clock.set(at);
            if !lines.is_empty() {
                let bearer = format!("Bearer {}", self.token);
                let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/x-ndjson")];
                let answer = post(&self.agent, &format!("{}/api/v1/signals", self.base), &headers, &lines).unwrap();
                assert_eq!(answer.status, 200, "{}", answer.body);
                assert!(answer.body.contains("\"refused\":[]"), "{}", answer.body);
            }
            last = Some(self.stage.node.tick().unwrap());
        }
        let settled = last.is_none_or(|last| self.stage.node.wait_settled(last, LONG));
        assert!(settled, "{:?}", self.stage.node.health());
    }

    pub fn page(&self, path: &str) -> String {
        let answer = get(&self.agent, &format!("{}{path}", self.base), &self.session).unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    /// The ids of incidents that the page of incidents leads to.
    pub fn incidents_on_page(&self) -> BTreeSet<String> {
        let page = self.page("/incidents");
        let parts = page.split("/incidents/i-").skip(1);
        let end = |part: &str| part.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(part.len());
        parts.map(|part| format!("i-{}", &part[..end(part)])).collect()
    }

    pub fn incidents(&self) -> Vec<Incident> {
        self.stage.node.desk().read(&Scope::All, |view| {
            view.newest_incidents(1_000).into_iter().map(|entry| entry.incident.clone()).collect()
        })
    }

    /// Every revision of every finding, from the journal.
    pub fn said(&self) -> Vec<Finding> {
        let desk = self.stage.node.desk();
        let rows = desk.journal().read(store::Seq(1), 100_000, &Scope::All).unwrap();
        let events = rows.into_iter().map(|row| desk.codec().decode(row).unwrap().event);
        events
            .filter_map(|event| match event {
                Event::FindingOpened(finding) | Event::FindingRevised(finding) | Event::FindingClosed(finding) => {
                    Some(finding)
                }
                _ => None,
            })
            .collect()
    }

    /// Listens to the live feed in the background; the lines so far are in the answer.
    pub fn listen(&self) -> Arc<Mutex<Vec<String>>> {
        let config = ureq::Agent::config_builder().timeout_global(None).build();
        let agent: ureq::Agent = config.into();
        let request = agent.get(format!("{}/api/v1/live", self.base));
        let response = request.header("Authorization", format!("Bearer {}", self.session)).call().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let lines = BufReader::new(response.into_body().into_reader()).lines();
        let into = Arc::clone(&heard);
        std::thread::spawn(move || {
            for line in lines {
                let Ok(line) = line else { return };
                into.lock().unwrap().push(line);
            }
        });
        heard
    }
}

/// An administrator with a session.
pub fn session(desk: &desk::Desk, now: Timestamp) -> String {
    let mut bytes = [0; 8];
    SystemEntropy.fill(&mut bytes);
    let password = format!("a long sentence {bytes:?}");
    let link = desk.first_link(now).unwrap();
    desk.set_up(&link.secret, &password, Some(("Eva Lind", "eva@example.org")), now).unwrap();
    desk.log_in("eva@example.org", &password, now).unwrap()
}

/// Waits by the wall until `check` holds.
pub fn within(limit: Duration, what: &str, mut check: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !check() {
        assert!(began.elapsed() < limit, "not within {limit:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
