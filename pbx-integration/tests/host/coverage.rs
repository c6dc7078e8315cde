//! That every rule of this part is cited.

use std::collections::BTreeSet;
use std::path::Path;

/// Rules that describe the PBX and ask nothing of this crate.
const DESCRIPTIONS: &[(u32, &str)] = &[(2, "the earliest version of the PBX")];

#[test]
fn every_rule_of_integrations_settings_and_call_control_is_cited_by_a_test() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/host");
    let mut words = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // What is said of a rule in `main.rs` and here is no test.
        if path.file_name().is_some_and(|name| name == "coverage.rs" || name == "main.rs") {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        let names = text.lines().filter(|line| line.trim_start().starts_with("fn "));
        let is_mark = |character: char| !character.is_ascii_alphanumeric();
        words.extend(names.flat_map(|line| line.split(is_mark)).map(str::to_owned));
    }
    // Each line of this file is a case of one rule.
    let cases = crate::vectors("save_results.jsonl");
    words.extend(cases.iter().map(|case| case["rule"].as_str().unwrap().to_lowercase()));
    let is_described = |rule| DESCRIPTIONS.iter().any(|(described, _)| *described == rule);
    let missing: Vec<_> = (1..=3)
        .chain(71..=111)
        .filter(|rule| !is_described(*rule) && !words.contains(&format!("p{rule}")))
        .collect();
    assert!(missing.is_empty(), "no test is named after, and no case is of {missing:?}");
    for example in ["e7", "e11"] {
        assert!(words.contains(example), "no test shows {example}");
    }
}
