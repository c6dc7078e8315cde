//! The task between the socket and the session.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use futures_core::Stream as _;
use futures_util::Sink as _;
use tokio::time::Sleep;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Error as WebSocketError, Message};

use super::close;
use super::connect::{self, Network, Socket, Stage};
use super::shared::{Inner, Shared};
use super::source::EndpointSource;
use super::tap::Tap;
use super::tape::Tape;
use crate::endpoint::Endpoint;
use crate::session::{ConnectError, DisconnectReason, Event, Session, Transmit};

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

enum Link {
    None,
    Connecting(Boxed<Result<(Endpoint, Socket), ConnectError>>, Stage),
    Open(Box<Socket>),
    /// The session has stopped.
    Closing(Boxed<()>),
}

/// The task between the socket and the session.
pub(super) struct Driver {
    shared: Arc<Shared>,
    source: Arc<dyn EndpointSource>,
    config: WebSocketConfig,
    link: Link,
    /// True if written bytes may not have reached the socket.
    unflushed: bool,
    tape: Option<Tape>,
    tap: Option<Tap>,
    /// End of the consumer's grace period.
    grace_until: Option<Instant>,
    timer: Pin<Box<Sleep>>,
}

/// Messages that are read before other tasks run.
const BATCH: usize = 128;
/// A single pause of reading when the event queue is nearly full: the consumer may not have run
/// yet, above all on a runtime with one thread.
const GRACE: Duration = Duration::from_millis(2);

impl Driver {
    pub(super) fn new(
        shared: Arc<Shared>,
        source: Arc<dyn EndpointSource>,
        config: WebSocketConfig,
        tape: Option<Tape>,
        tap: Option<Tap>,
    ) -> Self {
        Self {
            shared,
            source,
            config,
            link: Link::None,
            unflushed: false,
            tape,
            tap,
            grace_until: None,
            timer: Box::pin(tokio::time::sleep(Duration::ZERO)),
        }
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let shared = Arc::clone(&this.shared);
        loop {
            let connected = this.poll_connecting(context);
            let mut inner = shared.lock();
            let now = Instant::now();
            match connected {
                None => {}
                Some(Ok(endpoint)) => {
                    inner.endpoint = Some(endpoint);
                    this.record(&mut inner.session, |tape| tape.opened(now));
                    inner.session.handle_connected(now);
                }
                Some(Err(reason)) => inner.session.handle_closed(now, reason),
            }
            // Arrived bytes come before deadlines: a delayed task must not mistake a pong that
            // waits in the socket for silence.
            let may_read = this.may_read(&mut inner, now);
            let more = may_read && this.read(context, &mut inner, now);
            if may_read && inner.session.poll_timeout().is_some_and(|deadline| deadline <= now) {
                this.give_up_connecting(&mut inner.session, now);
                inner.session.handle_timeout(now);
            }
            let connecting = this.transmit(context, &mut inner, now);
            // Writing may have failed.
            this.supervise(&mut inner, now);
            let stopped = inner.session.is_stopped() && this.poll_closed(context).is_ready();
            inner.is_done |= stopped;
            inner.wake_others();
            if stopped {
                drop(inner);
                this.tap.iter_mut().for_each(Tap::flush);
                return Poll::Ready(());
            }
            if inner.driver.as_ref().is_none_or(|waker| !waker.will_wake(context.waker())) {
                inner.driver = Some(context.waker().clone());
            }
            // The grace period is short; deadlines of the session wait for its end.
            let grace = this.grace_until.filter(|_| inner.is_in_grace);
            let deadline = grace.or_else(|| inner.poll_timeout());
            drop(inner);
            this.tap.iter_mut().for_each(Tap::flush);
            if connecting || this.poll_timer(context, deadline).is_ready() {
                continue;
            }
            if more {
                context.waker().wake_by_ref();
            }
            return Poll::Pending;
        }
    }
}

/// Ends the events and commands, also if the runtime drops the task.
impl Drop for Driver {
    fn drop(&mut self) {
        let mut inner = self.shared.lock();
        inner.session.close(Instant::now());
        inner.is_done = true;
        inner.wake_others();
        inner.awaited.clear();
    }
}

