//! Rule numbers: defined where they are cited, and kept out of what users see.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            files.push(path);
        }
    }
}

// The rule numbers in a text: `P7`, or all of `P14 to P18`; and the same with `X`, for the bridge.
fn rules(text: &str) -> BTreeSet<(char, u32)> {
    let words: Vec<&str> = text.split(|letter: char| !letter.is_ascii_alphanumeric()).collect();
    let rule = |word: &str| {
        let (letter, digits) = word.split_at_checked(1)?;
        let is_rule = matches!(letter, "P" | "X") && digits.len() <= 3;
        Some((letter.chars().next()?, digits.parse::<u32>().ok().filter(|_| is_rule)?))
    };
    let mut rules: BTreeSet<_> = words.iter().filter_map(|word| rule(word)).collect();
    for range in words.windows(3).filter(|words| words[1] == "to") {
        if let (Some((letter, first)), Some((_, last))) = (rule(range[0]), rule(range[2])) {
            rules.extend((first..=last).map(|number| (letter, number)));
        }
    }
    rules
}

// P193
#[test]
fn every_cited_rule_is_defined_and_none_is_shown_to_users() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let protocol = std::fs::read_to_string(root.join("PROTOCOL.md")).unwrap();
    let rows = protocol.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" |"));
    let defined: BTreeSet<_> = rows.flat_map(|(rule, _)| rules(rule)).collect();
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    sources(&root.join("tests"), &mut files);
    let mut missing: BTreeSet<_> = BTreeSet::new();
    let mut shown = Vec::new();
    for path in files.iter().filter(|path| !path.ends_with("coverage.rs")) {
        let text = std::fs::read_to_string(path).unwrap();
        for line in text.lines() {
            let (code, comment) = line.split_once("//").unwrap_or((line, ""));
            missing.extend(rules(comment).difference(&defined).copied());
            let is_rendered = comment.starts_with(['/', '!']);
            let is_source = path.starts_with(root.join("src"));
            if is_source && (!rules(code).is_empty() || is_rendered && !rules(comment).is_empty()) {
                shown.push(format!("{}: {line}", path.display()));
            }
        }
    }
    assert!(missing.is_empty(), "PROTOCOL.md does not define {missing:?}");
    assert!(shown.is_empty(), "{}", shown.join("\n"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    assert!(rules(&readme).is_empty(), "{:?}", rules(&readme));
}
