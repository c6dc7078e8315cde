//! Language items in the texts of a front end.

use std::ops::Range;

/// A language item, such as `[[dom_actionurl#user]]` or `[[save]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LanguageItem<'a> {
    /// The file of the item, if it names one.
    pub file: Option<&'a str>,
    /// The key in that file.
    pub key: &'a str,
    /// The range of the item in the text, including its brackets.
    pub range: Range<usize>,
}

/// Returns the language items of a text, in order.
///
/// An item is `[[key]]` or `[[file#key]]`; file and key consist of ASCII letters, digits, `_`, `-`
/// and `.` and are not empty. Anything else is plain text.
///
/// ```
/// let text = "<label>[[dom_actionurl#user]]</label> [[not an item]] [[save]]";
/// let items: Vec<_> = pbx_integration::definition::language_items(text).collect();
/// assert_eq!((items[0].file, items[0].key), (Some("dom_actionurl"), "user"));
/// assert_eq!((items[1].file, items[1].key), (None, "save"));
/// assert_eq!(&text[items[1].range.clone()], "[[save]]");
/// ```
pub fn language_items(text: &str) -> impl Iterator<Item = LanguageItem<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            // The shortest item ends at the next `]]` and begins at the last `[[` before it.
            let end = from + text.get(from..)?.find("]]")?;
            let start = text.get(from..end)?.rfind("[[").map(|start| from + start);
            // Earlier text cannot belong to another item, because a bracket intervenes.
            from = end + 2;
            let Some(start) = start else { continue };
            if let Some((file, key)) = text.get(start + 2..end).and_then(parts) {
                return Some(LanguageItem { file, key, range: start..end + 2 });
            }
        }
    })
}

/// Returns file and key of the text between the brackets, if it is an item.
fn parts(inside: &str) -> Option<(Option<&str>, &str)> {
    let (file, key) = match inside.split_once('#') {
        Some((file, key)) => (Some(file), key),
        None => (None, inside),
    };
    let is_name = |name: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        !name.is_empty() && name.bytes().all(fits)
    };
    (is_name(key) && file.is_none_or(is_name)).then_some((file, key))
}

/// A text with its language items replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rendered {
    /// The text. Replacements are HTML-escaped.
    pub text: String,
    /// The items without a replacement, as written; each once, in order.
    pub unknown: Vec<String>,
}

/// Replaces language items with texts, which are HTML-escaped. An item without a text stays
/// unchanged and is reported.
///
/// ```
/// use pbx_integration::definition::render_language;
///
/// let text = "<b>[[dom_actionurl#user]]</b> [[save]]";
/// let rendered = render_language(text, |item| match (item.file, item.key) {
///     (Some("dom_actionurl"), "user") => Some("User & <name>".to_owned()),
///     _ => None,
/// });
/// assert_eq!(rendered.text, "<b>User &amp; &lt;name&gt;</b> [[save]]");
/// assert_eq!(rendered.unknown, ["[[save]]"]);
/// ```
#[must_use]
pub fn render_language(
    text: &str,
    mut text_of: impl FnMut(&LanguageItem<'_>) -> Option<String>,
) -> Rendered {
    let mut rendered = Rendered::default();
    let mut seen = std::collections::HashSet::new();
    let mut done = 0;
    for item in language_items(text) {
        rendered.text.push_str(text.get(done..item.range.start).unwrap_or_default());
        let written = text.get(item.range.clone()).unwrap_or_default();
        done = item.range.end;
        match text_of(&item) {
            Some(text) => escape_html(&text, &mut rendered.text),
            None => {
                rendered.text.push_str(written);
                if seen.insert(written) {
                    rendered.unknown.push(written.to_owned());
                }
            }
        }
    }
    rendered.text.push_str(text.get(done..).unwrap_or_default());
    rendered
}

/// Escapes the special characters of HTML, between tags and in quoted attributes.
pub(super) fn escape_html(text: &str, into: &mut String) {
    for character in text.chars() {
        match character {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            '\'' => into.push_str("&#39;"),
            other => into.push(other),
        }
    }
}
