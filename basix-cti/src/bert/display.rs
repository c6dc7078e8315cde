//! Terms in Erlang syntax, as `io:format("~0tp")` prints them, except for the order of keys in large
//! maps and the numbers that a node gives to other nodes.

use std::fmt::{self, Write};

use super::container::List;
use super::float::write_float;
use super::number::Integer;
use super::steps;
use super::term::{Term, Value};
use super::text::Text;
use super::walk::Token;

/// Erlang syntax on one line.
///
/// Lists and binaries of printable Latin-1 characters are shown as text, binaries also if they are
/// UTF-8. Takes linear time and no stack at any depth.
impl fmt::Display for Term<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut open: Vec<Open> = Vec::new();
        let mut walk = self.walk();
        while let Some(token) = walk.next() {
            let value = match token {
                Token::Value(value) => value,
                Token::Tail => {
                    f.write_char('|')?;
                    if let Some(list) = open.last_mut() {
                        list.next = Next::First;
                    }
                    continue;
                }
                Token::End => {
                    f.write_char(open.pop().map_or(']', |container| container.closing.into()))?;
                    continue;
                }
            };
            if let Some(container) = open.last_mut() {
                f.write_str(container.separator())?;
            }
            let (opening, closing, next) = match value {
                Value::List(list) if is_text(list) => {
                    let char = |term: Term<'_>| term.as_integer()?.as_char();
                    write_quoted(f, '"', list.iter().filter_map(char))?;
                    walk.leave();
                    continue;
                }
                Value::List(_) => ("[", b']', Next::First),
                Value::Tuple(_) => ("{", b'}', Next::First),
                Value::Map(_) => ("#{", b'}', Next::FirstKey),
                Value::Fun(fun) => {
                    write!(f, "#Fun<{}.{}.{}>", fun.module, fun.index, fun.old_uniq)?;
                    walk.leave();
                    continue;
                }
                leaf => {
                    write_leaf(f, &leaf)?;
                    continue;
                }
            };
            f.write_str(opening)?;
            open.push(Open { closing, next });
        }
        Ok(())
    }
}

fn is_text(list: List<'_>) -> bool {
    let is_printable = |integer: Integer<'_>| integer.as_char().is_some_and(printable);
    !list.is_empty() && list.all_integers(is_printable)
}

struct Open {
    closing: u8,
    next: Next,
}

/// The separator before the next term of a container.
enum Next {
    First,
    Other,
    FirstKey,
    Key,
    Value,
}

impl Open {
    /// Returns the separator between the next term and the one before it.
    const fn separator(&mut self) -> &'static str {
        let (separator, next) = match self.next {
            Next::First => ("", Next::Other),
            Next::Other => (",", Next::Other),
            Next::FirstKey => ("", Next::Value),
            Next::Key => (",", Next::Value),
            Next::Value => (" => ", Next::Key),
        };
        self.next = next;
        separator
    }
}

fn write_leaf(f: &mut fmt::Formatter<'_>, value: &Value<'_>) -> fmt::Result {
    match value {
        Value::Integer(integer) => write!(f, "{integer}"),
        Value::Float(float) => write_float(f, *float),
        Value::Atom(name) => write_atom(f, *name),
        Value::Binary(bytes) => {
            f.write_str("<<")?;
            // Text in UTF-8 that has characters beyond ASCII says so; other text is Latin-1.
            let utf8 = std::str::from_utf8(bytes).ok().filter(|text| !text.is_ascii());
            let latin1 = || bytes.iter().copied().map(char::from);
            match utf8 {
                Some(text) if text.chars().all(printable) => {
                    write_quoted(f, '"', text.chars())?;
                    f.write_str("/utf8")?;
                }
                None if !bytes.is_empty() && latin1().all(printable) => {
                    write_quoted(f, '"', latin1())?;
                }
                _ => write_bytes(f, bytes)?,
            }
            f.write_str(">>")
        }
        Value::Bits(bits) => {
            let (last, full) = bits.wire_bytes().split_last().unwrap_or((&0, &[]));
            f.write_str("<<")?;
            write_bytes(f, full)?;
            let comma = if full.is_empty() { "" } else { "," };
            let used = bits.last_bits();
            write!(f, "{comma}{}:{used}>>", last >> (8 - used))
        }
        Value::Pid(pid) => {
            f.write_char('<')?;
            write_node(f, pid.node)?;
            write!(f, ".{}.{}>", pid.id, pid.serial)
        }
        Value::Port(port) => {
            f.write_str("#Port<")?;
            write_node(f, port.node)?;
            write!(f, ".{}>", port.id)
        }
        Value::Reference(reference) => {
            f.write_str("#Ref<")?;
            write_node(f, reference.node)?;
            for word in reference.words().collect::<Vec<_>>().iter().rev() {
                write!(f, ".{word}")?;
            }
            f.write_char('>')
        }
        Value::Export(export) => {
            // Erlang quotes no keywords here.
            f.write_str("fun ")?;
            write_name(f, export.module, true)?;
            f.write_char(':')?;
            write_name(f, export.function, true)?;
            write!(f, "/{}", export.arity)
        }
        Value::List(_) | Value::Tuple(_) | Value::Map(_) | Value::Fun(_) => Ok(()),
    }
}

