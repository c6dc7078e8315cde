//! Inputs like those of a real PBX, made by our own encoder from a fixed seed.
//!
//! Every frame differs from every other: with a few frames over and over, a processor learns the
//! way through them and everything looks three times as fast.

mod channel;
mod user;
mod words;
mod write;

use std::collections::HashSet;
use std::ops::Range;

use basix_cti::bert::AtomForm;
use serde::Serialize;

use crate::random::Random;
use channel::Channel;
use user::User;
use write::Writer;

pub use channel::FIELDS as CHANNEL_FIELDS;
pub use user::FIELDS as USER_FIELDS;

/// The number of channels, and of users, in a snapshot; there are twice as many events.
pub const RECORDS: usize = 10_000;

const SEED: u64 = 0x0062_6173_6978;

/// Frames one behind the other.
#[derive(Clone, Debug, Default)]
pub struct Frames {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Frames {
    fn push(&mut self, frame: &[u8]) {
        self.bytes.extend_from_slice(frame);
        self.ends.push(self.bytes.len());
    }

    /// The number of frames.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns true if there are no frames.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes of all frames together.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The mean size of a frame.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.bytes() as f64 / self.len().max(1) as f64
    }

    /// A frame.
    ///
    /// # Panics
    ///
    /// When there is no such frame.
    #[inline]
    #[must_use]
    pub fn get(&self, index: usize) -> &[u8] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.bytes[start..self.ends[index]]
    }

    /// Some of the frames.
    pub fn range(&self, range: Range<usize>) -> impl Iterator<Item = &[u8]> {
        range.map(|index| self.get(index))
    }

    /// All frames.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.range(0..self.len())
    }
}

/// The messages of one connection.
#[derive(Debug)]
#[non_exhaustive]
pub struct Session {
    /// The orders of fields, which come first.
    pub field_specs: Vec<Vec<u8>>,
    /// All channels and all users.
    pub snapshot: Vec<Vec<u8>>,
    /// Events of those channels; each is two times in them, and ends the second time or never.
    pub events: Frames,
}

impl Session {
    /// The bytes of the snapshot.
    #[must_use]
    pub fn snapshot_bytes(&self) -> usize {
        self.snapshot.iter().map(Vec::len).sum()
    }
}

/// Facts that every decoder has to find in an event.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "the contenders make it")]
pub struct Summary {
    /// The field `uuid`.
    pub uuid: String,
    /// The field `user_id`.
    pub user_id: Option<i64>,
    /// The name of the state.
    pub state: Option<String>,
    /// The field `last_event`.
    pub last_event: String,
    /// The field `offer_timestamp`.
    pub offer_timestamp: Option<i64>,
    /// The field `calling_name`.
    pub calling_name: Option<String>,
    /// The direction in `other_info`.
    pub other_direction: Option<String>,
    /// The field `call_id`, which is the last one.
    pub call_id: Option<String>,
    /// Name of the event.
    pub event: String,
}

/// The same messages in every form that is measured.
#[derive(Debug)]
#[non_exhaustive]
pub struct Corpus {
    /// Atoms in Latin-1, fields in their usual order.
    pub latin1: Session,
    /// Atoms in UTF-8, as Erlang/OTP 26 and newer write them.
    pub utf8: Session,
    /// Atoms in Latin-1, fields in another order; the snapshot is empty.
    pub shuffled: Session,
    /// The events as JSON objects.
    pub json: Frames,
    /// Facts of each event.
    pub summaries: Vec<Summary>,
    /// The identities of the snapshot's channels, in their order.
    pub uuids: Vec<String>,
    /// The identities of the snapshot's users, in their order.
    pub user_ids: Vec<i64>,
}

#[derive(Serialize)]
struct JsonEvent<'a> {
    kind: &'static str,
    element: &'static str,
    data: &'a Channel,
    event: &'static str,
}

impl Corpus {
    /// Makes the inputs.
    ///
    /// # Panics
    ///
    /// When two frames are equal or their mean size is not that of real ones.
    #[must_use]
    pub fn new() -> Self {
        Self::sized(RECORDS)
    }

