//! The record of a leg, and the merge of later records.

use std::time::Duration;

use serde_json::Value;

use super::identity::{Identity, IdentityKey};
use crate::model::{CallData, VoipCallDisposition as Disposition, VoipCallRecord};

/// Maximum size of a kept record, as JSON; of a longer one, only the hash is kept.
pub(super) const MAX_RECORD: usize = 1 << 10;
/// Maximum number of delivered identities kept of a record.
const MAX_IDENTITIES: usize = 8;

/// The record of a leg: the delivered version, and those in flight.
#[derive(Debug, Default)]
pub(super) struct Known {
    delivered: Option<Version>,
    /// The versions in flight, oldest first.
    pending: Vec<Version>,
    identities: Vec<Identity>,
}

#[derive(Debug)]
struct Version {
    identity: Identity,
    number: u32,
    at: Duration,
    /// Delivered as a notice that the leg was missed.
    as_notice: bool,
    record: Stored,
}

#[derive(Debug)]
enum Stored {
    Json(Box<str>),
    Hash(Identity),
}

impl Stored {
    fn new(record: &VoipCallRecord, key: &IdentityKey) -> Self {
        let json = serde_json::to_string(record).unwrap_or_default();
        if json.len() <= MAX_RECORD {
            return Self::Json(json.into());
        }
        Self::Hash(key.hash(b'r', std::iter::once(json.as_bytes())))
    }

    fn record(&self) -> Option<VoipCallRecord> {
        match self {
            Self::Json(json) => serde_json::from_str(json).ok(),
            Self::Hash(_) => None,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Json(json) => json.len() + 16,
            Self::Hash(_) => 0,
        }
    }
}

/// The judgement of a record.
#[derive(Debug)]
pub(super) enum Judgement {
    New(VoipCallRecord),
    /// Another leg answered the call, so this record would show it as missed.
    LegMissed(VoipCallRecord),
    Update(VoipCallRecord),
    Repeat,
    Late,
    InFlight,
}

/// The circumstances of a record.
pub(super) struct Rules {
    /// True if a missed record is a notice, because another leg answered the call.
    pub(super) missed_is_notice: bool,
    /// True if only records with the same `start` are of one call.
    pub(super) by_start: bool,
    /// Time of the first attempt, which was undone.
    pub(super) first_try: Option<Duration>,
}

impl Known {
    pub(super) fn in_flight(&self) -> bool {
        !self.pending.is_empty()
    }

    /// The latest version of the record, delivered or in flight.
    pub(super) fn latest(&self) -> Option<VoipCallRecord> {
        self.latest_version().filter(|version| !version.as_notice)?.record.record()
    }

    fn latest_version(&self) -> Option<&Version> {
        self.pending.last().or(self.delivered.as_ref())
    }

    /// Returns whether a record, and not only a notice, was or is being delivered.
    pub(super) fn has_record(&self) -> bool {
        self.latest_version().is_some_and(|version| !version.as_notice)
    }

    /// Judges a record.
    pub(super) fn judge(
        &self,
        record: VoipCallRecord,
        identity: Identity,
        rules: &Rules,
        key: &IdentityKey,
    ) -> Judgement {
        if self.pending.iter().any(|version| version.identity == identity) {
            return Judgement::InFlight;
        }
        if !rules.by_start && self.identities.contains(&identity) {
            return Judgement::Repeat;
        }
        let start = |record: &VoipCallRecord| {
            record.call.get("start").and_then(Value::as_str).map(str::to_owned)
        };
        // V169
        let is_other_call = |known: &VoipCallRecord| {
            rules.by_start && (start(known).is_none() || start(known) != start(&record))
        };
        let Some(version) = self.latest_version() else { return first(record, rules) };
        let known = version.record.record();
        if known.as_ref().map_or(rules.by_start, is_other_call) {
            return first(record, rules);
        }
        if self.identities.contains(&identity) {
            return Judgement::Repeat;
        }
        let Some(known) = known else {
            // Too large to merge: any other record is an update by itself.
            return match (Stored::new(&record, key), &version.record) {
                (Stored::Hash(new), Stored::Hash(known)) if new == *known => Judgement::Late,
                _ => Judgement::Update(record),
            };
        };
        if version.as_notice {
            let says_no_more = join(known.clone(), record.clone()) == known;
            return if says_no_more { Judgement::Late } else { first(record, rules) };
        }
        // V160: an undone record counts as of its first try, so later ones win.
        let joined = match rules.first_try {
            Some(tried) if version.at > tried => join(record, known.clone()),
            _ => join(known.clone(), record),
        };
        if joined == known { Judgement::Late } else { Judgement::Update(joined) }
    }

