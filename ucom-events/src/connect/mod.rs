//! From a user's authorisation and a list of users and their extensions to a plan.

mod connected;
mod options;

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use serde::de::DeserializeOwned;

use crate::api::{
    Agent, ApiError, ApiReply, ApiRequest, Client, ClientId, Extension, Flow, Page, Pages,
    PublicNumber, Subscription, SubscriptionType, User,
};
use crate::connect::connected::name;
pub use crate::connect::connected::{ConnectError, Connected};
pub use crate::connect::options::{Assignment, ConnectOptions, WantedAgents};
use crate::directory::Directory;
use crate::number::{is_same_extension, short_name};
use crate::plan::{Listed, Owner, Rows, Wanted, plan, recommended};

/// Connects an integration: reads the PBX's state and produces a plan. Changes nothing on the PBX.
///
/// Send each [`next_request`](Flow::next_request) and handle its outcome; then
/// [`finish`](Self::finish). Run it again whenever a user gets or loses an extension, with the rows
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
    /// Errors of optional lists.
    unread: Vec<ApiError>,
    /// True if extensions may be missing in the list that was read.
    are_extensions_unknown: bool,
    /// True if agents may be missing in the lists that were read.
    are_agents_unknown: bool,
    queue: VecDeque<Owner>,
    /// The part read of the list at the front of the queue.
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
    /// Starts with the rows of the last run, which have the addresses of event URLs.
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
            are_extensions_unknown: false,
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

    /// Handles a page; returns whether another one follows.
    fn take_page<T: DeserializeOwned>(
        &mut self,
        outcome: Result<ApiReply, ApiError>,
        expected: &'static str,
        id: impl Fn(&T) -> String,
        mut keep: impl FnMut(&mut Self, T),
    ) -> Result<bool, ApiError> {
        let what = self.next_request().map_or("", |request| request.what);
        let reply = outcome?;
        let page = reply.read(what, expected, Page::<T>::from_json)?;
        if page.unreadable > 0 {
            self.are_extensions_unknown |= self.stage == Stage::Extensions;
            self.are_agents_unknown |=
                matches!(self.stage, Stage::LocalAgents | Stage::RemoteAgents);
            let error = ApiError::Unreadable { what, status: reply.status.as_u16(), expected };
            if !self.unread.contains(&error) {
                self.unread.push(error);
            }
        }
        let len = page.items.len() + page.unreadable;
        let mut ids = HashSet::new();
        for item in page.items {
            let id = id(&item);
            if !self.pages.is_known(&id) && ids.insert(id) {
                keep(self, item);
            }
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
                if !self.take_page(
                    outcome,
                    "a list of extensions with id, name and type",
                    id,
                    keep,
                )? {
                    self.enter(Stage::Numbers);
                }
            }
            Stage::Numbers => {
                let id = |number: &PublicNumber| number.name.clone();
                let keep = |this: &mut Self, number| this.numbers.push(number);
                let more = self.take_page(outcome, "a list of public numbers with name", id, keep);
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
                let more = self.take_page(outcome, "a list of agents with id", id, keep);
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
    /// A failed list stops the flow only if the error affects all requests.
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
        // A list usually takes one request: more only if the page is full or one of ours is
        // missing.
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

    /// Returns the extension of each assignment.
    fn assigned(&self) -> Vec<Option<&Extension>> {
        let mut by_name = HashMap::<_, Vec<_>>::new();
        for extension in &self.extensions {
            by_name.entry(extension.short_name()).or_default().push(extension);
        }
        let find = |assignment: &Assignment| {
            let alike = by_name.get(short_name(&assignment.extension))?.iter().copied();
            alike.clone().find(|one| is_same_extension(&one.name, &assignment.extension))
        };
        self.assignments.iter().map(find).collect()
    }

    /// Returns whether the owner may exist although no list shows it.
    fn is_unknown(&self, owner: &Owner) -> bool {
        match owner {
            Owner::Extension(id) => {
                self.are_extensions_unknown && !self.extensions.iter().any(|one| one.id == *id)
            }
            Owner::LocalAgent(_) | Owner::RemoteAgent(_) => {
                self.are_agents_unknown && !self.agents.iter().any(|(known, _)| known == owner)
            }
            Owner::Phones => false,
        }
    }

    /// Returns the wanted owners, their names for messages, and their events.
    fn wanted(&self) -> Vec<(Owner, String, Vec<SubscriptionType>)> {
        let assigned: BTreeSet<_> =
            self.assigned().into_iter().flatten().map(|extension| extension.id).collect();
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

    /// Returns the plan, once there are no more requests. Owners without a token get one from
    /// `random`, which must be a cryptographic source.
    ///
    /// # Errors
    ///
    /// [`ConnectError::Failed`] if user, client or extensions could not be read, or an error affects every request; [`ConnectError::Unfinished`] if requests remain.
    pub fn finish(mut self, random: impl FnMut() -> [u8; 16]) -> Result<Connected, ConnectError> {
        let (client_id, client) = match (&self.stage, self.client_id, self.client.clone()) {
            (Stage::Failed(error), ..) => return Err(ConnectError::Failed(error.clone())),
            (Stage::Done, Some(id), Some(client)) => (id, client),
            _ => return Err(ConnectError::Unfinished),
        };
        let all = self.wanted();
        let names: Vec<_> =
            all.iter().map(|(owner, name, _)| (owner.clone(), name.clone())).collect();
        // Rows are unchanged while the existence of their owners is unknown.
        let unknown: BTreeSet<_> =
            self.rows.owners().into_iter().filter(|owner| self.is_unknown(owner)).collect();
        self.rows.assign(&names, |owner| unknown.contains(owner), random);
        let mut wanted = Wanted::new();
        for (owner, name, types) in all {
            wanted.insert(owner, &name, types, self.options.method.clone());
        }
        let rows = &self.rows;
        self.listed.leave_out(|owner| unknown.contains(owner) && rows.active(owner).is_some());
        let mut directory = Directory::new().with_prefix(&client.prefix);
        for extension in &self.extensions {
            directory.insert(&extension.name, extension.extension_type.clone());
        }
        for number in &self.numbers {
            directory = directory.with_own_number(&number.name);
        }
        let ids = self.assigned().into_iter().map(|found| found.map(|extension| extension.id));
        let users = self.assignments.iter().cloned().zip(ids).collect();
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
            users,
            directory,
            plan,
            agents: self.agents.into_iter().map(|(_, agent)| agent).collect(),
            unread: self.unread,
            without_answer,
            extensions: self.extensions,
        })
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