    /// Makes inputs with fewer channels and users, and with two events for each channel.
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new).
    #[must_use]
    pub fn sized(records: usize) -> Self {
        let events = 2 * records;
        let mut random = Random::new(SEED);
        let mut channels: Vec<(Channel, u64)> =
            (0..records as u64).map(|at| (Channel::new(&mut random), 1 << 40 | at)).collect();
        let users: Vec<User> = (0..records).map(|at| User::new(&mut random, at)).collect();

        let mut order: Vec<usize> = (0..CHANNEL_FIELDS.len()).collect();
        random.shuffle(&mut order);
        let latin1 = Writer::new(AtomForm::Latin1);
        let utf8 = Writer::new(AtomForm::Utf8);
        let shuffled = Writer::new(AtomForm::Latin1).with_order(order);
        let session = |writer: &Writer, snapshot: bool| Session {
            field_specs: writer.field_specs(),
            snapshot: if snapshot {
                vec![writer.channels(&channels), writer.users(&users)]
            } else {
                Vec::new()
            },
            events: Frames::default(),
        };
        let mut corpus = Self {
            latin1: session(&latin1, true),
            utf8: session(&utf8, true),
            shuffled: session(&shuffled, false),
            json: Frames::default(),
            summaries: Vec::with_capacity(events),
            uuids: channels.iter().map(|(channel, _)| channel.uuid.clone()).collect(),
            user_ids: users.iter().map(|user| user.id).collect(),
        };

        let mut turns: Vec<usize> = (0..events).map(|at| at % records).collect();
        random.shuffle(&mut turns);
        let mut seen = HashSet::new();
        for (seed, at) in turns.into_iter().enumerate() {
            let seed = seed as u64;
            let ends = !seen.insert(at) && random.percent(50);
            let Some((channel, _)) = channels.get_mut(at) else { continue };
            channel.happen(&mut random, ends);
            let event = match () {
                () if ends && random.percent(70) => "removed",
                () if channel.last_event == "NEW_CHANNEL" => "added",
                () if channel.last_event == "CHANNEL_ORIGINATE" => "added",
                () => "updated",
            };
            corpus.latin1.events.push(&latin1.event(channel, event, seed));
            corpus.utf8.events.push(&utf8.event(channel, event, seed));
            corpus.shuffled.events.push(&shuffled.event(channel, event, seed));
            let json = JsonEvent { kind: "info_event", element: "channel", data: channel, event };
            let json = serde_json::to_vec(&json).expect("the channel can be written");
            assert!(
                !json.contains(&b'\\'),
                "JSON has no escapes, so that all text can be borrowed"
            );
            corpus.json.push(&json);
            corpus.summaries.push(summary(channel, event));
        }
        corpus.check();
        corpus
    }

    fn check(&self) {
        for events in [&self.latin1.events, &self.utf8.events, &self.shuffled.events] {
            let different: HashSet<&[u8]> = events.iter().collect();
            assert_eq!(different.len(), events.len(), "every frame differs from every other");
        }
        let mean = self.latin1.events.mean();
        assert!((400.0..=550.0).contains(&mean), "frames are as large as real ones: {mean}");
    }

    /// The sizes of all inputs, for people.
    #[must_use]
    pub fn sizes(&self) -> String {
        let events = self.latin1.events.len();
        let records = self.uuids.len();
        let snapshot: Vec<String> =
            self.latin1.snapshot.iter().map(|frame| format!("{}", frame.len())).collect();
        format!(
            "{events} different events, {:.0} bytes in the mean ({:.0} with UTF-8 atoms, {:.0} as \
             JSON); a snapshot of {records} channels and {records} users, {} bytes",
            self.latin1.events.mean(),
            self.utf8.events.mean(),
            self.json.mean(),
            snapshot.join(" and "),
        )
    }
}

impl Default for Corpus {
    fn default() -> Self {
        Self::new()
    }
}

fn summary(channel: &Channel, event: &str) -> Summary {
    Summary {
        uuid: channel.uuid.clone(),
        user_id: channel.user_id,
        state: channel.state.as_ref().map(|state| state.kind.name().to_owned()),
        last_event: channel.last_event.to_owned(),
        offer_timestamp: Some(channel.offer_timestamp as i64),
        calling_name: channel.calling_name.clone().filter(|name| !name.is_empty()),
        other_direction: channel.other_info.as_ref().map(|other| other.direction.to_owned()),
        call_id: channel.call_id.clone(),
        event: event.to_owned(),
    }
}

/// The same records in messages of different sizes, for the cost per byte.
#[derive(Debug)]
#[non_exhaustive]
pub struct Sizes {
    /// The order of fields.
    pub field_specs: Vec<Vec<u8>>,
    /// Messages of about one size each, smallest first; each holds all records.
    pub cuts: Vec<Cut>,
}

/// Messages of about one size that hold the records.
#[derive(Debug)]
#[non_exhaustive]
pub struct Cut {
    /// The size, for people.
    pub name: &'static str,
    /// The messages.
    pub messages: Frames,
    /// The number of records in them.
    pub records: usize,
    /// The row for typed records.
    pub typed: &'static str,
    /// The row for the skip walk.
    pub skip: &'static str,
}

impl Sizes {
    /// Makes about 64 MB of different records and cuts them.
    #[must_use]
    pub fn new() -> Self {
        const ALL: usize = 63_500_000;
        let mut random = Random::new(!SEED);
        let writer = Writer::new(AtomForm::Latin1);
        let mut records: Vec<(Channel, u64)> = Vec::new();
        let mut sizes = Vec::new();
        let mut bytes = 0;
        while bytes < ALL {
            let seed = 1 << 41 | records.len() as u64;
            let channel = Channel::new(&mut random);
            let record = (channel, seed);
            let size = writer.channels(std::slice::from_ref(&record)).len() - 30;
            records.push(record);
            sizes.push(size);
            bytes += size;
        }
        let cuts = [
            ("1 kB", 1_000, ["typed_1kB", "skip_walk_1kB"]),
            ("10 kB", 10_000, ["typed_10kB", "skip_walk_10kB"]),
            ("100 kB", 100_000, ["typed_100kB", "skip_walk_100kB"]),
            ("1 MB", 1_000_000, ["typed_1MB", "skip_walk_1MB"]),
            ("10 MB", 10_000_000, ["typed_10MB", "skip_walk_10MB"]),
            ("64 MB", usize::MAX, ["typed_64MB", "skip_walk_64MB"]),
        ];
        let cuts = cuts.map(|(name, most, [typed, skip])| {
            let mut messages = Frames::default();
            let mut start = 0;
            while start < records.len() {
                let mut end = start;
                let mut bytes = 0;
                while end < records.len() && (end == start || bytes + sizes[end] <= most) {
                    bytes += sizes[end];
                    end += 1;
                }
                messages.push(&writer.channels(&records[start..end]));
                start = end;
            }
            Cut { name, messages, records: records.len(), typed, skip }
        });
        Self { field_specs: writer.field_specs(), cuts: cuts.into() }
    }
}

impl Default for Sizes {
    fn default() -> Self {
        Self::new()
    }
}
