//! UCOM: events through the tracker of `ucom-events`.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;
use tokio::time::Instant;
use ucom_events::track::{Direction as Way, LegRole, Notice, NoticeKind, Outcome as Result_};
use ucom_events::{
    CallRecord, Directory, EventToken, EventUrls, Output, Timestamp, TokenTable, Tracker,
    TrackerOptions, parse_request,
};
use voip_module::Secret;
use voip_module::router::Clock as _;

use super::Receiver;
use super::book::{Book, Entry, MAX_SILENCE};
use super::clock::ReplayClock;
use crate::config::Ucom;
use crate::store::StoreError;
use crate::timeline::{Call, Direction, Micros, Outcome, State, StepKind, User};

pub(crate) struct UcomSource {
    book: Book<Notices>,
    urls: EventUrls,
    tokens: TokenTable<()>,
    token: Secret,
    clock: ReplayClock,
    following: Mutex<Following>,
}

struct Following {
    tracker: Tracker,
    /// Output that could not be queued for the database yet.
    outputs: VecDeque<(Output, Micros)>,
}

/// The open notices of a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notices {
    open: BTreeSet<String>,
    /// True if the call was ended by its notices; its record is still to come.
    is_provisional: bool,
}

impl UcomSource {
    pub(crate) fn new(config: &Ucom, book: Book<Notices>) -> Result<Self, String> {
        // Only the path below it matters: the PBX calls whatever address leads here.
        let base = format!("http://localhost/in/{}/", book.source());
        let urls = EventUrls::allowing_http(&base).map_err(|error| error.to_string())?;
        let token: EventToken =
            config.token.expose().parse().map_err(|_| "token: expected 32 letters or digits")?;
        let mut tokens = TokenTable::new();
        tokens.insert(token, ());
        let directory = Directory::new().with_prefix(&config.prefix);
        let directory = config.numbers.iter().fold(directory, |all, own| all.with_own_number(own));
        let directory = config
            .extensions
            .iter()
            .fold(directory, |all, extension| all.with_extension(extension, "phone"));
        let users = config.extensions.iter().map(|extension| User {
            source: book.source().into(),
            id: format!("{}*{extension}", config.prefix),
            name: extension.clone(),
            ..User::default()
        });
        book.live().set_users(book.source(), users.collect());
        // The key of its hashes: secret, and the same after a restart, as parts of long ids follow
        // from it.
        let mut key = [0; 16];
        key.copy_from_slice(&Sha256::digest(config.token.expose())[..16]);
        let tracker = Tracker::new(TrackerOptions::default(), directory, key);
        let following = Mutex::new(Following { tracker, outputs: VecDeque::new() });
        let (token, clock) = (config.token.clone(), ReplayClock::default());
        Ok(Self { book, urls, tokens, token, clock, following })
    }

    /// Runs the tracker's timers.
    pub(crate) async fn run(self: Arc<Self>) {
        let mut step = tokio::time::interval(Duration::from_millis(250));
        loop {
            step.tick().await;
            let mut following = self.following.lock().await;
            following.tracker.handle_timeout(self.clock.now());
            let result = self.drain(&mut following, self.book.now()).await;
            drop(following);
            self.book.report(match result {
                Ok(committed) => committed.await,
                Err(error) => Err(error),
            });
            // The tracker ends calls itself; this drops those that ended.
            let end = |entry: &mut Entry<Notices>| entry.lose();
            self.book.report(self.book.sweep(Instant::now(), end).await);
        }
    }

