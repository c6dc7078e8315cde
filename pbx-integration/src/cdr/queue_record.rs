//! Records of a queue's REST list, and their conversion to calls.

use std::time::Duration;

use crate::cdr::{Cdr, Source, State};
use crate::event::{Domain, GroupKind};
use crate::wire::Timestamp;
use crate::wire::duration::duration_in_unit;
use crate::wire::field::{flag, header, text, text_or_number};
use crate::wire::record::record;
use crate::wire::value::{Read, Value};
use crate::wire::{DurationUnit, Issue, Parsed, Reader, SipHeader, Spelled};

record! {
    /// The durations of a queue record, whose unit depends on the interface.
    pub struct QueueDurations {
        /// Time IVR was played.
        pub ivr: Option<Duration> = "ivr" optional(duration_in_unit),
        /// Time ringback was played.
        pub ring: Option<Duration> = "ring" optional(duration_in_unit),
        /// Time connected.
        pub talk: Option<Duration> = "talk" optional(duration_in_unit),
        /// Time on hold.
        pub hold: Option<Duration> = "hold" optional(duration_in_unit),
    }
}

record! {
    /// A call in the REST list of a queue, `/rest/acd/{queue}/cdr`.
    ///
    /// Durations in any unit are written and read back as milliseconds.
    pub struct QueueRecord {
        /// Start.
        pub start: Option<Timestamp> = "start" start,
        /// From header.
        pub from: Option<SipHeader> = "from" optional(header),
        /// To header.
        pub to: Option<SipHeader> = "to" optional(header),
        /// The agent, as a header.
        pub agent: Option<SipHeader> = "agent" optional(agent),
        /// Rating, entered by the caller.
        pub rating: Option<String> = "rating" optional(text_or_number),
        /// Durations.
        pub duration: Option<QueueDurations> = "duration" object,
        /// The caller gave up; missing in older versions.
        pub abandoned: Option<bool> = "abandoned" optional(flag),
    }
}

/// A header; empty text means that the call was not answered.
fn agent(value: Value<'_>) -> Read<SipHeader> {
    Ok(text(value)?.map(SipHeader::new))
}

impl QueueRecord {
    /// Converts to a call for the figures: one queue state, without call-ID and end. The queue is
    /// the argument, or else the number of `to`.
    ///
    /// Without talk and flag, abandoned and redirected callers cannot be distinguished.
    // P208
    #[must_use]
    pub fn into_cdr(self, queue: Option<&str>) -> Cdr {
        let number = |header: Option<&SipHeader>| Some(header?.number()?.into_owned());
        let duration = self.duration.unwrap_or_default();
        let state = State {
            from: self.from.clone(),
            to: self.to.clone(),
            start: self.start,
            kind: Some(Spelled::known(GroupKind::Queue)),
            account: queue.map(str::to_owned).or_else(|| number(self.to.as_ref())),
            extension: number(self.agent.as_ref()),
            duration_ivr: duration.ivr,
            duration_ring: duration.ring,
            duration_talk: duration.talk,
            duration_hold: duration.hold,
            ..State::default()
        };
        let host =
            |header: &Option<SipHeader>| Some(Domain::from(header.as_ref()?.party()?.host_name()?));
        Cdr {
            source: Source::Queue,
            domain: host(&self.to).or_else(|| host(&self.from)),
            start: self.start,
            from: self.from,
            to: self.to,
            rating: self.rating,
            abandoned: self.abandoned,
            states: vec![state],
            extra: self.extra,
            ..Cdr::default()
        }
    }
}

impl Reader {
    /// Reads a record of a queue's REST list. Its durations are seconds in the queue's list, milliseconds
    /// in the user's.
    ///
    /// # Errors
    ///
    /// If the input is not a JSON object within the limits, or (strict mode) has an invalid field.
    ///
    /// ```
    /// use pbx_integration::{Reader, wire::DurationUnit};
    ///
    /// let json = r#"{"start": 1598070201.876, "duration": {"ivr": 3, "ring": 5, "talk": 40}}"#;
    /// let record = Reader::strict().read_queue_record(json, DurationUnit::Seconds)?.value;
    /// assert_eq!(record.into_cdr(Some("300")).summary().talk.as_secs(), 40);
    /// # Ok::<(), pbx_integration::Issue>(())
    /// ```
    pub fn read_queue_record(
        &self,
        json: impl AsRef<[u8]>,
        unit: DurationUnit,
    ) -> Result<Parsed<QueueRecord>, Issue> {
        self.with_unit(unit).read(json.as_ref())
    }
}
