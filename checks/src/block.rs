//! Pieces of a text that are checked, and what a check finds in them.

use std::fmt;

/// The role of a block in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A comment that rustdoc renders, or a paragraph of a document.
    Doc,
    /// Any other comment.
    Comment,
    /// A string literal.
    Literal,
}

/// Adjacent lines of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Block {
    /// Role of the block.
    pub kind: Kind,
    /// Number of the first line, from 1.
    pub line: usize,
    /// The lines, without comment markers, joined by `\n`.
    pub text: String,
}

impl Block {
    /// A block that starts at a line.
    #[must_use]
    pub const fn new(kind: Kind, line: usize, text: String) -> Self {
        Self { kind, line, text }
    }

    /// A finding at a byte offset of the text.
    #[must_use]
    pub fn finding(&self, offset: usize, text: String) -> Finding {
        let before = self.text.get(..offset).unwrap_or_default();
        Finding { line: self.line + before.matches('\n').count(), text }
    }
}

/// The paragraphs of a Markdown document. A blank line in a code block does not end one.
#[must_use]
pub fn paragraphs(document: &str) -> Vec<Block> {
    let mut is_code = false;
    let part = |line| {
        is_code ^= str::trim_start(line).starts_with("```");
        Some(line).filter(|line| is_code || !line.trim().is_empty())
    };
    marked(document, part, Kind::Doc)
}

/// The comments that start with a marker, such as `#` in TOML or `//` in JavaScript.
#[must_use]
pub fn comments(source: &str, marker: &str) -> Vec<Block> {
    marked(source, |line| Some(line.split_once(marker)?.1), Kind::Comment)
}

fn marked<'a>(
    text: &'a str,
    mut part: impl FnMut(&'a str) -> Option<&'a str>,
    kind: Kind,
) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_open = false;
    for (index, line) in text.lines().enumerate() {
        let part = part(line);
        match (part, blocks.last_mut()) {
            (Some(part), Some(block)) if is_open => {
                block.text.push('\n');
                block.text.push_str(part);
            }
            (Some(part), _) => blocks.push(Block::new(kind, index + 1, part.to_owned())),
            (None, _) => {}
        }
        is_open = part.is_some();
    }
    blocks
}

/// A violation, and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Number of the line, from 1.
    pub line: usize,
    /// The violated rule, and the text that violates it.
    pub text: String,
}

impl Finding {
    /// A violation at a line.
    #[must_use]
    pub const fn new(line: usize, text: String) -> Self {
        Self { line, text }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.text)
    }
}
