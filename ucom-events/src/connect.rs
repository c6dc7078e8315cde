//! From a user's authorisation and a list of users and their extensions to a plan.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use serde::de::DeserializeOwned;

use crate::api::{
    Agent, ApiError, ApiReply, ApiRequest, Client, ClientId, DeliveryMethod, Extension, Flow, Page,
    Pages, PublicNumber, Subscription, SubscriptionType, User,
};
use crate::directory::Directory;
use crate::event::{AgentId, ExtensionId, Timestamp};
use crate::number::{is_same_extension, user};
use crate::plan::{DEFAULT_LIMIT, Listed, Owner, Plan, PlanRun, Rows, Wanted, plan, recommended};
use crate::track::AgentState;

/// A user of the integration, and the short or full number of the user's extension.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Assignment {
    /// The user, by whatever the integration calls users.
    pub user: String,
    /// The extension: `106` or `453*106`.
    pub extension: String,
}

impl Assignment {
    /// A user has an extension.
    #[must_use]
    pub fn new(user: &str, extension: &str) -> Self {
        Self { user: user.to_owned(), extension: extension.to_owned() }
    }
}

/// What an integration wants to be connected to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConnectOptions {
    /// Places of each owner. Default 16.
    pub limit: usize,
    /// Whether phones are subscribed to `answer`. Default true.
    pub with_answer: bool,
    /// Whether all IVRs and queues are subscribed to, of which missed calls are known. Default true.
    pub with_services: bool,
    /// Whether the public numbers are read for the [`Directory`]. Default true.
    pub with_public_numbers: bool,
    /// How the PBX sends events. Default `POST`.
    pub method: DeliveryMethod,
    /// The queue agents to subscribe to.
    pub agents: WantedAgents,
}

/// Which queue agents an integration wants to hear of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WantedAgents {
    /// None; their lists are not read.
    #[default]
    None,
    /// All that the PBX lists.
    All,
    /// Some of them.
    Only(BTreeSet<AgentId>),
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            limit: DEFAULT_LIMIT,
            with_answer: true,
            with_services: true,
            with_public_numbers: true,
            method: DeliveryMethod::Post,
            agents: WantedAgents::None,
        }
    }
}

impl ConnectOptions {
    /// The same for another number of places.
    #[must_use]
    pub const fn with_limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// The same with or without `answer`.
    #[must_use]
    pub const fn with_answer(mut self, answer: bool) -> Self {
        self.with_answer = answer;
        self
    }

    /// The same with or without IVRs and queues.
    #[must_use]
    pub const fn with_services(mut self, services: bool) -> Self {
        self.with_services = services;
        self
    }

    /// The same with or without reading public numbers.
    #[must_use]
    pub const fn with_public_numbers(mut self, numbers: bool) -> Self {
        self.with_public_numbers = numbers;
        self
    }

    /// The same with queue agents.
    #[must_use]
    pub fn with_agents(mut self, agents: WantedAgents) -> Self {
        self.agents = agents;
        self
    }
}

