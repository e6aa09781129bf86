//! Logins from the first link to the last session.

use super::home::*;
use desk::{DeskError, LoginRefused, NewPassword};
use domain::Scope;
use domain::account::Role;
use jiff::{SignedDuration, Timestamp};

const PASSWORD: &str = "hästen äter gröna lappar";

fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

fn with_admin() -> Home {
    let home = Home::new();
    let link = home.desk.first_link(now()).unwrap();
    let who = Some(("Karin Lindqvist", "karin@example.org"));
    home.desk.set_up(&link.secret, PASSWORD, who, later(60)).unwrap();
    home
}

#[test]
fn the_first_link_makes_an_administrator_once() {
    let home = Home::new();
    assert!(home.desk.needs_first_user());
    let link = home.desk.first_link(now()).unwrap();
    let who = Some(("Karin", "karin@example.org"));
    let weak = home.desk.set_up(&link.secret, "lösenord1234", who, later(1));
    assert!(matches!(weak, Err(NewPassword::Weak(_))), "{weak:?}");
    home.desk.set_up(&link.secret, PASSWORD, who, later(2)).unwrap();
    assert!(!home.desk.needs_first_user());
    assert!(matches!(home.desk.set_up(&link.secret, PASSWORD, who, later(3)), Err(NewPassword::LinkOver)));
    assert!(home.desk.first_link(later(4)).is_err());
    let home = home.reopen();
    let session = home.desk.log_in("Karin@Example.org ", PASSWORD, later(5)).unwrap();
    let signed_in = home.desk.session(&session, later(6)).unwrap().unwrap();
    assert_eq!((signed_in.role, &signed_in.sees), (Role::Admin, &Scope::All));
    let journal = std::fs::read(home.folder.path().join("journal.db")).unwrap();
    assert!(!journal.windows(5).any(|window| window == b"karin" || window == b"Karin"));
}

#[test]
fn a_link_is_over_after_half_an_hour() {
    let home = Home::new();
    let link = home.desk.first_link(now()).unwrap();
    assert!(home.desk.link_is_good(&link.secret, later(1_799)).unwrap().is_some());
    let late = home.desk.set_up(&link.secret, PASSWORD, Some(("K", "k@example.org")), later(1_800));
    assert!(matches!(late, Err(NewPassword::LinkOver)));
}

#[test]
fn wrong_passwords_cost_time_and_a_stranger_learns_nothing() {
    let home = with_admin();
    for n in 0..5 {
        let answer = home.desk.log_in("karin@example.org", "fel fel fel fel", later(100 + n));
        assert!(matches!(answer, Err(LoginRefused::Wrong)), "{answer:?}");
    }
    let locked = home.desk.log_in("karin@example.org", PASSWORD, later(110));
    assert!(matches!(locked, Err(LoginRefused::Locked { until }) if until > later(110)));
    assert!(home.desk.log_in("karin@example.org", PASSWORD, later(200)).is_ok());
    assert!(matches!(home.desk.log_in("nobody@example.org", PASSWORD, later(200)), Err(LoginRefused::Wrong)));
}

#[test]
fn a_session_ends_when_unused_when_old_when_ended_and_when_its_user_goes() {
    let home = with_admin();
    let log_in = |at| home.desk.log_in("karin@example.org", PASSWORD, at).unwrap();
    let idle = log_in(later(100));
    assert!(home.desk.session(&idle, later(100 + 43_100)).unwrap().is_some());
    assert!(home.desk.session(&idle, later(100 + 43_100 + 43_200)).unwrap().is_none());
    let used = log_in(later(100));
    for hours in 1..168 {
        assert!(home.desk.session(&used, later(100 + hours * 3_600)).unwrap().is_some(), "after {hours} h");
    }
    assert!(home.desk.session(&used, later(100 + 168 * 3_600)).unwrap().is_none());
    let ended = log_in(later(200));
    let signed_in = home.desk.session(&ended, later(201)).unwrap().unwrap();
    assert!(home.desk.log_out(&signed_in.session).unwrap());
    assert!(home.desk.session(&ended, later(202)).unwrap().is_none());
    assert!(home.desk.session("made up", later(202)).unwrap().is_none());
}

#[test]
fn people_are_invited_changed_and_let_go_but_never_the_last_administrator() {
    let home = with_admin();
    let session = home.desk.log_in("karin@example.org", PASSWORD, later(100)).unwrap();
    let karin = home.desk.session(&session, later(101)).unwrap().unwrap();
    let admin = karin.caller();
    let sees = Scope::customer(north());
    let link = home.desk.invite_user(&admin, "Per Ek", "per@example.org", Role::Viewer, &sees, later(110)).unwrap();
    let taken = home.desk.invite_user(&admin, "Per Ek", "PER@example.org", Role::Viewer, &sees, later(110));
    assert!(matches!(taken, Err(DeskError::Accounts(store::sqlite::AccountsError::AddressTaken))));
    home.desk.set_up(&link.secret, "sju sjuka sjömän i Sölvesborg", None, later(120)).unwrap();
    let his = home.desk.log_in("per@example.org", "sju sjuka sjömän i Sölvesborg", later(130)).unwrap();
    home.desk.change_role(&admin, &link.user, Role::Commander, &sees, later(140)).unwrap();
    assert_eq!(home.desk.session(&his, later(141)).unwrap().unwrap().role, Role::Commander);
    assert!(matches!(home.desk.disable_user(&admin, &karin.user, later(150)), Err(DeskError::LastAdmin)));
    home.desk.disable_user(&admin, &link.user, later(160)).unwrap();
    assert!(home.desk.session(&his, later(161)).unwrap().is_none());
    home.desk.erase_user(&admin, &link.user, later(170)).unwrap();
    let name = home.desk.read(&Scope::All, |view| view.name_of(&link.user).cloned()).unwrap();
    assert_eq!(home.desk.text(&name), desk::Text::Erased);
    assert!(home.desk.erase_user(&admin, &karin.user, later(180)).is_err());
}
