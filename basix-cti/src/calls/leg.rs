//! One leg of a call: the states of its channel over time.

use std::collections::VecDeque;

use super::call::{HangupDetail, TransferTarget};
use crate::element::channel::{ringing_reference, shown};
use crate::element::{
    CallTarget, Channel, ChannelUuid, Direction, GroupId, HangupSide, PeerLocation, StateKind,
    TargetType, Timestamp, UserId,
};

/// Maximum bytes of a text that a leg keeps.
const MAX_TEXT: usize = 256;
/// Maximum number of stages that a leg keeps; the oldest are dropped.
const MAX_STAGES: usize = 128;

#[derive(Clone, Debug)]
pub(super) struct Leg {
    pub(super) uuid: Box<str>,
    /// The order of arrival.
    pub(super) number: u64,
    /// True if a supervisor listens through it.
    pub(super) is_helper: bool,
    pub(super) is_outbound: bool,
    pub(super) is_external: bool,
    pub(super) user_id: Option<UserId>,
    pub(super) group_id: Option<GroupId>,
    pub(super) target_group: Option<GroupId>,
    pub(super) calling_number: Box<str>,
    pub(super) called_number: Box<str>,
    pub(super) customer_id: Box<str>,
    pub(super) customer_name: Box<str>,
    pub(super) offered: Timestamp,
    pub(super) answered: Option<Timestamp>,
    /// Time when it ended, or was last seen.
    pub(super) ended: Option<Timestamp>,
    pub(super) hangup: Option<HangupDetail>,
    /// Time when it went out of sight.
    pub(super) lost: Option<Timestamp>,
    pub(super) stages: VecDeque<Stage>,
}

/// A stage of a leg, and its start.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    pub(super) since: Timestamp,
    pub(super) doing: Doing,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Doing {
    Bridged(Option<Box<str>>),
    Parked { slot: Option<i64>, parker: Option<UserId> },
    Calling(TransferTarget),
    Voicemail,
    Ivr,
    Other,
}

impl Leg {
    pub(super) fn new(now: Timestamp, number: u64, channel: &Channel<'_>) -> Self {
        let mut leg = Self {
            uuid: channel.uuid().to_str().into(),
            number,
            is_helper: false,
            is_outbound: false,
            is_external: false,
            user_id: None,
            group_id: None,
            target_group: None,
            calling_number: Box::default(),
            called_number: Box::default(),
            customer_id: Box::default(),
            customer_name: Box::default(),
            offered: channel.offer_timestamp().unwrap_or(now),
            answered: None,
            ended: None,
            hangup: None,
            lost: None,
            stages: VecDeque::new(),
        };
        leg.update(now, channel);
        leg
    }

    /// Updates the leg from its channel. Facts that the channel no longer shows stay.
    pub(super) fn update(&mut self, now: Timestamp, channel: &Channel<'_>) {
        self.lost = None;
        self.ended = None;
        self.is_helper |= channel.calling_number() == *"media_plug";
        self.is_outbound = channel.direction() == Some(Direction::Outbound);
        self.is_external = channel.peer_location() == Some(PeerLocation::External);
        self.user_id = channel.user_id().or(self.user_id);
        self.group_id = channel.group_id().or(self.group_id);
        self.answered =
            channel.answer_timestamp().filter(|it| it.as_micros() > 0).or(self.answered);
        set(&mut self.calling_number, shown(channel.calling_number()).unwrap_or_default());
        let target = channel.target();
        let address = target.map(|target| target.address).filter(|address| !address.is_empty());
        let called = address.or_else(|| shown(channel.called_number())).unwrap_or_default();
        set(&mut self.called_number, called);
        if let Some(target) = target.filter(|it| it.target_type == Some(TargetType::Group)) {
            self.target_group = target.id.map(GroupId).or(self.target_group);
        }
        if let Some(customer) = channel.end_user().and_then(|users| users.iter().next()) {
            for (kept, part) in
                [(&mut self.customer_id, customer.id), (&mut self.customer_name, customer.name)]
            {
                if let Some(part) = part.filter(|part| !part.is_empty()) {
                    *kept = cut(&part).into();
                }
            }
        }
        self.enter(now, channel);
        if channel.has_ended() {
            self.end(now, channel);
        }
    }

    fn enter(&mut self, now: Timestamp, channel: &Channel<'_>) {
        let Some(state) = channel.state() else { return };
        let doing = doing(&state.kind, channel.other_uuid());
        let since = state.since.unwrap_or(now);
        if let Some(last) = self.stages.back_mut() {
            if last.doing == doing {
                return;
            }
            if let (Doing::Bridged(was), Doing::Bridged(is)) = (&mut last.doing, &doing) {
                // The partner leaves first, the state follows.
                if is.is_none() {
                    return;
                }
                if was.is_none() || last.since == since {
                    was.clone_from(is);
                    return;
                }
            }
        }
        if self.stages.len() >= MAX_STAGES {
            self.stages.pop_front();
        }
        self.stages.push_back(Stage { since, doing });
    }

