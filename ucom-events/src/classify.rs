//! Outside and internal calls, event by event.

use crate::directory::Directory;
use crate::event::{CallFlow, EventKind, ExtensionEvent};
use crate::number::{is_withheld, user};

/// The order of tests that [`classify`] follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Policy {
    /// All of the vendor's pages.
    #[default]
    Default,
    /// Only the vendor's page of general recommendations, literally.
    StrictSeed,
}

/// The scope of an event: about an outside call or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// A party outside the PBX takes part.
    External,
    /// Both ends are the client's own.
    Internal,
    /// Forwarding between the client's extensions.
    InternalForward,
    /// A call out to one of the client's own numbers, or a feature code.
    Local,
    /// The far side's number is missing.
    Unknown,
}

impl Scope {
    /// Returns a stable name, such as `internal_forward`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::External => "external",
            Self::Internal => "internal",
            Self::InternalForward => "internal_forward",
            Self::Local => "local",
            Self::Unknown => "unknown",
        }
    }
}

/// The fact that decided a [`Scope`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// A transfer brought the leg of an outside number.
    RemoteNumber,
    /// Forwarded between two extensions.
    InternalForward,
    /// Caller and called number are the client's own.
    BothOurs,
    /// The caller is outside.
    OutsideCaller,
    /// A call out to one of the client's own numbers.
    ToExtension,
    /// The dialled number begins with `*` or `#`.
    FeatureCode,
    /// The called number is outside.
    OutsideCalled,
}

impl Reason {
    /// Returns a stable name, such as `remote_number`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::RemoteNumber => "remote_number",
            Self::InternalForward => "internal_forward",
            Self::BothOurs => "both_ours",
            Self::OutsideCaller => "outside_caller",
            Self::ToExtension => "to_extension",
            Self::FeatureCode => "feature_code",
            Self::OutsideCalled => "outside_called",
        }
    }
}

/// The scope of an event, its reason, and the outside party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Classified<'e> {
    /// The scope.
    pub scope: Scope,
    /// The outside number as sent; `None` if it is withheld or missing.
    pub party: Option<&'e str>,
    /// `true` if the far side hides its number.
    pub withheld: bool,
    /// The fact that decided; `None` for [`Scope::Unknown`].
    pub reason: Option<Reason>,
}

/// Classifies an event: outside, internal or forwarded, with the reason.
///
/// This looks at one event. For a log of calls, see [`Tracker`](crate::Tracker).
///
/// ```
/// use ucom_events::{Directory, Event, Policy, Scope, classify, parse_body};
///
/// let body = b"EventType=dial-in&CallID=c&CallerIDNum=%2B79215550142&CalledNumber=453*106";
/// let Event::Extension(event) = parse_body(body)? else { unreachable!() };
/// let classified = classify(&event, &Directory::new(), Policy::Default);
/// assert_eq!((classified.scope, classified.party), (Scope::External, Some("+79215550142")));
/// # Ok::<(), ucom_events::ParseError>(())
/// ```
#[must_use]
pub fn classify<'e>(
    event: &'e ExtensionEvent,
    directory: &Directory,
    policy: Policy,
) -> Classified<'e> {
    let is_default = policy == Policy::Default;
    let is_ours = |number: Option<&str>| number.is_some_and(|number| directory.is_ours(number));
    let (caller, called) = (present(event.caller()), present(event.called()));
    let decided = |scope, reason| Classified { scope, party: None, withheld: false, reason };
    // The strict policy treats words as numbers (D23).
    let external = |number: &'e str, reason| {
        let withheld = is_default && is_withheld(number);
        let party = (!withheld).then_some(number);
        Classified { scope: Scope::External, party, withheld, reason: Some(reason) }
    };

    if let Some(remote) = present(event.remote_number()) {
        if is_default && !directory.is_ours(remote) {
            return external(remote, Reason::RemoteNumber);
        }
    }
    // A forward to an outside number is logged, so the default policy looks at the called one (D2).
    let is_forward = event.transferred() == Some(true) && event.has_numeric_ids();
    if is_forward && (!is_default || is_ours(called)) {
        return decided(Scope::InternalForward, Some(Reason::InternalForward));
    }
    if is_ours(caller) && is_ours(called) {
        return decided(Scope::Internal, Some(Reason::BothOurs));
    }
    let flow = event.flow();
    let is_out = flow == Some(CallFlow::Out);
    // A queue offers a caller to its agents by a `dial-in` with flow out (D3).
    let is_offer = is_out && *event.kind() == EventKind::DialIn && is_ours(called);
    if is_default && is_out && !is_offer {
        if is_ours(called) {
            return decided(Scope::Local, Some(Reason::ToExtension));
        }
        if called.is_some_and(is_feature_code) {
            return decided(Scope::Local, Some(Reason::FeatureCode));
        }
    }
    let far = match flow {
        Some(CallFlow::In) => caller.map(|number| external(number, Reason::OutsideCaller)),
        Some(CallFlow::Out) if is_offer => {
            caller.map(|number| external(number, Reason::OutsideCaller))
        }
        Some(CallFlow::Out) => called.map(|number| external(number, Reason::OutsideCalled)),
        _ => None,
    };
    let is_hidden = is_default && flow == Some(CallFlow::In) && event.has_blank_caller();
    match far {
        Some(classified) => classified,
        None if is_hidden => {
            Classified { withheld: true, ..decided(Scope::External, Some(Reason::OutsideCaller)) }
        }
        None => decided(Scope::Unknown, None),
    }
}

// D8.
/// Returns the number unless it is blank or only a domain.
pub(crate) fn present(number: Option<&str>) -> Option<&str> {
    number.filter(|number| !user(number).is_empty())
}

// D24.
/// Returns whether a dialled number is a feature code of the PBX.
pub(crate) fn is_feature_code(number: &str) -> bool {
    number.starts_with(['*', '#'])
}
