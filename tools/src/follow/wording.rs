//! Calls in telephony's words: parties, state and outcome.

use std::time::Duration;

use basix_cti::bert::Text;
use basix_cti::element::{
    CallTarget, ChannelUuid, Direction, Hangup, HangupCause, HangupMethod, HangupSide, Party,
    StateKind,
};
use basix_cti::store::ChangeKind;
use basix_cti::{Channel, Timestamp};

use super::records::Records;

/// The party of this leg: the user, or the number at the other end of the line.
fn party(channel: &Channel<'_>, records: &Records) -> String {
    let number = match channel.direction() {
        Some(Direction::Outbound) => channel.called_number(),
        _ => channel.calling_number(),
    };
    match channel.user_id() {
        Some(user) => records.user_name(user),
        None => known(number),
    }
}

/// The parties of a call: `0312345678 -> sales` until they talk, `0312345678 <-> anna` then.
#[must_use]
pub(crate) fn who(channel: &Channel<'_>, records: &Records) -> String {
    let this = party(channel, records);
    let other = channel.other_uuid().and_then(|uuid| records.channel(&uuid.to_str()));
    // If that leg is gone, or its user unknown, the PBX may have sent the party.
    let sent = || match channel.other_info()?.party {
        Party::User { user_id: Some(user), .. } => Some(records.user_name(user)),
        _ => None,
    };
    let other = other.map(|other| party(&other, records)).or_else(sent);
    match (channel.state().map(|state| state.kind), channel.direction(), other) {
        (Some(StateKind::Bridged), _, Some(other)) => format!("{this} <-> {other}"),
        (_, Some(Direction::Outbound), Some(other)) => format!("{other} -> {this}"),
        (_, Some(Direction::Outbound), None) => {
            format!("{} -> {this}", known(channel.calling_number()))
        }
        _ => {
            let target = channel.target().map(|target| target.name).filter(|name| !name.is_empty());
            format!("{this} -> {}", known(target.unwrap_or_else(|| channel.called_number())))
        }
    }
}

/// The state of a channel: `ringing`, `talking`, `parked on slot 901`.
#[must_use]
pub(crate) fn state(channel: &Channel<'_>, records: &Records) -> String {
    let Some(state) = channel.state() else { return "present".to_owned() };
    match state.kind {
        StateKind::Calling(calling) => match calling.target {
            CallTarget::User { user_id: Some(user) } if channel.user_id() != Some(user) => {
                format!("rings at {}", records.user_name(user))
            }
            CallTarget::User { .. } => "ringing".to_owned(),
            CallTarget::Group { group_id: Some(group), .. } => {
                format!("waits for group {}", records.group_name(group))
            }
            CallTarget::Group { .. } => "waits for a group".to_owned(),
            target => match target.address() {
                Some(address) => format!("calling {address}"),
                None => "calling".to_owned(),
            },
        },
        StateKind::Bridged => "talking".to_owned(),
        StateKind::Voicemail { target_name, .. } => {
            format!("leaving voicemail for {}", known(target_name))
        }
        StateKind::CheckingVoicemail { target_name } => {
            format!("listening to voicemail of {}", known(target_name))
        }
        StateKind::CallingSipTermination { url } => format!("handed to {}", known(url)),
        StateKind::Ivr { ivr_id } => format!("in voice menu {ivr_id}"),
        StateKind::XmlIvr => "in the voice menu of a web server".to_owned(),
        StateKind::SystemOperation { operation } => format!("in the function {}", known(operation)),
        StateKind::Conference { room_id } => format!("in conference room {room_id}"),
        StateKind::Ringing => "ringing".to_owned(),
        StateKind::Park { slot, parker_name, .. } => {
            let slot =
                slot.map_or_else(|| "parked".to_owned(), |slot| format!("parked on slot {slot}"));
            if parker_name.is_empty() { slot } else { format!("{slot} by {parker_name}") }
        }
        StateKind::Eavesdrop { uuid, .. } => format!("listening to {}", talk(uuid, records)),
        StateKind::Unknown { name } if !name.is_empty() => name.to_string(),
        _ => "in an unknown state".to_owned(),
    }
}

fn talk(uuid: ChannelUuid<'_>, records: &Records) -> String {
    let channel = records.channel(&uuid.to_str());
    channel.map_or_else(|| "a call".to_owned(), |channel| party(&channel, records))
}

/// The outcome of a call: `the caller gave up`, `busy`.
#[must_use]
pub(crate) fn ending(hangup: &Hangup<'_>) -> String {
    let cause = hangup.cause.as_ref().map(HangupCause::as_str).unwrap_or_default();
    let words = match (hangup.side, hangup.method, cause) {
        (_, Some(HangupMethod::Cancel), "ORIGINATOR_CANCEL") => "the caller gave up",
        (_, Some(HangupMethod::Cancel), "LOSE_RACE") => "somebody else answered",
        (_, Some(HangupMethod::Cancel), "PICKED_OFF") => "somebody picked it up",
        (_, _, "NO_ANSWER") => "nobody answered",
        (_, _, "USER_BUSY") => "busy",
        (_, _, "NO_USER_RESPONSE") => "no response",
        (_, _, "CALL_REJECTED") => "rejected",
        (_, _, "ALLOTTED_TIMEOUT") => "the longest time for a call was over",
        (Some(HangupSide::Peer), Some(HangupMethod::Bye), "NORMAL_CLEARING") => "the peer hung up",
        (Some(HangupSide::Pbx), Some(HangupMethod::Bye), "NORMAL_CLEARING") => "the PBX hung up",
        _ => return known(hangup.text),
    };
    words.to_owned()
}

/// The talk time of a call, or the ringing time without an answer: `after talking 0:42`.
#[must_use]
pub(crate) fn lasted(channel: &Channel<'_>) -> Option<String> {
    let since = |start: Timestamp| Some(start.elapsed_at(channel.hangup_timestamp()?));
    if let Some(talk) = channel.answer_timestamp().and_then(since) {
        return Some(format!("after talking {}", clock(talk)));
    }
    let ring = channel.offer_timestamp().and_then(since)?;
    Some(format!("after ringing {}", clock(ring)))
}

/// A time as telephones show it, below a minute with tenths: `7.4 s`, `12:07`, `1:02:03`.
#[must_use]
pub(crate) fn clock(time: Duration) -> String {
    let (minutes, seconds) = (time.as_secs() / 60, time.as_secs() % 60);
    match (minutes / 60, minutes) {
        (0, 0) => format!("{seconds}.{} s", time.subsec_millis() / 100),
        (0, _) => format!("{minutes}:{seconds:02}"),
        (hours, _) => format!("{hours}:{:02}:{seconds:02}", minutes % 60),
    }
}

/// The kind of a change, in the words of the protocol.
#[must_use]
pub(crate) const fn change(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => "added",
        ChangeKind::Updated => "updated",
        ChangeKind::Removed => "removed",
    }
}

fn known(text: Text<'_>) -> String {
    if text.is_empty() { "unknown".to_owned() } else { text.to_string() }
}
