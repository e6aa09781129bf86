//! Every route there is, asked by everybody: strangers, each role, and an administrator of another customer. The table below is
//! held against the source, so that a route cannot be added without saying whose it is.

use super::home::*;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use domain::account::Role;
use domain::{CustomerKey, Scope};
use std::collections::BTreeSet;
use std::path::Path;
use tower::ServiceExt;

/// Who may use a route.
#[derive(Clone, Copy, PartialEq)]
enum Door {
    /// Anybody.
    Open,
    /// Who has an ingest token.
    Token,
    /// Who has at least this role.
    Role(Role),
}
use Door::{Open, Token};
const VIEWER: Door = Door::Role(Role::Viewer);
const RESPONDER: Door = Door::Role(Role::Responder);
const COMMANDER: Door = Door::Role(Role::Commander);
const ADMIN: Door = Door::Role(Role::Admin);

/// Method, path, whose it is, and a body: a form, JSON, or `file` for an import.
const ROUTES: &[(&str, &str, Door, &str)] = &[
    ("GET", "/", VIEWER, ""),
    ("GET", "/incidents", VIEWER, ""),
    ("GET", "/incidents/{id}", VIEWER, ""),
    ("GET", "/incidents/{id}/sites.csv", VIEWER, ""),
    ("GET", "/findings/{id}", VIEWER, ""),
    ("GET", "/fleet", VIEWER, ""),
    ("GET", "/fleet/unregistered", VIEWER, ""),
    ("GET", "/fleet/sites/{code}", VIEWER, ""),
    ("GET", "/fleet/devices/{code}", VIEWER, ""),
    ("GET", "/fragment/shell/open", VIEWER, ""),
    ("GET", "/fragment/overview/{part}", VIEWER, ""),
    ("GET", "/fragment/incidents/list", VIEWER, ""),
    ("GET", "/fragment/incidents/{id}/{part}", VIEWER, ""),
    ("GET", "/fragment/findings/{id}/body", VIEWER, ""),
    ("GET", "/fragment/fleet/sites", VIEWER, ""),
    ("GET", "/fragment/fleet/sites/{code}/{part}", VIEWER, ""),
    ("GET", "/fragment/fleet/devices/{code}/body", VIEWER, ""),
    ("GET", "/api/v1/live", VIEWER, ""),
    ("GET", "/api/v1/live/check", VIEWER, ""),
    ("GET", "/api/v1/history", VIEWER, ""),
    ("GET", "/api/v1/map", VIEWER, ""),
    ("GET", "/api/v1/search", VIEWER, ""),
    ("GET", "/api/v1/findings", VIEWER, ""),
    ("GET", "/api/v1/findings/{id}", VIEWER, ""),
    ("GET", "/api/v1/incidents", VIEWER, ""),
    ("GET", "/api/v1/incidents/{id}", VIEWER, ""),
    ("GET", "/api/v1/reports", VIEWER, ""),
    ("GET", "/api/v1/sites", VIEWER, ""),
    ("GET", "/api/v1/sites/{code}", VIEWER, ""),
    ("GET", "/api/v1/devices/{code}", VIEWER, ""),
    ("GET", "/api/v1/unregistered", VIEWER, ""),
    ("POST", "/demo/scenario", VIEWER, "scenario=s1"),
    ("POST", "/demo/speed", VIEWER, "speed=1"),
    ("POST", "/incidents/{id}/notes", RESPONDER, "text=hej"),
    ("POST", "/api/v1/incidents/{id}/notes", RESPONDER, r#"{"text":"hej"}"#),
    ("POST", "/api/v1/reports", RESPONDER, r#"{"site":"SITE","channel":"phone"}"#),
    ("POST", "/incidents/{id}/command", COMMANDER, ""),
    ("POST", "/incidents/{id}/phase", COMMANDER, "phase=active"),
    ("POST", "/incidents/{id}/severity", COMMANDER, "severity=sev4&reason=x"),
    ("POST", "/api/v1/incidents/{id}/command", COMMANDER, "{}"),
    ("POST", "/api/v1/incidents/{id}/phase", COMMANDER, r#"{"phase":"active"}"#),
    ("POST", "/api/v1/incidents/{id}/severity", COMMANDER, r#"{"severity":"sev4","reason":"x"}"#),
    ("GET", "/settings/tokens", ADMIN, ""),
    ("POST", "/settings/tokens", ADMIN, "name=x&customer=CUSTOMER"),
    ("POST", "/settings/tokens/{id}/revoke", ADMIN, ""),
    ("GET", "/settings/import", ADMIN, ""),
    ("POST", "/settings/import", ADMIN, "file"),
    ("POST", "/settings/import/{ticket}", ADMIN, ""),
    ("GET", "/settings/users", ADMIN, ""),
    ("POST", "/settings/users", ADMIN, "name=x&login=x%40example.org&role=viewer"),
    ("POST", "/settings/users/{id}/setup-link", ADMIN, ""),
    ("POST", "/settings/users/{id}/role", ADMIN, "role=responder"),
    ("POST", "/settings/users/{id}/disable", ADMIN, ""),
    ("POST", "/api/v1/import", ADMIN, "file"),
    ("GET", "/api/v1/tokens", ADMIN, ""),
    ("POST", "/api/v1/tokens", ADMIN, r#"{"name":"x","customer":"CUSTOMER"}"#),
    ("DELETE", "/api/v1/tokens/{id}", ADMIN, ""),
    ("GET", "/api/v1/users", ADMIN, ""),
    ("POST", "/api/v1/users", ADMIN, r#"{"name":"y","login":"y@example.org","role":"viewer"}"#),
    ("POST", "/api/v1/users/{id}/setup-link", ADMIN, ""),
    ("PUT", "/api/v1/users/{id}/role", ADMIN, r#"{"role":"viewer"}"#),
    ("DELETE", "/api/v1/users/{id}", ADMIN, ""),
    ("DELETE", "/api/v1/sessions/current", VIEWER, ""),
    ("POST", "/api/v1/signals", Token, ""),
    ("GET", "/login", Open, ""),
    ("POST", "/login", Open, "login=x&password=y"),
    ("POST", "/logout", Open, ""),
    ("GET", "/setup/{token}", Open, ""),
    ("POST", "/setup/{token}", Open, "password=x"),
    ("GET", "/r/{site}", Open, ""),
    ("POST", "/r/{site}", Open, "symptom=tills"),
    ("POST", "/preferences", Open, "lang=sv"),
    ("GET", "/static/{release}/{*path}", Open, ""),
    ("GET", "/api", Open, ""),
    ("GET", "/api/v1/openapi.json", Open, ""),
    ("POST", "/api/v1/sessions", Open, r#"{"login":"x","password":"y"}"#),
    ("GET", "/livez", Open, ""),
    ("GET", "/readyz", Open, ""),
    ("GET", "/metrics", Open, ""),
];

/// What of a customer stands in paths and bodies.
struct Things {
    customer: &'static str,
    incident: &'static str,
    finding: &'static str,
    token: String,
    user: String,
}

impl Things {
    fn of(home: &Home, customer: &'static str, n: u64) -> Self {
        home.finds(customer, n);
        let key = CustomerKey::new(customer).unwrap();
        let part = desk::Caller::part("cli");
        let token = home.desk.create_token(&part, &key, "walk", now()).unwrap().id.to_string();
        let email = format!("victim@{customer}.example");
        let sees = Scope::customer(key);
        let user = home.desk.invite_user(&part, "Victim", &email, Role::Viewer, &sees, now()).unwrap().user.to_string();
        let (incident, finding) = if n == 1 { ("i-1", "f-1") } else { ("i-2", "f-2") };
        Self { customer, incident, finding, token, user }
    }

    fn path(&self, path: &str) -> String {
        let id = match path {
            _ if path.contains("incidents") => self.incident,
            _ if path.contains("findings") => self.finding,
            _ if path.contains("tokens") => &self.token,
            _ => &self.user,
        };
        let code =
            if path.contains("devices") { format!("ssu-{}-1", self.customer) } else { format!("{}-1", self.customer) };
        let part = if path.contains("sites") { "now" } else { "findings" };
        path.replace("{id}", id)
            .replace("{code}", &code)
            .replace("{site}", &code)
            .replace("{part}", part)
            .replace("{ticket}", "none")
            .replace("{token}", "none")
            .replace("{release}/{*path}", "x/app.css")
    }

    fn request(&self, (method, path, _, body): (&str, &str, Door, &str), cookie: &str) -> Request<Body> {
        let body = body.replace("SITE", &format!("{}-1", self.customer)).replace("CUSTOMER", self.customer);
        let (kind, body) = match body.as_str() {
            "file" => ("multipart/form-data; boundary=X", upload(self.customer)),
            json if json.starts_with('{') => ("application/json", body),
            _ => ("application/x-www-form-urlencoded", body),
        };
        let request = Request::builder().method(method).uri(self.path(path)).header("accept", "text/html");
        let request = request.header("sec-fetch-site", "same-origin").header("content-type", kind);
        let request = if cookie.is_empty() { request } else { request.header("cookie", cookie) };
        request.body(Body::from(body)).unwrap()
    }
}

fn upload(customer: &str) -> String {
    let part = |name: &str, text: &str| {
        format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"x\"\r\n\r\n{text}\r\n")
    };
    let site = format!("site,name\n{customer}-1,Jönköping A6\n");
    part("customer", customer) + &part("sites", &site) + "--X--\r\n"
}

/// The status alone: a stream of events has no end to wait for.
async fn status(home: &Home, request: Request<Body>) -> StatusCode {
    home.app.clone().oneshot(request).await.unwrap().status()
}

#[test]
fn the_table_has_every_route_of_the_source_and_no_other() {
    let mut found = BTreeSet::new();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in sources(&src) {
        let text = std::fs::read_to_string(&file).unwrap();
        for route in text.split(".route(\"").skip(1) {
            let (path, rest) = route.split_once('"').unwrap();
            // Up to the next statement: no handler's name ends in a method's.
            let handlers = rest.split(['\n', ';']).next().unwrap();
            for (call, method) in [("get(", "GET"), ("post(", "POST"), ("put(", "PUT"), ("delete(", "DELETE")] {
                if handlers.contains(&format!(" {call}")) || handlers.contains(&format!(".{call}")) {
                    found.insert((method, path.to_owned()));
                }
            }
        }
    }
    let table: BTreeSet<_> = ROUTES.iter().map(|(method, path, ..)| (*method, (*path).to_owned())).collect();
    assert_eq!(found, table);
}

fn sources(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn a_route_is_open_to_its_role_and_those_above_and_to_nobody_else() {
    let home = Home::new();
    let things = Things::of(&home, "north", 1);
    let strangers = ROUTES.iter().filter(|(_, _, door, _)| *door != Open);
    for route in strangers {
        let got = status(&home, things.request(*route, "")).await;
        let led_to_login = got == StatusCode::SEE_OTHER && !route.1.starts_with("/api/");
        assert!(got == StatusCode::UNAUTHORIZED || led_to_login, "a stranger, {} {}: {got}", route.0, route.1);
    }
    for role in [Role::Viewer, Role::Responder, Role::Commander, Role::Admin] {
        let cookie =
            if role == Role::Admin { home.admin().await } else { home.someone(role.name(), role, "north").await };
        for route in ROUTES {
            let Door::Role(needed) = route.2 else { continue };
            let got = status(&home, things.request(*route, &cookie)).await;
            let who = format!("{} at {} {}: {got}", role.name(), route.0, route.1);
            if role.may(needed) {
                assert!(got != StatusCode::UNAUTHORIZED && got != StatusCode::FORBIDDEN, "{who}");
                assert!(!got.is_server_error(), "{who}");
            } else {
                assert_eq!(got, StatusCode::FORBIDDEN, "{who}");
            }
        }
    }
}

#[tokio::test]
async fn to_another_customers_administrator_nothing_of_ours_is_there() {
    let home = Home::new();
    let (_, ours) = (Things::of(&home, "north", 1), Things::of(&home, "south", 2));
    let cookie = home.someone("stranger", Role::Admin, "north").await;
    for route in ROUTES {
        let (Door::Role(_), true) = (route.2, route.1.contains("{id}") || route.1.contains("{code}")) else { continue };
        let got = status(&home, ours.request(*route, &cookie)).await;
        // Users belong to the whole organisation; who sees one customer administers none of them.
        let expected = if route.1.contains("/users/") { StatusCode::FORBIDDEN } else { StatusCode::NOT_FOUND };
        let hidden = got == expected || route.1.contains("/users/") && got == StatusCode::NOT_FOUND;
        assert!(hidden, "{} {}: {got}", route.0, route.1);
    }
    for route in ROUTES.iter().filter(|(_, _, _, body)| body.contains("SITE") || body.contains("CUSTOMER")) {
        let got = status(&home, ours.request(*route, &cookie)).await;
        assert_eq!(got, StatusCode::NOT_FOUND, "{} {}", route.0, route.1);
    }
    let listing = ["/", "/fleet", "/incidents", "/settings/tokens", "/api/v1/findings", "/api/v1/incidents"];
    let more = ["/api/v1/sites", "/api/v1/map", "/api/v1/search?q=south", "/api/v1/tokens", "/api/v1/unregistered"];
    for path in listing.iter().chain(&more) {
        let got = home.get(path, &cookie).await;
        assert!(got.status.is_success() && !got.text.contains("south"), "{path}");
    }
    for series in ["incident:i-2", "finding:f-2", "site:south-1"] {
        let got = home.get(&format!("/api/v1/history?series={series}"), &cookie).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{series}");
    }
}
