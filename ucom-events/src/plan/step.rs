//! Steps and notices of a plan.

use std::fmt;

use crate::api::{
    ApiError, ApiRequest, ClientId, SubscriptionId, SubscriptionSpec, SubscriptionType,
};
use crate::plan::owner::Owner;

/// One request of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// The owner of the subscription.
    pub owner: Owner,
    /// The request's kind.
    pub action: Action,
    /// The row of a removed or changed subscription.
    pub(super) row: Option<usize>,
}

/// The kind of a step. No kind removes all subscriptions of an owner.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Remove one of ours.
    Delete {
        /// The subscription.
        id: SubscriptionId,
        /// The subscription's type.
        event_type: SubscriptionType,
    },
    /// Change one of ours.
    Update {
        /// The subscription.
        id: SubscriptionId,
        /// The new content.
        spec: SubscriptionSpec,
    },
    /// Add one.
    Add {
        /// The new content.
        spec: SubscriptionSpec,
    },
}

impl Step {
    /// Returns the request of the step.
    #[must_use]
    pub fn request(&self, client: ClientId) -> ApiRequest {
        match &self.action {
            Action::Delete { id, .. } => ApiRequest::delete(client, &self.owner, *id),
            Action::Update { id, spec } => ApiRequest::update(client, &self.owner, *id, spec),
            Action::Add { spec } => ApiRequest::add(client, &self.owner, spec),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = |spec: &SubscriptionSpec| {
            format!("{} by {} to {}", spec.event_type, spec.method, spec.url)
        };
        match self {
            Self::Delete { id, event_type } => write!(f, "delete our {id}: {event_type}"),
            Self::Update { id, spec } => write!(f, "change our {id}: {}", said(spec)),
            Self::Add { spec } => write!(f, "add: {}", said(spec)),
        }
    }
}

/// A notice about a plan for a person. `Display` is the message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanNotice {
    /// The wanted subscriptions exceed the places.
    LimitReached {
        /// The number and label of the owner.
        name: String,
        /// The types that cannot be added, the most needed first.
        missing: Vec<SubscriptionType>,
    },
    /// Subscriptions of our form with unknown tokens: another account's, or of lost rows. They are
    /// not touched.
    Adoptable {
        /// The number and label of the owner.
        name: String,
        /// Their number.
        count: usize,
    },
    /// The list could not be read, so nothing is done.
    NotRead {
        /// The number and label of the owner.
        name: String,
        /// The reason.
        error: ApiError,
    },
    /// The PBX has no such owner any more.
    Gone {
        /// The number and label of the owner.
        name: String,
    },
    /// The owner is wanted and has neither a row nor a list.
    NotPrepared {
        /// The number and label of the owner.
        name: String,
    },
}

impl fmt::Display for PlanNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LimitReached { name, missing } => {
                write!(f, "{name}: no free place for ")?;
                for (index, event_type) in missing.iter().enumerate() {
                    write!(f, "{}{event_type}", if index == 0 { "" } else { ", " })?;
                }
                for event_type in missing {
                    if let Some(cost) = cost(event_type) {
                        write!(f, "; without {event_type} {cost}")?;
                    }
                }
                f.write_str(
                    ". Delete unused subscriptions, or ask the PBX administrator for more places",
                )
            }
            Self::Adoptable { name, count } => write!(
                f,
                "{name}: subscriptions with the shape of ours and unknown tokens: {count}. They stay \
                 untouched until you adopt them"
            ),
            Self::NotRead { name, error } => write!(f, "{name}: left out: {error}"),
            Self::Gone { name } => write!(f, "{name}: the PBX no longer has it"),
            Self::NotPrepared { name } => {
                write!(f, "{name}: left out: assign a row and list its subscriptions first")
            }
        }
    }
}

/// Returns the function that users lose without an event.
const fn cost(event_type: &SubscriptionType) -> Option<&'static str> {
    Some(match event_type {
        SubscriptionType::Hangup => "there is no log entry from this extension",
        SubscriptionType::DialIn => "there is no pop-up for incoming calls and no ringing time",
        SubscriptionType::DialOut => "there is no pop-up for outgoing calls",
        SubscriptionType::Answer => "pop-ups cannot say who took the call",
        _ => return None,
    })
}
