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
            let row = record.to_owned();
            let before = table.replace(BTreeMap::from([(key.into(), row.clone())]));
            return updated(kind, before.into_values().next(), row);
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
        let present = table.rows.get(&*key);
        let held = present.map_or(0, |row| table::size(&key, row));
        let needed = key.len() + event.record().wire().len();
        let full = present.is_none() && table.len() >= limits.rows;
        if full || needed > room + held {
            // What does not fit is left out rather than kept as it was before.
            table.dropped += 1;
            return match table.remove(&key) {
                None => Changes::none(),
                before => Changes::one(Change { kind, before, after: None, last: None }),
            };
        }
        let row = event.record().to_owned();
        let before = table.set(&key, row.clone());
        updated(kind, before, row)
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
        let mut room = limits.bytes.saturating_sub(others - table.bytes);
        let mut dropped = 0;
        let mut rows: Vec<(Box<str>, OwnedRecord)> = Vec::new();
        for record in info.records() {
            let record = record?;
            let Some(key) = record.key() else { continue };
            let size = key.len() + record.wire().len();
            if rows.len() >= limits.rows || size > room {
                dropped += 1;
                continue;
            }
            room -= size;
            rows.push((key.into(), record.to_owned()));
        }
        if kind == ElementKind::Domain {
            rows.drain(..rows.len().saturating_sub(1));
        }
        // Of two records with one key the later stays.
        let before = table.replace(BTreeMap::from_iter(rows));
        table.current = true;
        table.dropped += dropped;
        Ok(Changes::many(difference(kind, before, &table.rows)))
    }
}

fn updated(kind: ElementKind<'static>, before: Option<OwnedRecord>, after: OwnedRecord) -> Changes {
    if before.as_ref() == Some(&after) {
        return Changes::none();
    }
    Changes::one(Change { kind, before, after: Some(after), last: None })
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
