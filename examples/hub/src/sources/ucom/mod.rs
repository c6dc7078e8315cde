//! UCOM: events through the tracker of `ucom-events`.

mod call;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;
use tokio::time::Instant;
use ucom_events::{
    Directory, EventToken, EventUrls, Output, Timestamp, TokenTable, Tracker, TrackerOptions,
    parse_request,
};
use voip_module::Secret;
use voip_module::router::Clock as _;

use self::call::{Notices, call_of, fold_notice};
use super::Receiver;
use super::book::{Book, Entry, MAX_SILENCE};
use super::clock::ReplayClock;
use crate::config::Ucom;
use crate::store::StoreError;
use crate::timeline::{Micros, User};

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
        let quiet = Duration::from_secs(config.quiet_seconds.into());
        let tracker = Tracker::new(TrackerOptions::default().with_quiet(quiet), directory, key);
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
