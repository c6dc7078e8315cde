//! The model, shared by the connections of a server.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use crate::connection::{ConnectionId, Sent, after};
use crate::pbx::Pbx;
use basix_cti::Timestamp;

/// Messages taken from the model at once.
const BATCH: usize = 64;

#[derive(Debug)]
pub(super) struct Shared {
    model: Mutex<Model>,
    /// Counts changes of the model, to wait for them.
    changes: watch::Sender<u64>,
}

#[derive(Debug)]
struct Model {
    pbx: Pbx,
    /// A reading of the model's clock, and the runtime's clock at that time.
    clock: (Timestamp, Instant),
    floods: BTreeMap<ConnectionId, Flood>,
}

/// Messages that are sent repeatedly.
#[derive(Debug)]
pub(super) struct Flood {
    pub(super) frames: Vec<Arc<[u8]>>,
    pub(super) left: u64,
    pub(super) next: usize,
    pub(super) done: Option<oneshot::Sender<()>>,
}

impl Model {
    /// Advances the model's clock with the runtime's, from the model's own time if it was set
    /// forward. Returns true if something was due.
    fn synchronize(&mut self) -> bool {
        let now = Instant::now();
        let (shown, at) = self.clock;
        let shown = after(shown, now - at).max(self.pbx.now());
        let is_due = self.pbx.next_due().is_some_and(|due| due <= shown);
        self.pbx.advance_to(shown);
        self.clock = (shown, now);
        is_due
    }
}

impl Shared {
    pub(super) fn new(pbx: Pbx) -> Self {
        let clock = (pbx.now(), Instant::now());
        let model = Model { pbx, clock, floods: BTreeMap::new() };
        Self { model: Mutex::new(model), changes: watch::Sender::new(0) }
    }

    fn model(&self) -> MutexGuard<'_, Model> {
        let mut model = self.model.lock().unwrap_or_else(PoisonError::into_inner);
        if model.synchronize() {
            self.changed();
        }
        model
    }

    /// Changes or reads the model; changes are sent out.
    pub(super) fn with<T>(&self, look: impl FnOnce(&mut Pbx) -> T) -> T {
        let result = look(&mut self.model().pbx);
        self.changed();
        result
    }

    /// Reads the model.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Pbx) -> T) -> T {
        look(&self.model().pbx)
    }

    pub(super) fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// The next messages of a connection, as many as may be written at once.
    pub(super) fn poll(&self, connection: ConnectionId) -> Vec<Sent> {
        let mut model = self.model();
        let mut batch = Vec::new();
        let quiet = |pbx: &Pbx| (pbx.is_silent(connection), pbx.poll_due(connection));
        let before = quiet(&model.pbx);
        while batch.len() < BATCH {
            let Some(sent) = model.pbx.poll_frame(connection) else { break };
            batch.push(sent);
        }
        if batch.is_empty() && !model.pbx.is_silent(connection) {
            if let Some(flood) = model.floods.get_mut(&connection) {
                flood.take(&mut batch);
                if batch.is_empty() {
                    model.floods.remove(&connection);
                }
            }
        }
        // The clock needs the end of the silence.
        if before != quiet(&model.pbx) {
            self.changed();
        }
        batch
    }

    pub(super) fn flood(&self, connection: ConnectionId, flood: Flood) {
        let mut model = self.model();
        if model.pbx.is_open(connection) {
            model.floods.insert(connection, flood);
        }
        drop(model);
        self.changed();
    }

    /// Handles the end of the client.
    pub(super) fn close(&self, connection: ConnectionId) {
        let mut model = self.model();
        model.pbx.close(connection);
        model.floods.remove(&connection);
        drop(model);
        self.changed();
    }
}

impl Flood {
    fn take(&mut self, batch: &mut Vec<Sent>) {
        while batch.len() < BATCH && self.left > 0 {
            let Some(frame) = self.frames.get(self.next) else { break };
            batch.push(Sent::Frame(Arc::clone(frame)));
            self.next = (self.next + 1) % self.frames.len();
            self.left -= 1;
        }
        // The next call, after these are written, returns none.
        if batch.is_empty() {
            if let Some(done) = self.done.take() {
                let _ = done.send(());
            }
        }
    }
}

/// Advances the model whenever something is due.
pub(super) async fn run_clock(shared: Arc<Shared>) {
    let mut changes = shared.changes();
    loop {
        changes.borrow_and_update();
        let due = shared.look(|pbx| pbx.next_due().map(|due| pbx.now().elapsed_at(due)));
        let changed = changes.changed();
        let woken = match due {
            Some(time) => tokio::time::timeout(time, changed).await,
            None => Ok(changed.await),
        };
        match woken {
            Ok(Ok(())) => {}
            // Time is up.
            Err(_) => shared.with(|_| ()),
            Ok(Err(_)) => return,
        }
    }
}
