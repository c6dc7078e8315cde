//! The bridge: its script in an ES5 engine, its service behind real HTTP.

#![expect(clippy::unwrap_used, reason = "tests may, also outside of test functions")]

mod cdr_receiver;
mod chromedriver;
mod commands;
mod duk;
mod es5;
mod events;
mod forms;
mod law;
mod network;
mod pbx;
mod service;
mod socket;
#[path = "../host/wait.rs"]
mod wait;
mod web;
mod web_commands;

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use pbx_integration::bridge::{Bridge, BridgeSecret, Timer};
use pbx_integration::settings::MemorySettings;
use pbx_integration::{
    AgentEvent, Cdr, Context, Coverage, Error, GroupEvent, HttpReply, HttpRequest, Integration,
    Registry,
};

pub(crate) use self::wait::wait;

/// A clock that is set by hand.
#[derive(Clone)]
pub(crate) struct Clock(Arc<(Mutex<ClockState>, Condvar)>);

struct ClockState {
    now: Instant,
    sleepers: Vec<(Instant, Waker)>,
}

impl Clock {
    pub(crate) fn new() -> Self {
        let state = ClockState { now: Instant::now(), sleepers: Vec::new() };
        Self(Arc::new((Mutex::new(state), Condvar::new())))
    }

    /// Lets time pass as soon as somebody sleeps.
    pub(crate) fn advance(&self, time: Duration) {
        let (state, changed) = &*self.0;
        let state = state.lock().unwrap();
        let mut state = changed.wait_while(state, |state| state.sleepers.is_empty()).unwrap();
        state.now += time;
        let now = state.now;
        let (due, rest) = state.sleepers.drain(..).partition(|(until, _)| *until <= now);
        state.sleepers = rest;
        drop(state);
        due.into_iter().for_each(|(_, waker): (Instant, Waker)| waker.wake());
    }
}

impl Timer for Clock {
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        let (clock, until) = (self.clone(), self.now() + time);
        Box::pin(std::future::poll_fn(move |task| {
            let (state, changed) = &*clock.0;
            let mut state = state.lock().unwrap();
            if until <= state.now {
                return Poll::Ready(());
            }
            state.sleepers.push((until, task.waker().clone()));
            changed.notify_all();
            Poll::Pending
        }))
    }

    fn now(&self) -> Instant {
        self.0.0.lock().unwrap().now
    }
}

/// An integration that keeps what it is given.
#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Recorded>>);

#[derive(Default)]
struct Recorded {
    seen: Vec<String>,
    cdrs: Vec<Cdr>,
    faults: VecDeque<&'static str>,
}

impl Recorder {
    /// The entry points and call-IDs of what was stored.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.0.lock().unwrap().seen.clone()
    }

    pub(crate) fn last_cdr(&self) -> Cdr {
        self.0.lock().unwrap().cdrs.last().unwrap().clone()
    }

    pub(crate) fn fail_next(&self, fault: &'static str) {
        self.0.lock().unwrap().faults.push_back(fault);
    }

    pub(crate) fn clear_faults(&self) {
        self.0.lock().unwrap().faults.clear();
    }

    fn store(&self, kind: &str, callid: &str) -> Result<(), Error> {
        let fault = self.0.lock().unwrap().faults.pop_front();
        match fault {
            Some("panic") => panic!("the integration panics, as it should in this test"),
            Some(fault) => Err(Error::other(fault)),
            None => {
                self.0.lock().unwrap().seen.push(format!("{kind} {callid}"));
                Ok(())
            }
        }
    }
}

#[async_trait]
impl Integration for Recorder {
    async fn on_group(&self, _: &Context, event: GroupEvent) -> Result<(), Error> {
        self.store("group", &event.callid)
    }

    async fn on_agent(&self, _: &Context, event: AgentEvent) -> Result<(), Error> {
        self.store("agent", &event.callid)
    }

    async fn on_cdr(&self, _: &Context, cdr: Cdr) -> Result<(), Error> {
        self.store("cdr", &cdr.callid)?;
        self.0.lock().unwrap().cdrs.push(cdr);
        Ok(())
    }

    async fn on_http(&self, _: &Context, request: HttpRequest) -> Result<HttpReply, Error> {
        let headers: Vec<_> = request.headers.iter().collect();
        Ok(HttpReply::text(201, format!("{} {headers:?} {}", request.url, request.body()?)))
    }
}

/// A registry with one integration, and a bridge to it.
pub(crate) struct Service {
    pub(crate) recorder: Recorder,
    pub(crate) registry: Arc<Registry>,
    pub(crate) bridge: Bridge,
    pub(crate) clock: Clock,
}

impl Service {
    pub(crate) fn new() -> Self {
        let (recorder, clock) = (Recorder::default(), Clock::new());
        let bridge = bridge(&clock);
        let calls = Arc::new(bridge.call_control(&pbx::id()));
        let registry = Arc::new(Registry::new(Arc::new(MemorySettings::new()), calls));
        registry.register(pbx::id(), Coverage::everywhere(), recorder.clone()).unwrap();
        Self { recorder, registry, bridge, clock }
    }

    pub(crate) fn server(&self) -> network::Server {
        network::Server::start(self.bridge.service(self.registry.clone()))
    }

    /// A restart: what the bridge has remembered is gone.
    pub(crate) fn restart(&mut self, server: &network::Server) {
        self.bridge = bridge(&self.clock);
        server.replace(self.bridge.service(self.registry.clone()));
    }
}

fn bridge(clock: &Clock) -> Bridge {
    Bridge::new([BridgeSecret::new(pbx::SECRET).unwrap()], clock.clone())
}
