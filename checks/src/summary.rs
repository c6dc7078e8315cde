//! The first line of a doc comment.

use crate::block::{Block, Finding, Kind};

/// Words that begin a clause. A summary is a noun phrase or starts with a verb.
pub const CLAUSES: [&str; 8] = ["How", "If", "Until", "What", "When", "Where", "Whether", "Which"];

/// A summary that begins with a clause.
#[must_use]
pub fn clause(block: &Block) -> Option<Finding> {
    let word = block.text.split_whitespace().next().filter(|_| block.kind == Kind::Doc)?;
    CLAUSES
        .contains(&word)
        .then(|| Finding::new(block.line, format!("summary begins with `{word}`")))
}

#[cfg(test)]
mod tests {
    use super::clause;
    use crate::rust;

    #[test]
    fn only_the_first_word_of_a_doc_comment_counts() {
        let source = "/// Until when it waits.\nfn a() {}\n\n/// Returns it.\n/// If missing, zero.\n// How.\n";
        let findings: Vec<_> = rust::blocks(source).iter().filter_map(clause).collect();
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].to_string(), "1: summary begins with `Until`");
    }
}
