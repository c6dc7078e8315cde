//! Plans of subscriptions: the smallest list of requests from the listed to the wanted ones.

mod owner;
mod rows;
mod run;
mod step;
mod wanted;

use std::collections::BTreeSet;
use std::fmt;

pub use owner::{Owner, OwnerError};
pub use rows::{Row, Rows};
pub use run::{Failure, PlanRun, RunReport};
pub use step::{Action, PlanNotice, Step};
pub(crate) use wanted::recommended;
pub use wanted::{Listed, Wanted};

use crate::api::{Subscription, SubscriptionSpec, SubscriptionType};
pub use crate::event_url::{EventPath, EventUrlError, SubscriptionUrl};
use crate::plan::rows::Ownership;
use crate::plan::wanted::{ListedOwner, WantedOwner};
pub use crate::token::EventTokenError;

/// Places for subscriptions of each owner, unless the PBX administrator has raised them.
pub const DEFAULT_LIMIT: usize = 16;

/// The smallest list of requests, and notices for a person. `Display` is the dry run.
#[derive(Clone, Debug)]
pub struct Plan {
    owners: Vec<OwnerPlan>,
    rows: Rows,
    /// For each row, the number of its subscriptions on the PBX.
    live: Vec<usize>,
    /// For each row, true if its owner's list was read.
    is_listed: Vec<bool>,
}

/// The plan for one owner.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OwnerPlan {
    /// The owner.
    pub owner: Owner,
    /// The number and label of the owner.
    pub name: String,
    /// Places of other integrations.
    pub foreign: usize,
    /// Places of ours that need no change.
    pub right: usize,
    /// Places of the owner.
    pub limit: usize,
    /// Requests, in their order.
    pub steps: Vec<Step>,
    /// Notices for a person.
    pub notices: Vec<PlanNotice>,
}

impl Plan {
    /// All requests in their order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.owners.iter().flat_map(|owner| &owner.steps)
    }

    /// Notices for a person.
    pub fn notices(&self) -> impl Iterator<Item = &PlanNotice> {
        self.owners.iter().flat_map(|owner| &owner.notices)
    }

    /// Returns the plan by owners.
    #[must_use]
    pub fn owners(&self) -> &[OwnerPlan] {
        &self.owners
    }

    /// Returns whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps().next().is_none()
    }

    /// Returns the rows after comparison with the lists: store them before the first step.
    #[must_use]
    pub const fn rows(&self) -> &Rows {
        &self.rows
    }
}

