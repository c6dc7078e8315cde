//! What CI holds documents and comments to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
}

fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(&root.join("src"), "rs", &mut found);
    files(&root.join("tests"), "rs", &mut found);
    found
}

/// Rule numbers in a text: one of the letters and up to two digits, as a word.
fn rules(text: &str) -> BTreeSet<String> {
    let is_rule = |word: &&str| {
        let (letter, number) = word.split_at(word.len().min(1));
        matches!(letter, "C" | "D" | "R" | "T" | "U" | "V" | "P")
            && (1..=2).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '*')
        .filter(is_rule)
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_rule_that_is_cited_is_defined() {
    let protocol = concat!(env!("CARGO_MANIFEST_DIR"), "/PROTOCOL.md");
    let protocol = std::fs::read_to_string(protocol).unwrap();
    let defined: BTreeSet<_> = protocol
        .lines()
        .filter_map(|line| line.strip_prefix("| **")?.split_once("** |"))
        .map(|(rule, _)| rule.to_owned())
        .collect();
    for path in sources() {
        let text = std::fs::read_to_string(&path).unwrap();
        let comments = text.lines().filter_map(|line| line.split_once("//")).map(|(_, said)| said);
        for rule in comments.flat_map(rules) {
            assert!(defined.contains(&rule), "{}: {rule} is not defined", path.display());
        }
    }
}

#[test]
fn rendered_documents_cite_no_rules() {
    for path in sources().iter().filter(|path| !path.iter().any(|part| part == "tests")) {
        let text = std::fs::read_to_string(path).unwrap();
        for line in text.lines().map(str::trim) {
            if line.starts_with("///") || line.starts_with("//!") {
                assert_eq!(rules(line), BTreeSet::new(), "{}: {line}", path.display());
            }
        }
    }
    let readme =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    assert_eq!(rules(&readme), BTreeSet::new());
}
