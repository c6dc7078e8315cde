//! The writing thread.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, TransactionBehavior, params};
use tokio::sync::{mpsc, oneshot, watch};

use super::outbox::{Settled, settle};
use super::rows::{receive, remove, upsert};
use super::{Figures, InboxRow, StoreError};
use crate::clock::Clock;
use crate::live::Live;
use crate::timeline::{Call, Micros};

/// Jobs committed together.
const MAX_BATCH: usize = 512;
/// Calls kept while they cannot be written.
const MAX_UNWRITTEN: usize = 100_000;
/// Requests and calls pruned in one commit, so that no other job waits long.
const PRUNED_AT_ONCE: u32 = 5_000;
const HOUR: Micros = 3_600_000_000;

type Done = oneshot::Sender<Result<(), StoreError>>;
pub(super) type Key = (String, String);

#[derive(Debug)]
pub(super) enum Job {
    Receive {
        row: InboxRow,
        done: Done,
    },
    Record {
        calls: Vec<Call>,
        removed: Vec<Key>,
        done: Done,
    },
    Settle {
        settled: Vec<Settled>,
        done: Done,
    },
    /// Tries what could not be written, and prunes.
    Tick,
    Close(oneshot::Sender<()>),
}

/// Calls whose writing has failed.
#[derive(Debug, Default)]
pub(super) struct Unwritten {
    calls: BTreeMap<Key, Call>,
    removed: Vec<Key>,
}

pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) clock: Clock,
    pub(super) targets: Vec<String>,
    pub(super) inbox_us: Micros,
    pub(super) live: Arc<Live>,
    pub(super) figures: Arc<Figures>,
    pub(super) health: Arc<Mutex<Option<String>>>,
    pub(super) news: watch::Sender<u64>,
    pub(super) unwritten: Unwritten,
    pub(super) pruned_at: Option<Micros>,
}

/// The effects of a commit.
#[derive(Default)]
pub(super) struct Effects {
    pub(super) requests: u64,
    pub(super) queued: u64,
    pub(super) settled: u64,
    pub(super) changed: Vec<Call>,
    pub(super) removed: Vec<Key>,
}

impl Writer {
    pub(super) fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut batch = Vec::new();
        while jobs.blocking_recv_many(&mut batch, MAX_BATCH) > 0 {
            let closing = batch.iter().position(|job| matches!(job, Job::Close(_)));
            let closing = closing.map(|at| batch.remove(at));
            self.commit(std::mem::take(&mut batch));
            if let Some(Job::Close(done)) = closing {
                jobs.close();
                while let Ok(job) = jobs.try_recv() {
                    self.commit(vec![job]);
                }
                // The connection is closed, and with it the write-ahead log, before the answer.
                drop(self);
                let _ = done.send(());
                return;
            }
        }
    }

    fn commit(&mut self, batch: Vec<Job>) {
        let result = self.write(&batch);
        let fault = result.as_ref().err().map(ToString::to_string);
        match &fault {
            None => self.figures.commits.fetch_add(1, Relaxed),
            Some(_) => self.figures.failures.fetch_add(1, Relaxed),
        };
        let is_news = {
            let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *health, fault.clone()) != fault
        };
        match &fault {
            Some(fault) if is_news => tracing::error!(%fault, "the database cannot be written"),
            None if is_news => tracing::info!("the database can be written again"),
            _ => {}
        }
        match result {
            Ok(effects) => self.conclude(effects),
            Err(_) => self.keep(&batch),
        }
        let unwritten = self.unwritten.calls.len() + self.unwritten.removed.len();
        self.figures.unwritten.store(unwritten as u64, Relaxed);
        for job in batch {
            let (Job::Receive { done, .. } | Job::Record { done, .. } | Job::Settle { done, .. }) =
                job
            else {
                continue;
            };
            let result = fault.clone().map_or(Ok(()), |fault| Err(StoreError::Unwritable(fault)));
            let _ = done.send(result);
        }
    }

    fn write(&mut self, batch: &[Job]) -> Result<Effects, StoreError> {
        let now = self.clock.now();
        let mut effects = Effects::default();
        let prunes = self.pruned_at.is_none_or(|at| (now - at).abs() >= HOUR);
        let is_empty = |job: &Job| matches!(job, Job::Tick);
        if batch.iter().all(is_empty) && self.unwritten.is_empty() && !prunes {
            return Ok(effects);
        }
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for key in &self.unwritten.removed {
            remove(&transaction, &self.targets, now, key, &mut effects)?;
        }
        for call in self.unwritten.calls.values() {
            upsert(&transaction, &self.targets, now, call, &mut effects)?;
        }
        for job in batch {
            match job {
                Job::Receive { row, .. } => receive(&transaction, row, &mut effects)?,
                Job::Record { calls, removed, .. } => {
                    for key in removed {
                        remove(&transaction, &self.targets, now, key, &mut effects)?;
                    }
                    for call in calls {
                        upsert(&transaction, &self.targets, now, call, &mut effects)?;
                    }
                }
                Job::Settle { settled, .. } => {
                    effects.settled += settle(&transaction, settled)?;
                }
                Job::Tick | Job::Close(_) => {}
            }
        }
        let mut is_pruned = false;
        if prunes {
            let delete = "DELETE FROM inbox WHERE sequence IN
                (SELECT sequence FROM inbox WHERE received_at_us < ?1 LIMIT ?2)";
            let pruned =
                transaction.execute(delete, params![now - self.inbox_us, PRUNED_AT_ONCE])?;
            is_pruned = pruned < PRUNED_AT_ONCE as usize;
        }
        transaction.commit()?;
        if is_pruned {
            self.pruned_at = Some(now);
        }
        Ok(effects)
    }

    fn conclude(&mut self, effects: Effects) {
        self.unwritten = Unwritten::default();
        let figures = &self.figures;
        figures.requests.fetch_add(effects.requests, Relaxed);
        figures.changes.fetch_add(effects.changed.len() as u64, Relaxed);
        figures.outbox.fetch_add(effects.queued, Relaxed);
        figures.outbox.fetch_sub(effects.settled, Relaxed);
        for call in effects.changed {
            self.live.set_call(call);
        }
        for (source, id) in effects.removed {
            self.live.remove_call(&source, &id);
        }
        if effects.queued > 0 {
            self.news.send_modify(|news| *news += 1);
        }
    }

    /// Keeps calls that could not be written. The page shows them all the same.
    fn keep(&mut self, batch: &[Job]) {
        for job in batch {
            let Job::Record { calls, removed, .. } = job else { continue };
            for key in removed {
                self.unwritten.calls.remove(key);
                self.live.remove_call(&key.0, &key.1);
            }
            self.unwritten.removed.extend(removed.iter().cloned());
            for call in calls {
                let key = (call.source.clone(), call.id.clone());
                let is_known = self.unwritten.calls.contains_key(&key);
                if is_known || self.unwritten.calls.len() < MAX_UNWRITTEN {
                    self.unwritten.calls.insert(key, call.clone());
                } else {
                    tracing::error!(source = call.source, id = call.id, "a call is not recorded");
                }
                self.live.set_call(call.clone());
            }
        }
        self.unwritten.removed.truncate(MAX_UNWRITTEN);
    }
}

impl Unwritten {
    fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.removed.is_empty()
    }
}
