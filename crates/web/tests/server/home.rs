//! A server to test. The loops are a real inbox without an engine: what is handed in is durable, and findings are said by the test.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use desk::commands::ImportSite;
use desk::{Caller, Desk, DeskParts};
use domain::account::Role;
use domain::finding::{Affected, Because, Consequence, Contact, Evidence, Finding, FindingKind, FindingStatus, Term};
use domain::fleet::{Position as Place, SiteContact};
use domain::money::{Money, SEK};
use domain::{
    CustomerKey, CustomerRecord, DeviceCode, DeviceRecord, FindingId, IncidentId, Metric, RegionCode, Scope, SiteCode,
    SiteRecord,
};
use jiff::{Timestamp, tz::TimeZone};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::inbox::{Batch, Entry, Inbox};
use store::{DataDir, DataDirConfig, Entropy, Position};
use tempfile::TempDir;
use tower::ServiceExt;
use web::{AppParts, AppState, Condition, Durable, Incoming, IntakeRefused, Loops, Unregistered};

pub const PASSWORD: &str = "hästen äter gröna lappar";

pub struct Counting(pub u64);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = self.0.to_be_bytes()[0];
        }
    }
}

/// The inbox alone.
pub struct InboxOnly {
    pub inbox: Arc<dyn Inbox>,
    pub full: AtomicBool,
}

impl Loops for InboxOnly {
    fn hand_in(&self, batch: Incoming) -> Result<Durable, IntakeRefused> {
        if self.full.load(Ordering::Relaxed) {
            return Err(IntakeRefused::Later { why: "the disk is full".into(), retry_after: Duration::from_secs(30) });
        }
        let mut body = Vec::new();
        for signal in &batch.signals {
            ingest::native::encode(signal, &mut body).map_err(|error| IntakeRefused::Unkeepable(error.to_string()))?;
        }
        let count = batch.signals.len() as u32;
        let Incoming { customer, token, received_at, .. } = batch;
        let entry = Entry::Batch(Batch { received_at, customer, token: Some(token), codec: 1, count, body });
        let (answer, done) = tokio::sync::oneshot::channel();
        self.inbox.append_then(entry, Box::new(move |written| drop(answer.send(written))));
        Ok(Box::pin(async move {
            let written = done.await.expect("the inbox answers");
            Ok(written.expect("the inbox has room").0)
        }))
    }

    fn condition(&self) -> Condition {
        let full = self.full.load(Ordering::Relaxed);
        let troubles = if full { vec!["the inbox is full".to_owned()] } else { vec![] };
        Condition { ready: !full, troubles, ..Condition::default() }
    }

    fn unregistered(&self) -> Vec<Unregistered> {
        let one = |customer: &str, device: &str| Unregistered {
            customer: CustomerKey::new(customer).unwrap(),
            site: None,
            device: Some(DeviceCode::new(device).unwrap()),
            first_at: now(),
            last_at: now(),
            signals: 3,
        };
        vec![one("north", "stray-1"), one("south", "stray-of-the-south")]
    }
}

pub struct Home {
    pub desk: Arc<Desk>,
    pub stores: DataDir,
    pub loops: Arc<InboxOnly>,
    pub app: Router,
    _folder: TempDir,
}

/// What came back.
pub struct Got {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Got {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn location(&self) -> &str {
        self.headers[header::LOCATION].to_str().unwrap()
    }

    /// `name=value` of the cookie that was set.
    pub fn cookie(&self) -> String {
        self.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
    }
}

impl Home {
    /// Two customers, north and south, with two sites each, and an administrator.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stores = DataDir::open(folder.path(), DataDirConfig::default(), now(), &mut Counting(1)).unwrap();
        let desk = Desk::open(DeskParts {
            journal: stores.journal.clone(),
            vault: stores.vault.clone(),
            accounts: stores.accounts.clone(),
            entropy: Box::new(Counting(7)),
            feed_bound: 100,
        });
        let desk = Arc::new(desk.unwrap());
        let loops = Arc::new(InboxOnly { inbox: stores.inbox.clone(), full: AtomicBool::new(false) });
        let app = web::app(AppState::new(AppParts {
            desk: desk.clone(),
            history: stores.history.clone(),
            loops: loops.clone(),
            clock: Arc::new(now),
            entropy: Box::new(Counting(11)),
            zone: TimeZone::get("Europe/Stockholm").unwrap(),
            public_url: "http://127.0.0.1:7700".into(),
            demo: None,
        }));
        let home = Self { desk, stores, loops, app, _folder: folder };
        let link = home.desk.first_link(now()).unwrap();
        home.desk.set_up(&link.secret, PASSWORD, Some(("Karin Lindqvist", "karin@example.org")), now()).unwrap();
        home.register("north");
        home.register("south");
        home
    }

