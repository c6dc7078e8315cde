//! A PBX whose channels tests create and change.

use std::time::Duration;

use basix_cti::bert::Encoder;
use basix_cti::calls::{Call, CallsOptions};
use basix_cti::store::Origin;
use basix_cti::{Calls, Parser, Store, Timestamp};

/// A second on the PBX's clock.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

pub(crate) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A channel of a test.
#[derive(Clone)]
pub(crate) struct Leg {
    pub(crate) uuid: &'static str,
    pub(crate) outbound: bool,
    pub(crate) external: bool,
    pub(crate) calling: &'static str,
    pub(crate) called: &'static str,
    pub(crate) offered: i64,
    pub(crate) other: &'static str,
    pub(crate) user: i64,
    pub(crate) group: i64,
    pub(crate) state: State,
    pub(crate) since: i64,
    pub(crate) hangup: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum State {
    User(i64),
    Group(i64),
    Number(&'static str),
    Bridged,
    Ringing,
    Park(i64, i64),
    Voicemail,
    Ivr,
    Eavesdrop(&'static str),
}

use State::{Bridged, Eavesdrop, Group, Ivr, Number, Park, Ringing, User, Voicemail};

const FIELDS: [&str; 14] = [
    "uuid",
    "direction",
    "peer_location",
    "calling_number",
    "called_number",
    "offer_timestamp",
    "other_uuid",
    "user_id",
    "group_id",
    "state",
    "last_event",
    "last_event_data",
    "hangup_timestamp",
    "target",
];

/// A PBX, a mirror of it, and the calls.
pub(crate) struct Story {
    pub(crate) now: i64,
    parser: Parser,
    store: Store,
    pub(crate) calls: Calls,
    pub(crate) legs: Vec<Leg>,
}

impl Story {
    pub(crate) fn new() -> Self {
        Self::with_options(CallsOptions::default())
    }

    pub(crate) fn with_options(options: CallsOptions) -> Self {
        let calls = Calls::with_options(options);
        let (parser, store) = (Parser::new(), Store::new());
        let mut story = Self { now: 100, parser, store, calls, legs: Vec::new() };
        story.announce();
        story
    }

    pub(crate) fn announce(&mut self) {
        let mut spec = Encoder::new();
        spec.tuple(3).atom("field_spec").string("channel").list(FIELDS.len());
        for name in FIELDS {
            spec.atom(name);
        }
        self.take(spec.finish().unwrap());
    }

    pub(crate) fn take(&mut self, frame: Vec<u8>) {
        let message = self.parser.parse(&frame).unwrap();
        for change in self.store.apply(&message).unwrap() {
            self.calls.handle_change(at(self.now), &change);
        }
    }

    /// Adds a leg.
    pub(crate) fn leg(
        &mut self,
        uuid: &'static str,
        from: &'static str,
        to: &'static str,
        state: State,
    ) {
        let user = if let User(user) = state { user } else { 0 };
        self.legs.push(Leg {
            uuid,
            outbound: false,
            external: false,
            calling: from,
            called: to,
            offered: self.now,
            other: "",
            user,
            group: 0,
            state,
            since: self.now,
            hangup: "",
        });
    }

    /// Adds a call from outside to a group.
    pub(crate) fn offer(&mut self, uuid: &'static str, from: &'static str, group: i64) {
        self.leg(uuid, from, "0503136", Group(group));
        self.change(uuid, |leg| (leg.external, leg.group) = (true, group));
        self.send(uuid, "added");
    }

    /// Rings a user's telephone for another leg.
    pub(crate) fn ring(&mut self, uuid: &'static str, caller: &'static str, user: i64) {
        self.leg(uuid, "", "", User(user));
        self.change(uuid, |leg| (leg.outbound, leg.other) = (true, caller));
        self.send(uuid, "added");
    }

    /// Calls an outside number for another leg.
    pub(crate) fn ring_out(
        &mut self,
        uuid: &'static str,
        caller: &'static str,
        number: &'static str,
    ) {
        self.leg(uuid, "", number, Number(number));
        self.change(uuid, |leg| (leg.outbound, leg.external, leg.other) = (true, true, caller));
        self.send(uuid, "added");
    }

    /// Adds a call of a user.
    pub(crate) fn dial(&mut self, uuid: &'static str, user: i64, state: State) {
        self.leg(uuid, "1001", "1002", state);
        self.change(uuid, |leg| leg.user = user);
        self.send(uuid, "added");
    }

    pub(crate) fn change(&mut self, uuid: &str, change: impl FnOnce(&mut Leg)) {
        change(self.legs.iter_mut().find(|leg| leg.uuid == uuid).unwrap());
    }

    pub(crate) fn enter(&mut self, uuid: &str, state: State) {
        let now = self.now;
        self.change(uuid, |leg| (leg.state, leg.since) = (state, now));
        self.send(uuid, "updated");
    }

    pub(crate) fn bridge(&mut self, one: &'static str, other: &'static str) {
        for (uuid, partner) in [(one, other), (other, one)] {
            self.change(uuid, |leg| leg.other = partner);
            self.enter(uuid, Bridged);
        }
    }

    pub(crate) fn end(&mut self, uuid: &str, how: &'static str) {
        self.change(uuid, |leg| leg.hangup = how);
        self.send(uuid, "updated");
        self.legs.retain(|leg| leg.uuid != uuid);
    }

    pub(crate) fn send(&mut self, uuid: &str, event: &str) {
        let leg = self.legs.iter().find(|leg| leg.uuid == uuid).unwrap().clone();
        let mut encoder = Encoder::new();
        encoder.tuple(4).atom("info_event").string("channel");
        encode(&mut encoder, &leg, self.now);
        self.take(encoder.atom(event).finish().unwrap());
    }

    /// Loses the connection, and lists the present channels on another.
    pub(crate) fn disconnect(&mut self) {
        for change in self.store.disconnect() {
            assert_eq!(change.origin(), Origin::Disconnect);
            self.calls.handle_change(at(self.now), &change);
        }
    }

    pub(crate) fn reconnect(&mut self) {
        self.parser.reconnected();
        self.announce();
        let mut encoder = Encoder::new();
        encoder.tuple(3).atom("initial_info").string("channel").list(self.legs.len());
        for leg in &self.legs {
            encode(&mut encoder, leg, self.now);
        }
        self.take(encoder.finish().unwrap());
        self.calls.handle_resynced(at(self.now));
    }

    /// Lets calls settle and returns their records.
    pub(crate) fn records(&mut self) -> Vec<Call> {
        self.now += 2;
        self.calls.handle_timeout(at(self.now));
        let mut records = Vec::new();
        while let Some(call) = self.calls.poll_call() {
            records.push(call);
        }
        records
    }

    #[track_caller]
    pub(crate) fn record(&mut self) -> Call {
        let mut records = self.records();
        assert_eq!(records.len(), 1, "{records:#?}");
        records.remove(0)
    }
}

fn encode(encoder: &mut Encoder, leg: &Leg, now: i64) {
    let micros = 1_000_000;
    encoder.tuple(FIELDS.len());
    encoder.binary(leg.uuid);
    encoder.atom(if leg.outbound { "outbound" } else { "inbound" });
    encoder.atom(if leg.external { "external" } else { "internal" });
    encoder.binary(leg.calling).binary(leg.called).integer(leg.offered * micros);
    optional(encoder, leg.other);
    for id in [leg.user, leg.group] {
        if id == 0 {
            encoder.atom("undefined")
        } else {
            encoder.integer(id)
        };
    }
    state(encoder, leg.state, leg.since * micros);
    if leg.hangup.is_empty() {
        encoder.atom("STATE_CHANGE").atom("undefined").atom("undefined");
    } else {
        encoder.atom("CHANNEL_HANGUP").binary(leg.hangup).integer(now * micros);
    }
    match (leg.external && !leg.outbound, leg.group) {
        (true, group @ 1..) => {
            encoder.tuple(4).atom("group").integer(group).binary("sales").binary(leg.called)
        }
        _ => encoder.atom("undefined"),
    };
}

fn optional(encoder: &mut Encoder, text: &str) {
    if text.is_empty() {
        encoder.atom("undefined")
    } else {
        encoder.binary(text)
    };
}

fn state(encoder: &mut Encoder, state: State, since: i64) {
    let mut named = |parts: usize, name: &str| {
        encoder.tuple(parts).integer(since).atom(name);
    };
    match state {
        Bridged => named(2, "bridged"),
        Ringing => named(2, "ringing"),
        User(user) => {
            named(5, "calling");
            encoder.atom("int").atom("user").tuple(1).integer(user);
        }
        Group(group) => {
            named(5, "calling");
            encoder.atom("int").atom("group").tuple(2).atom("ring").integer(group);
        }
        Number(number) => {
            named(5, "calling");
            encoder.atom("ext").atom("pstn").tuple(1).binary(number);
        }
        Park(slot, parker) => {
            named(6, "park");
            encoder.integer(slot).binary("phone").integer(parker).binary("anna");
        }
        Voicemail => {
            named(5, "voicemail");
            encoder.atom("user").integer(7).binary("anna");
        }
        Ivr => {
            named(3, "ivr");
            encoder.integer(3);
        }
        Eavesdrop(uuid) => {
            named(4, "eavesdrop");
            encoder.binary(uuid).binary("listen");
        }
    }
}

pub(crate) const GIVES_UP: &str = "recv_cancel,ORIGINATOR_CANCEL";
pub(crate) const HANGS_UP: &str = "recv_bye,NORMAL_CLEARING";
pub(crate) const PBX_HANGS_UP: &str = "send_bye,NORMAL_CLEARING";
pub(crate) const LOSES: &str = "send_cancel,LOSE_RACE";
pub(crate) const BUSY: &str = "recv_refuse,USER_BUSY";
