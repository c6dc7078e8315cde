//! Recordings of a call.

use async_trait::async_trait;

use crate::wire::field::{raw, start};
use crate::wire::record::record;
use crate::wire::{Raw, Timestamp, scalar};

record! {
    /// A recording (§6.2).
    pub struct Recording {
        /// When the recording started.
        pub time: Option<Timestamp> = "time" timed_required(start),
        /// Where the file is on the PBX; no URL, and no path on this machine (P55): see
        /// [`local_name`](Self::local_name).
        pub file: Option<String> = "file" required(scalar::text),
        /// Access log, as it was written (P56).
        pub log: Option<Raw> = "log" custom(raw),
        /// Account of the group, such as the queue.
        pub account: Option<String> = "account" optional(scalar::account_number),
        /// Extension that was connected.
        pub extension: Option<String> = "extension" optional(scalar::account_number),
    }
}

/// Why a recording's location must not become a path on this machine (P55).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum LocalNameError {
    /// There is no location.
    #[error("the recording has no file")]
    Missing,
    /// It starts at a root.
    #[error("the recording's file is absolute")]
    Absolute,
    /// It names a drive.
    #[error("the recording's file names a drive")]
    Drive,
    /// It leads out of its folder.
    #[error("the recording's file has a segment of two dots")]
    Parent,
    /// A backslash in it would part segments on some systems.
    #[error("the recording's file has a backslash")]
    Backslash,
    /// It holds a NUL.
    #[error("the recording's file has a NUL")]
    Nul,
}

impl Recording {
    /// The location as a relative path that stays in its folder, for whoever keeps copies under the
    /// same names (P55). The crate itself joins it to nothing.
    ///
    /// # Errors
    ///
    /// It is missing, absolute, has a drive letter, a `..` segment, a NUL or a backslash.
    ///
    /// ```
    /// use pbx_integration::{LocalNameError, Recording};
    ///
    /// let mut recording = Recording::default();
    /// recording.file = Some("recordings/tenant1/300-41.wav".to_owned());
    /// assert_eq!(recording.local_name(), Ok("recordings/tenant1/300-41.wav"));
    /// recording.file = Some("../../etc/passwd".to_owned());
    /// assert_eq!(recording.local_name(), Err(LocalNameError::Parent));
    /// ```
    pub fn local_name(&self) -> Result<&str, LocalNameError> {
        let file = self.file.as_deref().ok_or(LocalNameError::Missing)?;
        let mut start = file.bytes();
        let is_drive = start.next().is_some_and(|letter| letter.is_ascii_alphabetic())
            && start.next() == Some(b':');
        if file.contains('\0') {
            Err(LocalNameError::Nul)
        } else if file.starts_with(['/', '\\']) {
            Err(LocalNameError::Absolute)
        } else if is_drive {
            Err(LocalNameError::Drive)
        } else if file.split(['/', '\\']).any(|segment| segment == "..") {
            Err(LocalNameError::Parent)
        } else if file.contains('\\') {
            Err(LocalNameError::Backslash)
        } else {
            Ok(file)
        }
    }
}

/// Fetches recordings from the PBX (P55): yours, as the crate knows no way to them.
///
/// ```
/// use pbx_integration::{FetchError, Recording, RecordingFetcher};
///
/// #[derive(Debug)]
/// struct OurArchive;
///
/// #[async_trait::async_trait]
/// impl RecordingFetcher for OurArchive {
///     async fn fetch(&self, tenant: &str, recording: &Recording) -> Result<Vec<u8>, FetchError> {
///         let file = recording.local_name()?;
///         Err(format!("no {tenant}/{file} here").into())
///     }
/// }
/// ```
#[async_trait]
pub trait RecordingFetcher: std::fmt::Debug + Send + Sync + 'static {
    /// The bytes of a recording's file.
    ///
    /// # Errors
    ///
    /// It cannot be had.
    async fn fetch(&self, tenant: &str, recording: &Recording) -> Result<Vec<u8>, FetchError>;
}

/// Why a recording cannot be had.
pub type FetchError = Box<dyn std::error::Error + Send + Sync>;
