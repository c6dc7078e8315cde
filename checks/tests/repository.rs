//! The checks on the files of this repository.

#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use checks::block::{self, Block, Finding, Kind};
use checks::{badges, names, phrases, rules, rust, summary};

/// The published crates.
const CRATES: [&str; 5] =
    ["basix-cti", "basix-cti/testing", "voip-module", "ucom-events", "pbx-integration"];
/// The crates with a protocol document, and the folders that cite it.
const PROTOCOLS: [(&str, [&str; 2]); 4] = [
    ("basix-cti", ["basix-cti", "examples/basix"]),
    ("voip-module", ["voip-module", "examples/voip"]),
    ("ucom-events", ["ucom-events", "examples/ucom"]),
    ("pbx-integration", ["pbx-integration", "examples/pbx"]),
];
/// The crates whose protocol documents have no rule that code and tests do not cite.
const FULLY_CITED: [&str; 2] = ["voip-module", "pbx-integration"];
const MAX_ROOT_NAMES: usize = 30;

struct Source {
    /// From the root of the repository, with `/`.
    path: String,
    text: String,
}

impl Source {
    fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|own| own == extension)
    }

    /// Returns whether the file belongs to a published crate.
    fn is_library(&self) -> bool {
        CRATES.iter().any(|folder| self.path.starts_with(&format!("{folder}/src/")))
    }

    fn blocks(&self) -> Vec<Block> {
        match Path::new(&self.path).extension().and_then(|own| own.to_str()) {
            Some("rs") => rust::blocks(&self.text),
            Some("md") => block::paragraphs(&self.text),
            Some("js" | "ts") => block::comments(&self.text, "//"),
            Some("toml" | "sh") => block::comments(&self.text, "#"),
            Some("yml" | "yaml") => block::comments(&self.text, "#"),
            None => block::comments(&self.text, "# "),
            _ => Vec::new(),
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn walk(folder: &Path, root: &Path, found: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            if !matches!(&*name, ".git" | "target" | "node_modules" | "corpus" | "artifacts") {
                walk(&path, root, found);
            }
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            let path = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            found.push(Source { path, text });
        }
    }
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    walk(&root(), &root(), &mut found);
    assert!(found.len() > 500, "{} files found", found.len());
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// Fails with every finding, one a line.
fn check(find: impl Fn(&Source) -> Vec<Finding>) {
    let mut lines = Vec::new();
    for source in sources() {
        lines.extend(find(&source).iter().map(|finding| format!("{}:{finding}", source.path)));
    }
    assert!(lines.is_empty(), "{} findings\n{}", lines.len(), lines.join("\n"));
}

#[test]
fn comments_and_documents_have_no_banned_phrases() {
    check(|source| source.blocks().iter().flat_map(phrases::banned).collect());
}

#[test]
fn summaries_are_noun_phrases_or_start_with_a_verb() {
    check(|source| {
        let blocks = if source.has_extension("rs") { source.blocks() } else { Vec::new() };
        blocks.iter().filter_map(summary::clause).collect()
    });
}

#[test]
fn users_see_no_rule_numbers() {
    check(|source| {
        let name = source.path.rsplit('/').next().unwrap();
        let is_document = source.has_extension("md") && name != "PROTOCOL.md";
        let blocks = source.blocks();
        let visible = blocks.iter().filter(|block| match block.kind {
            Kind::Doc => is_document || source.has_extension("rs"),
            Kind::Literal => source.is_library(),
            _ => false,
        });
        visible.flat_map(rules::shown).collect()
    });
}

#[test]
fn every_cited_rule_is_defined() {
    let sources = sources();
    let mut lines = Vec::new();
    let mut all = BTreeSet::new();
    for (folder, citing) in PROTOCOLS {
        let path = format!("{folder}/PROTOCOL.md");
        let protocol = sources.iter().find(|source| source.path == path).unwrap();
        let list = rules::defined(&protocol.text);
        let defined: BTreeSet<String> = list.iter().cloned().collect();
        assert_eq!(defined.len(), list.len(), "{path} defines a rule twice");
        let mut cited = BTreeSet::new();
        for source in &sources {
            if citing.iter().any(|folder| source.path.starts_with(&format!("{folder}/"))) {
                for block in citations(source) {
                    let findings = rules::undefined(&block, &defined);
                    lines.extend(
                        findings.iter().map(|finding| format!("{}:{finding}", source.path)),
                    );
                    if source.path != path {
                        cited.extend(rules::cited(&block.text).into_iter().map(|(_, rule)| rule));
                    }
                }
            }
        }
        assert!(cited.len() > 40, "{folder}: {} citations found", cited.len());
        let unused = defined.difference(&cited).filter(|_| FULLY_CITED.contains(&folder));
        lines.extend(unused.map(|rule| format!("{path}: defined and not cited: {rule}")));
        all.extend(defined);
    }
    // Programs that several crates share cite the rules of any.
    for source in &sources {
        if !PROTOCOLS.iter().any(|(_, citing)| citing.iter().any(|f| source.path.starts_with(f))) {
            for finding in citations(source).iter().flat_map(|block| rules::undefined(block, &all))
            {
                lines.push(format!("{}:{finding}", source.path));
            }
        }
    }
    assert!(lines.is_empty(), "{} findings\n{}", lines.len(), lines.join("\n"));
}

/// The blocks of a file that cite rules: comments, the protocol itself, and vectors.
fn citations(source: &Source) -> Vec<Block> {
    if source.has_extension("jsonl") {
        return vector_rules(&source.text);
    }
    let is_protocol = source.path.ends_with("PROTOCOL.md");
    let is_checked = |block: &Block| is_protocol || block.kind == Kind::Comment;
    source.blocks().into_iter().filter(is_checked).collect()
}

/// The values of the members `rule` and `quirks` of each line.
fn vector_rules(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for (member, end) in [("\"rule\":", ','), ("\"rules\":", ','), ("\"quirks\":[", ']')] {
            if let Some((_, rest)) = line.split_once(member) {
                let value = rest.split(end).next().unwrap_or_default();
                blocks.push(Block::new(Kind::Comment, index + 1, value.to_owned()));
            }
        }
    }
    blocks
}

#[test]
fn public_items_behind_a_feature_have_a_badge() {
    check(|source| if source.is_library() { badges::missing(&source.text) } else { Vec::new() });
}

#[test]
fn the_root_of_each_crate_has_few_names() {
    for folder in CRATES {
        let library = std::fs::read_to_string(root().join(folder).join("src/lib.rs")).unwrap();
        let names = names::root(&library);
        assert!(names.len() <= MAX_ROOT_NAMES, "{folder}: {} names: {names:?}", names.len());
        assert!(names.len() > 10, "{folder}: {names:?}");
    }
}
