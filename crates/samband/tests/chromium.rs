//! A person opens the demo in headless Chromium, picks S1, and sees the incident appear, without loading the page again; and so
//! does one who reads it in the dark, on a phone, or by ear.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "whole/process.rs"]
#[expect(dead_code, reason = "the tests of the whole use more of it")]
mod process;

use process::Process;
use serde_json::{Value, json};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Finds what people with less sight, without a mouse or with a reader cannot use.
const AXE: &str = include_str!("../../web/tests/vendor/axe-core/axe.min.js");

/// The elements that make the page wider than its window: none that lies in something of its own to scroll.
const BEYOND_THE_EDGE: &str = "
    const width = document.documentElement.clientWidth;
    const held = (e) => e && (getComputedStyle(e).overflowX !== 'visible' || held(e.parentElement));
    const beyond = [...document.body.querySelectorAll('*')].filter((e) => {
        const box = e.getBoundingClientRect();
        return box.width > 1 && box.right > width + 1 && !held(e.parentElement);
    });
    const named = beyond.map((e) => `${e.tagName}#${e.id}.${e.className}`);
    return document.documentElement.scrollWidth > width ? ['the page', ...named] : named;";

struct Driver {
    child: Child,
    agent: ureq::Agent,
    base: String,
}

impl Driver {
    /// `None` where there is no chromedriver; in CI that is a failure.
    fn start() -> Option<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let quiet = Stdio::null;
        let child = Command::new("chromedriver").arg(format!("--port={port}")).stdout(quiet()).stderr(quiet()).spawn();
        let Ok(child) = child else {
            assert!(std::env::var_os("CI").is_none(), "chromedriver is not installed");
            eprintln!("LEFT OUT: chromedriver is not installed");
            return None;
        };
        let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(60)));
        let agent = config.http_status_as_error(false).build().into();
        let mut driver = Self { child, agent, base: format!("http://127.0.0.1:{port}") };
        let began = Instant::now();
        while driver.agent.get(format!("{}/status", driver.base)).call().is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "chromedriver does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        let options = json!({"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1400,1000"]});
        let wanted = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}});
        let session = driver.post("/session", &wanted)["sessionId"].as_str().unwrap().to_owned();
        driver.base = format!("{}/session/{session}", driver.base);
        Some(driver)
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.agent.post(format!("{}{path}", self.base)).header("Content-Type", "application/json");
        let text = request.send(body.to_string()).unwrap().into_body().read_to_string().unwrap();
        let mut answer: Value = serde_json::from_str(&text).unwrap();
        let value = answer["value"].take();
        assert!(value.get("error").is_none(), "{path}: {value}");
        value
    }

    fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({"script": script, "args": []}))
    }

    fn open(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    /// A command of the browser's own.
    fn browser(&self, command: &str, parameters: &Value) {
        self.post("/goog/cdp/execute", &json!({"cmd": command, "params": parameters}));
    }

    /// What axe finds wrong with the page: which rule, and where.
    fn violations(&self) -> Value {
        self.run(AXE);
        let script = "
            const done = arguments[0];
            axe.run().then((found) => done(found.violations.map((v) => [v.id, v.nodes.map((n) => n.target.join(' '))])));";
        self.post("/execute/async", &json!({"script": script, "args": []}))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.agent.delete(&self.base).call());
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A demo of a small chain whose self-scanners stop, and a page that has shown it without being loaded again.
fn demo_with_incident(driver: &Driver, sites: &str) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_samband"));
    command.args(["demo", "--no-open", "--sites", sites, "--speed", "10", "--listen", "127.0.0.1:0"]);
    let demo = Process::start(command);
    driver.open(&demo.base);
    driver.run("document.querySelector('button[name=scenario][value=s1]').click()");
    // The form leads back to the overview; from here on nothing is loaded again.
    std::thread::sleep(Duration::from_secs(2));
    driver.run("window.marked = true");
    let began = Instant::now();
    loop {
        let text = driver.run("return document.body.innerText");
        let text = text.as_str().unwrap_or_default().to_owned();
        if text.contains("firmware") && text.contains("4.2.1") && text.contains("SEK/h") {
            return demo;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "it never appeared: {text}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn whoever_opens_the_demo_and_picks_s1_sees_the_incident_with_firmware_and_money() {
    let Some(driver) = Driver::start() else { return };
    let demo = demo_with_incident(&driver, "60");
    assert_eq!(driver.run("return window.marked"), json!(true), "the page showed it without being loaded again");
    assert!(demo.end(), "the demo ends well when it is asked to");
}

#[test]
fn the_pages_of_an_incident_can_be_used_by_all_in_light_in_dark_and_on_a_phone() {
    let Some(driver) = Driver::start() else { return };
    let demo = demo_with_incident(&driver, "40");
    let incident = driver.run("return document.querySelector('.incident h2 a').href");
    let pages = [demo.base.clone(), incident.as_str().unwrap().to_owned()];
    for scheme in ["light", "dark"] {
        driver.browser(
            "Emulation.setEmulatedMedia",
            &json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}),
        );
        for page in &pages {
            driver.open(page);
            assert_eq!(driver.violations(), json!([]), "{page} in {scheme}");
        }
    }
    let phone = json!({"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": false});
    driver.browser("Emulation.setDeviceMetricsOverride", &phone);
    for page in &pages {
        driver.open(page);
        assert_eq!(driver.violations(), json!([]), "{page} on a phone");
        assert_eq!(driver.run(BEYOND_THE_EDGE), json!([]), "{page} is wider than a phone");
        // What it says when the connection is lost is the longest that its head ever holds.
        driver.run("const s = document.getElementById('live-state'); s.hidden = false; s.dataset.lost = ''; s.textContent = s.dataset.lostWord.replace('{}', '10:31:04')");
        assert_eq!(driver.run(BEYOND_THE_EDGE), json!([]), "{page} is wider than a phone when it is not live");
    }
    assert!(demo.end(), "the demo ends well when it is asked to");
}
