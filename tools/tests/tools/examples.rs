use std::fs;
use std::path::Path;

const MAX_LINES: usize = 60;

#[test]
fn every_example_has_at_most_60_lines_and_is_named_in_a_test() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut count = 0;
    for family in ["basix", "pbx", "ucom", "voip"].map(|family| examples.join(family)) {
        let tests = texts(&family.join("tests"));
        for entry in fs::read_dir(&family).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.extension().is_some_and(|extension| extension == "rs") {
                let name = entry.file_stem().unwrap().to_str().unwrap();
                let text = fs::read_to_string(&entry).unwrap();
                let lines = text.lines().count();
                assert!(lines <= MAX_LINES, "{name} has {lines} lines");
                assert!(tests.contains(&format!("\"{name}\"")), "no test runs {name}");
                count += 1;
            }
        }
    }
    assert!(count >= 15, "{count}");
}

/// The text of every file in a folder and below.
fn texts(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| if path.is_dir() { texts(&path) } else { fs::read_to_string(path).unwrap() })
        .collect()
}
