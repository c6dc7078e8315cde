//! Errors of the database.

use rusqlite::ErrorCode;

/// The reason why the database cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A newer program has written it.
    #[error(
        "the database has version {found}, and this program knows versions up to {known}: use a newer program"
    )]
    Newer {
        /// Its version.
        found: i64,
        /// The latest version known here.
        known: i64,
    },
    /// Another hub has it open.
    #[error("the database is in use by another hub: stop that one, or set another `database`")]
    InUse,
    /// Another program has locked it.
    #[error("the database is locked by another program")]
    Locked,
    /// The disk is full, or the database has reached its limit.
    #[error("the disk is full, or the database has reached `database_pages`")]
    DiskFull,
    /// The file is something else.
    #[error("the file is not a database of this program")]
    NotADatabase,
    /// More waits than is allowed.
    #[error("too much is waiting: {0}")]
    Busy(&'static str),
    /// A commit has failed.
    #[error("the database cannot be written: {0}")]
    Unwritable(String),
    /// The writing thread is gone.
    #[error("the database is closed")]
    Closed,
    /// The file cannot be opened.
    #[error("the database cannot be opened: {0}")]
    Open(#[source] std::io::Error),
    /// Any other error of SQLite.
    #[error("the database cannot be used: {0}")]
    Sqlite(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::NotADatabase) => Self::NotADatabase,
            _ => Self::Sqlite(error),
        }
    }
}
