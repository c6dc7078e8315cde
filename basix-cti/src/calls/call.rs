//! The record of a call.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::element::{GroupId, Timestamp, UserId};

/// One call: all legs that were connected to each other at some time.
///
/// The facts are those of the PBX's records. Times are by the PBX's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Call {
    pub(super) id: String,
    pub(super) direction: CallDirection,
    pub(super) customer: String,
    pub(super) customer_id: Option<String>,
    pub(super) customer_name: Option<String>,
    pub(super) called_number: String,
    pub(super) group_id: Option<GroupId>,
    pub(super) caller: Option<UserId>,
    pub(super) rang: Vec<UserId>,
    pub(super) answered_by: Option<UserId>,
    pub(super) outcome: Option<Outcome>,
    #[serde(serialize_with = "micros")]
    pub(super) wait: Duration,
    #[serde(serialize_with = "micros")]
    pub(super) talk: Duration,
    pub(super) started: Timestamp,
    pub(super) answered: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
    pub(super) parks: Vec<ParkDetail>,
    pub(super) transfers: Vec<TransferDetail>,
    pub(super) visited_ivr: bool,
    pub(super) visited_voicemail: bool,
    pub(super) legs: Vec<LegDetail>,
    pub(super) has_gap: bool,
    pub(super) revised: u32,
    pub(super) replaces: Vec<String>,
}

impl Call {
    /// Returns the identity: the uuid of the first leg.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the direction of the call, as the PBX sees it.
    #[must_use]
    pub const fn direction(&self) -> CallDirection {
        self.direction
    }

    /// Returns the number of the outside party, or the calling extension of an internal call; empty
    /// if unknown.
    #[must_use]
    pub fn customer(&self) -> &str {
        &self.customer
    }

    /// Returns the identity of the customer in the CRM.
    #[must_use]
    pub fn customer_id(&self) -> Option<&str> {
        self.customer_id.as_deref()
    }

    /// Returns the name of the customer in the CRM.
    #[must_use]
    pub fn customer_name(&self) -> Option<&str> {
        self.customer_name.as_deref()
    }

    /// Returns the called number: the DID of an inbound call, the dialled number of others.
    #[must_use]
    pub fn called_number(&self) -> &str {
        &self.called_number
    }

    /// Returns the group that was called first.
    #[must_use]
    pub const fn group_id(&self) -> Option<GroupId> {
        self.group_id
    }

    /// Returns the user who made the call.
    #[must_use]
    pub const fn caller(&self) -> Option<UserId> {
        self.caller
    }

    /// Returns the users whose phones rang for the call, each once, in order.
    #[must_use]
    pub fn rang(&self) -> &[UserId] {
        &self.rang
    }

    /// Returns the user who answered first; `None` without an answer, or if an outside party
    /// answered.
    #[must_use]
    pub const fn answered_by(&self) -> Option<UserId> {
        self.answered_by
    }

    /// Returns the outcome of the call; `None` while it is in progress.
    #[must_use]
    pub const fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// Returns the time in IVR, queue and ringing until the call was answered, went to voicemail,
    /// or ended. Zero for a call that is still waiting: see [`started`](Self::started).
    #[must_use]
    pub const fn wait(&self) -> Duration {
        self.wait
    }

    /// Returns the time during which at least two parties were connected; of a call in progress, up
    /// to now.
    #[must_use]
    pub const fn talk(&self) -> Duration {
        self.talk
    }

    /// Returns the time when the first leg was offered.
    #[must_use]
    pub const fn started(&self) -> Timestamp {
        self.started
    }

    /// Returns the time when two parties were first connected.
    #[must_use]
    pub const fn answered(&self) -> Option<Timestamp> {
        self.answered
    }

    /// Returns the time when the last leg ended; `None` while the call is in progress.
    #[must_use]
    pub const fn ended(&self) -> Option<Timestamp> {
        self.ended
    }

    /// Returns the times on parking slots, in order.
    #[must_use]
    pub fn parks(&self) -> &[ParkDetail] {
        &self.parks
    }

    /// Returns the transfers, in order.
    #[must_use]
    pub fn transfers(&self) -> &[TransferDetail] {
        &self.transfers
    }

