//! Two hundred shops in real localities; S1 has hit a third of them, one region is not heard, one shop is below.

use crate::{api, before};
use domain::money::SEK;
use domain::{DeviceCode, Money, SiteCode};
use web::view::*;

pub struct Shop {
    pub line: SiteLine,
    pub latitude: f64,
    pub longitude: f64,
}

pub fn sek(major: i64) -> Money {
    Money { minor: major * 100, currency: SEK }
}

pub fn site_code(text: &str) -> SiteCode {
    SiteCode::new(text).expect("a valid code")
}

/// All shops, by code.
pub fn world() -> Vec<Shop> {
    let rows = include_str!("../../../sim/localities.csv").lines().filter(|l| !l.starts_with('#')).skip(1);
    let mut shops: Vec<_> = rows
        .enumerate()
        .filter_map(|(i, row)| {
            let [county, name, latitude, longitude, population] = row.split(',').collect::<Vec<_>>()[..] else {
                return None;
            };
            let population: f64 = population.parse().ok()?;
            let state = match i {
                _ if i % 3 == 1 => SiteState::Partly,
                _ if county.starts_with("Jämtland") => SiteState::Unheard,
                77 => SiteState::Below,
                _ => SiteState::Selling,
            };
            let expected = (population.sqrt() * 160.0) as i64;
            let actual = match state {
                SiteState::Unheard => None,
                SiteState::Partly => Some(sek(expected * 7 / 10)),
                SiteState::Below => Some(sek(expected * 55 / 100)),
                _ => Some(sek(expected * 103 / 100)),
            };
            let devices = 3 + (i as u64 * 7) % 6;
            let line = SiteLine {
                code: site_code(&format!("{:04}", 101 + i * 3)),
                name: Some(name.to_owned()),
                region: Some(county.trim_end_matches(" län").to_owned()),
                state,
                devices,
                devices_hit: if state == SiteState::Partly { devices - 2 } else { 0 },
                heard_at: Some(before(if state == SiteState::Unheard { 1_860 } else { (i as i64 * 7) % 40 })),
                actual,
                expected: Some(sek(expected)),
            };
            Some(Shop { line, latitude: latitude.parse().ok()?, longitude: longitude.parse().ok()? })
        })
        .collect();
    shops.sort_by_key(|s| (s.line.state, std::cmp::Reverse(s.line.expected.map(|m| m.minor))));
    shops
}

pub fn counts() -> StateCounts {
    let mut counts = StateCounts::default();
    for shop in world() {
        for (slot, state) in counts.0.iter_mut().zip(SiteState::ALL) {
            *slot += u64::from(shop.line.state == state);
        }
    }
    counts
}

pub fn sites(query: &str, empty: bool) -> SitesView {
    let wanted = query.to_lowercase();
    let mut all: Vec<_> = world().into_iter().map(|s| s.line).collect();
    all.retain(|l| {
        !empty && format!("{} {}", l.code, l.name.as_deref().unwrap_or("")).to_lowercase().contains(&wanted)
    });
    let total = all.len() as u64;
    all.truncate(50);
    SitesView {
        query: query.to_owned(),
        state: None,
        sites: all,
        paging: Paging { page: 1, size: 50, total },
        states: if empty { StateCounts::default() } else { counts() },
        unregistered: if empty { 0 } else { 4 },
    }
}

pub fn chart(series: &str, share: f64) -> ChartView {
    let hours = (0..24)
        .map(|h| {
            let from = before(86_400 - h * 3_600 - 184);
            let hour = (h + 10) % 24;
            let expected = sek((api::expected_at(hour as f64 + 0.5) * share * 1e6) as i64);
            let actual = if h == 10 { None } else { Some(Money { minor: expected.minor / 100 * 98, ..expected }) };
            let unheard = actual.is_none().then_some(expected);
            HourLine { from, actual, expected: Some(expected), unheard }
        })
        .collect();
    ChartView { source: format!("/api/v1/history?series={series}"), hours, later: None }
}

fn device_line(i: usize, state: SiteState, firmware: &str) -> DeviceLine {
    DeviceLine {
        code: DeviceCode::new(format!("ssu-0412-{i:02}")).expect("a valid code"),
        kind: Some(if i < 6 { "self-scanner" } else { "till" }.into()),
        model: Some(if i < 6 { "SX-2" } else { "T90" }.into()),
        firmware: Some(firmware.into()),
        state: (i != 7).then_some(state),
        heard_at: (i != 4).then(|| before(12 + i as i64)),
    }
}

pub fn site() -> SiteView {
    let line = world().swap_remove(0).line;
    SiteView {
        line,
        hours: Some("Mo-Fr 08:00-22:00; Sa-Su 09:00-21:00; PH off".into()),
        zone: "Europe/Stockholm".into(),
        phone: Some("+46 36 10 20 30".into()),
        report_path: Some("/r/0412".into()),
        chart: Some(chart("site:0412", 0.004)),
        devices: (1..=8)
            .map(|i| {
                let dead = i < 5;
                device_line(
                    i,
                    if i == 4 {
                        SiteState::Never
                    } else if dead {
                        SiteState::Silent
                    } else {
                        SiteState::Selling
                    },
                    if dead { "4.2.1" } else { "4.2.0" },
                )
            })
            .collect(),
        findings: crate::operations::findings()[..1].to_vec(),
    }
}

pub fn device() -> DeviceView {
    let attribute = |name: &str, registered: Option<&str>, observed: Option<&str>| AttributeLine {
        name: name.into(),
        registered: registered.map(Into::into),
        observed: observed.map(Into::into),
        observed_at: observed.map(|_| before(5_400)),
    };
    DeviceView {
        line: device_line(3, SiteState::Silent, "4.2.1"),
        site: Some((site_code("0412"), Some("Jönköping Tändsticksområdet".into()))),
        attributes: vec![
            attribute("circuit", Some("A2"), None),
            attribute("firmware", Some("4.2.0"), Some("4.2.1")),
            attribute("model", Some("SX-2"), Some("SX-2")),
            attribute("os", Some("Linux 6.1"), Some("Linux 6.1")),
            attribute("vendor", Some("Acme"), None),
        ],
        findings: crate::operations::findings()[..1].to_vec(),
    }
}

pub fn unregistered(empty: bool) -> UnregisteredView {
    let line = |site: Option<&str>, device: Option<&str>, signals| UnregisteredLine {
        site: site.map(Into::into),
        device: device.map(Into::into),
        first_at: before(86_000),
        last_at: before(14),
        signals,
        token: "POS export".into(),
    };
    let lines = if empty {
        vec![]
    } else {
        vec![
            line(Some("9001"), None, 18_204),
            line(Some("9001"), Some("till-9001-1"), 9_102),
            line(None, Some("ssu-0412-99"), 44),
            line(Some("412"), None, 3),
        ]
    };
    UnregisteredView { total: lines.len() as u64, lines }
}
