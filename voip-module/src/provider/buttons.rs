//! The buttons on the call page.

use std::ops::BitOr;

/// A set of the buttons on the call page.
///
/// ```
/// use voip_module::Buttons;
///
/// let offered = Buttons::HANGUP | Buttons::HOLD;
/// assert!(offered.contains(Buttons::HOLD) && !offered.contains(Buttons::ACCEPT));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Buttons(u8);

impl Buttons {
    /// No button.
    pub const NONE: Self = Self(0);
    /// [`VoipProvider::accept_call`](crate::VoipProvider::accept_call).
    pub const ACCEPT: Self = Self(1);
    /// [`VoipProvider::hangup_call`](crate::VoipProvider::hangup_call).
    pub const HANGUP: Self = Self(2);
    /// [`VoipProvider::redirect_call`](crate::VoipProvider::redirect_call).
    pub const REDIRECT: Self = Self(4);
    /// [`VoipProvider::hold_call`](crate::VoipProvider::hold_call).
    pub const HOLD: Self = Self(8);
    /// All four buttons.
    pub const ALL: Self = Self(15);

    /// Returns whether all of `other` is in the set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Buttons {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
