//! A pretend Basix PBX: the model of `basix-cti-testing` behind real sockets.

use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use basix_cti::Timestamp;
use basix_cti::element::{GroupId, GroupType, UserId};
use basix_cti_testing::{Callee, Ending, Pbx, PbxError, Server};

use super::story::AGENTS;
use super::{Act, Plan, PretendPbx, Progress, now};
use crate::config::{self, SourceConfig, SourceKind};

pub(super) struct Basix {
    server: Server,
    queue: GroupId,
    agents: Vec<UserId>,
    /// The channels of each call: the caller's, and those of agents' phones.
    channels: Mutex<HashMap<String, Channels>>,
}

#[derive(Default)]
struct Channels {
    caller: String,
    /// The leg to the number that an agent has called.
    outside: Option<String>,
    phones: HashMap<usize, String>,
}

impl Basix {
    pub(super) async fn start() -> io::Result<Self> {
        // Ids of calls differ from one run to the next.
        let mut pbx = Pbx::new(now().unsigned_abs());
        // Its clock stands at a time of its own, and runs from there.
        pbx.advance_to(Timestamp::now());
        let queue = pbx.add_group("Sales", GroupType::Ring);
        let agents: Vec<UserId> = AGENTS.iter().map(|name| pbx.add_user(name)).collect();
        for agent in &agents {
            pbx.join(queue, *agent).map_err(io::Error::other)?;
            pbx.set_login(queue, *agent, true);
        }
        Ok(Self { server: Server::start(pbx).await?, queue, agents, channels: Mutex::default() })
    }

    fn act(
        &self,
        pbx: &mut Pbx,
        plan: &Plan,
        progress: &Progress,
        act: Act,
    ) -> Result<(), PbxError> {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let call = channels.entry(plan.id.clone()).or_default();
        match act {
            Act::Start => match plan.placed_by {
                Some(agent) => {
                    let number = &plan.customer.0;
                    call.caller = pbx.dial(self.agents[agent], Callee::Number(number.clone()))?;
                    call.outside = Some(pbx.ring_out(&call.caller, number)?);
                }
                None => {
                    call.caller = pbx.offer(&plan.customer.0, self.queue)?;
                    let name = plan.customer.1.replace(' ', "+");
                    pbx.set_end_user(&call.caller, &format!("7*{name}"))?;
                    pbx.queue(&call.caller, self.queue)?;
                }
            },
            Act::Ring(agent) => {
                let leg = pbx.ring(&call.caller, self.agents[agent])?;
                call.phones.insert(agent, leg);
            }
            Act::Stop(agent) => {
                if let Some(leg) = call.phones.remove(&agent) {
                    pbx.hangup(&leg, Ending::RINGING_ENDS)?;
                }
            }
            Act::Answer(agent) => {
                let leg = call.outside.as_ref().or_else(|| call.phones.get(&agent));
                if let Some(leg) = leg {
                    pbx.pick_up(leg)?;
                }
            }
            Act::End => {
                let caller = std::mem::take(&mut call.caller);
                channels.remove(&plan.id);
                let is_answered = progress.answered.is_some();
                pbx.hangup(
                    &caller,
                    if is_answered { Ending::PEER_HANGS_UP } else { Ending::CALLER_GIVES_UP },
                )?;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl PretendPbx for Basix {
    fn source(&self) -> SourceConfig {
        let basix = config::Basix::new(&self.server.origin(), "example.test", "token");
        SourceConfig::new("basix", SourceKind::Basix(basix))
    }

    async fn perform(&self, plan: &Plan, progress: &Progress, act: Act) {
        // Somebody may have ended the call meanwhile.
        let _ = self.server.with(|pbx| self.act(pbx, plan, progress, act));
    }
}
