//! Basix: a model PBX, which sends nothing again. The hub sees what is there when it is back.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use basix_cti::element::{GroupId, GroupType, UserId};
use basix_cti_testing::{Ending, Pbx, PbxError, Server};
use hub::timeline::{Call, Outcome};

use super::until;
use crate::http::Http;

/// Calls at one time, each with an agent of its own.
const LANES: usize = 4;
/// The lane of calls that end while the hub is down.
const VANISHING: usize = 0;
/// The lane of calls that outlast several kills.
const LASTING: usize = 1;

pub(super) struct Office {
    server: Server,
    sales: GroupId,
    agents: Vec<UserId>,
    /// All calls; of each lane the last one may go on.
    calls: Vec<OfficeCall>,
    /// The call of each lane that goes on, by its place in `calls`.
    lanes: [Option<usize>; LANES],
    steps: usize,
    /// The number of times that the hub was started.
    run: u32,
}

struct OfficeCall {
    id: String,
    customer: String,
    agent: UserId,
    is_answered: bool,
    /// The agent's phone, once it rings.
    leg: Option<String>,
    is_talking: bool,
    began: u32,
    ended: Option<u32>,
    /// True if the hub had it in its log before a kill.
    is_seen: bool,
    /// True if it ended while the hub was down.
    is_vanished: bool,
}

impl Office {
    pub(super) async fn start() -> Self {
        let mut pbx = Pbx::new(1);
        let sales = pbx.add_group("sales", GroupType::Ring);
        let agents: Vec<UserId> =
            (0..LANES).map(|lane| pbx.add_user(&format!("agent{lane}"))).collect();
        for agent in &agents {
            pbx.join(sales, *agent).unwrap();
            pbx.set_login(sales, *agent, true);
        }
        let server = Server::start(pbx).await.unwrap();
        Self { server, sales, agents, calls: Vec::new(), lanes: [None; LANES], steps: 0, run: 1 }
    }

    pub(super) fn origin(&self) -> String {
        self.server.origin()
    }

    /// The next step of a call in traffic.
    pub(super) fn step(&mut self) {
        self.steps += 1;
        let lane = LASTING + 1 + self.steps % (LANES - LASTING - 1);
        self.step_lane(lane).unwrap();
    }

    /// The next step of a call: it begins, rings, is answered, ends.
    fn step_lane(&mut self, lane: usize) -> Result<(), PbxError> {
        let (sales, agent, number) = (self.sales, self.agents[lane], self.calls.len());
        let Some(at) = self.lanes[lane] else {
            let customer = format!("03{number:08}");
            let id = self.server.with(|pbx| {
                let id = pbx.offer(&customer, sales)?;
                pbx.queue(&id, sales).map(|_| id)
            })?;
            self.lanes[lane] = Some(number);
            self.calls.push(OfficeCall {
                id,
                customer,
                agent,
                is_answered: !number.is_multiple_of(3),
                leg: None,
                is_talking: false,
                began: self.run,
                ended: None,
                is_seen: false,
                is_vanished: false,
            });
            return Ok(());
        };
        let call = &mut self.calls[at];
        match &call.leg {
            None => call.leg = Some(self.server.with(|pbx| pbx.ring(&call.id, agent))?),
            Some(leg) if call.is_answered && !call.is_talking => {
                self.server.with(|pbx| pbx.pick_up(leg))?;
                call.is_talking = true;
            }
            Some(_) => self.end(lane)?,
        }
        Ok(())
    }

    fn end(&mut self, lane: usize) -> Result<(), PbxError> {
        let Some(at) = self.lanes[lane].take() else { return Ok(()) };
        let call = &mut self.calls[at];
        call.ended = Some(self.run);
        let ending = if call.is_talking { Ending::PEER_HANGS_UP } else { Ending::CALLER_GIVES_UP };
        self.server.with(|pbx| pbx.hangup(&call.id, ending))
    }

    /// Waits until the hub has every call that goes on in its log.
    pub(super) async fn confirm(&mut self, http: &Http, hub: SocketAddr) {
        let is_current = async || {
            let sources = http.json(hub, "/api/sources").await;
            let sources = sources.as_array().unwrap();
            sources.iter().any(|source| source["name"] == "office" && source["is_current"] == true)
        };
        until(http, hub, is_current).await;
        self.step_lane(VANISHING).unwrap();
        self.step_lane(LASTING).unwrap();
        for at in self.lanes.iter().flatten() {
            let call = &mut self.calls[*at];
            let path = format!("/api/calls/office/{}", call.id);
            until(http, hub, async || http.get(hub, &path).await.0 == 200).await;
            call.is_seen = true;
        }
    }

    /// The hub was killed: some calls end meanwhile.
    pub(super) fn while_it_is_down(&mut self) {
        for lane in [VANISHING, LANES - 1] {
            if let Some(at) = self.lanes[lane] {
                self.calls[at].is_vanished = true;
                self.end(lane).unwrap();
            }
        }
        self.run += 1;
    }

    /// Ends all calls.
    pub(super) fn finish(&mut self) {
        (0..LANES).for_each(|lane| self.end(lane).unwrap());
    }

    /// Compares the log with what happened.
    pub(super) fn check(&self, mut log: BTreeMap<String, Call>) {
        let mut vanished = 0;
        for call in &self.calls {
            let Some(found) = log.remove(&call.id) else {
                // Between two starts of the hub, and too short to be committed.
                assert!(!call.is_seen && Some(call.began) == call.ended, "{} is missing", call.id);
                continue;
            };
            let text = serde_json::json!(found);
            assert_eq!(found.customer, call.customer);
            if call.is_vanished {
                assert!(found.has_gap, "{text}");
                vanished += u32::from(call.is_seen);
            }
            if !found.has_gap {
                let agent = call.agent.to_string();
                let rang: Vec<&str> = call.leg.iter().map(|_| &*agent).collect();
                assert_eq!(found.rang, rang, "{text}");
                let outcome = if call.is_talking { Outcome::Answered } else { Outcome::Abandoned };
                assert_eq!(found.outcome, Some(outcome), "{text}");
                assert_eq!(found.answered_by, Some(agent).filter(|_| call.is_talking), "{text}");
            }
        }
        assert!(log.is_empty(), "calls that never were: {log:#?}");
        assert!(vanished + 1 >= self.run, "{vanished} calls have vanished in {} runs", self.run);
    }
}
