//! Contenders, a file for each crate.
//!
//! Every contender decodes the same frames, hands each result to `black_box` and drops it. What it
//! finds is compared with what the corpus holds before any time is taken.

pub mod basix;
pub mod basix_serde;
pub mod basix_store;
pub mod eetf;
pub mod erltf;
pub mod erltf_serde;
pub mod json;
pub mod positional;
pub mod serde_json;
mod sizes;
pub mod skip_walk;
pub mod sonic_rs;
mod store_sizes;

use std::hint::black_box;
use std::ops::Range;

pub use sizes::sizes;
pub use store_sizes::{STORE_SIZES, StoreSize, store_sizes};

use crate::corpus::{Corpus, Frames, Summary};
use crate::measure::{Contender, Watch, Work, touch};

/// Contenders of one kind of work.
pub type Contenders<'c> = Vec<Box<dyn Contender + 'c>>;

/// All contenders in groups that race on their own, the groups with what they are compared with.
///
/// Stores come last and by themselves: what they keep and let go scatters the heap, which slows
/// down who allocates much.
#[must_use]
pub fn groups(corpus: &Corpus) -> [Group<'_>; 4] {
    [
        Group { name: "event", frame: "event", contenders: events(corpus) },
        Group { name: "snapshot", frame: "snapshot", contenders: snapshots(corpus) },
        Group { name: "store_event", frame: "event", contenders: stores(corpus) },
        Group { name: "store_snapshot", frame: "snapshot", contenders: store_snapshots(corpus) },
    ]
}

/// Contenders that take turns with one another.
#[non_exhaustive]
pub struct Group<'c> {
    /// The group.
    pub name: &'static str,
    /// The input of its contenders.
    pub frame: &'static str,
    /// The contenders.
    pub contenders: Contenders<'c>,
}

impl<'c> Group<'c> {
    /// Returns whether the row of a contender is from this group; others are here only to be
    /// compared with.
    #[must_use]
    pub fn shows(&self, contender: &str) -> bool {
        self.name.starts_with("store") == contender.starts_with("store")
    }

    /// The contenders whose rows are from this group.
    pub fn shown(&mut self) -> impl Iterator<Item = &mut (dyn Contender + 'c)> {
        let stores = self.name.starts_with("store");
        let contenders = self.contenders.iter_mut().map(|one| one.as_mut());
        contenders.filter(move |one| one.name().starts_with("store") == stores)
    }
}

impl std::fmt::Debug for Group<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.contenders.iter().map(|one| one.name());
        write!(f, "{} ", self.name)?;
        f.debug_list().entries(names).finish()
    }
}

fn events(corpus: &Corpus) -> Contenders<'_> {
    let mut all = Contenders::new();
    basix::events(corpus, &mut all);
    basix_serde::events(corpus, &mut all);
    skip_walk::events(corpus, &mut all);
    eetf::events(corpus, &mut all);
    erltf::events(corpus, &mut all);
    erltf_serde::events(corpus, &mut all);
    serde_json::events(corpus, &mut all);
    sonic_rs::events(corpus, &mut all);
    all
}

fn stores(corpus: &Corpus) -> Contenders<'_> {
    let mut all = events(corpus);
    all.retain(|one| ["skip_walk", "eetf", "parse_event"].contains(&one.name()));
    basix_store::events(corpus, &mut all);
    all
}

fn snapshots(corpus: &Corpus) -> Contenders<'_> {
    let mut all = Contenders::new();
    basix::snapshots(corpus, &mut all);
    skip_walk::snapshots(corpus, &mut all);
    eetf::snapshots(corpus, &mut all);
    erltf::snapshots(corpus, &mut all);
    all
}

fn store_snapshots(corpus: &Corpus) -> Contenders<'_> {
    let mut all = snapshots(corpus);
    all.retain(|one| ["skip_walk_snapshot", "eetf_snapshot"].contains(&one.name()));
    basix_store::snapshots(corpus, &mut all);
    all
}

/// The events in one form, and the rows that go with them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'c> {
    pub(crate) frames: &'c Frames,
    pub(crate) summaries: &'c [Summary],
    base: &'static str,
    eetf: &'static str,
}

