//! The records as Erlang terms, in the forms of the recorded session: text mostly in binaries, now
//! and then as STRING or atom; words of the protocol as atoms, now and then as text; what is
//! missing as `undefined`.

use basix_cti::bert::{AtomForm, Encoder};

use super::channel::{self, CallTarget, Channel, OtherInfo, State, StateKind, Target};
use super::user::{self, User};
use crate::random::Random;

/// Writes the messages of one session: one form of atoms, one order of fields.
#[derive(Debug)]
pub(super) struct Writer {
    atoms: AtomForm,
    /// The places of the channel's fields in the usual order.
    order: Vec<usize>,
}

/// Writes one record. What form a value takes depends on the seed and the value's field, and not
/// on the form of atoms nor on the order of fields, so that all sessions hold the same values.
struct Values<'e> {
    out: &'e mut Encoder,
    forms: Random,
}

impl Writer {
    pub(super) fn new(atoms: AtomForm) -> Self {
        Self { atoms, order: (0..channel::FIELDS.len()).collect() }
    }

    pub(super) fn with_order(self, order: Vec<usize>) -> Self {
        Self { order, ..self }
    }

    fn encoder(&self) -> Encoder {
        Encoder::new().with_atoms(self.atoms)
    }

    /// The names of the fields of both elements.
    pub(super) fn field_specs(&self) -> Vec<Vec<u8>> {
        let channel: Vec<&str> =
            self.order.iter().filter_map(|at| channel::FIELDS.get(*at).copied()).collect();
        [("channel", channel.as_slice()), ("user", user::FIELDS)]
            .into_iter()
            .map(|(element, fields)| {
                let mut out = self.encoder();
                out.tuple(3).atom("field_spec").string(element).list(fields.len());
                for field in fields {
                    out.atom(field);
                }
                finish(&mut out)
            })
            .collect()
    }

    pub(super) fn event(&self, channel: &Channel, event: &str, seed: u64) -> Vec<u8> {
        let mut out = self.encoder();
        out.tuple(4).atom("info_event").string("channel");
        self.channel(&mut out, channel, seed);
        if Random::new(!seed).percent(20) {
            out.string(event);
        } else {
            out.atom(event);
        }
        finish(&mut out)
    }

    /// Channels, each with its seed.
    pub(super) fn channels(&self, channels: &[(Channel, u64)]) -> Vec<u8> {
        let mut out = self.encoder();
        out.tuple(3).atom("initial_info").string("channel").list(channels.len());
        for (channel, seed) in channels {
            self.channel(&mut out, channel, *seed);
        }
        finish(&mut out)
    }

    pub(super) fn users(&self, users: &[User]) -> Vec<u8> {
        let mut out = self.encoder();
        out.tuple(3).atom("initial_info").string("user").list(users.len());
        for user in users {
            let forms = Random::new(user.id as u64);
            Values { out: out.tuple(user::FIELDS.len()), forms }.user(user);
        }
        finish(&mut out)
    }

    fn channel(&self, out: &mut Encoder, channel: &Channel, seed: u64) {
        out.tuple(self.order.len());
        for field in &self.order {
            let forms = Random::new(seed.wrapping_mul(31).wrapping_add(*field as u64));
            Values { out, forms }.channel_field(*field, channel);
        }
    }
}

fn finish(out: &mut Encoder) -> Vec<u8> {
    out.finish().expect("the corpus is written in full")
}

