//! The catalogs against the code: every key that is used is defined in both languages with the same arguments, and every
//! key that is defined is used. This is what lets a lookup be infallible.
#![allow(clippy::unwrap_used, clippy::panic)]

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

type Catalog = BTreeMap<String, BTreeSet<String>>;

fn root(part: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(part)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// Keys of one language with the arguments that their texts take.
fn catalog(lang: &str) -> Catalog {
    let mut keys = Catalog::new();
    for path in files(&root("locales").join(lang)) {
        let text = std::fs::read_to_string(&path).unwrap();
        let resource = fluent_syntax::parser::parse(text).unwrap_or_else(|(_, e)| panic!("{}: {e:?}", path.display()));
        for entry in resource.body {
            if let Entry::Message(message) = entry {
                let mut arguments = BTreeSet::new();
                collect(message.value.as_ref().unwrap(), &mut arguments);
                assert!(keys.insert(message.id.name.clone(), arguments).is_none(), "{} twice", message.id.name);
            }
        }
    }
    keys
}

fn collect(pattern: &Pattern<String>, arguments: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            let selector = match expression {
                Expression::Inline(inline) => inline,
                Expression::Select { selector, variants } => {
                    variants.iter().for_each(|v| collect(&v.value, arguments));
                    selector
                }
            };
            if let InlineExpression::VariableReference { id } = selector {
                arguments.insert(id.name.clone());
            }
        }
    }
}

/// Every `say*("key"` and `Key("key")` with the arguments that it passes.
fn uses() -> Vec<(String, Option<&'static [&'static str]>, PathBuf)> {
    const CALLS: [(&str, Option<&[&str]>); 8] = [
        ("say(\"", Some(&[])),
        ("say_a(\"", Some(&["a"])),
        ("say_ab(\"", Some(&["a", "b"])),
        ("say_n(\"", Some(&["n"])),
        ("say_nm(\"", Some(&["n", "m"])),
        ("say_na(\"", Some(&["n", "a"])),
        ("say_with(lang, \"", None),
        ("Key(\"", None),
    ];
    let mut found = Vec::new();
    for path in [files(&root("templates")), files(&root("src"))].concat() {
        let text = std::fs::read_to_string(&path).unwrap();
        for (call, arguments) in CALLS {
            for rest in text.split(call).skip(1) {
                found.push((rest.split('"').next().unwrap().to_owned(), arguments, path.clone()));
            }
        }
    }
    found
}

#[test]
fn both_languages_say_the_same_things() {
    let (en, sv) = (catalog("en"), catalog("sv"));
    let keys = |c: &Catalog| c.keys().cloned().collect::<BTreeSet<_>>();
    let missing: Vec<_> = keys(&en).symmetric_difference(&keys(&sv)).cloned().collect();
    assert!(missing.is_empty(), "in one language only: {missing:?}");
    for (key, arguments) in &en {
        assert_eq!(arguments, &sv[key], "{key} takes other arguments in Swedish");
    }
}

#[test]
fn what_the_code_says_is_defined_and_gets_its_arguments() {
    let catalog = catalog("en");
    for (key, passed, path) in uses() {
        let Some(taken) = catalog.get(&key) else {
            panic!("{} says {key:?}, which no catalog defines", path.display())
        };
        if let Some(passed) = passed {
            for argument in taken {
                assert!(passed.contains(&argument.as_str()), "{}: {key} needs ${argument}", path.display());
            }
        }
    }
}

#[test]
fn nothing_is_defined_that_nobody_says() {
    let used: BTreeSet<_> = uses().into_iter().map(|(key, ..)| key).collect();
    let idle: Vec<_> = catalog("en").into_keys().filter(|key| !used.contains(key)).collect();
    assert!(idle.is_empty(), "unused: {idle:?}");
}
