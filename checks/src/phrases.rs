//! Phrases that hide who does what.

use crate::block::{Block, Finding, Kind};

/// The banned phrases. The standard word for each is shorter and can be searched.
pub const BANNED: [&str; 16] = [
    "as it is",
    "does not mind",
    "from here on",
    "gets rid of",
    "in its turn",
    "is none",
    "lets happen",
    "nothing if",
    "so many",
    "so much",
    "tells",
    "told",
    "what has",
    "what is told",
    "who has",
    "whoever",
];

/// The banned phrases in a comment or a document, across the ends of lines, in any letter case.
#[must_use]
pub fn banned(block: &Block) -> Vec<Finding> {
    if block.kind == Kind::Literal {
        return Vec::new();
    }
    let text = unwrapped(&block.text.to_ascii_lowercase());
    let mut findings = Vec::new();
    for phrase in BANNED {
        let words: Vec<_> = phrase.split(' ').collect();
        for (offset, _) in text.match_indices(words[0]) {
            if starts_word(&text, offset) && follow(&text[offset..], &words) {
                findings.push(block.finding(offset, format!("banned phrase: {phrase}")));
            }
        }
    }
    findings
}

// Lines joined, except those of code blocks. One byte for one byte: offsets stay those of the block.
fn unwrapped(text: &str) -> String {
    let mut is_code = false;
    let mut unwrapped = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        is_code ^= line.trim_start().starts_with("```");
        match line.strip_suffix('\n') {
            Some(line) if !is_code => {
                unwrapped.push_str(line);
                unwrapped.push(' ');
            }
            _ => unwrapped.push_str(line),
        }
    }
    unwrapped
}

fn starts_word(text: &str, offset: usize) -> bool {
    !text[..offset].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_')
}

// Whether these words stand here, with blanks between them and the end of a word after them.
fn follow(text: &str, words: &[&str]) -> bool {
    let mut rest = text;
    for (index, word) in words.iter().enumerate() {
        let trimmed = rest.trim_start_matches(' ');
        let has_blank = index == 0 || trimmed.len() < rest.len();
        let Some(after) = trimmed.strip_prefix(word).filter(|_| has_blank) else { return false };
        rest = after;
    }
    !rest.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::banned;
    use crate::block::{Block, Kind};

    fn found(kind: Kind, text: &str) -> Vec<String> {
        banned(&Block::new(kind, 7, text.to_owned())).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_phrase_is_found_in_any_case_and_across_lines() {
        assert_eq!(found(Kind::Doc, "The value is\n   None here."), ["7: banned phrase: is none"]);
        assert_eq!(found(Kind::Comment, " It\n Tells."), ["8: banned phrase: tells"]);
    }

    #[test]
    fn lines_of_code_are_not_joined() {
        assert!(found(Kind::Doc, "Code:\n```\nf(); // nothing\nif g() {}\n```").is_empty());
    }

    #[test]
    fn parts_of_words_code_and_literals_are_left_alone() {
        assert!(
            found(Kind::Doc, "It retold this. The value is `None`; is nonetheless.").is_empty()
        );
        assert!(found(Kind::Literal, "told").is_empty());
    }
}
