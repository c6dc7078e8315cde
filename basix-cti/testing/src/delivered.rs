//! The state of a client that reads every message of a connection.

use crate::record::place;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::record::{Entry, Tables};
use basix_cti::ElementKind;

/// The effect of a message on a client.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    Nothing,
    Spec(ElementKind),
    Set(Arc<Entry>),
    Remove(ElementKind, String),
    Snapshot(ElementKind, Vec<Arc<Entry>>),
}

/// The state that the messages of a connection have delivered so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Delivered {
    pub(super) tables: Tables,
    /// Elements whose fields are known.
    specs: [bool; ElementKind::KNOWN.len()],
    /// Elements whose list was delivered.
    pub(super) current: [bool; ElementKind::KNOWN.len()],
    /// Records whose last event was lost.
    lost: BTreeSet<(&'static str, String)>,
}

impl Delivered {
    /// Applies a message that was sent.
    pub(super) fn deliver(&mut self, effect: Effect) {
        match effect {
            Effect::Nothing => {}
            Effect::Spec(kind) => self.set(kind, |delivered| &mut delivered.specs, true),
            Effect::Set(entry) if self.reads(entry.kind()) => {
                self.lost.remove(&(entry.kind().as_str(), entry.key()));
                self.tables.put(entry);
            }
            Effect::Remove(kind, key) if self.reads(kind) => {
                self.tables.remove(kind, &key);
                self.lost.remove(&(kind.as_str(), key));
            }
            Effect::Snapshot(kind, entries) if self.reads(kind) => {
                self.lost.retain(|(lost, _)| *lost != kind.as_str());
                self.tables.replace(kind, entries);
                self.set(kind, |delivered| &mut delivered.current, true);
            }
            Effect::Set(_) | Effect::Remove(..) | Effect::Snapshot(..) => {}
        }
    }

    /// Applies the loss of a message that the client cannot read.
    pub(super) fn lose(&mut self, effect: &Effect) {
        match effect {
            Effect::Spec(kind) => {
                // Records of the element cannot be read, or would be read by a former order.
                self.set(*kind, |delivered| &mut delivered.specs, false);
                self.set(*kind, |delivered| &mut delivered.current, false);
            }
            // A client that keeps the record knows that it is old.
            Effect::Set(entry) => self.lose_record(entry.kind(), entry.key()),
            Effect::Remove(kind, key) => self.lose_record(*kind, key.clone()),
            Effect::Snapshot(..) | Effect::Nothing => {}
        }
    }

    fn lose_record(&mut self, kind: ElementKind, key: String) {
        self.tables.remove(kind, &key);
        self.lost.insert((kind.as_str(), key));
    }

    /// Returns whether the last event of a record was lost, without a later list or event.
    pub(super) fn is_lost(&self, kind: ElementKind, key: &str) -> bool {
        self.lost.contains(&(kind.as_str(), key.to_owned()))
    }

    fn reads(&self, kind: ElementKind) -> bool {
        place(kind).and_then(|index| self.specs.get(index)) == Some(&true)
    }

    fn set(
        &mut self,
        kind: ElementKind,
        of: impl FnOnce(&mut Self) -> &mut [bool; ElementKind::KNOWN.len()],
        is: bool,
    ) {
        if let Some(place) = place(kind).and_then(|index| of(self).get_mut(index)) {
            *place = is;
        }
    }
}
