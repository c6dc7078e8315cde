//! Applies messages to the mirror.

use std::sync::Arc;

use super::{Change, Changes, Origin, Store, StoreLimits, Table};
use crate::element::Channel;
use crate::error::Error;
use crate::message::{InfoEvent, InitialInfo, Message};
use crate::record::{ElementKind, EventName, Record};

impl Store {
    /// Applies a message and returns the changes.
    ///
    /// Messages of elements that the mirror does not hold change nothing, and so do those that
    /// carry no records.
    ///
    /// # Errors
    ///
    /// If a record of an [`InitialInfo`] is invalid; the mirror is then unchanged.
    pub fn apply(&mut self, message: &Message<'_>) -> Result<Changes, Error> {
        let changes = match message {
            Message::InfoEvent(event) => self.info_event(event),
            Message::InitialInfo(info) => self.initial_info(info)?,
            _ => Changes::none(),
        };
        Ok(self.counted(changes))
    }

    /// Removes the records that depend on the lost connection: channels of all kinds. The other
    /// records stay but are no longer current.
    pub fn disconnect(&mut self) -> Changes {
        let mut changes = Vec::new();
        for table in &mut self.tables {
            if table.kind().is_channel() {
                let kind = table.kind();
                changes.extend(table.records().map(|row| {
                    Change::new(kind, Some(row.clone()), None).with_origin(Origin::Disconnect)
                }));
                self.bytes -= table.bytes();
                let mut emptied = table.emptied();
                emptied.dropped = table.dropped;
                *table = Arc::new(emptied);
            } else if table.current {
                Arc::make_mut(table).current = false;
            }
        }
        self.counted(Changes::many(changes))
    }

    /// Removes the row of a refused event, since its value is known to be old.
    pub(crate) fn remove_refused(&mut self, kind: ElementKind, key: &[u8]) -> Changes {
        let table = kind.index().and_then(|index| self.tables.get_mut(index));
        let Some(table) = table.filter(|table| table.rows.find(key).is_some()) else {
            return Changes::none();
        };
        let table = Arc::make_mut(table);
        let bytes = table.bytes();
        let before = table.remove(key);
        self.bytes = self.bytes - bytes + table.bytes();
        let change = Change::new(kind, before, None).with_origin(Origin::Event);
        self.counted(Changes::one(change))
    }

    /// Marks the records of an element as possibly incomplete.
    pub(crate) fn mark_stale(&mut self, kind: ElementKind) {
        let table = kind.index().and_then(|index| self.tables.get_mut(index));
        if let Some(table) = table.filter(|table| table.current) {
            Arc::make_mut(table).current = false;
        }
    }

    /// Counts a generation if anything has changed.
    fn counted(&mut self, mut changes: Changes) -> Changes {
        debug_assert_eq!(self.bytes, self.tables().map(Table::bytes).sum::<usize>());
        if changes.len() > 0 {
            self.generation += 1;
            changes.set_generation(self.generation);
        }
        changes
    }

    fn info_event(&mut self, event: &InfoEvent<'_>) -> Changes {
        let record = event.record();
        let table = event.kind().index().and_then(|index| self.tables.get_mut(index));
        let (Some(table), Some(key)) = (table, record.key_bytes()) else {
            return Changes::none();
        };
        let table = Arc::make_mut(table);
        let others = self.bytes - table.bytes();
        let is_removed = event.event_name() == Some(EventName::Removed);
        let change = apply_event(table, &key, record, is_removed, self.limits, others);
        self.bytes = others + table.bytes();
        change.map_or(Changes::none(), |change| Changes::one(change.by_event(event)))
    }

    fn initial_info(&mut self, info: &InitialInfo<'_>) -> Result<Changes, Error> {
        let table = info.kind().index().and_then(|index| self.tables.get_mut(index));
        let Some(table) = table else {
            info.check()?;
            return Ok(Changes::none());
        };
        let others = self.bytes - table.bytes();
        let mut fresh = table.emptied();
        for record in info.records() {
            let record = record?;
            let Some(key) = record.key_bytes() else { continue };
            if fresh.kind() == ElementKind::Domain {
                // Of several the last one counts (B84).
                let dropped = fresh.dropped;
                fresh = table.emptied();
                fresh.dropped = dropped;
            }
            apply_event(&mut fresh, &key, &record, false, self.limits, others);
        }
        fresh.current = fresh.dropped == 0;
        fresh.dropped += table.dropped;
        self.bytes = others + fresh.bytes();
        let before = std::mem::replace(table, Arc::new(fresh));
        Ok(Changes::many(table.changes_since(&before)))
    }
}

/// Applies an event to a table. `others` is the size of the other tables.
fn apply_event(
    table: &mut Table,
    key: &[u8],
    record: &Record<'_>,
    is_removed: bool,
    limits: StoreLimits,
    others: usize,
) -> Option<Change> {
    if table.kind() == ElementKind::Domain {
        // One record, which `removed` leaves (B84).
        return if is_removed { None } else { replace_domain(table, key, record, limits, others) };
    }
    // A channel that has ended is never held, however it comes (B83, B150).
    if is_removed || record.typed().is_some_and(|channel: Channel<'_>| channel.has_ended()) {
        let mut change = Change::new(table.kind(), Some(table.remove(key)?), None);
        change.last = Some(record.to_owned());
        return Some(change);
    }
    table.put(key, record, limits, others)
}

/// Sets the one record of the domain.
fn replace_domain(
    table: &mut Table,
    key: &[u8],
    record: &Record<'_>,
    limits: StoreLimits,
    others: usize,
) -> Option<Change> {
    let before = table.records().next().cloned();
    let is_other = before
        .as_ref()
        .is_some_and(|row| row.as_record().key_bytes().is_none_or(|held| *held != *key));
    if is_other {
        let (current, dropped) = (table.current, table.dropped);
        *table = table.emptied();
        (table.current, table.dropped) = (current, dropped);
    }
    let change = table.put(key, record, limits, others);
    if !is_other {
        return change;
    }
    // The previous record is gone, even if the new one does not fit.
    Some(Change::new(table.kind(), before, change.and_then(|change| change.after)))
}
