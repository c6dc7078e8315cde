//! Payloads for every integration concerned: tenant, numbers and handler.

use async_trait::async_trait;

use super::context::Context;
use super::contract::Integration;
use crate::cdr::Cdr;
use crate::error::Error;
use crate::event::{AgentEvent, Domain, GroupEvent, Party};
use crate::report::Deliverable;

/// A payload for every integration concerned.
#[async_trait]
pub(super) trait Payload: Deliverable + Clone + Send + Sync + 'static {
    /// Returns its tenant, which a receiver may fill in.
    fn domain_mut(&mut self) -> &mut Option<Domain>;

    /// Returns the extensions and groups to compare with the [`Coverage`](super::Coverage).
    fn numbers(&self) -> Vec<&str>;

    fn domain(&self) -> Option<&Domain>;

    /// Passes it to the handler of its entry point.
    async fn handle(self, integration: &dyn Integration, context: &Context) -> Result<(), Error>;
}

#[async_trait]
impl Payload for GroupEvent {
    fn domain_mut(&mut self) -> &mut Option<Domain> {
        &mut self.domain
    }

    fn domain(&self) -> Option<&Domain> {
        self.domain.as_ref()
    }

    fn numbers(&self) -> Vec<&str> {
        let agents = self.ringing.iter().chain(&self.missed).chain(&self.agent);
        agents
            .filter_map(|agent| agent.number.as_deref())
            .chain(self.group.iter().filter_map(|group| group.number.as_deref()))
            .chain(near_side(self.inbound, self.caller.as_ref(), self.callee.as_ref()))
            .collect()
    }

    async fn handle(self, integration: &dyn Integration, context: &Context) -> Result<(), Error> {
        integration.on_group(context, self).await
    }
}

#[async_trait]
impl Payload for AgentEvent {
    fn domain_mut(&mut self) -> &mut Option<Domain> {
        &mut self.domain
    }

    fn domain(&self) -> Option<&Domain> {
        self.domain.as_ref()
    }

    fn numbers(&self) -> Vec<&str> {
        let agent = self.agent.iter().filter_map(|agent| agent.number.as_deref());
        agent
            .chain(self.group.iter().filter_map(|group| group.number.as_deref()))
            .chain(near_side(self.inbound, self.caller.as_ref(), self.callee.as_ref()))
            .collect()
    }

    async fn handle(self, integration: &dyn Integration, context: &Context) -> Result<(), Error> {
        integration.on_agent(context, self).await
    }
}

fn near_side<'a>(
    inbound: Option<bool>,
    caller: Option<&'a Party>,
    callee: Option<&'a Party>,
) -> Option<&'a str> {
    let party = if inbound? { callee } else { caller };
    party?.number.as_deref()
}

#[async_trait]
impl Payload for Cdr {
    fn domain_mut(&mut self) -> &mut Option<Domain> {
        &mut self.domain
    }

    fn domain(&self) -> Option<&Domain> {
        self.domain.as_ref()
    }

    fn numbers(&self) -> Vec<&str> {
        let legs = self.extension_legs.iter().map(|leg| &leg.extension);
        legs.chain(self.states.iter().flat_map(|state| [&state.extension, &state.account]))
            .chain(self.trunk_legs.iter().map(|leg| &leg.extension))
            .chain(self.recordings.iter().flat_map(|made| [&made.extension, &made.account]))
            .filter_map(|number| number.as_deref())
            .collect()
    }

    async fn handle(self, integration: &dyn Integration, context: &Context) -> Result<(), Error> {
        integration.on_cdr(context, self).await
    }
}
