//! A record as JSON.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::composite::{
    composite, end_user, other_info, scalar, state, target, text_list, user_avatar,
};
use crate::element::BaseUrl;
use crate::element::channel::{Origination, Tags};
use crate::record::layout::Layout;
use crate::record::{ElementKind, Record};

/// A record in its printed form: its fields as a JSON object, in the order of the record.
/// Made by [`Record::printed`].
#[derive(Clone, Copy, Debug)]
pub struct PrintedRecord<'m, 'a> {
    record: Record<'a>,
    base_url: Option<&'m BaseUrl>,
}

impl<'a> Record<'a> {
    /// The record in its printed form, the same as in [`Message::printed`]. With a base address,
    /// avatars become addresses.
    ///
    /// ```
    /// use basix_cti::{Parser, Store, bert::Encoder};
    ///
    /// # let spec = Encoder::new().tuple(3).atom("field_spec").string("user")
    /// #     .list(2).atom("id").atom("name").finish()?;
    /// # let event = Encoder::new().tuple(4).atom("info_event").string("user")
    /// #     .tuple(2).integer(7).binary("anna").atom("added").finish()?;
    /// # let (mut parser, mut store) = (Parser::new(), Store::new());
    /// # parser.parse(&spec)?;
    /// for change in store.apply(&parser.parse(&event)?)? {
    ///     let user = change.after().ok_or("gone")?.as_record();
    ///     assert_eq!(user.printed(None).to_string(), r#"{"id":7,"name":"anna"}"#);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// [`Message::printed`]: crate::Message::printed
    #[must_use]
    pub const fn printed<'m>(&self, base_url: Option<&'m BaseUrl>) -> PrintedRecord<'m, 'a> {
        PrintedRecord { record: *self, base_url }
    }
}

impl std::fmt::Display for PrintedRecord<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| std::fmt::Error)?)
    }
}

impl Serialize for PrintedRecord<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let mut avatar = false;
        let kind = self.record.kind();
        for (name, term) in self.record.fields() {
            let value = match View::of(kind, name) {
                View::Generic => {
                    map.serialize_entry(name, &term)?;
                    continue;
                }
                View::Scalar => scalar(term),
                View::State => composite(term, state),
                View::Target => composite(term, target),
                View::OtherInfo => composite(term, |tuple| other_info(tuple, self.base_url)),
                View::EndUser => end_user(term, self.base_url),
                View::Origination => text_list(term, |text| {
                    Origination::from_text(text).parts().map(Value::from).collect()
                }),
                View::Tags => {
                    text_list(term, |text| Tags::from_text(text).iter().map(Value::from).collect())
                }
                View::Avatar => {
                    avatar = true;
                    user_avatar(Some(term), self.base_url)
                }
            };
            map.serialize_entry(name, &value)?;
        }
        if kind == ElementKind::User && !avatar && self.base_url.is_some() {
            map.serialize_entry("avatar", &user_avatar(None, self.base_url))?;
        }
        map.end()
    }
}

/// The form in which the value of a field is shown.
enum View {
    /// As any term.
    Generic,
    /// As a value that takes lists of code points as text.
    Scalar,
    State,
    Target,
    OtherInfo,
    EndUser,
    Origination,
    Tags,
    Avatar,
}

impl View {
    fn of(kind: ElementKind, name: &str) -> Self {
        match name {
            _ if kind == ElementKind::Unknown => Self::Generic,
            "state" if kind.is_channel() => Self::State,
            "target" if kind.is_channel() => Self::Target,
            "end_user" if kind.is_channel() => Self::EndUser,
            "origination" if kind.is_channel() => Self::Origination,
            "tags" if kind.is_channel() => Self::Tags,
            "other_info" if kind == ElementKind::Channel => Self::OtherInfo,
            "avatar" if kind == ElementKind::User => Self::Avatar,
            _ if ElementKind::KNOWN.iter().any(|kind| Layout::of(*kind).find(name).is_some()) => {
                Self::Scalar
            }
            _ => Self::Generic,
        }
    }
}
