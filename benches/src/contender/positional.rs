//! Records as tuples, to read terms with serde: a field is a place, not a name.
//!
//! The types are those that a user would write: text and timestamps borrowed or plain, composite
//! values read by their name, everything that may be missing as an `Option`.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};

use crate::corpus::Summary;

/// Defines the channel once with the names of its fields and once without.
macro_rules! channel {
    ($($field:ident: $type:ty,)+) => {
        /// A channel as a struct with named fields.
        #[derive(Debug, serde::Deserialize)]
        #[serde(bound(deserialize = "'de: 'a"))]
        #[expect(dead_code, reason = "read, handed on and dropped")]
        pub(crate) struct Channel<'a> {
            $(pub(crate) $field: $type,)+
        }

        /// A channel as a struct that is read by place only.
        #[derive(Debug, serde::Deserialize)]
        #[serde(bound(deserialize = "'de: 'a"))]
        pub(crate) struct ChannelTuple<'a>($($type,)+);

        impl<'a> From<ChannelTuple<'a>> for Channel<'a> {
            fn from(ChannelTuple($($field,)+): ChannelTuple<'a>) -> Self {
                Self { $($field,)+ }
            }
        }
    };
}

channel! {
    uuid: &'a str,
    direction: Option<&'a str>,
    peer_location: Option<&'a str>,
    calling_name: Option<&'a str>,
    calling_number: Option<&'a str>,
    called_number: Option<&'a str>,
    offer_timestamp: Option<u64>,
    answer_timestamp: Option<u64>,
    hangup_timestamp: Option<u64>,
    other_uuid: Option<&'a str>,
    user_id: Option<i64>,
    state: Option<State<'a>>,
    group_id: Option<i64>,
    target: Option<Target<'a>>,
    origination: Option<&'a str>,
    end_user: Option<&'a str>,
    tags: Option<&'a str>,
    last_bridged_user_id: Option<i64>,
    last_event: Option<&'a str>,
    last_event_data: Option<&'a str>,
    other_info: Option<OtherInfo<'a>>,
    call_id: Option<&'a str>,
}

/// An event with a channel.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct Event<'a> {
    pub(crate) kind: &'a str,
    pub(crate) element: &'a str,
    pub(crate) channel: Channel<'a>,
    pub(crate) event: Option<&'a str>,
}

/// An event that is read by place only.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct EventTuple<'a>(&'a str, &'a str, ChannelTuple<'a>, Option<&'a str>);

impl<'a> From<EventTuple<'a>> for Event<'a> {
    fn from(EventTuple(kind, element, channel, event): EventTuple<'a>) -> Self {
        Self { kind, element, channel: channel.into(), event }
    }
}

/// Whom an inbound channel called: type, identity, name, address.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
#[expect(dead_code, reason = "read, handed on and dropped")]
pub(crate) struct Target<'a>(Option<&'a str>, Option<i64>, Option<&'a str>, Option<&'a str>);

/// The state of a channel.
#[derive(Debug)]
#[expect(dead_code, reason = "read, handed on and dropped")]
pub(crate) struct State<'a> {
    since: Option<u64>,
    pub(crate) name: &'a str,
    kind: StateKind<'a>,
}

#[derive(Debug)]
#[expect(dead_code, reason = "read, handed on and dropped")]
enum StateKind<'a> {
    Calling(Option<&'a str>, CallTarget<'a>),
    Voicemail(Option<&'a str>, Option<i64>, Option<&'a str>),
    Text(Option<&'a str>),
    Number(Option<i64>),
    Park(Option<i64>, Option<i64>, Option<&'a str>),
    Eavesdrop(Option<&'a str>, Option<&'a str>),
    Other,
}

#[derive(Debug)]
#[expect(dead_code, reason = "read, handed on and dropped")]
enum CallTarget<'a> {
    User(Option<(Option<i64>, Option<&'a str>)>),
    Group(Option<Group<'a>>),
    Address(Option<(Option<&'a str>, Option<&'a str>)>),
    Other,
}

/// Type, identity, not known, queue, name.
type Group<'a> = (Option<&'a str>, Option<i64>, IgnoredAny, Option<i64>, Option<&'a str>);

/// The summary of a related channel.
#[derive(Debug)]
#[expect(dead_code, reason = "read, handed on and dropped")]
pub(crate) struct OtherInfo<'a> {
    party: Party<'a>,
    pub(crate) direction: Option<&'a str>,
    peer_location: Option<&'a str>,
    address: Option<&'a str>,
    offer_timestamp: Option<u64>,
    group_id: Option<i64>,
    whoscall: Option<&'a str>,
}

#[derive(Debug)]
#[expect(dead_code, reason = "read, handed on and dropped")]
enum Party<'a> {
    User(Option<i64>),
    EndUser(Option<&'a str>),
}

/// A type that is read part by part.
trait Parts<'de>: Sized {
    fn read<A: SeqAccess<'de>>(parts: &mut A) -> Result<Self, A::Error>;
}

fn next<'a, T: Deserialize<'a> + Default, A: SeqAccess<'a>>(parts: &mut A) -> Result<T, A::Error> {
    Ok(parts.next_element()?.unwrap_or_default())
}

