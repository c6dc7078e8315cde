//! Endings of channels.

use std::borrow::Cow;
use std::sync::Arc;

use super::super::super::record::Entry;
use super::super::{Notice, Pbx, PbxError};
use basix_cti::ElementKind;
use basix_cti::element::{HangupMethod, HangupSide, LastEvent};

/// The ending of a channel: the data of its `CHANNEL_HANGUP`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ending {
    /// The side that ends it.
    pub side: HangupSide,
    /// The method.
    pub method: HangupMethod,
    /// The name of a FreeSWITCH hangup cause.
    pub cause: Cow<'static, str>,
}

impl Ending {
    /// `recv_cancel,ORIGINATOR_CANCEL`: the caller gives up.
    pub const CALLER_GIVES_UP: Self =
        Self::of(HangupSide::Peer, HangupMethod::Cancel, "ORIGINATOR_CANCEL");
    /// `send_cancel,ORIGINATOR_CANCEL`: the other side gave up, which is passed on.
    pub const PASSED_ON: Self =
        Self::of(HangupSide::Pbx, HangupMethod::Cancel, "ORIGINATOR_CANCEL");
    /// `send_cancel,LOSE_RACE`: another telephone that rang was answered.
    pub const LOSE_RACE: Self = Self::of(HangupSide::Pbx, HangupMethod::Cancel, "LOSE_RACE");
    /// `send_cancel,NO_ANSWER`: ringing time ran out.
    pub const RINGING_ENDS: Self = Self::of(HangupSide::Pbx, HangupMethod::Cancel, "NO_ANSWER");
    /// `send_cancel,PICKED_OFF`: somebody picked the ringing call up.
    pub const PICKED_OFF: Self = Self::of(HangupSide::Pbx, HangupMethod::Cancel, "PICKED_OFF");
    /// `recv_bye,NORMAL_CLEARING`: the peer hangs up.
    pub const PEER_HANGS_UP: Self =
        Self::of(HangupSide::Peer, HangupMethod::Bye, "NORMAL_CLEARING");
    /// `send_bye,NORMAL_CLEARING`: the PBX's side hangs up.
    pub const PBX_HANGS_UP: Self = Self::of(HangupSide::Pbx, HangupMethod::Bye, "NORMAL_CLEARING");
    /// `send_bye,ALLOTTED_TIMEOUT`: the longest time for a call is over.
    pub const TIME_IS_OVER: Self = Self::of(HangupSide::Pbx, HangupMethod::Bye, "ALLOTTED_TIMEOUT");
    /// `send_refuse,NO_ANSWER`: not answered in time, rejected towards the peer.
    pub const NOT_ANSWERED: Self = Self::of(HangupSide::Pbx, HangupMethod::Refuse, "NO_ANSWER");
    /// `recv_refuse,USER_BUSY`: the peer is busy.
    pub const PEER_IS_BUSY: Self = Self::of(HangupSide::Peer, HangupMethod::Refuse, "USER_BUSY");
    /// `recv_refuse,NO_USER_RESPONSE`: the peer's equipment does not respond.
    pub const NO_RESPONSE: Self =
        Self::of(HangupSide::Peer, HangupMethod::Refuse, "NO_USER_RESPONSE");

    const fn of(side: HangupSide, method: HangupMethod, cause: &'static str) -> Self {
        Self { side, method, cause: Cow::Borrowed(cause) }
    }

    /// Any other ending.
    #[must_use]
    pub fn new(side: HangupSide, method: HangupMethod, cause: &str) -> Self {
        Self { side, method, cause: Cow::Owned(cause.to_owned()) }
    }

    fn data(&self) -> String {
        let side = match self.side {
            HangupSide::Peer => "recv",
            HangupSide::Pbx => "send",
        };
        let method = match self.method {
            HangupMethod::Bye => "bye",
            HangupMethod::Cancel => "cancel",
            _ => "refuse",
        };
        format!("{side}_{method},{}", self.cause)
    }
}

/// The announcement of an ended channel. It is unknown whether a PBX sends `removed` after every
/// hangup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HangupNotice {
    /// One event `updated` with `CHANNEL_HANGUP`.
    #[default]
    Updated,
    /// One event `removed` with `CHANNEL_HANGUP`.
    Removed,
    /// Both, one after the other.
    Both,
    /// One of these, at random.
    Any,
}

impl Pbx {
    /// Ends a channel: the event `CHANNEL_HANGUP`. The channel it talks to ends too, and so do the
    /// legs that ring for it.
    ///
    /// # Errors
    ///
    /// When there is no such channel.
    pub fn hangup(&mut self, uuid: &str, ending: Ending) -> Result<(), PbxError> {
        self.living(uuid)?;
        let partner = self.partner(uuid).ok();
        let ringing = self.ringing_for(uuid);
        self.end(uuid, ending);
        for leg in ringing {
            self.end(&leg, Ending::PASSED_ON);
        }
        if let Some(partner) = partner {
            self.end(&partner, Ending::PBX_HANGS_UP);
        }
        Ok(())
    }

    /// Ends one channel; ignores one that is gone.
    pub(super) fn end(&mut self, uuid: &str, ending: Ending) {
        self.stop_waiting(uuid);
        let Some(before) = self.tables.remove(ElementKind::Channel, uuid) else { return };
        let Entry::Channel(channel) = &*before else { return };
        self.log.ended(self.now, uuid, &ending);
        let mut last = channel.clone();
        last.hangup_timestamp = Some(self.now);
        last.last_event = LastEvent::ChannelHangup;
        last.last_event_data = ending.data();
        let entry = Arc::new(Entry::Channel(last));
        let events: &[&str] = match self.hangup_notice {
            HangupNotice::Updated => &["updated"],
            HangupNotice::Removed => &["removed"],
            HangupNotice::Both => &["updated", "removed"],
            HangupNotice::Any => match self.random.below(3) {
                0 => &["updated"],
                1 => &["removed"],
                _ => &["updated", "removed"],
            },
        };
        for event in events {
            self.broadcast(Notice { entry: &entry, before: Some(&before), gone: true, event });
        }
    }
}
