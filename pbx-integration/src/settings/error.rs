//! Errors of settings.

use std::error::Error as StdError;
use std::path::PathBuf;

/// An error of settings. Nothing was stored. Contains no value, public or secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The name of an entry is empty.
    #[error("the name of a setting is empty")]
    EmptyName,
    /// A store that knows settings by declared names has no such name.
    #[error("the setting `{name}` is not declared")]
    NotDeclared {
        /// The name.
        name: String,
    },
    /// The tenant is missing, such as in a web request without one.
    #[error("no tenant: the settings of a tenant are asked for by its name")]
    NoTenant,
    /// The result of `save` is not JSON.
    #[error("the result of `save` is not JSON: line {line}, column {column}")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// The result of `save`, or all settings of a file, are too large.
    #[error("the settings have more than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The result of `save` is a list with no or more than two items.
    #[error(
        "the result of `save` is a list of {found}: expected [public] or [public, private]; \
         public data that is a list itself is wrapped in one more"
    )]
    WrongCount {
        /// The number of its items.
        found: usize,
    },
    /// The private part is a list; expected an object or one value.
    #[error("the private part of the result of `save` is a list: expected an object or one value")]
    PrivateIsList,
    /// A key of the private part is also in the public data.
    #[error("the public data holds a key that is in the private part too: `{key}`")]
    SecretLeak {
        /// The key.
        key: String,
    },
    /// A single entry cannot be saved, because the public data is not an object.
    #[error("the public data is not an object, so it has no entries: save it as a whole")]
    NotAnObject,
    /// Data is nested deeper than the limit.
    #[error("the settings are nested deeper than {limit} levels")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// The settings file is damaged, or of a later version.
    #[error("the settings file {}: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The place and the problem, without values.
        what: String,
    },
    /// A file or directory of the store cannot be used.
    #[error("{role} {}: {reason}", path.display())]
    File {
        /// Its role, such as `the lock file`.
        role: &'static str,
        /// Its path.
        path: PathBuf,
        /// The reason of the operating system.
        reason: std::io::Error,
    },
    /// The store failed.
    #[error("the settings store failed: {operation}")]
    Store {
        /// The operation that failed.
        operation: &'static str,
        /// The reason.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl SettingsError {
    /// Creates the error of a failed store.
    pub fn store(
        operation: &'static str,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::Store { operation, source: source.into() }
    }
}
