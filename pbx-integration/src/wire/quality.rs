//! Quality reports, whose format is not documented.

use std::borrow::Cow;

use crate::wire::mos::Mos;
use crate::wire::raw::Raw;
use crate::wire::split::members;
use crate::wire::value::{Json, Options, Value};

/// The names of a score, in any letter case.
// P67
const NAMES: [&str; 3] = ["mos", "moslq", "moscq"];

impl Raw {
    /// Returns the score in a quality report; `None` if it has none.
    ///
    /// The report is an object with a field `mos`, `moslq` or `moscq` in any letter case, or text with
    /// such items as `key=value` or `key:value`, separated by `;`, `,` or white space.
    ///
    /// ```
    /// use pbx_integration::{Reader, wire::Mos};
    ///
    /// let json = r#"{"domain":"t.example","callid":"e1@pbx","start":1,"extensionlegs":
    ///     [{"extension":"41","start":1,"quality":"jitter=3;MOSLQ=4.2"}]}"#;
    /// let cdr = Reader::lenient().read_cdr(json)?.value;
    /// let quality = cdr.extension_legs[0].quality.as_ref();
    /// assert_eq!(quality.and_then(|quality| quality.mos()), Mos::new(4.2));
    /// # Ok::<(), pbx_integration::Issue>(())
    /// ```
    #[must_use]
    pub fn mos(&self) -> Option<Mos> {
        let is_score = |name: &str| NAMES.iter().any(|score| score.eq_ignore_ascii_case(name));
        match self.value().json {
            Json::Object => members(self.raw()).iter().filter(|(name, _)| is_score(name)).find_map(
                |(_, value)| match Value::of(value, Options::default()).json {
                    Json::Number(digits) => Mos::parse(digits),
                    Json::Text(text) => Mos::parse(&text),
                    _ => None,
                },
            ),
            Json::Text(text) => {
                let is_between = |c: char| c == ';' || c == ',' || c.is_whitespace();
                text.split(is_between)
                    .filter_map(|item| item.split_once(['=', ':']))
                    .filter(|(name, _)| is_score(name))
                    .find_map(|(_, value)| Mos::parse(value))
            }
            _ => None,
        }
    }

    /// Returns the text, if the JSON is a text.
    #[must_use]
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        match self.value().json {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    fn value(&self) -> Value<'_> {
        Value::of(self.raw(), Options::default())
    }
}
