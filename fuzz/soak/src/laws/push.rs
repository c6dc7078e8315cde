//! Laws of `voip_module::module_script::push`: the queue, whatever the platform answers.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Duration;

use bytes::Bytes;
use voip_module::module_script::push::{PushMessage, PushOutcome, PushPolicy, PushQueue};
use voip_module::{VoipCallDirection, VoipCallRecord, VoipWebhookEvent, VoipWebhookRequest};

const STAGES: [VoipWebhookEvent; 3] =
    [VoipWebhookEvent::NotifyStart, VoipWebhookEvent::NotifyAnswer, VoipWebhookEvent::NotifyEnd];

/// A message of a call; its id is its number.
pub(super) fn message(number: usize, call: u8, stage: u8) -> PushMessage {
    let (direction, client, call) = (VoipCallDirection::In, "79990000001", format!("C-{call}"));
    let stage = STAGES.get(usize::from(stage));
    let event = stage.map(|stage| {
        VoipWebhookRequest::new(*stage, direction, client, "701").call_id(call.clone())
    });
    let record =
        event.is_none().then(|| VoipCallRecord::new(direction, client, "701").call_id(call));
    let message = PushMessage::new(&format!("{number:016}"), event.as_ref(), record.as_ref());
    message.expect("an event or record with a good id")
}

