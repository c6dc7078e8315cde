//! That every rule is cited, and every row of the tables has its vectors.

use std::collections::BTreeSet;
use std::path::Path;

/// Rules that describe the platform or the PBX and ask nothing of this crate, or that say what is
/// not done.
const DESCRIPTIONS: &[(u32, &str)] = &[
    (1, "powers of a module"),
    (2, "powers of a module"),
    (3, "the platform does not route"),
    (4, "events come by webhook only"),
    (5, "links, not audio"),
    (6, "licences"),
    (7, "the module's page"),
    (8, "the user is shown the result"),
    (19, "how the platform matches records"),
    (34, "no further functions are known"),
    (35, "the platform makes the URL"),
    (49, "what is entered in the cabinet"),
    (55, "what makeCall means"),
    (61, "how pushes are sent; see V78 to V82"),
    (62, "every push carries crm_token; see V84"),
    (64, "what CANCELLED means; see the tracker"),
    (65, "order of pushes; see the tracker"),
    (67, "notation of phone; passed through"),
    (69, "the newer API, for information"),
    (70, "the newer API, for information"),
    (71, "the newer API; see V43"),
    (72, "the newer API is another provider"),
];

fn cited(folder: &Path, words: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            cited(&path, words);
        } else if path.file_name().is_some_and(|name| name != "coverage.rs") {
            let text = std::fs::read_to_string(path).unwrap();
            let is_name = |character: char| !character.is_ascii_alphanumeric();
            words.extend(text.split(is_name).map(str::to_uppercase));
        }
    }
}

#[test]
fn every_rule_is_cited_by_a_test() {
    let mut words = BTreeSet::new();
    cited(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), &mut words);
    let described = |rule| DESCRIPTIONS.iter().any(|(described, _)| *described == rule);
    let missing: Vec<_> = (1..=137)
        .filter(|rule| !described(*rule) && !words.contains(&format!("V{rule}")))
        .collect();
    assert!(missing.is_empty(), "no test cites {missing:?}");
    let examples: Vec<_> = (1..=11).filter(|at| !words.contains(&format!("E{at}"))).collect();
    assert!(examples.is_empty(), "no test shows {examples:?}");
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
