//! Wanted and listed subscriptions.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::{ApiError, DeliveryMethod, Subscription, SubscriptionType};
use crate::directory::ExtensionType;
use crate::plan::owner::Owner;

/// The events that an integration wants, by owner. All of an owner go to one URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub(super) owners: BTreeMap<Owner, WantedOwner>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WantedOwner {
    /// The number and label, for messages.
    pub(super) name: String,
    pub(super) types: Vec<SubscriptionType>,
    pub(super) method: DeliveryMethod,
}

impl Wanted {
    /// Creates an empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds events of an owner, the most needed first. `name` is the owner's name in messages.
    pub fn insert(
        &mut self,
        owner: Owner,
        name: &str,
        types: impl IntoIterator<Item = SubscriptionType>,
        method: DeliveryMethod,
    ) {
        let (name, types) = (name.to_owned(), types.into_iter().collect());
        self.owners.insert(owner, WantedOwner { name, types, method });
    }
}

/// Returns the recommended events of a type of extension, the most needed first.
pub(crate) fn recommended(kind: &ExtensionType, with_answer: bool) -> Vec<SubscriptionType> {
    let types: &[SubscriptionType] = match kind {
        ExtensionType::Phone => &[
            SubscriptionType::Hangup,
            SubscriptionType::DialIn,
            SubscriptionType::DialOut,
            SubscriptionType::Answer,
        ],
        ExtensionType::Ivr | ExtensionType::Queue => &[SubscriptionType::Hangup],
        _ => &[],
    };
    let is_wanted = |kind: &&SubscriptionType| with_answer || **kind != SubscriptionType::Answer;
    types.iter().filter(is_wanted).cloned().collect()
}

/// The listed subscriptions of the requested owners, of all integrations.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    pub(super) owners: BTreeMap<Owner, ListedOwner>,
}

#[derive(Clone, Debug)]
pub(super) enum ListedOwner {
    Read {
        subscriptions: Vec<Subscription>,
        unreadable: usize,
    },
    /// The PBX has no such owner.
    Gone,
    Failed(ApiError),
}

impl Listed {
    /// Creates a set without lists.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an owner's list, and the number of its unreadable items.
    pub fn insert(
        &mut self,
        owner: Owner,
        mut subscriptions: Vec<Subscription>,
        unreadable: usize,
    ) {
        // A subscription listed twice would count as a duplicate and be deleted.
        let mut seen = BTreeSet::new();
        subscriptions.retain(|subscription| seen.insert(subscription.id));
        self.owners.insert(owner, ListedOwner::Read { subscriptions, unreadable });
    }

    /// Records that an owner's list could not be read. The owner is left out of the plan and
    /// reported; 404 means that the owner no longer exists.
    pub fn handle_failure(&mut self, owner: Owner, error: ApiError) {
        let is_gone = error.refused_with() == Some(404);
        let listed = if is_gone { ListedOwner::Gone } else { ListedOwner::Failed(error) };
        self.owners.insert(owner, listed);
    }

    /// Drops lists of owners that cannot be planned.
    pub(crate) fn leave_out(&mut self, is_left_out: impl Fn(&Owner) -> bool) {
        self.owners.retain(|owner, _| !is_left_out(owner));
    }
}
