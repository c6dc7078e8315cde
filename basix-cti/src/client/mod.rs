//! The client on tokio: [`Session`](crate::Session) with sockets, TLS and timers.
//!
//! [`Client`] and [`Handle`] follow a PBX. Other networks need more: [`ClientBuilder`] has certificates and options, [`HttpProxy`], [`TcpConnector`] and [`Connector`] reach the PBX, [`EndpointSource`] renews tokens.

mod builder;
mod close;
mod connect;
mod connector;
mod driver;
mod handle;
mod proxy;
mod shared;
mod source;
mod tap;
mod tape;
mod tcp;
mod tls;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Makes the methods of this module's traits async; put it before an `impl`.
pub use async_trait::async_trait;
pub use builder::ClientBuilder;
pub use connector::{BoxedIo, Connector, Io};
pub use handle::{Handle, PendingCommand};
pub use proxy::HttpProxy;
pub use source::EndpointSource;
pub use tap::RawMessage;
pub use tcp::{Resolver, TcpConnector};

use crate::session::{ConnectError, Event};
use crate::store::Store;

/// Follows a PBX: connects, reads, reconnects, and keeps the store current.
///
/// The events are a [`Stream`](futures_core::Stream), or come one by one from
/// [`next`](Self::next). A task reads the socket independently of the program. A slow program gets [`Event::Lagged`] in place of dropped events, and finds their effect in the [`store`](Self::store).
///
/// ```no_run
/// use basix_cti::{Client, Endpoint, Event};
///
/// # async fn follow(token: String) -> Result<(), Box<dyn std::error::Error>> {
/// let endpoint = Endpoint::new("pbx.example.net", "my-domain", token).app_name("wallboard").full_events();
/// let mut client = Client::connect(endpoint).await?;
/// while let Some(event) = client.next().await {
///     match event {
///         Event::Changed(change) => println!("{change}"),
///         Event::Stale | Event::Lagged { .. } => println!("not current"),
///         Event::Resynced => println!("{} channels", client.store().channels().count()),
///         Event::Disconnected(end) => println!("{end}"),
///         _ => {}
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// Dropping the client closes the connection; [`close`](Self::close) waits until it is closed.
///
/// With the feature `tracing` the client logs neither call data nor tokens. The websocket library
/// logs whole messages at the level `trace` of the `log` crate: disable that level for
/// `tungstenite` in stored logs.
#[derive(Debug)]
pub struct Client {
    handle: Handle,
    /// Events drained from the session and not returned yet.
    taken: VecDeque<Event>,
}

impl Client {
    const fn new(handle: Handle) -> Self {
        Self { handle, taken: VecDeque::new() }
    }

    /// Returns a builder, for options, certificates and proxies.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// Connects with default options, and reconnects whenever the connection ends. Needs a tokio
    /// runtime.
    ///
    /// # Errors
    ///
    /// If the first connection cannot be made. Nothing keeps running; use [`start`](Self::start) to
    /// keep retrying.
    pub async fn connect(source: impl EndpointSource) -> Result<Self, ConnectError> {
        Self::builder().connect(source).await
    }

    /// Connects like [`connect`](Self::connect), but returns at once and reports every attempt by
    /// events.
    ///
    /// # Errors
    ///
    /// The errors of [`ClientBuilder::start`].
    pub fn start(source: impl EndpointSource) -> Result<Self, ConnectError> {
        Self::builder().start(source)
    }

    /// Returns the next event; `None` when the client is closed or stops reconnecting.
    ///
    /// No event is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<Event> {
        poll_fn(|context| self.poll_event(context)).await
    }

    /// Returns a snapshot of the store. It may contain changes whose events are still to come: those
    /// whose [generation](crate::Change::generation) is not above
    /// [that of the snapshot](Store::generation).
    #[must_use]
    pub fn store(&self) -> Store {
        self.handle.store()
    }

    /// Returns a handle that sends commands and reads the store from elsewhere.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Closes the connection, and waits for the PBX to confirm it, for two seconds at most.
    pub async fn close(mut self) {
        self.handle.close();
        while self.next().await.is_some() {}
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        if self.taken.is_empty() {
            let mut inner = self.handle.lock();
            inner.take_events(&mut self.taken);
            if self.taken.is_empty() {
                if inner.is_done {
                    return Poll::Ready(None);
                }
                inner.consumer = Some(context.waker().clone());
                return Poll::Pending;
            }
        }
        Poll::Ready(self.taken.pop_front())
    }
}

impl futures_core::Stream for Client {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.poll_event(context)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.handle.close();
    }
}

/// Escapes a peer's text and cuts it to `limit` bytes.
fn shown(text: &str, limit: usize) -> Box<str> {
    let mut shown = String::new();
    for char in text.chars() {
        let before = shown.len();
        match char {
            '"' | '\'' => shown.push(char),
            _ => shown.extend(char.escape_debug()),
        }
        if shown.len() > limit {
            shown.truncate(before);
            break;
        }
    }
    shown.into()
}