/// Connects an integration: reads what it has to know, and ends in a plan. Changes nothing on the PBX.
///
/// Send each [`next_request`](Flow::next_request) and hand in its outcome; then
/// [`finish`](Self::finish). Run it again whenever somebody gets or loses an extension, with the rows
/// of the last run.
///
/// ```
/// # use http::{HeaderMap, StatusCode};
/// use ucom_events::{Connect, ConnectOptions, EventUrls};
/// use ucom_events::{api::{ApiReply, Flow}, connect::Assignment, plan::Rows};
///
/// let rows = Rows::new(EventUrls::new("https://crm.example.com/pbx")?); // and those that are stored
/// let users = vec![Assignment::new("anna", "106")];
/// let mut connect = Connect::new(ConnectOptions::default(), users, rows);
/// while let Some(request) = connect.next_request() {
/// #   let body = match request.path.trim_start_matches("api/ver1.0/") {
/// #       "user/" => r#"{"client_id": 801}"#,
/// #       "client/801/client/" => r#"{"prefix": "453", "extension_len": "3"}"#,
/// #       path if path.starts_with("client/801/extension/") =>
/// #           r#"[{"id": 33335, "name": "453*106", "type": "phone", "label": "Anna"}]"#,
/// #       _ => "[]",
/// #   };
///     // send `request.to_http(&host, Some(&token))`, then:
/// #   let reply = ApiReply::new(StatusCode::OK, &HeaderMap::new(), body.into());
///     connect.handle(Ok(reply));
/// }
/// let connected = connect.finish(|| [7; 16])?; // random, in earnest
/// println!("{connected}"); // the dry run that an administrator reads
/// assert_eq!(connected.plan.steps().count(), 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Connect {
    options: ConnectOptions,
    assignments: Vec<Assignment>,
    rows: Rows,
    stage: Stage,
    pages: Pages,
    client_id: Option<ClientId>,
    client: Option<Client>,
    extensions: Vec<Extension>,
    numbers: Vec<PublicNumber>,
    agents: Vec<(Owner, Agent)>,
    /// Lists without which the rest goes on, and why they could not be read.
    unread: Vec<ApiError>,
    /// Whether an agents' list could not be read.
    are_agents_unknown: bool,
    queue: VecDeque<Owner>,
    /// What was read of the list of the first of the queue.
    list: (Vec<Subscription>, usize),
    listed: Listed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    User,
    Client,
    Extensions,
    Numbers,
    LocalAgents,
    RemoteAgents,
    Subscriptions,
    Done,
    Failed(ApiError),
}

impl Connect {
    /// Begins. `rows` are those of the last run, with the addresses of event URLs.
    #[must_use]
    pub fn new(options: ConnectOptions, assignments: Vec<Assignment>, rows: Rows) -> Self {
        Self {
            options,
            assignments,
            rows,
            stage: Stage::User,
            pages: Pages::new(),
            client_id: None,
            client: None,
            extensions: Vec::new(),
            numbers: Vec::new(),
            agents: Vec::new(),
            unread: Vec::new(),
            are_agents_unknown: false,
            queue: VecDeque::new(),
            list: (Vec::new(), 0),
            listed: Listed::new(),
        }
    }

    fn enter(&mut self, stage: Stage) {
        self.pages = Pages::new();
        self.stage = match stage {
            Stage::Numbers if !self.options.with_public_numbers => {
                return self.enter(Stage::LocalAgents);
            }
            Stage::LocalAgents if self.options.agents == WantedAgents::None => {
                return self.enter(Stage::Subscriptions);
            }
            Stage::Subscriptions => {
                let wanted = self.wanted().into_iter().map(|(owner, ..)| owner);
                let all: BTreeSet<_> = wanted.chain(self.rows.owners()).collect();
                self.queue = all.into_iter().collect();
                if self.queue.is_empty() { Stage::Done } else { Stage::Subscriptions }
            }
            stage => stage,
        };
    }

    /// Takes in a page; gives whether another one follows.
    fn take_page<T: DeserializeOwned>(
        &mut self,
        outcome: Result<ApiReply, ApiError>,
        expected: &'static str,
        id: impl Fn(&T) -> String,
        keep: impl FnMut(&mut Self, T),
    ) -> Result<bool, ApiError> {
        let what = self.next_request().map_or("", |request| request.what);
        let mut keep = keep;
        let page = outcome?.read(what, expected, Page::<T>::from_json)?;
        let len = page.items.len() + page.unreadable;
        let mut ids = Vec::new();
        for item in page.items {
            let id = id(&item);
            if !self.pages.is_known(&id) && !ids.contains(&id) {
                keep(self, item);
            }
            ids.push(id);
        }
        Ok(self.pages.handle(ids, len))
    }

