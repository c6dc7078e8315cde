//! Stored rows of an integration: its event URLs.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::SubscriptionId;
use crate::event_url::{EventUrls, SubscriptionUrl};
use crate::plan::owner::Owner;
use crate::token::{EventToken, TokenTable};

/// One event URL of this integration: store every field.
///
/// A row lives until the last subscription with its token is gone. Store its token before the first
/// subscription with it is added.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// The owner whose events come to the URL.
    pub owner: Owner,
    /// The number and label of the owner, for messages; empty if they are unknown.
    pub name: String,
    /// The token; stored as [`EventToken::expose`], read back by `parse`.
    pub token: EventToken,
    /// `true` if the owner is no longer wanted and its subscriptions are being removed.
    pub retiring: bool,
    /// The subscriptions with this token, as last seen.
    pub subscriptions: BTreeSet<SubscriptionId>,
}

impl Row {
    /// Creates a row without subscriptions.
    #[must_use]
    pub const fn new(owner: Owner, token: EventToken) -> Self {
        Self { owner, name: String::new(), token, retiring: false, subscriptions: BTreeSet::new() }
    }
}

/// All rows of one integration on one client, and the base addresses of its URLs.
///
/// ```
/// use ucom_events::plan::{Owner, Row, Rows};
/// use ucom_events::{EventToken, EventUrls, event::ExtensionId};
///
/// let mut rows = Rows::new(EventUrls::new("https://crm.example.com/pbx")?);
/// let token: EventToken = "5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f".parse()?; // out of the database
/// rows.insert(Row::new(Owner::Extension(ExtensionId::new(33_335)), token));
/// assert_eq!(rows.table().find("5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f").map(|row| &row.owner),
///     Some(&Owner::Extension(ExtensionId::new(33_335))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rows {
    urls: EventUrls,
    rows: Vec<Row>,
    /// Positions in `rows`.
    by_token: TokenTable<usize>,
}

/// The owner of a listed subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ownership {
    /// Ours: of the row at an index.
    Ours(usize),
    /// A URL of exactly our form with an unknown token.
    Adoptable,
    /// Of another integration.
    Foreign,
}

impl Rows {
    /// Creates an empty set of rows below the addresses of an integration.
    #[must_use]
    pub fn new(urls: EventUrls) -> Self {
        Self { urls, rows: Vec::new(), by_token: TokenTable::new() }
    }

    /// Adds a stored row; replaces one with the same token.
    pub fn insert(&mut self, row: Row) {
        match self.by_token.find(row.token.expose()) {
            Some(&at) => self.rows[at] = row,
            None => {
                self.by_token.insert(row.token.clone(), self.rows.len());
                self.rows.push(row);
            }
        }
    }

    /// The rows to store.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Row> {
        self.rows.iter()
    }

    /// The addresses.
    #[must_use]
    pub const fn urls(&self) -> &EventUrls {
        &self.urls
    }

    /// Returns a table of rows by token. Retiring rows are included: their events are genuine.
    #[must_use]
    pub fn table(&self) -> TokenTable<Row> {
        let mut table = TokenTable::new();
        for row in &self.rows {
            table.insert(row.token.clone(), row.clone());
        }
        table
    }

    /// Adopts a subscription of our form with an unknown token, after a person's confirmation. The
    /// next plan deletes or reuses it. Returns whether the URL has that form.
    pub fn adopt(&mut self, owner: Owner, url: &SubscriptionUrl) -> bool {
        let Some(shape) = self.urls.shape(url).filter(|shape| shape.is_current) else {
            return false;
        };
        if self.by_token.find(shape.token.expose()).is_none() {
            self.insert(Row { retiring: true, ..Row::new(owner, shape.token) });
        }
        true
    }

    /// Assigns rows to the wanted owners: revives or adds a row for each, retires the rest. Rows of
    /// owners for which `keeps` holds are unchanged.
    pub(crate) fn assign(
        &mut self,
        wanted: &[(Owner, String)],
        keeps: impl Fn(&Owner) -> bool,
        mut random: impl FnMut() -> [u8; 16],
    ) {
        let names: BTreeMap<_, _> = wanted.iter().map(|(owner, name)| (owner, name)).collect();
        let mut served = BTreeSet::new();
        // Active rows first, so that a revived one never replaces them.
        for is_retiring in [false, true] {
            for row in self.rows.iter_mut().filter(|row| row.retiring == is_retiring) {
                let is_wanted = names.contains_key(&row.owner);
                if is_wanted && served.insert(row.owner.clone()) {
                    row.retiring = false;
                } else if is_wanted || !keeps(&row.owner) {
                    row.retiring = true;
                }
            }
        }
        for (owner, _) in wanted {
            if served.insert(owner.clone()) {
                self.insert(Row::new(owner.clone(), EventToken::from_random(random())));
            }
        }
        for row in &mut self.rows {
            if let Some(name) = names.get(&row.owner) {
                row.name.clone_from(name);
            }
        }
    }

    pub(crate) fn owners(&self) -> BTreeSet<Owner> {
        self.rows.iter().map(|row| row.owner.clone()).collect()
    }

    pub(super) fn get(&self, index: usize) -> &Row {
        &self.rows[index]
    }

    /// Returns the active row of a wanted owner.
    pub(crate) fn active(&self, owner: &Owner) -> Option<&Row> {
        self.rows.iter().find(|row| row.owner == *owner && !row.retiring)
    }

    pub(super) fn url(&self, row: &Row) -> SubscriptionUrl {
        self.urls.url(&row.owner.path(), &row.token)
    }

    // D46, D47.
    /// Returns the ownership of a URL.
    pub(super) fn ownership(&self, url: &SubscriptionUrl) -> Ownership {
        let Some(shape) = self.urls.shape(url) else { return Ownership::Foreign };
        match self.by_token.find(shape.token.expose()) {
            Some(at) => Ownership::Ours(*at),
            None if shape.is_current => Ownership::Adoptable,
            None => Ownership::Foreign,
        }
    }

    /// Updates the known subscriptions of a row.
    pub(super) fn update(&mut self, index: usize, change: impl FnOnce(&mut Row)) {
        change(&mut self.rows[index]);
    }

    pub(super) fn retain(&mut self, mut keeps: impl FnMut(usize) -> bool) {
        let mut at = 0;
        self.rows.retain(|_| {
            at += 1;
            keeps(at - 1)
        });
        self.by_token = TokenTable::new();
        for (at, row) in self.rows.iter().enumerate() {
            self.by_token.insert(row.token.clone(), at);
        }
    }
}
