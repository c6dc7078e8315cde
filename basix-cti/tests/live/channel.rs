//! Channels in messages.

use basix_cti::bert::Encoder;
use basix_cti::{Channel, Element, Message, Parser};

/// Sends a channel through a parser.
pub(crate) fn channel(
    uuid: &str,
    calling_number: &str,
    last_event: &str,
    see: impl FnOnce(&Channel<'_>),
) {
    let (mut spec, mut event) = (Encoder::new(), Encoder::new());
    spec.tuple(3).atom("field_spec").string("channel").list(3);
    let spec = spec.atom("uuid").atom("calling_number").atom("last_event").finish().unwrap();
    event.tuple(4).atom("info_event").string("channel").tuple(3);
    event.binary(uuid).binary(calling_number).binary(last_event);
    let event = event.atom("updated").finish().unwrap();
    let mut parser = Parser::new();
    parser.parse(&spec).unwrap();
    let Ok(Message::InfoEvent(event)) = parser.parse(&event) else { panic!("no event") };
    let Element::Channel(channel) = event.element() else { panic!("no channel") };
    see(&channel);
}
