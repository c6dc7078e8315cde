//! The webhook URL.

use std::fmt;

use http::Uri;
use url::Url;

use crate::error::Error;
use crate::secret::Secret;

/// The module's webhook URL, whose query holds the token. `Debug` shows the host only; the URL is
/// cleared on drop.
// W158
#[derive(Clone)]
pub struct PushTarget {
    url: Secret,
    host: Box<str>,
}

impl PushTarget {
    /// Checks a webhook URL. Plain `http` is for a platform in the same cluster.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if it is not an absolute `https` URL (or `http`, if allowed), has a
    /// user name, or cannot be requested.
    pub fn new(url: Url, allow_http: bool) -> Result<Self, Error> {
        Self::check(url, allow_http)
            .map_err(|reason| Error::InvalidArgument { name: "webhook_url", reason })
    }

    /// The rule of webhook URLs, for the configuration and the service too: `new` with the bare reason.
    // W153
    pub(in crate::module_script) fn check(
        mut url: Url,
        allow_http: bool,
    ) -> Result<Self, &'static str> {
        let is_allowed = url.scheme() == "https" || allow_http && url.scheme() == "http";
        if !is_allowed {
            return Err("the webhook URL is not an https URL");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the webhook URL has a user name or password");
        }
        let host = url.host_str().map(Box::from).ok_or("the webhook URL has no host")?;
        url.set_fragment(None);
        let url = Secret::new(String::from(url));
        match url.expose().parse::<Uri>() {
            Ok(_) => Ok(Self { url, host }),
            Err(_) => Err("the webhook URL cannot be requested"),
        }
    }

    /// Returns the host, without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the URL, for the one place where it is requested.
    pub(super) fn expose(&self) -> &str {
        self.url.expose()
    }
}

impl fmt::Debug for PushTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushTarget").field("host", &self.host).finish_non_exhaustive()
    }
}
