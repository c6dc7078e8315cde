//! A PBX to test against, in the process: it speaks the protocol, and goes wrong on demand.
//!
//! [`Pbx`] is a pure model. It keeps users, groups, memberships, terminals, the domain, channels,
//! waiting channels and parking slots; whatever is done to them comes out of each connection as
//! the messages of the protocol. It has no sockets and no clock: time passes when
//! [`Pbx::advance`] is called, and whatever is random comes from a seed.
//!
//! ```
//! use std::time::Duration;
//! use basix_cti_testing::{Ending, Handshake, Pbx, Sent};
//! use basix_cti::{GroupType, Parser, Store};
//!
//! let mut pbx = Pbx::new(1);
//! let anna = pbx.add_user("anna");
//! let sales = pbx.add_group("sales", GroupType::Ring);
//! pbx.join(sales, anna)?;
//!
//! // The program under test. Here it is a parser and a mirror.
//! let connection = pbx.open(&Handshake::new().with_token("example.test", "token"))?;
//! let (mut parser, mut store) = (Parser::new(), Store::new());
//! let mut follow = |pbx: &mut Pbx, store: &mut Store| -> Result<(), basix_cti::Error> {
//!     while let Some(Sent::Frame(frame)) = pbx.poll_frame(connection) {
//!         store.apply(&parser.parse(&frame)?)?;
//!     }
//!     Ok(())
//! };
//!
//! // A caller waits for the group, anna takes the call after four seconds, and parks it.
//! let caller = pbx.offer("0312345678", sales)?;
//! pbx.queue(&caller, sales)?;
//! let leg = pbx.ring(&caller, anna)?;
//! pbx.advance(Duration::from_secs(4));
//! pbx.pick_up(&leg)?;
//! pbx.park(&caller, Some(anna))?;
//! follow(&mut pbx, &mut store)?;
//! assert_eq!(store.waiting().parked().count(), 1);
//!
//! // Commands of the program do what they do at a PBX.
//! pbx.handle_text(connection, &format!(r#"{{"cmd":"hangup","uuid":"{caller}"}}"#));
//! follow(&mut pbx, &mut store)?;
//! assert_eq!(store.channels().count(), 0);
//!
//! // Everything that the mirror holds is what the PBX holds, field by field.
//! pbx.compare(&store)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What there is
//!
//! | for | here |
//! |---|---|
//! | lives of calls as a script | [`Pbx::offer`], [`dial`](Pbx::dial), [`queue`](Pbx::queue), [`ring`](Pbx::ring), [`pick_up`](Pbx::pick_up), [`park`](Pbx::park), [`transfer`](Pbx::transfer), [`hangup`](Pbx::hangup), … |
//! | lives of calls by chance | [`Traffic`] |
//! | credentials, `force`, `full_events`, the connection limit | [`Handshake`], [`Pbx::open`], [`Pbx::set_connection_limit`], [`Pbx::log_in`] |
//! | commands, and `call_user` over HTTP | [`Pbx::handle_text`], [`Pbx::commands`], [`Pbx::handle_http`] |
//! | forms of writing: what the vendor's JavaScript client reads, or all that is legal | [`WireForm`], [`Pbx::vary_wire_form`], [`Pbx::reorder_fields`] |
//! | where waiting and parked channels are listed: today's element, or the deprecated ones | [`Pbx::set_waiting_lists`] |
//! | records that the vendor's client loses | [`Pbx::set_odd_records`] |
//! | faults, on demand or by seed | [`Fault`], [`Pbx::inject`], [`Faults`], [`Pbx::set_faults`] |
//! | the truth | [`Pbx::compare`], [`Pbx::compare_for`], [`Pbx::compare_told`] |
//! | all of it over real sockets | `Server`, with the feature `sockets` |
//!
//! # Faults by seed
//!
//! A plan that a seed makes prints itself in one line, so a test that fails can say how to run it
//! alone:
//!
//! ```
//! use basix_cti_testing::{Faults, Pbx, Traffic};
//!
//! let seed = 17;
//! let mut pbx = Pbx::new(seed);
//! pbx.set_faults(Faults::from_seed(seed)); // cuts, garbage, silence, refusals, …
//! pbx.vary_wire_form();                    // another order of fields on each connection
//! let mut traffic = Traffic::new(seed);
//! traffic.step(&mut pbx);
//! println!("{}", pbx.faults());            // faults of seed 17: 0@0 …
//! ```
#![cfg_attr(
    feature = "sockets",
    doc = r#"
# Over sockets

```
# tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
use basix_cti_testing::{Fault, Faults, Pbx, Server};

let mut pbx = Pbx::new(1);
let anna = pbx.add_user("anna");
// The first connection is cut in the middle of its twentieth message.
pbx.set_faults(Faults::none().with(0, 19, Fault::CutMidMessage));
let server = Server::start(pbx).await?;

// Connect the program under test to `server.origin()`, domain `example.test`, token `token`.
println!("{}", server.url());

let caller = server.with(|pbx| pbx.offer("0312345678", anna))?; // sent out at once
assert!(server.look(|pbx| pbx.channel(&caller).is_some()));
server.stop().await;
# Ok::<(), Box<dyn std::error::Error>>(())
# })?;
# Ok::<(), Box<dyn std::error::Error>>(())
```
"#
)]
//!
//! # What the protocol leaves open
//!
//! Where the vendor is silent the model decides, and a test should not build on it: a login sees
//! the waiting and parked channels of everybody; a channel that comes into, or goes out of, the
//! sight of a login is told as `added` or `removed`; a user who is no administrator and asks for
//! `full_events` is refused with 403; the limit counts the connections of one login; the PBX
//! closes with code 1000; `timeout` of `park` has no effect.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod connection;
mod fault;
mod handshake;
mod pbx;
mod random;
mod record;
#[cfg(feature = "sockets")]
mod server;
mod told;
mod truth;
mod wire;

pub use connection::{ConnectionId, Sent};
pub use fault::{Fault, Faults};
pub use handshake::{Handshake, Refusal, SESSION_COOKIE, SESSION_HEADER};
pub use pbx::{
    Callee, Ending, HangupNotice, LoggedBridge, LoggedCall, LoggedLeg, LoggedPark, LoggedTransfer,
    Pbx, PbxError, ReceivedCommand, Traffic, WaitingLists,
};
pub use random::Random;
pub use record::{
    ModelChannel, ModelDomain, ModelGroup, ModelMember, ModelOtherInfo, ModelState, ModelTarget,
    ModelTerminal, ModelUser, ModelWaiting,
};
#[cfg(feature = "sockets")]
#[cfg_attr(docsrs, doc(cfg(feature = "sockets")))]
pub use server::Server;
pub use truth::Difference;
pub use wire::{RecordForm, TextForm, WireForm};
