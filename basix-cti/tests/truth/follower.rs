//! A program that only applies the changes it receives.

use std::collections::{BTreeMap, BTreeSet};

use basix_cti::record::OwnedRecord;
use basix_cti::{Event, Store};

/// A program with its own copy of the records, built from events.
#[derive(Default)]
pub(crate) struct Follower {
    picture: BTreeMap<(&'static str, String), OwnedRecord>,
    /// The generation of the store from which the copy was last taken.
    generation: u64,
    /// True if `Resynced` came last, not `Stale`.
    pub(crate) is_current: bool,
    /// Elements whose lists were refused twice.
    pub(crate) unavailable: BTreeSet<&'static str>,
    pub(crate) seen: Seen,
}

/// Counts of events.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) changes: u64,
    pub(crate) found: u64,
    pub(crate) resynced: u64,
    pub(crate) stale: u64,
    pub(crate) lagged: u64,
    pub(crate) missed: u64,
    pub(crate) refused: u64,
    pub(crate) disconnected: u64,
}

impl Seen {
    pub(crate) fn add(&mut self, other: Self) {
        self.changes += other.changes;
        self.found += other.found;
        self.resynced += other.resynced;
        self.stale += other.stale;
        self.lagged += other.lagged;
        self.missed += other.missed;
        self.refused += other.refused;
        self.disconnected += other.disconnected;
    }
}

impl Follower {
    /// Handles an event. `store` is the present store, maybe ahead of the event.
    pub(crate) fn handle_event(&mut self, event: &Event, store: &Store) -> Result<(), String> {
        match event {
            Event::Changed(change) => {
                self.seen.changes += 1;
                self.seen.found += u64::from(change.is_found());
                if change.generation() <= self.generation {
                    return Ok(());
                }
                let name = change.element().as_str();
                let key = (name, change.key().into_owned());
                let before = match change.after() {
                    Some(after) => self.picture.insert(key, after.clone()),
                    None => self.picture.remove(&key),
                };
                if before.as_ref() != change.before() {
                    return Err(format!(
                        "{change}: there was {before:?} before, not {:?}",
                        change.before()
                    ));
                }
            }
            Event::Resynced => {
                self.seen.resynced += 1;
                self.is_current = true;
            }
            Event::Stale => {
                self.seen.stale += 1;
                self.is_current = false;
            }
            Event::Lagged { missed, generation } => {
                self.seen.lagged += 1;
                self.seen.missed += missed;
                self.is_current = false;
                if *generation > store.generation() {
                    return Err(format!("missed up to {generation} of {}", store.generation()));
                }
                // What was missed can only be had from a view; changes older than it follow.
                self.draw(store);
                // `Unavailable` may be among it.
                let stale = store.tables().filter(|table| !table.is_current());
                self.unavailable.extend(stale.map(|table| table.kind().as_str()));
            }
            Event::Unavailable(kind) => drop(self.unavailable.insert(kind.as_str())),
            Event::Refused(_) => self.seen.refused += 1,
            Event::Disconnected(_) => self.seen.disconnected += 1,
            _ => {}
        }
        Ok(())
    }

    /// Copies the whole store.
    fn draw(&mut self, store: &Store) {
        self.generation = store.generation();
        self.picture = picture(store);
    }

    /// Compares the copy with the store, once all events were handled.
    pub(crate) fn check(&self, store: &Store) -> Result<(), String> {
        let stored = picture(store);
        if self.picture == stored {
            return Ok(());
        }
        let keys = self.picture.keys().chain(stored.keys());
        let differs = |key: &&(&'static str, String)| self.picture.get(*key) != stored.get(*key);
        Err(format!("the events do not account for {:?}", keys.filter(differs).collect::<Vec<_>>()))
    }
}

fn picture(store: &Store) -> BTreeMap<(&'static str, String), OwnedRecord> {
    let mut picture = BTreeMap::new();
    for table in store.tables() {
        let name = table.kind().as_str();
        for key in table.keys() {
            let record = table.get(&key).unwrap().clone();
            picture.insert((name, key), record);
        }
    }
    picture
}
