//! The same events as JSON objects, borrowed and typed.

use serde::Deserialize;

use crate::corpus::Summary;

/// An event with a channel.
#[derive(Debug, Deserialize)]
pub(crate) struct Event<'a> {
    kind: &'a str,
    element: &'a str,
    #[serde(borrow)]
    data: Channel<'a>,
    #[serde(borrow)]
    event: Option<&'a str>,
}

#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
#[expect(dead_code, reason = "read, handed on and dropped")]
struct Channel<'a> {
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

#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
#[expect(dead_code, reason = "read, handed on and dropped")]
struct State<'a> {
    ts: Option<u64>,
    kind: StateKind<'a>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", bound(deserialize = "'de: 'a"))]
#[expect(dead_code, reason = "read, handed on and dropped")]
enum StateKind<'a> {
    Calling { target_location: Option<&'a str>, target: CallTarget<'a> },
    Bridged,
    Voicemail { target_type: Option<&'a str>, target_id: Option<i64>, target_name: Option<&'a str> },
    CheckingVoicemail { target_name: Option<&'a str> },
    CallingSiptermination { url: Option<&'a str> },
    Ivr { ivr_id: Option<i64> },
    XmlIvr,
    SystemOperation { operation: Option<&'a str> },
    Conference { room_id: Option<i64> },
    Park { slot: Option<i64>, parker_id: Option<i64>, parker_name: Option<&'a str> },
    Eavesdrop { uuid: Option<&'a str>, eavesdrop_state: Option<&'a str> },
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", bound(deserialize = "'de: 'a"))]
#[expect(dead_code, reason = "read, handed on and dropped")]
enum CallTarget<'a> {
    User {
        user_id: Option<i64>,
        name: Option<&'a str>,
    },
    Group {
        group_type: Option<&'a str>,
        group_id: Option<i64>,
        name: Option<&'a str>,
        queue_id: Option<i64>,
    },
    Pstn {
        number: Option<&'a str>,
    },
    BridgedEndpoint {
        user: Option<&'a str>,
        host: Option<&'a str>,
    },
}

#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
#[expect(dead_code, reason = "read, handed on and dropped")]
struct Target<'a> {
    #[serde(rename = "type")]
    kind: Option<&'a str>,
    id: Option<i64>,
    name: Option<&'a str>,
    address: Option<&'a str>,
}

#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
#[expect(dead_code, reason = "read, handed on and dropped")]
struct OtherInfo<'a> {
    #[serde(rename = "type")]
    kind: Option<&'a str>,
    user_id: Option<i64>,
    end_user: Option<&'a str>,
    direction: Option<&'a str>,
    peer_location: Option<&'a str>,
    address: Option<&'a str>,
    offer_timestamp: Option<u64>,
    group_id: Option<i64>,
    whoscall: Option<&'a str>,
}

impl StateKind<'_> {
    const fn name(&self) -> &'static str {
        match self {
            Self::Calling { .. } => "calling",
            Self::Bridged => "bridged",
            Self::Voicemail { .. } => "voicemail",
            Self::CheckingVoicemail { .. } => "checking_voicemail",
            Self::CallingSiptermination { .. } => "calling_siptermination",
            Self::Ivr { .. } => "ivr",
            Self::XmlIvr => "xml_ivr",
            Self::SystemOperation { .. } => "system_operation",
            Self::Conference { .. } => "conference",
            Self::Park { .. } => "park",
            Self::Eavesdrop { .. } => "eavesdrop",
        }
    }
}

pub(crate) fn summary(event: &Event<'_>) -> Summary {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let Event { kind: "info_event", element: "channel", data, event } = event else {
        panic!("no event of a channel: {event:?}");
    };
    Summary {
        uuid: data.uuid.to_owned(),
        user_id: data.user_id,
        state: owned(data.state.as_ref().map(|state| state.kind.name())),
        last_event: owned(data.last_event).unwrap_or_default(),
        offer_timestamp: data.offer_timestamp.and_then(|at| at.try_into().ok()),
        calling_name: owned(data.calling_name).filter(|name| !name.is_empty()),
        other_direction: owned(data.other_info.as_ref().and_then(|other| other.direction)),
        call_id: owned(data.call_id),
        event: owned(*event).unwrap_or_default(),
    }
}
