//! Rows of requests and calls, and the messages about them.

use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::json;
use sha2::{Digest as _, Sha256};

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
    // A call that comes back after its removal goes on with the contents it has had.
    let select = "SELECT hash, contents, length(contents) AS size FROM call
        WHERE source = ?1 AND id = ?2
        UNION ALL SELECT '', contents, length(contents) AS size FROM removed
        WHERE source = ?1 AND id = ?2 ORDER BY size DESC LIMIT 1";
    let known: Option<(String, String)> = transaction
        .prepare_cached(select)?
        .query_row(params![call.source, call.id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let body = serde_json::to_string(call).unwrap_or_default();
    let hash = hash(&body);
    let mut contents = match known {
        Some((known, _)) if known == hash => return Ok(()),
        Some((_, contents)) => contents,
        None => String::new(),
    };
    let version = version(&mut contents, &hash);
    let upsert = "INSERT INTO call
        (source, id, contents, hash, started_at_us, is_open, outcome, wait_us, words, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT (source, id) DO UPDATE SET contents = ?3, hash = ?4, started_at_us = ?5,
        is_open = ?6, outcome = ?7, wait_us = ?8, words = ?9, body = ?10";
    transaction.prepare_cached(upsert)?.execute(params![
        call.source,
        call.id,
        contents,
        hash,
        call.started_at_us,
        call.is_open(),
        call.outcome.map(Outcome::as_str),
        call.wait_us,
        words(call),
        body
    ])?;
    let kind = if call.is_open() { "call.changed" } else { "call.ended" };
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
    let delete = "DELETE FROM call WHERE source = ?1 AND id = ?2 RETURNING contents";
    let contents: Option<String> = transaction
        .prepare_cached(delete)?
        .query_row(params![source, id], |row| row.get(0))
        .optional()?;
    let Some(mut contents) = contents else { return Ok(()) };
    let body = json!({"source": source, "id": id}).to_string();
    let version = version(&mut contents, &hash(&body));
    let insert = "INSERT OR REPLACE INTO removed (source, id, contents) VALUES (?1, ?2, ?3)";
    transaction.prepare_cached(insert)?.execute(params![source, id, contents])?;
    let change = (&**source, &**id, &*version, "call.removed", &*body);
    effects.queued += queue(transaction, targets, now, change)?;
    effects.removed.push(key.clone());
    Ok(())
}

/// Hash of a content, in hexadecimal digits.
fn hash(body: &str) -> String {
    Sha256::digest(body).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The part of a message's id that names the content: its hash, and from the second time on the
/// number of times. Adds it to the contents so far, of which 8 digits each are kept.
fn version(contents: &mut String, hash: &str) -> String {
    let short = &hash[..8];
    let times = contents.as_bytes().chunks(8).filter(|one| *one == short.as_bytes()).count();
    contents.push_str(short);
    if times == 0 { hash.to_owned() } else { format!("{hash}-{}", times + 1) }
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
