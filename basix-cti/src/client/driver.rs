//! The task between the socket and the session. It decides nothing.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use futures_core::Stream as _;
use futures_util::Sink as _;
use tokio::time::Sleep;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Error as WebSocketError, Message};

use super::connect::{self, Socket};
use super::shared::{Inner, Shared};
use super::source::EndpointSource;
use super::stream::Tls;
use super::tape::Tape;
use crate::call_user::CallUser;
use crate::endpoint::Endpoint;
use crate::session::{ConnectError, DisconnectReason, Event, Session, Transmit};

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

enum Link {
    None,
    Connecting(Boxed<Result<(Endpoint, Socket), ConnectError>>),
    Open(Box<Socket>),
    /// The session has stopped.
    Closing(Boxed<()>),
}

/// The task between the socket and the session.
pub(super) struct Driver {
    shared: Arc<Shared>,
    source: Arc<dyn EndpointSource>,
    tls: Tls,
    config: WebSocketConfig,
    link: Link,
    /// That of the present connection.
    endpoint: Option<Endpoint>,
    /// Something was written and may not have reached the socket.
    unflushed: bool,
    close_code: Option<u16>,
    tape: Option<Tape>,
    /// Until when whoever takes the events is given time for it.
    giving_time_until: Option<Instant>,
    timer: Pin<Box<Sleep>>,
}

/// Messages that are read before others get their turn.
const BATCH: usize = 128;
/// How long reading stops, once, when the events that wait are about to be too many: whoever takes
/// them may not have had its turn yet, on a runtime of one thread above all.
const GIVEN_TIME: Duration = Duration::from_millis(2);
/// How long the PBX may take to answer that a connection is closed.
const CLOSE_TIME: Duration = Duration::from_secs(2);

impl Driver {
    pub(super) fn new(
        shared: Arc<Shared>,
        source: Arc<dyn EndpointSource>,
        tls: Tls,
        config: WebSocketConfig,
        tape: Option<Tape>,
    ) -> Self {
        Self {
            shared,
            source,
            tls,
            config,
            link: Link::None,
            endpoint: None,
            unflushed: false,
            close_code: None,
            tape,
            giving_time_until: None,
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
                Some(Ok(())) => {
                    this.record(&mut inner.session, |tape| tape.opened(now));
                    inner.session.handle_connected(now);
                }
                Some(Err(reason)) => inner.session.handle_closed(now, reason),
            }
            if inner.session.poll_timeout().is_some_and(|deadline| deadline <= now) {
                inner.session.handle_timeout(now);
            }
            let more =
                this.may_read(&mut inner, now) && this.read(context, &mut inner.session, now);
            let connecting = this.transmit(context, &mut inner.session, now);
            let stopped = inner.session.is_stopped() && this.poll_closed(context).is_ready();
            inner.is_done |= stopped;
            inner.wake_others();
            if stopped {
                return Poll::Ready(());
            }
            if inner.driver.as_ref().is_none_or(|waker| !waker.will_wake(context.waker())) {
                inner.driver = Some(context.waker().clone());
            }
            let deadline = inner.session.poll_timeout();
            let until = this.giving_time_until.filter(|_| inner.is_giving_time);
            let deadline = deadline.into_iter().chain(until).min();
            drop(inner);
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

/// The end of the task, also when its runtime ends it: nobody waits for it any more.
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
    ) -> Option<Result<(), DisconnectReason>> {
        let Link::Connecting(future) = &mut self.link else { return None };
        let Poll::Ready(result) = future.as_mut().poll(context) else { return None };
        Some(match result {
            Ok((endpoint, socket)) => {
                self.link = Link::Open(Box::new(socket));
                self.endpoint = Some(endpoint);
                (self.unflushed, self.close_code) = (false, None);
                Ok(())
            }
            Err(error) => {
                self.link = Link::None;
                Err(DisconnectReason::NotMade(Arc::new(error)))
            }
        })
    }

