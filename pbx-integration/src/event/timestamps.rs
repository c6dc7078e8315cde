//! The times of a call's main events.

use crate::wire::FractionMode;
use crate::wire::Timestamp;
use crate::wire::record::record;
use crate::wire::timestamp::moment;
use crate::wire::value::{DurationUnit, Options, Value};

record! {
    /// The times of a call's main events.
    pub struct Timestamps {
        /// The call was created.
        pub start: Option<Timestamp> = "start" start,
        /// The call was connected, perhaps by a queue or an IVR and not by a person.
        pub connect: Option<Timestamp> = "connect" moment,
        /// The call ended.
        pub end: Option<Timestamp> = "end" moment,
    }
}

impl Timestamps {
    /// Returns the time under an unknown name; `None` if it is not a timestamp.
    // P44
    #[must_use]
    pub fn other(&self, name: &str, fraction: FractionMode) -> Option<Timestamp> {
        let raw = serde_json::from_str(self.extra.get(name)?).ok()?;
        moment(Value::of(raw, Options { fraction, unit: DurationUnit::Milliseconds })).ok()?
    }
}
