//! Pushes from Gravitel.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::carrier::{decode_value, pairs, trim};
use crate::error::ParseError;
use crate::secret::Secret;

/// The longest decoded value of a known field.
pub(super) const MAX_VALUE: usize = 2 << 10;
/// The longest decoded `link`.
pub(super) const MAX_LINK: usize = 8 << 10;
/// The members of a JSON push.
const MAX_MEMBERS: usize = 256;

/// The kind of a push, from its `cmd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PushKind {
    /// A call rings, was answered or has ended.
    Event,
    /// The record of a finished call.
    History,
    /// A query for the caller's name.
    Contact,
    /// A client's rating of a call.
    Rating,
    /// Anything else.
    Other,
}

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident $accessor:ident $name:literal,)+) => {
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub(super) enum Field { $($variant,)+ }

        impl Field {
            const ALL: [(Self, &'static str); fields!(@count $($variant)+)] =
                [$((Self::$variant, $name),)+];

            fn usual(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl GravitelPush<'_> {$(
            $(#[$doc])*
            ///
            /// Empty if it is missing.
            #[must_use]
            pub fn $accessor(&self) -> &str {
                self.get(Field::$variant)
            }
        )+}

        impl fmt::Debug for GravitelPush<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct("GravitelPush")$(.field($name, &self.$accessor()))+.finish_non_exhaustive()
            }
        }
    };
    (@count $($variant:ident)+) => { [$(Self::$variant),+].len() };
}

fields! {
    /// Returns `cmd`.
    Cmd cmd "cmd",
    /// Returns `type`: of an event, or `in` and `out` of a history.
    Type r#type "type",
    /// Returns `phone`: the client's number.
    Phone phone "phone",
    /// Returns `ext`: the operator's extension.
    Ext ext "ext",
    /// Returns `callid`: the call, the same for all its legs.
    Callid callid "callid",
    /// Returns `user`: the operator's login; `pbx` is the switch itself, `g_…` a group.
    User user "user",
    /// Returns `diversion`: the number of ours that was dialled.
    Diversion diversion "diversion",
    /// Returns `groupRealName`: the department.
    GroupRealName group_real_name "groupRealName",
    /// Returns `telnum`: the operator's direct number.
    Telnum telnum "telnum",
    /// Returns `telnum_name`: the name of the direct number.
    TelnumName telnum_name "telnum_name",
    /// Returns `direction`: `in`, `out` or `internal`.
    Direction direction "direction",
    /// Returns `second_callid`: the other leg of a transfer.
    SecondCallid second_callid "second_callid",
    /// Returns `status`: the outcome.
    Status status "status",
    /// Returns `duration`: seconds.
    Duration duration "duration",
    /// Returns `start`: `YYYYMMDDThhmmssZ`.
    Start start "start",
    /// Returns `link`: the recording.
    Link link "link",
    /// Returns `rating`: the client's rating.
    Rating rating "rating",
}

impl Field {
    pub(super) fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, known)| known.eq_ignore_ascii_case(name));
        found.map(|(field, _)| *field)
    }
}

/// A name that a push reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    Field(Field),
    /// `crm_token`.
    Key,
}

const KEY: &str = "crm_token";

impl Name {
    /// Reads a name in a form. Most have the usual spelling and need no decoding.
    fn encoded(raw: &str) -> Option<Self> {
        match Field::usual(raw) {
            Some(field) => Some(Self::Field(field)),
            None if raw == KEY => Some(Self::Key),
            None => Self::decoded(&trim(decode_value(raw, false)?)),
        }
    }

    fn decoded(name: &str) -> Option<Self> {
        let key = || name.eq_ignore_ascii_case(KEY).then_some(Self::Key);
        Field::named(name).map(Self::Field).or_else(key)
    }
}

