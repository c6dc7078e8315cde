//! What a plan consists of.

use std::fmt;

use crate::extension::ExtensionId;
use crate::plan::subscription::{SubscriptionId, SubscriptionSpec, SubscriptionType};

/// One call of the API on one extension.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// The extension.
    pub extension: ExtensionId,
    /// What to do there.
    pub action: Action,
}

/// What a step does. There is no action on all subscriptions of an extension (R12).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Remove one of ours.
    Delete {
        /// Which.
        id: SubscriptionId,
        /// What it was to.
        event_type: SubscriptionType,
    },
    /// Change one of ours.
    Update {
        /// Which.
        id: SubscriptionId,
        /// What it is to say.
        spec: SubscriptionSpec,
    },
    /// Add one.
    Add {
        /// What it is to say.
        spec: SubscriptionSpec,
    },
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delete { id, event_type } => write!(f, "delete our {id}: {event_type}"),
            Self::Update { id, spec } => write!(f, "change our {id}: {spec}"),
            Self::Add { spec } => write!(f, "add: {spec}"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "extension {}: {}", self.extension, self.action)
    }
}

/// What a person has to be told about a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// An extension has no place for all that is wanted: the user deletes what is unused, or asks the
    /// PBX's administrator for a higher limit (R13, R14).
    LimitReached {
        /// The extension.
        extension: ExtensionId,
        /// What cannot be added, the most needed first.
        missing: Vec<SubscriptionType>,
    },
    /// Nobody has listed the extension's subscriptions, so nothing is done there.
    NotListed {
        /// The extension.
        extension: ExtensionId,
    },
    /// A wanted URL is not one that counts as ours, so it would never be found again.
    NotOurUrl {
        /// The extension.
        extension: ExtensionId,
        /// What was to be sent there.
        event_type: SubscriptionType,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LimitReached { extension, missing } => {
                write!(f, "extension {extension} has no place left for ")?;
                for (index, event_type) in missing.iter().enumerate() {
                    write!(f, "{}{event_type}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str(
                    ": delete unused subscriptions, or ask the PBX administrator for more places",
                )
            }
            Self::NotListed { extension } => {
                write!(f, "extension {extension} was not listed: list its subscriptions first")
            }
            Self::NotOurUrl { extension, event_type } => write!(
                f,
                "extension {extension}: the URL for {event_type} is outside our own address"
            ),
        }
    }
}
