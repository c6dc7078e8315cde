//! The law of delivery, through random schedules of events, faults and restarts.

use std::collections::BTreeSet;

use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};

use crate::Service;
use crate::network::{Fault, Server};
use crate::pbx::{Pbx, id, script};

#[derive(Clone, Copy, Debug)]
enum Step {
    Event(&'static str),
    Fault(Fault),
    IntegrationFails,
    ServiceIsUp(bool),
    Advance(u16),
    RestartService,
    RestartPbx,
    CutWebsocket,
}

fn step() -> impl Strategy<Value = Step> {
    let fault = prop_oneof![
        Just(Fault::Cut),
        Just(Fault::LoseAnswer),
        Just(Fault::Status(500, None)),
        Just(Fault::Status(503, Some(3))),
        Just(Fault::Status(401, None)),
        Just(Fault::Status(404, None)),
    ];
    prop_oneof![
        6 => prop_oneof![Just("ongroup"), Just("onagent"), Just("oncdr")].prop_map(Step::Event),
        3 => fault.prop_map(Step::Fault),
        1 => Just(Step::IntegrationFails),
        1 => any::<bool>().prop_map(Step::ServiceIsUp),
        3 => any::<u16>().prop_map(Step::Advance),
        1 => Just(Step::RestartService),
        1 => Just(Step::RestartPbx),
        1 => Just(Step::CutWebsocket),
    ]
}

/// A run: what happened at the PBX, and what the law says about it.
struct Run {
    service: Service,
    server: Server,
    pbx: Pbx,
    /// Everything that happened at the PBX, in order.
    happened: Vec<String>,
    /// The number of those that happened before the script was loaded last.
    before_load: usize,
}

impl Run {
    fn start(has_timer: bool, has_websocket: bool) -> Option<Self> {
        let service = Service::new();
        let server = service.server();
        let mut script = script(server.address).queue(4, 1 << 20);
        if has_websocket {
            script = script.websocket();
        }
        let mut pbx = Pbx::start_without_polls(script, server.address, has_timer)?;
        pbx.send();
        Some(Self { service, server, pbx, happened: Vec::new(), before_load: 0 })
    }

    fn event(&mut self, entry_point: &str) {
        let callid = format!("c{}", self.happened.len());
        self.happened.push(format!("{} {callid}", &entry_point[2..]));
        let fields =
            format!("domain: 'tenant1.example.com', callid: '{callid}', start: 1757930400");
        self.pbx.call(
            entry_point,
            &format!("{{{fields}, timestamps: {{start: 1757930400}}, user: 3}}"),
        );
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Event(entry_point) => self.event(entry_point),
            Step::Fault(fault) => self.server.fail_next([fault]),
            Step::IntegrationFails => self.service.recorder.fail_next("no disk"),
            Step::ServiceIsUp(is_up) => {
                self.pbx.is_up = is_up;
                if !is_up {
                    self.pbx.cut_sockets();
                }
            }
            Step::Advance(time) => self.pbx.advance(u64::from(time)),
            Step::RestartService => {
                self.service.restart(&self.server);
                self.pbx.cut_sockets();
            }
            Step::RestartPbx => {
                self.pbx.restart();
                self.pbx.send();
                self.before_load = self.happened.len();
            }
            Step::CutWebsocket => self.pbx.cut_sockets(),
        }
    }

    /// Lets all faults end, and everything that waits arrive.
    fn settle(&mut self) {
        self.pbx.is_up = true;
        for _ in 0..2 {
            self.server.clear_faults();
            self.service.recorder.clear_faults();
            self.pbx.advance(301_000);
            // Without timers, an event sends what waits; and it carries the number of losses.
            self.event("oncdr");
        }
    }
}

// X57, X60
#[test]
fn nothing_is_lost_uncounted_dispatched_twice_or_out_of_order() {
    if Run::start(true, true).is_none() {
        return;
    }
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(steps in proptest::collection::vec(step(), 1..40), has_timer: bool, has_websocket: bool)| {
        let mut run = Run::start(has_timer, has_websocket).unwrap();
        for step in steps {
            run.step(step);
        }
        run.settle();
        let seen = run.service.recorder.seen();
        let stored: BTreeSet<&String> = seen.iter().collect();
        prop_assert_eq!(stored.len(), seen.len(), "dispatched twice: {:?}", seen);
        let in_order: Vec<&String> = run.happened.iter().filter(|event| stored.contains(event)).collect();
        prop_assert_eq!(in_order, seen.iter().collect::<Vec<_>>());
        // What waited when the script was loaded again is lost; since then every loss is counted.
        let since = &run.happened[run.before_load..];
        let missing = since.iter().filter(|event| !stored.contains(event)).count();
        let lost: Vec<u64> = run.pbx.lost.split(',').map(|part| part[2..].parse().unwrap()).collect();
        let dropped: u64 = lost[..3].iter().sum();
        // An item that was refused may have been stored by an earlier try, whose answer was lost.
        prop_assert!((dropped..=dropped + lost[3]).contains(&(missing as u64)), "{missing} {lost:?}");
        let status = run.service.bridge.status(&id());
        prop_assert!(status.losses.total() >= dropped + lost[3]);
    });
}
