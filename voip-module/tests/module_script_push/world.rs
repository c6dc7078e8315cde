//! A pusher in a world of its own: virtual time, a receiver with faults, a spool that survives.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;
use voip_module::module_script::push::{
    PushHandle, PushPolicy, Pusher, Spool, SpoolError, Spooled,
};
use voip_module::router::{Clock, Timer};
use voip_module::transport::TransportError;
use voip_module::{Delivery, HttpTransport, Sink as _};

/// 2026-01-05 10:15:00 UTC.
pub(crate) const WALL: u64 = 1_767_608_100;
pub(crate) const URL: &str = "https://tenant.example/hook/1?token=T1K-token-of-the-platform";

/// Time that passes when the test says so: now, and those who sleep.
#[derive(Clone, Default)]
pub(crate) struct Time(Arc<Mutex<(Duration, Vec<Sleeper>)>>);

type Sleeper = (Duration, Waker);

impl Time {
    fn set(&self, now: Duration) {
        let mut state = self.0.lock().unwrap();
        state.0 = now;
        state.1.retain(|(due, waker)| {
            if *due <= now {
                waker.wake_by_ref();
            }
            *due > now
        });
    }

    fn next(&self) -> Option<Duration> {
        self.0.lock().unwrap().1.iter().map(|(due, _)| *due).min()
    }
}

impl Clock for Time {
    fn now(&self) -> Duration {
        self.0.lock().unwrap().0
    }
}

