//! The code of a script without its comments and texts.

/// The words and marks of JavaScript code, without comments, strings and templates. A mark is one
/// character. A line break ends a string that nobody closed, so that a quote in a regular expression
/// spoils no more than its line.
pub(super) fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.find("*/").map_or(rest.len(), |end| end + 4)
        } else if matches!(first, '"' | '\'' | '`') {
            quoted(rest, first)
        } else {
            let length = rest.find(|character| !is_word(character)).unwrap_or(rest.len());
            let length = if length == 0 { first.len_utf8() } else { length };
            let (token, _) = rest.split_at(length);
            if !first.is_whitespace() {
                tokens.push(token);
            }
            length
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    tokens
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$')
}

/// How long a string or template is, its quotes included.
fn quoted(text: &str, quote: char) -> usize {
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            '\n' if quote != '`' => return at,
            character if character == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Whether a script exports a name (P101): `export const name`, `export function name`, or `name` in
/// `export {…}`.
pub(super) fn exports(code: &str, name: &str) -> bool {
    let tokens = tokens(code);
    let mut exports = tokens.iter().enumerate().filter(|(_, token)| **token == "export");
    exports.any(|(at, _)| {
        let after = tokens.get(at + 1..).unwrap_or_default();
        match after {
            ["const" | "let" | "var" | "function", exported, ..]
            | ["async", "function", exported, ..] => *exported == name,
            ["{", list @ ..] => {
                let list =
                    list.split(|token| matches!(*token, "{" | "}")).next().unwrap_or_default();
                // `name` or `other as name`.
                list.split(|token| *token == ",").any(|item| item.last() == Some(&name))
            }
            _ => false,
        }
    })
}