impl Driver {
    fn poll_connecting(
        &mut self,
        context: &mut Context<'_>,
    ) -> Option<Result<Endpoint, DisconnectReason>> {
        let Link::Connecting(future, _) = &mut self.link else { return None };
        let Poll::Ready(result) = future.as_mut().poll(context) else { return None };
        Some(match result {
            Ok((endpoint, socket)) => {
                self.link = Link::Open(Box::new(socket));
                self.unflushed = false;
                Ok(endpoint)
            }
            Err(error) => {
                self.link = Link::None;
                Err(DisconnectReason::NotMade(Arc::new(error)))
            }
        })
    }

    /// Ends an attempt to connect that takes too long, with an error that names its stage.
    fn give_up_connecting(&mut self, session: &mut Session, now: Instant) {
        let Link::Connecting(_, stage) = &self.link else { return };
        let error = ConnectError::TimedOut { stage: stage.text() };
        self.link = Link::None;
        session.handle_closed(now, DisconnectReason::NotMade(error.into()));
    }

    /// Returns whether to read now, or to let the consumer take events first.
    fn may_read(&mut self, inner: &mut Inner, now: Instant) -> bool {
        if !inner.session.is_nearly_full() {
            self.grace_until = None;
            inner.is_in_grace = false;
            return true;
        }
        let until = *self.grace_until.get_or_insert(now + GRACE);
        inner.is_in_grace = now < until;
        !inner.is_in_grace
    }

    /// Reads the messages that have arrived. Returns whether there may be more.
    fn read(&mut self, context: &mut Context<'_>, inner: &mut Inner, now: Instant) -> bool {
        let Inner { session, supervisor, .. } = inner;
        for _ in 0..BATCH {
            // The session is done with this connection; what it does not handle is not recorded.
            if !session.is_connected() {
                return false;
            }
            if session.is_nearly_full() && self.grace_until.is_none()
                || self.tap.as_ref().is_some_and(Tap::is_full)
            {
                return true;
            }
            let Link::Open(socket) = &mut self.link else { return false };
            let Poll::Ready(message) = Pin::new(&mut **socket).poll_next(context) else {
                self.record(session, Tape::flush);
                return false;
            };
            if let (Some(tap), Some(Ok(message))) = (&mut self.tap, &message) {
                tap.push(now, message);
            }
            match message {
                Some(Ok(Message::Binary(frame))) => {
                    self.record(session, |tape| tape.binary(now, &frame));
                    match supervisor {
                        Some(supervisor) => supervisor.handle_frame(session, now, &frame),
                        None => session.handle_frame(now, &frame),
                    }
                }
                Some(Ok(Message::Text(text))) => {
                    self.record(session, |tape| tape.text(now, &text));
                    session.handle_text(now, &text);
                }
                Some(Ok(Message::Close(frame))) => {
                    self.lost(session, now, close::closed_by_peer(frame.as_ref()));
                }
                Some(Ok(Message::Ping(_))) => {
                    // A pong was queued.
                    self.unflushed = true;
                    session.handle_pong(now);
                }
                Some(Ok(_)) => session.handle_pong(now),
                Some(Err(error)) => self.failed(session, now, &error),
                None => self.lost(session, now, close::closed_by_peer(None)),
            }
        }
        true
    }

    /// Executes the work of the session. Returns whether that was to connect.
    fn transmit(&mut self, context: &mut Context<'_>, inner: &mut Inner, now: Instant) -> bool {
        let mut connecting = false;
        loop {
            self.supervise(inner, now);
            let session = &mut inner.session;
            let Some(transmit) = session.next_transmit() else { break };
            if matches!(transmit, Transmit::Text(_) | Transmit::Ping) {
                match self.poll_writable(context) {
                    Poll::Pending => break,
                    Poll::Ready(Ok(())) => {}
                    Poll::Ready(Err(error)) => {
                        self.failed(session, now, &error);
                        continue;
                    }
                }
            }
            match session.poll_transmit() {
                None => break,
                Some(Transmit::Text(text)) => self.write(Message::Text(text.into())),
                Some(Transmit::Ping) => self.write(Message::Ping(Bytes::new())),
                Some(Transmit::Connect) => {
                    let stage = Stage::default();
                    let socket = open(
                        Arc::clone(&self.source),
                        self.shared.network.clone(),
                        self.config,
                        stage.clone(),
                    );
                    self.link = Link::Connecting(Box::pin(socket), stage);
                    connecting = true;
                }
                Some(Transmit::Close) => {
                    let link = std::mem::replace(&mut self.link, Link::None);
                    let Link::Open(socket) = link else { continue };
                    self.ended(session, now);
                    if session.is_stopped() {
                        let frame = close::frame(&DisconnectReason::Requested);
                        self.link = Link::Closing(Box::pin(close::close(*socket, frame)));
                    } else {
                        tokio::spawn(close::close(*socket, None));
                    }
                }
            }
        }
        self.flush(context, &mut inner.session, now);
        connecting
    }

