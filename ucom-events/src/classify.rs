//! Outside calls told from internal ones, and why (§7).

use std::fmt;

use serde::Serialize;

use crate::event::{CallFlow, EventKind, ExtensionEvent};
use crate::extension::{Directory, ExtensionAddress, ExtensionNumber};

/// What an event is for an integration that logs outside calls.
///
/// ```
/// use ucom_events::{Event, Policy, Rule, Scope, classify, parse_body};
///
/// let body = b"EventType=dial-in&CallID=c5&CallerIDNum=%2B79215550142&CalledNumber=453*106";
/// let Event::Extension(event) = parse_body(body)? else { unreachable!() };
/// match classify(&event, &Policy::default(), None) {
///     Scope::External { party } => assert_eq!(party.number(), "+79215550142"),
///     other => println!("left out: {}", other.reason()),
/// }
/// # assert_eq!(classify(&event, &Policy::default(), None).rule(), Some(Rule::R26));
/// # Ok::<(), ucom_events::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scope<'a> {
    /// A call with somebody outside the PBX.
    External {
        /// The one outside.
        party: Party<'a>,
    },
    /// Between extensions (R26).
    Internal,
    /// An extension forwards a call to another one (R27).
    InternalForward,
    /// An extension calls another one (V5).
    Local,
    /// The number of the far side is not there: keep the event and decide otherwise.
    Unknown,
}

impl Scope<'_> {
    /// A short name that stays the same from version to version.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::External { .. } => "external",
            Self::Internal => "internal",
            Self::InternalForward => "internal_forward",
            Self::Local => "local",
            Self::Unknown => "unknown",
        }
    }

    /// The rule that has decided (D20); none has if the scope is unknown.
    #[must_use]
    pub const fn rule(&self) -> Option<Rule> {
        match self {
            Self::External { party } => Some(party.rule()),
            Self::Internal => Some(Rule::R26),
            Self::InternalForward => Some(Rule::R27),
            Self::Local => Some(Rule::V5),
            Self::Unknown => None,
        }
    }

    /// Why, in words for people.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::External { party } => match party.source {
                PartySource::RemoteNumber => "V15: the outside number behind a transferred leg",
                PartySource::Caller => "R26: not both numbers are extensions, and the call came in",
                PartySource::Called => "V6: not both numbers are extensions, and the call went out",
            },
            Self::Internal => "R26: caller and called are both extensions",
            Self::InternalForward => "R27: an extension forwards to another extension",
            Self::Local => "V5: an extension calls another extension",
            Self::Unknown => "no number of the far side",
        }
    }

    /// Whether this is an outside call.
    #[must_use]
    pub const fn is_external(&self) -> bool {
        matches!(self, Self::External { .. })
    }
}

impl fmt::Display for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// The one outside: a number as sent, domain included (D8), and where it stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Party<'a> {
    number: &'a str,
    source: PartySource,
}

impl<'a> Party<'a> {
    pub(crate) const fn new(number: &'a str, source: PartySource) -> Self {
        Self { number, source }
    }

    /// The number, as sent.
    #[must_use]
    pub const fn number(self) -> &'a str {
        self.number
    }

    /// The field that it stood in.
    #[must_use]
    pub const fn source(self) -> PartySource {
        self.source
    }

    /// The rule that chose it.
    const fn rule(self) -> Rule {
        match self.source {
            PartySource::RemoteNumber => Rule::V15,
            PartySource::Caller => Rule::R26,
            PartySource::Called => Rule::V6,
        }
    }
}

impl AsRef<str> for Party<'_> {
    fn as_ref(&self) -> &str {
        self.number
    }
}

impl fmt::Display for Party<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.number)
    }
}

/// The field that holds the number of the one outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PartySource {
    /// `RemoteNumber`.
    RemoteNumber,
    /// `CallerIDNum`.
    Caller,
    /// `CalledNumber`.
    Called,
}

/// A rule of the vendor that decides a scope: R of the recommendations, V of the other pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub enum Rule {
    /// A `RemoteNumber` outside the PBX stands for the caller.
    V15,
    /// Transferred, and both ids are numbers: internal forwarding.
    R27,
    /// Caller and called are both extensions: internal.
    R26,
    /// A call out to an extension is local.
    V5,
    /// A call out to a number that is no extension is logged.
    V6,
}

