//! Imports go in whole or not at all; tokens and policies are checked; what is there is found.

use super::home::*;
use desk::commands::ImportSite;
use desk::{Caller, DeskError, Hit, Text};
use domain::fleet::SiteContact;
use domain::incident::SeverityPolicy;
use domain::policy::PolicySet;
use domain::{CustomerKey, Scope, SiteRecord};

#[test]
fn importing_the_same_again_changes_nothing_and_a_dry_run_says_what_would_change() {
    let home = Home::new().with_fleet(3);
    let caller = Caller::part("cli");
    let contact = SiteContact { manager: Some("Karin".into()), ..SiteContact::default() };
    let sites = [ImportSite { record: SiteRecord::bare(site("0001")), contact }];
    let before = home.desk.seq();
    let dry = home.desk.import_sites(&caller, &north(), &sites, true, now()).unwrap();
    assert_eq!((dry.added, dry.changed, dry.unchanged, home.desk.seq()), (0, 1, 0, before));
    home.desk.import_sites(&caller, &north(), &sites, false, now()).unwrap();
    let reference = home.desk.read(&Scope::All, |view| {
        view.customer(&north()).unwrap().fleet.site(&site("0001")).unwrap().contact.clone().unwrap()
    });
    assert!(matches!(home.desk.text(&reference), Text::Plain(text) if text.contains("Karin")));
    let after = home.desk.seq();
    let again = home.desk.import_sites(&caller, &north(), &sites, false, now()).unwrap();
    assert_eq!((again.unchanged, home.desk.seq()), (1, after));
    home.desk.erase_site_contact(&caller, &north(), &site("0001"), now()).unwrap();
    home.desk.import_sites(&caller, &north(), &sites, false, now()).unwrap();
    assert_eq!(home.desk.text(&reference), Text::Erased);
}

#[test]
fn a_device_at_a_site_that_nobody_registered_stops_the_whole_import() {
    let home = Home::new().with_fleet(1);
    let devices = [device("0001", 9), device("0099", 1)];
    let answer = home.desk.import_devices(&Caller::part("cli"), &north(), &devices, false, now());
    assert!(answer.unwrap_err().to_string().contains("0099"));
    home.desk.read(&Scope::All, |view| {
        assert!(view.customer(&north()).unwrap().fleet.device(&device_code("0001", 9)).is_none());
    });
}

#[test]
fn the_fleet_is_there_after_a_restart_and_a_moved_device_stands_in_one_place() {
    let home = Home::new().with_fleet(1_200);
    let mut moved = device("0001", 1);
    moved.site = Some(site("0002"));
    home.desk.import_devices(&Caller::part("cli"), &north(), &[moved.clone()], false, now()).unwrap();
    let home = home.reopen();
    home.desk.read(&Scope::All, |view| {
        let fleet = &view.customer(&north()).unwrap().fleet;
        assert_eq!((fleet.sites().len(), fleet.devices().len()), (1_200, 4_800));
        assert_eq!((fleet.devices_at(&site("0001")).count(), fleet.devices_at(&site("0002")).count()), (3, 5));
        assert_eq!(fleet.device_record(&moved.code), Some(moved));
    });
}

#[test]
fn sites_and_devices_are_found_by_the_beginnings_of_words() {
    let home = Home::new().with_fleet(12);
    let first = |query: &str| home.desk.read(&Scope::All, |view| view.search(query, 5).into_iter().next());
    assert!(matches!(first("jonkoping 0012"), Some(Hit::Site { site: code, .. }) if code == site("0012")));
    assert!(matches!(first("D-0003-2"), Some(Hit::Device { device, .. }) if device == device_code("0003", 2)));
    assert_eq!(first("   "), None);
}

#[test]
fn a_token_opens_one_customer_s_door_until_it_is_revoked() {
    let home = Home::new().with_fleet(1);
    let caller = Caller::part("cli");
    let token = home.desk.create_token(&caller, &north(), "butiksservrar", now()).unwrap();
    assert!(token.secret.starts_with("smb_") && token.secret.len() == 4 + 8 + 1 + 52, "{}", token.secret.len());
    let home = home.reopen();
    assert_eq!(home.desk.token_grant(&token.secret).unwrap().customer, north());
    assert_eq!(home.desk.token_grant("smb_x_y"), None);
    let bytes = std::fs::read(home.folder.path().join("journal.db")).unwrap();
    let secret = token.secret.rsplit('_').next().unwrap().as_bytes().to_vec();
    assert!(!bytes.windows(secret.len()).any(|window| window == secret), "the secret stands in the journal");
    home.desk.revoke_token(&caller, &token.id, now()).unwrap();
    assert_eq!(home.desk.token_grant(&token.secret), None);
    let nobody = CustomerKey::new("nobody").unwrap();
    let refused = home.desk.create_token(&caller, &nobody, "x", now());
    assert!(matches!(refused, Err(DeskError::NotFound { what: "customer", .. })));
}

#[test]
fn a_severity_policy_that_contradicts_itself_is_refused_and_a_sound_one_counts_from_then_on() {
    let home = Home::new().with_fleet(3);
    let caller = Caller::part("cli");
    let mut policy = SeverityPolicy::default();
    policy.sev1.value_per_hour = 1.0;
    assert!(home.desk.set_policy(&caller, &PolicySet::Severity(policy.clone()), now()).is_err());
    (policy.sev3.value_per_hour, policy.sev2.value_per_hour, policy.sev1.value_per_hour) = (1.0, 2.0, 3.0);
    home.desk.set_policy(&caller, &PolicySet::Severity(policy.clone()), now()).unwrap();
    let seq = home.desk.seq();
    home.desk.set_policy(&caller, &PolicySet::Severity(policy), now()).unwrap();
    assert_eq!(home.desk.seq(), seq, "setting what is in force makes no event");
    home.desk.record_findings(store::Position(1), now(), &[silence(1, 1, &["0001"], 3)]).unwrap();
    home.desk.read(&Scope::All, |view| {
        assert_eq!(view.open_incidents()[0].incident.severity.current(), domain::incident::Severity::Sev1);
    });
}
