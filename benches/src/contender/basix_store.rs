//! `basix-cti`: the mirror of the PBX.

use std::hint::black_box;
use std::ops::Range;

use basix_cti::{ElementKind, Message, Parser, Store};

use super::basix::{parser, summary};
use super::{Contenders, Input, Whole, keep};
use crate::corpus::{Corpus, Session};
use crate::measure::{Contender, TURN, Watch, Work, touch};

pub(super) fn events<'c>(corpus: &'c Corpus, all: &mut Contenders<'c>) {
    let input = Input::latin1(corpus);
    for (name, apply_only) in [("store_event", false), ("store_apply", true)] {
        let session = &corpus.latin1;
        let parsers = vec![parser(session); TURN];
        let store = Store::new();
        all.push(Box::new(Mirror { name, input, apply_only, session, store, parsers }));
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
            let store = full(&corpus.latin1);
            let users = store.table(ElementKind::User).expect("a table of users");
            let channels = store.table(ElementKind::Channel).expect("a table of channels");
            assert!(corpus.uuids.iter().all(|uuid| channels.get(uuid).is_some()));
            assert!(corpus.user_ids.iter().all(|id| users.get(&id.to_string()).is_some()));
            assert_eq!((channels.len(), users.len()), (corpus.uuids.len(), corpus.user_ids.len()));
        },
    }));
}

/// A store with all records of the snapshot.
fn full(session: &Session) -> Store {
    let (mut parser, mut store) = (parser(session), Store::new());
    for message in &session.snapshot {
        let message = parser.parse(message).expect("a message");
        store.apply(&message).expect("a snapshot");
    }
    store
}

/// Applies event after event to a store that has all channels when a round begins. Each channel
/// has two events, of which only the second may end it, so that every event meets a channel that
/// is there.
struct Mirror<'c> {
    name: &'static str,
    input: Input<'c>,
    apply_only: bool,
    session: &'c Session,
    store: Store,
    /// One per message that is held at a time: a message borrows its parser.
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
        self.store = full(self.session);
    }

    fn turn(&mut self, frames: Range<usize>, watch: &mut Watch) {
        touch(self.input.frames.range(frames.clone()));
        let frames = self.input.frames.range(frames);
        let store = &mut self.store;
        if self.apply_only {
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
        } else {
            let parser = self.parsers.first_mut().expect("a parser");
            watch.run(|| {
                for frame in frames {
                    let message = parser.parse(black_box(frame)).expect("a message");
                    keep(&store.apply(&message));
                }
            });
        }
    }
}