/// Plans the requests that change the listed subscriptions into the wanted ones.
///
/// - A subscription is ours if its URL is exactly one that a row of ours makes; others are not
///   touched.
/// - A correct subscription needs no request; ours with a wrong URL or method is changed, or
///   replaced if the PBX cannot change it; ours that is unwanted or duplicated is deleted; missing
///   ones are added, after all deletes of that owner.
/// - If places run out, the plan has the most needed subscriptions that fit, and a
///   [`PlanNotice::LimitReached`].
/// - A retiring row without subscriptions ends.
///
/// Planning again after its execution gives an empty plan.
///
/// ```
/// use ucom_events::api::{DeliveryMethod, SubscriptionType};
/// use ucom_events::plan::{DEFAULT_LIMIT, Listed, Owner, Row, Rows, Wanted, plan};
/// use ucom_events::{EventToken, EventUrls, event::ExtensionId};
///
/// let queue = Owner::Extension(ExtensionId::new(33_334));
/// let mut rows = Rows::new(EventUrls::new("https://crm.example.com/")?);
/// rows.insert(Row::new(queue.clone(), EventToken::from_random([7; 16])));
/// let mut wanted = Wanted::new();
/// wanted.insert(queue.clone(), "453*300", [SubscriptionType::Hangup], DeliveryMethod::Post);
/// let mut listed = Listed::new();
/// listed.insert(queue, vec![], 0);
///
/// let plan = plan(&wanted, &listed, DEFAULT_LIMIT, &rows);
/// assert_eq!(
///     plan.to_string(),
///     "453*300: 0 of 16 places used by others, 0 of ours right\n  \
///      add: hangup by POST to https://crm.example.com/…\n",
/// );
/// # Ok::<(), ucom_events::plan::EventUrlError>(())
/// ```
#[must_use]
pub fn plan(wanted: &Wanted, listed: &Listed, limit: usize, rows: &Rows) -> Plan {
    let mut rows = rows.clone();
    end_rows(listed, &mut rows);
    let count = rows.iter().len();
    let mut plan =
        Plan { owners: Vec::new(), live: vec![0; count], is_listed: vec![false; count], rows };
    let mut seen = vec![BTreeSet::new(); count];
    let owners: BTreeSet<_> = wanted.owners.keys().chain(listed.owners.keys()).collect();
    for owner in owners {
        let mut of_owner = OwnerPlan {
            owner: owner.clone(),
            name: name_of(owner, wanted, &plan.rows),
            foreign: 0,
            right: 0,
            limit,
            steps: Vec::new(),
            notices: Vec::new(),
        };
        let name = || name_of(owner, wanted, &plan.rows);
        let wanted = wanted.owners.get(owner);
        match listed.owners.get(owner) {
            None => of_owner.notices.push(PlanNotice::NotPrepared { name: name() }),
            Some(ListedOwner::Gone) if wanted.is_none() => {}
            Some(ListedOwner::Gone) => of_owner.notices.push(PlanNotice::Gone { name: name() }),
            Some(ListedOwner::Failed(error)) => {
                let error = error.clone();
                of_owner.notices.push(PlanNotice::NotRead { name: name(), error });
            }
            Some(ListedOwner::Read { subscriptions, unreadable }) => {
                of_owner.foreign = *unreadable;
                let mut mine = Vec::new();
                let mut adoptable = 0;
                for subscription in subscriptions {
                    match plan.rows.ownership(&subscription.spec.url) {
                        Ownership::Ours(row) => {
                            plan.live[row] += 1;
                            if plan.rows.get(row).owner == *owner {
                                seen[row].insert(subscription.id);
                            }
                            mine.push((subscription, row));
                        }
                        Ownership::Adoptable => adoptable += 1,
                        Ownership::Foreign => {}
                    }
                }
                of_owner.foreign += subscriptions.len() - mine.len();
                if adoptable > 0 {
                    let count = adoptable;
                    of_owner.notices.push(PlanNotice::Adoptable { name: name(), count });
                }
                plan_owner(&mut of_owner, wanted, mine, &plan.rows);
            }
        }
        plan.owners.push(of_owner);
    }
    for (at, seen) in seen.into_iter().enumerate() {
        let owner = plan.rows.get(at).owner.clone();
        let is_read = matches!(listed.owners.get(&owner), Some(ListedOwner::Read { .. }));
        plan.is_listed[at] =
            is_read || matches!(listed.owners.get(&owner), Some(ListedOwner::Gone));
        if is_read {
            plan.rows.update(at, |row| row.subscriptions = seen);
        }
    }
    plan
}

// D48.
/// Drops retiring rows without a listed subscription.
fn end_rows(listed: &Listed, rows: &mut Rows) {
    let mut live = vec![false; rows.iter().len()];
    for list in listed.owners.values() {
        let ListedOwner::Read { subscriptions, .. } = list else { continue };
        for subscription in subscriptions {
            if let Ownership::Ours(row) = rows.ownership(&subscription.spec.url) {
                live[row] = true;
            }
        }
    }
    let has_ended: Vec<_> = rows
        .iter()
        .zip(live)
        .map(|(row, is_live)| {
            let list = listed.owners.get(&row.owner);
            let is_known = matches!(list, Some(ListedOwner::Read { .. } | ListedOwner::Gone));
            row.retiring && is_known && !is_live
        })
        .collect();
    rows.retain(|at| !has_ended[at]);
}

