//! URLs that the bridge's secret may be sent to.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::Uri;

/// Checks a URL, and returns it without a slash at its end.
// X6
pub(super) fn checked(text: &str) -> Result<&str, InvalidUrl> {
    let uri: Uri = text.parse().map_err(|_| InvalidUrl::Malformed)?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(InvalidUrl::Malformed);
    };
    if authority.as_str().contains('@') || text.contains(['?', '#']) {
        return Err(InvalidUrl::Parts);
    }
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let is_loopback = host == "localhost"
        || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
        || host.parse().is_ok_and(|address: Ipv6Addr| address.is_loopback());
    if scheme == "https" || scheme == "http" && is_loopback {
        Ok(text.trim_end_matches('/'))
    } else {
        Err(InvalidUrl::NotHttps)
    }
}

/// A URL that the bridge's secret must not be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidUrl {
    /// It is no absolute URL.
    #[error("expected a URL such as https://crm.example.com/vodia")]
    Malformed,
    /// It has a user, a query or a fragment.
    #[error("expected a URL without user, query and fragment")]
    Parts,
    /// It would send the secret over the network in clear text.
    #[error("expected https, or http to this machine")]
    NotHttps,
}
