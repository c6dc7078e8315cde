//! That every rule of reading, live events and call records is cited, and every example shown.

use std::collections::BTreeSet;
use std::path::Path;

fn cited(folder: &Path, words: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            cited(&path, words);
        } else if path.extension().is_some_and(|kind| kind == "rs")
            && !path.ends_with("coverage.rs")
        {
            let text = std::fs::read_to_string(path).unwrap();
            // Words such as `P22` and names such as `..._p126_p127`; heads of files are no citations.
            let code = text.lines().filter(|line| !line.starts_with("//!"));
            for line in code {
                let parts = line.split(|letter: char| !letter.is_ascii_alphanumeric());
                words.extend(parts.map(str::to_uppercase));
            }
        }
    }
}

#[test]
fn every_rule_is_cited_by_a_test() {
    let mut words = BTreeSet::new();
    cited(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), &mut words);
    let rules = (4..=70_u32).chain(112..=175);
    let missing: Vec<u32> = rules.filter(|rule| !words.contains(&format!("P{rule}"))).collect();
    assert!(missing.is_empty(), "no test cites {missing:?}");
    let examples = [1, 2, 3, 4, 5, 6, 8, 9, 10];
    let missing: Vec<_> = examples.iter().filter(|at| !words.contains(&format!("E{at}"))).collect();
    assert!(missing.is_empty(), "no test shows {missing:?}");
}
