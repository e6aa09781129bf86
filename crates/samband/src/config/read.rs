//! Reading the configuration: every fault is found and named with its line and key, not only the first.

use super::Config;
use super::settings::{SETTINGS, Setting};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// A line of the file.
    File {
        /// From 1.
        line: usize,
    },
    /// An environment variable.
    Environment {
        /// Its name.
        variable: String,
    },
}

/// Something wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// The file, where it is in one.
    pub file: Option<PathBuf>,
    /// Its line.
    pub line: Option<usize>,
    /// The key or the variable.
    pub key: Option<String>,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}", file.display())?;
            if let Some(line) = self.line {
                write!(f, ", line {line}")?;
            }
            write!(f, ": ")?;
        }
        if let Some(key) = &self.key {
            write!(f, "{key} ")?;
        }
        f.write_str(&self.reason)
    }
}

/// What was read.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration; where there are faults, those settings are as if nobody had set them.
    pub config: Config,
    /// Where each key that was set comes from.
    pub origins: BTreeMap<&'static str, Origin>,
    /// Everything that is wrong.
    pub faults: Vec<Fault>,
}

impl Loaded {
    /// Whether a key, or any key of a section, was set by somebody.
    pub fn is_set(&self, key_or_section: &str) -> bool {
        let of_section = |key: &str| key.strip_prefix(key_or_section).is_some_and(|rest| rest.starts_with('.'));
        self.origins.keys().any(|key| *key == key_or_section || of_section(key))
    }
}

/// Variables that begin with `SAMBAND_` and are no settings.
const OTHER_VARIABLES: [&str; 2] = ["SAMBAND_CONFIG", "SAMBAND_LOG"];

/// Reads the file, if there is one, and lays the environment over it.
pub fn load(file: Option<&Path>, environment: &[(String, String)]) -> Loaded {
    let mut loaded = Loaded { config: Config::default(), origins: BTreeMap::new(), faults: Vec::new() };
    if let Some(file) = file {
        match std::fs::read_to_string(file) {
            Ok(text) => read_file(&mut loaded, file, &text),
            Err(error) => loaded.faults.push(Fault {
                file: Some(file.to_owned()),
                line: None,
                key: None,
                reason: format!("cannot be read: {error}"),
            }),
        }
    }
    for (name, value) in environment {
        read_variable(&mut loaded, name, value);
    }
    if let Err(error) = loaded.config.severity.check() {
        let reason = format!("contradicts itself: {error}");
        loaded.faults.push(Fault { file: None, line: None, key: Some("severity".to_owned()), reason });
    }
    loaded.faults.sort_by_key(|fault| (fault.file.is_none(), fault.line));
    loaded
}

fn read_variable(loaded: &mut Loaded, name: &str, value: &str) {
    if !name.starts_with("SAMBAND_") || OTHER_VARIABLES.contains(&name) {
        return;
    }
    let fault = |reason| Fault { file: None, line: None, key: Some(name.to_owned()), reason };
    let Some(setting) = SETTINGS.iter().find(|setting| setting.variable() == name) else {
        let names: Vec<String> = SETTINGS.iter().map(Setting::variable).collect();
        loaded.faults.push(fault(format!("is no setting{}", near(name, names.iter().map(String::as_str)))));
        return;
    };
    match (setting.set)(&mut loaded.config, value) {
        Ok(()) => {
            loaded.origins.insert(setting.key, Origin::Environment { variable: name.to_owned() });
        }
        Err(reason) => loaded.faults.push(fault(reason)),
    }
}

fn read_file(loaded: &mut Loaded, file: &Path, text: &str) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let line_of = |at: usize| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
    for error in errors {
        loaded.faults.push(Fault {
            file: Some(file.to_owned()),
            line: error.span().map(|span| line_of(span.start)),
            key: None,
            reason: format!("is no TOML: {}", error.message()),
        });
    }
    let mut walk = Walk { loaded, file, line_of: &line_of };
    walk.table("", table.get_ref());
}

struct Walk<'a> {
    loaded: &'a mut Loaded,
    file: &'a Path,
    line_of: &'a dyn Fn(usize) -> usize,
}