    /// Whether to read now, or to give those who take the events a moment first.
    fn may_read(&mut self, inner: &mut Inner, now: Instant) -> bool {
        if !inner.session.is_nearly_full() {
            self.giving_time_until = None;
            inner.is_giving_time = false;
            return true;
        }
        let until = *self.giving_time_until.get_or_insert(now + GIVEN_TIME);
        inner.is_giving_time = now < until;
        !inner.is_giving_time
    }

    /// Reads what there is. Whether there may be more.
    fn read(&mut self, context: &mut Context<'_>, session: &mut Session, now: Instant) -> bool {
        for _ in 0..BATCH {
            // The session has done with this connection; what it does not take in is not recorded.
            if !session.is_connected() {
                return false;
            }
            if session.is_nearly_full() && self.giving_time_until.is_none() {
                return true;
            }
            let Link::Open(socket) = &mut self.link else { return false };
            let Poll::Ready(message) = Pin::new(&mut **socket).poll_next(context) else {
                self.record(session, Tape::flush);
                return false;
            };
            match message {
                Some(Ok(Message::Binary(frame))) => {
                    self.record(session, |tape| tape.binary(now, &frame));
                    session.handle_frame(now, &frame);
                }
                Some(Ok(Message::Text(text))) => {
                    self.record(session, |tape| tape.text(now, &text));
                    session.handle_text(now, &text);
                }
                Some(Ok(Message::Close(frame))) => {
                    self.close_code = frame.map(|frame| frame.code.into());
                    let reason = DisconnectReason::Closed { code: self.close_code };
                    self.lost(session, now, reason);
                }
                Some(Ok(Message::Ping(_))) => {
                    // Its pong was put in line.
                    self.unflushed = true;
                    session.handle_pong(now);
                }
                Some(Ok(_)) => session.handle_pong(now),
                Some(Err(error)) => {
                    let limit = session.options().message_size;
                    self.lost(session, now, reason(&error, limit));
                }
                None => {
                    let reason = DisconnectReason::Closed { code: self.close_code };
                    self.lost(session, now, reason);
                }
            }
        }
        true
    }

    /// Does what the session wants done. Whether that was to connect.
    fn transmit(&mut self, context: &mut Context<'_>, session: &mut Session, now: Instant) -> bool {
        let mut connecting = false;
        while let Some(transmit) = session.next_transmit() {
            if matches!(transmit, Transmit::Text(_) | Transmit::Ping) {
                match self.poll_writable(context) {
                    Poll::Pending => break,
                    Poll::Ready(Ok(())) => {}
                    Poll::Ready(Err(error)) => {
                        let limit = session.options().message_size;
                        self.lost(session, now, reason(&error, limit));
                        continue;
                    }
                }
            }
            match session.poll_transmit() {
                None => break,
                Some(Transmit::Text(text)) => self.write(Message::Text(text.into())),
                Some(Transmit::Ping) => self.write(Message::Ping(Bytes::new())),
                Some(Transmit::CallUser { request, call }) => self.call_user(request, call),
                Some(Transmit::Connect) => {
                    self.link = Link::Connecting(Box::pin(open(
                        Arc::clone(&self.source),
                        self.tls.clone(),
                        self.config,
                    )));
                    connecting = true;
                }
                Some(Transmit::Close) => {
                    let link = std::mem::replace(&mut self.link, Link::None);
                    let Link::Open(socket) = link else { continue };
                    self.ended(session, now);
                    if session.is_stopped() {
                        self.link = Link::Closing(Box::pin(close(*socket)));
                    } else {
                        tokio::spawn(close(*socket));
                    }
                }
            }
        }
        self.flush(context, session, now);
        connecting
    }

    fn poll_writable(&mut self, context: &mut Context<'_>) -> Poll<Result<(), WebSocketError>> {
        match &mut self.link {
            Link::Open(socket) => Pin::new(&mut **socket).poll_ready(context),
            // The session is told in its own time; what it sends to nobody is lost.
            _ => Poll::Ready(Ok(())),
        }
    }

