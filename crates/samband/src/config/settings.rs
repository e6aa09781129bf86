//! The table of settings.

use super::Config;
use domain::{Currency, CustomerKey};
use std::net::SocketAddr;
use std::path::PathBuf;

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Its key: section and name, `retention.history_days`.
    pub key: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Reads it from text; says what it must be otherwise.
    pub set: fn(&mut Config, &str) -> Result<(), String>,
    /// Its value as text.
    pub show: fn(&Config) -> String,
}

impl Setting {
    /// The variable that sets it: `SAMBAND_RETENTION_HISTORY_DAYS`.
    pub fn variable(&self) -> String {
        format!("SAMBAND_{}", self.key.replace('.', "_").to_ascii_uppercase())
    }

    /// The setting of a key.
    pub fn of(key: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.key == key)
    }
}

macro_rules! setting {
    ($key:literal, $about:literal, $read:expr, $($field:tt)+) => {
        Setting {
            key: $key,
            about: $about,
            set: |config, text| {
                config.$($field)+ = $read(text)?;
                Ok(())
            },
            show: |config| config.$($field)+.to_string(),
        }
    };
}

/// All settings, in the order in which they are explained.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: "data_dir",
        about: "folder that holds everything Samband keeps",
        set: |config, text| {
            config.data_dir = PathBuf::from(nonempty(text)?);
            Ok(())
        },
        show: |config| config.data_dir.display().to_string(),
    },
    setting!("server.listen", "address and port of the server", address, server.listen),
    Setting {
        key: "server.public_url",
        about: "how people reach the server, for links; made from listen where absent",
        set: |config, text| {
            config.server.public_url = Some(url(text)?);
            Ok(())
        },
        show: |config| config.server.public_url.clone().unwrap_or_default(),
    },
    setting!("customer.key", "customer that a first start registers", key, customer.key),
    setting!("customer.name", "its name for people", name, customer.name),
    setting!("customer.currency", "currency of its turnover, such as SEK", currency, customer.currency),
    setting!("customer.timezone", "its zone, and that of times on pages", timezone, customer.timezone),
    setting!("retention.inbox_max_bytes", "signals are refused beyond this", bytes, retention.inbox_max_bytes),
    setting!("retention.inbox_keep_bytes", "settled signals go beyond this", bytes, retention.inbox_keep_bytes),
    setting!("retention.inbox_keep_days", "settled signals go after so many days", days, retention.inbox_keep_days),
    setting!("retention.reserve_bytes", "kept free on the disk for the journal", any_bytes, retention.reserve_bytes),
    setting!("retention.history_days", "history goes after so many days", days, retention.history_days),
    setting!("retention.history_bytes", "history goes beyond this", bytes, retention.history_bytes),
    setting!("retention.snapshots", "snapshots that are kept, 2 to 100", snapshots, retention.snapshots),
    setting!("engine.shards", "parts the fleet is split into, 1 to 64", shards, engine.shards),
    setting!("engine.tick_ms", "the engine judges so often, 50 to 60000 ms", tick_ms, engine.tick_ms),
    setting!("engine.snapshot_every_s", "seconds between snapshots, 5 to 86400", snapshot_s, engine.snapshot_every_s),
    setting!("false_alarms.device_days", "mean days between false alarms, all devices", mean, false_alarms.device_days),
    setting!("false_alarms.site_days", "the same, all sites", mean, false_alarms.site_days),
    setting!("false_alarms.group_days", "the same, all groups of an attribute", mean, false_alarms.group_days),
    setting!("false_alarms.everything_days", "the same, everything as one", mean, false_alarms.everything_days),
    setting!(
        "severity.sev1.value_per_hour",
        "sev1 from this much turnover an hour",
        money,
        severity.sev1.value_per_hour
    ),
    setting!("severity.sev1.fleet_share", "or from this share of the fleet", share, severity.sev1.fleet_share),
    setting!(
        "severity.sev2.value_per_hour",
        "sev2 from this much turnover an hour",
        money,
        severity.sev2.value_per_hour
    ),
    setting!("severity.sev2.fleet_share", "or from this share of the fleet", share, severity.sev2.fleet_share),
    setting!(
        "severity.sev3.value_per_hour",
        "sev3 from this much turnover an hour",
        money,
        severity.sev3.value_per_hour
    ),
    setting!("severity.sev3.fleet_share", "or from this share of the fleet", share, severity.sev3.fleet_share),
    setting!("severity.share_from_sites", "the share counts from so many sites", sites, severity.share_from_sites),
];

