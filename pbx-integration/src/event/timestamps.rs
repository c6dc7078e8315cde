//! When the main events of a call happened.

use crate::wire::field::{moment, start};
use crate::wire::json::Json;
use crate::wire::record::record;
use crate::wire::{FractionMode, Timestamp};

record! {
    /// When the main events of a call happened (§3.6).
    pub struct Timestamps {
        /// The call was created.
        pub start: Option<Timestamp> = "start" timed_required(start),
        /// The call was connected; by a queue or IVR too, so it does not mean that a person answered.
        pub connect: Option<Timestamp> = "connect" timed(moment),
        /// The call ended.
        pub end: Option<Timestamp> = "end" timed(moment),
    }
}

impl Timestamps {
    /// The moment under a name that this version does not know, if it is one (P44).
    #[must_use]
    pub fn other(&self, name: &str, fraction: FractionMode) -> Option<Timestamp> {
        moment(&mut Json::of(self.extra.get(name)?), fraction).ok()?
    }
}
