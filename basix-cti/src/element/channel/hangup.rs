//! The end of a channel.

use std::borrow::Cow;
use std::fmt;

use crate::bert::Text;

/// The end of a channel, from the data of its `CHANNEL_HANGUP` event.
///
/// | data | meaning |
/// |---|---|
/// | `recv_cancel,ORIGINATOR_CANCEL` | the caller gave up |
/// | `send_cancel,ORIGINATOR_CANCEL` | the other side of the call gave up, passed on |
/// | `send_cancel,LOSE_RACE` | another endpoint that rang as well answered |
/// | `send_cancel,NO_ANSWER` | ringing time ran out |
/// | `send_cancel,PICKED_OFF` | somebody picked the ringing call up |
/// | `recv_bye,NORMAL_CLEARING` | the peer hung up |
/// | `send_bye,NORMAL_CLEARING` | the PBX's side hung up |
/// | `send_bye,ALLOTTED_TIMEOUT` | the longest time for a call is over |
/// | `send_refuse,NO_ANSWER` | not answered in time, rejected towards the peer |
/// | `recv_refuse,USER_BUSY` | the peer is busy |
/// | `recv_refuse,NO_USER_RESPONSE` | the peer's equipment did not respond |
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hangup<'a> {
    /// The side that ended it; `None` if the text has another form.
    pub side: Option<HangupSide>,
    /// The method; `None` if the text has another form.
    pub method: Option<HangupMethod>,
    /// The cause; `None` if the text has another form.
    pub cause: Option<HangupCause<'a>>,
    /// The whole text.
    pub text: Text<'a>,
}

/// The side that ended a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a channel has two ends")]
pub enum HangupSide {
    /// The peer, `recv`.
    Peer,
    /// The PBX, `send`.
    Pbx,
}

/// The way in which a channel ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HangupMethod {
    /// `bye`: the call had been answered.
    Bye,
    /// `cancel`: not answered yet, withdrawn by the caller.
    Cancel,
    /// `refuse`: not answered, rejected by the called side.
    Refuse,
}

/// The name of a FreeSWITCH hangup cause, such as `USER_BUSY`; an open set.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HangupCause<'a>(Cow<'a, str>);

impl<'a> Hangup<'a> {
    /// Reads the data of a `CHANNEL_HANGUP` event. Never fails: text of another form is kept
    /// whole.
    #[must_use]
    pub fn from_text(text: Text<'a>) -> Self {
        let parsed = match text.to_str() {
            Cow::Borrowed(text) => parse(text)
                .map(|(side, method, cause)| (side, method, HangupCause(Cow::Borrowed(cause)))),
            Cow::Owned(text) => parse(&text).map(|(side, method, cause)| {
                (side, method, HangupCause(Cow::Owned(cause.to_owned())))
            }),
        };
        match parsed {
            Some((side, method, cause)) => {
                Self { side: Some(side), method: Some(method), cause: Some(cause), text }
            }
            None => Self { side: None, method: None, cause: None, text },
        }
    }

    /// The SIP status that the cause stands for, if the channel was refused.
    #[must_use]
    pub fn sip_status(&self) -> Option<u16> {
        match (self.method, &self.cause) {
            (Some(HangupMethod::Refuse), Some(cause)) => Some(cause.sip_status()),
            _ => None,
        }
    }
}

fn parse(text: &str) -> Option<(HangupSide, HangupMethod, &str)> {
    let (way, cause) = text.split_once(',')?;
    let (side, method) = way.split_once('_')?;
    let side = match side {
        "recv" => HangupSide::Peer,
        "send" => HangupSide::Pbx,
        _ => return None,
    };
    let method = match method {
        "bye" => HangupMethod::Bye,
        "cancel" => HangupMethod::Cancel,
        "refuse" => HangupMethod::Refuse,
        _ => return None,
    };
    Some((side, method, cause))
}

impl HangupCause<'_> {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The SIP status that FreeSWITCH sends for the cause; 480 for all that its table leaves out.
    #[must_use]
    pub fn sip_status(&self) -> u16 {
        match self.as_str() {
            "BEARERCAPABILITY_NOTAUTH" | "INCOMING_CALL_BARRED" | "OUTGOING_CALL_BARRED" => 403,
            "NO_ROUTE_DESTINATION" | "NO_ROUTE_TRANSIT_NET" | "UNALLOCATED_NUMBER" => 404,
            "NO_USER_RESPONSE" => 408,
            "NUMBER_CHANGED" | "REDIRECTION_TO_NEW_DESTINATION" => 410,
            "INVALID_GATEWAY" | "INVALID_NUMBER_FORMAT" | "INVALID_URL" => 484,
            "USER_BUSY" => 486,
            "ORIGINATOR_CANCEL" => 487,
            "BEARERCAPABILITY_NOTIMPL" | "INCOMPATIBLE_DESTINATION" => 488,
            "FACILITY_REJECTED" => 501,
            "DESTINATION_OUT_OF_ORDER" | "INVALID_PROFILE" => 502,
            "GATEWAY_DOWN"
            | "NETWORK_OUT_OF_ORDER"
            | "NORMAL_CIRCUIT_CONGESTION"
            | "NORMAL_TEMPORARY_FAILURE"
            | "REQUESTED_CHAN_UNAVAIL"
            | "SWITCH_CONGESTION" => 503,
            "RECOVERY_ON_TIMER_EXPIRE" => 504,
            "BUSY_EVERYWHERE" => 600,
            "CALL_REJECTED" | "DECLINE" => 603,
            "DOES_NOT_EXIST_ANYWHERE" => 604,
            "NOT_ACCEPTABLE" => 606,
            _ => 480,
        }
    }
}

impl fmt::Display for HangupCause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
