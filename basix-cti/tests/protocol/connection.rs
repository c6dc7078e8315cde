//! A connection to an invented PBX: messages go in, what the crate makes of them comes out.

use basix_cti::element::BaseUrl;
use basix_cti::message::InfoEvent;
use basix_cti::{Change, Channel, Element, ElementKind, Error, Message, Parser, Store};
use basix_cti_testing::record;
use serde_json::{Value as Json, json};

use crate::expected::without_nulls;
use crate::wire::{Value, atom, list, string, tuple};

/// The fields of every element, in the order that the PBX usually announces.
pub(crate) const USUAL_FIELDS: [(&str, &[&str]); 9] = [
    ("channel", record::usual_fields(ElementKind::Channel)),
    ("channel_waiting", &["uuid", "state", "peer_number", "end_user"]),
    ("queued_channel", &["uuid", "state", "peer_number", "end_user"]),
    ("parked_channel", &["uuid", "state", "peer_number", "end_user"]),
    ("user", record::usual_fields(ElementKind::User)),
    ("group", record::usual_fields(ElementKind::Group)),
    ("group_member", &["id", "group_id", "user_id", "priority", "login_status", "role"]),
    ("terminal", &["id", "name", "assoc_user_id", "type", "user_agent", "registered"]),
    ("domain", &["id", "name", "label"]),
];

/// The fields of an element in their usual order.
pub(crate) fn usual_fields(element: &str) -> &'static [&'static str] {
    USUAL_FIELDS.iter().find(|(name, _)| *name == element).unwrap().1
}

/// `{field_spec, Element, [Name, …]}`.
pub(crate) fn field_spec(element: &str, names: &[&str]) -> Value {
    let names = names.iter().map(|name| atom(name));
    tuple([atom("field_spec"), string(element), list(names)])
}

/// `{info_event, Element, Record, Event}`.
pub(crate) fn info_event(element: &str, record: Value, event: &str) -> Value {
    tuple([atom("info_event"), string(element), record, atom(event)])
}

/// `{initial_info, Element, [Record, …]}`.
pub(crate) fn initial_info(element: &str, records: impl IntoIterator<Item = Value>) -> Value {
    tuple([atom("initial_info"), string(element), list(records)])
}

/// One connection, and the mirror that follows it.
pub(crate) struct Connection {
    pub(crate) parser: Parser,
    pub(crate) store: Store,
    pub(crate) base_url: Option<BaseUrl>,
}

impl Connection {
    /// A connection on which nothing was sent yet.
    pub(crate) fn new() -> Self {
        Self { parser: Parser::new(), store: Store::new(), base_url: None }
    }

    /// A connection on which the usual fields of every element were announced.
    pub(crate) fn with_usual_fields() -> Self {
        let mut connection = Self::new();
        for (element, names) in USUAL_FIELDS {
            connection.announce(element, names);
        }
        connection
    }

    /// Announces the fields of an element.
    #[track_caller]
    pub(crate) fn announce(&mut self, element: &str, names: &[&str]) {
        self.parser.parse(&field_spec(element, names).message()).unwrap();
    }

    // The printed form of a message, or of the refusal (B120).
    pub(crate) fn print(&mut self, message: &Value) -> Json {
        self.print_bytes(&message.message())
    }

    /// As [`print`](Self::print), from bytes.
    pub(crate) fn print_bytes(&mut self, message: &[u8]) -> Json {
        let printed = self.parser.parse(message).and_then(|message| {
            Ok(serde_json::to_string(&message.printed(self.base_url.as_ref())?).unwrap())
        });
        let text = printed.unwrap_or_else(|error| serde_json::to_string(&error).unwrap());
        without_nulls(serde_json::from_str(&text).unwrap())
    }

    /// The record of a printed `info_event` with these fields alone announced.
    #[track_caller]
    pub(crate) fn print_record(&mut self, element: &str, fields: &[(&str, Value)]) -> Json {
        let (names, values): (Vec<_>, Vec<_>) = fields.iter().cloned().unzip();
        self.announce(element, &names);
        let mut printed = self.print(&info_event(element, tuple(values), "updated"));
        assert_eq!(printed["kind"], "info_event", "{fields:?} gave {printed}");
        printed["data"].take()
    }

    /// Why a message is refused, be it when it is read or when its records are.
    #[track_caller]
    pub(crate) fn refusal(&mut self, message: &Value) -> Error {
        let bytes = message.message();
        let result = self.parser.parse(&bytes);
        match result.and_then(|message| message.printed(None).map(|printed| printed.to_string())) {
            Err(error) => error,
            Ok(printed) => panic!("{message:?} is not refused: {printed}"),
        }
    }

    /// Applies a message to the mirror and returns the changes.
    #[track_caller]
    pub(crate) fn apply(&mut self, message: &Value) -> Vec<Change> {
        let bytes = message.message();
        self.store.apply(&self.parser.parse(&bytes).unwrap()).unwrap().collect()
    }

    /// The changes, in words.
    #[track_caller]
    pub(crate) fn changes(&mut self, message: &Value) -> Vec<String> {
        self.apply(message).iter().map(ToString::to_string).collect()
    }

    /// The keys that the mirror holds of an element.
    pub(crate) fn keys(&self, element: &str) -> Vec<String> {
        self.store.table(basix_cti::ElementKind::from_name(element)).unwrap().keys()
    }
}

/// Prints one field of a channel.
#[track_caller]
pub(crate) fn printed_field(name: &str, value: Value) -> Json {
    Connection::new().print_record("channel", &[(name, value)])[name].take()
}

/// Looks at the channel with these fields, announced in this order.
#[track_caller]
pub(crate) fn with_channel<T>(fields: &[(&str, Value)], look: impl FnOnce(&Channel<'_>) -> T) -> T {
    with_element("channel", fields, |element| match element {
        Element::Channel(channel) => look(channel),
        other => panic!("a channel was sent, {other:?} was read"),
    })
}

/// Looks at the element with these fields, announced in this order.
#[track_caller]
pub(crate) fn with_element<T>(
    element: &str,
    fields: &[(&str, Value)],
    look: impl FnOnce(&Element<'_>) -> T,
) -> T {
    let (names, values): (Vec<_>, Vec<_>) = fields.iter().cloned().unzip();
    let mut connection = Connection::new();
    connection.announce(element, &names);
    let message = info_event(element, tuple(values), "updated").message();
    with_event(&mut connection.parser, &message, |event| look(&event.element()))
}

/// Looks at the event that a message is.
#[track_caller]
pub(crate) fn with_event<T>(
    parser: &mut Parser,
    message: &[u8],
    look: impl FnOnce(&InfoEvent<'_>) -> T,
) -> T {
    match parser.parse(message).unwrap() {
        Message::InfoEvent(event) => look(&event),
        other => panic!("an event was sent, {other:?} was read"),
    }
}

/// The printed form of a refusal of this class.
pub(crate) fn refused(class: &str) -> Json {
    json!({"kind": "error", "error": class})
}
