//! Records of subscriptions (§3.4).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::event_url::SubscriptionUrl;
use crate::extension::ExtensionType;
use crate::open_enum::open_enum;

open_enum! {
    /// What a subscription is to, wire name `event_type`; each has one.
    pub enum SubscriptionType compared exactly {
        /// A call is offered to the extension.
        DialIn = "dial-in",
        /// The extension calls somebody.
        DialOut = "dial-out",
        /// A leg is answered.
        Answer = "answer",
        /// A leg has ended.
        Hangup = "hangup",
        /// A message has come in.
        MessageIn = "message-in",
        /// A message was sent.
        MessageOut = "message-out",
        /// A voice message was left.
        Voicemail = "voicemail",
        /// A phone's status has changed; for all phones of a PBX. Delivered as `call-status-change` (C9).
        ExtensionCallStatus = "extension-call-status",
        /// An agent has become ready.
        AgentLogin = "agent-login",
        /// An agent is no longer ready.
        AgentLogout = "agent-logout",
    }
}

impl SubscriptionType {
    /// What is recommended for an extension: all four call events of a phone (R7), `answer` only if
    /// the integration has use for it (R8), `hangup` of a voice menu or queue (R9), nothing of others.
    ///
    /// ```
    /// use ucom_events::{ExtensionType, SubscriptionType};
    ///
    /// let wanted = SubscriptionType::recommended(&ExtensionType::Queue, true);
    /// assert_eq!(wanted, [SubscriptionType::Hangup]);
    /// assert_eq!(SubscriptionType::recommended(&ExtensionType::Phone, false).len(), 3);
    /// ```
    #[must_use]
    pub const fn recommended(extension: &ExtensionType, with_answer: bool) -> &'static [Self] {
        const PHONE: &[SubscriptionType] = &[
            SubscriptionType::Hangup,
            SubscriptionType::DialIn,
            SubscriptionType::DialOut,
            SubscriptionType::Answer,
        ];
        match extension {
            ExtensionType::Phone if with_answer => PHONE,
            ExtensionType::Phone => PHONE.split_at(3).0,
            ExtensionType::Ivr | ExtensionType::Queue => PHONE.split_at(1).0,
            _ => &[],
        }
    }

    /// Which comes first where places run out: V1 needs `hangup`.
    pub(super) const fn rank(&self) -> u8 {
        match self {
            Self::Hangup => 0,
            Self::DialIn => 1,
            Self::DialOut => 2,
            Self::Answer => 3,
            _ => 4,
        }
    }
}

open_enum! {
    /// How the PBX sends an event, wire name `method`; written in upper case.
    pub enum DeliveryMethod compared without_case {
        /// The fields in the query.
        Get = "GET",
        /// The fields in the body.
        Post = "POST",
    }
}

/// The id of a subscription, unique within its extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SubscriptionId(u64);

impl SubscriptionId {
    /// An id by its number.
    #[must_use]
    pub const fn new(id: u64) -> Self {
        Self(id)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for SubscriptionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a subscription says: when this happens, send a request there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SubscriptionSpec {
    /// Where to.
    pub url: SubscriptionUrl,
    /// When.
    pub event_type: SubscriptionType,
    /// How.
    pub method: DeliveryMethod,
}

impl SubscriptionSpec {
    /// A subscription by its parts.
    #[must_use]
    pub const fn new(
        event_type: SubscriptionType,
        method: DeliveryMethod,
        url: SubscriptionUrl,
    ) -> Self {
        Self { url, event_type, method }
    }
}

impl fmt::Display for SubscriptionSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {} to {}", self.event_type, self.method, self.url)
    }
}

/// A subscription that the PBX has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Subscription {
    /// Which one.
    pub id: SubscriptionId,
    /// What it says.
    #[serde(flatten)]
    pub spec: SubscriptionSpec,
}

impl Subscription {
    /// A subscription by its id and what it says.
    #[must_use]
    pub const fn new(id: SubscriptionId, spec: SubscriptionSpec) -> Self {
        Self { id, spec }
    }
}
