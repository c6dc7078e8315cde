//! Access to a client from anywhere in the program.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, MutexGuard};
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::sync::oneshot;

use super::connect;
use super::shared::{Inner, Shared};
use crate::command::{Command, Eavesdrop};
use crate::element::Timestamp;
use crate::helper_leg::{CallUser, CallUserAnswer, CallUserError, Supervisor};
use crate::session::{ClockOffset, CommandError, CommandId, CommandOutcome};
use crate::store::Store;

/// Sends commands and reads the store of a [`Client`](super::Client), from any task or thread.
///
/// ```no_run
/// use basix_cti::client::Handle;
/// use basix_cti::session::CommandOutcome;
/// use basix_cti::Command;
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

    /// Returns a snapshot of the store. It shares the records, so it costs little.
    #[must_use]
    pub fn store(&self) -> Store {
        self.lock().session.store().clone()
    }

    /// Returns whether the store is current: it holds what the PBX holds.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.lock().session.is_current()
    }

    /// Returns whether a connection is open.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.lock().session.is_connected()
    }

    /// Returns the present time by the PBX's clock, estimated from events.
    ///
    /// Use it for waiting and talk times, which are then right with any local clock.
    #[must_use]
    pub fn pbx_now(&self) -> Timestamp {
        self.clock_offset().pbx_time(Timestamp::now())
    }

    /// Returns the estimate of the difference between the PBX's clock and the local one. The client
    /// observes it while its events are polled.
    #[must_use]
    pub fn clock_offset(&self) -> ClockOffset {
        self.lock().clock
    }

    /// Sends a command. Await the returned future for the outcome.
    ///
    /// # Errors
    ///
    /// If the command cannot be sent: there is no connection, the channel is unknown, or too many
    /// commands wait.
    pub fn send(&self, command: impl Into<Command>) -> Result<PendingCommand, CommandError> {
        self.ask(|inner, now| inner.session.command(now, command))
    }

    /// Listens to a channel, through the helper leg of the
    /// [supervisor](super::ClientBuilder::supervisor): requests the leg if it is missing, and sends the command once it is up. The supervisor's telephone rings meanwhile.
    ///
    /// # Errors
    ///
    /// The errors of [`send`](Self::send), and if no supervisor is set.
    pub fn eavesdrop(&self, eavesdrop: Eavesdrop) -> Result<PendingCommand, CommandError> {
        self.ask(|inner, now| {
            let supervisor = inner.supervisor.as_mut().ok_or(CommandError::NoSupervisor)?;
            supervisor.eavesdrop(&mut inner.session, now, eavesdrop)
        })
    }

    /// Returns the channel of the helper leg, if it is up.
    #[must_use]
    pub fn helper_leg(&self) -> Option<String> {
        self.lock().supervisor.as_ref()?.leg().uuid().map(str::to_owned)
    }

    /// Calls a user and connects the user with a destination ("click to call"), with the credentials
    /// of the latest connection. The PBX's answer lists the channels that ring.
    ///
    /// ```no_run
    /// use basix_cti::client::Handle;
    /// use basix_cti::element::UserId;
    /// use basix_cti::helper_leg::{CallUser, CallUserAnswer};
    ///
    /// # async fn dial(handle: Handle) -> Result<(), Box<dyn std::error::Error>> {
    /// let call = CallUser::new(UserId(10001001), "09056161879");
    /// if let CallUserAnswer::Offered { uuids } = handle.call_user(&call).await? {
    ///     println!("{} telephones ring", uuids.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If there has been no connection yet, or the PBX gives no valid answer within 20 s.
    pub async fn call_user(&self, call: &CallUser) -> Result<CallUserAnswer, CallUserError> {
        let endpoint = self.lock().endpoint.clone();
        let Some(endpoint) = endpoint else {
            let reason = "the client has not connected yet".into();
            return Err(CallUserError::Unanswered { reason });
        };
        connect::call_user(&endpoint, &self.shared.network, call).await
    }

    /// Ends the helper leg, up or requested.
    pub fn end_helper_leg(&self) {
        let mut inner = self.lock();
        inner.supervisor.iter_mut().for_each(Supervisor::end_leg);
        inner.wake_driver();
    }

    /// Closes the connection and does not connect again. The events end when it is closed.
    pub fn close(&self) {
        let mut inner = self.lock();
        inner.session.close(Instant::now());
        inner.wake_driver();
    }

    fn ask(
        &self,
        ask: impl FnOnce(&mut Inner, Instant) -> Result<CommandId, CommandError>,
    ) -> Result<PendingCommand, CommandError> {
        let mut inner = self.lock();
        let id = ask(&mut inner, Instant::now())?;
        let (sender, outcome) = oneshot::channel();
        inner.awaited.insert(id, sender);
        inner.wake_driver();
        Ok(PendingCommand { id, outcome })
    }
}

/// A future of a command's outcome. The command is sent even if the future is dropped.
#[derive(Debug)]
pub struct PendingCommand {
    id: CommandId,
    outcome: oneshot::Receiver<CommandOutcome>,
}

impl PendingCommand {
    /// Returns the command's identity within the session.
    #[must_use]
    pub const fn id(&self) -> CommandId {
        self.id
    }
}

impl Future for PendingCommand {
    type Output = CommandOutcome;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<CommandOutcome> {
        // Without a client there is no connection.
        Pin::new(&mut self.outcome)
            .poll(context)
            .map(|outcome| outcome.unwrap_or(CommandOutcome::ConnectionLost))
    }
}
