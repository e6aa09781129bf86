//! Static files: what lies in the folder is what is served, and the addresses change with the bytes.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_file_in_the_folder_is_served_and_no_other() {
    fn walk(folder: &Path, root: &Path, into: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, into);
            } else {
                into.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("static");
    let mut there = BTreeSet::new();
    walk(&root, &root, &mut there);
    there.remove("vendor/manifest.toml");
    let served: BTreeSet<_> = web::assets::FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(served, there);
}

#[test]
fn templates_and_modules_obey_the_content_security_policy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for forbidden in ["style=\"", "<style", "onclick=", "onload=", "javascript:", "|safe"] {
            assert!(!text.contains(forbidden), "{} holds {forbidden}", path.display());
        }
        for script in text.split("<script").skip(1) {
            assert!(script.split('>').next().unwrap().contains("src="), "{} holds an inline script", path.display());
        }
    }
}

#[test]
fn what_is_vendored_for_tests_is_as_pinned() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendor");
    let manifest: toml::Table = std::fs::read_to_string(folder.join("manifest.toml")).unwrap().parse().unwrap();
    let packages = manifest["package"].as_array().unwrap();
    let files: Vec<_> = packages.iter().flat_map(|package| package["file"].as_array().unwrap()).collect();
    assert!(files.iter().any(|file| file["path"].as_str().unwrap().ends_with("LICENSE")));
    for file in files {
        let path = file["path"].as_str().unwrap();
        let is = blake3::hash(&std::fs::read(folder.join(path)).unwrap()).to_hex();
        assert_eq!(is.as_str(), file["blake3"].as_str().unwrap(), "{path}");
    }
}
