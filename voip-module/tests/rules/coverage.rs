//! Every rule that code, tests or vectors cite is defined in `PROTOCOL.md`, and no rule is cited
//! where users read.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const PROTOCOL: &str = include_str!("../../PROTOCOL.md");

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            found.push(path);
        } else if !path.ends_with("node_modules") {
            files(&path, found);
        }
    }
}

fn texts(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    found.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// The rules that a text cites.
fn rules(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| !character.is_ascii_alphanumeric()).filter_map(|word| {
        let digits = word.strip_prefix(['V', 'v', 'W'])?;
        let is_rule = (1..=3).contains(&digits.len());
        let rule: u32 = digits.parse().ok()?;
        (is_rule && rule > 3).then(|| word.to_ascii_uppercase())
    })
}

#[test]
fn every_cited_rule_is_defined_in_the_protocol() {
    let defined: BTreeSet<String> = PROTOCOL
        .lines()
        .filter(|line| line.starts_with("| V") || line.starts_with("| W"))
        .flat_map(|line| rules(line).next())
        .collect();
    let cited: BTreeSet<String> =
        texts("src").iter().chain(&texts("tests")).flat_map(|text| rules(text)).collect();
    let missing: Vec<_> = cited.difference(&defined).collect();
    assert!(missing.is_empty(), "cited and not defined: {missing:?}");
    let unused: Vec<_> = defined.difference(&cited).collect();
    assert!(unused.is_empty(), "defined and not cited: {unused:?}");
}

#[test]
fn no_rule_is_cited_in_rendered_docs() {
    for text in texts("src") {
        for line in text.lines().map(str::trim_start) {
            let is_rendered = line.starts_with("///") || line.starts_with("//!");
            let words: Vec<_> = line.split(|c: char| !c.is_ascii_alphanumeric()).collect();
            let cites = words.iter().any(|word| {
                let digits = word.strip_prefix(['V', 'W']).unwrap_or("x");
                (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
            });
            assert!(!(is_rendered && cites), "{line}");
        }
    }
}

#[test]
fn every_row_of_the_parsing_tables_has_a_vector() {
    let rules: BTreeSet<_> = crate::pushes::VECTORS
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|vector| vector["rule"].as_str().unwrap().to_owned())
        .collect();
    // V107 needs a provider that fails, and is in `router.rs`.
    let missing: Vec<_> =
        (78..=118).filter(|rule| *rule != 107 && !rules.contains(&format!("V{rule}"))).collect();
    assert!(missing.is_empty(), "no vector for {missing:?}");
}
