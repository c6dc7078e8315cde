//! Which subscriptions are ours (R12).

use url::Url;

use crate::event_url::{EventUrls, SubscriptionUrl};

/// Tells subscriptions of this integration from those of others, which must not be touched (R12).
///
/// The PBX has no owner field, so the URL tells: ours have the same origin and begin with the same
/// path, whole segments of it.
///
/// ```
/// use ucom_events::{EventUrls, Ownership, SubscriptionUrl};
///
/// let ours = Ownership::new(&EventUrls::new("https://crm.example.com/pbx")?);
/// let owns = |url: &str| ours.owns(&SubscriptionUrl::new(url));
/// assert!(owns("https://crm.example.com:443/pbx/ext-event/1"));
/// assert!(!owns("https://crm.example.com/pbx-of-another/ext-event/1"));
/// assert!(!owns("https://crm.example.com.attacker.example/pbx/ext-event/1"));
/// # Ok::<(), ucom_events::EventUrlError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ownership {
    bases: Vec<Url>,
}

impl Ownership {
    /// Everything below the address of our event URLs is ours.
    #[must_use]
    pub fn new(urls: &EventUrls) -> Self {
        Self { bases: vec![urls.base().clone()] }
    }

    /// The same, and also what is below an address that this integration has used before.
    #[must_use]
    pub fn with_former(mut self, urls: &EventUrls) -> Self {
        self.bases.push(urls.base().clone());
        self
    }

    /// Whether a subscription's URL is ours. A text that is no URL is not, nor is one with a user or
    /// password: we never make such.
    #[must_use]
    pub fn owns(&self, url: &SubscriptionUrl) -> bool {
        let Ok(url) = Url::parse(url.expose()) else { return false };
        url.username().is_empty()
            && url.password().is_none()
            && self
                .bases
                .iter()
                .any(|base| url.origin() == base.origin() && url.path().starts_with(base.path()))
    }
}
