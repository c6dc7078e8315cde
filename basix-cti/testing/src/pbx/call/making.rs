//! New channels.

use super::super::super::record::{Entry, ModelChannel, ModelState, ModelTarget};
use super::super::{Pbx, PbxError};
use super::Callee;
use basix_cti::element::{Direction, GroupType, LastEvent, PeerLocation, TargetType, UserId};

impl Pbx {
    /// Offers a call from the public network to a user or a group: a channel of direction `inbound`
    /// with the event `NEW_CHANNEL`. No telephone rings yet.
    ///
    /// # Errors
    ///
    /// When there is no such user or group.
    pub fn offer(&mut self, from: &str, to: impl Into<Callee>) -> Result<String, PbxError> {
        let to = to.into();
        let (state, target) = self.calling(&to, "05031360000")?;
        let mut channel = self.new_channel(Direction::Inbound, PeerLocation::External, state);
        from.clone_into(&mut channel.calling_number);
        from.clone_into(&mut channel.calling_name);
        channel.called_number = match (&target, &to) {
            (Some(target), _) => target.address.clone(),
            (None, Callee::Number(number)) => number.clone(),
            (None, _) => String::new(),
        };
        if let Callee::Group(group) = to {
            channel.group_id = Some(group);
        }
        channel.target = target;
        Ok(self.add_channel(channel))
    }

    /// Dials from a user's own telephone: a channel of direction `inbound` from inside.
    ///
    /// # Errors
    ///
    /// When there is no such user or group.
    pub fn dial(&mut self, user: UserId, to: impl Into<Callee>) -> Result<String, PbxError> {
        let to = to.into();
        let (state, target) = self.calling(&to, "")?;
        let caller = self.user(user).ok_or(PbxError::NoUser(user))?.clone();
        let mut channel = self.new_channel(Direction::Inbound, PeerLocation::Internal, state);
        channel.calling_number = caller.main_extension;
        channel.calling_name = caller.label;
        channel.user_id = Some(user);
        channel.called_number = match to {
            Callee::Number(number) => number,
            Callee::User(callee) => {
                self.user(callee).map(|it| it.main_extension.clone()).unwrap_or_default()
            }
            Callee::Group(group) => {
                self.group(group).map(|it| it.main_extension.clone()).unwrap_or_default()
            }
        };
        channel.target = target;
        Ok(self.add_channel(channel))
    }

    /// Rings a user's telephone for a channel: a leg of direction `outbound` with the event
    /// `CHANNEL_ORIGINATE`.
    ///
    /// # Errors
    ///
    /// When there is no such channel or user.
    pub fn ring(&mut self, uuid: &str, user: UserId) -> Result<String, PbxError> {
        let called = self.user(user).ok_or(PbxError::NoUser(user))?.clone();
        let caller = self.living(uuid)?.clone();
        let state = ModelState::CallingUser(user);
        let mut leg = self.new_channel(Direction::Outbound, PeerLocation::Internal, state);
        leg.user_id = Some(user);
        leg.called_number = called.main_extension;
        leg.group_id = caller.group_id;
        Ok(self.add_leg(leg, &caller))
    }

    /// Calls a number of the public network for a channel.
    ///
    /// # Errors
    ///
    /// When there is no such channel.
    pub fn ring_out(&mut self, uuid: &str, number: &str) -> Result<String, PbxError> {
        let caller = self.living(uuid)?.clone();
        let state = ModelState::CallingPstn(number.to_owned());
        let mut leg = self.new_channel(Direction::Outbound, PeerLocation::External, state);
        number.clone_into(&mut leg.called_number);
        Ok(self.add_leg(leg, &caller))
    }

