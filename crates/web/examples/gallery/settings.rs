//! Settings, doors and the public page.

use crate::{before, now};
use web::view::*;
use web::words::Key;

fn customers() -> Vec<(String, String)> {
    vec![("demo".into(), "Demokedjan".into()), ("chain-north".into(), "Chain North".into())]
}

pub fn tokens(empty: bool) -> TokensView {
    let line = |id: &str, name: &str, used: Option<i64>, revoked: Option<i64>| TokenLine {
        id: id.into(),
        name: name.into(),
        customer: "Demokedjan".into(),
        created_at: before(4_000_000),
        used_at: used.map(before),
        revoked_at: revoked.map(before),
    };
    TokensView {
        tokens: if empty {
            vec![]
        } else {
            vec![
                line("t-3fa9", "POS export", Some(2), None),
                line("t-1c02", "Zabbix bridge", None, None),
                line("t-0b77", "Old server", Some(900_000), Some(800_000)),
            ]
        },
        fresh: (!empty).then(|| FreshToken {
            name: "Shop server 0412".into(),
            secret: "sbd_t-9d11_4mK2vQ8sXw1nT7yR5bL0cJ6hF3gD9zP".into(),
        }),
        form: TokenForm::default(),
        customers: customers(),
        base_url: "http://127.0.0.1:7799".into(),
        example_device: "ssu-0412-07".into(),
        example_at: now(),
    }
}

pub fn import(empty: bool) -> ImportView {
    let error = |file: &str, line, field: &str, reason: &str| ImportError {
        file: file.into(),
        line,
        field: field.into(),
        reason: reason.into(),
    };
    let dry_run = (!empty).then(|| DryRun {
        sites: DryRunLine { added: 196, changed: 4, same: 1_100 },
        devices: DryRunLine { added: 998, changed: 12, same: 8_410 },
        errors: vec![
            error("sites.csv", 14, "latitude", "must be between -90 and 90, is 577826; is a decimal point missing?"),
            error(
                "sites.csv",
                88,
                "opening_hours",
                "rule \"8-22\" is not of the form 'Mo-Fr 08:00-22:00', 'PH off' or '24/7'",
            ),
            error("devices.csv", 402, "site", "site \"0999\" is neither registered nor in sites.csv"),
        ],
        errors_more: 0,
        ticket: "d-1".into(),
    });
    ImportView { form: ImportForm::default(), customers: customers(), dry_run, done: empty.then_some((200, 1_200)) }
}

pub fn users() -> UsersView {
    let line = |id: &str, name: &str, login: &str, role, seen: Option<i64>| UserLine {
        id: id.into(),
        name: name.into(),
        login: login.into(),
        role,
        is_set_up: seen.is_some(),
        seen_at: seen.map(before),
    };
    UsersView {
        users: vec![
            line("u-1", "Eva Lind", "eva", Role::Admin, Some(4)),
            line("u-2", "Johan Berg", "johan", Role::Commander, Some(190)),
            line("u-3", "Amina Osman", "amina", Role::Responder, None),
        ],
        form: UserForm::default(),
        link: Some(SetupLink {
            name: "Amina Osman".into(),
            url: "http://127.0.0.1:7799/setup/k3J9vQ2mXw7nT1yR8bL5cF0".into(),
            expires_at: before(-1_800),
        }),
    }
}

pub fn login() -> LoginView {
    LoginView { error: None, login: String::new(), next: "/".into() }
}

pub fn setup() -> SetupView {
    SetupView { token: "abc".into(), ..SetupView::default() }
}

pub fn report(sent: bool, empty: bool) -> ReportView {
    let notice = Notice {
        what: Key("notice-self-scanning"),
        advice: Key("advice-self-scanning"),
        since: before(720),
        others: 41,
        reports: 14,
        next_word_at: Some(before(-480)),
    };
    ReportView {
        site: "Jönköping Tändsticksområdet".into(),
        path: "/r/0412".into(),
        notices: if empty { vec![] } else { vec![notice] },
        reported: vec![],
        form: ReportForm { symptom: (!empty).then_some(Symptom::SelfScanning), ..ReportForm::default() },
        receipt: sent.then(|| ReportReceipt { number: "K7M2C".into(), at: now() }),
    }
}
