//! Editions of the platform.

use super::word::closed_words;

/// An edition of the platform. Decides which of the newer optional fields are written.
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
    /// Returns the edition's name: `2024`, `2025.8` or `2026.4`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2024 => "2024",
            Self::V2025_8 => "2025.8",
            Self::V2026_4 => "2026.4",
        }
    }

    fn from_word(name: &str) -> Option<Self> {
        [Self::V2024, Self::V2025_8, Self::V2026_4]
            .into_iter()
            .find(|version| version.as_str() == name)
    }
}

closed_words!(PlatformVersion, "platform version, expected 2024, 2025.8 or 2026.4");

impl std::fmt::Display for PlatformVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
