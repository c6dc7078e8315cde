//! What sends commands and reads the store from anywhere in the program.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, MutexGuard};
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::sync::oneshot;

use super::shared::{Inner, Shared};
use crate::command::{Command, Eavesdrop};
use crate::session::{CommandError, CommandId, CommandOutcome, Session};
use crate::store::Store;

/// Sends commands and reads the store of a [`Client`](super::Client), from any task or thread,
/// without keeping the socket waiting.
///
/// ```no_run
/// use basix_cti::{Command, CommandOutcome, Handle};
///
/// # async fn hold(handle: Handle) -> Result<(), Box<dyn std::error::Error>> {
/// for channel in handle.store().channels() {
///     println!("{}", channel.calling_number());
/// }
/// match handle.send(Command::park("8ec56efc").timeout(30))?.await {
///     CommandOutcome::Done => println!("parked"),
///     other => println!("not parked: {other}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Handle {
    shared: Arc<Shared>,
}

impl Handle {
    pub(super) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.shared.lock()
    }

    /// A view of the store as it is now.
    #[must_use]
    pub fn store(&self) -> Store {
        self.lock().session.store().clone()
    }

    /// Whether the store is as the PBX is.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.lock().session.is_current()
    }

    /// Whether a connection is open.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.lock().session.is_connected()
    }

    /// Sends a command. What is returned may be awaited for what came of it.
    ///
    /// # Errors
    ///
    /// When it cannot be sent: there is no connection, the PBX has no such channel, or too many
    /// commands wait.
    pub fn send(&self, command: impl Into<Command>) -> Result<Sent, CommandError> {
        self.ask(|session, now| session.command(now, command))
    }

    /// Listens to a channel, through the helper leg of the
    /// [supervisor](crate::SessionOptions::supervisor) (B96).
    ///
    /// # Errors
    ///
    /// As of [`send`](Self::send), and when no supervisor is set.
    pub fn eavesdrop(&self, eavesdrop: Eavesdrop) -> Result<Sent, CommandError> {
        self.ask(|session, now| session.eavesdrop(now, eavesdrop))
    }

    /// Ends the helper leg, whether it is there or on its way.
    pub fn end_helper_leg(&self) {
        let mut inner = self.lock();
        inner.session.end_helper_leg(Instant::now());
        inner.wake_driver();
    }

    /// Closes the connection for good. The events end when that is done.
    pub fn close(&self) {
        let mut inner = self.lock();
        inner.session.close(Instant::now());
        inner.wake_driver();
    }

    fn ask(
        &self,
        ask: impl FnOnce(&mut Session, Instant) -> Result<CommandId, CommandError>,
    ) -> Result<Sent, CommandError> {
        let mut inner = self.lock();
        let id = ask(&mut inner.session, Instant::now())?;
        let (sender, outcome) = oneshot::channel();
        inner.awaited.insert(id, sender);
        inner.wake_driver();
        Ok(Sent { id, outcome })
    }
}

/// A command on its way: a future of what comes of it. It is sent whether or not that is awaited.
#[derive(Debug)]
pub struct Sent {
    id: CommandId,
    outcome: oneshot::Receiver<CommandOutcome>,
}

impl Sent {
    /// Tells this command from others.
    #[must_use]
    pub const fn id(&self) -> CommandId {
        self.id
    }
}

impl Future for Sent {
    type Output = CommandOutcome;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<CommandOutcome> {
        // If the client is gone, so is the connection.
        Pin::new(&mut self.outcome)
            .poll(context)
            .map(|outcome| outcome.unwrap_or(CommandOutcome::ConnectionLost))
    }
}
