//! What a provider offers.

use std::fmt;
use std::ops::BitOr;

/// What a provider offers beyond the mandatory functions: declared, not found out by trying (V32).
///
/// The first four decide which buttons the call page has (V31).
///
/// ```
/// use voip_module::Capabilities;
///
/// let offered = Capabilities::HANGUP | Capabilities::HOLD;
/// assert!(offered.contains(Capabilities::HOLD) && !offered.contains(Capabilities::ACCEPT));
/// assert_eq!(offered.to_string(), "hangup, hold");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Capabilities(u8);

impl Capabilities {
    /// [`CallControl::accept`](crate::CallControl::accept).
    pub const ACCEPT: Self = Self(1);
    /// [`CallControl::hangup`](crate::CallControl::hangup).
    pub const HANGUP: Self = Self(2);
    /// [`CallControl::redirect`](crate::CallControl::redirect).
    pub const REDIRECT: Self = Self(4);
    /// [`CallControl::hold`](crate::CallControl::hold).
    pub const HOLD: Self = Self(8);
    /// [`ContactLookup`](crate::ContactLookup): callers are looked up while the telephone rings.
    pub const CONTACT_LOOKUP: Self = Self(16);

    const NAMES: [(Self, &'static str); 5] = [
        (Self::ACCEPT, "accept"),
        (Self::HANGUP, "hangup"),
        (Self::REDIRECT, "redirect"),
        (Self::HOLD, "hold"),
        (Self::CONTACT_LOOKUP, "contact_lookup"),
    ];

    /// Nothing beyond the mandatory functions.
    #[must_use]
    pub const fn none() -> Self {
        Self(0)
    }

    /// All four call controls.
    #[must_use]
    pub const fn call_control() -> Self {
        Self(15)
    }

    /// Whether all of `other` is offered.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of `other` is offered.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The names of what is offered.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(one, _)| self.contains(*one)).map(|(_, name)| name)
    }
}

impl BitOr for Capabilities {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.names().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}