    fn step(&mut self, outcome: Result<ApiReply, ApiError>) -> Result<(), ApiError> {
        match self.stage {
            Stage::User => {
                let user: User = outcome?.json("reading the user", "a user with client_id")?;
                self.client_id = Some(user.client_id);
                self.enter(Stage::Client);
            }
            Stage::Client => {
                let what = "reading the client";
                self.client = Some(outcome?.read(what, Client::EXPECTED, Client::from_json)?);
                self.enter(Stage::Extensions);
            }
            Stage::Extensions => {
                let id = |extension: &Extension| extension.id.to_string();
                let keep = |this: &mut Self, extension| this.extensions.push(extension);
                if !self.take_page(outcome, "a list of extensions", id, keep)? {
                    self.enter(Stage::Numbers);
                }
            }
            Stage::Numbers => {
                let id = |number: &PublicNumber| number.name.clone();
                let keep = |this: &mut Self, number| this.numbers.push(number);
                let more = self.take_page(outcome, "a list of public numbers", id, keep);
                if !self.unless_all(more)?.unwrap_or(false) {
                    self.enter(Stage::LocalAgents);
                }
            }
            Stage::LocalAgents | Stage::RemoteAgents => {
                let is_local = self.stage == Stage::LocalAgents;
                let id = |agent: &Agent| agent.id.to_string();
                let owner = if is_local { Owner::LocalAgent } else { Owner::RemoteAgent };
                let keep = |this: &mut Self, agent: Agent| {
                    this.agents.push((owner(agent.id.clone()), agent));
                };
                let more = self.take_page(outcome, "a list of agents", id, keep);
                let more = self.unless_all(more)?;
                self.are_agents_unknown |= more.is_none();
                if !more.unwrap_or(false) {
                    let next = if is_local { Stage::RemoteAgents } else { Stage::Subscriptions };
                    self.enter(next);
                }
            }
            Stage::Subscriptions => self.take_subscriptions(outcome)?,
            Stage::Done | Stage::Failed(_) => {}
        }
        Ok(())
    }

    // D49.
    /// One list's failure stops the rest only if it concerns all requests.
    fn unless_all(&mut self, more: Result<bool, ApiError>) -> Result<Option<bool>, ApiError> {
        match more {
            Ok(more) => Ok(Some(more)),
            Err(error) if error.concerns_all() => Err(error),
            Err(error) => {
                self.unread.push(error);
                Ok(None)
            }
        }
    }

    fn take_subscriptions(&mut self, outcome: Result<ApiReply, ApiError>) -> Result<(), ApiError> {
        let Some(owner) = self.queue.front().cloned() else { return Ok(()) };
        let read = outcome.and_then(|reply| {
            reply.read("listing subscriptions", "a list of subscriptions", Page::from_json)
        });
        let page: Page<Subscription> = match read {
            Ok(page) => page,
            Err(error) if error.concerns_all() => return Err(error),
            Err(error) => {
                self.listed.handle_failure(owner, error);
                self.next_owner();
                return Ok(());
            }
        };
        let len = page.items.len() + page.unreadable;
        let ids: Vec<_> = page.items.iter().map(|item| item.id.to_string()).collect();
        let new = page.items.into_iter().filter(|item| !self.pages.is_known(&item.id.to_string()));
        self.list.0.extend(new);
        self.list.1 += page.unreadable;
        let may_have_more = self.pages.handle(ids, len);
        // The usual list costs one request: more only if the page is full or one of ours is missing.
        let read: BTreeSet<_> = self.list.0.iter().map(|item| item.id).collect();
        let is_missing = self
            .rows
            .iter()
            .filter(|row| row.owner == owner)
            .any(|row| !row.subscriptions.is_subset(&read));
        if !(may_have_more && (Pages::is_full(len) || is_missing)) {
            let (subscriptions, unreadable) = std::mem::take(&mut self.list);
            self.listed.insert(owner, subscriptions, unreadable);
            self.next_owner();
        }
        Ok(())
    }

