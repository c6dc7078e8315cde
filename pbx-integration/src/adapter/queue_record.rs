//! The record of a call in a queue's list.

use std::time::Duration;

use crate::cdr::header;
use crate::wire::field::start;
use crate::wire::json::Json;
use crate::wire::record::record;
use crate::wire::scalar::{self, DurationUnit, Read};
use crate::wire::{Parsed, ReadError, Reader, SipHeader, Timestamp};

record! {
    /// The durations of a queue record as numbers, whose unit the interface decides (P29).
    pub struct QueueDurations {
        /// Time IVR was played.
        pub ivr: Option<Duration> = "ivr" united(scalar::duration_in),
        /// Time ringback was played.
        pub ring: Option<Duration> = "ring" united(scalar::duration_in),
        /// Time connected.
        pub talk: Option<Duration> = "talk" united(scalar::duration_in),
        /// Time on hold.
        pub hold: Option<Duration> = "hold" united(scalar::duration_in),
    }
}

record! {
    /// A call in the REST list of a queue, `/rest/acd/{queue}/cdr` (§12).
    ///
    /// Durations are written as milliseconds, whatever their unit was, and read back as such.
    pub struct QueueRecord {
        /// Start.
        pub start: Option<Timestamp> = "start" timed_required(start),
        /// From header.
        pub from: Option<SipHeader> = "from" optional(header),
        /// To header.
        pub to: Option<SipHeader> = "to" optional(header),
        /// The agent, as a header.
        pub agent: Option<SipHeader> = "agent" optional(agent),
        /// Rating, entered by the caller.
        pub rating: Option<String> = "rating" optional(scalar::rating),
        /// Durations.
        pub duration: Option<QueueDurations> = "duration" object,
    }
}

/// A header, where empty is no value: nobody answered.
fn agent(json: &mut Json<'_>) -> Read<SipHeader> {
    Ok(scalar::text(json)?.map(SipHeader::new))
}

impl Reader {
    /// Reads a record of a queue's REST list, whose durations are in a unit that the caller knows:
    /// seconds in the queue's list, milliseconds in the user's (P29).
    ///
    /// # Errors
    ///
    /// No JSON object within the limits, or (strict mode) a bad field.
    ///
    /// ```
    /// use pbx_integration::{DurationUnit, Reader};
    ///
    /// let json = r#"{"start": 1598070201.876, "duration": {"ivr": 3, "ring": 5, "talk": 40}}"#;
    /// let record = Reader::strict().read_queue_record(json, DurationUnit::Seconds)?.value;
    /// let talk = record.duration.and_then(|duration| duration.talk);
    /// assert_eq!(talk.map(|talk| talk.as_secs()), Some(40));
    /// # Ok::<(), pbx_integration::ReadError>(())
    /// ```
    pub fn read_queue_record(
        &self,
        json: impl AsRef<[u8]>,
        unit: DurationUnit,
    ) -> Result<Parsed<QueueRecord>, ReadError> {
        self.read_with_unit(json.as_ref(), unit)
    }
}
