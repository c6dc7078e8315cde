//! `basix-cti`: a mirror of different sizes, with and without a view of it that somebody keeps.

use std::hint::black_box;
use std::ops::Range;

use basix_cti::element::GroupId;
use basix_cti::{Parser, Store};

use super::basix::parser;
use super::{Contenders, keep};
use crate::corpus::Corpus;
use crate::measure::{Contender, Watch, Work, touch};

/// The names of what is measured for a number of channels.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct StoreSize {
    /// The number of channels.
    pub channels: usize,
    /// An event, read and applied.
    pub event: &'static str,
    /// The same while a view of the store before it is kept.
    pub viewed: &'static str,
    /// A query that looks at every channel, per channel.
    pub query: &'static str,
}

/// Names of the measurements, by the number of channels.
pub const STORE_SIZES: [StoreSize; 3] = [
    StoreSize { channels: 100, event: "event_100", viewed: "viewed_100", query: "query_100" },
    StoreSize { channels: 1_000, event: "event_1k", viewed: "viewed_1k", query: "query_1k" },
    StoreSize { channels: 10_000, event: "event_10k", viewed: "viewed_10k", query: "query_10k" },
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    Event,
    Viewed,
    Query,
}

/// Contenders for every size.
#[must_use]
pub fn store_sizes(corpus: &Corpus) -> Contenders<'_> {
    let mut all = Contenders::new();
    for size in STORE_SIZES {
        for (name, does) in
            [(size.event, Does::Event), (size.viewed, Does::Viewed), (size.query, Does::Query)]
        {
            all.push(Box::new(Sized::new(name, does, size.channels, corpus)));
        }
    }
    all
}

/// Work on a store of a certain size.
struct Sized<'c> {
    name: &'static str,
    does: Does,
    parser: Parser,
    store: Store,
    view: Store,
    /// Two events for each channel, which are different and do not end it.
    events: [Vec<&'c [u8]>; 2],
}

/// Events, or channels that are looked at, in a round.
const FRAMES: usize = 10_000;

impl<'c> Sized<'c> {
    fn new(name: &'static str, does: Does, channels: usize, corpus: &'c Corpus) -> Self {
        let mut parser = parser(&corpus.latin1);
        let mut store = Store::new();
        let pairs = corpus.latin1.events.iter().zip(&corpus.summaries);
        let mut events = [Vec::new(), Vec::new()];
        let mut first: std::collections::HashMap<&str, &[u8]> = std::collections::HashMap::new();
        for (frame, summary) in pairs {
            if summary.last_event != "CHANNEL_HANGUP"
                && let Some(other) = first.insert(&summary.uuid, frame)
            {
                let [one, two] = &mut events;
                one.push(other);
                two.push(frame);
            }
        }
        // Channels with one event that keeps them fill the rest of the store.
        let others = first.values().copied();
        let [one, _] = &mut events;
        for frame in one.iter().copied().chain(others).take(channels) {
            store.apply(&parser.parse(frame).expect("a message")).expect("an event");
        }
        let known = channels.min(one.len());
        events.iter_mut().for_each(|events| events.truncate(known));
        let view = store.clone();
        Self { name, does, parser, store, view, events }
    }
}

impl Contender for Sized<'_> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn work(&self) -> Work {
        Work::new(FRAMES, 0, "event_100", "eetf")
    }

    fn check(&mut self) {
        assert!(self.store.channels().count() > 0, "{}", self.name);
    }

    fn turn(&mut self, frames: Range<usize>, watch: &mut Watch) {
        self.events.iter().for_each(|events| touch(events.iter().copied()));
        let [one, two] = &self.events;
        let (parser, store, view) = (&mut self.parser, &mut self.store, &mut self.view);
        match self.does {
            // A query cannot be cut in pieces: all of them are in the first turn.
            Does::Query if frames.start > 0 => {}
            Does::Query => {
                let queries = FRAMES / store.channels().count();
                watch.run(|| {
                    for _ in 0..queries {
                        black_box(store.channels().in_queue_of(black_box(GroupId(1))).count());
                    }
                });
            }
            does => watch.run(|| {
                // Second events first, since the first ones are there.
                let events = two.iter().chain(one).cycle().skip(frames.start % (2 * one.len()));
                for frame in events.take(frames.len()) {
                    if does == Does::Viewed {
                        *view = store.clone();
                    }
                    keep(&store.apply(&parser.parse(black_box(frame)).expect("a message")));
                }
            }),
        }
    }
}
