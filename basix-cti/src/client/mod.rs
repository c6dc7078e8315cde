//! A client on tokio: the [`Session`] with sockets and timers.

mod connect;
mod driver;
mod handle;
mod options;
mod shared;
mod source;
mod stream;
mod tape;

use std::collections::VecDeque;
use std::collections::hash_map::RandomState;
use std::future::poll_fn;
use std::hash::{BuildHasher, Hasher};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

pub use handle::{Handle, Sent};
pub use options::ClientOptions;
pub use source::EndpointSource;

use driver::Driver;
use shared::Shared;
use stream::Tls;
use tape::Tape;

use crate::session::{ConnectError, DisconnectReason, Event, Session};
use crate::store::Store;

/// Follows a PBX: connects, reads, connects again, and keeps the store.
///
/// The events are a [`Stream`](futures_core::Stream), or come one by one from
/// [`next`](Self::next). The socket is read by a task of its own, whether or not somebody takes the
/// events: whoever is late gets [`Event::Lagged`] instead of those that do not fit, and finds in the
/// [`store`](Self::store) what they said.
///
/// ```no_run
/// use std::sync::Arc;
/// use basix_cti::{Client, Endpoint, Event};
///
/// # async fn follow(token: String) -> Result<(), Box<dyn std::error::Error>> {
/// let crypto = Arc::new(rustls::crypto::ring::default_provider());
/// let endpoint = Endpoint::new("pbx.example.net", "my-domain", token).app_name("wallboard").full_events();
///
/// let mut client = Client::connect(endpoint, crypto).await?;
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
/// Dropping the client closes the connection; [`close`](Self::close) waits until that is done.
///
/// What the client itself logs, with the feature `tracing`, holds neither call data nor tokens.
/// The websocket library logs whole messages at its finest level, `trace` of the `log` crate: keep
/// that level of `tungstenite` off where logs are kept.
#[derive(Debug)]
pub struct Client {
    handle: Handle,
    /// Events that were taken out of the session and not out of here.
    taken: VecDeque<Event>,
}

impl Client {
    /// Connects, and goes on connecting when the connection ends.
    ///
    /// `source` is an [`Endpoint`](crate::Endpoint), or what gives one each time; `options` are
    /// [`ClientOptions`], or the crypto provider alone. Needs a tokio runtime.
    ///
    /// # Errors
    ///
    /// When the first connection cannot be made. Nothing goes on then; [`start`](Self::start) does
    /// not mind.
    pub async fn connect(
        source: impl EndpointSource,
        options: impl Into<ClientOptions>,
    ) -> Result<Self, ConnectError> {
        let mut client = Self::start(source, options)?;
        match client.next().await {
            Some(Event::Disconnected(end)) => Err(match end.reason {
                DisconnectReason::NotMade(error) => (*error).clone(),
                _ => ConnectError::Closed,
            }),
            None => Err(ConnectError::Closed),
            Some(event) => {
                client.taken.push_front(event);
                Ok(client)
            }
        }
    }

    /// As [`connect`](Self::connect), but returns at once, and tells of all attempts by events.
    ///
    /// # Errors
    ///
    /// When the crypto provider cannot do TLS, or the recording cannot be started.
    pub fn start(
        source: impl EndpointSource,
        options: impl Into<ClientOptions>,
    ) -> Result<Self, ConnectError> {
        let mut options = options.into();
        if options.session.seed == 0 {
            options.session.seed = RandomState::new().build_hasher().finish();
        }
        let tls = Tls::new(options.crypto, options.roots)?;
        let tape = options.recording.map(|file| Tape::create(&file)).transpose();
        let tape = tape.map_err(|error| ConnectError::Recording(error.kind()))?;
        let size = options.session.message_size;
        let config = WebSocketConfig::default()
            .max_message_size(Some(size))
            .max_frame_size(Some(size))
            .write_buffer_size(0)
            .max_write_buffer_size(options.write_buffer);
        let shared = Arc::new(Shared::new(Session::new(Instant::now(), options.session)));
        let source = Arc::new(source);
        tokio::spawn(Driver::new(Arc::clone(&shared), source, tls, config, tape));
        Ok(Self { handle: Handle::new(shared), taken: VecDeque::new() })
    }

    /// The next event; `None` when the client is closed, or the policy gives up connecting.
    ///
    /// Nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<Event> {
        poll_fn(|context| self.poll_event(context)).await
    }

    /// A view of the store as it is now. It may hold changes whose events are still to come: those
    /// whose [generation](crate::Change::generation) is not beyond
    /// [that of the view](Store::generation).
    #[must_use]
    pub fn store(&self) -> Store {
        self.handle.store()
    }

    /// What sends commands and reads the store from elsewhere.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Closes the connection, and waits until the PBX has confirmed it, for two seconds at most.
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
