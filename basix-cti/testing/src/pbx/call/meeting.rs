//! Answers and bridges.

use super::super::super::record::ModelState;
use super::super::{Pbx, PbxError};
use super::Ending;
use basix_cti::element::LastEvent;

impl Pbx {
    /// Answers a channel, with the event `CHANNEL_ANSWER`.
    ///
    /// # Errors
    ///
    /// When there is no such channel.
    pub fn answer(&mut self, uuid: &str) -> Result<(), PbxError> {
        let now = self.now;
        self.update_channel(uuid, LastEvent::ChannelAnswer, |channel| {
            channel.answer_timestamp.get_or_insert(now);
        })
    }

    /// Connects two channels, which are answered if they were not: the event `CHANNEL_BRIDGE`. Both
    /// leave queues and slots.
    ///
    /// # Errors
    ///
    /// When there is no such channel.
    pub fn bridge(&mut self, one: &str, other: &str) -> Result<(), PbxError> {
        let summaries = [self.living(one)?.summary(), self.living(other)?.summary()];
        let users = [self.living(one)?.user_id, self.living(other)?.user_id];
        for uuid in [one, other] {
            self.stop_waiting(uuid);
            if !self.living(uuid)?.is_answered() {
                self.answer(uuid)?;
            }
        }
        let now = self.now;
        self.log.bridged(now, one, other);
        let [one_summary, other_summary] = summaries;
        let [one_user, other_user] = users;
        let ways = [(one, other, other_summary, other_user), (other, one, one_summary, one_user)];
        for (uuid, partner, summary, user) in ways {
            self.update_channel(uuid, LastEvent::ChannelBridge, |channel| {
                channel.enter(ModelState::Bridged, now);
                channel.other_uuid = Some(partner.to_owned());
                channel.other_info = Some(summary);
                if user.is_some() && channel.user_id.is_none() {
                    channel.last_bridged_user_id = user;
                }
            })?;
        }
        Ok(())
    }

    /// Answers a ringing leg: the leg is connected to the channel it was made for, and the other
    /// legs that ring for that channel lose the race.
    ///
    /// # Errors
    ///
    /// When there is no such leg, or the channel it was made for is gone.
    pub fn pick_up(&mut self, leg: &str) -> Result<(), PbxError> {
        let gone = || PbxError::NoChannel(format!("beside {leg}"));
        let caller = self.living(leg)?.other_uuid.clone().ok_or_else(gone)?;
        self.living(&caller)?;
        self.answer(leg)?;
        for loser in self.ringing_for(&caller) {
            if loser != leg {
                self.end(&loser, Ending::LOSE_RACE);
            }
        }
        self.bridge(&caller, leg)
    }

    /// Starts listening to a channel through a leg.
    ///
    /// # Errors
    ///
    /// When there is no such leg or channel.
    pub fn eavesdrop(&mut self, leg: &str, uuid: &str, mode: &str) -> Result<(), PbxError> {
        self.living(uuid)?;
        self.living(leg)?;
        self.log.listens(leg, uuid);
        let state =
            ModelState::Eavesdrop { uuid: uuid.to_owned(), eavesdrop_state: mode.to_owned() };
        self.set_state(leg, state)
    }

    /// The legs that ring for a channel.
    #[must_use]
    pub fn ringing_for(&self, uuid: &str) -> Vec<String> {
        let legs = self.channels().filter(|leg| {
            !leg.is_answered()
                && leg.direction == basix_cti::element::Direction::Outbound
                && leg.other_uuid.as_deref() == Some(uuid)
        });
        legs.map(|leg| leg.uuid.clone()).collect()
    }
}
