//! What can go wrong with settings.

use std::error::Error as StdError;

use crate::Rule;

/// Why settings were not read or not saved. Nothing was stored. Holds no value, public or secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The name of an entry is empty (P80).
    #[error("the name of a setting is empty")]
    EmptyName,
    /// There is no tenant to whose settings one could go, such as in a web request without one.
    #[error("no tenant: the settings of a tenant are asked for by its name")]
    NoTenant,
    /// What `save` returned is not JSON.
    #[error("the result of `save` is not JSON: line {line}, column {column}")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// What `save` returned is longer than is read.
    #[error("the result of `save` is longer than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// What `save` returned is a list of none, or of more than two (P86).
    #[error(
        "the result of `save` is a list of {found}: expected [public] or [public, private]; \
         public data that is a list itself is wrapped in one more"
    )]
    WrongCount {
        /// How many it has.
        found: usize,
    },
    /// The private part is a list; it is an object, or one value (P89).
    #[error("the private part of the result of `save` is a list: expected an object or one value")]
    PrivateIsList,
    /// A key of the private part is in the public data too (P92).
    #[error("the public data holds a key that is in the private part too: `{key}`")]
    SecretLeak {
        /// The key.
        key: String,
    },
    /// A single entry cannot be saved, because the public data is not an object.
    #[error("the public data is not an object, so it has no entries: save it as a whole")]
    NotAnObject,
    /// Data is nested too deeply to be kept.
    #[error("the settings are nested deeper than {limit} levels")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// The store holds something that is not settings, or settings of a later version.
    #[error("the settings store is damaged: {what}")]
    Damaged {
        /// Where, and what is wrong.
        what: String,
    },
    /// The store failed.
    #[error("the settings store failed: {operation}")]
    Store {
        /// What was being done.
        operation: &'static str,
        /// Why it failed.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl SettingsError {
    /// A failure of a store.
    pub fn store(
        operation: &'static str,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::Store { operation, source: source.into() }
    }

    /// The rule that is broken, if it is one of the rules for settings.
    #[must_use]
    pub const fn rule(&self) -> Option<Rule> {
        Some(Rule::new(match self {
            Self::EmptyName => 80,
            Self::WrongCount { .. } => 86,
            Self::PrivateIsList => 89,
            Self::SecretLeak { .. } => 92,
            Self::NotAnObject => 91,
            Self::TooDeep { .. } | Self::TooLarge { .. } | Self::NotJson { .. } => 11,
            Self::NoTenant | Self::Damaged { .. } | Self::Store { .. } => return None,
        }))
    }
}
