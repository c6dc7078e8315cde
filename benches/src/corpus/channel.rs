//! Channels: what is known of a call leg before it is written in any format.

use basix_cti::ElementKind;
use basix_cti_testing::record;
use serde::Serialize;

use super::words;
use crate::random::Random;

/// The fields in the PBX's usual order.
pub const FIELDS: &[&str] = record::usual_fields(ElementKind::Channel);

/// A call leg. Serialized it is a JSON object that serde reads without detours: no escapes, and
/// the state tagged from outside, so that no parser has to buffer it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Channel {
    pub(super) uuid: String,
    pub(super) direction: &'static str,
    pub(super) peer_location: &'static str,
    pub(super) calling_name: Option<String>,
    pub(super) calling_number: String,
    pub(super) called_number: String,
    pub(super) offer_timestamp: u64,
    pub(super) answer_timestamp: Option<u64>,
    pub(super) hangup_timestamp: Option<u64>,
    pub(super) other_uuid: Option<String>,
    pub(super) user_id: Option<i64>,
    pub(super) state: Option<State>,
    pub(super) group_id: Option<i64>,
    pub(super) target: Option<Target>,
    pub(super) origination: Option<String>,
    pub(super) end_user: Option<String>,
    pub(super) tags: Option<&'static str>,
    pub(super) last_bridged_user_id: Option<i64>,
    pub(super) last_event: &'static str,
    pub(super) last_event_data: Option<&'static str>,
    pub(super) other_info: Option<OtherInfo>,
    pub(super) call_id: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct State {
    pub(super) ts: u64,
    pub(super) kind: StateKind,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StateKind {
    Calling { target_location: &'static str, target: CallTarget },
    Bridged,
    Voicemail { target_type: &'static str, target_id: i64, target_name: String },
    CheckingVoicemail { target_name: String },
    CallingSiptermination { url: String },
    Ivr { ivr_id: i64 },
    XmlIvr,
    SystemOperation { operation: &'static str },
    Conference { room_id: i64 },
    Park { slot: i64, parker_id: i64, parker_name: String },
    Eavesdrop { uuid: String, eavesdrop_state: &'static str },
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum CallTarget {
    User { user_id: i64, name: String },
    Group { group_type: &'static str, group_id: i64, name: String, queue_id: Option<i64> },
    Pstn { number: String },
    BridgedEndpoint { user: String, host: &'static str },
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Target {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) address: String,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct OtherInfo {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) user_id: Option<i64>,
    pub(super) end_user: Option<String>,
    pub(super) direction: &'static str,
    pub(super) peer_location: &'static str,
    pub(super) address: String,
    pub(super) offer_timestamp: Option<u64>,
    pub(super) group_id: Option<i64>,
    pub(super) whoscall: Option<&'static str>,
}

impl StateKind {
    pub(super) const fn name(&self) -> &'static str {
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

const NOW: u64 = 1_776_900_900_000_000;
const HANGUPS: &[&str] = &[
    "recv_bye,NORMAL_CLEARING",
    "recv_bye,NORMAL_CLEARING",
    "send_bye,NORMAL_CLEARING",
    "send_bye,NORMAL_CLEARING",
    "send_cancel,LOSE_RACE",
    "send_cancel,LOSE_RACE",
    "send_cancel,PICKED_OFF",
    "send_cancel,NO_ANSWER",
    "send_cancel,ORIGINATOR_CANCEL",
    "recv_cancel,ORIGINATOR_CANCEL",
    "send_bye,ALLOTTED_TIMEOUT",
    "send_refuse,NO_ANSWER",
    "recv_refuse,USER_BUSY",
    "recv_refuse,NO_USER_RESPONSE",
];
const EVENTS: &[&str] = &[
    "NEW_CHANNEL",
    "CHANNEL_ORIGINATE",
    "CHANNEL_ANSWER",
    "CHANNEL_ANSWER",
    "CHANNEL_BRIDGE",
    "CHANNEL_BRIDGE",
    "STATE_CHANGE",
    "STATE_CHANGE",
    "STATE_CHANGE",
    "STATE_CHANGE",
    "CHANNEL_PARK",
    "CHANNEL_APPLICATION",
    "CHANNEL_UPDATE",
];

impl Channel {
    /// A channel at some moment of its life.
    pub(super) fn new(random: &mut Random) -> Self {
        let uuid = words::uuid(random);
        let inbound = random.percent(58);
        let internal = random.percent(52);
        let made_here = random.percent(35);
        let mut channel = Self {
            call_id: if made_here { Some(uuid.clone()) } else { random.maybe(85, words::call_id) },
            uuid,
            direction: if inbound { "inbound" } else { "outbound" },
            peer_location: if internal { "internal" } else { "external" },
            calling_name: random.maybe(88, |random| match random.percent(18) {
                true => String::new(),
                false => words::display_name(random),
            }),
            calling_number: match random.below(12) {
                0 => "media_plug".to_owned(),
                1..=3 => (1000 + random.below(9_000)).to_string(),
                _ => words::number(random),
            },
            called_number: match random.below(6) {
                0 => format!("t{}", 1000 + random.below(9_000)),
                1 => format!("*9{}", random.below(10)),
                2 => (900 + random.below(99)).to_string(),
                3 => words::number(random),
                _ => (10_000_000 + random.below(9_999)).to_string(),
            },
            offer_timestamp: NOW + random.below(3_600_000_000),
            answer_timestamp: None,
            hangup_timestamp: None,
            other_uuid: None,
            user_id: random.maybe(if internal { 92 } else { 8 }, user_id),
            state: None,
            group_id: random.maybe(45, group_id),
            target: random.maybe(if inbound { 38 } else { 2 }, Target::new),
            origination: random.maybe(8, |random| {
                format!("call_user*{}*%2B81%203%20{}", user_id(random), random.below(9_999))
            }),
            end_user: random.maybe(32, words::end_user),
            tags: random.maybe(17, |random| {
                random.pick(&["monitoring_required", "monitoring_required;vip", "vip", ""])
            }),
            last_bridged_user_id: random.maybe(15, user_id),
            last_event: "",
            last_event_data: None,
            other_info: random.maybe(44, OtherInfo::new),
        };
        channel.happen(random, false);
        channel
    }

    /// Something happens to the channel: it ends, or goes on in another state.
    pub(super) fn happen(&mut self, random: &mut Random, ends: bool) {
        let after = |random: &mut Random, from: u64| from + random.below(60_000_000);
        self.last_event = random.pick(EVENTS);
        self.answer_timestamp = random.maybe(52, |random| after(random, self.offer_timestamp));
        self.other_uuid = random.maybe(45, words::uuid);
        // With nothing else that is new, a state keeps the frame different from the one before.
        let bare = self.answer_timestamp.is_none() && self.other_uuid.is_none();
        self.state = random.maybe(if bare { 100 } else { 75 }, State::new);
        if ends {
            let from = self.answer_timestamp.unwrap_or(self.offer_timestamp);
            self.hangup_timestamp = Some(after(random, from));
            self.last_event = "CHANNEL_HANGUP";
            self.last_event_data = Some(random.pick(HANGUPS));
        }
    }
}

pub(super) const fn user_id(random: &mut Random) -> i64 {
    10_001_001 + random.below(9_000) as i64
}

const fn group_id(random: &mut Random) -> i64 {
    10_001_111 + random.below(300) as i64 * 1_111
}

impl State {
    fn new(random: &mut Random) -> Self {
        let kind = match random.below(100) {
            0..=29 => StateKind::Bridged,
            30..=69 => StateKind::Calling {
                target_location: random.pick(&["int", "int", "int", "ext"]),
                target: CallTarget::new(random),
            },
            70..=75 => StateKind::Ivr { ivr_id: random.below(90) as i64 },
            76..=79 => StateKind::Park {
                slot: 900 + random.below(99) as i64,
                parker_id: user_id(random),
                parker_name: words::login(random),
            },
            80..=83 => StateKind::Voicemail {
                target_type: random.pick(&["user", "group"]),
                target_id: user_id(random),
                target_name: words::login(random),
            },
            84..=86 => StateKind::Conference { room_id: 8000 + random.below(100) as i64 },
            87..=88 => StateKind::CheckingVoicemail { target_name: words::login(random) },
            89..=90 => StateKind::CallingSiptermination {
                url: format!("sip:{}@branch{}.example", words::login(random), random.below(40)),
            },
            91..=93 => StateKind::XmlIvr,
            94..=95 => StateKind::SystemOperation {
                operation: random.pick(&["record_prompt", "echo_test", "time_condition"]),
            },
            _ => StateKind::Eavesdrop {
                uuid: words::uuid(random),
                eavesdrop_state: random.pick(&["listen", "whisper", "barge"]),
            },
        };
        Self { ts: NOW + random.below(3_600_000_000), kind }
    }
}

impl CallTarget {
    fn new(random: &mut Random) -> Self {
        match random.below(20) {
            0..=9 => Self::User { user_id: user_id(random), name: words::login(random) },
            10..=15 => {
                let group_type = random.pick(&["ring", "ring", "hunt"]);
                Self::Group {
                    group_type,
                    group_id: group_id(random),
                    name: words::login(random),
                    queue_id: random.maybe(60, |random| random.below(40) as i64),
                }
            }
            16..=17 => Self::Pstn { number: words::number(random) },
            _ => Self::BridgedEndpoint {
                user: (5000 + random.below(999)).to_string(),
                host: random.pick(&["branch.example", "osaka.example", "pbx2.example.test"]),
            },
        }
    }
}

impl Target {
    fn new(random: &mut Random) -> Self {
        Self {
            kind: random.pick(&["group", "group", "group", "user"]),
            id: group_id(random),
            name: words::login(random),
            address: words::number(random),
        }
    }
}

impl OtherInfo {
    fn new(random: &mut Random) -> Self {
        let user = random.percent(35);
        Self {
            kind: if user { "user" } else { "end_user" },
            user_id: if user { Some(user_id(random)) } else { None },
            end_user: if user { None } else { random.maybe(72, words::end_user) },
            direction: random.pick(&["inbound", "outbound"]),
            peer_location: random.pick(&["internal", "external"]),
            address: words::number(random),
            offer_timestamp: random.maybe(94, |random| NOW + random.below(3_600_000_000)),
            group_id: random.maybe(15, group_id),
            whoscall: random.maybe(55, |random| random.pick(&["end_user", "user"])),
        }
    }
}
