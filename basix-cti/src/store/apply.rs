//! How messages change the mirror (section 8 of the protocol).

use std::borrow::Cow;

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
        match message {
            Message::InfoEvent(event) => Ok(self.info_event(event)),
            Message::InitialInfo(info) => self.initial_info(info),
            _ => Ok(Changes::none()),
        }
    }

    /// Says that the connection is gone: channels of all kinds are forgotten, the other records
    /// stay but are no longer current (B85).
    pub fn disconnect(&mut self) -> Changes {
        let mut changes = Vec::new();
        for table in &mut self.tables {
            table.current = false;
            if table.kind().is_channel() {
                let rows = table.replace(Rows::default());
                let kind = table.kind();
                changes.extend(rows.into_records().map(|before| Change {
                    kind,
                    before: Some(before),
                    after: None,
                    last: None,
                }));
            }
        }
        Changes::many(changes)
    }

    fn info_event(&mut self, event: &InfoEvent<'_>) -> Changes {
        let (element, record) = (event.element(), event.record());
        let (limits, bytes) = (self.limits, self.bytes());
        let table = event.kind().index().and_then(|index| self.tables.get_mut(index));
        let (Some(table), Some(key)) = (table, key(element)) else { return Changes::none() };
        let others = bytes - table.bytes;
        let removed = event.event_name() == Some(EventName::Removed);
        let ended = matches!(
            element,
            Element::Channel(channel) if channel.last_event == Some(LastEvent::ChannelHangup)
        );
        if table.kind() == ElementKind::Domain {
            // One record, which `removed` leaves (B84).
            return if removed {
                Changes::none()
            } else {
                domain(table, &key, record, limits, others)
            };
        }
        if removed || ended {
            return match table.remove(&key) {
                None => Changes::none(),
                Some(before) => {
                    let (kind, last) = (table.kind(), Some(record.to_owned()));
                    Changes::one(Change { kind, before: Some(before), after: None, last })
                }
            };
        }
        table.put(&key, record, limits, others).map_or(Changes::none(), Changes::one)
    }

    fn initial_info(&mut self, info: &InitialInfo<'_>) -> Result<Changes, Error> {
        let (limits, bytes) = (self.limits, self.bytes());
        let table = info.kind().index().and_then(|index| self.tables.get_mut(index));
        let Some(table) = table else {
            info.check()?;
            return Ok(Changes::none());
        };
        let kind = table.kind();
        let mut fresh = Table::new(kind);
        for record in info.records() {
            let record = record?;
            let Some(key) = record.key() else { continue };
            if kind == ElementKind::Domain {
                // Of several the last one counts (B84).
                fresh.replace(Rows::default());
            }
            fresh.put(&key, record, limits, bytes - table.bytes);
        }
        table.current = true;
        table.dropped += fresh.dropped;
        let before = table.replace(fresh.rows);
        Ok(Changes::many(difference(kind, before, &table.rows)))
    }
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
        (before, after) => Changes::one(Change { kind: table.kind(), before, after, last: None }),
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
fn difference(kind: ElementKind<'static>, mut before: Rows, after: &Rows) -> Vec<Change> {
    let mut changes = Vec::new();
    for (key, row) in after.iter() {
        let before = before.remove(key);
        if before.as_ref() != Some(row) {
            changes.push(Change { kind, before, after: Some(row.clone()), last: None });
        }
    }
    changes.extend(before.into_records().map(|before| Change {
        kind,
        before: Some(before),
        after: None,
        last: None,
    }));
    changes
}
