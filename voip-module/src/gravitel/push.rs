//! Pushes: what Gravitel sends (§9).

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::GravitelOptions;
use crate::error::ParseError;
use crate::form::{self, Pairs};
use crate::limits::Limits;
use crate::secret::Secret;

/// What a push is about, from its `cmd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PushKind {
    /// A call rings, was answered, has ended.
    Event,
    /// The record of a finished call.
    History,
    /// The question who is calling.
    Contact,
    /// A client's mark for a call.
    Rating,
    /// Anything else (V96).
    Other,
}

/// A push, with its fields under the protocol's names. What is absent is `None`, what is empty is
/// `""`. `Debug` shows the call's data, but never `crm_token`.
///
/// ```
/// use voip_module::gravitel::{GravitelOptions, GravitelPush, PushKind};
/// use voip_module::router::Limits;
///
/// let options = GravitelOptions::default();
/// let body = "cmd=event&type=INCOMING&phone=%2B79990000001&ext=701&callid=C-1&z-flag=1";
/// let push = GravitelPush::parse_form(body, &options, &Limits::default())?;
/// assert_eq!(push.kind(&options), PushKind::Event);
/// assert_eq!(push.phone.as_deref(), Some("+79990000001"));
/// assert_eq!(push.other, [("z-flag".into(), "1".into())]);
/// # Ok::<(), voip_module::ParseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GravitelPush<'a> {
    /// `cmd`.
    pub cmd: Option<Cow<'a, str>>,
    /// `type`: of an event, or `in` and `out` of a history.
    pub r#type: Option<Cow<'a, str>>,
    /// `phone`: the client's number.
    pub phone: Option<Cow<'a, str>>,
    /// `ext`: the operator's extension.
    pub ext: Option<Cow<'a, str>>,
    /// `callid`: the call, the same for all its legs.
    pub callid: Option<Cow<'a, str>>,
    /// `user`: the operator's login; `pbx` is the switch itself, `g_…` a group.
    pub user: Option<Cow<'a, str>>,
    /// `diversion`: the number of ours that was dialled.
    pub diversion: Option<Cow<'a, str>>,
    /// `groupRealName`: the department.
    pub group_real_name: Option<Cow<'a, str>>,
    /// `telnum`: the operator's direct number.
    pub telnum: Option<Cow<'a, str>>,
    /// `telnum_name`: the name of the direct number.
    pub telnum_name: Option<Cow<'a, str>>,
    /// `direction`: `in` or `out`.
    pub direction: Option<Cow<'a, str>>,
    /// `second_callid`: the other leg of a transfer.
    pub second_callid: Option<Cow<'a, str>>,
    /// `status`: the outcome.
    pub status: Option<Cow<'a, str>>,
    /// `duration`: seconds.
    pub duration: Option<Cow<'a, str>>,
    /// `start`: `YYYYMMDDThhmmssZ`.
    pub start: Option<Cow<'a, str>>,
    /// `link`: the recording.
    pub link: Option<Cow<'a, str>>,
    /// `rating`: the client's mark.
    pub rating: Option<Cow<'a, str>>,
    /// Fields that this version does not know, in their order (V63).
    pub other: Pairs<'a>,
    token: Presented<'a>,
}

/// The `crm_token` of a push, which is not shown.
#[derive(Clone, Default, PartialEq, Eq)]
enum Presented<'a> {
    #[default]
    Nothing,
    Once(Cow<'a, str>),
    /// More than once, which no key fits (V131).
    Repeatedly,
}

impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Once(_) => "Once(…)",
            Self::Repeatedly => "Repeatedly",
        })
    }
}

impl<'a> GravitelPush<'a> {
    /// Reads a form (§11.3). `crm_token` is kept aside and not checked.
    ///
    /// # Errors
    ///
    /// As [`form::decode`].
    pub fn parse_form(
        form: &'a str,
        options: &GravitelOptions,
        limits: &Limits,
    ) -> Result<Self, ParseError> {
        let mut push = Self::default();
        form::for_each(form, options.form_dialect(), limits, |name, value| push.set(name, value))?;
        Ok(push)
    }

    /// Reads a JSON object of scalars (V82). A `null` is no field.
    ///
    /// # Errors
    ///
    /// [`ParseError::InvalidBody`] for anything else, and the errors of [`Limits`].
    pub fn parse_json(json: &'a str, limits: &Limits) -> Result<Self, ParseError> {
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let members = deserializer
            .deserialize_map(Members)
            .and_then(|members| deserializer.end().map(|()| members))
            .map_err(|_| ParseError::InvalidBody {
                reason: "expected a JSON object whose members are text, numbers or truth values",
            })?;
        limits.check_count(members.len())?;
        let mut push = Self::default();
        for (name, value) in members {
            if let Some(value) = value {
                limits.check_value(name == "link", value.len())?;
                push.set(name, value);
            }
        }
        Ok(push)
    }

    /// What the push is about. The sample preset minds the letter case of `cmd` (V96).
    #[must_use]
    pub fn kind(&self, options: &GravitelOptions) -> PushKind {
        let cmd = self.cmd.as_deref().unwrap_or_default();
        let is =
            |word: &str| cmd == word || (!options.is_sample() && cmd.eq_ignore_ascii_case(word));
        match () {
            () if is("event") => PushKind::Event,
            () if is("history") => PushKind::History,
            () if is("contact") => PushKind::Contact,
            () if is("rating") => PushKind::Rating,
            () => PushKind::Other,
        }
    }

    /// Checks `crm_token` (V84). No token, a wrong one and a repeated one are all refused.
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

    fn set(&mut self, name: Cow<'a, str>, value: Cow<'a, str>) {
        let field = match &*name {
            "cmd" => &mut self.cmd,
            "type" => &mut self.r#type,
            "phone" => &mut self.phone,
            "ext" => &mut self.ext,
            "callid" => &mut self.callid,
            "user" => &mut self.user,
            "diversion" => &mut self.diversion,
            "groupRealName" => &mut self.group_real_name,
            "telnum" => &mut self.telnum,
            "telnum_name" => &mut self.telnum_name,
            "direction" => &mut self.direction,
            "second_callid" => &mut self.second_callid,
            "status" => &mut self.status,
            "duration" => &mut self.duration,
            "start" => &mut self.start,
            "link" => &mut self.link,
            "rating" => &mut self.rating,
            "crm_token" => {
                self.token = match self.token {
                    Presented::Nothing => Presented::Once(value),
                    _ => Presented::Repeatedly,
                };
                return;
            }
            _ => return self.other.push((name, value)),
        };
        *field = Some(value);
    }
}

type Member<'a> = (Cow<'a, str>, Option<Cow<'a, str>>);

/// Reads the members of an object in their order, repeated ones too.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<Member<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of scalars")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value::<Scalar<'de>>()?.0;
            members.push((name.into(), value));
        }
        Ok(members)
    }
}

struct Scalar<'a>(Option<Cow<'a, str>>);

impl<'de> de::Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Scalar<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a scalar")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Scalar(Some(text.into())))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Scalar(Some(text.to_owned().into())))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Scalar(Some(number.to_string().into())))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
                Ok(Scalar(Some(number.to_string().into())))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
                Ok(Scalar(Some(number.to_string().into())))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Scalar(Some(value.to_string().into())))
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Scalar(None))
            }
        }
        deserializer.deserialize_any(Text)
    }
}