    fn next_owner(&mut self) {
        self.queue.pop_front();
        self.pages = Pages::new();
        self.list = (Vec::new(), 0);
        if self.queue.is_empty() {
            self.stage = Stage::Done;
        }
    }

    /// The extension of an assignment.
    fn extension_of(&self, assignment: &Assignment) -> Option<&Extension> {
        let wanted = user(&assignment.extension);
        self.extensions.iter().find(|extension| is_same_extension(&extension.name, wanted))
    }

    /// Owners that are wanted, what messages call them, and their events.
    fn wanted(&self) -> Vec<(Owner, String, Vec<SubscriptionType>)> {
        let assigned: BTreeSet<_> = self
            .assignments
            .iter()
            .filter_map(|assignment| self.extension_of(assignment))
            .map(|extension| extension.id)
            .collect();
        let is_wanted = |extension: &&Extension| {
            assigned.contains(&extension.id)
                || (self.options.with_services && extension.extension_type.is_service())
        };
        let extensions = self.extensions.iter().filter(is_wanted).map(|extension| {
            let types = recommended(&extension.extension_type, self.options.with_answer);
            (Owner::Extension(extension.id), name(extension), types)
        });
        let is_chosen = |agent: &Agent| match &self.options.agents {
            WantedAgents::None => false,
            WantedAgents::All => true,
            WantedAgents::Only(ids) => ids.contains(&agent.id),
        };
        let chosen = self.agents.iter().filter(|(_, agent)| is_chosen(agent));
        let agents = chosen.map(|(owner, agent)| {
            let types = vec![SubscriptionType::AgentLogin, SubscriptionType::AgentLogout];
            let label = agent.name.clone().unwrap_or_else(|| agent.id.to_string());
            (owner.clone(), format!("agent {label}"), types)
        });
        extensions.chain(agents).collect()
    }

    /// The plan, once there are no more requests. Owners that have no token yet get one out of
    /// `random`, which must be a cryptographic source.
    ///
    /// # Errors
    ///
    /// [`ConnectError::Failed`] if user, client or extensions could not be read, or a failure concerns
    /// every request; [`ConnectError::Unfinished`] if requests are left.
    pub fn finish(mut self, random: impl FnMut() -> [u8; 16]) -> Result<Connected, ConnectError> {
        let (client_id, client) = match (&self.stage, self.client_id, self.client.clone()) {
            (Stage::Failed(error), ..) => return Err(ConnectError::Failed(error.clone())),
            (Stage::Done, Some(id), Some(client)) => (id, client),
            _ => return Err(ConnectError::Unfinished),
        };
        let all = self.wanted();
        let names: Vec<_> =
            all.iter().map(|(owner, name, _)| (owner.clone(), name.clone())).collect();
        // Rows of agents stay as they are while it is not known who they are.
        let keeps = |owner: &Owner| {
            self.are_agents_unknown && matches!(owner, Owner::LocalAgent(_) | Owner::RemoteAgent(_))
        };
        self.rows.assign(&names, keeps, random);
        let mut wanted = Wanted::new();
        for (owner, name, types) in all {
            wanted.insert(owner, &name, types, self.options.method.clone());
        }
        if self.are_agents_unknown {
            self.listed
                .leave_out(|owner| matches!(owner, Owner::LocalAgent(_) | Owner::RemoteAgent(_)));
        }
        let mut directory = Directory::new().with_prefix(&client.prefix);
        for extension in &self.extensions {
            directory.insert(&extension.name, extension.extension_type.clone());
        }
        for number in &self.numbers {
            directory = directory.with_own_number(&number.name);
        }
        let users = self.assignments.iter().map(|assignment| {
            (assignment.clone(), self.extension_of(assignment).map(|extension| extension.id))
        });
        let without_answer = match self.options.with_answer {
            true => Vec::new(),
            false => self.extensions.iter().map(|extension| extension.name.clone()).collect(),
        };
        let plan = plan(&wanted, &self.listed, self.options.limit, &self.rows);
        let short = plan.without_answer().map(str::to_owned);
        let without_answer = without_answer.into_iter().chain(short).collect();
        Ok(Connected {
            client_id,
            client,
            users: users.collect(),
            directory,
            plan,
            agents: self.agents.into_iter().map(|(_, agent)| agent).collect(),
            unread: self.unread,
            without_answer,
            extensions: self.extensions,
        })
    }
}

