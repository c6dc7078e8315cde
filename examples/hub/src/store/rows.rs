//! Rows of requests and calls, and the messages about them.

use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::json;

use super::InboxRow;
use super::outbox::queue;
use super::write::{Effects, Key};
use crate::timeline::{Call, Micros, Outcome};

pub(super) fn receive(
    transaction: &Transaction<'_>,
    row: &InboxRow,
    effects: &mut Effects,
) -> rusqlite::Result<()> {
    let insert = "INSERT INTO inbox (source, received_at_us, head, body) VALUES (?1, ?2, ?3, ?4)";
    let values = params![row.source, row.received_at_us, row.head, row.body];
    transaction.prepare_cached(insert)?.execute(values)?;
    effects.requests += 1;
    Ok(())
}

pub(super) fn upsert(
    transaction: &Transaction<'_>,
    targets: &[String],
    now: Micros,
    call: &Call,
    effects: &mut Effects,
) -> rusqlite::Result<()> {
    // A call that comes back after its removal goes on counting: its messages are new ones.
    let select = "SELECT revision, hash FROM call WHERE source = ?1 AND id = ?2
        UNION ALL SELECT revision, '' FROM removed WHERE source = ?1 AND id = ?2
        ORDER BY revision DESC LIMIT 1";
    let known: Option<(i64, String)> = transaction
        .prepare_cached(select)?
        .query_row(params![call.source, call.id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let hash = call.content_hash();
    let revision = match known {
        Some((_, known)) if known == hash => return Ok(()),
        Some((revision, _)) => revision + 1,
        None => 1,
    };
    let body = serde_json::to_string(call).unwrap_or_default();
    let upsert = "INSERT INTO call
        (source, id, revision, hash, started_at_us, is_open, outcome, wait_us, words, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT (source, id) DO UPDATE SET revision = ?3, hash = ?4, started_at_us = ?5,
        is_open = ?6, outcome = ?7, wait_us = ?8, words = ?9, body = ?10";
    transaction.prepare_cached(upsert)?.execute(params![
        call.source,
        call.id,
        revision,
        hash,
        call.started_at_us,
        call.is_open(),
        call.outcome.map(Outcome::as_str),
        call.wait_us,
        words(call),
        body
    ])?;
    let kind = if call.is_open() { "call.changed" } else { "call.ended" };
    let version = format!("{revision}-{hash}");
    let change = (&*call.source, &*call.id, &*version, kind, &*body);
    effects.queued += queue(transaction, targets, now, change)?;
    effects.changed.push(call.clone());
    Ok(())
}

pub(super) fn remove(
    transaction: &Transaction<'_>,
    targets: &[String],
    now: Micros,
    key: &Key,
    effects: &mut Effects,
) -> rusqlite::Result<()> {
    let (source, id) = key;
    let delete = "DELETE FROM call WHERE source = ?1 AND id = ?2 RETURNING revision";
    let last: Option<i64> = transaction
        .prepare_cached(delete)?
        .query_row(params![source, id], |row| row.get(0))
        .optional()?;
    let Some(revision) = last.map(|last| last + 1) else { return Ok(()) };
    let insert = "INSERT OR REPLACE INTO removed (source, id, revision) VALUES (?1, ?2, ?3)";
    transaction.prepare_cached(insert)?.execute(params![source, id, revision])?;
    let body = json!({"source": source, "id": id}).to_string();
    let version = format!("{revision}-removed");
    let change = (&**source, &**id, &*version, "call.removed", &*body);
    effects.queued += queue(transaction, targets, now, change)?;
    effects.removed.push(key.clone());
    Ok(())
}

/// The text that a search looks at.
fn words(call: &Call) -> String {
    let texts = [
        Some(call.customer.as_str()),
        call.customer_name.as_deref(),
        Some(&call.called_number),
        call.queue.as_deref(),
        call.answered_by.as_deref(),
        call.placed_by.as_deref(),
        Some(&call.id),
    ];
    let mut words = String::new();
    for text in texts.into_iter().flatten().chain(call.rang.iter().map(String::as_str)) {
        words.push_str(&text.to_lowercase());
        words.push('\n');
    }
    words
}
