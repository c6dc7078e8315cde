//! `basix-cti`: typed messages and generic terms.

use std::hint::black_box;

use basix_cti::bert::{Term, Text, Token, decode_cti};
use basix_cti::element::{CallTarget, StateKind};
use basix_cti::message::{InfoEvent, InitialInfo};
use basix_cti::{Channel, Element, Message, Parser, User};

use super::{Contenders, Each, Input, Whole, keep, some};
use crate::corpus::{Corpus, Session, Summary};
use crate::measure::Contender;

pub(super) fn events<'c>(corpus: &'c Corpus, all: &mut Contenders<'c>) {
    let Corpus { latin1, utf8, shuffled, .. } = corpus;
    let inputs = [
        (["parse_event", "parse_5_fields", "parse_all_fields"], latin1, Input::latin1(corpus)),
        (
            ["parse_event_utf8", "parse_5_fields_utf8", "parse_all_fields_utf8"],
            utf8,
            Input::utf8(corpus),
        ),
        (
            ["parse_event_shuffled", "parse_5_fields_shuffled", "parse_all_fields_shuffled"],
            shuffled,
            Input::shuffled(corpus),
        ),
    ];
    for ([parse, five, every], session, input) in inputs {
        all.push(reading(parse, session, input, |_| {}));
        all.push(reading(five, session, input, read_five));
        all.push(reading(every, session, input, read_all));
    }
    all.push(with_text("parse_all_str", latin1, Input::latin1(corpus)));
    all.push(with_text("parse_all_str_utf8", utf8, Input::utf8(corpus)));
    all.push(term("generic_term", Input::latin1(corpus)));
    all.push(term("generic_term_utf8", Input::utf8(corpus)));
    all.push(visit("generic_visit", Input::latin1(corpus)));
}

/// Reads the five fields that a wallboard shows of a channel.
#[inline(always)]
fn read_five(channel: &Channel<'_>) {
    black_box(channel.uuid());
    black_box(channel.calling_number());
    black_box(channel.called_number());
    black_box(channel.user_id());
    black_box(channel.state());
}

/// Every field there is.
#[inline(always)]
fn read_all(channel: &Channel<'_>) {
    black_box(channel.uuid());
    black_box(channel.direction());
    black_box(channel.peer_location());
    black_box(channel.calling_name());
    black_box(channel.calling_number());
    black_box(channel.called_number());
    black_box(channel.offer_timestamp());
    black_box(channel.answer_timestamp());
    black_box(channel.hangup_timestamp());
    black_box(channel.other_uuid());
    black_box(channel.user_id());
    black_box(channel.state());
    black_box(channel.group_id());
    black_box(channel.target());
    black_box(channel.origination());
    black_box(channel.end_user());
    black_box(channel.tags());
    black_box(channel.last_bridged_user_id());
    black_box(channel.last_event());
    black_box(channel.last_event_data());
    black_box(channel.other_info());
    black_box(channel.call_id());
}

pub(super) fn snapshots<'c>(corpus: &'c Corpus, all: &mut Contenders<'c>) {
    let Corpus { latin1, utf8, .. } = corpus;
    all.push(stream("snapshot_stream", latin1, false, corpus));
    all.push(stream("snapshot_stream_utf8", utf8, true, corpus));
    all.push(Box::new(Whole {
        name: "generic_term_snapshot",
        messages: &latin1.snapshot,
        utf8: false,
        holds: false,
        decode: |messages: &'c [Vec<u8>]| {
            for message in messages {
                keep(&decode_cti(black_box(message)));
            }
        },
        check: |messages: &'c [Vec<u8>]| {
            let records = messages.iter().filter_map(|message| {
                let records = decode_cti(message).ok()?.as_tuple()?.get(2)?.as_list()?;
                Some(records.iter().count())
            });
            assert_eq!(records.sum::<usize>(), corpus.uuids.len() + corpus.user_ids.len());
        },
    }));
}

/// A parser that knows the orders of fields.
pub(crate) fn parser(session: &Session) -> Parser {
    parser_of(&session.field_specs)
}

pub(super) fn parser_of(field_specs: &[Vec<u8>]) -> Parser {
    let mut parser = Parser::new();
    for spec in field_specs {
        parser.parse(spec).expect("the field_spec can be read");
    }
    parser
}

fn reading<'c>(
    name: &'static str,
    session: &Session,
    input: Input<'c>,
    read: impl Fn(&Channel<'_>) + 'c,
) -> Box<dyn Contender + 'c> {
    let (mut decoding, mut summarizing) = (parser(session), parser(session));
    Box::new(Each {
        name,
        input,
        decode: move |frame| {
            let message = decoding.parse(black_box(frame));
            if let Ok(Message::InfoEvent(event)) = &message
                && let Element::Channel(channel) = event.element()
            {
                read(&channel);
            }
            keep(&message);
        },
        summarize: move |frame| summary(&mut summarizing, frame),
    })
}