/// An answer of the platform: the digits of a status, lines of headers, an empty line and a body.
/// The body `ok` confirms.
fn answer(id: &str, text: &[u8]) -> http::Response<Bytes> {
    let mut lines = text.split(|byte| *byte == b'\n');
    let status = lines.next().and_then(|line| std::str::from_utf8(line).ok()?.parse().ok());
    let mut response = http::Response::builder().status(status.unwrap_or(200_u16));
    for line in lines.by_ref().take_while(|line| !line.is_empty()) {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        let name = http::HeaderName::from_bytes(name);
        let value = http::HeaderValue::from_bytes(value.strip_prefix(b":").unwrap_or_default());
        if let (Ok(name), Ok(value)) = (name, value) {
            response = response.header(name, value);
        }
    }
    let body = match lines.collect::<Vec<_>>().join(&b'\n') {
        body if body == b"ok" => format!(r#"{{"voipBridge":1,"accepted":"{id}"}}"#).into(),
        body => Bytes::from(body),
    };
    response.body(body).unwrap_or_default()
}

/// Reads an answer.
pub fn parse_push_answer(data: &[u8]) {
    black_box(PushOutcome::of("0000000000000001", &answer("0000000000000001", data)));
}

/// A queue, and what the law knows about it.
struct Run {
    queue: PushQueue,
    policy: PushPolicy,
    time: Duration,
    /// The calls of the messages.
    calls: Vec<u8>,
    taken: u64,
    /// Ids in flight, with the number of their target.
    in_flight: Vec<(String, usize)>,
    targets: usize,
    paused_until: Duration,
    /// The last number that was sent of each call.
    last: BTreeMap<u8, usize>,
    sent: Vec<Duration>,
}

impl Run {
    fn push(&mut self, choice: u8) {
        let (call, number) = (choice % 4, self.calls.len());
        self.calls.push(call);
        if self.queue.push(self.time, message(number, call, choice / 4 % 4)).is_ok() {
            self.taken += 1;
        }
        assert!(self.queue.status(self.time).queued <= self.policy.messages);
    }

    fn send(&mut self) {
        while let Some(request) = self.queue.next(self.time) {
            assert!(self.targets > 0 && self.time >= self.paused_until, "the queue has to wait");
            let id = request.message.id();
            let number: usize = id.parse().expect("an id of the law");
            let call = self.calls[number];
            let is_alone = !self
                .in_flight
                .iter()
                .any(|(id, _)| id.parse::<usize>().is_ok_and(|number| self.calls[number] == call));
            assert!(is_alone, "two requests of a call at once");
            let before = self.last.insert(call, number);
            assert!(before.is_none_or(|before| before <= number), "{before:?}, then {number}");
            self.in_flight.push((id.to_owned(), self.targets));
            assert!(self.in_flight.len() <= self.policy.at_once);
            self.sent.push(self.time);
            let per_minute = self.policy.per_minute as usize;
            let first = self.sent.len().checked_sub(per_minute + 1).filter(|_| per_minute > 0);
            if let Some(first) = first {
                assert!(self.time - self.sent[first] >= Duration::from_secs(60), "too fast");
            }
        }
        // A driver that sleeps until the wake-up does not spin.
        let wake = self.queue.next_wake(self.time);
        assert!(wake.is_none_or(|wake| wake > self.time), "{wake:?} at {:?}", self.time);
    }

    fn answer(&mut self, at: u8, text: &[u8]) {
        if self.in_flight.is_empty() {
            return;
        }
        let (id, target) = self.in_flight.swap_remove(usize::from(at) % self.in_flight.len());
        let outcome = PushOutcome::of(&id, &answer(&id, text));
        if let PushOutcome::TooMany(wait) = outcome {
            assert!((Duration::from_secs(1)..=Duration::from_secs(120)).contains(&wait));
            if target == self.targets {
                self.paused_until = self.paused_until.max(self.time + wait);
            }
        }
        let dead = self.queue.answer(self.time, &id, outcome);
        assert_eq!(dead.is_some(), matches!(outcome, PushOutcome::Rejected(_)), "{outcome:?}");
        assert_eq!(self.queue.answer(self.time, &id, PushOutcome::Accepted), None, "known twice");
    }

    fn open(&mut self) {
        self.queue.open();
        self.targets += 1;
    }

    /// Every message that was taken is counted once.
    fn count(&self) {
        let status = self.queue.status(self.time);
        let gone = status.delivered + status.dead + status.expired + status.dropped;
        assert_eq!(gone + status.queued as u64, self.taken, "{status:?}");
    }
}

/// Whatever the platform answers, calls keep their order, the rate and the pauses hold, every message
/// is counted once, and in the end each has left the queue.
///
/// The first byte chooses the policy. Each step is a byte, an argument, and for an answer its length
/// and text.
pub fn push_answer(data: &[u8]) {
    parse_push_answer(data);
    let Some((&choice, mut data)) = data.split_first() else { return };
    let mut policy = PushPolicy::default();
    (policy.per_minute, policy.burst) =
        [(50, 10), (0, 1), (3, 20), (1, 0)][usize::from(choice % 4)];
    policy.messages = if choice & 4 == 0 { 10_000 } else { 5 };
    policy.require_confirmation = choice & 8 != 0;
    policy.drop_overtaken = choice & 16 != 0;
    let mut run = Run {
        queue: PushQueue::new(policy.clone(), choice.into()),
        policy,
        time: Duration::ZERO,
        calls: Vec::new(),
        taken: 0,
        in_flight: Vec::new(),
        targets: 0,
        paused_until: Duration::ZERO,
        last: BTreeMap::new(),
        sent: Vec::new(),
    };
    while let [step, argument, rest @ ..] = data {
        data = rest;
        match step % 8 {
            0..=2 => run.push(*argument),
            3 => run.time += Duration::from_millis(u64::from(*argument).pow(2) * 4),
            4 => run.send(),
            5 | 6 => {
                let Some((length, rest)) = data.split_first() else { break };
                let (text, rest) = rest.split_at(rest.len().min((*length).into()));
                data = rest;
                run.answer(*argument, text);
            }
            _ => run.open(),
        }
        run.count();
    }
    if data.first().is_some_and(|last| last % 2 == 1) {
        run.queue.begin_shutdown(run.time);
    }
    run.open();
    let most = 4 * run.calls.len() + 200;
    for _ in 0..most {
        run.send();
        while !run.in_flight.is_empty() {
            run.answer(0, b"200\n\nok");
        }
        run.count();
        match run.queue.next_wake(run.time) {
            Some(wake) => run.time = run.time.max(wake),
            None => break,
        }
    }
    // What was to be retried when the process ended is left to the spool.
    let is_over = run.queue.status(run.time).queued == 0;
    assert!(is_over, "{} are left", run.queue.status(run.time).queued);
}