    /// Enters a record that is to be delivered.
    pub(super) fn enter(
        &mut self,
        at: Duration,
        identity: Identity,
        record: &VoipCallRecord,
        as_notice: bool,
        key: &IdentityKey,
    ) {
        let latest = self.latest_version();
        let number = latest.map_or(0, |version| version.number.wrapping_add(1));
        let at = latest.map_or(at, |version| version.at.max(at));
        let record = Stored::new(record, key);
        self.pending.reserve_exact(1);
        self.pending.push(Version { identity, number, at, as_notice, record });
    }

    pub(super) fn commit(&mut self, identity: Identity) {
        let Some(at) = self.pending.iter().position(|version| version.identity == identity) else {
            return;
        };
        let version = self.pending.remove(at);
        if self.identities.len() == MAX_IDENTITIES {
            self.identities.remove(0);
        }
        self.identities.reserve_exact(1);
        self.identities.push(identity);
        if self.delivered.as_ref().is_none_or(|known| known.number < version.number) {
            self.delivered = Some(version);
        }
        self.pending.shrink_to_fit();
    }

    pub(super) fn undo(&mut self, identity: Identity) {
        self.pending.retain(|version| version.identity != identity);
    }

    pub(super) fn bytes(&self) -> usize {
        let versions = self.pending.iter().chain(&self.delivered);
        size_of::<Self>()
            + 16
            + versions.map(|version| version.record.bytes()).sum::<usize>()
            + self.pending.capacity() * size_of::<Version>()
            + self.identities.capacity() * size_of::<Identity>()
    }
}

fn first(record: VoipCallRecord, rules: &Rules) -> Judgement {
    // V174
    let is_missed = matches!(
        record.disposition,
        Disposition::Cancel | Disposition::Busy | Disposition::NoAnswer
    );
    let has_link = record.call.get("link").is_some_and(|link| !is_silent(link));
    if rules.missed_is_notice && is_missed && !has_link {
        Judgement::LegMissed(record)
    } else {
        Judgement::New(record)
    }
}

/// Merges two records: the later value wins unless it is empty.
// V171
fn join(known: VoipCallRecord, later: VoipCallRecord) -> VoipCallRecord {
    // Numbers of another direction are in another order.
    let same_order = known.direction == later.direction;
    let text = |known: String, later: String| {
        if same_order && later.is_empty() { known } else { later }
    };
    VoipCallRecord {
        src_phone: text(known.src_phone, later.src_phone),
        dst_phone: text(known.dst_phone, later.dst_phone),
        direction: later.direction,
        disposition: match later.disposition {
            Disposition::Unknown => known.disposition,
            later => later,
        },
        duration: if later.duration == 0 { known.duration } else { later.duration },
        call: join_call(known.call, later.call),
        call_id: later.call_id.or(known.call_id),
        src_phone_ext: later.src_phone_ext.or(known.src_phone_ext),
        dst_phone_ext: later.dst_phone_ext.or(known.dst_phone_ext),
    }
}

/// Merges the data of two records, member by member.
pub(super) fn join_call(known: CallData, later: CallData) -> CallData {
    match (known, later) {
        (Value::Object(mut known), Value::Object(later)) => {
            known.extend(later.into_iter().filter(|(_, value)| !is_silent(value)));
            Value::Object(known)
        }
        (known, later) if is_silent(&later) => known,
        (_, later) => later,
    }
}

fn is_silent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}
