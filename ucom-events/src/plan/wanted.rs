//! What should be subscribed, and what is.

use std::collections::BTreeMap;

use crate::event_url::SubscriptionUrl;
use crate::extension::{ExtensionId, ExtensionType};
use crate::plan::subscription::{DeliveryMethod, Subscription, SubscriptionSpec, SubscriptionType};

/// The subscriptions that an integration wants: one of each type at most on an extension.
///
/// An extension that is listed but not wanted loses what is ours there (R11).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub(super) extensions:
        BTreeMap<ExtensionId, BTreeMap<(u8, SubscriptionType), SubscriptionSpec>>,
}

impl Wanted {
    /// Nothing is wanted.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Wants one subscription, in place of one of the same type.
    pub fn insert(&mut self, extension: ExtensionId, spec: SubscriptionSpec) {
        let key = (spec.event_type.rank(), spec.event_type.clone());
        self.extensions.entry(extension).or_default().insert(key, spec);
    }

    /// Wants what is recommended for a kind of extension, all to one URL (R7–R9).
    pub fn insert_recommended(
        &mut self,
        extension: ExtensionId,
        extension_type: &ExtensionType,
        with_answer: bool,
        method: &DeliveryMethod,
        url: &SubscriptionUrl,
    ) {
        for event_type in SubscriptionType::recommended(extension_type, with_answer) {
            let spec = SubscriptionSpec::new(event_type.clone(), method.clone(), url.clone());
            self.insert(extension, spec);
        }
    }

    /// What is wanted on an extension, the most needed first.
    pub fn of(&self, extension: ExtensionId) -> impl Iterator<Item = &SubscriptionSpec> {
        self.extensions.get(&extension).into_iter().flat_map(BTreeMap::values)
    }
}

/// The subscriptions that the PBX has, of everybody, on the extensions that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    pub(super) extensions: BTreeMap<ExtensionId, ListedExtension>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ListedExtension {
    pub(super) label: Option<String>,
    pub(super) subscriptions: Vec<Subscription>,
    /// Records that cannot be read take places too.
    pub(super) unreadable: usize,
}

impl Listed {
    /// Nothing was listed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what was listed for an extension; an empty list tells that it has none. A subscription
    /// that is there already, by its id, is not added again: pages may overlap.
    pub fn insert(
        &mut self,
        extension: ExtensionId,
        subscriptions: impl IntoIterator<Item = Subscription>,
    ) {
        let listed = &mut self.extensions.entry(extension).or_default().subscriptions;
        for subscription in subscriptions {
            if !listed.iter().any(|other| other.id == subscription.id) {
                listed.push(subscription);
            }
        }
    }

    /// Adds subscriptions of an extension that could not be read: they take places, and are never
    /// touched.
    pub fn insert_unreadable(&mut self, extension: ExtensionId, count: usize) {
        self.extensions.entry(extension).or_default().unreadable += count;
    }

    /// Names an extension for people, such as by its number. It counts as listed.
    pub fn label(&mut self, extension: ExtensionId, label: &str) {
        self.extensions.entry(extension).or_default().label = Some(label.to_owned());
    }

    /// What was listed for an extension; `None` if it was not asked for.
    #[must_use]
    pub fn of(&self, extension: ExtensionId) -> Option<&[Subscription]> {
        self.extensions.get(&extension).map(|listed| &*listed.subscriptions)
    }

    /// The extensions that were asked for.
    pub fn extensions(&self) -> impl Iterator<Item = ExtensionId> {
        self.extensions.keys().copied()
    }
}