fn nonempty(text: &str) -> Result<&str, String> {
    if text.trim().is_empty() { Err("must not be empty".to_owned()) } else { Ok(text) }
}

fn key(text: &str) -> Result<CustomerKey, String> {
    CustomerKey::new(text).map_err(|error| error.to_string())
}

fn name(text: &str) -> Result<String, String> {
    nonempty(text).map(str::to_owned)
}

fn currency(text: &str) -> Result<Currency, String> {
    text.parse().map_err(|_| format!("must be three letters such as SEK, not {text:?}"))
}

fn timezone(text: &str) -> Result<String, String> {
    match jiff::tz::TimeZone::get(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(format!("must be an IANA time zone such as Europe/Stockholm, not {text:?}")),
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("must be an address and a port such as 127.0.0.1:7700, not {text:?}"))
}

fn url(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let fits = rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace));
    if fits { Ok(text.to_owned()) } else { Err(format!("must begin with http:// or https://, not {text:?}")) }
}

/// A number of bytes, plain or with a unit: `500 MB`, `64GiB`.
fn any_bytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let factor = match unit.trim() {
        "" | "B" => 1,
        "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1_u64 << 40,
        _ => return Err(format!("must be a number of bytes such as 500 MB or 64 GiB, not {text:?}")),
    };
    let number: Option<u64> = digits.replace('_', "").parse().ok();
    number
        .and_then(|number| number.checked_mul(factor))
        .ok_or_else(|| format!("must be a number of bytes such as 500 MB or 64 GiB, not {text:?}"))
}

fn bytes(text: &str) -> Result<u64, String> {
    let number = any_bytes(text)?;
    if number < 1 << 20 { Err(format!("must be at least 1 MiB, not {text:?}")) } else { Ok(number) }
}

fn whole(text: &str, least: u32, most: u32) -> Result<u32, String> {
    let number = text.trim().parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("must be a whole number from {least} to {most}, not {text:?}"))
}

fn days(text: &str) -> Result<u32, String> {
    whole(text, 1, 36_500)
}

fn snapshots(text: &str) -> Result<u32, String> {
    whole(text, 2, 100)
}

fn shards(text: &str) -> Result<u32, String> {
    whole(text, 1, 64)
}

fn tick_ms(text: &str) -> Result<u32, String> {
    whole(text, 50, 60_000)
}

fn snapshot_s(text: &str) -> Result<u32, String> {
    whole(text, 5, 86_400)
}

fn sites(text: &str) -> Result<u32, String> {
    whole(text, 1, 1_000_000)
}

fn number(text: &str, least: f64, most: f64) -> Result<f64, String> {
    let number = text.trim().replace('_', "").parse().ok().filter(|number: &f64| (least..=most).contains(number));
    number.ok_or_else(|| format!("must be a number from {least} to {most}, not {text:?}"))
}

fn mean(text: &str) -> Result<f64, String> {
    number(text, 0.01, 1_000_000.0)
}

fn money(text: &str) -> Result<f64, String> {
    number(text, 0.01, 1e12)
}

fn share(text: &str) -> Result<f64, String> {
    number(text, 0.0, 1.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_a_setting_shows_it_also_reads() {
        let mut config = Config::default();
        for setting in SETTINGS {
            let shown = (setting.show)(&config);
            if !shown.is_empty() {
                (setting.set)(&mut config, &shown).unwrap();
            }
        }
        assert_eq!(config, Config::default());
    }

    #[test]
    fn bytes_are_read_with_units() {
        assert_eq!(any_bytes("64 GiB").unwrap(), 64 << 30);
        assert_eq!(any_bytes("500MB").unwrap(), 500_000_000);
        assert!(any_bytes("5 apples").unwrap_err().contains("500 MB"));
        assert!(any_bytes("99999999999 TB").is_err());
    }
}