    /// Ends the leg; `channel` is the last state seen.
    pub(super) fn end(&mut self, now: Timestamp, channel: &Channel<'_>) {
        self.ended =
            Some(channel.hangup_timestamp().filter(|it| it.as_micros() > 0).unwrap_or(now));
        if let Some(hangup) = channel.hangup() {
            let cause = hangup.cause.map(|cause| cut(cause.as_str()).to_owned());
            self.hangup = Some(HangupDetail {
                by_peer: hangup.side.map(|side| side == HangupSide::Peer),
                cause: cause.unwrap_or_else(|| cut(&hangup.text.to_str()).to_owned()),
            });
        }
    }

    /// Returns the legs and references that a channel names as its other side.
    pub(super) fn links(channel: &Channel<'_>) -> impl Iterator<Item = String> {
        let called = channel.called_number().to_str().into_owned();
        // A web phone picks a call up by calling its uuid, or the reference of the leg that rang.
        let picked = called.strip_prefix("pickup_uuid.").map(str::to_owned);
        let assimilated = called.strip_prefix("assimilate.").map(reference);
        let ringing = ringing_reference(&called).filter(|it| !it.is_empty()).map(reference);
        let other = channel.other_uuid().filter(|it| !it.is_empty()).map(|it| it.to_str().into());
        [other, picked, assimilated, ringing].into_iter().flatten()
    }

    /// Returns the channel that a supervisor listens to through this one.
    pub(super) fn listens_to(channel: &Channel<'_>) -> Option<String> {
        match channel.state()?.kind {
            StateKind::Eavesdrop { uuid, .. } => Some(uuid.to_str().into_owned()),
            _ => None,
        }
    }

    /// Returns whether the leg has ended.
    pub(super) const fn is_over(&self) -> bool {
        self.ended.is_some()
    }

    /// Returns the stages with their ends.
    pub(super) fn spans(&self) -> impl Iterator<Item = (Timestamp, Option<Timestamp>, &Doing)> {
        let ends = self.stages.iter().skip(1).map(|stage| Some(stage.since)).chain([self.ended]);
        self.stages.iter().zip(ends).map(|(stage, end)| (stage.since, end, &stage.doing))
    }

    /// Returns the approximate memory of the leg.
    pub(super) fn bytes(&self) -> usize {
        let texts = [
            &self.uuid,
            &self.calling_number,
            &self.called_number,
            &self.customer_id,
            &self.customer_name,
        ];
        let stage = |stage: &Stage| match &stage.doing {
            Doing::Bridged(Some(text)) => text.len(),
            Doing::Calling(TransferTarget::Number(text)) => text.len(),
            _ => 0,
        };
        size_of::<Self>()
            + texts.map(|text| text.len()).iter().sum::<usize>()
            + self.stages.len() * size_of::<Stage>()
            + self.stages.iter().map(stage).sum::<usize>()
    }
}

fn doing(state: &StateKind<'_>, other: Option<ChannelUuid<'_>>) -> Doing {
    match state {
        StateKind::Bridged => Doing::Bridged(other.map(|it| cut(&it.to_str()).into())),
        StateKind::Park { slot, parker_id, .. } => {
            Doing::Parked { slot: *slot, parker: *parker_id }
        }
        StateKind::Voicemail { .. } => Doing::Voicemail,
        StateKind::Ivr { .. } | StateKind::XmlIvr => Doing::Ivr,
        StateKind::Calling(calling) => Doing::Calling(match &calling.target {
            CallTarget::User { user_id: Some(user) } => TransferTarget::User(*user),
            CallTarget::Group { group_id: Some(group), .. } => TransferTarget::Group(*group),
            target => TransferTarget::Number(
                target.address().map(|address| cut(&address).to_owned()).unwrap_or_default(),
            ),
        }),
        _ => Doing::Other,
    }
}

/// Returns the key of a reference, distinct from every uuid.
fn reference(reference: &str) -> String {
    format!("\0{reference}")
}

/// Returns whether a link is a reference, and not the uuid of a leg.
pub(super) fn is_reference(link: &str) -> bool {
    link.starts_with('\0')
}

/// Replaces a kept text unless the new one is empty.
fn set(kept: &mut Box<str>, text: crate::bert::Text<'_>) {
    if !text.is_empty() && text != **kept {
        *kept = cut(&text.to_str()).into();
    }
}

/// Returns the first `MAX_TEXT` bytes of a text, cut between characters.
pub(super) fn cut(text: &str) -> &str {
    let mut end = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}
