//! Questions to the database.

use std::collections::BTreeSet;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, ToSql, params};
use tokio::sync::Semaphore;

use super::{InboxRow, Store, StoreError};
use crate::timeline::{Call, Micros, Outcome, without_marks};

/// Filters of the call log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Filter {
    /// A part of a number, name, user or id.
    pub search: Option<String>,
    /// Only calls of this source.
    pub source: Option<String>,
    /// Only calls with one of these outcomes; all if empty.
    pub outcomes: BTreeSet<Outcome>,
    /// Only calls that began at this time or later.
    pub from: Option<Micros>,
    /// Only calls that began before this time.
    pub to: Option<Micros>,
    /// Only calls after this place in the order: [`CallPage::next`].
    pub before: Option<(Micros, i64)>,
}

/// Calls, the latest first.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallPage {
    /// The calls.
    pub calls: Vec<Call>,
    /// The place after the last call; `None` if there are no more.
    pub next: Option<(Micros, i64)>,
}

impl Store {
    /// Asks a question that is answered soon.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.ask(&self.readers, question).await
    }

    /// Asks a question on a thread for blocking work, when one of the places for such questions is free.
    async fn ask<T: Send + 'static>(
        &self,
        places: &Semaphore,
        question: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _permit = places.acquire().await.map_err(|_| StoreError::Closed)?;
        let (idle, path) = (self.idle.clone(), self.path.clone());
        let work = move || {
            let pop = || idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop();
            let connection = match pop() {
                Some(connection) => connection,
                None => open(&path)?,
            };
            let answer = question(&connection);
            idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(connection);
            answer
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Closed)?
    }

    /// Calls that match, the latest first.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub async fn calls(&self, filter: Filter, limit: u32) -> Result<CallPage, StoreError> {
        self.read(move |connection| {
            let mut page = CallPage { calls: Vec::new(), next: None };
            // One more shows whether there are more.
            each_call(connection, &filter, Some(limit.saturating_add(1)), |number, call| {
                if page.calls.len() < limit as usize {
                    page.next = Some((call.started_at_us, number));
                    page.calls.push(call);
                    return true;
                }
                false
            })
            .map(|is_whole| {
                page.next = page.next.filter(|_| !is_whole);
                page
            })
        })
        .await
    }

    /// Gives all calls that match to a function, the latest first, until it returns false, and
    /// `None` after the last.
    pub(crate) async fn each_call(
        &self,
        filter: Filter,
        mut take: impl FnMut(Option<Call>) -> bool + Send + 'static,
    ) -> Result<(), StoreError> {
        self.ask(&self.exports, move |connection| {
            if each_call(connection, &filter, None, |_, call| take(Some(call)))? {
                take(None);
            }
            Ok(())
        })
        .await
    }

    /// One call.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub async fn call(&self, source: &str, id: &str) -> Result<Option<Call>, StoreError> {
        let (source, id) = (source.to_owned(), id.to_owned());
        self.read(move |connection| {
            let select = "SELECT body FROM call WHERE source = ?1 AND id = ?2";
            let mut statement = connection.prepare_cached(select)?;
            let body: Option<String> =
                statement.query_row(params![source, id], |row| row.get(0)).optional()?;
            Ok(body.and_then(|body| serde_json::from_str(&body).ok()))
        })
        .await
    }

    /// The calls that have not ended, the earliest first.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub async fn open_calls(&self) -> Result<Vec<Call>, StoreError> {
        self.read(|connection| {
            let select = "SELECT body FROM call WHERE is_open ORDER BY started_at_us";
            let mut statement = connection.prepare_cached(select)?;
            let bodies = statement.query_map([], |row| row.get::<_, String>(0))?;
            let mut calls = Vec::new();
            for body in bodies {
                calls.extend(serde_json::from_str::<Call>(&body?).ok());
            }
            Ok(calls)
        })
        .await
    }

    /// Gives the raw requests that came since a time to a function, in their order, until it
    /// returns false.
    pub(crate) async fn each_request(
        &self,
        since: Micros,
        mut take: impl FnMut(InboxRow) -> bool + Send + 'static,
    ) -> Result<(), StoreError> {
        self.read(move |connection| {
            let select = "SELECT source, received_at_us, head, body FROM inbox
                WHERE received_at_us >= ?1 ORDER BY sequence";
            let mut statement = connection.prepare(select)?;
            let mut rows = statement.query([since])?;
            while let Some(row) = rows.next()? {
                let row = InboxRow {
                    source: row.get(0)?,
                    received_at_us: row.get(1)?,
                    head: row.get(2)?,
                    body: row.get(3)?,
                };
                if !take(row) {
                    break;
                }
            }
            Ok(())
        })
        .await
    }
}

fn open(path: &std::path::Path) -> Result<Connection, StoreError> {
    // Not read-only: a reader of a write-ahead log takes part in its index.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(super::MAX_LOCKED)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Returns whether all calls were taken.
fn each_call(
    connection: &Connection,
    filter: &Filter,
    limit: Option<u32>,
    mut take: impl FnMut(i64, Call) -> bool,
) -> Result<bool, StoreError> {
    let mut conditions = String::from("1");
    let mut values: Vec<Box<dyn ToSql>> = Vec::new();
    if let Some(search) = &filter.search {
        let text = search.to_lowercase();
        let number = without_marks(search).unwrap_or_else(|| text.clone());
        // Not LIKE: in it, a search for `%` or `_` would find everything.
        conditions.push_str(" AND (instr(words, ?) > 0 OR instr(words, ?) > 0)");
        values.extend([Box::new(text) as Box<dyn ToSql>, Box::new(number)]);
    }
    let mut add = |condition: &str, value: Box<dyn ToSql>| {
        conditions.push_str(" AND ");
        conditions.push_str(condition);
        values.push(value);
    };
    if let Some(source) = &filter.source {
        add("source = ?", Box::new(source.clone()));
    }
    if let Some(from) = filter.from {
        add("started_at_us >= ?", Box::new(from));
    }
    if let Some(to) = filter.to {
        add("started_at_us < ?", Box::new(to));
    }
    if let Some((started, number)) = filter.before {
        add("started_at_us <= ?", Box::new(started));
        add("(started_at_us, number) < (?, ", Box::new(started));
        conditions.push_str(&format!("{number})"));
    }
    if !filter.outcomes.is_empty() {
        let words: Vec<String> =
            filter.outcomes.iter().map(|outcome| format!("'{}'", outcome.as_str())).collect();
        conditions.push_str(&format!(" AND outcome IN ({})", words.join(", ")));
    }
    let limit = limit.map_or_else(String::new, |limit| format!(" LIMIT {limit}"));
    let select = format!(
        "SELECT number, body FROM call WHERE {conditions}
         ORDER BY started_at_us DESC, number DESC{limit}"
    );
    let mut statement = connection.prepare(&select)?;
    let values: Vec<&dyn ToSql> = values.iter().map(|value| &**value).collect();
    let mut rows = statement.query(&*values)?;
    while let Some(row) = rows.next()? {
        let (number, call) = read_call(row)?;
        if let Some(call) = call
            && !take(number, call)
        {
            return Ok(false);
        }
    }
    Ok(true)
}

fn read_call(row: &Row<'_>) -> rusqlite::Result<(i64, Option<Call>)> {
    let body: String = row.get(1)?;
    Ok((row.get(0)?, serde_json::from_str(&body).ok()))
}