impl Rule {
    /// The rule's number.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V15 => "V15",
            Self::R27 => "R27",
            Self::R26 => "R26",
            Self::V5 => "V5",
            Self::V6 => "V6",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Which rules decide.
///
/// The default follows all pages of the vendor; [`strict_seed`](Self::strict_seed) follows the page
/// *General recommendations and rules* alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    remote_number: bool,
    forward_needs_extension: bool,
    local: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self { remote_number: true, forward_needs_extension: true, local: true }
    }
}

impl Policy {
    /// R26 and R27 as the vendor's page prints them, and nothing else: a leg that a transfer brought
    /// is internal (C13), and a call out to an extension is not unless the caller is one too.
    #[must_use]
    pub const fn strict_seed() -> Self {
        Self { remote_number: false, forward_needs_extension: false, local: false }
    }

    /// The same, with `RemoteNumber` taken for the caller's number (V15) or not.
    #[must_use]
    pub const fn with_remote_number(mut self, honoured: bool) -> Self {
        self.remote_number = honoured;
        self
    }

    /// The same, with calls out to an extension left out (V5) or not.
    #[must_use]
    pub const fn with_local(mut self, left_out: bool) -> Self {
        self.local = left_out;
        self
    }
}

/// Tells whether an event is about an outside call, and why.
///
/// With a directory, a short number that it knows counts as an extension, whatever its length (D7):
/// a PBX may show its own callers that way (§2.1).
#[must_use]
pub fn classify<'e>(
    event: &'e ExtensionEvent,
    policy: &Policy,
    directory: Option<&dyn Directory>,
) -> Scope<'e> {
    Facts {
        kind: event.kind(),
        flow: event.flow(),
        caller: event.caller(),
        called: event.called(),
        remote_number: event.remote_number(),
        is_forward: event.transferred() == Some(true) && event.has_numeric_ids(),
    }
    .scope(policy, directory)
}

/// What decides a scope, of one event or of a leg.
pub(crate) struct Facts<'a> {
    pub(crate) kind: &'a EventKind,
    pub(crate) flow: Option<CallFlow>,
    pub(crate) caller: Option<&'a str>,
    pub(crate) called: Option<&'a str>,
    pub(crate) remote_number: Option<&'a str>,
    /// Transferred, with numeric ids of both extensions (R27).
    pub(crate) is_forward: bool,
}

impl<'a> Facts<'a> {
    /// The steps of §7, in their order.
    pub(crate) fn scope(&self, policy: &Policy, directory: Option<&dyn Directory>) -> Scope<'a> {
        let is_extension = |number: Option<&str>| {
            number.is_some_and(|number| {
                let user = ExtensionAddress::new(number).user();
                ExtensionNumber::is_valid(user.as_bytes())
                    || directory.is_some_and(|directory| directory.contains(user))
            })
        };
        // A number that is only `@domain` is absent (D8).
        let present = |number: Option<&'a str>| {
            number.filter(|number| !ExtensionAddress::new(number).user().is_empty())
        };
        let (caller, called) = (present(self.caller), present(self.called));
        let external = |number, source| Scope::External { party: Party::new(number, source) };

        if let Some(remote) = present(self.remote_number) {
            if policy.remote_number && !is_extension(Some(remote)) {
                return external(remote, PartySource::RemoteNumber);
            }
        }
        // A forward to a number outside is logged (V6, D2).
        if self.is_forward && (!policy.forward_needs_extension || is_extension(called)) {
            return Scope::InternalForward;
        }
        if is_extension(caller) && is_extension(called) {
            return Scope::Internal;
        }
        // A queue offers a caller to its agents by `dial-in` with flow out (D3).
        let is_out = self.flow == Some(CallFlow::Out);
        if policy.local && is_out && *self.kind != EventKind::DialIn && is_extension(called) {
            return Scope::Local;
        }
        let party = match &self.flow {
            Some(CallFlow::In) => caller.map(|number| external(number, PartySource::Caller)),
            Some(CallFlow::Out) => called.map(|number| external(number, PartySource::Called)),
            _ => None,
        };
        party.unwrap_or(Scope::Unknown)
    }
}
