//! Two integrations side by side, and a pretend PBX that reports a call to a queue, from ringing to record. The
//! CRM is for the extensions 41 and 42, the ticket system for 43 and 44.

use std::sync::Arc;

use async_trait::async_trait;
use pbx_examples::{PretendPbx, TENANT, queue_call, serve};
use pbx_integration::settings::MemorySettings;
use pbx_integration::{
    AgentEvent, Cdr, Context, Coverage, Error, GroupEvent, Identifier, Integration, Registry,
};

/// A CRM that shows the caller.
struct Crm;

#[async_trait]
impl Integration for Crm {
    async fn on_group(&self, _: &Context, event: GroupEvent) -> Result<(), Error> {
        let ringing: Vec<_> = event.ringing.iter().filter_map(|it| it.number.as_deref()).collect();
        let agent = event.agent.as_ref().and_then(|agent| agent.number.as_deref());
        println!("   crm: group is {:?}, rings at {ringing:?}, agent {agent:?}", event.phase());
        Ok(())
    }

    async fn on_agent(&self, _: &Context, event: AgentEvent) -> Result<(), Error> {
        let caller = event.caller.and_then(|caller| caller.name).unwrap_or_default();
        println!("   crm: pop-up at the agent's desk: {caller}");
        Ok(())
    }

    async fn on_cdr(&self, _: &Context, cdr: Cdr) -> Result<(), Error> {
        let (id, call) = (&cdr.callid, cdr.summary());
        println!("   crm: record {id}, {}, net talk {:?}", call.disposition, call.net_talk);
        Ok(())
    }
}

/// A ticket system that opens a ticket for each missed call.
struct Tickets;

#[async_trait]
impl Integration for Tickets {
    async fn on_cdr(&self, _: &Context, cdr: Cdr) -> Result<(), Error> {
        println!("   tickets: record {}, {}", cdr.callid, cdr.summary().disposition);
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let pbx = PretendPbx::start("token-between-pbx-and-bridge".into()).await?;
    let registry = Registry::new(Arc::new(MemorySettings::new()), Arc::new(pbx.call_control()));
    let crm = Coverage::none().extensions(TENANT, ["41", "42"]);
    registry.register(Identifier::new("ourcrmsys")?, crm, Crm)?;
    let tickets = Coverage::none().extensions(TENANT, ["43", "44"]);
    registry.register(Identifier::new("tickets")?, tickets, Tickets)?;
    let bridge = serve(registry, pbx.token().clone(), TENANT).await?;
    pbx.play(bridge, queue_call::answered().into_iter().chain(queue_call::others())).await
}
