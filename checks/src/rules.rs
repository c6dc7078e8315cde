//! Numbers of protocol rules, such as the seventh of a crate.

use std::collections::BTreeSet;

use crate::block::{Block, Finding, Kind};

/// Letters that begin a rule number in any of the crates.
pub const LETTERS: [char; 11] = ['B', 'C', 'D', 'E', 'P', 'Q', 'R', 'U', 'V', 'W', 'X'];

/// A letter and one to three digits that begin with no zero.
fn is_rule(word: &str) -> bool {
    let digits = word.strip_prefix(LETTERS).unwrap_or_default();
    // The standard of telephone numbers.
    (1..=3).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && word != "E164"
}

/// The rule numbers in a text, with their offsets. `14 to 18`, both with their letter, means all between them too.
///
/// Percent-encoded bytes and parts of identifiers are not rule numbers.
#[must_use]
pub fn cited(text: &str) -> Vec<(usize, String)> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '%' | '_' | '#' | '\\' | '{');
    let mut words = Vec::new();
    let mut start = None;
    for (offset, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        match start {
            None if is_part(letter) => start = Some(offset),
            Some(begin) if !is_part(letter) => {
                words.push((begin, &text[begin..offset]));
                start = None;
            }
            _ => {}
        }
    }
    let mut found: Vec<_> = words
        .iter()
        .filter(|(_, word)| is_rule(word))
        .map(|(offset, word)| (*offset, (*word).to_owned()))
        .collect();
    for range in words.windows(3).filter(|range| range[1].1 == "to") {
        let (offset, first) = range[0];
        if is_rule(first) && is_rule(range[2].1) && first[..1] == range[2].1[..1] {
            let number = |word: &str| word[1..].parse::<u16>().unwrap_or_default();
            let between = number(first) + 1..number(range[2].1);
            found.extend(between.map(|number| (offset, format!("{}{number}", &first[..1]))));
        }
    }
    found
}

/// The rules that a protocol document defines: the first cell of a row of a table.
#[must_use]
pub fn defined(protocol: &str) -> Vec<String> {
    let cells = protocol.lines().filter_map(|line| line.strip_prefix('|')?.split_once('|'));
    cells
        .map(|(cell, _)| cell.trim().trim_matches('*'))
        .filter(|cell| is_rule(cell))
        .map(str::to_owned)
        .collect()
}

/// Citations of rules in what users read: rendered docs and, of a library, string literals.
#[must_use]
pub fn shown(block: &Block) -> Vec<Finding> {
    if block.kind == Kind::Comment {
        return Vec::new();
    }
    let finding = |(offset, rule): (usize, String)| {
        block.finding(offset, format!("rule number shown: {rule}"))
    };
    cited(&block.text).into_iter().map(finding).collect()
}

/// Citations of rules that are not defined.
#[must_use]
pub fn undefined(block: &Block, defined: &BTreeSet<String>) -> Vec<Finding> {
    let missing = cited(&block.text).into_iter().filter(|(_, rule)| !defined.contains(rule));
    missing
        .map(|(offset, rule)| block.finding(offset, format!("rule not in PROTOCOL.md: {rule}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{cited, defined, shown, undefined};
    use crate::block::{Block, Kind};

    fn words(text: &str) -> Vec<String> {
        cited(text).into_iter().map(|(_, rule)| rule).collect()
    }

    #[test]
    fn rule_numbers_are_whole_words() {
        assert_eq!(words("B7, (Q12): V200; R**6**"), ["B7", "Q12", "V200"]);
        assert!(words("%B7 E164 B07 V2024 x_B7 #D7 \\u00E9 \\u{E9} S3 AB7").is_empty());
        assert_eq!(words("P14 to P17"), ["P14", "P17", "P15", "P16"]);
    }

    #[test]
    fn rules_are_defined_by_the_first_cell_of_a_row() {
        assert_eq!(defined("| rule | B1 |\n| B2 | as B3 |\n| **R6** | x |"), ["B2", "R6"]);
    }

    #[test]
    fn rules_are_shown_in_docs_and_literals_only() {
        let shown = |kind| shown(&Block::new(kind, 3, "one\nB7".to_owned()));
        assert_eq!(shown(Kind::Doc)[0].to_string(), "4: rule number shown: B7");
        assert_eq!(shown(Kind::Literal).len(), 1);
        assert_eq!(shown(Kind::Comment), []);
    }

    #[test]
    fn a_citation_without_a_definition_is_found() {
        let block = Block::new(Kind::Comment, 1, " B7, B8".to_owned());
        let findings = undefined(&block, &["B7".to_owned()].into());
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].to_string(), "1: rule not in PROTOCOL.md: B8");
    }
}
