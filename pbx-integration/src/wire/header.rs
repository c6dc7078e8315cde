//! SIP `From` and `To` headers.

use std::borrow::Cow;

use serde::Serialize;

/// The SIP `From` or `To` header of a call or leg, kept unchanged.
///
/// It is descriptive: derive billing from the trunk legs, never from headers.
///
/// ```
/// use pbx_integration::wire::SipHeader;
///
/// let header = SipHeader::new(r#""Alice Example" <sip:41@tenant1.example.com>"#);
/// let party = header.party().ok_or("not a header")?;
/// assert_eq!(party.display.as_deref(), Some("Alice Example"));
/// assert_eq!((party.scheme, party.host), (Some("sip"), Some("tenant1.example.com")));
/// assert_eq!(header.number().as_deref(), Some("41"));
/// assert!(SipHeader::new("<sip:anonymous@anonymous.invalid>").is_anonymous());
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct SipHeader(String);

/// The parts of a SIP header (RFC 3261, sections 20.10 and 25.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SipParty<'a> {
    /// The display name, without quotes and escapes; `None` if it is missing or empty.
    pub display: Option<Cow<'a, str>>,
    /// `sip`, `sips`, `tel` or another scheme, as written.
    pub scheme: Option<&'a str>,
    /// The user part as written, percent-escapes included; the number of a `tel` URI.
    pub user: Option<&'a str>,
    /// The host, with its port if it has one.
    pub host: Option<&'a str>,
    /// Parameters of the URI, in brackets.
    pub uri_parameters: Vec<(&'a str, Option<&'a str>)>,
    /// Parameters of the header, such as `tag`.
    pub parameters: Vec<(&'a str, Option<&'a str>)>,
}

impl SipHeader {
    /// Creates a header from its text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text as received.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns its parts; `None` if it cannot be parsed.
    #[must_use]
    pub fn party(&self) -> Option<SipParty<'_>> {
        SipParty::parse(&self.0)
    }

    /// Returns the number: the user part with its percent-escapes decoded; `None` for a withheld
    /// caller.
    #[must_use]
    pub fn number(&self) -> Option<Cow<'_, str>> {
        self.party()?.into_number()
    }

    /// Returns whether the caller withheld the number.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.party().is_some_and(|party| party.is_anonymous())
    }
}

impl From<&str> for SipHeader {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl<'a> SipParty<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let (display, rest) = match text.strip_prefix('"') {
            Some(quoted) => {
                let (name, rest) = unquote(quoted)?;
                let rest = rest.trim_start();
                // Some gateways leave the brackets out (P192).
                (Some(name), rest.strip_prefix('<').map_or((rest, false), |uri| (uri, true)))
            }
            None => match text.split_once('<') {
                Some((name, uri)) => (Some(Cow::Borrowed(name.trim())), (uri, true)),
                None => (None, (text, false)),
            },
        };
        let display = display.filter(|name| !name.is_empty());
        let (rest, in_brackets) = rest;
        let (uri, after) = if in_brackets {
            rest.split_once('>')?
        } else {
            // Without brackets, parameters belong to the header.
            rest.split_at(rest.find(';').unwrap_or(rest.len()))
        };
        let after = after.trim_start();
        if !after.is_empty() && !after.starts_with(';') {
            return None;
        }
        let parameters = parameters(after);
        let uri = uri.trim();
        let (scheme, rest) = match uri.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme, rest) => (Some(scheme), rest),
            _ => (None, uri),
        };
        // Headers of a URI follow a question mark.
        let address = rest.split('?').next().unwrap_or(rest);
        let (before_at, host) = match address.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, address),
        };
        let (host, uri_parameters) = host.split_at(host.find(';').unwrap_or(host.len()));
        let uri_parameters = self::parameters(uri_parameters);
        // A password may follow the user; the number of a tel URI, or one without a scheme, has no
        // host.
        let (user, host) = match before_at {
            Some(user) => (user.split_once(':').map_or(user, |(user, _)| user), host),
            None if scheme.is_none_or(|scheme| scheme.eq_ignore_ascii_case("tel")) => (host, ""),
            None => ("", host),
        };
        let is_word = |text: &str| {
            !text.contains(|letter: char| letter.is_whitespace() || "<>\"".contains(letter))
        };
        if (user.is_empty() && host.is_empty()) || !is_word(user) || !is_word(host) {
            return None;
        }
        let some = |text: &'a str| (!text.is_empty()).then_some(text);
        Some(Self {
            display,
            scheme,
            user: some(user),
            host: some(host),
            uri_parameters,
            parameters,
        })
    }

    /// Returns whether the caller withheld the number: the user or the host is a name such as
    /// `anonymous` or `anonymous.invalid`.
    // P34: RFC 3323, 3GPP TS 24.229, and aliases seen in bug reports.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.user.is_some_and(is_withheld)
            || self.host_name().is_some_and(|host| {
                ["anonymous.invalid", "unknown.invalid"]
                    .iter()
                    .any(|withheld| host.eq_ignore_ascii_case(withheld))
            })
    }

    /// Returns the number: the user part with its percent-escapes decoded; `None` for a withheld
    /// caller.
    #[must_use]
    pub fn number(&self) -> Option<Cow<'_, str>> {
        self.clone().into_number()
    }

    /// Returns the host without its port.
    pub(crate) fn host_name(&self) -> Option<&'a str> {
        let host = self.host?;
        // The colons of an IPv6 address are in brackets.
        let port = host
            .rfind(':')
            .filter(|colon| !host.get(*colon..).is_some_and(|rest| rest.contains(']')));
        host.get(..port.unwrap_or(host.len()))
    }

    fn into_number(self) -> Option<Cow<'a, str>> {
        if self.is_anonymous() {
            return None;
        }
        let user = self.user?;
        // Parameters may be in the user part.
        let user = user.split_once(';').map_or(user, |(user, _)| user);
        let number = percent_encoding::percent_decode_str(user).decode_utf8().ok()?;
        Some(number).filter(|number| !number.is_empty())
    }
}

/// Returns whether a number or a user means a withheld caller.
// P34
pub(crate) fn is_withheld(user: &str) -> bool {
    ["anonymous", "restricted", "unavailable", "private", "withheld", "unknown"]
        .iter()
        .any(|withheld| user.eq_ignore_ascii_case(withheld))
}

/// Returns whether the text before a colon is a scheme, not a user before a password or a host
/// before a port.
fn is_scheme(scheme: &str, rest: &str) -> bool {
    let known = ["sip", "sips", "tel"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let mut letters = scheme.bytes();
    let is_word = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic())
        && letters.all(|letter| letter.is_ascii_alphanumeric() || b"+-.".contains(&letter));
    let port = rest.split([';', '?']).next().unwrap_or(rest);
    let is_port = !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit());
    known || is_word && !is_port && !scheme.contains('.')
}

/// Returns the text up to the closing quote, and the text after it.
fn unquote(quoted: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut name = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => {
                let inside = quoted.get(..at)?;
                let name = if inside.contains('\\') { Cow::Owned(name) } else { inside.into() };
                return Some((name, quoted.get(at + 1..)?));
            }
            '\\' => name.push(letters.next()?.1),
            _ => name.push(letter),
        }
    }
    None
}

fn parameters(text: &str) -> Vec<(&str, Option<&str>)> {
    text.split(';')
        .map(str::trim)
        .filter(|parameter| !parameter.is_empty())
        .map(|parameter| match parameter.split_once('=') {
            Some((name, value)) => (name.trim(), Some(value.trim())),
            None => (parameter, None),
        })
        .collect()
}