/// Writes a node. One without a name is the node of the term itself.
fn write_node(f: &mut fmt::Formatter<'_>, node: Text<'_>) -> fmt::Result {
    if node == "nonode@nohost" { f.write_char('0') } else { write_atom(f, node) }
}

fn write_bytes(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    steps::count(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        write!(f, "{}{byte}", if at == 0 { "" } else { "," })?;
    }
    Ok(())
}

/// Returns true if Erlang prints a character as itself: the printable ones of Latin-1.
const fn printable(char: char) -> bool {
    matches!(char, '\u{8}'..='\r' | '\u{1b}' | ' '..='~' | '\u{a0}'..='\u{ff}')
}

fn write_atom(f: &mut fmt::Formatter<'_>, name: Text<'_>) -> fmt::Result {
    const KEYWORDS: &[&str] = &[
        "after", "and", "andalso", "band", "begin", "bnot", "bor", "bsl", "bsr", "bxor", "case",
        "catch", "cond", "div", "else", "end", "fun", "if", "let", "maybe", "not", "of", "or",
        "orelse", "receive", "rem", "try", "when", "xor",
    ];
    write_name(f, name, !KEYWORDS.iter().any(|keyword| name.is_word(keyword)))
}

/// Writes an atom, quoted unless its characters and `may_be_plain` allow it without.
fn write_name(f: &mut fmt::Formatter<'_>, name: Text<'_>, may_be_plain: bool) -> fmt::Result {
    let lower = |char| matches!(char, 'a'..='z' | 'ß'..='ö' | 'ø'..='ÿ');
    let upper = |char| matches!(char, 'A'..='Z' | 'À'..='Ö' | 'Ø'..='Þ');
    let rest = |char: char| {
        lower(char) || upper(char) || char.is_ascii_digit() || matches!(char, '_' | '@')
    };
    let mut chars = name.chars();
    let plain = chars.next().is_some_and(lower) && chars.all(rest);
    if plain && may_be_plain {
        write!(f, "{name}")
    } else {
        f.write_char('\'')?;
        name.chars().try_for_each(|char| write_char(f, '\'', char))?;
        f.write_char('\'')
    }
}

fn write_quoted(
    f: &mut fmt::Formatter<'_>,
    quote: char,
    mut chars: impl Iterator<Item = char>,
) -> fmt::Result {
    f.write_char(quote)?;
    chars.try_for_each(|char| write_char(f, quote, char))?;
    f.write_char(quote)
}

fn write_char(f: &mut fmt::Formatter<'_>, quote: char, char: char) -> fmt::Result {
    steps::count(1);
    match char {
        '\\' => f.write_str("\\\\"),
        char if char == quote => write!(f, "\\{char}"),
        '\u{8}' => f.write_str("\\b"),
        '\t' => f.write_str("\\t"),
        '\n' => f.write_str("\\n"),
        '\u{b}' => f.write_str("\\v"),
        '\u{c}' => f.write_str("\\f"),
        '\r' => f.write_str("\\r"),
        '\u{1b}' => f.write_str("\\e"),
        '\u{7f}' => f.write_str("\\d"),
        '\0'..' ' | '\u{80}'..'\u{a0}' => write!(f, "\\{:03o}", u32::from(char)),
        char => f.write_char(char),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Encoder, Integer, decode};

    #[test]
    fn an_integer_of_more_than_4_kib_is_shown_in_base_16() {
        let shown = |magnitude: &[u8]| {
            let integer = Integer::from_sign_magnitude(true, magnitude);
            let message = Encoder::new().any_integer(integer).finish().unwrap();
            decode(&message).unwrap().to_string()
        };
        let mut magnitude = vec![0xa0; 4096];
        assert_eq!(shown(&magnitude).len(), 9865);
        magnitude.push(1);
        assert_eq!(shown(&magnitude), format!("-16#1{}", "a0".repeat(4096)));
    }
}
