//! The log of calls as the model made them, for tests to compare with.

use std::collections::BTreeMap;

use super::super::Pbx;
use super::{Callee, Ending};
use crate::record::ModelChannel;
use basix_cti::Timestamp;
use basix_cti::element::{Direction, PeerLocation, UserId};

/// A call as the model made it, independent of the messages to clients.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct LoggedCall {
    /// The legs, in the order in which they were made.
    pub legs: Vec<LoggedLeg>,
    /// The connected parties, and when.
    pub bridges: Vec<LoggedBridge>,
    /// The times on parking slots.
    pub parks: Vec<LoggedPark>,
    /// The transfers of connected legs.
    pub transfers: Vec<LoggedTransfer>,
    /// Times when legs reached a mailbox.
    pub voicemails: Vec<Timestamp>,
    /// True if a leg was in an IVR.
    pub visited_ivr: bool,
}

/// A leg of a [`LoggedCall`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoggedLeg {
    /// The channel as it was made.
    pub channel: ModelChannel,
    /// Its place among all legs of the PBX.
    pub number: usize,
    /// Time and ending.
    pub ended: Option<(Timestamp, Ending)>,
}

/// A time in which a leg was connected to another.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoggedBridge {
    /// The leg.
    pub leg: String,
    /// The leg it was connected to.
    pub partner: String,
    /// Start.
    pub from: Timestamp,
    /// End.
    pub to: Option<Timestamp>,
}

/// A time on a parking slot.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoggedPark {
    /// The leg.
    pub leg: String,
    /// The slot.
    pub slot: i64,
    /// The user who parked it.
    pub parker: Option<UserId>,
    /// Start.
    pub from: Timestamp,
    /// End.
    pub to: Option<Timestamp>,
    /// The user who retrieved it.
    pub retrieved_by: Option<UserId>,
}

/// A transfer of a connected leg.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoggedTransfer {
    /// The leg that stays.
    pub leg: String,
    /// Time of the transfer.
    pub at: Timestamp,
    /// The user who left.
    pub from: Option<UserId>,
    /// The party called instead.
    pub to: Callee,
}

impl LoggedLeg {
    /// Returns whether a supervisor listens through it.
    #[must_use]
    pub fn is_helper(&self) -> bool {
        self.channel.calling_number == "media_plug"
    }

    /// Returns whether the PBX made it.
    #[must_use]
    pub fn is_outbound(&self) -> bool {
        self.channel.direction == Direction::Outbound
    }

    /// Returns whether its peer is on the public network.
    #[must_use]
    pub fn is_external(&self) -> bool {
        self.channel.peer_location == PeerLocation::External
    }
}

/// Calls that are remembered.
const REMEMBERED: usize = 10_000;

/// The log of a PBX.
#[derive(Clone, Debug, Default)]
pub(in crate::pbx) struct CallLog {
    calls: BTreeMap<usize, LoggedCall>,
    of_leg: BTreeMap<String, usize>,
    made: usize,
}

impl CallLog {
    /// Logs a new channel, made for another one or by itself.
    pub(in crate::pbx) fn made(&mut self, channel: &ModelChannel) {
        self.made += 1;
        let number = self.made;
        let caller = channel.other_uuid.as_ref().and_then(|other| self.of_leg.get(other));
        let call = caller.copied().unwrap_or(number);
        self.of_leg.insert(channel.uuid.clone(), call);
        let leg = LoggedLeg { channel: channel.clone(), number, ended: None };
        self.calls.entry(call).or_default().legs.push(leg);
        if self.calls.len() > REMEMBERED {
            if let Some((_, call)) = self.calls.pop_first() {
                call.legs.iter().for_each(|leg| {
                    self.of_leg.remove(&leg.channel.uuid);
                });
            }
        }
    }

    fn call(&mut self, leg: &str) -> Option<&mut LoggedCall> {
        self.calls.get_mut(self.of_leg.get(leg)?)
    }

    /// The call of a leg that no supervisor listens through.
    fn party(&mut self, leg: &str) -> Option<&mut LoggedCall> {
        let is_party = |it: &LoggedLeg| it.channel.uuid == leg && !it.is_helper();
        self.call(leg).filter(|call| call.legs.iter().any(is_party))
    }

    fn leg(&self, uuid: &str) -> Option<&LoggedLeg> {
        self.calls.get(self.of_leg.get(uuid)?)?.legs.iter().find(|leg| leg.channel.uuid == uuid)
    }

    fn user(&self, leg: &str) -> Option<UserId> {
        let leg = self.leg(leg)?;
        leg.channel.user_id.filter(|_| !leg.is_helper())
    }

