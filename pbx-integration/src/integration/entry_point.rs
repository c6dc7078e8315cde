//! The four entry points by their names.

use std::fmt;
use std::str::FromStr;

/// One of the four entry points of an integration, by the vendor's name.
///
/// ```
/// use pbx_integration::integration::EntryPoint;
///
/// assert_eq!("oncdr".parse(), Ok(EntryPoint::Cdr));
/// assert_eq!(EntryPoint::Cdr.to_string(), "oncdr");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EntryPoint {
    /// `ongroup`: a queue or ring group has changed.
    Group,
    /// `onagent`: an agent has changed.
    Agent,
    /// `oncdr`: a call has ended.
    Cdr,
    /// `onhttp`: a web request.
    Http,
}

impl EntryPoint {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Group, Self::Agent, Self::Cdr, Self::Http];

    /// The vendor's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Group => "ongroup",
            Self::Agent => "onagent",
            Self::Cdr => "oncdr",
            Self::Http => "onhttp",
        }
    }
}

impl fmt::Display for EntryPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for EntryPoint {
    type Err = UnknownEntryPoint;

    fn from_str(name: &str) -> Result<Self, UnknownEntryPoint> {
        Self::ALL.into_iter().find(|point| point.as_str() == name).ok_or(UnknownEntryPoint)
    }
}

/// An unknown name of an entry point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown entry point: expected ongroup, onagent, oncdr or onhttp")]
#[non_exhaustive]
pub struct UnknownEntryPoint;