impl Values<'_> {
    fn text(&mut self, text: &str) {
        match self.forms.below(100) {
            0..=6 if text.is_ascii() && !text.is_empty() => self.out.string(text),
            7 if text.is_ascii() && !text.is_empty() => self.out.atom(text),
            _ => self.out.binary(text),
        };
    }

    fn word(&mut self, word: &str) {
        match self.forms.below(100) {
            0..=1 => self.out.string(word),
            2..=3 => self.out.binary(word),
            _ => self.out.atom(word),
        };
    }

    fn micros(&mut self, micros: u64) {
        self.out.integer(micros as i64);
    }

    fn binary(&mut self, text: &str) {
        self.out.binary(text);
    }

    fn integer(&mut self, integer: i64) {
        self.out.integer(integer);
    }

    fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        match value {
            Some(value) => write(self, value),
            None => {
                self.out.atom("undefined");
            }
        }
    }

    fn channel_field(&mut self, field: usize, channel: &Channel) {
        match channel::FIELDS.get(field).copied().unwrap_or_default() {
            "uuid" => self.binary(&channel.uuid),
            "direction" => self.word(channel.direction),
            "peer_location" => self.word(channel.peer_location),
            "calling_name" => self.option(channel.calling_name.as_deref(), Self::text),
            "calling_number" => self.text(&channel.calling_number),
            "called_number" => self.text(&channel.called_number),
            "offer_timestamp" => self.micros(channel.offer_timestamp),
            "answer_timestamp" => self.option(channel.answer_timestamp, Self::micros),
            "hangup_timestamp" => self.option(channel.hangup_timestamp, Self::micros),
            "other_uuid" => self.option(channel.other_uuid.as_deref(), Self::binary),
            "user_id" => self.option(channel.user_id, Self::integer),
            "state" => self.option(channel.state.as_ref(), Self::state),
            "group_id" => self.option(channel.group_id, Self::integer),
            "target" => self.option(channel.target.as_ref(), Self::target),
            "origination" => self.option(channel.origination.as_deref(), Self::binary),
            "end_user" => self.option(channel.end_user.as_deref(), Self::binary),
            "tags" => self.option(channel.tags, Self::binary),
            "last_bridged_user_id" => self.option(channel.last_bridged_user_id, Self::integer),
            "last_event" => self.word(channel.last_event),
            "last_event_data" => self.option(channel.last_event_data, Self::binary),
            "other_info" => self.option(channel.other_info.as_ref(), Self::other_info),
            "call_id" => self.option(channel.call_id.as_deref(), Self::binary),
            field => panic!("the channel has no field {field}"),
        }
    }

    fn state(&mut self, state: &State) {
        let arity = match &state.kind {
            StateKind::Bridged | StateKind::XmlIvr => 2,
            StateKind::Ivr { .. }
            | StateKind::Conference { .. }
            | StateKind::CheckingVoicemail { .. }
            | StateKind::CallingSiptermination { .. }
            | StateKind::SystemOperation { .. } => 3,
            StateKind::Eavesdrop { .. } => 4,
            StateKind::Voicemail { .. } | StateKind::Calling { .. } => 5,
            StateKind::Park { .. } => 6,
        };
        self.out.tuple(arity);
        self.micros(state.ts);
        self.word(state.kind.name());
        match &state.kind {
            StateKind::Bridged | StateKind::XmlIvr => {}
            StateKind::Calling { target_location, target } => {
                self.word(target_location);
                self.call_target(target);
            }
            StateKind::Voicemail { target_type, target_id, target_name } => {
                self.word(target_type);
                self.integer(*target_id);
                self.text(target_name);
            }
            StateKind::CheckingVoicemail { target_name } => self.text(target_name),
            StateKind::CallingSiptermination { url } => self.binary(url),
            StateKind::Ivr { ivr_id } => self.integer(*ivr_id),
            StateKind::SystemOperation { operation } => self.word(operation),
            StateKind::Conference { room_id } => self.integer(*room_id),
            StateKind::Park { slot, parker_id, parker_name } => {
                self.integer(*slot);
                self.out.atom("undefined");
                self.integer(*parker_id);
                self.text(parker_name);
            }
            StateKind::Eavesdrop { uuid, eavesdrop_state } => {
                self.binary(uuid);
                self.word(eavesdrop_state);
            }
        }
    }

    fn call_target(&mut self, target: &CallTarget) {
        match target {
            CallTarget::User { user_id, name } => {
                self.word("user");
                self.out.tuple(2);
                self.integer(*user_id);
                self.text(name);
            }
            CallTarget::Group { group_type, group_id, name, queue_id } => {
                self.word("group");
                self.out.tuple(5);
                self.word(group_type);
                self.integer(*group_id);
                self.binary("g");
                self.option(*queue_id, Self::integer);
                self.text(name);
            }
            CallTarget::Pstn { number } => {
                self.word("pstn");
                self.out.tuple(2);
                self.text(number);
                self.out.atom("undefined");
            }
            CallTarget::BridgedEndpoint { user, host } => {
                self.word("bridged_endpoint");
                self.out.tuple(2);
                self.text(user);
                self.text(host);
            }
        }
    }

    fn target(&mut self, target: &Target) {
        self.out.tuple(4);
        self.word(target.kind);
        self.integer(target.id);
        self.text(&target.name);
        self.text(&target.address);
    }

    fn other_info(&mut self, other: &OtherInfo) {
        self.out.tuple(8);
        self.word(other.kind);
        match other.user_id {
            Some(user_id) => self.integer(user_id),
            None => self.option(other.end_user.as_deref(), Self::binary),
        }
        self.word(other.direction);
        self.word(other.peer_location);
        self.text(&other.address);
        self.option(other.offer_timestamp, Self::micros);
        self.option(other.group_id, Self::integer);
        self.option(other.whoscall, Self::word);
    }

    fn user(&mut self, user: &User) {
        self.integer(user.id);
        self.text(&user.name);
        self.integer(user.fwd_always_status);
        self.integer(user.do_not_disturb_status);
        self.integer(user.language);
        self.text(&user.main_extension);
        self.integer(user.presence);
        self.integer(user.role);
        self.integer(user.park_group);
        self.option(user.mwi_target, Self::integer);
        self.integer(user.flags);
        self.option(user.followme, Self::integer);
        self.binary(&user.email);
        self.option(user.avatar.as_deref(), Self::binary);
        self.binary(&user.label);
        self.binary(user.mwi);
    }
}