    /// Queues the tracker's output for the database, in order.
    async fn drain(
        &self,
        following: &mut Following,
        at: Micros,
    ) -> Result<impl Future<Output = Result<(), StoreError>> + use<>, StoreError> {
        while let Some(output) = following.tracker.poll() {
            following.outputs.push_back((output, at));
        }
        let mut commits = Vec::new();
        while let Some((output, at)) = following.outputs.front() {
            let at = *at;
            let source = self.book.source();
            let commit = match output {
                Output::Notice(notice) => {
                    if let Some(extension) = &notice.extension {
                        self.book.live().name_user(source, extension, None);
                    }
                    let fold = |known| fold_notice(source, known, notice, at);
                    self.book.queue(notice.call_id.as_str(), fold).await?
                }
                Output::Call(record) | Output::Revised(record) => {
                    let call = call_of(source, record, at);
                    let due = Instant::now() + MAX_SILENCE;
                    let entry = Entry { call, notes: Notices::default(), due };
                    self.book.queue(record.call_id.as_str(), |_| Some(entry)).await?
                }
                _ => None,
            };
            commits.extend(commit);
            following.outputs.pop_front();
        }
        Ok(async move {
            for commit in commits {
                commit.await?;
            }
            Ok(())
        })
    }
}

#[async_trait]
impl Receiver for UcomSource {
    fn secrets(&self) -> Option<Vec<Secret>> {
        Some(vec![self.token.clone()])
    }

    fn check(&self, parts: &Parts) -> Result<(), StatusCode> {
        let candidate = self.urls.read_path(parts.uri.path());
        let row = candidate.and_then(|candidate| self.tokens.find(candidate));
        row.copied().ok_or(StatusCode::NOT_FOUND)
    }

