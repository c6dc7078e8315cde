//! Names of the four entry points.

use std::str::FromStr;

use crate::wire::words::words;

words! {
    /// One of the four entry points of an integration, by the vendor's name.
    ///
    /// ```
    /// use pbx_integration::integration::EntryPoint;
    ///
    /// assert_eq!("oncdr".parse(), Ok(EntryPoint::Cdr));
    /// assert_eq!(EntryPoint::Cdr.to_string(), "oncdr");
    /// ```
    pub enum EntryPoint {
        /// A queue or ring group has changed.
        Group = "ongroup",
        /// An agent has changed.
        Agent = "onagent",
        /// A call has ended.
        Cdr = "oncdr",
        /// A web request.
        Http = "onhttp",
    }
}

impl FromStr for EntryPoint {
    type Err = UnknownEntryPoint;

    fn from_str(name: &str) -> Result<Self, UnknownEntryPoint> {
        Self::ALL.iter().copied().find(|point| point.as_str() == name).ok_or(UnknownEntryPoint)
    }
}

/// An unknown name of an entry point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown entry point: expected ongroup, onagent, oncdr or onhttp")]
#[non_exhaustive]
pub struct UnknownEntryPoint;
