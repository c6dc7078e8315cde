//! Execution of a plan, one request at a time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use crate::api::{
    ApiError, ApiReply, ApiRequest, ClientId, Flow, Page, Pages, Subscription, SubscriptionId,
    SubscriptionSpec,
};
use crate::plan::Plan;
use crate::plan::owner::Owner;
use crate::plan::rows::Rows;
use crate::plan::step::{Action, Step};

/// Executes a plan: each step once; after a failed step, the owner's other steps are skipped.
///
/// An error of the token or of the hourly limit affects all owners and stops the run. If it is
/// unknown whether a subscription was added, its owner's list is read again first, so nothing is
/// added twice.
///
/// Store [`Plan::rows`] before the first request, and [`RunReport::rows`] after the last.
#[derive(Debug)]
pub struct PlanRun {
    client: ClientId,
    names: BTreeMap<Owner, String>,
    steps: VecDeque<Step>,
    /// The list that shows whether the first step succeeded.
    check: Option<Pages>,
    stopped_owners: BTreeSet<Owner>,
    rows: Rows,
    live: Vec<usize>,
    is_listed: Vec<bool>,
    done: usize,
    failures: Vec<Failure>,
    skipped: Vec<Step>,
}

impl PlanRun {
    /// Starts with the first step.
    #[must_use]
    pub fn new(client: ClientId, plan: Plan) -> Self {
        let Plan { owners, rows, live, is_listed } = plan;
        let names = owners.iter().map(|plan| (plan.owner.clone(), plan.name.clone())).collect();
        Self {
            client,
            names,
            steps: owners.into_iter().flat_map(|plan| plan.steps).collect(),
            check: None,
            stopped_owners: BTreeSet::new(),
            rows,
            live,
            is_listed,
            done: 0,
            failures: Vec::new(),
            skipped: Vec::new(),
        }
    }

    /// Ends the run and returns its report. Steps that were not reached count as skipped.
    #[must_use]
    pub fn finish(mut self) -> RunReport {
        self.skipped.extend(self.steps);
        let (live, is_listed) = (self.live, self.is_listed);
        let ended: Vec<_> = self
            .rows
            .iter()
            .enumerate()
            .map(|(at, row)| row.retiring && is_listed[at] && live[at] == 0)
            .collect();
        self.rows.retain(|at| !ended[at]);
        RunReport {
            done: self.done,
            failures: self.failures,
            skipped: self.skipped,
            rows: self.rows,
        }
    }

    fn handle_step(&mut self, step: Step, outcome: Result<ApiReply, ApiError>) {
        let what = step.request(self.client).what;
        let read = |reply: &ApiReply| -> Result<Option<SubscriptionId>, ApiError> {
            let subscription = |body: &[u8]| serde_json::from_slice::<Subscription>(body).ok();
            match (&step.action, reply.status.as_u16()) {
                (Action::Delete { .. }, 404) => Ok(None),
                (Action::Add { .. }, _) => reply
                    .read(what, "a subscription with its id", subscription)
                    .map(|added| Some(added.id)),
                // The rest of the reply is not documented and is ignored.
                _ => reply.read(what, "", |_| Some(None)),
            }
        };
        let result = outcome.and_then(|reply| read(&reply));
        match (result, &step.action) {
            (Ok(added), _) => {
                self.record(&step, added);
                self.done += 1;
            }
            // It is unknown whether it was added.
            (Err(ApiError::Unreadable { .. } | ApiError::NoReply { .. }), Action::Add { .. }) => {
                self.steps.push_front(step);
                self.check = Some(Pages::new());
            }
            (Err(error), _) => self.fail(&step, error),
        }
    }

