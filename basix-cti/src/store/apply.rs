//! How messages change the mirror (section 8 of the protocol).

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Change, Changes, Store, table};
use crate::element::{Element, LastEvent};
use crate::error::Error;
use crate::message::{InfoEvent, InitialInfo, Message};
use crate::record::{ElementKind, EventName, OwnedRecord};

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
                let rows = table.replace(BTreeMap::new());
                let kind = table.kind();
                changes.extend(rows.into_values().map(|before| Change {
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
        let element = event.element();
        let limits = self.limits;
        let room = limits.bytes.saturating_sub(self.bytes());
        let Some(index) = event.kind().index() else {
            return Changes::none();
        };
        let Some(table) = self.tables.get_mut(index) else {
            return Changes::none();
        };
        let kind = table.kind();
        let removed = event.event_name() == Some(EventName::Removed);

        if kind == ElementKind::Domain {
            // One record, which `removed` leaves (B84).
            let record = event.record();
            let Some(key) = record.key().filter(|_| !removed) else {
                return Changes::none();
            };
            if limits.rows == 0 || key.len() + record.wire().len() > room + table.bytes {
                table.dropped += 1;
                let before = table.replace(BTreeMap::new()).into_values().next();
                let change = |before| Change { kind, before: Some(before), after: None, last: None };
                return before.map_or_else(Changes::none, |before| Changes::one(change(before)));
            }
            let after = record.to_owned();
            let before = table.replace(BTreeMap::from([(key.into(), after.clone())]));
            let before = before.into_values().next();
            if before.as_ref() == Some(&after) {
                return Changes::none();
            }
            return Changes::one(Change { kind, before, after: Some(after), last: None });
        }
        let Some(key) = key(element) else {
            return Changes::none();
        };
        let ended = matches!(
            element,
            Element::Channel(channel) if channel.last_event == Some(LastEvent::ChannelHangup)
        );
        if removed || ended {
            return match table.remove(&key) {
                None => Changes::none(),
                Some(before) => {
                    let last = Some(event.record().to_owned());
                    Changes::one(Change { kind, before: Some(before), after: None, last })
                }
            };
        }
        let record = event.record();
        let needed = key.len() + record.wire().len();
        let full = table.len() >= limits.rows || needed > room;
        // The only look-up: keys of a large table are far apart in memory.
        match table.rows.get_mut(&*key) {
            Some(row) => {
                let held = table::size(&key, row);
                if needed > room + held {
                    // What does not fit is left out rather than kept as it was before.
                    table.dropped += 1;
                    let before = table.remove(&key);
                    return Changes::one(Change { kind, before, after: None, last: None });
                }
                if row.is_same(record) {
                    return Changes::none();
                }
                let after = record.to_owned();
                let before = std::mem::replace(row, after.clone());
                table.bytes = table.bytes + needed - held;
                Changes::one(Change { kind, before: Some(before), after: Some(after), last: None })
            }
            None if full => {
                table.dropped += 1;
                Changes::none()
            }
            None => {
                let after = record.to_owned();
                table.bytes += needed;
                table.rows.insert(key.into(), after.clone());
                Changes::one(Change { kind, before: None, after: Some(after), last: None })
            }
        }
    }

    fn initial_info(&mut self, info: &InitialInfo<'_>) -> Result<Changes, Error> {
        let Some(index) = info.kind().index() else {
            info.check()?;
            return Ok(Changes::none());
        };
        let limits = self.limits;
        let others: usize = self.bytes();
        let Some(table) = self.tables.get_mut(index) else {
            return Ok(Changes::none());
        };
        let kind = table.kind();
        let all_room = limits.bytes.saturating_sub(others - table.bytes);
        let mut room = all_room;
        let mut dropped = 0;
        let mut rows: Vec<(Box<str>, OwnedRecord)> = Vec::new();
        // Keys of records that did not fit, and how many rows came before them.
        let mut left_out: BTreeMap<Box<str>, usize> = BTreeMap::new();
        for record in info.records() {
            let record = record?;
            let Some(key) = record.key() else { continue };
            let size = key.len() + record.wire().len();
            if kind == ElementKind::Domain {
                // The last one counts (B84).
                rows.clear();
                room = all_room;
            }
            if rows.len() >= limits.rows || size > room {
                dropped += 1;
                left_out.insert(key.into(), rows.len());
                continue;
            }
            room -= size;
            rows.push((key.into(), record.to_owned()));
        }
        if !left_out.is_empty() {
            // A record that did not fit is newer than one before it with the same key.
            let mut at = 0;
            rows.retain(|(key, _)| {
                at += 1;
                left_out.get(key).is_none_or(|rows_before| at > *rows_before)
            });
        }
        // Of two records with one key the later stays.
        let before = table.replace(BTreeMap::from_iter(rows));
        table.current = true;
        table.dropped += dropped;
        Ok(Changes::many(difference(kind, before, &table.rows)))
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
fn difference(
    kind: ElementKind<'static>,
    mut before: BTreeMap<Box<str>, OwnedRecord>,
    after: &BTreeMap<Box<str>, OwnedRecord>,
) -> Vec<Change> {
    let mut changes = Vec::new();
    for (key, row) in after {
        let before = before.remove(key);
        if before.as_ref() != Some(row) {
            changes.push(Change { kind, before, after: Some(row.clone()), last: None });
        }
    }
    changes.extend(before.into_values().map(|before| Change {
        kind,
        before: Some(before),
        after: None,
        last: None,
    }));
    changes
}