/// A push, with its known fields under the protocol's names, trimmed. `Debug` never shows
/// `crm_token`.
///
/// Names are read in any letter case; of equal ones, the last wins. A value whose escapes are
/// broken is kept undecoded; a number that is not text, or holds a control character, counts as
/// missing.
///
/// ```
/// use voip_module::gravitel::{GravitelPush, PushKind};
///
/// let push = GravitelPush::parse_form("CMD=event&type=INCOMING&phone=+79990000001&ext=+701")?;
/// assert_eq!(push.kind(), PushKind::Event);
/// assert_eq!((push.phone(), push.ext()), ("+79990000001", "701"));
/// # Ok::<(), voip_module::ParseError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct GravitelPush<'a> {
    fields: [Option<Cow<'a, str>>; Field::ALL.len()],
    /// `phone`, `ext` and `telnum` as sent, if they are invalid.
    invalid: [Option<Cow<'a, str>>; 3],
    /// True if `user` is text.
    pub(super) has_login: bool,
    token: Presented<'a>,
}

/// The `crm_token` of a push.
#[derive(Clone, Default, PartialEq, Eq)]
enum Presented<'a> {
    #[default]
    Nothing,
    Once(Cow<'a, str>),
    /// More than once, or not text: no key matches.
    // V131, V140
    Invalid,
}

impl<'a> GravitelPush<'a> {
    /// Reads a form. `crm_token` is kept aside and not checked.
    ///
    /// # Errors
    ///
    /// [`ParseError::FieldTooLarge`] if a known field exceeds 2 KiB, `link` 8 KiB.
    pub fn parse_form(form: &'a str) -> Result<Self, ParseError> {
        let mut push = Self::default();
        for (name, raw) in pairs(form) {
            let Some(name) = Name::encoded(name) else { continue };
            // V109
            let keeps_plus =
                matches!(name, Name::Field(Field::Phone | Field::Diversion | Field::Telnum));
            push.set(name, decode_value(raw, keeps_plus), Cow::Borrowed(raw))?;
        }
        Ok(push)
    }

    /// Reads a JSON object: texts, numbers and truth values are fields, `null` is a missing one,
    /// arrays and objects are ignored.
    ///
    /// # Errors
    ///
    /// [`ParseError::InvalidBody`] for anything else, and the errors of
    /// [`parse_form`](Self::parse_form).
    pub fn parse_json(json: &'a str) -> Result<Self, ParseError> {
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let members = deserializer
            .deserialize_map(Members)
            .and_then(|members| deserializer.end().map(|()| members))
            .map_err(|_| ParseError::InvalidBody { reason: "expected a JSON object" })?;
        if members.len() > MAX_MEMBERS {
            return Err(ParseError::TooManyFields { limit: MAX_MEMBERS });
        }
        let mut push = Self::default();
        for (name, value) in members {
            let Some(name) = Name::decoded(&trim(Cow::Owned(name))) else { continue };
            let text = match value {
                Value::String(text) => text,
                Value::Null => String::new(),
                Value::Array(_) | Value::Object(_) => continue,
                scalar => scalar.to_string(),
            };
            push.set(name, Some(Cow::Owned(text.clone())), Cow::Owned(text))?;
        }
        Ok(push)
    }

    /// Returns the kind of the push.
    #[must_use]
    pub fn kind(&self) -> PushKind {
        let cmd = self.cmd();
        match () {
            () if cmd.eq_ignore_ascii_case("event") => PushKind::Event,
            () if cmd.eq_ignore_ascii_case("history") => PushKind::History,
            () if cmd.eq_ignore_ascii_case("contact") => PushKind::Contact,
            () if cmd.eq_ignore_ascii_case("rating") => PushKind::Rating,
            () => PushKind::Other,
        }
    }

    /// Checks `crm_token`. A missing, a wrong and a repeated one are all refused.
    ///
    /// # Errors
    ///
    /// [`ParseError::BadToken`].
    pub fn check_token(&self, key: &Secret) -> Result<(), ParseError> {
        match &self.token {
            Presented::Once(token) if key.matches(token.as_bytes()) => Ok(()),
            _ => Err(ParseError::BadToken),
        }
    }

    pub(super) fn get(&self, field: Field) -> &str {
        self.fields[field as usize].as_deref().unwrap_or_default()
    }

    /// The numbers that count as missing, as sent.
    pub(super) fn invalid_numbers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let names = ["phone", "ext", "telnum"];
        let texts = names.into_iter().zip(&self.invalid);
        texts.filter_map(|(name, text)| Some((name, text.as_deref()?)))
    }

    /// Sets a field or the key. `value` is `None` if it is not text; `raw` is its text as sent.
    fn set(
        &mut self,
        name: Name,
        value: Option<Cow<'a, str>>,
        raw: Cow<'a, str>,
    ) -> Result<(), ParseError> {
        // V123
        let limit = if name == Name::Field(Field::Link) { MAX_LINK } else { MAX_VALUE };
        if value.as_ref().unwrap_or(&raw).len() > limit {
            return Err(ParseError::FieldTooLarge { limit });
        }
        let value = value.map(trim);
        let Name::Field(field) = name else {
            self.token = match (&self.token, value) {
                (Presented::Nothing, Some(value)) => Presented::Once(value),
                _ => Presented::Invalid,
            };
            return Ok(());
        };
        let number = match field {
            Field::Phone => Some(0),
            Field::Ext => Some(1),
            Field::Telnum => Some(2),
            Field::Diversion => Some(3),
            _ => None,
        };
        // V133, V140
        let is_text = value.is_some();
        let slot = &mut self.fields[field as usize];
        match number {
            Some(at) => {
                let is_valid =
                    value.as_ref().is_some_and(|value| !value.contains(char::is_control));
                let is_odd = !is_valid && at < self.invalid.len();
                *slot = value.filter(|_| is_valid);
                if let Some(invalid) = self.invalid.get_mut(at) {
                    *invalid = is_odd.then(|| trim(raw));
                }
            }
            None => *slot = Some(value.unwrap_or_else(|| trim(raw))),
        }
        if field == Field::User {
            self.has_login = is_text;
        }
        Ok(())
    }
}

/// Reads the members of an object in their order, repeated ones too.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, Value)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}