#[async_trait]
impl Timer for Time {
    async fn sleep(&self, time: Duration) {
        let due = self.now().saturating_add(time);
        poll_fn(|context| {
            if self.now() >= due {
                return Poll::Ready(());
            }
            self.0.lock().unwrap().1.push((due, context.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}

/// The receiver's behaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Confirms,
    /// Takes the message, and the answer is lost.
    TakesAndBreaks,
    Breaks,
    Hangs,
    Status(u16),
    /// 429 with these seconds.
    TooMany(u64),
    /// 200 of something else.
    Html,
}

/// A request at the receiver.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) at: Duration,
    pub(crate) uri: String,
    pub(crate) body: Value,
    pub(crate) text: String,
    pub(crate) was_taken: bool,
}

#[derive(Clone)]
pub(crate) struct Receiver {
    time: Time,
    state: Arc<Mutex<(Mode, Vec<Seen>)>>,
    latency: Duration,
}

impl Receiver {
    pub(crate) fn set(&self, mode: Mode) {
        self.state.lock().unwrap().0 = mode;
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.lock().unwrap().1.clone()
    }
}

#[async_trait]
impl HttpTransport for Receiver {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.time.sleep(self.latency).await;
        assert_eq!((request.method().as_str(), request.headers().len()), ("POST", 1));
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        let mode = {
            let mut state = self.state.lock().unwrap();
            let mode = state.0;
            let seen = Seen {
                at: self.time.now(),
                uri: request.uri().to_string(),
                text: String::from_utf8(request.body().to_vec()).unwrap(),
                was_taken: matches!(mode, Mode::Confirms | Mode::TakesAndBreaks | Mode::Html),
                body: body.clone(),
            };
            state.1.push(seen);
            mode
        };
        let answer = |status: u16, body: String| {
            Ok(Response::builder().status(status).body(Bytes::from(body)).unwrap())
        };
        match mode {
            Mode::Confirms => {
                answer(200, format!(r#"{{"voipBridge":1,"accepted":{}}}"#, body["id"]))
            }
            Mode::TakesAndBreaks | Mode::Breaks => {
                Err(TransportError::Interrupted(request.uri().to_string().into()))
            }
            Mode::Hangs => std::future::pending().await,
            Mode::Status(status) => answer(status, String::new()),
            Mode::TooMany(seconds) => {
                let mut answer = answer(429, String::new())?;
                answer.headers_mut().insert("retry-after", seconds.into());
                Ok(answer)
            }
            Mode::Html => answer(200, "<html>".into()),
        }
    }
}

/// A spool in memory, which outlives its pusher.
#[derive(Clone, Default)]
pub(crate) struct Memory {
    pub(crate) kept: Arc<Mutex<BTreeMap<String, Spooled>>>,
    pub(crate) is_full: Arc<AtomicBool>,
}

#[async_trait]
impl Spool for Memory {
    fn recover(&self) -> Result<Vec<Spooled>, SpoolError> {
        Ok(self.kept.lock().unwrap().values().cloned().collect())
    }

    async fn put(&self, message: Spooled) -> Result<(), SpoolError> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(SpoolError::new("be written", std::io::ErrorKind::StorageFull.into()));
        }
        self.kept.lock().unwrap().insert(message.message.id().into(), message);
        Ok(())
    }

    async fn remove(&self, ids: &[Box<str>]) -> Result<(), SpoolError> {
        let mut kept = self.kept.lock().unwrap();
        ids.iter().for_each(|id| drop(kept.remove(&**id)));
        Ok(())
    }
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

type Run = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(crate) struct World {
    pub(crate) time: Time,
    pub(crate) receiver: Receiver,
    pub(crate) spool: Option<Memory>,
    pub(crate) handle: PushHandle,
    run: Option<Run>,
    flag: Arc<Flag>,
    policy: PushPolicy,
}

impl World {
    pub(crate) fn new(policy: PushPolicy, spool: Option<Memory>) -> Self {
        let time = Time::default();
        let state = Arc::new(Mutex::new((Mode::Confirms, Vec::new())));
        let latency = Duration::from_millis(50);
        let receiver = Receiver { time: time.clone(), state, latency };
        let (handle, run) = Self::pusher(&policy, &time, &receiver, spool.as_ref());
        handle.set_target(URL.parse().unwrap()).unwrap();
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        Self { time, receiver, spool, handle, run: Some(run), flag, policy }
    }

    fn pusher(
        policy: &PushPolicy,
        time: &Time,
        receiver: &Receiver,
        spool: Option<&Memory>,
    ) -> (PushHandle, Run) {
        let wall = time.clone();
        let mut builder = Pusher::builder(receiver.clone(), time.clone())
            .policy(policy.clone())
            .clock(time.clone())
            .wall_clock(move || SystemTime::UNIX_EPOCH + Duration::from_secs(WALL) + wall.now());
        if let Some(spool) = spool {
            builder = builder.spool(spool.clone());
        }
        let mut pusher = builder.build().unwrap();
        (pusher.handle(), Box::pin(async move { pusher.run().await }))
    }

    /// Kills the process and starts another one.
    pub(crate) fn kill(&mut self) {
        self.run = None;
        let (handle, run) =
            Self::pusher(&self.policy, &self.time, &self.receiver, self.spool.as_ref());
        handle.set_target(URL.parse().unwrap()).unwrap();
        (self.handle, self.run) = (handle, Some(run));
        self.flag.0.store(true, Ordering::SeqCst);
    }

    /// Delivers, and returns whether it was taken.
    pub(crate) fn deliver(&self, delivery: &Delivery) -> bool {
        let mut future = self.handle.deliver(delivery);
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(taken) => taken.is_ok(),
            Poll::Pending => panic!("the sink waits"),
        }
    }

    /// Runs until nothing is left to do now.
    pub(crate) fn settle(&mut self) {
        let waker = Waker::from(self.flag.clone());
        while self.flag.0.swap(false, Ordering::SeqCst) {
            let Some(run) = &mut self.run else { return };
            if run.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                self.run = None;
            }
        }
    }

    /// Lets time pass, from event to event.
    pub(crate) fn advance(&mut self, time: Duration) {
        let until = self.time.now() + time;
        loop {
            self.settle();
            match self.time.next().filter(|next| *next <= until) {
                Some(next) => self.time.set(next),
                None => break,
            }
        }
        self.time.set(until);
        self.settle();
    }

    pub(crate) fn advance_s(&mut self, seconds: u64) {
        self.advance(Duration::from_secs(seconds));
    }

    /// Returns whether `run` has returned.
    pub(crate) fn has_ended(&self) -> bool {
        self.run.is_none()
    }

    /// Returns stage and call of each request that was taken, such as `start A`.
    pub(crate) fn taken(&self) -> Vec<String> {
        self.receiver.seen().iter().filter(|seen| seen.was_taken).map(name).collect()
    }
}

/// Returns stage and call of a request.
pub(crate) fn name(seen: &Seen) -> String {
    let event = seen.body["event"]["event"].as_str().map(|word| &word["notify_".len()..]);
    let record = seen.body["callRecord"].as_object().map(|_| "record");
    let call = [&seen.body["event"]["callId"], &seen.body["callRecord"]["callId"]];
    let call = call.iter().find_map(|id| id.as_str()).unwrap_or("-");
    let parts: Vec<_> = event.into_iter().chain(record).collect();
    format!("{} {call}", parts.join("+"))
}
