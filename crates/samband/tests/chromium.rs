//! A person opens the demo in headless Chromium, picks S1, and sees the incident appear, without loading the page again.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "whole/process.rs"]
#[expect(dead_code, reason = "the tests of the whole use more of it")]
mod process;

use process::Process;
use serde_json::{Value, json};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

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
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.agent.delete(&self.base).call());
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn whoever_opens_the_demo_and_picks_s1_sees_the_incident_with_firmware_and_money() {
    let Some(driver) = Driver::start() else { return };
    let mut command = Command::new(env!("CARGO_BIN_EXE_samband"));
    command.args(["demo", "--no-open", "--sites", "60", "--speed", "10", "--listen", "127.0.0.1:0"]);
    let demo = Process::start(command);
    let url = demo.base.clone();
    driver.post("/url", &json!({ "url": url }));
    driver.run("window.marked = true");
    driver.run("document.querySelector('button[name=scenario][value=s1]').click()");
    // The form leads back to the overview; from here on nothing is loaded again.
    std::thread::sleep(Duration::from_secs(2));
    driver.run("window.marked = true");
    let began = Instant::now();
    loop {
        let text = driver.run("return document.body.innerText");
        let text = text.as_str().unwrap_or_default().to_owned();
        if text.contains("firmware") && text.contains("4.2.1") && text.contains("SEK/h") {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "it never appeared: {text}");
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(driver.run("return window.marked"), json!(true), "the page showed it without being loaded again");
    assert!(demo.end(), "the demo ends well when it is asked to");
}
