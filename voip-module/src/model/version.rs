//! Editions of the platform.

use std::fmt;
use std::str::FromStr;

/// An edition of the platform. It decides which of the newer optional fields are written (V47).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum PlatformVersion {
    /// 2024.8 to 2024.11: none of the newer fields.
    V2024,
    /// 2025.8: `callId` on events.
    V2025_8,
    /// 2026.4: also `callId` on records, `srcPhoneExt` and `dstPhoneExt`.
    #[default]
    V2026_4,
}

impl PlatformVersion {
    /// The edition's name: `2024`, `2025.8` or `2026.4`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2024 => "2024",
            Self::V2025_8 => "2025.8",
            Self::V2026_4 => "2026.4",
        }
    }
}

impl fmt::Display for PlatformVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names no edition that this crate knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown platform version; known are 2024, 2025.8 and 2026.4")]
#[non_exhaustive]
pub struct UnknownPlatformVersion;

impl FromStr for PlatformVersion {
    type Err = UnknownPlatformVersion;

    fn from_str(name: &str) -> Result<Self, UnknownPlatformVersion> {
        [Self::V2024, Self::V2025_8, Self::V2026_4]
            .into_iter()
            .find(|version| version.as_str() == name)
            .ok_or(UnknownPlatformVersion)
    }
}