    /// Creates a leg to a user by an API call, which the leg's `origination` shows. The user's
    /// telephone shows `calling_number`.
    ///
    /// # Errors
    ///
    /// When there is no such user.
    pub fn originate(
        &mut self,
        user: UserId,
        calling_number: &str,
        origination: &[&str],
    ) -> Result<String, PbxError> {
        let called = self.user(user).ok_or(PbxError::NoUser(user))?.clone();
        let state = ModelState::CallingUser(user);
        let mut leg = self.new_channel(Direction::Outbound, PeerLocation::Internal, state);
        leg.user_id = Some(user);
        leg.called_number = called.main_extension;
        calling_number.clone_into(&mut leg.calling_number);
        leg.origination = origination.iter().map(|part| (*part).to_owned()).collect();
        Ok(self.add_channel(leg))
    }

    fn add_leg(&mut self, mut leg: ModelChannel, caller: &ModelChannel) -> String {
        leg.calling_number.clone_from(&caller.calling_number);
        leg.calling_name.clone_from(&caller.calling_name);
        leg.end_user.clone_from(&caller.end_user);
        leg.other_uuid = Some(caller.uuid.clone());
        leg.other_info = Some(caller.summary());
        self.add_channel(leg)
    }

    fn new_channel(
        &mut self,
        direction: Direction<'static>,
        peer_location: PeerLocation<'static>,
        state: ModelState,
    ) -> ModelChannel {
        let uuid = self.next_uuid();
        let inbound = direction == Direction::Inbound;
        ModelChannel {
            // For calls that the PBX makes the two are the same.
            call_id: if inbound { format!("{uuid}@sip.example.test") } else { uuid.clone() },
            uuid,
            direction,
            peer_location,
            calling_name: String::new(),
            calling_number: String::new(),
            called_number: String::new(),
            offer_timestamp: self.now,
            answer_timestamp: None,
            hangup_timestamp: None,
            other_uuid: None,
            user_id: None,
            state,
            state_since: self.now,
            group_id: None,
            target: None,
            origination: Vec::new(),
            end_user: String::new(),
            tags: Vec::new(),
            last_bridged_user_id: None,
            last_event: if inbound { LastEvent::NewChannel } else { LastEvent::ChannelOriginate },
            last_event_data: String::new(),
            other_info: None,
        }
    }

    fn add_channel(&mut self, channel: ModelChannel) -> String {
        let uuid = channel.uuid.clone();
        self.log.made(&channel);
        self.put(Entry::Channel(channel));
        uuid
    }

    /// The state and the target of a channel that calls this party.
    pub(super) fn calling(
        &self,
        to: &Callee,
        address: &str,
    ) -> Result<(ModelState, Option<ModelTarget>), PbxError> {
        let target = |target_type, id, name: &str| {
            let (name, address) = (name.to_owned(), address.to_owned());
            Some(ModelTarget { target_type, id, name, address })
        };
        Ok(match to {
            Callee::User(id) => {
                let user = self.user(*id).ok_or(PbxError::NoUser(*id))?;
                (ModelState::CallingUser(*id), target(TargetType::User, id.0, &user.name))
            }
            Callee::Group(id) => {
                let group = self.group(*id).ok_or(PbxError::NoGroup(*id))?;
                let ring = group.group_type == 0;
                let state = ModelState::CallingGroup {
                    group_type: if ring { GroupType::Ring } else { GroupType::Hunt },
                    group_id: *id,
                    queue_id: (ring && group.queue != 0).then_some(id.0 + 500_000),
                };
                (state, target(TargetType::Group, id.0, &group.name))
            }
            Callee::Number(number) => match self.extension(number) {
                Some(inside) => return self.calling(&inside, address),
                None => (ModelState::CallingPstn(number.clone()), None),
            },
        })
    }

    /// The user or group with this extension.
    pub(super) fn extension(&self, number: &str) -> Option<Callee> {
        let user = self.users().find(|user| user.main_extension == number);
        let group = || self.groups().find(|group| group.main_extension == number);
        user.map(|user| Callee::User(user.id)).or_else(|| group().map(|it| Callee::Group(it.id)))
    }
}
