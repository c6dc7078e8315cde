//! Addresses of the pictures of users and end users.

use std::borrow::Cow;

/// The address that pictures are relative to, such as `https://pbx.example/`.
///
/// ```
/// use basix_cti::element::BaseUrl;
///
/// let base = BaseUrl::new("https://pbx.example");
/// assert_eq!(base.user_avatar("u1.png"), "https://pbx.example/basix/avatars/users/u1.png");
/// assert_eq!(base.end_user_avatar(""), "https://pbx.example/static/icons/end_user.png");
/// assert_eq!(base.user_avatar("https://img.example/1.png"), "https://img.example/1.png");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// The base address, with or without `/` at its end.
    pub fn new(url: impl AsRef<str>) -> Self {
        Self(format!("{}/", url.as_ref().trim_end_matches('/')))
    }

    /// The address, with one `/` at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of a user's picture, from the user's `avatar`.
    #[must_use]
    pub fn user_avatar<'a>(&self, avatar: &'a str) -> Cow<'a, str> {
        self.picture(avatar, "users", "user.png")
    }

    /// The address of an end user's picture, from the end user's `avatar`.
    #[must_use]
    pub fn end_user_avatar<'a>(&self, avatar: &'a str) -> Cow<'a, str> {
        self.picture(avatar, "end_users", "end_user.png")
    }

    fn picture<'a>(&self, avatar: &'a str, folder: &str, icon: &str) -> Cow<'a, str> {
        let base = &self.0;
        if avatar.is_empty() {
            Cow::Owned(format!("{base}static/icons/{icon}"))
        } else if avatar.starts_with("https:") || avatar.starts_with("http://") {
            Cow::Borrowed(avatar)
        } else {
            Cow::Owned(format!("{base}basix/avatars/{folder}/{avatar}"))
        }
    }
}
