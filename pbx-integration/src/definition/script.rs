//! The code of a script without its comments and texts.

/// The words and marks of JavaScript code, without comments. A mark is one character, and so is what stands
/// for a string, a template or a regular expression: the one it begins with. A line break ends what nobody closed, so that what is misread spoils no more than
/// its line.
pub(super) fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.find("*/").map_or(rest.len(), |end| end + 4)
        } else if matches!(first, '"' | '\'' | '`') {
            tokens.extend(rest.get(..1));
            quoted(rest, first)
        } else if first == '/' && begins_value(tokens.last().copied()) {
            tokens.extend(rest.get(..1));
            regular_expression(rest)
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

/// Whether a value begins after this token, so that a slash is no division.
fn begins_value(before: Option<&str>) -> bool {
    before.is_none_or(|token| {
        matches!(token, "return" | "typeof" | "case" | "in" | "of")
            || token.starts_with(|mark| "=(,:;[!&|?{+-*%<>~^".contains(mark))
    })
}

/// How long a regular expression is, its slashes included. A slash in brackets does not end it.
fn regular_expression(text: &str) -> usize {
    let mut is_class = false;
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            '\n' => return at,
            '[' => is_class = true,
            ']' => is_class = false,
            '/' if !is_class => return at + 1,
            _ => {}
        }
    }
    text.len()
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
