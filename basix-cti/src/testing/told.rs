//! What a client that reads everything has been told by now.

use std::sync::Arc;

use super::record::{Entry, Tables};
use crate::ElementKind;

/// What a message tells a client that can read it.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    Nothing,
    Spec(ElementKind),
    Set(Arc<Entry>),
    Remove(ElementKind, String),
    Snapshot(ElementKind, Vec<Arc<Entry>>),
}

/// What a client that reads everything knows by now.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) tables: Tables,
    /// Elements whose fields are known.
    specs: [bool; ElementKind::KNOWN.len()],
    /// Elements whose list has come.
    pub(super) current: [bool; ElementKind::KNOWN.len()],
}

impl Told {
    /// A message was sent.
    pub(super) fn tell(&mut self, effect: Effect) {
        match effect {
            Effect::Nothing => {}
            Effect::Spec(kind) => self.set(kind, |told| &mut told.specs, true),
            Effect::Set(entry) if self.reads(entry.kind()) => {
                self.tables.put(entry);
            }
            Effect::Remove(kind, key) if self.reads(kind) => {
                self.tables.remove(kind, &key);
            }
            Effect::Snapshot(kind, entries) if self.reads(kind) => {
                self.tables.replace(kind, entries);
                self.set(kind, |told| &mut told.current, true);
            }
            Effect::Set(_) | Effect::Remove(..) | Effect::Snapshot(..) => {}
        }
    }

    /// A message was sent that nobody can read.
    pub(super) fn lose(&mut self, effect: &Effect) {
        if let Effect::Spec(kind) = effect {
            // Records of the element cannot be read, or would be read by a former order.
            self.set(*kind, |told| &mut told.specs, false);
            self.set(*kind, |told| &mut told.current, false);
        }
    }

    fn reads(&self, kind: ElementKind) -> bool {
        kind.index().and_then(|index| self.specs.get(index)) == Some(&true)
    }

    fn set(
        &mut self,
        kind: ElementKind,
        of: impl FnOnce(&mut Self) -> &mut [bool; ElementKind::KNOWN.len()],
        is: bool,
    ) {
        if let Some(place) = kind.index().and_then(|index| of(self).get_mut(index)) {
            *place = is;
        }
    }
}