/// The number and label of an extension.
fn name(extension: &Extension) -> String {
    match extension.label.as_deref().map(str::trim).filter(|label| !label.is_empty()) {
        Some(label) => format!("{} {label}", extension.name),
        None => extension.name.clone(),
    }
}

impl Flow for Connect {
    fn next_request(&self) -> Option<ApiRequest> {
        let page = self.pages.page();
        let client = self.client_id;
        Some(match self.stage {
            Stage::User => ApiRequest::user(),
            Stage::Client => ApiRequest::client(client?),
            Stage::Extensions => ApiRequest::extensions(client?, page),
            Stage::Numbers => ApiRequest::public_numbers(client?, page),
            Stage::LocalAgents => ApiRequest::agents(client?, true, page),
            Stage::RemoteAgents => ApiRequest::agents(client?, false, page),
            Stage::Subscriptions => ApiRequest::subscriptions(client?, self.queue.front()?, page),
            Stage::Done | Stage::Failed(_) => return None,
        })
    }

    fn handle(&mut self, outcome: Result<ApiReply, ApiError>) {
        if let Err(error) = self.step(outcome) {
            self.stage = Stage::Failed(error);
        }
    }
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// Something that everything else rests on could not be read.
    #[error(transparent)]
    Failed(ApiError),
    /// Requests are left.
    #[error("the connection is not finished: send `next_request` until there is none")]
    Unfinished,
}

/// What a connection will be. Nothing was changed yet: `Display` is the dry run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Connected {
    /// The client.
    pub client_id: ClientId,
    /// Its prefix.
    pub client: Client,
    /// Each user with the extension that was found.
    pub users: Vec<(Assignment, Option<ExtensionId>)>,
    /// All extensions of the client.
    pub extensions: Vec<Extension>,
    /// What the tracker and [`classify`](fn@crate::classify) have to know.
    pub directory: Directory,
    /// Agents as listed.
    pub agents: Vec<Agent>,
    /// Lists that could not be read and are not needed for the rest: public numbers, agents.
    pub unread: Vec<ApiError>,
    /// Extensions without a subscription to `answer`, for the tracker's options.
    pub without_answer: Vec<String>,
    /// What is to be done, and the rows to store first.
    pub plan: Plan,
}

impl Connected {
    /// Carries the plan out.
    #[must_use]
    pub fn run(self) -> PlanRun {
        PlanRun::new(self.client_id, self.plan)
    }

    /// The agents' present states, as listed at a time.
    pub fn agent_states(&self, at: Timestamp) -> impl Iterator<Item = AgentState> {
        self.agents
            .iter()
            .map(move |agent| AgentState::new(agent.id.clone(), agent.status.clone(), at))
    }
}

impl fmt::Display for Connected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (prefix, count) = (&self.client.prefix, self.extensions.len());
        writeln!(f, "client {}, prefix {prefix}, {count} extensions", self.client_id)?;
        let names: BTreeMap<_, _> =
            self.extensions.iter().map(|extension| (extension.id, name(extension))).collect();
        for (Assignment { user, extension }, id) in &self.users {
            match id.and_then(|id| names.get(&id)) {
                Some(name) => writeln!(f, "user {user}: {name}")?,
                None => writeln!(f, "user {user}: ! the PBX has no extension {extension}")?,
            }
        }
        for error in &self.unread {
            writeln!(f, "! {error}")?;
        }
        self.plan.fmt(f)
    }
}
