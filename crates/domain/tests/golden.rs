//! Every kind of event in every schema it was ever written with, as files that stay for ever: what was written must be
//! readable in five years. With `GOLDEN=write` a missing file is made from its example; one that is there is never changed.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use domain::event::{Event, KINDS, steps};
use serde_json::{Value, json};
use std::path::PathBuf;

fn path(kind: &str, schema: u16) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{kind}.{schema}.json"))
}

fn lift(kind: &str, schema: u16, current: u16, body: Value) -> Value {
    (schema..current).fold(body, |body, from| {
        let step = steps().iter().find(|(k, f, _)| *k == kind && *f == from);
        step.unwrap_or_else(|| panic!("no step lifts {kind} from schema {from}")).2(body).unwrap()
    })
}

#[test]
fn every_kind_in_every_schema_ever_written_is_still_read() {
    for (kind, current) in KINDS {
        for schema in 1..=*current {
            let path = path(kind, schema);
            if !path.exists() && std::env::var("GOLDEN").is_ok_and(|v| v == "write") {
                let mut text = serde_json::to_string_pretty(&example(kind)).unwrap();
                text.push('\n');
                std::fs::write(&path, text).unwrap();
            }
            let text = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing", path.display()));
            let golden: Value = serde_json::from_str(&text).unwrap();
            let event = Event::from_body(kind, lift(kind, schema, *current, golden.clone())).unwrap();
            assert_eq!((event.kind(), event.schema()), (*kind, *current));
            if schema == *current {
                assert_eq!(event.body().unwrap(), golden, "{kind} is written differently than its golden file");
            }
        }
    }
}

#[test]
fn a_kind_that_nobody_knows_is_named() {
    let error = Event::from_body("incident.sung_about", json!({})).unwrap_err();
    assert_eq!(error.to_string(), "event kind \"incident.sung_about\" is unknown to this version");
    let error = Event::from_body("token.revoked", json!({"token": "t-1"})).unwrap_err();
    assert!(error.to_string().contains("token.revoked") && error.to_string().contains("customer"), "{error}");
}

fn personal() -> Value {
    json!({"id": "v-0123456789abcdef0123456789abcdef", "commitment": "6b86b273ff34fce19d6b804eff5a3f57"})
}

