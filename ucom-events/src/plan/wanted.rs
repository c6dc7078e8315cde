//! What should be subscribed, and what is.

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
    /// Nothing is wanted.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Wants events of an owner, the most needed first. `name` is what messages call the owner.
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

/// What is recommended for a type of extension, the most needed first.
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

/// The subscriptions that the PBX has, of all integrations, on the owners that were asked for.
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
    /// No list was read yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes over an owner's list, and how many items of it could not be read.
    pub fn insert(
        &mut self,
        owner: Owner,
        mut subscriptions: Vec<Subscription>,
        unreadable: usize,
    ) {
        // One that is listed twice would count as a duplicate of ours, and be deleted.
        let mut seen = BTreeSet::new();
        subscriptions.retain(|subscription| seen.insert(subscription.id));
        self.owners.insert(owner, ListedOwner::Read { subscriptions, unreadable });
    }

    /// Takes over that an owner's list could not be read. The owner is left out of the plan and
    /// reported; 404 means that the owner no longer exists.
    pub fn handle_failure(&mut self, owner: Owner, error: ApiError) {
        let is_gone = error.refused_with() == Some(404);
        let listed = if is_gone { ListedOwner::Gone } else { ListedOwner::Failed(error) };
        self.owners.insert(owner, listed);
    }

    /// Forgets lists of owners that nothing can be planned for.
    pub(crate) fn leave_out(&mut self, is_left_out: impl Fn(&Owner) -> bool) {
        self.owners.retain(|owner, _| !is_left_out(owner));
    }
}
