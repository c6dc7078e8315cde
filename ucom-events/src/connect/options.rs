//! Options of connecting, and assignments of extensions to users.

use std::collections::BTreeSet;

use crate::api::DeliveryMethod;
use crate::event::AgentId;
use crate::plan::DEFAULT_LIMIT;

/// A user of the integration, and the short or full number of the user's extension.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Assignment {
    /// The user, by any identifier of the integration.
    pub user: String,
    /// The extension: `106` or `453*106`.
    pub extension: String,
}

impl Assignment {
    /// Assigns an extension to a user.
    #[must_use]
    pub fn new(user: &str, extension: &str) -> Self {
        Self { user: user.to_owned(), extension: extension.to_owned() }
    }
}

/// Options of [`Connect`](crate::Connect).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConnectOptions {
    /// Places of each owner. Default 16.
    pub limit: usize,
    /// `true` subscribes phones to `answer`. Default `true`.
    pub with_answer: bool,
    /// `true` subscribes to all IVRs and queues, which report missed calls. Default `true`.
    pub with_services: bool,
    /// `true` reads the public numbers for the [`Directory`](crate::Directory). Default `true`.
    pub with_public_numbers: bool,
    /// The HTTP method of events. Default `POST`.
    pub method: DeliveryMethod,
    /// The queue agents to subscribe to.
    pub agents: WantedAgents,
}

/// The queue agents to subscribe to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WantedAgents {
    /// None; their lists are not read.
    #[default]
    None,
    /// All listed agents.
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
    /// Sets the number of places.
    #[must_use]
    pub const fn with_limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Sets whether phones are subscribed to `answer`.
    #[must_use]
    pub const fn with_answer(mut self, answer: bool) -> Self {
        self.with_answer = answer;
        self
    }

    /// Sets whether IVRs and queues are subscribed.
    #[must_use]
    pub const fn with_services(mut self, services: bool) -> Self {
        self.with_services = services;
        self
    }

    /// Sets whether public numbers are read.
    #[must_use]
    pub const fn with_public_numbers(mut self, numbers: bool) -> Self {
        self.with_public_numbers = numbers;
        self
    }

    /// Sets the queue agents.
    #[must_use]
    pub fn with_agents(mut self, agents: WantedAgents) -> Self {
        self.agents = agents;
        self
    }
}