    fn poll_writable(&mut self, context: &mut Context<'_>) -> Poll<Result<(), WebSocketError>> {
        match &mut self.link {
            Link::Open(socket) => Pin::new(&mut **socket).poll_ready(context),
            // The session learns of it later; messages until then are lost.
            _ => Poll::Ready(Ok(())),
        }
    }

    fn write(&mut self, message: Message) {
        if let Link::Open(socket) = &mut self.link {
            // A broken socket fails on the next read.
            let _ = Pin::new(&mut **socket).start_send(message);
            self.unflushed = true;
        }
    }

    fn flush(&mut self, context: &mut Context<'_>, session: &mut Session, now: Instant) {
        let Link::Open(socket) = &mut self.link else { return };
        if !self.unflushed {
            return;
        }
        match Pin::new(&mut **socket).poll_flush(context) {
            Poll::Pending => {}
            Poll::Ready(Ok(())) => self.unflushed = false,
            Poll::Ready(Err(error)) => self.failed(session, now, &error),
        }
    }

    /// Writes to the recording, if there is one. It ends with the first error.
    fn record(&mut self, session: &mut Session, record: impl FnOnce(&mut Tape) -> io::Result<()>) {
        if let Some(tape) = &mut self.tape {
            if let Err(error) = record(tape) {
                self.tape = None;
                session.emit(Event::RecordingFailed(error.kind()));
            }
        }
    }

    /// Handles an error of the socket.
    fn failed(&mut self, session: &mut Session, now: Instant, error: &WebSocketError) {
        let limit = session.options().message_size;
        self.lost(session, now, close::failure(error, limit));
    }

    /// Ends the connection with a reason.
    fn lost(&mut self, session: &mut Session, now: Instant, reason: DisconnectReason) {
        if let Link::Open(socket) = std::mem::replace(&mut self.link, Link::None) {
            tokio::spawn(close::close(*socket, close::frame(&reason)));
            self.ended(session, now);
        }
        session.handle_closed(now, reason);
    }

    /// Records the end of a connection.
    fn ended(&mut self, session: &mut Session, now: Instant) {
        self.record(session, |tape| tape.closed(now));
        self.record(session, Tape::flush);
    }

    /// Executes the work of the supervisor.
    fn supervise(&self, inner: &mut Inner, now: Instant) {
        let Inner { session, supervisor: Some(supervisor), endpoint, .. } = inner else { return };
        while let Some((request, call)) = supervisor.poll_call(session, now) {
            let Some(endpoint) = endpoint.clone() else { return };
            let shared = Arc::clone(&self.shared);
            tokio::spawn(async move {
                let answer = connect::call_user(&endpoint, &shared.network, &call).await;
                let mut inner = shared.lock();
                if let Some(supervisor) = &mut inner.supervisor {
                    supervisor.handle_answer(request, answer);
                }
                inner.wake_driver();
            });
        }
    }

    fn poll_closed(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Link::Closing(closing) = &mut self.link {
            ready!(closing.as_mut().poll(context));
            self.link = Link::None;
        }
        Poll::Ready(())
    }

    /// Polls the timer; ready if the session has to be polled again.
    fn poll_timer(&mut self, context: &mut Context<'_>, deadline: Option<Instant>) -> Poll<()> {
        let Some(deadline) = deadline.map(tokio::time::Instant::from_std) else {
            return Poll::Pending;
        };
        // Every message moves the deadline; the timer is reset only when it fires.
        if self.timer.is_elapsed() || self.timer.deadline() > deadline {
            self.timer.as_mut().reset(deadline);
        }
        self.timer.as_mut().poll(context)
    }
}

async fn open(
    source: Arc<dyn EndpointSource>,
    network: Network,
    config: WebSocketConfig,
    stage: Stage,
) -> Result<(Endpoint, Socket), ConnectError> {
    let endpoint =
        source.endpoint().await.map_err(|error| ConnectError::NoEndpoint(error.into()))?;
    let socket = connect::websocket(&endpoint, &network, config, &stage).await?;
    Ok((endpoint, socket))
}
