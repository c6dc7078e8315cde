//! IP addresses in `ipadr`.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Returns the address in a text such as `192.0.2.10`, `[2001:db8::1]`, `192.0.2.10:5060`,
/// `udp:10.0.0.1:5060`; `None` for anything else.
///
/// ```
/// use pbx_integration::wire::ip;
///
/// assert_eq!(ip("udp:10.0.0.1:5060"), "10.0.0.1".parse().ok());
/// assert_eq!(ip("2001:db8::1"), "2001:db8::1".parse().ok());
/// assert_eq!(ip("pbx.example.com"), None);
/// ```
#[must_use]
pub fn ip(text: &str) -> Option<IpAddr> {
    let host_and_port = |text: &str| {
        let bare = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
        let bracketed = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        let bracketed = bracketed.and_then(|text| text.parse::<Ipv6Addr>().ok()).map(IpAddr::V6);
        bracketed.or_else(bare)
    };
    if let Some(address) = text.parse().ok().or_else(|| host_and_port(text)) {
        return Some(address);
    }
    let (transport, rest) = text.split_once(':')?;
    let mut letters = transport.bytes();
    let is_transport = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic())
        && letters.all(|letter| letter.is_ascii_alphanumeric());
    // `transport:host:port`: the port is part of the form.
    is_transport.then(|| rest.parse::<SocketAddr>().ok().map(|address| address.ip()))?
}