    fn write(&mut self, message: Message) {
        if let Link::Open(socket) = &mut self.link {
            // A socket that is broken says so when it is read.
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
            Poll::Ready(Err(error)) => {
                let limit = session.options().message_size;
                self.lost(session, now, reason(&error, limit));
            }
        }
    }

    /// Records something, if that is wanted and possible.
    fn record(&mut self, session: &mut Session, record: impl FnOnce(&mut Tape) -> io::Result<()>) {
        if let Some(tape) = &mut self.tape {
            if let Err(error) = record(tape) {
                self.tape = None;
                session.emit(Event::RecordingFailed(error.kind()));
            }
        }
    }

    /// The socket is no longer of use.
    fn lost(&mut self, session: &mut Session, now: Instant, reason: DisconnectReason) {
        if let Link::Open(socket) = std::mem::replace(&mut self.link, Link::None) {
            tokio::spawn(close(*socket));
            self.ended(session, now);
        }
        session.handle_closed(now, reason);
    }

    /// The end of a connection, for the recording.
    fn ended(&mut self, session: &mut Session, now: Instant) {
        self.record(session, |tape| tape.closed(now));
        self.record(session, Tape::flush);
    }

    fn call_user(&self, request: u64, call: CallUser) {
        let Some(endpoint) = self.endpoint.clone() else { return };
        let (shared, tls) = (Arc::clone(&self.shared), self.tls.clone());
        tokio::spawn(async move {
            let answer = connect::call_user(&endpoint, &tls, &call).await;
            let mut inner = shared.lock();
            inner.session.handle_call_user(Instant::now(), request, answer);
            inner.wake_driver();
        });
    }

    fn poll_closed(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Link::Closing(closing) = &mut self.link {
            ready!(closing.as_mut().poll(context));
            self.link = Link::None;
        }
        Poll::Ready(())
    }

    /// Ready if the time has come to look at the session again.
    fn poll_timer(&mut self, context: &mut Context<'_>, deadline: Option<Instant>) -> Poll<()> {
        let Some(deadline) = deadline.map(tokio::time::Instant::from_std) else {
            return Poll::Pending;
        };
        // With every message the deadline moves on; the timer follows when it has fired.
        if self.timer.is_elapsed() || self.timer.deadline() > deadline {
            self.timer.as_mut().reset(deadline);
        }
        self.timer.as_mut().poll(context)
    }
}

async fn open(
    source: Arc<dyn EndpointSource>,
    tls: Tls,
    config: WebSocketConfig,
) -> Result<(Endpoint, Socket), ConnectError> {
    let endpoint =
        source.endpoint().await.map_err(|error| ConnectError::NoEndpoint(error.into()))?;
    let socket = connect::websocket(&endpoint, &tls, config).await?;
    Ok((endpoint, socket))
}

/// Says goodbye, if the other side still listens.
async fn close(mut socket: Socket) {
    let goodbye = async {
        if socket.close(None).await.is_ok() {
            let mut socket = pin!(socket);
            // Until the other side has said it too.
            while let Some(Ok(_)) =
                std::future::poll_fn(|context| socket.as_mut().poll_next(context)).await
            {
            }
        }
    };
    let _ = tokio::time::timeout(CLOSE_TIME, goodbye).await;
}

fn reason(error: &WebSocketError, limit: usize) -> DisconnectReason {
    match error {
        WebSocketError::Io(error) => DisconnectReason::Lost(error.kind()),
        WebSocketError::Capacity(_) => DisconnectReason::MessageTooLarge { limit },
        WebSocketError::ConnectionClosed | WebSocketError::AlreadyClosed => {
            DisconnectReason::Closed { code: None }
        }
        WebSocketError::Protocol(
            tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
        ) => DisconnectReason::Lost(io::ErrorKind::UnexpectedEof),
        _ => DisconnectReason::Protocol,
    }
}
