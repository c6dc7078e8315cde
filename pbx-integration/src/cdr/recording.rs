//! Recordings of a call.

use crate::wire::Raw;
use crate::wire::Timestamp;
use crate::wire::field::{account_number, raw, text};
use crate::wire::record::record;

record! {
    /// A recording.
    pub struct Recording {
        /// Start of the recording.
        pub time: Option<Timestamp> = "time" start,
        /// Location on the PBX; not a URL, and not a path on this machine: see
        /// [`local_name`](Self::local_name).
        pub file: Option<String> = "file" required(text),
        /// Access log, as it was written.
        pub log: Option<Raw> = "log" optional(raw),
        /// Account of the group, such as the queue.
        pub account: Option<String> = "account" optional(account_number),
        /// Extension that was connected.
        pub extension: Option<String> = "extension" optional(account_number),
    }
}

/// The reason why a recording's location is unsafe as a local path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum LocalNameError {
    /// The location is missing.
    #[error("the recording has no file")]
    Missing,
    /// The location is absolute.
    #[error("the recording's file is absolute")]
    Absolute,
    /// The location names a drive.
    #[error("the recording's file names a drive")]
    Drive,
    /// The location leads out of its folder.
    #[error("the recording's file has a segment of two dots")]
    Parent,
    /// The location has a backslash, which separates segments on some systems.
    #[error("the recording's file has a backslash")]
    Backslash,
    /// The location contains a NUL.
    #[error("the recording's file has a NUL")]
    Nul,
}

impl Recording {
    /// Returns the location as a relative path that stays in its directory, for copies under the
    /// same names.
    ///
    /// # Errors
    ///
    /// If it is missing, absolute, has a drive letter, a `..` segment, a NUL or a backslash.
    ///
    /// ```
    /// use pbx_integration::cdr::{LocalNameError, Recording};
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
