//! Telling repeated and late records from new ones.

use crate::cdr::record::Cdr;
use crate::recent::Recent;
use crate::wire::{Handle, Timestamp};

/// What a delivered record is to those that came before (P125).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// The call was not known.
    New,
    /// The same record once more.
    Duplicate,
    /// The call is known, its record says something else, such as a comment added later.
    Updated,
    /// The record ends earlier than the one that is known.
    Stale,
}

/// Follows records, so that each call counts once however often it is delivered (P113, P125).
///
/// A call is known by its tenant's address, its call-ID and, where there is one, the PBX's activation
/// code. Of each call a few numbers are kept, no text; beyond the capacity the call that has been
/// known longest is forgotten.
///
/// ```
/// use pbx_integration::{Delivery, Deliveries, Reader};
///
/// let first = r#"{"domain": "t.example", "callid": "c@pbx", "start": 1757934000, "end": 1757934003}"#;
/// let later = r#"{"domain": "T.example.", "callid": "c@pbx", "start": 1757934000, "end": 1757934003,
///     "comment": "asked about invoice"}"#;
/// let mut deliveries = Deliveries::new(100_000);
/// let mut deliver = |json| {
///     Ok::<_, pbx_integration::ReadError>(deliveries.handle_cdr(&Reader::lenient().read_cdr(json)?.value))
/// };
/// assert_eq!(deliver(first)?, Delivery::New);
/// assert_eq!(deliver(first)?, Delivery::Duplicate);
/// assert_eq!(deliver(later)?, Delivery::Updated);
/// # Ok::<(), pbx_integration::ReadError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Deliveries {
    known: Recent<Known>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    content: u128,
    end: Option<Timestamp>,
}

impl Deliveries {
    /// Knows at most so many calls, at least one.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { known: Recent::new(capacity) }
    }

    /// Says what a record is, and remembers it unless it is stale.
    pub fn handle_cdr(&mut self, cdr: &Cdr) -> Delivery {
        let domain = cdr.domain.as_ref().and_then(|domain| domain.comparable_address());
        let key = self.known.fingerprint(&(domain, &cdr.callid, &cdr.system));
        let now = Known { content: self.known.fingerprint(&content(cdr)), end: cdr.end };
        match self.known.get_mut(key) {
            Some(known) if known.content == now.content => Delivery::Duplicate,
            // A record without an end is older than one with.
            Some(known) if now.end < known.end => Delivery::Stale,
            Some(known) => {
                *known = now;
                Delivery::Updated
            }
            None => {
                self.known.add(key, now);
                Delivery::New
            }
        }
    }

    /// How many calls are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether no call is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A record as it is written, without the spelling of its tenant's address and without handles, which
/// say nothing about the call (P37, P45).
fn content(cdr: &Cdr) -> Vec<u8> {
    let mut cdr = cdr.clone();
    cdr.call = Handle::default();
    cdr.leg = Handle::default();
    if let Some(crate::event::Domain::Address(address)) = &mut cdr.domain {
        let comparable = crate::event::Domain::Address(std::mem::take(address));
        *address = comparable.comparable_address().unwrap_or_default().into_owned();
    }
    // Writing to memory fails for no record.
    serde_json::to_vec(&cdr).unwrap_or_default()
}