    async fn handle(&self, request: Request<Bytes>, at: Micros) -> Response<Bytes> {
        self.clock.replay(at);
        let (head, body) = request.into_parts();
        let event = match parse_request(&head.method, &head.uri, &body) {
            Ok(event) => event,
            Err(error) => {
                // The PBX would only send the same again.
                tracing::warn!(source = self.book.source(), %error, "an event cannot be read");
                return Response::new(Bytes::from_static(b"OK"));
            }
        };
        let mut following = self.following.lock().await;
        let arrived = Duration::from_micros(u64::try_from(at).unwrap_or(0));
        let arrived = Timestamp::from(SystemTime::UNIX_EPOCH + arrived);
        following.tracker.handle_event(self.clock.now(), arrived, &event);
        let result = self.drain(&mut following, at).await;
        drop(following);
        let result = match result {
            Ok(committed) => committed.await,
            Err(error) => Err(error),
        };
        let mut response = Response::new(Bytes::from_static(b"OK"));
        if result.is_err() {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
        self.book.report(result);
        response
    }

    async fn replayed(&self) {
        self.clock.start(self.book.now());
        self.book.report(self.book.replayed().await);
    }
}

/// The name of a far side, which is a user or a number.
fn text(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

fn fold_notice(
    source: &str,
    known: Option<Entry<Notices>>,
    notice: &Notice,
    at: Micros,
) -> Option<Entry<Notices>> {
    let due = Instant::now() + MAX_SILENCE;
    let id = notice.call_id.as_str();
    let way = match notice.kind {
        NoticeKind::Dialing => Direction::Outbound,
        _ => Direction::Inbound,
    };
    let is_start = matches!(notice.kind, NoticeKind::Ringing | NoticeKind::Dialing);
    let mut entry = match known {
        // The record says more than its notices.
        Some(known) if !known.call.is_open() && !known.notes.is_provisional => return None,
        Some(known) => Entry { due, ..known },
        None if notice.kind == NoticeKind::Closed => return None,
        None => Entry { call: Call::new(source, id, way, at), notes: Notices::default(), due },
    };
    let call = &mut entry.call;
    let extension = text(notice.extension.as_ref());
    if let Some(party) = text(notice.party.as_ref()) {
        party.clone_into(&mut call.customer);
    }
    let did = text(notice.did.as_ref());
    if let Some(called) =
        did.or_else(|| text(notice.party.as_ref()).filter(|_| way == Direction::Outbound))
    {
        called.clone_into(&mut call.called_number);
    }
    let leg = notice
        .sub_call_id
        .as_ref()
        .map_or_else(|| extension.unwrap_or_default().to_owned(), |leg| leg.as_str().to_owned());
    if entry.notes.is_provisional && is_start {
        entry.notes.is_provisional = false;
        (call.ended_at_us, call.outcome, call.talk_us) = (None, None, None);
        call.steps.retain(|step| step.kind != StepKind::Ended);
    }
    match notice.kind {
        NoticeKind::Ringing | NoticeKind::Dialing => {
            entry.notes.open.insert(leg);
            if notice.kind == NoticeKind::Dialing {
                call.placed_by = extension.map(str::to_owned);
            } else if let Some(extension) = extension {
                call.add_rang(extension);
                call.step(at, StepKind::Rang, Some(extension));
            }
            if call.state != State::Talking {
                call.state = State::Ringing;
            }
        }
        NoticeKind::Taken => {
            entry.notes.open.insert(leg);
            let who = extension.filter(|_| call.direction == Direction::Inbound);
            call.answered_at_us.get_or_insert(at);
            call.wait_us = call.answered_at_us.map(|answered| answered - call.started_at_us);
            if call.answered_by.is_none() {
                call.answered_by = who.map(str::to_owned);
            }
            call.step(at, StepKind::Answered, who);
            call.state = State::Talking;
        }
        NoticeKind::Closed => {
            entry.notes.open.remove(&leg);
            if entry.notes.open.is_empty() && call.is_open() {
                if call.answered_at_us.is_some() {
                    call.end(at, Outcome::Answered);
                    entry.notes.is_provisional = true;
                } else {
                    // Another phone may ring; the record says in the end.
                    call.state = State::Waiting;
                }
            }
        }
    }
    Some(entry)
}

/// A call as its record has it.
fn call_of(source: &str, record: &CallRecord, at: Micros) -> Call {
    let micros = |time: Timestamp| Micros::try_from(time.as_micros()).unwrap_or(Micros::MAX);
    let length = |time: Duration| Micros::try_from(time.as_micros()).unwrap_or(Micros::MAX);
    // The time of arrival comes last: it is another one after a replay.
    let ended = record.ended_at.or(record.answered_at).or(record.started_at);
    let ended = ended.map_or(at, micros);
    let started = record.started_at.map_or(ended, micros);
    let direction = match record.direction {
        Some(Way::Outbound) => Direction::Outbound,
        _ => Direction::Inbound,
    };
    let mut call = Call::new(source, record.call_id.as_str(), direction, started);
    call.customer = record.party.clone().unwrap_or_default();
    call.customer_name.clone_from(&record.name);
    call.called_number = record.did.clone().unwrap_or_default();
    if direction == Direction::Outbound && call.called_number.is_empty() {
        call.called_number.clone_from(&call.customer);
    }
    call.answered_by.clone_from(&record.answered_by);
    call.placed_by.clone_from(&record.placed_by);
    record.rang.iter().for_each(|extension| call.add_rang(extension));
    call.answered_at_us = record.answered_at.map(micros);
    (call.wait_us, call.talk_us) = (record.wait.map(length), record.talk.map(length));
    call.recording = record.recordings.first().cloned();
    call.has_gap = !record.complete;
    for leg in &record.legs {
        let who = text(leg.extension.as_ref());
        let kind = match leg.role {
            LegRole::Service => StepKind::Queued,
            _ => StepKind::Rang,
        };
        if let Some(started) = leg.started_at
            && direction == Direction::Inbound
        {
            call.step(micros(started), kind, who);
        }
        if let Some(answered) = leg.answered_at
            && leg.role != LegRole::Service
        {
            let who = who.filter(|_| leg.role != LegRole::Outbound);
            call.step(micros(answered), StepKind::Answered, who);
        }
    }
    for transfer in &record.transfers {
        let leg = record.legs.iter().find(|leg| leg.extension == transfer.to);
        if let Some(started) = leg.and_then(|leg| leg.started_at) {
            call.step(micros(started), StepKind::Transferred, text(transfer.to.as_ref()));
        }
    }
    let outcome = match record.outcome {
        Result_::Answered => Outcome::Answered,
        Result_::Missed | Result_::NotAnswered => Outcome::Missed,
        Result_::Unknown => Outcome::Unknown,
    };
    call.end(ended, outcome);
    call
}
