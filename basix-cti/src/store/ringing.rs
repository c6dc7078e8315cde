//! Calls that ring at users' web phones.

use std::borrow::Cow;

use super::Store;
use crate::element::UserId;
use crate::element::channel::{Channel, Direction, StateKind, ringing_reference};

/// A leg that rings at a user's web phone. The phone takes the call with a SIP call of its own to
/// [`take`](Self::take), and refuses it by hanging up this leg.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RingingLeg<'a> {
    channel: Channel<'a>,
    user_id: UserId,
}

impl<'a> RingingLeg<'a> {
    fn of(channel: Channel<'a>) -> Option<Self> {
        let user_id = channel.user_id()?;
        let is_ringing = channel.direction() == Some(Direction::Outbound)
            && channel.state().is_some_and(|state| state.kind == StateKind::Ringing)
            && ringing_reference(&channel.called_number().to_str()).is_some();
        is_ringing.then_some(Self { channel, user_id })
    }

    /// The leg.
    #[must_use]
    pub const fn channel(&self) -> &Channel<'a> {
        &self.channel
    }

    /// The user whose phone rings.
    #[must_use]
    pub const fn user_id(&self) -> UserId {
        self.user_id
    }

    /// The destination that the phone calls to take the call; `None` if it cannot be taken.
    #[must_use]
    pub fn take(&self) -> Option<String> {
        if let Some(other) = self.channel.other_uuid() {
            return Some(format!("pickup_uuid.{other}"));
        }
        let called: Cow<'_, str> = self.channel.called_number().to_str();
        let reference = ringing_reference(&called).filter(|reference| !reference.is_empty())?;
        Some(format!("assimilate.{reference}"))
    }

    /// Returns true if the phone answers the call automatically.
    #[must_use]
    pub fn is_auto_answer(&self) -> bool {
        self.channel.tags().contains("auto_answer")
    }
}

impl Store {
    /// The legs that ring at users' web phones.
    pub fn ringing(&self) -> impl Iterator<Item = RingingLeg<'_>> {
        self.channels().filter_map(RingingLeg::of)
    }
}
