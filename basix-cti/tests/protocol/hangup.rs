//! Hangups.

use basix_cti::element::{HangupMethod, HangupSide, LastEvent};
use serde_json::json;

use crate::connection::{printed_field, with_channel};
use crate::wire::{Value, atom, binary, charlist, int, string};

fn ended(data: Value) -> [(&'static str, Value); 2] {
    [("last_event", atom("CHANNEL_HANGUP")), ("last_event_data", data)]
}

// B70, B71
#[test]
fn every_known_pair_has_side_method_cause_and_status() {
    use HangupMethod::{Bye, Cancel, Refuse};
    use HangupSide::{Pbx, Peer};
    for (data, side, method, cause, status) in [
        ("recv_cancel,ORIGINATOR_CANCEL", Peer, Cancel, "ORIGINATOR_CANCEL", None),
        ("send_cancel,ORIGINATOR_CANCEL", Pbx, Cancel, "ORIGINATOR_CANCEL", None),
        ("send_cancel,LOSE_RACE", Pbx, Cancel, "LOSE_RACE", None),
        ("send_cancel,NO_ANSWER", Pbx, Cancel, "NO_ANSWER", None),
        ("send_cancel,PICKED_OFF", Pbx, Cancel, "PICKED_OFF", None),
        ("recv_bye,NORMAL_CLEARING", Peer, Bye, "NORMAL_CLEARING", None),
        ("send_bye,NORMAL_CLEARING", Pbx, Bye, "NORMAL_CLEARING", None),
        ("send_bye,ALLOTTED_TIMEOUT", Pbx, Bye, "ALLOTTED_TIMEOUT", None),
        ("send_refuse,NO_ANSWER", Pbx, Refuse, "NO_ANSWER", Some(480)),
        ("recv_refuse,USER_BUSY", Peer, Refuse, "USER_BUSY", Some(486)),
        ("recv_refuse,NO_USER_RESPONSE", Peer, Refuse, "NO_USER_RESPONSE", Some(408)),
    ] {
        for value in [string(data), binary(data), charlist(data)] {
            assert_eq!(printed_field("last_event_data", value.clone()), json!(data));
            with_channel(&ended(value), |channel| {
                let hangup = channel.hangup().unwrap();
                assert_eq!(hangup.side, Some(side), "{data}");
                assert_eq!(hangup.method, Some(method), "{data}");
                assert_eq!(hangup.cause.as_ref().unwrap().as_str(), cause);
                assert_eq!(hangup.cause.as_ref().unwrap().to_string(), cause);
                assert_eq!(hangup.sip_status(), status, "{data}");
                assert_eq!(hangup.text, data);
            });
        }
    }
}

// B70, B71
#[test]
fn causes_are_an_open_set_and_split_off_at_the_first_comma() {
    for (data, cause) in
        [("recv_bye,SOLAR_FLARE", "SOLAR_FLARE"), ("recv_bye,A,B", "A,B"), ("recv_bye,", "")]
    {
        with_channel(&ended(string(data)), |channel| {
            let hangup = channel.hangup().unwrap();
            assert_eq!(hangup.side, Some(HangupSide::Peer));
            assert_eq!(hangup.cause.unwrap().as_str(), cause);
        });
    }
}

// B71
#[test]
fn a_refusal_has_the_status_of_freeswitchs_table() {
    for (cause, status) in [
        ("UNALLOCATED_NUMBER", 404),
        ("CALL_REJECTED", 603),
        ("USER_BUSY", 486),
        ("NORMAL_TEMPORARY_FAILURE", 503),
        ("INVALID_NUMBER_FORMAT", 484),
        ("SOLAR_FLARE", 480),
    ] {
        with_channel(&ended(string(format!("send_refuse,{cause}"))), |channel| {
            assert_eq!(channel.hangup().unwrap().sip_status(), Some(status), "{cause}");
        });
    }
}

// B71
#[test]
fn text_of_another_form_is_kept_whole() {
    for data in
        ["", "NORMAL_CLEARING", "recv_bye", "recv,X", "peer_bye,X", "recv_drop,X", "Recv_bye,X"]
    {
        with_channel(&ended(string(data)), |channel| {
            let hangup = channel.hangup().unwrap();
            assert_eq!((hangup.side, hangup.method, hangup.cause.clone()), (None, None, None));
            assert_eq!(hangup.sip_status(), None);
            assert_eq!(hangup.text, data);
        });
    }
    // No text at all: there is a hangup, and nothing known about it.
    with_channel(&ended(int(5)), |channel| {
        assert_eq!(channel.hangup().unwrap().side, None);
        assert_eq!(channel.record().get("last_event_data").unwrap().as_i64(), Some(5));
    });
}

// B70
#[test]
fn only_a_hangup_has_the_end_of_a_channel() {
    let data = ("last_event_data", string("recv_bye,NORMAL_CLEARING"));
    for event in ["CHANNEL_ANSWER", "channel_hangup", ""] {
        with_channel(&[("last_event", atom(event)), data.clone()], |channel| {
            assert_eq!(channel.hangup(), None);
        });
    }
    with_channel(std::slice::from_ref(&data), |channel| assert_eq!(channel.hangup(), None));
    for event in [binary("CHANNEL_HANGUP"), string("CHANNEL_HANGUP"), charlist("CHANNEL_HANGUP")] {
        with_channel(&[("last_event", event), data.clone()], |channel| {
            assert_eq!(channel.hangup().unwrap().side, Some(HangupSide::Peer));
        });
    }
}

// B68
#[test]
fn last_events_are_an_open_set() {
    for (name, event) in [
        ("NEW_CHANNEL", LastEvent::NewChannel),
        ("CHANNEL_ORIGINATE", LastEvent::ChannelOriginate),
        ("CHANNEL_ANSWER", LastEvent::ChannelAnswer),
        ("CHANNEL_BRIDGE", LastEvent::ChannelBridge),
        ("CHANNEL_PARK", LastEvent::ChannelPark),
        ("CHANNEL_APPLICATION", LastEvent::ChannelApplication),
        ("STATE_CHANGE", LastEvent::StateChange),
        ("CHANNEL_HANGUP", LastEvent::ChannelHangup),
    ] {
        with_channel(&[("last_event", string(name))], |channel| {
            assert_eq!(channel.last_event(), Some(event));
            assert_eq!(event.to_str(), name);
        });
    }
    with_channel(&[("last_event", string("CHANNEL_TELEPORT"))], |channel| {
        let event = channel.last_event().unwrap();
        assert!(matches!(event, LastEvent::Unknown(_)));
        assert_eq!(event.to_string(), "CHANNEL_TELEPORT");
    });
}