fn example(kind: &str) -> Value {
    let incident = "i-7";
    let title =
        json!({"kind": "silence", "metric": "sales", "explanation": [{"attribute": "firmware", "value": "4.2.1"}]});
    match kind {
        "engine.started" => json!({"version": "0.1.0", "snapshot_version": 1}),
        "customer.registered" => {
            json!({"key": "north", "name": "Norrhandel AB", "currency": "SEK", "timezone": "Europe/Stockholm"})
        }
        "fleet.sites_imported" => json!({"customer": "north", "sites": [
            {"code": "0412", "name": "Jönköping 2", "region": "Småland", "position": {"latitude": 57.78, "longitude": 14.16},
             "timezone": "Europe/Stockholm", "opening_hours": "Mo-Fr 08:00-22:00; PH off", "turnover_per_day": 310000.0,
             "address": "Storgatan 1", "gln": "7350000000017", "goods_in_hours": "06:00-09:00", "contact": personal(),
             "attributes": {"isp": "Telenät"}},
            {"code": "0413"}]}),
        "fleet.devices_imported" => json!({"customer": "north", "devices": [
            {"code": "ssu-0412-07", "site": "0412", "lifecycle": "in_service", "installed_on": "2024-03-01",
             "warranty_until": "2027-03-01", "serial": "S123", "asset_tag": "A9",
             "attributes": {"firmware": "4.2.1", "type": "self-scanner"}},
            {"code": "spare-1", "lifecycle": "in_stock"}]}),
        "finding.opened" => finding("open", "detected", 1),
        "finding.revised" => finding("revised", "explanation", 2),
        "finding.closed" => {
            let mut body = finding("closed", "recovered", 3);
            body["ended_at"] = json!("2026-02-10T12:00:00Z");
            body
        }
        "incident.opened" => {
            json!({"incident": incident, "customer": "north", "finding": "f-17", "title": title, "severity": "sev1"})
        }
        "incident.finding_attached" | "incident.finding_returned" => {
            json!({"incident": incident, "finding": "f-17", "open": true})
        }
        "incident.finding_settled" => json!({"incident": incident, "finding": "f-17"}),
        "incident.finding_detached" => json!({"incident": incident, "finding": "f-17", "reason": personal()}),
        "incident.report_attached" | "incident.report_detached" => json!({"incident": incident, "report": "r-3"}),
        "incident.severity_assessed" => json!({"incident": incident, "severity": "sev2", "finding": "f-17"}),
        "incident.severity_held" => {
            json!({"incident": incident, "severity": "sev3", "by": "u-1", "reason": personal()})
        }
        "incident.severity_released" => json!({"incident": incident}),
        "incident.phase_changed" => json!({"incident": incident,
            "to": {"phase": "resolved", "remainder": ["ssu-0412-07"]}, "reason": {"person": personal()}}),
        "incident.command_taken" => json!({"incident": incident, "by": "u-1", "relieved": "u-2"}),
        "incident.command_handed_over" => json!({"incident": incident, "from": "u-1", "to": "u-2"}),
        "incident.note_added" => json!({"incident": incident, "text": personal()}),
        "incident.retitled" => json!({"incident": incident, "finding": "f-17", "title": title}),
        "incident.renamed" => json!({"incident": incident, "title": "Självscanning nere"}),
        "report.received" => json!({"report": "r-3", "customer": "north", "site": "0412", "at": "2026-02-10T10:33:00Z",
            "channel": "phone", "symptom": "self_scanning", "text": personal()}),
        "token.created" => json!({"token": "t-1", "prefix": "smb_k3v9x2qa", "hash": "af1349b9f5f9a1a6a0404dea36dcc949",
            "customer": "north", "label": "butiksservrar"}),
        "token.revoked" => json!({"token": "t-1", "customer": "north"}),
        "user.invited" => json!({"user": "u-1", "name": personal(), "email": personal(), "role": "commander",
            "sees": {"customers": ["north"]}}),
        "user.role_changed" => json!({"user": "u-1", "role": "admin", "sees": "all"}),
        "user.set_up" | "user.link_renewed" | "user.disabled" => json!({"user": "u-1"}),
        "policy.set" => json!({"policy": "severity", "value": {
            "sev1": {"value_per_hour": 500000.0, "fleet_share": 0.1}, "sev2": {"value_per_hour": 100000.0, "fleet_share": 0.03},
            "sev3": {"value_per_hour": 10000.0, "fleet_share": 0.005}, "share_from_sites": 5, "unheard_at_most": "sev2"}}),
        "personal.erased" => json!({"subject": "report/r-3"}),
        other => panic!("no example of {other}"),
    }
}

fn finding(status: &str, because: &str, revision: u32) -> Value {
    json!({"finding": "f-17", "revision": revision, "kind": "silence", "detected_at": "2026-02-10T10:31:08Z",
        "revised_at": "2026-02-10T10:31:38Z", "started_at": "2026-02-10T10:31:04Z", "status": status, "customer": "north",
        "metric": "sales", "explanation": [{"attribute": "firmware", "value": "4.2.1"}], "coverage": 0.99, "purity": 0.98,
        "affected": {"sites": 200, "devices": 998}, "sites": ["0412", "0413"], "devices": ["ssu-0412-07"],
        "expected": 1234.5, "observed": 0.0,
        "consequence": {"value_per_hour": "1840000.00", "low": "1600000.00", "high": "2100000.00", "so_far": "368000.00",
            "currency": "SEK"},
        "evidence": {"group": "firmware=4.2.1", "log_likelihood_ratio": 21.5, "threshold": 14.25, "remaining": 0.0,
            "rate_per_hour": 9000.0, "false_alarm_every_hours": 24000.0, "bound_s": 6.5, "delay_s": 7.0, "contact": "heard",
            "runner_up": {"explanation": [{"attribute": "model", "value": "X2"}], "behind": 8.5, "why": "lower_purity"},
            "equivalent": [[{"attribute": "batch", "value": "77"}]], "candidates": 812, "because": because, "late": 2.0},
        "incident": "i-7"})
}
