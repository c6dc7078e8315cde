//! The smallest list of calls from what is subscribed to what should be (§9).

mod ownership;
mod run;
mod step;
mod subscription;
mod wanted;

use std::collections::BTreeSet;
use std::fmt;

pub use ownership::Ownership;
pub use run::PlanRun;
pub use step::{Action, Notice, Step};
pub use subscription::{
    DeliveryMethod, Subscription, SubscriptionId, SubscriptionSpec, SubscriptionType,
};
pub use wanted::{Listed, Wanted};

use crate::extension::ExtensionId;

/// Places for subscriptions that an extension has unless the administrator has raised it (R13).
pub const DEFAULT_SUBSCRIPTION_LIMIT: usize = 16;

/// Calls of the API that make what is listed into what is wanted, and what people must be told.
///
/// `Display` is the dry run that an administrator reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    extensions: Vec<ExtensionPlan>,
}

/// What a plan does on one extension.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExtensionPlan {
    /// The extension.
    pub extension: ExtensionId,
    /// What people call it.
    pub label: Option<String>,
    /// Places that other integrations have; they stay untouched.
    pub foreign: usize,
    /// Places of ours that are right already.
    pub right: usize,
    /// Places that the extension has.
    pub limit: usize,
    /// Calls, in their order.
    pub steps: Vec<Step>,
    /// What people must be told.
    pub notices: Vec<Notice>,
}

impl Plan {
    /// All calls in their order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.extensions.iter().flat_map(|extension| &extension.steps)
    }

    /// What people must be told (R14).
    pub fn notices(&self) -> impl Iterator<Item = &Notice> {
        self.extensions.iter().flat_map(|extension| &extension.notices)
    }

    /// The plan by extensions.
    #[must_use]
    pub fn extensions(&self) -> &[ExtensionPlan] {
        &self.extensions
    }

    /// Whether there is nothing to call.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps().next().is_none()
    }
}

/// Plans the calls that make what is listed into what is wanted (§9).
///
/// - What is not ours is never touched (R12).
/// - What is right already costs no call (R21); ours with a wrong URL or method is changed; ours that
///   is unwanted or there twice is deleted; what is missing is added, after all deletes.
/// - Where places run out the plan holds what fits, in the order `hangup`, `dial-in`, `dial-out`,
///   `answer`, and a [`Notice::LimitReached`] (R14).
///
/// Carried out, it leaves nothing to plan.
///
/// ```
/// use ucom_events::{
///     DEFAULT_SUBSCRIPTION_LIMIT, DeliveryMethod, EventPath, EventToken, EventUrls, ExtensionId,
///     ExtensionType, Listed, Ownership, Wanted, plan,
/// };
///
/// let urls = EventUrls::new("https://crm.example.com/")?;
/// let url = urls.opaque(EventPath::Extension, &EventToken::from_random([7; 16]));
/// let extension = ExtensionId::new(33_334);
/// let mut wanted = Wanted::new();
/// wanted.insert_recommended(extension, &ExtensionType::Queue, true, &DeliveryMethod::Post, &url);
/// let mut listed = Listed::new();
/// listed.insert(extension, []);
/// listed.label(extension, "453*300");
///
/// let plan = plan(&wanted, &listed, DEFAULT_SUBSCRIPTION_LIMIT, &Ownership::new(&urls));
/// assert_eq!(
///     plan.to_string(),
///     "453*300 (33334): 0 of 16 places used by others, 0 of ours right\n  \
///      add: hangup by POST to https://crm.example.com/…\n",
/// );
/// # Ok::<(), ucom_events::EventUrlError>(())
/// ```
#[must_use]
pub fn plan(wanted: &Wanted, listed: &Listed, limit: usize, ownership: &Ownership) -> Plan {
    let extensions: BTreeSet<_> =
        wanted.extensions.keys().chain(listed.extensions.keys()).copied().collect();
    let extensions = extensions
        .into_iter()
        .map(|extension| plan_extension(extension, wanted, listed, limit, ownership))
        .collect();
    Plan { extensions }
}

fn plan_extension(
    extension: ExtensionId,
    wanted: &Wanted,
    listed: &Listed,
    limit: usize,
    ownership: &Ownership,
) -> ExtensionPlan {
    let mut plan = ExtensionPlan {
        extension,
        label: None,
        foreign: 0,
        right: 0,
        limit,
        steps: Vec::new(),
        notices: Vec::new(),
    };
    let Some(on_pbx) = listed.extensions.get(&extension) else {
        plan.notices.push(Notice::NotListed { extension });
        return plan;
    };
    plan.label.clone_from(&on_pbx.label);
    let (mut mine, foreign): (Vec<_>, Vec<_>) = on_pbx
        .subscriptions
        .iter()
        .partition(|subscription| ownership.owns(&subscription.spec.url));
    plan.foreign = foreign.len() + on_pbx.unreadable;
    mine.sort_by_key(|subscription| subscription.id);

    let (mut updates, mut missing) = (Vec::new(), Vec::new());
    for spec in wanted.of(extension) {
        if !ownership.owns(&spec.url) {
            let event_type = spec.event_type.clone();
            plan.notices.push(Notice::NotOurUrl { extension, event_type });
            continue;
        }
        let right = mine.iter().position(|subscription| subscription.spec == *spec);
        let of_type =
            || mine.iter().position(|subscription| subscription.spec.event_type == spec.event_type);
        match right.or_else(of_type).map(|index| mine.remove(index)) {
            Some(subscription) if subscription.spec == *spec => plan.right += 1,
            Some(subscription) => {
                updates.push(Action::Update { id: subscription.id, spec: spec.clone() });
            }
            None => missing.push(spec),
        }
    }
    let kept = plan.right + updates.len();
    let places = limit.saturating_sub(plan.foreign + kept);
    let (fits, too_many) = missing.split_at(places.min(missing.len()));

    let deletes = mine.iter().map(|subscription| Action::Delete {
        id: subscription.id,
        event_type: subscription.spec.event_type.clone(),
    });
    let adds = fits.iter().map(|&spec| Action::Add { spec: spec.clone() });
    plan.steps =
        deletes.chain(updates).chain(adds).map(|action| Step { extension, action }).collect();
    if !too_many.is_empty() {
        let missing = too_many.iter().map(|spec| spec.event_type.clone()).collect();
        plan.notices.push(Notice::LimitReached { extension, missing });
    }
    plan
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.extensions.iter().try_for_each(|extension| extension.fmt(f))
    }
}

impl fmt::Display for ExtensionPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(label) = &self.label {
            write!(f, "{label} ({})", self.extension)?;
        } else {
            write!(f, "extension {}", self.extension)?;
        }
        let Self { foreign, right, limit, .. } = self;
        writeln!(f, ": {foreign} of {limit} places used by others, {right} of ours right")?;
        for step in &self.steps {
            writeln!(f, "  {}", step.action)?;
        }
        for notice in &self.notices {
            writeln!(f, "  ! {notice}")?;
        }
        Ok(())
    }
}
