//! Comments and string literals of Rust source.

use crate::block::{Block, Kind};

/// The comments and string literals of a Rust source file, in order.
///
/// Adjacent line comments of one kind are one block. Nested block comments are not read: the
/// repository has none.
#[must_use]
pub fn blocks(source: &str) -> Vec<Block> {
    let mut scan = Scan { source, position: 0, line: 1, blocks: Vec::new(), last_comment: None };
    while scan.position < source.len() {
        scan.step();
    }
    scan.blocks
}

struct Scan<'a> {
    source: &'a str,
    position: usize,
    line: usize,
    blocks: Vec<Block>,
    // The line of the last line comment.
    last_comment: Option<usize>,
}

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.position..]
    }

    fn take(&mut self, length: usize) -> &'a str {
        let taken = &self.rest()[..length];
        self.position += length;
        self.line += taken.matches('\n').count();
        taken
    }

    fn step(&mut self) {
        let rest = self.rest();
        if rest.starts_with("//") {
            return self.line_comment();
        }
        let start = self.line;
        let Some(first) = rest.chars().next() else { return };
        match first {
            '/' if rest.starts_with("/*") => {
                let length = rest.find("*/").map_or(rest.len(), |end| end + 2);
                let kind = if rest.starts_with("/**") { Kind::Doc } else { Kind::Comment };
                let text = self.take(length).to_owned();
                self.blocks.push(Block::new(kind, start, text));
            }
            '"' => {
                self.take(1);
                let text = self.take(quoted_length(self.rest())).to_owned();
                self.take(1.min(self.rest().len()));
                self.blocks.push(Block::new(Kind::Literal, start, text));
            }
            '\'' => {
                let length = char_length(rest);
                self.take(length);
            }
            _ if first.is_alphanumeric() || first == '_' => {
                let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                let word = self.take(length.unwrap_or(rest.len()));
                if matches!(word, "r" | "br" | "cr") {
                    self.raw_string();
                }
            }
            _ => {
                self.take(first.len_utf8());
            }
        }
    }

    fn line_comment(&mut self) {
        let length = self.rest().find('\n').unwrap_or_else(|| self.rest().len());
        let line = self.line;
        let text = self.take(length);
        let is_doc =
            text.starts_with("///") && !text.starts_with("////") || text.starts_with("//!");
        let (kind, marker) = if is_doc { (Kind::Doc, 3) } else { (Kind::Comment, 2) };
        match self.blocks.last_mut() {
            Some(block) if block.kind == kind && self.last_comment == Some(line - 1) => {
                block.text.push('\n');
                block.text.push_str(&text[marker..]);
            }
            _ => self.blocks.push(Block::new(kind, line, text[marker..].to_owned())),
        }
        self.last_comment = Some(line);
    }

    // The rest of `r"…"` or `r#"…"#`; a raw identifier has no quote and is left alone.
    fn raw_string(&mut self) {
        let rest = self.rest();
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        if !rest[hashes..].starts_with('"') {
            return;
        }
        self.take(hashes + 1);
        let line = self.line;
        let end = format!("\"{}", "#".repeat(hashes));
        let length = self.rest().find(&end).unwrap_or_else(|| self.rest().len());
        let text = self.take(length).to_owned();
        self.take(end.len().min(self.rest().len()));
        self.blocks.push(Block::new(Kind::Literal, line, text));
    }
}

fn quoted_length(rest: &str) -> usize {
    let mut is_escaped = false;
    for (index, letter) in rest.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return index,
            _ => {}
        }
    }
    rest.len()
}

// The length of a character literal, or 1 if the quote begins a lifetime.
fn char_length(rest: &str) -> usize {
    let mut letters = rest.char_indices().skip(1);
    match letters.next() {
        Some((_, '\\')) => rest[3.min(rest.len())..].find('\'').map_or(1, |end| end + 4),
        Some(_) => letters.next().filter(|(_, next)| *next == '\'').map_or(1, |(end, _)| end + 1),
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::blocks;
    use crate::block::Kind::{Comment, Doc, Literal};

    #[test]
    fn comments_and_literals_are_found_with_their_lines() {
        let source = "//! One\n//! text.\n\n// A comment.\nconst A: &str = \"a \\\" // b\"; // After.\n\
            fn f<'a>(c: char) -> bool { c == '\"' || c == '\\'' }\n\
            const B: &[u8] = br#\"raw \" // text\"#;\n/// Doc.\nstruct R { r#type: u8 }\n";
        let found: Vec<_> =
            blocks(source).into_iter().map(|block| (block.kind, block.line, block.text)).collect();
        let expected = [
            (Doc, 1, " One\n text."),
            (Comment, 4, " A comment."),
            (Literal, 5, "a \\\" // b"),
            (Comment, 5, " After."),
            (Literal, 7, "raw \" // text"),
            (Doc, 8, " Doc."),
        ];
        assert_eq!(found, expected.map(|(kind, line, text)| (kind, line, text.to_owned())));
    }
}