fn next_option<'a, T: Deserialize<'a>, A: SeqAccess<'a>>(
    parts: &mut A,
) -> Result<Option<T>, A::Error> {
    Ok(parts.next_element::<Option<T>>()?.flatten())
}

impl<'de: 'a, 'a> Parts<'de> for State<'a> {
    fn read<A: SeqAccess<'de>>(parts: &mut A) -> Result<Self, A::Error> {
        let since = next(parts)?;
        let name = next(parts)?;
        let kind = match name {
            "calling" => {
                let location = next(parts)?;
                let target = match next::<&str, _>(parts)? {
                    "user" => CallTarget::User(next_option(parts)?),
                    "group" => CallTarget::Group(next_option(parts)?),
                    "pstn" | "bridged_endpoint" => CallTarget::Address(next_option(parts)?),
                    _ => CallTarget::Other,
                };
                StateKind::Calling(location, target)
            }
            "voicemail" => StateKind::Voicemail(next(parts)?, next(parts)?, next(parts)?),
            "checking_voicemail" | "calling_siptermination" | "system_operation" => {
                StateKind::Text(next(parts)?)
            }
            "ivr" | "conference" => StateKind::Number(next(parts)?),
            "park" => {
                let slot = next(parts)?;
                parts.next_element::<IgnoredAny>()?;
                StateKind::Park(slot, next(parts)?, next(parts)?)
            }
            "eavesdrop" => StateKind::Eavesdrop(next(parts)?, next(parts)?),
            _ => StateKind::Other,
        };
        Ok(Self { since, name, kind })
    }
}

impl<'de: 'a, 'a> Parts<'de> for OtherInfo<'a> {
    fn read<A: SeqAccess<'de>>(parts: &mut A) -> Result<Self, A::Error> {
        Ok(Self {
            party: match next::<&str, _>(parts)? {
                "user" => Party::User(next(parts)?),
                _ => Party::EndUser(next(parts)?),
            },
            direction: next(parts)?,
            peer_location: next(parts)?,
            address: next(parts)?,
            offer_timestamp: next(parts)?,
            group_id: next(parts)?,
            whoscall: next(parts)?,
        })
    }
}

struct PartsVisitor<T>(PhantomData<T>);

impl<'de, T: Parts<'de>> Visitor<'de> for PartsVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a tuple")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<T, A::Error> {
        let value = T::read(&mut parts)?;
        while parts.next_element::<IgnoredAny>()?.is_some() {}
        Ok(value)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for State<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PartsVisitor::<Self>(PhantomData))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for OtherInfo<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PartsVisitor::<Self>(PhantomData))
    }
}

pub(crate) fn summary(event: &Event<'_>) -> Summary {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let Event { kind: "info_event", element: "channel", channel, event } = event else {
        panic!("no event of a channel: {event:?}");
    };
    Summary {
        uuid: channel.uuid.to_owned(),
        user_id: channel.user_id,
        state: owned(channel.state.as_ref().map(|state| state.name)),
        last_event: owned(channel.last_event).unwrap_or_default(),
        offer_timestamp: channel.offer_timestamp.and_then(|at| at.try_into().ok()),
        calling_name: owned(channel.calling_name).filter(|name| !name.is_empty()),
        other_direction: owned(channel.other_info.as_ref().and_then(|other| other.direction)),
        call_id: owned(channel.call_id),
        event: owned(*event).unwrap_or_default(),
    }
}
