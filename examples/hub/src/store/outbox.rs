//! The outbox: changes on their way to each receiver, and those that a receiver has refused.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use tokio::sync::{oneshot, watch};

use super::write::Job;
use super::{Store, StoreError};
use crate::timeline::Micros;

/// Refused changes kept for each receiver; the oldest are dropped beyond.
const MAX_REFUSED: u32 = if cfg!(test) { 3 } else { 10_000 };

/// A change that waits for a receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutboxRow {
    /// Order of the changes; also identifies the row.
    pub sequence: i64,
    /// The source's name.
    pub source: String,
    /// The call.
    pub call_id: String,
    /// Identity of the change: equal for equal facts.
    pub message_id: String,
    /// `call.changed`, `call.ended` or `call.removed`.
    pub kind: String,
    /// Time of recording.
    pub at_us: Micros,
    /// The call as JSON.
    pub body: String,
}

/// A change that a receiver has taken or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "senders build it")]
pub struct Settled {
    /// The change.
    pub sequence: i64,
    /// The reason for which it was refused; `None` if it was taken.
    pub refusal: Option<String>,
}

impl Store {
    /// The next changes for a receiver, in order.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub async fn outbox(
        &self,
        target: &str,
        after: i64,
        limit: u32,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let target = target.to_owned();
        let select = "SELECT sequence, source, call_id, message_id, kind, at_us, body FROM outbox
            WHERE target = ?1 AND sequence > ?2 AND refusal IS NULL ORDER BY sequence LIMIT ?3";
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(select)?;
            let rows = statement.query_map(params![target, after, limit], |row| {
                Ok(OutboxRow {
                    sequence: row.get(0)?,
                    source: row.get(1)?,
                    call_id: row.get(2)?,
                    message_id: row.get(3)?,
                    kind: row.get(4)?,
                    at_us: row.get(5)?,
                    body: row.get(6)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Removes changes that their receiver has taken, and sets those aside that it has refused.
    ///
    /// # Errors
    ///
    /// If that could not be committed; the changes will be sent again.
    pub async fn settle(&self, settled: Vec<Settled>) -> Result<(), StoreError> {
        let (done, committed) = oneshot::channel();
        self.place().await?.send(Job::Settle { settled, done });
        committed.await.map_err(|_| StoreError::Closed)?
    }

    /// Number of changes that a receiver has refused and that are kept.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub async fn refused(&self, target: &str) -> Result<u64, StoreError> {
        let target = target.to_owned();
        let count = "SELECT count(*) FROM outbox WHERE target = ?1 AND refusal IS NOT NULL";
        self.read(move |connection| {
            Ok(connection.prepare_cached(count)?.query_row([target], |row| row.get(0))?)
        })
        .await
    }

    /// Changes its value when there are new changes for receivers.
    #[must_use]
    pub fn outbox_news(&self) -> watch::Receiver<u64> {
        self.news.clone()
    }
}

/// Counts the changes that wait for the receivers. Those for others are kept, and the log names them.
pub(super) fn waiting(connection: &Connection, targets: &[String]) -> rusqlite::Result<u64> {
    let count = "SELECT target, count(*) FROM outbox WHERE refusal IS NULL GROUP BY target";
    let mut statement = connection.prepare(count)?;
    let mut rows = statement.query([])?;
    let mut waiting = 0;
    while let Some(row) = rows.next()? {
        let (receiver, changes): (String, u64) = (row.get(0)?, row.get(1)?);
        if targets.contains(&receiver) {
            waiting += changes;
        } else {
            let todo = "configure it again, or delete its rows of the table `outbox`";
            tracing::warn!(receiver, changes, "a receiver is not configured: {todo}");
        }
    }
    Ok(waiting)
}

/// Queues a change of a call for every receiver; returns the number of receivers.
pub(super) fn queue(
    transaction: &Transaction<'_>,
    targets: &[String],
    now: Micros,
    (source, id, version, kind, body): (&str, &str, &str, &str, &str),
) -> rusqlite::Result<u64> {
    let insert = "INSERT INTO outbox (target, source, call_id, message_id, kind, at_us, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let message_id = format!("{source}/{id}/{version}");
    for target in targets {
        let values = params![target, source, id, message_id, kind, now, body];
        transaction.prepare_cached(insert)?.execute(values)?;
    }
    Ok(targets.len() as u64)
}

/// Removes or sets aside changes; returns the number of those that wait no longer.
pub(super) fn settle(transaction: &Transaction<'_>, settled: &[Settled]) -> rusqlite::Result<u64> {
    let delete = "DELETE FROM outbox WHERE sequence = ?1";
    let refuse = "UPDATE outbox SET refusal = ?2 WHERE sequence = ?1 RETURNING target";
    let forget = "DELETE FROM outbox WHERE target = ?1 AND refusal IS NOT NULL AND sequence <=
        (SELECT sequence FROM outbox WHERE target = ?1 AND refusal IS NOT NULL
        ORDER BY sequence DESC LIMIT 1 OFFSET ?2)";
    let mut rows = 0;
    for Settled { sequence, refusal } in settled {
        let Some(reason) = refusal else {
            rows += transaction.prepare_cached(delete)?.execute([sequence])? as u64;
            continue;
        };
        let target: Option<String> = transaction
            .prepare_cached(refuse)?
            .query_row(params![sequence, reason], |row| row.get(0))
            .optional()?;
        if let Some(target) = target {
            rows += 1;
            transaction.prepare_cached(forget)?.execute(params![target, MAX_REFUSED])?;
        }
    }
    Ok(rows)
}
