//! From a request to an event.

use http::{Method, Uri};

use crate::ParseError;
use crate::event::Event;
use crate::event::agent::{AGENT, AgentEvent};
use crate::event::extension::{CALL, ExtensionEvent};
use crate::event::family::Pairs;
use crate::event::phone_status::{PHONE, PhoneStatusEvent};
use crate::form::{Fields, Limits};

/// Parses the event in the body of a `POST`, within the default [`Limits`].
///
/// # Errors
///
/// [`ParseError`]: too large, not an event, or a required field is missing.
///
/// ```
/// use ucom_events::{Event, event::EventKind, parse_body};
///
/// let body = b"EventType=dial-in&CallID=c4&SubCallID=s4&CallerNum=453%2A106&CalledNum=453%2A107";
/// let Event::Extension(event) = parse_body(body)? else { unreachable!() };
/// assert_eq!(event.kind(), &EventKind::DialIn);
/// assert_eq!((event.caller(), event.called()), (Some("453*106"), Some("453*107")));
/// # Ok::<(), ucom_events::ParseError>(())
/// ```
pub fn parse_body(body: impl AsRef<[u8]>) -> Result<Event, ParseError> {
    parse_with_limits(body, &Limits::default())
}

/// Parses the event in the query string of a `GET`, without its question mark.
///
/// Pairs of the subscription's own URL are unknown fields.
///
/// # Errors
///
/// As [`parse_body`].
pub fn parse_query(query: impl AsRef<[u8]>) -> Result<Event, ParseError> {
    parse_with_limits(query, &Limits::default())
}

/// Parses the event in a request: the query of a `GET`, the body of any other method.
///
/// # Errors
///
/// As [`parse_body`].
pub fn parse_request(method: &Method, uri: &Uri, body: &[u8]) -> Result<Event, ParseError> {
    if method == Method::GET {
        parse_query(uri.query().unwrap_or_default())
    } else {
        parse_body(body)
    }
}

/// Parses the event in a query string or body, within other limits.
///
/// # Errors
///
/// As [`parse_body`].
pub fn parse_with_limits(form: impl AsRef<[u8]>, limits: &Limits) -> Result<Event, ParseError> {
    Event::try_from(Fields::parse(form.as_ref(), limits)?)
}

impl TryFrom<Fields> for Event {
    type Error = ParseError;

    // `EventType` wins, then agents, then phone status (D13).
    fn try_from(fields: Fields) -> Result<Self, ParseError> {
        let pairs = Pairs::find(&CALL, &fields);
        if ExtensionEvent::is_marked(&pairs) {
            return ExtensionEvent::read(fields, &pairs).map(Self::Extension);
        }
        let pairs = Pairs::find(&AGENT, &fields);
        if AgentEvent::is_marked(&pairs) {
            return Ok(Self::Agent(AgentEvent::read(fields, &pairs)));
        }
        let pairs = Pairs::find(&PHONE, &fields);
        if PhoneStatusEvent::is_marked(&fields, &pairs) {
            return Ok(Self::PhoneStatus(PhoneStatusEvent::read(fields, &pairs)));
        }
        Err(ParseError::NotAnEvent)
    }
}
