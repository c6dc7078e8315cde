//! What the linter looks for in HTML and CSS.

/// The lines, from 1, of the `id` attributes in a text of HTML (P93).
pub(super) fn id_attributes(html: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut lines = Lines { text: html, at: 0, line: 1 };
    let mut at = 0;
    while let Some(start) = html.get(at..).and_then(|rest| rest.find('<')).map(|start| at + start) {
        let rest = html.get(start..).unwrap_or_default();
        if rest.starts_with("<!--") {
            at = rest.find("-->").map_or(html.len(), |end| start + end + 3);
            continue;
        }
        let Some(name) = rest.get(1..).filter(|tag| tag.starts_with(|c: char| c.is_alphabetic()))
        else {
            at = start + 1;
            continue;
        };
        let name = name.split(|c: char| c.is_whitespace() || "/>".contains(c)).next();
        let name = name.unwrap_or_default();
        let (attributes, length) = attributes(rest.get(1 + name.len()..).unwrap_or_default());
        let ids = attributes.iter().filter(|(name, _)| name.eq_ignore_ascii_case("id"));
        found.extend(ids.map(|(_, offset)| lines.of(start + 1 + name.len() + offset)));
        at = start + 1 + name.len() + length;
        // Nothing in scripts and styles is a tag, but for their end.
        if ["script", "style"].iter().any(|raw| raw.eq_ignore_ascii_case(name)) {
            let inside = html.get(at..).unwrap_or_default();
            let ends = |after: &str| {
                after.get(..name.len()).is_some_and(|end| end.eq_ignore_ascii_case(name))
            };
            let mut marks = inside.match_indices("</");
            let end = marks.find(|(mark, _)| inside.get(mark + 2..).is_some_and(ends));
            at += end.map_or(inside.len(), |(mark, _)| mark);
        }
    }
    found
}

/// Counts lines, for places that come in order.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn of(&mut self, place: usize) -> usize {
        self.line += self.text.get(self.at..place).unwrap_or_default().matches('\n').count();
        self.at = place;
        self.line
    }
}

/// The attribute names of a tag with their offsets, and how long it is up to its `>`.
fn attributes(tag: &str) -> (Vec<(&str, usize)>, usize) {
    let mut names = Vec::new();
    let mut at = 0;
    while let Some(next) = tag.get(at..).and_then(|rest| rest.chars().next()) {
        if next == '>' {
            return (names, at + 1);
        }
        if next.is_whitespace() || next == '/' {
            at += next.len_utf8();
            continue;
        }
        let rest = tag.get(at..).unwrap_or_default();
        let ends = |c: char| c.is_whitespace() || "=/>".contains(c);
        let length = rest.find(ends).unwrap_or(rest.len()).max(next.len_utf8());
        names.push((rest.get(..length).unwrap_or_default(), at));
        at += length;
        let rest = tag.get(at..).unwrap_or_default();
        let Some(value) = rest.trim_start().strip_prefix('=') else { continue };
        let value = value.trim_start();
        at = tag.len() - value.len();
        at += match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value
                .get(1..)
                .and_then(|inside| inside.find(quote))
                .map_or(value.len(), |end| end + 2),
            _ => value.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(value.len()),
        };
    }
    (names, tag.len())
}

/// The class names in the selectors of a text of CSS, each with its line from 1.
pub(super) fn class_names(css: &str) -> Vec<(&str, usize)> {
    let mut found = Vec::new();
    // A piece that ends with `{` is a selector or an at-rule; one that ends otherwise a declaration.
    let mut pending = Vec::new();
    let mut is_at_rule = false;
    let mut is_start = true;
    let mut line = 1;
    let mut at = 0;
    while let Some(next) = css.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = css.get(at..).unwrap_or_default();
        let length = match next {
            '/' if rest.starts_with("/*") => {
                rest.get(2..).and_then(|rest| rest.find("*/")).map_or(rest.len(), |end| end + 4)
            }
            '"' | '\'' => {
                let close = rest.get(1..).and_then(|inside| inside.find(next));
                close.map_or(rest.len(), |end| end + 2)
            }
            '{' | '}' | ';' => {
                if next == '{' && !is_at_rule {
                    found.append(&mut pending);
                }
                pending.clear();
                is_at_rule = false;
                is_start = true;
                1
            }
            '.' => {
                let name = rest.get(1..).unwrap_or_default();
                let fits = |c: char| c.is_alphanumeric() || !c.is_ascii() || "_-\\".contains(c);
                let length = name.find(|c| !fits(c)).unwrap_or(name.len());
                let name = name.get(..length).unwrap_or_default();
                if name.starts_with(|c: char| !c.is_ascii_digit()) {
                    pending.push((name, line));
                }
                is_start = false;
                1 + length
            }
            other => {
                if !other.is_whitespace() {
                    is_at_rule |= is_start && other == '@';
                    is_start = false;
                }
                other.len_utf8()
            }
        };
        line += rest.get(..length).unwrap_or_default().matches('\n').count();
        at += length;
    }
    found
}
