//! The state that an integration stores for a restart, in one JSON file; a real one has a database.

use std::io;

use serde::{Deserialize, Serialize};
use ucom_events::api::SubscriptionId;
use ucom_events::plan::{Owner, Row, Rows};
use ucom_events::track::Snapshot;
use ucom_events::{Directory, EventUrls};

/// A file that holds rows, directory and snapshot.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Stored {
    rows: Vec<StoredRow>,
    /// The client's numbers.
    pub directory: Directory,
    /// Extensions that have no subscription to `answer`.
    pub without_answer: Vec<String>,
    /// The tracker's state.
    pub snapshot: Option<Snapshot>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredRow {
    owner: Owner,
    name: String,
    token: String,
    retiring: bool,
    subscriptions: Vec<SubscriptionId>,
}

impl Stored {
    /// Reads the file; a missing one counts as empty.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn load(path: &str) -> io::Result<Self> {
        match std::fs::read(path) {
            Ok(json) => Ok(serde_json::from_slice(&json)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Writes the file.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn save(&self, path: &str) -> io::Result<()> {
        std::fs::write(path, serde_json::to_vec(self)?)
    }

    /// The rows; a row with an unreadable token is dropped.
    #[must_use]
    pub fn rows(&self, urls: EventUrls) -> Rows {
        let mut rows = Rows::new(urls);
        for stored in &self.rows {
            let Ok(token) = stored.token.parse() else { continue };
            let mut row = Row::new(stored.owner.clone(), token);
            row.name.clone_from(&stored.name);
            row.retiring = stored.retiring;
            row.subscriptions.extend(&stored.subscriptions);
            rows.insert(row);
        }
        rows
    }

    /// Stores rows.
    pub fn set_rows(&mut self, rows: &Rows) {
        let stored = |row: &Row| StoredRow {
            owner: row.owner.clone(),
            name: row.name.clone(),
            token: row.token.expose().to_owned(),
            retiring: row.retiring,
            subscriptions: row.subscriptions.iter().copied().collect(),
        };
        self.rows = rows.iter().map(stored).collect();
    }
}
