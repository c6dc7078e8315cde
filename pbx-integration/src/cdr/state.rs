//! The states of a call: passages through queues, menus and ring groups.

use std::time::Duration;

use crate::event::GroupKind;
use crate::wire::Timestamp;
use crate::wire::duration::duration;
use crate::wire::field::{account_number, free_text, header, id, integer, word};
use crate::wire::open_enum::open_enum;
use crate::wire::record::record;
use crate::wire::{SipHeader, Spelled};

open_enum! {
    /// The reason for which a call left a state.
    pub enum RedirectReason {
        /// Hung up while connected. By itself it does not make a call answered.
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
    /// A state of a call. It has durations but no end.
    pub struct State {
        /// From header at that state.
        pub from: Option<SipHeader> = "from" optional(header),
        /// To header at that state.
        pub to: Option<SipHeader> = "to" optional(header),
        /// Language code at that state.
        pub language: Option<String> = "language" optional(free_text),
        /// State code.
        pub code: Option<i64> = "code" optional(integer),
        /// Start of the state.
        pub start: Option<Timestamp> = "start" start,
        /// Time the IVR was played.
        pub duration_ivr: Option<Duration> = "durationivr" optional(duration),
        /// Time ringback was played.
        pub duration_ring: Option<Duration> = "durationring" optional(duration),
        /// Time connected, hold included.
        pub duration_talk: Option<Duration> = "durationtalk" optional(duration),
        /// Time on hold.
        pub duration_hold: Option<Duration> = "durationhold" optional(duration),
        /// Time the agent was idle before accepting.
        pub duration_idle: Option<Duration> = "durationidle" optional(duration),
        /// Account ids of the extensions that missed the call.
        pub missed: Vec<u64> = "missed" ids,
        /// The reason of the redirect.
        pub reason: Option<Spelled<RedirectReason>> = "reason" optional(word),
        /// Kind of the state.
        pub kind: Option<Spelled<GroupKind>> = "type" optional(word),
        /// Number of the group.
        pub account: Option<String> = "account" optional(account_number),
        /// Account id of the group.
        pub account_user: Option<u64> = "accountuser" optional(id),
        /// Extension number: the agent's.
        pub extension: Option<String> = "extension" optional(account_number),
        /// Account id of that extension.
        pub extension_user: Option<u64> = "extensionuser" optional(id),
    }
}

impl State {
    /// Returns whether the call was in a queue.
    #[must_use]
    pub fn is_queue(&self) -> bool {
        self.kind.as_deref() == Some(&GroupKind::Queue)
    }

    /// Returns whether the state has talk.
    #[must_use]
    pub fn has_talk(&self) -> bool {
        self.duration_talk.is_some_and(|talk| !talk.is_zero())
    }

    /// Returns the wait before the answer or the end of the state: IVR and ringback; a missing one
    /// counts as zero.
    #[must_use]
    pub fn wait(&self) -> Duration {
        self.duration_ivr.unwrap_or_default().saturating_add(self.duration_ring.unwrap_or_default())
    }

    /// Returns the sum of IVR, ringback and talk.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.wait().saturating_add(self.duration_talk.unwrap_or_default())
    }
}
