//! New, repeated, updated and late deliveries.

use crate::cdr::{Cdr, Source};
use crate::event::{AgentEvent, GroupEvent, LiveKey, Phase};
use crate::report::recent::Recent;

/// The kind of a delivery, compared with those committed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// The call is unknown, or its live event is another one.
    New,
    /// A repetition of the payload.
    Duplicate,
    /// Another version of a known record, such as one with a comment added later.
    Updated,
    /// Older than the known version: a record that ends earlier, or a live event after the end of
    /// its call.
    Stale,
}

impl Delivery {
    /// Returns whether the payload has to be handled.
    #[must_use]
    pub const fn is_news(self) -> bool {
        matches!(self, Self::New | Self::Updated)
    }
}

/// A memory of deliveries, so that each payload is handled once even if it is repeated.
///
/// Remembering takes two steps: [`look`](Self::look) classifies a payload and changes nothing;
/// [`commit`](Self::commit) remembers it, after the handler has stored it. So a retry after a
/// failure is new again.
///
/// A record is known by the address of its tenant, its call-ID and, if both versions have one, the
/// activation code of the PBX. Only fingerprints are kept; beyond the capacity the oldest call is
/// evicted.
///
/// ```
/// use pbx_integration::{Reader, report::{Deliveries, Delivery}};
///
/// let first = r#"{"domain": "t.example", "callid": "c@pbx", "start": 1757934000, "end": 1757934003}"#;
/// let later = r#"{"domain": "T.example.", "callid": "c@pbx", "start": 1757934000, "end": 1757934003,
///     "comment": "asked about invoice"}"#;
/// let mut deliveries = Deliveries::new(100_000);
/// let first = Reader::lenient().read_cdr(first)?.value;
/// let look = deliveries.look(&first);
/// assert_eq!(look.delivery(), Delivery::New);
/// assert_eq!(deliveries.look(&first).delivery(), Delivery::New); // not committed yet
/// deliveries.commit(look); // the handler has stored it
/// assert_eq!(deliveries.look(&first).delivery(), Delivery::Duplicate);
/// let later = Reader::lenient().read_cdr(later)?.value;
/// assert_eq!(deliveries.look(&later).delivery(), Delivery::Updated);
/// # Ok::<(), pbx_integration::Issue>(())
/// ```
#[derive(Clone, Debug)]
pub struct Deliveries {
    known: Recent<Version>,
}

/// A version of a call, by fingerprints.
#[derive(Clone, Copy, Debug)]
struct Version {
    content: u64,
    /// Larger for later versions: the end of a record, or of a live call 1 after its end.
    age: i64,
    /// The activation code; zero if absent. Small, because millions of versions are kept.
    system: u64,
}

/// The age of a record without an end, or of a live call in progress.
const OPEN: i64 = i64::MIN;

/// The kind of a delivery, and the data to commit it.
#[derive(Clone, Copy, Debug)]
#[must_use = "a payload is remembered by committing its look"]
pub struct Look {
    delivery: Delivery,
    pub(crate) call: u64,
    version: Version,
    /// The key that must not be in flight twice.
    pub(crate) lane: u64,
}

impl Look {
    /// Returns the kind of the delivery.
    #[must_use]
    pub const fn delivery(&self) -> Delivery {
        self.delivery
    }
}

/// A payload that [`Deliveries`] can compare: a record or a live event.
pub trait Deliverable: sealed::Sealed {}

mod sealed {
    #[expect(unnameable_types, reason = "only this crate implements it")]
    pub trait Sealed {
        fn look(&self, deliveries: &super::Deliveries) -> super::Look;
    }
}

impl Deliveries {
    /// Creates a memory of this many calls, at least one.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { known: Recent::new(capacity) }
    }

    /// Classifies a payload; changes nothing.
    pub fn look(&self, payload: &impl Deliverable) -> Look {
        payload.look(self)
    }

    /// Remembers a handled payload. An outdated look changes nothing.
    pub fn commit(&mut self, look: Look) {
        let Look { call, version, .. } = look;
        match self.known.get_mut(call) {
            Some(known) if version.age < known.age => {}
            Some(known) => {
                let system = if version.system == 0 { known.system } else { version.system };
                *known = Version { system, ..version };
            }
            None => drop(self.known.add(call, version)),
        }
    }

    /// Returns the number of remembered calls.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Returns whether no call is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Deliverable for Cdr {}

impl sealed::Sealed for Cdr {
    // P125
    fn look(&self, deliveries: &Deliveries) -> Look {
        let known = &deliveries.known;
        let tenant = self.domain.as_ref().and_then(|domain| domain.comparable_address());
        // Records of a queue's list have no call-ID (P208).
        let queue = (self.source == Source::Queue).then(|| {
            let account = self.states.first().and_then(|state| state.account.as_ref());
            (account, self.start, self.from.as_ref())
        });
        let key = (&tenant, &self.callid, queue);
        let system = self.system.as_ref().map_or(0, |system| known.fingerprint(system).max(1));
        let mut call = known.fingerprint(&key);
        let is_other = |other: u64| other != 0 && system != 0 && other != system;
        if known.get(call).is_some_and(|version| is_other(version.system)) {
            // Another PBX used the same call-ID.
            call = known.fingerprint(&(&key, system));
        }
        let age = self.end.map_or(OPEN, crate::wire::Timestamp::as_millis);
        let version = Version { content: known.fingerprint(self), age, system };
        let delivery = match known.get(call) {
            None => Delivery::New,
            Some(known) if known.content == version.content => Delivery::Duplicate,
            // A record without an end is older than one with.
            Some(known) if version.age < known.age => Delivery::Stale,
            Some(_) => Delivery::Updated,
        };
        Look { delivery, call, version, lane: call }
    }
}

impl Deliveries {
    // P50
    fn look_live(&self, key: &LiveKey) -> Look {
        let known = &self.known;
        let call = known.fingerprint(&key.call);
        let has_ended = key.phase() == Phase::Ended;
        let content = known.fingerprint(key);
        let age = if has_ended { 0 } else { OPEN };
        let version = Version { content, age, system: 0 };
        let delivery = match known.get(call) {
            Some(known) if known.content == content => Delivery::Duplicate,
            Some(known) if known.age != OPEN => Delivery::Stale,
            _ => Delivery::New,
        };
        Look { delivery, call, version, lane: content }
    }
}

impl Deliverable for GroupEvent {}

impl sealed::Sealed for GroupEvent {
    fn look(&self, deliveries: &Deliveries) -> Look {
        deliveries.look_live(&self.key())
    }
}

impl Deliverable for AgentEvent {}

impl sealed::Sealed for AgentEvent {
    fn look(&self, deliveries: &Deliveries) -> Look {
        deliveries.look_live(&self.key())
    }
}