/// Plans the steps of an owner whose list was read.
fn plan_owner(
    plan: &mut OwnerPlan,
    wanted: Option<&WantedOwner>,
    mut mine: Vec<(&Subscription, usize)>,
    rows: &Rows,
) {
    mine.sort_by_key(|(subscription, _)| subscription.id);
    let (mut updates, mut missing) = (Vec::new(), Vec::new());
    let active = wanted.and_then(|wanted| Some((wanted, rows.active(&plan.owner)?)));
    if wanted.is_some() && active.is_none() {
        plan.notices.push(PlanNotice::NotPrepared { name: plan.name.clone() });
    }
    // Only extensions have a documented request that changes a subscription.
    let can_update = matches!(plan.owner, Owner::Extension(_));
    for (event_type, (wanted, row)) in
        active.iter().flat_map(|one| one.0.types.iter().map(move |kind| (kind, *one)))
    {
        let spec = SubscriptionSpec::new(event_type.clone(), wanted.method.clone(), rows.url(row));
        let right = mine.iter().position(|(subscription, _)| subscription.spec == spec);
        let of_type = || {
            mine.iter().position(|(subscription, at)| {
                can_update
                    && subscription.spec.event_type == spec.event_type
                    && rows.get(*at).owner == plan.owner
            })
        };
        match right.or_else(of_type).map(|index| mine.remove(index)) {
            Some((subscription, _)) if subscription.spec == spec => plan.right += 1,
            Some((subscription, row)) => updates.push(Step {
                owner: plan.owner.clone(),
                action: Action::Update { id: subscription.id, spec },
                row: Some(row),
            }),
            None => missing.push(spec),
        }
    }
    let kept = plan.right + updates.len();
    let places = plan.limit.saturating_sub(plan.foreign + kept);
    let too_many = missing.split_off(places.min(missing.len()));
    let deletes = mine.into_iter().map(|(subscription, row)| Step {
        owner: plan.owner.clone(),
        action: Action::Delete {
            id: subscription.id,
            event_type: subscription.spec.event_type.clone(),
        },
        row: Some(row),
    });
    let adds = missing.into_iter().map(|spec| Step {
        owner: plan.owner.clone(),
        action: Action::Add { spec },
        row: None,
    });
    plan.steps = deletes.chain(updates).chain(adds).collect();
    if !too_many.is_empty() {
        let missing = too_many.into_iter().map(|spec| spec.event_type).collect();
        plan.notices.push(PlanNotice::LimitReached { name: plan.name.clone(), missing });
    }
}

/// Returns an owner's name for messages: number and label, or an id if the number is unknown.
fn name_of(owner: &Owner, wanted: &Wanted, rows: &Rows) -> String {
    let wanted = wanted.owners.get(owner).map(|wanted| &wanted.name);
    let stored = || rows.iter().find(|row| row.owner == *owner).map(|row| &row.name);
    let known = wanted.filter(|name| !name.is_empty()).or_else(stored);
    known.filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| owner.to_string())
}

impl Plan {
    /// Extensions that will have no subscription to `answer`, by number: for
    /// [`TrackerOptions::without_answer_on`](crate::TrackerOptions::without_answer_on).
    pub fn without_answer(&self) -> impl Iterator<Item = &str> {
        let lacks = |plan: &&OwnerPlan| {
            plan.notices.iter().any(|notice| match notice {
                PlanNotice::LimitReached { missing, .. } => {
                    missing.contains(&SubscriptionType::Answer)
                }
                _ => false,
            })
        };
        let number =
            |plan: &'_ OwnerPlan| -> usize { plan.name.find(' ').unwrap_or(plan.name.len()) };
        self.owners.iter().filter(lacks).map(move |plan| &plan.name[..number(plan)])
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.owners.iter().try_for_each(|owner| owner.fmt(f))
    }
}

impl fmt::Display for OwnerPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, foreign, right, limit, .. } = self;
        writeln!(f, "{name}: {foreign} of {limit} places used by others, {right} of ours right")?;
        for step in &self.steps {
            writeln!(f, "  {}", step.action)?;
        }
        for notice in &self.notices {
            writeln!(f, "  ! {notice}")?;
        }
        Ok(())
    }
}