    /// Logs a bridge of two legs, whose calls become one.
    pub(in crate::pbx) fn bridged(&mut self, now: Timestamp, one: &str, other: &str) {
        for (leg, partner) in [(one, other), (other, one)] {
            let user = self.user(partner);
            self.left(now, leg, user);
        }
        let (Some(&a), Some(&b)) = (self.of_leg.get(one), self.of_leg.get(other)) else { return };
        // A supervisor's leg joins no calls.
        let is_helper = |call: &LoggedCall, leg: &str| {
            call.legs.iter().any(|it| it.channel.uuid == leg && it.is_helper())
        };
        let has_helper = [(a, one), (b, other)]
            .into_iter()
            .any(|(call, leg)| self.calls.get(&call).is_some_and(|call| is_helper(call, leg)));
        if a != b && !has_helper {
            let joined = self.calls.remove(&a.max(b)).unwrap_or_default();
            for leg in &joined.legs {
                self.of_leg.insert(leg.channel.uuid.clone(), a.min(b));
            }
            let kept = self.calls.entry(a.min(b)).or_default();
            kept.legs.extend(joined.legs);
            kept.legs.sort_by_key(|leg| leg.number);
            kept.bridges.extend(joined.bridges);
            kept.parks.extend(joined.parks);
            kept.transfers.extend(joined.transfers);
            kept.voicemails.extend(joined.voicemails);
            kept.visited_ivr |= joined.visited_ivr;
        }
        for (leg, partner) in [(one, other), (other, one)] {
            if let Some(call) = self.call(leg) {
                let (leg, partner) = (leg.to_owned(), partner.to_owned());
                call.bridges.push(LoggedBridge { leg, partner, from: now, to: None });
            }
        }
    }

    /// Logs that a leg left its bridge or slot.
    pub(in crate::pbx) fn left(&mut self, now: Timestamp, leg: &str, retriever: Option<UserId>) {
        let Some(call) = self.call(leg) else { return };
        for bridge in call.bridges.iter_mut().filter(|it| it.leg == leg && it.to.is_none()) {
            bridge.to = Some(now);
        }
        for park in call.parks.iter_mut().filter(|it| it.leg == leg && it.to.is_none()) {
            (park.to, park.retrieved_by) = (Some(now), retriever);
        }
    }

    pub(in crate::pbx) fn parked(
        &mut self,
        now: Timestamp,
        leg: &str,
        slot: i64,
        parker: Option<UserId>,
    ) {
        self.left(now, leg, None);
        let Some(call) = self.call(leg) else { return };
        let leg = leg.to_owned();
        call.parks.push(LoggedPark { leg, slot, parker, from: now, to: None, retrieved_by: None });
    }

    pub(in crate::pbx) fn transferred(&mut self, now: Timestamp, leg: &str, to: &Callee) {
        let Some(call) = self.call(leg) else { return };
        let open = call.bridges.iter().find(|it| it.leg == leg && it.to.is_none());
        if let Some(partner) = open.map(|bridge| bridge.partner.clone()) {
            let from = self.user(&partner);
            let transfer = LoggedTransfer { leg: leg.to_owned(), at: now, from, to: to.clone() };
            self.call(leg).into_iter().for_each(|call| call.transfers.push(transfer.clone()));
        }
        self.left(now, leg, None);
    }

    /// Two legs will be connected that talk to one user: the older one is transferred to the other.
    pub(in crate::pbx) fn transferred_attended(&mut self, now: Timestamp, one: &str, other: &str) {
        let mut legs: Vec<_> = [one, other].into_iter().filter_map(|uuid| self.leg(uuid)).collect();
        legs.sort_by_key(|leg| leg.number);
        let [leg, to] = &*legs else { return };
        let number =
            if to.is_outbound() { &to.channel.called_number } else { &to.channel.calling_number };
        let to = match to.channel.user_id {
            Some(user) => Callee::User(user),
            None => Callee::Number(number.clone()),
        };
        let leg = leg.channel.uuid.clone();
        self.transferred(now, &leg, &to);
    }

    pub(in crate::pbx) fn voicemail(&mut self, now: Timestamp, leg: &str) {
        self.party(leg).into_iter().for_each(|call| call.voicemails.push(now));
    }

    pub(in crate::pbx) fn ivr(&mut self, leg: &str) {
        self.party(leg).into_iter().for_each(|call| call.visited_ivr = true);
    }

    /// Logs a supervisor's leg, which joins the call that it listens to.
    pub(in crate::pbx) fn listens(&mut self, leg: &str, to: &str) {
        let (Some(&from), Some(&to)) = (self.of_leg.get(leg), self.of_leg.get(to)) else { return };
        let Some(call) = self.calls.get_mut(&from).filter(|_| from != to) else { return };
        let Some(at) = call.legs.iter().position(|it| it.channel.uuid == leg && it.is_helper())
        else {
            return;
        };
        let moved = call.legs.remove(at);
        if call.legs.is_empty() {
            self.calls.remove(&from);
        }
        self.of_leg.insert(leg.to_owned(), to);
        let call = self.calls.entry(to).or_default();
        call.legs.push(moved);
        call.legs.sort_by_key(|leg| leg.number);
    }

    pub(in crate::pbx) fn ended(&mut self, now: Timestamp, leg: &str, ending: &Ending) {
        self.left(now, leg, None);
        let call = self.call(leg);
        let legs = call.into_iter().flat_map(|call| &mut call.legs);
        legs.filter(|it| it.channel.uuid == leg)
            .for_each(|leg| leg.ended = Some((now, ending.clone())));
    }
}

impl Pbx {
    /// The last 10,000 calls as the model made them, by start.
    pub fn call_log(&self) -> impl Iterator<Item = &LoggedCall> {
        self.log.calls.values()
    }
}