fn with_text<'c>(
    name: &'static str,
    session: &Session,
    input: Input<'c>,
) -> Box<dyn Contender + 'c> {
    let (mut decoding, mut summarizing) = (parser(session), parser(session));
    Box::new(Each {
        name,
        input,
        decode: move |frame| {
            let message = decoding.parse(black_box(frame)).expect("a message");
            if let Message::InfoEvent(event) = &message {
                black_box(read_texts(event));
            }
            black_box(&message);
        },
        summarize: move |frame| {
            if let Ok(Message::InfoEvent(event)) = summarizing.parse(frame) {
                let Element::Channel(channel) = event.element() else { panic!("no channel") };
                let texts = texts(&channel).map(|text| text.to_str().len()).sum::<usize>();
                assert_eq!(read_texts(&event), texts, "all texts are read");
            }
            summary(&mut summarizing, frame)
        },
    })
}

/// Reads every text field as `str`, and returns the sum of their lengths.
#[inline]
fn read_texts(event: &InfoEvent<'_>) -> usize {
    let Element::Channel(channel) = event.element() else { return 0 };
    texts(&channel)
        .map(|text| match text.as_str() {
            Some(text) => black_box(text).len(),
            None => black_box(&*text.to_str()).len(),
        })
        .sum()
}

/// The fields of a channel that are text, also those inside its composite fields.
#[inline]
fn texts<'a>(channel: &Channel<'a>) -> impl Iterator<Item = Text<'a>> + use<'a> {
    let (state, also) = match channel.state().map(|state| state.kind) {
        Some(StateKind::Calling(calling)) => match calling.target {
            CallTarget::Pstn { number } => (number, Text::EMPTY),
            CallTarget::BridgedEndpoint { user, host } => (user, host),
            CallTarget::Unknown { target_type } => (target_type, Text::EMPTY),
            _ => (Text::EMPTY, Text::EMPTY),
        },
        Some(
            StateKind::Voicemail { target_name: text, .. }
            | StateKind::CheckingVoicemail { target_name: text }
            | StateKind::CallingSipTermination { url: text }
            | StateKind::SystemOperation { operation: text }
            | StateKind::Park { parker_name: text, .. }
            | StateKind::Unknown { name: text },
        ) => (text, Text::EMPTY),
        Some(StateKind::Eavesdrop { uuid, eavesdrop_state }) => {
            (uuid.as_text(), eavesdrop_state.as_text().unwrap_or_default())
        }
        _ => (Text::EMPTY, Text::EMPTY),
    };
    let target = channel.target().map(|target| (target.name, target.address));
    let (target, address) = target.unwrap_or_default();
    let other = channel.other_info();
    let other_end_user = other.and_then(|other| other.party.end_user());
    [
        channel.uuid().as_text(),
        channel.calling_name(),
        channel.calling_number(),
        channel.called_number(),
        channel.other_uuid().unwrap_or_default().as_text(),
        state,
        also,
        target,
        address,
        channel.origination().as_text(),
        channel.end_user().map(|users| users.as_text()).unwrap_or_default(),
        channel.tags().as_text(),
        channel.last_event_data(),
        other_end_user.map(|users| users.as_text()).unwrap_or_default(),
        other.map(|other| other.address).unwrap_or_default(),
        channel.call_id(),
    ]
    .into_iter()
}

fn term<'c>(name: &'static str, input: Input<'c>) -> Box<dyn Contender + 'c> {
    Box::new(Each {
        name,
        input,
        decode: |frame| {
            keep(&decode_cti(black_box(frame)));
        },
        summarize: |frame| generic_summary(frame).expect("an event"),
    })
}

fn visit<'c>(name: &'static str, input: Input<'c>) -> Box<dyn Contender + 'c> {
    Box::new(Each {
        name,
        input,
        decode: |frame| {
            let term = decode_cti(black_box(frame)).expect("a term");
            for token in term.walk() {
                if let Token::Value(value) = token {
                    black_box(&value);
                }
            }
        },
        summarize: |frame| generic_summary(frame).expect("an event"),
    })
}

