//! The settings of the module.

use url::Url;

use crate::error::Error;
use crate::secret::Secret;

/// The settings of the module: two for commands, one for pushes. Two keys are involved, and they
/// are easily exchanged:
///
/// | key | comes from | goes to |
/// |---|---|---|
/// | `api_key` | Gravitel's page for CRM integration | the module's setting `apiKey` |
/// | CRM key | **Token** on the platform's module page | the CRM key of the Gravitel cabinet |
///
/// They are checked when a command is sent, so that a module can be set up before they are known.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct GravitelConfig {
    /// The address of commands, usually `https://<tenant host>/sys/crm_api.wcgp`.
    pub endpoint: String,
    /// The key for the cloud PBX.
    pub api_key: Secret,
    /// The key that pushes have to carry as `crm_token`; `None` disables the check.
    pub crm_key: Option<Secret>,
    /// `true` allows a plain `http` endpoint. Default `false`.
    pub allow_http: bool,
}

impl GravitelConfig {
    /// Creates settings for commands, without a check of pushes.
    #[must_use]
    pub fn new(endpoint: impl Into<String>, api_key: impl Into<Secret>) -> Self {
        Self {
            endpoint: endpoint.into(),
            api_key: api_key.into(),
            crm_key: None,
            allow_http: false,
        }
    }

    /// Sets the key that pushes have to carry. With an empty one every push is refused.
    #[must_use]
    pub fn with_crm_key(mut self, crm_key: impl Into<Secret>) -> Self {
        self.crm_key = Some(crm_key.into());
        self
    }

    /// Allows a plain `http` endpoint, such as one on this machine.
    #[must_use]
    pub const fn with_http(mut self) -> Self {
        self.allow_http = true;
        self
    }

    /// Replaces both keys in a text.
    pub(super) fn redact(&self, text: &str) -> String {
        let text = self.api_key.redact(text);
        self.crm_key.as_ref().map_or_else(|| text.clone(), |key| key.redact(&text))
    }

    /// Checks the settings for commands and returns the endpoint.
    ///
    /// # Errors
    ///
    /// [`Error::Config`], which names the setting but not its value.
    pub fn checked_endpoint(&self) -> Result<Url, Error> {
        let config = |reason| Err(Error::Config { reason });
        if self.api_key.is_empty() {
            return config("invalid API key: the setting `apiKey` is empty");
        }
        if self.endpoint.is_empty() {
            return config("invalid endpoint URL: the setting `endpoint` is empty");
        }
        let Ok(url) = Url::parse(&self.endpoint) else {
            return config("invalid endpoint URL: it is not an absolute URL");
        };
        if !url.username().is_empty() || url.password().is_some() {
            return config("invalid endpoint URL: it must not hold a user name or password");
        }
        match url.scheme() {
            "https" => Ok(url),
            "http" if self.allow_http => Ok(url),
            _ => config("invalid endpoint URL: it must begin with https://"),
        }
    }
}
