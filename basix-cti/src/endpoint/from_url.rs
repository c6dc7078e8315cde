//! The vendor's form of an endpoint, a URL with credentials.

use std::borrow::Cow;

use url::form_urlencoded;

use super::Endpoint;
use super::error::{EndpointError, EndpointPart, check_text};
use crate::percent;

impl Endpoint {
    /// Reads the vendor's form, `wss://DOMAIN:TOKEN@SERVER/basix/api/ws_cti?…`.
    ///
    /// Domain and token are percent-decoded and removed from the URL. The parameters `app_name`,
    /// `force=true` and `full_events=true` become the options of the same names; others are kept
    /// unchanged.
    ///
    /// ```
    /// use basix_cti::Endpoint;
    ///
    /// let endpoint = Endpoint::from_url(
    ///     "wss://my-domain:T0KEN@pbx.example.net/basix/api/ws_cti?app_name=wallboard",
    /// )?;
    /// assert_eq!(
    ///     endpoint.url()?.as_str(),
    ///     "wss://pbx.example.net/basix/api/ws_cti?app_name=wallboard"
    /// );
    /// # Ok::<(), basix_cti::endpoint::EndpointError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the text does not have this form.
    pub fn from_url(url: &str) -> Result<Self, EndpointError> {
        check_text(url, EndpointPart::Url)?;
        let (scheme, rest) = url.split_once("://").ok_or(EndpointError::Scheme)?;
        // The text is split here, so that no other code ever holds the token in a URL.
        let authority_end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(authority_end);
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        if has_cut_credentials(authority, path, query) {
            return Err(EndpointError::RawSeparator);
        }
        if rest.contains('#') {
            return Err(EndpointError::Fragment);
        }
        if !matches!(path, "" | "/" | Self::PATH) {
            return Err(EndpointError::Path);
        }
        let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
        if parameters.clone().any(|parameter| decoded(parameter).0 == "api_token") {
            return Err(EndpointError::ObsoleteCredentials);
        }
        let (user_info, server) = authority.rsplit_once('@').ok_or(EndpointError::NoCredentials)?;
        let (domain, token) = user_info.split_once(':').ok_or(EndpointError::NoCredentials)?;
        let domain = percent_decoded(domain, EndpointPart::Domain)?;
        let token = percent_decoded(token, EndpointPart::Token)?;
        let mut endpoint = Self::new(format!("{scheme}://{server}"), domain, token);
        for parameter in parameters {
            endpoint.set_parameter(parameter);
        }
        endpoint.url()?;
        Ok(endpoint)
    }

    /// Sets the option of a query parameter.
    fn set_parameter(&mut self, parameter: &str) {
        let (name, value) = decoded(parameter);
        match (&*name, &*value) {
            ("app_name", value) => value.clone_into(&mut self.app_name),
            ("force", "true") => self.force = true,
            ("full_events", "true") => self.full_events = true,
            ("force", "false") => self.force = false,
            ("full_events", "false") => self.full_events = false,
            _ => self.others.push(parameter.to_owned()),
        }
    }
}

/// Returns true if a raw separator in domain or token has ended the authority early, which leaves
/// the `@` behind. Undetected, a part of the token would be taken for the server.
fn has_cut_credentials(authority: &str, path: &str, query: &str) -> bool {
    let is_at_in_name = |parameter: &str| parameter.split('=').next().unwrap_or("").contains('@');
    path.contains('@')
        || query.split('&').any(is_at_in_name)
        || path.is_empty() && query.contains('@') && !authority.contains('@')
}

/// Name and value of a query parameter.
fn decoded(parameter: &str) -> (Cow<'_, str>, Cow<'_, str>) {
    form_urlencoded::parse(parameter.as_bytes()).next().unwrap_or_default()
}

/// Decodes a percent-encoded part of a URL.
fn percent_decoded(text: &str, part: EndpointPart) -> Result<String, EndpointError> {
    match percent::decode(text, false) {
        Cow::Borrowed(text) if text.contains('%') => Err(EndpointError::PercentEncoding(part)),
        decoded => Ok(decoded.into_owned()),
    }
}
