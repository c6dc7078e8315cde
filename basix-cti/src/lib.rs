//! Follow a Basix PBX over its CTI websocket: a fast, safe decoder of the Erlang terms it sends,
//! typed messages, and a mirror of the PBX that stays current.
//!
//! ```
//! use basix_cti::{Element, Message, Parser, Store};
//!
//! # use basix_cti::{GroupId, Timestamp, bert::Encoder};
//! # let (group_id, now) = (GroupId(10001111), Timestamp::from_micros(5_000_000));
//! # let spec = |element: &str| Encoder::new().tuple(3).atom("field_spec").string(element)
//! #     .list(3).atom("uuid").atom("calling_number").atom("state").finish().unwrap();
//! # let event = |element: &str| Encoder::new().tuple(4).atom("info_event").string(element).tuple(3)
//! #     .binary("8ec56efc").binary("09056161879")
//! #     .tuple(5).integer(2_000_000).atom("calling").atom("int").atom("group")
//! #     .tuple(2).atom("ring").integer(10001111)
//! #     .atom("added").finish().unwrap();
//! # let frames = ["channel", "channel_waiting"].into_iter().flat_map(|it| [spec(it), event(it)]);
//! let mut parser = Parser::new(); // one per connection
//! let mut store = Store::new();
//!
//! for frame in frames {
//!     let message = parser.parse(&frame)?; // borrows the frame, allocates nothing
//!     if let Message::InfoEvent(event) = &message {
//!         if let Element::Channel(channel) = event.element() {
//!             println!("{} {} {:?}", channel.uuid(), channel.calling_number(), channel.state());
//!         }
//!     }
//!     for change in store.apply(&message)? { // keeps the bytes, decodes on access
//!         println!("{change}");
//!     }
//! }
//! for caller in store.waiting().in_group(group_id) { // once, whatever table lists it
//!     println!("{} waits for {:?}", caller.number(), caller.waiting_for(now));
//! #   assert_eq!(caller.waiting_for(now).unwrap().as_secs(), 3);
//! }
//! # assert_eq!(store.waiting().in_group(group_id).count(), 1);
//! # Ok::<(), basix_cti::Error>(())
//! ```
//!
//! With a socket, it takes care of connecting again, and says when the store can be trusted:
//!
//! ```no_run
//! use basix_cti::{Client, Endpoint, Event};
//!
//! # async fn follow(token: String) -> Result<(), Box<dyn std::error::Error>> {
//! let endpoint = Endpoint::new("pbx.example.net", "my-domain", token).app_name("wallboard").full_events();
//! let mut client = Client::connect(endpoint).await?;
//! while let Some(event) = client.next().await {
//!     match event {
//!         Event::Changed(change) => println!("{change}"),
//!         Event::Stale | Event::Lagged { .. } => println!("not current"),
//!         Event::Resynced => println!("{} channels", client.store().channels().count()),
//!         _ => {}
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Scope
//!
//! In: every message that the PBX sends, at any size, from bytes to meaning ([`Parser`],
//! [`Message`], [`Element`]); what is there now ([`Store`]), and whether that can be trusted
//! ([`Session`]); what an application asks of the PBX ([`Command`]); any other Erlang term, both
//! ways ([`bert`]).
//!
//! Not in the default features: sockets, timers and threads. There, nothing opens a connection,
//! reads a clock or starts a runtime; bytes and the time go in and values come out. [`Client`] adds
//! the rest, on tokio; a [`Session`] can be driven by any other runtime. The names of the protocol's rules, such as B30, are
//! those of `PROTOCOL.md` in this crate; the vendor's own reference is its
//! JavaScript client `basix_ws_cti.js`, version 1.4.0.
//!
//! # The way of a message
//!
//! | step | here |
//! |---|---|
//! | bytes to a checked term | [`bert`] |
//! | a tuple seen by the names of its fields | [`Record`], [`Schema`] |
//! | a record with its meaning | [`Element`], [`Channel`], [`User`], … |
//! | what the PBX says about it | [`Message`], [`Parser`] |
//! | what exists now, and what has changed | [`Store`], [`Change`] |
//! | the legs that belong together, as one record for each call | [`Calls`], [`Call`] |
//! | connections one after the other, and whether the store is current | [`Session`], [`Event`] |
//! | sockets and timers, on tokio | [`Client`], [`Handle`] |
//!
//! And the other way:
//!
//! | step | here |
//! |---|---|
//! | where the PBX is, and who asks | [`Endpoint`] |
//! | what an application asks of it | [`Command`] |
//! | a supervisor's own leg, to listen through | [`HelperLeg`], [`CallUser`] |
//! | when to connect again | [`Reconnect`] |
//! | what came, kept in a file | [`Recorder`], [`Recording`] |
//!
//! # What can be relied on
//!
//! - No message panics, aborts, or takes stack in proportion to its nesting; memory is bounded by
//!   the size of the message and by [`Limits`](bert::Limits) and [`StoreLimits`].
//! - A refused message tells why and at which byte ([`Error`]), and changes nothing.
//! - Nothing is lost: fields, elements, words and values that this version does not know stay
//!   readable through [`Record`] and the `Unknown` variants.
//! - After [`Event::Resynced`] the store has what the PBX has, until [`Event::Stale`]. Applying every
//!   [`Event::Changed`] always gives the store, unless [`Event::Lagged`] says that some were missed.
//! - Tokens and sessions are in no URL, error, log or `Debug`.
//! - Errors hold nothing of the message. `Debug` and `Display` of data show the data.
//!
//! # Coming from the vendor's JavaScript client
//!
//! | JavaScript | here |
//! |---|---|
//! | callback `initial_info` | [`Message::InitialInfo`], [`InitialInfo::elements`] |
//! | callback `info_event` | [`Message::InfoEvent`], [`InfoEvent::element`], [`InfoEvent::event_name`] |
//! | callback `system_msg` | [`Message::SystemMsg`], [`Payload::system_message`] |
//! | option `base_url` | [`BaseUrl`], [`User::avatar_url`], [`Message::printed`] |
//! | the objects that callbacks get | [`Message::printed`] and [`Record::printed`], as JSON |
//! | store of channels, users, groups, … | [`Store::channels`], [`Store::users`], [`Store::groups`], [`Store::table`] |
//! | store of the domain: a map, later a record | [`Store::domain`], always one record |
//! | getter of waiting channels, which finds nothing | [`Store::waiting`] |
//! | element, event and message names only as strings | atoms, binaries and strings alike |
//! | text above ASCII garbled except in `label` | UTF-8, or Latin-1 if it is not |
//! | integers beyond 2^53 rounded, some negative ones positive | exact |
//! | UTF-8 atoms, 8-byte floats and large tuples refused | read |
//! | cut messages taken as whole | refused |
//! | exceptions out of the message handler | [`Error`] values, or the raw value |
//! | one parser for the process | one [`Parser`] for each connection |
//! | channels emptied on disconnect, waiting ones not | [`Store::disconnect`], [`Event::Disconnected`] |
//! | two timers for reconnecting, two sockets | [`Session`]: one |
//! | messages out of order in browsers | in the order of arrival |
//! | commands dropped without a connection | [`CommandError::NotConnected`] |
//! | a helper leg pending for ever after a failed `call_user` | [`HelperLeg`], with a deadline |
//! | every message on the console | with `tracing`, what happens to the connection |
//!
//! # Crate features
//!
//! None is on by default.
//!
//! - `inflate`: `bert::inflate` reads terms that Erlang wrote compressed. A CTI message is
//!   never compressed.
//! - `eetf`: conversion between [`bert::Term`] and the terms of the `eetf` crate.
//! - `ring`, `aws-lc-rs`: [`Client`], on tokio and tokio-tungstenite, with TLS by rustls and this
//!   crypto provider. If both are on, `ring` is used.
//! - `client`: [`Client`] without a crypto provider, for programs that bring their own.
//! - `testing`: [`testing`], a PBX in the process to test against; with `client` also over sockets.
//! - `tracing`: what happens to the connection, as `tracing` events without call data and tokens.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod bert;
mod call_user;
pub mod calls;
#[cfg(feature = "client")]
#[cfg_attr(docsrs, doc(cfg(feature = "client")))]
pub mod client;
mod clock_offset;
mod command;
mod element;
pub mod endpoint;
mod error;
#[cfg(test)]
mod growth;
mod helper_leg;
mod message;
mod open_enum;
mod percent;
mod printed;
mod random;
pub mod reconnect;
mod record;
mod recording;
mod session;
mod store;