impl<'c> Input<'c> {
    pub(crate) fn latin1(corpus: &'c Corpus) -> Self {
        Self::of(corpus, &corpus.latin1.events, "skip_walk", "eetf")
    }

    pub(crate) fn utf8(corpus: &'c Corpus) -> Self {
        Self::of(corpus, &corpus.utf8.events, "skip_walk_utf8", "eetf_utf8")
    }

    pub(crate) fn shuffled(corpus: &'c Corpus) -> Self {
        Self::of(corpus, &corpus.shuffled.events, "skip_walk_shuffled", "eetf")
    }

    /// Compared with what the same events cost as terms.
    pub(crate) fn json(corpus: &'c Corpus) -> Self {
        Self::of(corpus, &corpus.json, "skip_walk", "eetf")
    }

    fn of(corpus: &'c Corpus, frames: &'c Frames, base: &'static str, eetf: &'static str) -> Self {
        Self { frames, summaries: &corpus.summaries, base, eetf }
    }

    pub(crate) fn work(self) -> Work {
        let mean = self.frames.mean().round() as usize;
        Work::new(self.frames.len(), mean, self.base, self.eetf)
    }
}

/// Reads event after event.
pub(crate) struct Each<'c, D, S> {
    pub(crate) name: &'static str,
    pub(crate) input: Input<'c>,
    /// Decodes a frame, hands the result to `black_box` and drops it.
    pub(crate) decode: D,
    /// Decodes a frame in the same way and summarizes it.
    pub(crate) summarize: S,
}

impl<'c, D: FnMut(&'c [u8]), S: FnMut(&'c [u8]) -> Summary> Contender for Each<'c, D, S> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn work(&self) -> Work {
        self.input.work()
    }

    fn check(&mut self) {
        for (frame, summary) in self.input.frames.iter().zip(self.input.summaries) {
            assert_eq!((self.summarize)(frame), *summary, "{}", self.name);
        }
    }

    fn turn(&mut self, frames: Range<usize>, watch: &mut Watch) {
        touch(self.input.frames.range(frames.clone()));
        let (input, decode) = (self.input.frames, &mut self.decode);
        watch.run(|| {
            for frame in input.range(frames) {
                decode(frame);
            }
        });
    }
}

/// Reads the snapshot, both messages of it.
pub(crate) struct Whole<'c, D, C> {
    pub(crate) name: &'static str,
    pub(crate) messages: &'c [Vec<u8>],
    /// True if this is the corpus with UTF-8 atoms.
    pub(crate) utf8: bool,
    /// True if what was decoded from one message is still there when the next one is decoded.
    pub(crate) holds: bool,
    pub(crate) decode: D,
    pub(crate) check: C,
}

impl<'c, D: FnMut(&'c [Vec<u8>]), C: FnMut(&'c [Vec<u8>])> Contender for Whole<'c, D, C> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn work(&self) -> Work {
        let bytes = self.messages.iter().map(Vec::len).sum();
        let (base, eetf) = match self.utf8 {
            true => ("skip_walk_snapshot_utf8", "eetf_snapshot"),
            false => ("skip_walk_snapshot", "eetf_snapshot"),
        };
        let largest = self.messages.iter().map(Vec::len).max().unwrap_or(0);
        Work::new(1, bytes, base, eetf).holding(if self.holds { bytes } else { largest })
    }

    fn check(&mut self) {
        (self.check)(self.messages);
    }

    fn turn(&mut self, _: Range<usize>, watch: &mut Watch) {
        touch(self.messages.iter().map(Vec::as_slice));
        let (messages, decode) = (self.messages, &mut self.decode);
        watch.run(|| decode(messages));
    }
}

/// Hands a result on where the compiler cannot see that nobody looks at it. Takes a reference, so
/// that large values are not moved for the sake of the measurement.
///
/// # Panics
///
/// When it is an error.
#[inline(always)]
pub(crate) fn keep<T, E>(result: &Result<T, E>) {
    match result {
        Ok(value) => {
            black_box(value);
        }
        Err(_) => panic!("the corpus can be read"),
    }
}

/// Text that is missing or empty, as the summaries have it.
pub(crate) fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
