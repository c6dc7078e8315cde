//! Every rule that code, tests or vectors cite is defined in `PROTOCOL.md`, and rendered docs cite
//! none.

#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const PROTOCOL: &str = include_str!("../PROTOCOL.md");
/// What users read.
const RENDERED: [&str; 2] = ["src", "testing/src"];
const OTHERS: [&str; 7] = [
    "tests",
    "testing/tests",
    "../benches/src",
    "../benches/benches",
    "../fuzz/soak/src",
    "../fuzz/fuzz_targets",
    "../examples/basix",
];

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

/// The files with this extension in these folders, with their text.
fn texts(folders: &[&str], extension: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for folder in folders {
        files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), extension, &mut found);
    }
    let read = |path: PathBuf| (path.clone(), std::fs::read_to_string(path).unwrap());
    found.into_iter().map(read).collect()
}

/// The rules in a text: `B` or `Q` and a number, as a word. Percent-encoded bytes are no rules.
fn rules(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '%' | '_'));
    let is_rule = |word: &&str| {
        let digits = word.strip_prefix(['B', 'Q']).unwrap_or_default();
        (1..=3).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    words.filter(is_rule).collect()
}

fn defined() -> BTreeSet<&'static str> {
    let first_cells = PROTOCOL.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" |"));
    let cells: Vec<_> =
        first_cells.map(|(cell, _)| cell).filter(|cell| !rules(cell).is_empty()).collect();
    let defined: BTreeSet<_> = cells.iter().copied().collect();
    assert_eq!(defined.len(), cells.len(), "a rule is defined twice");
    defined
}

#[test]
fn every_cited_rule_is_defined_in_the_protocol() {
    let defined = defined();
    let mut cited = 0;
    let check = |path: &Path, text: &str| {
        let cited = rules(text);
        let missing: Vec<_> = cited.difference(&defined).collect();
        assert!(missing.is_empty(), "{}: not defined: {missing:?}", path.display());
        cited.len()
    };
    for (path, text) in texts(&[&RENDERED[..], &OTHERS].concat(), "rs") {
        cited += check(&path, &text);
    }
    assert!(cited > 100, "{cited} citations found in code and tests");
    cited = check(Path::new("PROTOCOL.md"), PROTOCOL);
    assert!(cited > 100, "{cited} rules found in the protocol");
    for (path, text) in texts(&["tests/vectors/basix"], "jsonl") {
        let quirks =
            text.lines().filter_map(|line| line.split_once("\"quirks\":[")?.1.split_once(']'));
        for (quirks, _) in quirks {
            check(&path, quirks);
        }
    }
}

#[test]
fn rendered_docs_cite_no_rules() {
    for (path, text) in texts(&RENDERED, "rs") {
        for line in text.lines().map(str::trim_start) {
            if line.starts_with("///") || line.starts_with("//!") {
                assert!(rules(line).is_empty(), "{}: {line}", path.display());
            }
        }
    }
    for (path, text) in texts(&["."], "md") {
        let name = path.file_name().unwrap();
        assert!(name == "PROTOCOL.md" || rules(&text).is_empty(), "{}", path.display());
    }
}
