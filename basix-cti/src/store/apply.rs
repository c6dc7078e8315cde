//! How messages change the mirror (section 8 of the protocol).

use std::borrow::Cow;
use std::sync::Arc;

use super::rows::Rows;
use super::{Change, Changes, Store, StoreLimits, Table};
use crate::element::{Element, LastEvent};
use crate::error::Error;
use crate::message::{InfoEvent, InitialInfo, Message};
use crate::record::{ElementKind, EventName, Record};

impl Store {
    /// Brings the mirror up to date with a message, and tells what has changed.
    ///
    /// Messages of elements that the mirror does not hold change nothing, and so do those that
    /// carry no records.
    ///
    /// # Errors
    ///
    /// When a record of an [`InitialInfo`] refuses the message (B111); the mirror stays as it was
    /// (B87).
    pub fn apply(&mut self, message: &Message<'_>) -> Result<Changes, Error> {
        let changes = match message {
            Message::InfoEvent(event) => self.info_event(event),
            Message::InitialInfo(info) => self.initial_info(info)?,
            _ => Changes::none(),
        };
        Ok(self.counted(changes))
    }

    /// Says that the connection is gone: channels of all kinds are forgotten, the other records
    /// stay but are no longer current (B85).
    pub fn disconnect(&mut self) -> Changes {
        let mut changes = Vec::new();
        for table in &mut self.tables {
            if table.kind().is_channel() {
                let kind = table.kind();
                changes
                    .extend(table.records().map(|row| Change::new(kind, Some(row.clone()), None)));
                let mut empty = Table::new(kind);
                empty.dropped = table.dropped;
                self.bytes -= table.bytes;
                *table = Arc::new(empty);
            } else if table.current {
                Arc::make_mut(table).current = false;
            }
        }
        self.counted(Changes::many(changes))
    }

    /// What has changed since an earlier view of this store: what is different, not each step of
    /// how it came about. For whoever missed changes and keeps a view.
    ///
    /// ```
    /// # use basix_cti::{Parser, Store, bert::Encoder};
    /// # let spec = Encoder::new().tuple(3).atom("field_spec").string("user").list(1).atom("id").finish()?;
    /// # let event = Encoder::new().tuple(4).atom("info_event").string("user").tuple(1).integer(7).atom("added").finish()?;
    /// # let (mut parser, mut store) = (Parser::new(), Store::new());
    /// # parser.parse(&spec)?;
    /// let before = store.clone();
    /// store.apply(&parser.parse(&event)?)?;
    /// let changes: Vec<String> = store.changes_since(&before).map(|change| change.to_string()).collect();
    /// assert_eq!(changes, ["added user 7"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn changes_since(&self, earlier: &Self) -> Changes {
        let pairs = self.tables.iter().zip(&earlier.tables);
        let mut changes = Changes::many(
            pairs
                .filter(|(now, before)| !Arc::ptr_eq(now, before))
                .flat_map(|(now, before)| difference(now.kind(), &before.rows, &now.rows))
                .collect(),
        );
        changes.set_generation(self.generation);
        changes
    }

    /// Says that records of an element may have been missed.
    pub(crate) fn mark_stale(&mut self, kind: ElementKind<'_>) {
        let table = kind.index().and_then(|index| self.tables.get_mut(index));
        if let Some(table) = table.filter(|table| table.current) {
            Arc::make_mut(table).current = false;
        }
    }

    /// Counts a generation if anything has changed.
    fn counted(&mut self, mut changes: Changes) -> Changes {
        debug_assert_eq!(self.bytes, self.tables().map(|table| table.bytes).sum::<usize>());
        if changes.len() > 0 {
            self.generation += 1;
            changes.set_generation(self.generation);
        }
        changes
    }

    fn info_event(&mut self, event: &InfoEvent<'_>) -> Changes {
        let table = event.kind().index().and_then(|index| self.tables.get_mut(index));
        let (Some(table), Some(key)) = (table, key(event.element())) else {
            return Changes::none();
        };
        let table = Arc::make_mut(table);
        let others = self.bytes - table.bytes;
        let changes = happen(table, &key, event, self.limits, others);
        self.bytes = others + table.bytes;
        changes
    }

    fn initial_info(&mut self, info: &InitialInfo<'_>) -> Result<Changes, Error> {
        let limits = self.limits;
        let table = info.kind().index().and_then(|index| self.tables.get_mut(index));
        let Some(table) = table else {
            info.check()?;
            return Ok(Changes::none());
        };
        let (kind, others) = (table.kind(), self.bytes - table.bytes);
        let mut fresh = Table::new(kind);
        for record in info.records() {
            let record = record?;
            let Some(key) = record.key() else { continue };
            if kind == ElementKind::Domain {
                // Of several the last one counts (B84).
                fresh.replace(Rows::default());
            }
            fresh.put(&key, record, limits, others);
        }
        fresh.current = fresh.dropped == 0;
        fresh.dropped += table.dropped;
        self.bytes = others + fresh.bytes;
        let before = std::mem::replace(table, Arc::new(fresh));
        Ok(Changes::many(difference(kind, &before.rows, &table.rows)))
    }
}

/// Does to a table what an event says. `others` is the size of the other tables.
fn happen(
    table: &mut Table,
    key: &str,
    event: &InfoEvent<'_>,
    limits: StoreLimits,
    others: usize,
) -> Changes {
    let record = event.record();
    let removed = event.event_name() == Some(EventName::Removed);
    let ended = matches!(
        event.element(),
        Element::Channel(channel) if channel.last_event == Some(LastEvent::ChannelHangup)
    );
    if table.kind() == ElementKind::Domain {
        // One record, which `removed` leaves (B84).
        return if removed { Changes::none() } else { domain(table, key, record, limits, others) };
    }
    if removed || ended {
        return match table.remove(key) {
            None => Changes::none(),
            Some(before) => {
                let mut change = Change::new(table.kind(), Some(before), None);
                change.last = Some(record.to_owned());
                Changes::one(change)
            }
        };
    }
    table.put(key, record, limits, others).map_or(Changes::none(), Changes::one)
}

/// Sets the one record of the domain.
fn domain(
    table: &mut Table,
    key: &str,
    record: Record<'_>,
    limits: StoreLimits,
    others: usize,
) -> Changes {
    let before = table.replace(Rows::default()).into_records().next();
    let after = table.put(key, record, limits, others).and_then(|change| change.after);
    match (before, after) {
        (None, None) => Changes::none(),
        (before, after) if before == after => Changes::none(),
        (before, after) => Changes::one(Change::new(table.kind(), before, after)),
    }
}

/// The key of an element (B40), from its typed view where that has it.
fn key<'a>(element: &Element<'a>) -> Option<Cow<'a, str>> {
    match element {
        Element::Channel(channel) if !channel.uuid.is_empty() => Some(channel.uuid.to_str()),
        element => element.record().key(),
    }
}

/// What changed from one set of rows to another.
fn difference(kind: ElementKind<'static>, before: &Rows, after: &Rows) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut stayed = 0;
    for (key, row) in after.iter() {
        let before = before.get(key);
        stayed += usize::from(before.is_some());
        if before != Some(row) {
            changes.push(Change::new(kind, before.cloned(), Some(row.clone())));
        }
    }
    changes.reserve_exact(before.len() - stayed);
    let gone = before.iter().filter(|(key, _)| after.get(key).is_none());
    changes.extend(gone.map(|(_, row)| Change::new(kind, Some(row.clone()), None)));
    changes
}