    // D57.
    /// Searches a list that was read again for the subscription of a step.
    fn handle_check(&mut self, step: Step, pages: Pages, outcome: Result<ApiReply, ApiError>) {
        let Action::Add { spec } = &step.action else { return };
        let page = outcome.and_then(|reply| {
            reply.read("listing subscriptions", "a list of subscriptions", Page::from_json)
        });
        let page: Page<Subscription> = match page {
            Ok(page) => page,
            Err(error) => return self.fail(&step, error),
        };
        if let Some(id) = find(&page, spec) {
            self.record(&step, Some(id));
            self.done += 1;
            return;
        }
        // It may be on any page, so all are read: this is rare, and a duplicate would remain.
        let (mut pages, len) = (pages, page.items.len() + page.unreadable);
        let ids = page.items.iter().map(|item| item.id.to_string());
        if pages.handle(ids, len) {
            self.check = Some(pages);
            self.steps.push_front(step);
        } else {
            // It was not added: the next plan does.
            let (what, cause) = ("adding a subscription", "it is not in the list".to_owned());
            self.fail(&step, ApiError::NoReply { what, cause });
        }
    }

    /// Records the change of a step.
    fn record(&mut self, step: &Step, added: Option<SubscriptionId>) {
        let gone = match &step.action {
            Action::Delete { id, .. } | Action::Update { id, .. } => Some(*id),
            Action::Add { .. } => None,
        };
        if let (Some(row), Some(id)) = (step.row, gone) {
            self.live[row] = self.live[row].saturating_sub(1);
            self.rows.update(row, |row| _ = row.subscriptions.remove(&id));
        }
        let kept = match &step.action {
            Action::Update { id, .. } => Some(*id),
            _ => added,
        };
        let active = self.rows.iter().position(|row| row.owner == step.owner && !row.retiring);
        if let (Some(row), Some(id)) = (active, kept) {
            self.live[row] += 1;
            self.rows.update(row, |row| _ = row.subscriptions.insert(id));
        }
    }

    fn fail(&mut self, step: &Step, error: ApiError) {
        let concerns_all = error.concerns_all();
        let name = self.names.get(&step.owner).cloned();
        let name = name.unwrap_or_else(|| step.owner.to_string());
        self.failures.push(Failure { owner: step.owner.clone(), name, error });
        self.stopped_owners.insert(step.owner.clone());
        let stops = |step: &Step| concerns_all || self.stopped_owners.contains(&step.owner);
        let (skipped, left): (Vec<_>, _) =
            std::mem::take(&mut self.steps).into_iter().partition(stops);
        self.steps = left.into();
        self.skipped.extend(skipped);
    }
}

fn find(page: &Page<Subscription>, spec: &SubscriptionSpec) -> Option<SubscriptionId> {
    page.items.iter().find(|item| item.spec == *spec).map(|item| item.id)
}

impl Flow for PlanRun {
    fn next_request(&self) -> Option<ApiRequest> {
        let step = self.steps.front()?;
        Some(match &self.check {
            Some(pages) => ApiRequest::subscriptions(self.client, &step.owner, pages.page()),
            None => step.request(self.client),
        })
    }

    fn handle(&mut self, outcome: Result<ApiReply, ApiError>) {
        let Some(step) = self.steps.pop_front() else { return };
        match self.check.take() {
            Some(pages) => self.handle_check(step, pages, outcome),
            None => self.handle_step(step, outcome),
        }
    }
}

/// The report of a run. `Display` is the message for the user.
#[derive(Debug)]
#[non_exhaustive]
pub struct RunReport {
    /// The number of successful steps.
    pub done: usize,
    /// Failed steps, by owner.
    pub failures: Vec<Failure>,
    /// Skipped steps.
    pub skipped: Vec<Step>,
    /// The rows to store.
    pub rows: Rows,
}

/// A failed step. `Display` is the message for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The owner of the subscription.
    pub owner: Owner,
    /// The number and label of the owner.
    pub name: String,
    /// The reason.
    pub error: ApiError,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.error)
    }
}

impl fmt::Display for RunReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (done, skipped) = (self.done, self.skipped.len());
        writeln!(f, "{done} steps done, {} failed, {skipped} skipped", self.failures.len())?;
        self.failures.iter().try_for_each(|failure| writeln!(f, "  ! {failure}"))
    }
}
