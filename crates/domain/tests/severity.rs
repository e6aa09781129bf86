//! Severity from consequence: money, share of the fleet, and what is known of contact.
#![allow(clippy::unwrap_used, missing_docs)]

use domain::finding::{Contact, Finding, FindingKind};
use domain::incident::{BadSeverityPolicy, FleetSize, Severity, SeverityPolicy};
use domain::money::Money;

/// The golden finding: 200 sites, 998 devices, 1.84 MSEK an hour.
fn finding() -> Finding {
    serde_json::from_str(include_str!("golden/finding.opened.1.json")).unwrap()
}

fn worth(sek_per_hour: i64) -> Finding {
    let mut finding = finding();
    if let Some(consequence) = &mut finding.consequence {
        consequence.per_hour = Money { minor: sek_per_hour * 100, ..consequence.per_hour };
    }
    finding
}

const HUGE: FleetSize = FleetSize { sites: 1_000_000, devices: 1_000_000 };

#[test]
fn money_decides_where_the_share_of_the_fleet_is_small() {
    let policy = SeverityPolicy::default();
    let cases =
        [(500_000, Severity::Sev1), (499_999, Severity::Sev2), (10_000, Severity::Sev3), (9_999, Severity::Sev4)];
    for (sek_per_hour, severity) in cases {
        assert_eq!(policy.assess(&worth(sek_per_hour), HUGE), severity, "{sek_per_hour} SEK/h");
    }
}

#[test]
fn at_night_the_share_of_the_fleet_decides_but_never_for_a_handful_of_sites() {
    let policy = SeverityPolicy::default();
    let mut night = worth(0);
    assert_eq!(policy.assess(&night, FleetSize { sites: 1_300, devices: 9_000 }), Severity::Sev1);
    night.consequence = None;
    assert_eq!(policy.assess(&night, FleetSize { sites: 1_300, devices: 30_000 }), Severity::Sev2);
    night.affected.sites = 4;
    assert_eq!(policy.assess(&night, FleetSize { sites: 4, devices: 998 }), Severity::Sev4);
}

#[test]
fn while_nobody_is_heard_it_is_not_called_the_gravest_and_a_surge_of_sales_is_not_grave() {
    let policy = SeverityPolicy::default();
    let mut finding = worth(2_000_000);
    finding.evidence.contact = Contact::Undecided;
    assert_eq!(policy.assess(&finding, HUGE), Severity::Sev2);
    finding.affected.sites = 1;
    assert_eq!(policy.assess(&finding, HUGE), Severity::Sev3, "one shop that may merely be offline");
    finding.affected.sites = 200;
    finding.kind = FindingKind::ContactLost;
    finding.evidence.contact = Contact::Lost;
    assert_eq!(policy.assess(&finding, HUGE), Severity::Sev2);
    let mut surge = worth(-2_000_000);
    surge.kind = FindingKind::Surge;
    assert_eq!(policy.assess(&surge, FleetSize { sites: 200, devices: 998 }), Severity::Sev4);
}

#[test]
fn a_policy_that_contradicts_itself_is_named() {
    let mut policy = SeverityPolicy::default();
    policy.sev2.value_per_hour = policy.sev1.value_per_hour;
    assert_eq!(policy.check(), Err(BadSeverityPolicy::Order { graver: "sev1", milder: "sev2" }));
    policy.sev2.value_per_hour = f64::NAN;
    assert_eq!(policy.check(), Err(BadSeverityPolicy::Range { of: "sev2" }));
}
