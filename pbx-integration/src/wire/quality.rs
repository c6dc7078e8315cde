//! Quality reports, whose format is not documented.

use std::borrow::Cow;

use crate::wire::json::Json;
use crate::wire::mos::Mos;
use crate::wire::raw::Raw;
use crate::wire::record::fields_in;

/// The names that a score may have (P67), without case.
const NAMES: [&str; 3] = ["mos", "moslq", "moscq"];

impl Raw {
    /// The score in a quality report (P67): an object with a field `mos`, `moslq` or `moscq` in any
    /// letter case, or text of such items as `key=value` or `key:value`, separated by `;`, `,` or
    /// white space. Nothing where there is none or it is no score; never an error.
    ///
    /// ```
    /// use pbx_integration::{Mos, Reader};
    ///
    /// let json = r#"{"domain":"t.example","callid":"e1@pbx","start":1,"extensionlegs":
    ///     [{"extension":"41","start":1,"quality":"jitter=3;MOSLQ=4.2"}]}"#;
    /// let cdr = Reader::lenient().read_cdr(json)?.value;
    /// let quality = cdr.extension_legs[0].quality.as_ref();
    /// assert_eq!(quality.and_then(|quality| quality.mos()), Mos::new(4.2));
    /// # Ok::<(), pbx_integration::ReadError>(())
    /// ```
    #[must_use]
    pub fn mos(&self) -> Option<Mos> {
        let is_score = |name: &str| NAMES.iter().any(|score| score.eq_ignore_ascii_case(name));
        match Json::of(self.as_json()) {
            Json::Object => {
                let fields = fields_in(self.as_json());
                fields.iter().filter(|(name, _)| is_score(name)).find_map(|(_, value)| {
                    match Json::of(value) {
                        Json::Number(digits) => Mos::parse(digits),
                        Json::Text(text) => Mos::parse(&text),
                        _ => None,
                    }
                })
            }
            Json::Text(text) => {
                let items = |letter: char| letter == ';' || letter == ',' || letter.is_whitespace();
                text.split(items)
                    .filter_map(|item| item.split_once(['=', ':']))
                    .filter(|(name, _)| is_score(name))
                    .find_map(|(_, value)| Mos::parse(value))
            }
            _ => None,
        }
    }

    /// The text, if the JSON is a text.
    #[must_use]
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        match Json::of(self.as_json()) {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }
}