    /// Returns whether the call was in an IVR.
    #[must_use]
    pub const fn visited_ivr(&self) -> bool {
        self.visited_ivr
    }

    /// Returns whether the call reached a mailbox.
    #[must_use]
    pub const fn visited_voicemail(&self) -> bool {
        self.visited_voicemail
    }

    /// Returns the legs, in the order of their offers.
    #[must_use]
    pub fn legs(&self) -> &[LegDetail] {
        &self.legs
    }

    /// Returns whether facts may be missing or late, because events were missed during the call.
    #[must_use]
    pub const fn has_gap(&self) -> bool {
        self.has_gap
    }

    /// Returns the number of earlier records of this call: 0 for the first record.
    #[must_use]
    pub const fn revised(&self) -> u32 {
        self.revised
    }

    /// Returns the identities of earlier records that are part of this one: calls that were joined,
    /// or whose first leg changed. Delete those records when you store this one.
    #[must_use]
    pub fn replaces(&self) -> &[String] {
        &self.replaces
    }

    /// Returns the waiting time at `now`; `None` once the call was answered, or ended.
    #[must_use]
    pub const fn waiting_for(&self, now: Timestamp) -> Option<Duration> {
        match (self.answered, self.ended) {
            (None, None) => Some(self.started.elapsed_at(now)),
            _ => None,
        }
    }
}

/// The direction of a call, as the PBX sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CallDirection {
    /// From the public network.
    Inbound,
    /// To the public network.
    Outbound,
    /// Between users.
    Internal,
}

/// The outcome of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// Two parties were connected.
    Answered,
    /// The call reached a mailbox without an answer.
    Voicemail,
    /// The caller gave up before an answer.
    Abandoned,
    /// The call was not answered in time.
    NoAnswer,
    /// The called party was busy.
    Busy,
    /// The called party rejected the call.
    Rejected,
    /// The call failed with another cause, the name of a FreeSWITCH hangup cause.
    Failed(String),
    /// The end of the call was not seen.
    Unknown,
}

/// `answered`, `no answer`, `failed: NO_ROUTE_DESTINATION`.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Answered => "answered",
            Self::Voicemail => "voicemail",
            Self::Abandoned => "abandoned",
            Self::NoAnswer => "no answer",
            Self::Busy => "busy",
            Self::Rejected => "rejected",
            Self::Failed(cause) => return write!(f, "failed: {cause}"),
            Self::Unknown => "unknown",
        })
    }
}

/// A time on a parking slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ParkDetail {
    /// The slot, such as 901.
    pub slot: Option<i64>,
    /// The user who parked the call.
    pub parker: Option<UserId>,
    /// Time when it was parked.
    pub from: Timestamp,
    /// Time when it left the slot; `None` while it is parked.
    pub to: Option<Timestamp>,
    /// The user who retrieved it.
    pub retrieved_by: Option<UserId>,
}

/// A transfer: one party stays, the other is replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TransferDetail {
    /// Time of the transfer.
    pub at: Timestamp,
    /// The user who left the call.
    pub from: Option<UserId>,
    /// The party called in place of that user.
    pub to: TransferTarget,
}

/// The target of a transfer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TransferTarget {
    /// A user.
    User(UserId),
    /// A group.
    Group(GroupId),
    /// Another number or address; empty if unknown.
    Number(String),
}

/// One leg of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LegDetail {
    /// Identity of its channel.
    pub uuid: String,
    /// True if the PBX made it.
    pub is_outbound: bool,
    /// True if a supervisor listened through it.
    pub is_helper: bool,
    /// The user on it.
    pub user_id: Option<UserId>,
    /// The number at its other end.
    pub number: String,
    /// Time when it was offered.
    pub offered: Timestamp,
    /// Time when it was answered.
    pub answered: Option<Timestamp>,
    /// Time when it ended.
    pub ended: Option<Timestamp>,
    /// Its ending, if that was seen.
    pub hangup: Option<HangupDetail>,
}

/// The ending of a leg.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HangupDetail {
    /// True if the peer ended it, false if the PBX did; `None` if unknown.
    pub by_peer: Option<bool>,
    /// The FreeSWITCH name of the cause.
    pub cause: String,
}

fn micros<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
}