impl Walk<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let key =
                if prefix.is_empty() { name.get_ref().to_string() } else { format!("{prefix}.{}", name.get_ref()) };
            let line = (self.line_of)(name.span().start);
            let is_section = SETTINGS.iter().any(|setting| setting.key.starts_with(&format!("{key}.")));
            match (value.get_ref(), Setting::of(&key)) {
                (DeValue::Table(inner), None) if is_section => self.table(&key, inner),
                (_, None) if is_section => self.fault(line, &key, "is a section: write it as [section]".to_owned()),
                (_, None) => {
                    let known = near(&key, SETTINGS.iter().map(|setting| setting.key));
                    self.fault(line, &key, format!("is no setting{known}"));
                }
                (value, Some(setting)) => self.value(line, setting, value),
            }
        }
    }

    fn value(&mut self, line: usize, setting: &'static Setting, value: &DeValue<'_>) {
        let text = match value {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
            DeValue::Float(number) => number.as_str().to_owned(),
            other => {
                let reason = format!("must be a text or a decimal number, not {}", other.type_str());
                return self.fault(line, setting.key, reason);
            }
        };
        match (setting.set)(&mut self.loaded.config, &text) {
            Ok(()) => {
                self.loaded.origins.insert(setting.key, Origin::File { line });
            }
            Err(reason) => self.fault(line, setting.key, reason),
        }
    }

    fn fault(&mut self, line: usize, key: &str, reason: String) {
        let (file, key) = (Some(self.file.to_owned()), Some(key.to_owned()));
        self.loaded.faults.push(Fault { file, line: Some(line), key, reason });
    }
}

/// "; did you mean X?" when something known is near.
fn near<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let nearest = known.map(|k| (distance(word, k), k)).min();
    match nearest {
        Some((distance, known)) if distance <= word.len().div_ceil(4) => format!("; did you mean {known}?"),
        _ => "; `samband check --list` shows them all".to_owned(),
    }
}

/// How many letters must change (Levenshtein 1966).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn loaded(text: &str, environment: &[(&str, &str)]) -> Loaded {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("samband.toml");
        std::fs::write(&file, text).unwrap();
        let environment: Vec<_> = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        load(Some(&file), &environment)
    }

    #[test]
    fn every_fault_is_named_with_its_line_and_key() {
        let text = "data_dir = \"/srv/samband\"\n[server]\nlisten = \"everywhere\"\n[retention]\nhistory_day = 3\nsnapshots = 1\n";
        let found = loaded(text, &[("SAMBAND_ENGINE_SHARD", "2"), ("SAMBAND_ENGINE_TICK_MS", "fast")]);
        let said: Vec<_> =
            found.faults.iter().map(|f| (f.line, f.key.as_deref().unwrap(), f.reason.as_str())).collect();
        assert!(
            said.iter()
                .any(|(line, key, why)| *line == Some(3) && *key == "server.listen" && why.contains("127.0.0.1:7700"))
        );
        assert!(said.iter().any(|(line, key, why)| *line == Some(5)
            && *key == "retention.history_day"
            && why.contains("history_days")));
        assert!(said.iter().any(|(line, key, _)| *line == Some(6) && *key == "retention.snapshots"));
        assert!(
            said.iter().any(|(_, key, why)| *key == "SAMBAND_ENGINE_SHARD" && why.contains("SAMBAND_ENGINE_SHARDS"))
        );
        assert!(said.iter().any(|(_, key, _)| *key == "SAMBAND_ENGINE_TICK_MS"));
        assert_eq!(said.len(), 5);
    }

    #[test]
    fn the_environment_goes_before_the_file_and_the_file_before_the_default() {
        let found = loaded("[engine]\nshards = 2\ntick_ms = 500\n", &[("SAMBAND_ENGINE_SHARDS", "4")]);
        assert!(found.faults.is_empty(), "{:?}", found.faults);
        assert_eq!((found.config.engine.shards, found.config.engine.tick_ms), (4, 500));
        assert_eq!(found.origins["engine.tick_ms"], Origin::File { line: 3 });
        assert!(found.is_set("engine") && !found.is_set("severity"));
    }

    #[test]
    fn severities_that_contradict_each_other_are_a_fault() {
        let found = loaded("[severity.sev1]\nvalue_per_hour = 5\n", &[]);
        assert_eq!(found.faults.len(), 1);
        assert_eq!(found.faults[0].key.as_deref(), Some("severity"));
    }
}