    fn register(&self, key: &str) {
        let caller = Caller::part("cli");
        let customer = CustomerKey::new(key).unwrap();
        let record = CustomerRecord {
            key: customer.clone(),
            name: key.into(),
            currency: SEK,
            timezone: "Europe/Stockholm".into(),
        };
        self.desk.register_customer(&caller, &record, now()).unwrap();
        let site = |code: &str, name: &str| ImportSite {
            record: SiteRecord {
                name: Some(name.into()),
                region: Some(RegionCode::new("Jönköping").unwrap()),
                position: Some(Place { latitude: 57.78, longitude: 14.16 }),
                ..SiteRecord::bare(SiteCode::new(code).unwrap())
            },
            contact: SiteContact { phone: Some("036-123".into()), ..SiteContact::default() },
        };
        let sites = [site(&format!("{key}-1"), "Jönköping A6"), site(&format!("{key}-2"), "=cmd()")];
        self.desk.import_sites(&caller, &customer, &sites, false, now()).unwrap();
        let device = DeviceCode::new(format!("ssu-{key}-1")).unwrap();
        let device = DeviceRecord::bare(device, Some(SiteCode::new(format!("{key}-1")).unwrap()));
        self.desk.import_devices(&caller, &customer, &[device], false, now()).unwrap();
    }

    /// The engine says that a customer's sites are silent.
    pub fn finds(&self, customer: &str, n: u64) {
        let said = self.desk.record_findings(Position(n), now(), &[finding(customer, n)]).unwrap();
        assert_eq!(said.new, 1);
    }

    /// Somebody with a role, who sees one customer; the answer is their cookie.
    pub async fn someone(&self, name: &str, role: Role, customer: &str) -> String {
        let sees = Scope::customer(CustomerKey::new(customer).unwrap());
        let email = format!("{name}@example.org");
        let link = self.desk.invite_user(&Caller::part("cli"), name, &email, role, &sees, now()).unwrap();
        self.desk.set_up(&link.secret, PASSWORD, None, now()).unwrap();
        self.log_in(&email).await
    }

    pub async fn admin(&self) -> String {
        self.log_in("karin@example.org").await
    }

    pub async fn log_in(&self, email: &str) -> String {
        let got = self.post("/login", "", &[("login", email), ("password", PASSWORD)]).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
        got.cookie()
    }

    pub fn token(&self, customer: &str) -> String {
        let customer = CustomerKey::new(customer).unwrap();
        self.desk.create_token(&Caller::part("cli"), &customer, "till export", now()).unwrap().secret
    }

    pub async fn send(&self, request: Request<Body>) -> Got {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = to_bytes(body, 16 << 20).await.unwrap();
        Got { status: head.status, headers: head.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Got {
        let request = Request::get(path).header("accept", "text/html").header("cookie", cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// A form of one of our own pages.
    pub async fn post(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Got {
        self.send(form(path, cookie, fields).header("sec-fetch-site", "same-origin").body(encoded(fields)).unwrap())
            .await
    }

    pub async fn signals(&self, token: &str, content_type: &str, body: impl Into<Body>) -> Got {
        let request = Request::post("/api/v1/signals").header("authorization", format!("Bearer {token}"));
        self.send(request.header("content-type", content_type).body(body.into()).unwrap()).await
    }
}

pub fn form(path: &str, cookie: &str, _: &[(&str, &str)]) -> axum::http::request::Builder {
    let request =
        Request::post(path).header("content-type", "application/x-www-form-urlencoded").header("accept", "text/html");
    if cookie.is_empty() { request } else { request.header("cookie", cookie) }
}

pub fn encoded(fields: &[(&str, &str)]) -> Body {
    let escape = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    Body::from(fields.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect::<Vec<_>>().join("&"))
}

pub fn now() -> Timestamp {
    "2026-02-17T09:43:04Z".parse().unwrap()
}

pub fn finding(customer: &str, n: u64) -> Finding {
    let money = |major: i64| Money { minor: major * 100, currency: SEK };
    Finding {
        id: FindingId::new(format!("f-{n}")).unwrap(),
        revision: 1,
        kind: FindingKind::Silence,
        detected_at: now(),
        revised_at: now(),
        started_at: now(),
        ended_at: None,
        status: FindingStatus::Open,
        customer: CustomerKey::new(customer).unwrap(),
        metric: Some(Metric::new("sales").unwrap()),
        explanation: vec![Term { attribute: "firmware".into(), value: "4.2.1".into() }],
        coverage: 1.0,
        purity: 0.98,
        affected: Affected { sites: 2, devices: 1 },
        sites: [1, 2].map(|i| SiteCode::new(format!("{customer}-{i}")).unwrap()).to_vec(),
        devices: Some(vec![DeviceCode::new(format!("ssu-{customer}-1")).unwrap()]),
        expected: 40.0,
        observed: 0.0,
        consequence: Some(Consequence {
            per_hour: money(1_840_000),
            low: money(1_600_000),
            high: money(2_100_000),
            so_far: money(368_000),
        }),
        evidence: Evidence {
            group: "firmware=4.2.1".into(),
            log_likelihood_ratio: 21.0,
            threshold: 14.0,
            remaining: 0.0,
            rate_per_hour: 900.0,
            false_alarm_every_hours: 72.0,
            bound_s: 4.0,
            delay_s: 4.4,
            contact: Contact::Heard,
            runner_up: None,
            equivalent: vec![],
            candidates: 12,
            because: Because::Detected,
            late: 0.0,
        },
        incident: IncidentId::new(format!("i-{n}")).unwrap(),
    }
}