fn stream<'c>(
    name: &'static str,
    session: &'c Session,
    utf8: bool,
    corpus: &'c Corpus,
) -> Box<dyn Contender + 'c> {
    let (mut decoding, mut checking) = (parser(session), parser(session));
    Box::new(Whole {
        name,
        messages: &session.snapshot,
        utf8,
        holds: false,
        decode: move |messages: &'c [Vec<u8>]| {
            for message in messages {
                let info = snapshot(&mut decoding, black_box(message));
                info.elements().for_each(|element| keep(&element));
            }
        },
        check: move |messages: &'c [Vec<u8>]| {
            let mut identities = Identities::of(corpus);
            for message in messages {
                let info = snapshot(&mut checking, message);
                info.typed::<Channel<'_>>().flatten().for_each(|channel| {
                    identities.channel(&channel);
                });
                info.typed::<User<'_>>().flatten().for_each(|user| {
                    identities.user(&user);
                });
            }
            identities.end();
        },
    })
}

/// A message with all records of an element.
fn snapshot<'a>(parser: &'a mut Parser, message: &'a [u8]) -> InitialInfo<'a> {
    match parser.parse(message) {
        Ok(Message::InitialInfo(info)) => info,
        other => panic!("no snapshot: {other:?}"),
    }
}

/// The identities that a snapshot must have, in their order.
struct Identities<'c> {
    uuids: std::slice::Iter<'c, String>,
    user_ids: std::slice::Iter<'c, i64>,
}

impl<'c> Identities<'c> {
    fn of(corpus: &'c Corpus) -> Self {
        Self { uuids: corpus.uuids.iter(), user_ids: corpus.user_ids.iter() }
    }

    fn channel(&mut self, channel: &Channel<'_>) {
        assert_eq!(Some(&*channel.uuid().to_str()), self.uuids.next().map(String::as_str));
    }

    fn user(&mut self, user: &User<'_>) {
        assert_eq!(Some(user.id().0), self.user_ids.next().copied());
    }

    fn end(mut self) {
        assert!(self.uuids.next().is_none() && self.user_ids.next().is_none());
    }
}

pub(super) fn summary(parser: &mut Parser, frame: &[u8]) -> Summary {
    match parser.parse(frame) {
        Ok(Message::InfoEvent(event)) => event_summary(&event),
        other => panic!("no event: {other:?}"),
    }
}

fn event_summary(event: &InfoEvent<'_>) -> Summary {
    let Element::Channel(channel) = event.element() else { panic!("no channel") };
    Summary {
        uuid: channel.uuid().to_str().into_owned(),
        user_id: channel.user_id().map(|id| id.0),
        state: channel.state().map(|state| state_name(&state.kind).to_owned()),
        last_event: channel.last_event().map(|event| event.to_string()).unwrap_or_default(),
        offer_timestamp: channel.offer_timestamp().map(|at| at.as_micros()),
        calling_name: some(&channel.calling_name().to_str()),
        other_direction: channel
            .other_info()
            .and_then(|other| Some(other.direction?.to_str().into_owned())),
        call_id: some(&channel.call_id().to_str()),
        event: event.event_name().map(|name| name.to_string()).unwrap_or_default(),
    }
}

const fn state_name(kind: &StateKind<'_>) -> &'static str {
    match kind {
        StateKind::Calling(_) => "calling",
        StateKind::Bridged => "bridged",
        StateKind::Voicemail { .. } => "voicemail",
        StateKind::CheckingVoicemail { .. } => "checking_voicemail",
        StateKind::CallingSipTermination { .. } => "calling_siptermination",
        StateKind::Ivr { .. } => "ivr",
        StateKind::XmlIvr => "xml_ivr",
        StateKind::SystemOperation { .. } => "system_operation",
        StateKind::Conference { .. } => "conference",
        StateKind::Park { .. } => "park",
        StateKind::Ringing => "ringing",
        StateKind::Eavesdrop { .. } => "eavesdrop",
        _ => "unknown",
    }
}

fn generic_summary(frame: &[u8]) -> Option<Summary> {
    let text = |term: Option<Term<'_>>| Some(term?.as_text()?.to_str().into_owned());
    let message = decode_cti(frame).ok()?.as_tuple()?;
    let channel = message.get(2)?.as_tuple()?;
    let part = |field: usize, part: usize| channel.get(field)?.as_tuple()?.get(part);
    Some(Summary {
        uuid: text(channel.get(0))?,
        user_id: channel.get(10)?.as_i64(),
        state: text(part(11, 1)),
        last_event: text(channel.get(18))?,
        offer_timestamp: channel.get(6)?.as_i64(),
        calling_name: text(channel.get(3)).filter(|name| !name.is_empty()),
        other_direction: text(part(20, 2)),
        call_id: text(channel.get(21)),
        event: text(message.get(3))?,
    })
}
