//! `basix-cti`: the mirror of the PBX.

use std::hint::black_box;
use std::ops::Range;

use basix_cti::{ElementKind, Message, Parser, Store};

use super::basix::{parser, summary};
use super::{Contenders, Input, Whole, keep};
use crate::corpus::{Corpus, Session};
use crate::measure::{Contender, TURN, Watch, Work, touch};

pub(super) fn events<'c>(corpus: &'c Corpus, all: &mut Contenders<'c>) {
    let rows = [
        ("store_event", Does::ParseAndApply),
        ("store_apply", Does::Apply),
        ("store_event_viewed", Does::ParseAndApplyViewed),
        ("store_find_channel", Does::Find),
    ];
    for (name, does) in rows {
        all.push(Box::new(Mirror {
            name,
            input: Input::latin1(corpus),
            does,
            session: &corpus.latin1,
            store: Store::new(),
            view: Store::new(),
            parsers: Vec::new(),
        }));
    }
}

pub(super) fn snapshots<'c>(corpus: &'c Corpus, all: &mut Contenders<'c>) {
    let mut decoding = parser(&corpus.latin1);
    all.push(Box::new(Whole {
        name: "store_snapshot",
        messages: &corpus.latin1.snapshot,
        utf8: false,
        holds: true,
        decode: move |messages: &'c [Vec<u8>]| {
            let mut store = Store::new();
            for message in messages {
                let message = decoding.parse(black_box(message.as_slice())).expect("a message");
                keep(&store.apply(&message));
            }
            black_box(&store);
        },
        check: |_: &'c [Vec<u8>]| {
            let store = full(&mut parser(&corpus.latin1), &corpus.latin1);
            let users = store.table(ElementKind::User).expect("a table of users");
            let channels = store.table(ElementKind::Channel).expect("a table of channels");
            assert!(corpus.uuids.iter().all(|uuid| channels.get(uuid).is_some()));
            assert!(corpus.user_ids.iter().all(|id| users.get(&id.to_string()).is_some()));
            assert_eq!((channels.len(), users.len()), (corpus.uuids.len(), corpus.user_ids.len()));
        },
    }));
}

/// A store with all records of the snapshot, applied with this parser.
fn full(parser: &mut Parser, session: &Session) -> Store {
    let mut store = Store::new();
    for message in &session.snapshot {
        let message = parser.parse(message).expect("a message");
        store.apply(&message).expect("a snapshot");
    }
    store
}

/// The measured operation, on a store that has all channels when a round begins.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    /// Reads each event and applies it.
    ParseAndApply,
    /// Applies each event; it was read before.
    Apply,
    /// Reads each event and applies it, and keeps a view of the store before each.
    ParseAndApplyViewed,
    /// Finds each event's channel and its state.
    Find,
}

/// Meets a store with event after event. Each channel has two events, of which only the second may
/// end it, so that every event meets a channel that is there.
struct Mirror<'c> {
    name: &'static str,
    input: Input<'c>,
    does: Does,
    session: &'c Session,
    store: Store,
    view: Store,
    /// One per message that is held at a time: a message borrows its parser. The first has read the
    /// snapshot, and the others are its clones.
    parsers: Vec<Parser>,
}

impl Contender for Mirror<'_> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn work(&self) -> Work {
        self.input.work()
    }

    fn check(&mut self) {
        self.prepare();
        let parser = self.parsers.first_mut().expect("a parser");
        for (frame, wanted) in self.input.frames.iter().zip(self.input.summaries) {
            assert_eq!(summary(parser, frame), *wanted, "{}", self.name);
            let channels = self.store.table(ElementKind::Channel).expect("a table");
            assert!(channels.get(&wanted.uuid).is_some(), "the channel is there");
            let changes = self.store.apply(&parser.parse(frame).expect("a message"));
            assert_eq!(changes.expect("an event").count(), 1, "the event changes one record");
            let channels = self.store.table(ElementKind::Channel).expect("a table");
            let ended = wanted.last_event == "CHANNEL_HANGUP";
            assert_eq!(channels.get(&wanted.uuid).is_none(), ended);
        }
        self.store = Store::new();
    }

    fn prepare(&mut self) {
        let mut parser = parser(self.session);
        self.store = full(&mut parser, self.session);
        let held = if self.does == Does::Apply { TURN } else { 1 };
        self.parsers = vec![parser; held];
    }

    fn turn(&mut self, frames: Range<usize>, watch: &mut Watch) {
        touch(self.input.frames.range(frames.clone()));
        let summaries = &self.input.summaries[frames.clone()];
        let frames = self.input.frames.range(frames);
        let (store, view) = (&mut self.store, &mut self.view);
        match self.does {
            Does::Apply => {
                let messages: Vec<Message<'_>> = self
                    .parsers
                    .iter_mut()
                    .zip(frames)
                    .map(|(parser, frame)| parser.parse(frame).expect("a message"))
                    .collect();
                watch.run(|| {
                    for message in &messages {
                        keep(&store.apply(black_box(message)));
                    }
                });
            }
            Does::Find => watch.run(|| {
                for wanted in summaries {
                    let channel = store.channel(black_box(&wanted.uuid));
                    black_box(channel.and_then(|channel| channel.state()));
                }
            }),
            Does::ParseAndApply | Does::ParseAndApplyViewed => {
                let parser = self.parsers.first_mut().expect("a parser");
                let is_viewed = self.does == Does::ParseAndApplyViewed;
                watch.run(|| {
                    for frame in frames {
                        if is_viewed {
                            *view = store.clone();
                        }
                        let message = parser.parse(black_box(frame)).expect("a message");
                        keep(&store.apply(&message));
                    }
                });
            }
        }
    }
}
