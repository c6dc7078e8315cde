//! The states of a call: queues, menus, ring groups on its way.

use std::time::Duration;

use crate::event::GroupKind;
use crate::open_enum::open_enum;
use crate::wire::field::{Plain, ids, start, word};
use crate::wire::record::record;
use crate::wire::{SipHeader, Spelled, Timestamp, scalar};

open_enum! {
    /// Why a call left a state (P60).
    pub enum RedirectReason compared exactly {
        /// Hung up while connected. By itself it does not make a call answered (P167).
        HungUpConnected = "hc",
        /// Hung up while waiting.
        HungUpWaiting = "hw",
        /// Hung up while ringing.
        HungUpRinging = "hr",
        /// Redirected while waiting.
        RedirectedWaiting = "rw",
        /// Redirected while ringing.
        RedirectedRinging = "rr",
        /// Redirected because anonymous.
        RedirectedAnonymous = "ra",
        /// User interaction.
        UserInteraction = "ui",
        /// Administrator interaction.
        AdministratorInteraction = "ai",
        /// Maximum of calls reached.
        MaximumCalls = "mc",
        /// By an external application.
        Soap = "soap",
        /// Another reason.
        Other = "other",
    }
}

record! {
    /// A state of a call (§6.3). It has durations but no end (P58).
    pub struct State {
        /// From header at that state.
        pub from: Option<SipHeader> = "from" optional(crate::cdr::header),
        /// To header at that state.
        pub to: Option<SipHeader> = "to" optional(crate::cdr::header),
        /// Language code at that state.
        pub language: Option<String> = "language" optional(scalar::free_text),
        /// State code.
        pub code: Option<i64> = "code" optional(scalar::integer),
        /// Start of the state.
        pub start: Option<Timestamp> = "start" timed_required(start),
        /// Time the IVR was played.
        pub duration_ivr: Option<Duration> = "durationivr" optional(scalar::duration),
        /// Time ringback was played.
        pub duration_ring: Option<Duration> = "durationring" optional(scalar::duration),
        /// Time connected, hold included (P27).
        pub duration_talk: Option<Duration> = "durationtalk" optional(scalar::duration),
        /// Time on hold.
        pub duration_hold: Option<Duration> = "durationhold" optional(scalar::duration),
        /// Time the agent was idle before accepting.
        pub duration_idle: Option<Duration> = "durationidle" optional(scalar::duration),
        /// Account ids of the extensions that missed the call (P62).
        pub missed: Vec<u64> = "missed" custom(ids),
        /// Why the call was redirected.
        pub reason: Option<RedirectReason> = "reason" optional(word),
        /// Kind of the state.
        pub kind: Option<Spelled<GroupKind>> = "type" optional(word),
        /// Number of the group.
        pub account: Option<String> = "account" optional(scalar::account_number),
        /// Account id of the group.
        pub account_user: Option<u64> = "accountuser" optional(scalar::id),
        /// Extension number: the agent's.
        pub extension: Option<String> = "extension" optional(scalar::account_number),
        /// Account id of that extension.
        pub extension_user: Option<u64> = "extensionuser" optional(scalar::id),
    }
}

impl Plain for RedirectReason {}

impl State {
    /// Whether the call stood in a queue.
    #[must_use]
    pub fn is_queue(&self) -> bool {
        self.kind.as_deref() == Some(&GroupKind::Queue)
    }

    /// Whether somebody talked.
    #[must_use]
    pub fn has_talk(&self) -> bool {
        self.duration_talk.is_some_and(|talk| !talk.is_zero())
    }

    /// The time before somebody answered or the call left: IVR and ringback (P120); what is absent
    /// counts as zero (P149).
    #[must_use]
    pub fn wait(&self) -> Duration {
        self.duration_ivr.unwrap_or_default().saturating_add(self.duration_ring.unwrap_or_default())
    }

    /// IVR, ringback and talk together.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.wait().saturating_add(self.duration_talk.unwrap_or_default())
    }
}