pub use call_user::{CallUser, CallUserAnswer, CallUserError};
pub use calls::{Call, Calls};
#[cfg(feature = "client")]
#[cfg_attr(docsrs, doc(cfg(feature = "client")))]
pub use client::{Client, ClientBuilder, Handle};
pub use clock_offset::ClockOffset;
pub use command::{Command, Eavesdrop, EavesdropVia, HangUp, Park, Transfer};
pub use element::{
    BaseUrl, CallTarget, Calling, Channel, ChannelUuid, Direction, Domain, Element, EndUser,
    EndUsers, Group, GroupId, GroupMember, GroupType, Hangup, HangupCause, HangupMethod,
    HangupSide, LastEvent, Origination, OtherInfo, Party, PeerLocation, Scalar, State, StateKind,
    Tags, Target, TargetLocation, TargetType, Terminal, Timestamp, TypedElement, User, UserId,
    WaitingChannel,
};
pub use endpoint::{Endpoint, EndpointError};
pub use error::{Error, ErrorClass, ShapeError};
pub use helper_leg::{EavesdropError, HelperLeg, HelperLegOutput, HelperLegState};
pub use message::{
    FieldSpec, InfoEvent, InitialInfo, Message, Parser, Payload, Records, SystemMessage,
};
pub use printed::{Printed, PrintedRecord};
pub use reconnect::Reconnect;
pub use record::{ElementKind, EventName, OwnedRecord, Record, Schema};
pub use recording::{Recorded, RecordedEvent, Recorder, Recording, RecordingError, Replay};
pub use session::{
    CommandError, CommandId, CommandOutcome, ConnectError, DisconnectReason, Disconnected, Event,
    Notice, Refused, Session, SessionOptions, Transmit, Unchanged,
};
pub use store::{
    Change, ChangeKind, Changes, Channels, Legs, Origin, ParkPlace, RingingLeg, Store, StoreLimits,
    Table, Waiting, WaitingCaller, WaitingKind,
};

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
