//! The client of `basix-cti` over loopback sockets, beside the parts it is made of (a bare read loop
//! of tokio-tungstenite, the typed decoding, and the store) and beside the same parts in one loop by
//! hand.
//!
//! The sender is a thread that writes websocket frames made beforehand as fast as the socket takes
//! them. What reads runs on one thread, whose processor time counts.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use basix_cti::session::SessionOptions;
use basix_cti::{Client, Element, Endpoint, Event, Message, Parser, Store};
use futures_util::StreamExt;
use tokio::runtime::{Builder, Runtime};
use tokio_tungstenite::tungstenite;

use crate::corpus::{Corpus, Session};
use crate::measure::processor_time;

/// Events that every part reads in a round.
const ROUND: usize = 200_000;
/// Events of the run that watches memory.
const LONG: usize = 5_000_000;
/// Clients that follow a PBX each, at the same time, and the channels of each PBX.
const CLIENTS: usize = 200;
const FEW: usize = 500;

/// Messages of a sender: the beginning of a session, and its events as one piece, repeated.
struct Script {
    start: Vec<u8>,
    /// The websocket frames of the events.
    events: Vec<u8>,
    /// End of each event.
    ends: Vec<usize>,
}

impl Script {
    fn new(session: &Session) -> Self {
        let mut start = Vec::new();
        for frame in session.field_specs.iter().chain(&session.snapshot) {
            push_frame(&mut start, frame);
        }
        let (mut events, mut ends) = (Vec::new(), Vec::new());
        for frame in session.events.iter() {
            push_frame(&mut events, frame);
            ends.push(events.len());
        }
        Self { start, events, ends }
    }

    /// Sends the start and then `events` events.
    fn send(&self, stream: &mut TcpStream, mut events: usize) -> std::io::Result<()> {
        stream.write_all(&self.start)?;
        while events > 0 {
            let turn = events.min(self.ends.len());
            stream.write_all(&self.events[..self.ends[turn - 1]])?;
            events -= turn;
        }
        Ok(())
    }
}

/// Adds a message as the server's websocket frame.
fn push_frame(out: &mut Vec<u8>, message: &[u8]) {
    out.push(0x82);
    match (u8::try_from(message.len()), u16::try_from(message.len())) {
        (Ok(len @ ..=125), _) => out.push(len),
        (_, Ok(len)) => {
            out.push(126);
            out.extend(len.to_be_bytes());
        }
        _ => {
            out.push(127);
            out.extend((message.len() as u64).to_be_bytes());
        }
    }
    out.extend(message);
}

/// A PBX that opens `connections` websockets and sends `events` events on each.
fn sender(script: &Arc<Script>, connections: usize, events: usize) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let script = Arc::clone(script);
    let each = move |stream: TcpStream| {
        let mut socket = tungstenite::accept(stream).expect("a handshake");
        script.send(socket.get_mut(), events).expect("a client that reads");
        // Until the client has read it all and says goodbye.
        while socket.read().is_ok() {}
    };
    let accept = move || {
        let senders: Vec<JoinHandle<()>> = (0..connections)
            .map(|_| {
                let (stream, _) = listener.accept().expect("a client");
                let each = each.clone();
                std::thread::spawn(move || each(stream))
            })
            .collect();
        senders.into_iter().for_each(|sender| sender.join().expect("no panic"));
    };
    (address, std::thread::spawn(accept))
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Processor time of a read loop that passes each message to `each`; the `start` messages before the
/// events do not count.
fn read_loop(
    script: &Arc<Script>,
    start: usize,
    events: usize,
    mut each: impl FnMut(tungstenite::Message),
) -> Duration {
    let (address, sender) = sender(script, 1, events);
    let time = runtime().block_on(async {
        let stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
        let url = format!("ws://{address}/");
        let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.expect("a socket");
        for _ in 0..start {
            each(socket.next().await.expect("a message").expect("a message"));
        }
        let before = processor_time();
        for _ in 0..events {
            each(socket.next().await.expect("a message").expect("a message"));
        }
        let time = processor_time() - before;
        socket.close(None).await.expect("a goodbye");
        time
    });
    sender.join().expect("no panic");
    time
}

/// Processor time of a bare read loop.
fn bare(script: &Arc<Script>, start: usize, events: usize) -> Duration {
    read_loop(script, start, events, |message| {
        black_box(message);
    })
}

/// Processor time of the parts in one loop: read, decode, apply. Without reconnecting, a queue
/// of events, commands and currency, this is the least that a program does.
fn by_hand(script: &Arc<Script>, start: usize, events: usize) -> Duration {
    let (mut parser, mut store) = (Parser::new(), Store::new());
    read_loop(script, start, events, |message| {
        let frame = message.into_data();
        let message = parser.parse(&frame).expect("a message");
        for change in store.apply(&message).expect("an event") {
            black_box(&change);
        }
    })
}

/// A client whose store is current, and how many events it has seen or missed by then.
async fn connect(address: SocketAddr) -> (Client, u64) {
    let endpoint = Endpoint::new(format!("ws://{address}"), "domain", "token");
    // Every element is announced before the first list, so nothing has to settle; the changes of the
    // lists fit.
    let mut options = SessionOptions::default();
    (options.settle, options.events) = (Duration::ZERO, 1 << 16);
    let client = Client::builder().session(options).connect(endpoint).await;
    let mut client = client.expect("a connection");
    let mut early = 0;
    loop {
        match client.next().await.expect("an event") {
            Event::Resynced => return (client, early),
            // The snapshot and its announcements were missed with the events.
            Event::Lagged { missed, .. } => early += missed,
            _ => {}
        }
    }
}

/// Takes `events` events, of which `early` were taken already. Returns the number of missed ones.
/// Calls `each_million` after every million.
async fn follow(
    client: &mut Client,
    early: u64,
    events: usize,
    mut each_million: impl FnMut(),
) -> u64 {
    let (mut seen, mut missed) = (early, early);
    while seen < events as u64 {
        let before = seen / 1_000_000;
        match client.next().await.expect("an event") {
            Event::Changed(change) => {
                black_box(&change);
                seen += 1;
            }
            Event::Lagged { missed: more, .. } => {
                missed += more;
                seen += more;
            }
            _ => {}
        }
        if seen / 1_000_000 > before {
            each_million();
        }
    }
    missed
}

/// Processor time of the client for `events` events, and the number that it missed.
fn client(script: &Arc<Script>, events: usize, each_million: impl FnMut()) -> (Duration, u64) {
    let (address, sender) = sender(script, 1, events);
    let result = runtime().block_on(async {
        let (mut client, early) = connect(address).await;
        let before = processor_time();
        let missed = follow(&mut client, early, events, each_million).await;
        let time = processor_time() - before;
        client.close().await;
        (time, missed)
    });
    sender.join().expect("no panic");
    result
}

/// A parser that knows the field specs, and a store that holds the snapshot.
fn ready(session: &Session) -> (Parser, Store) {
    let (mut parser, mut store) = (Parser::new(), Store::new());
    for frame in session.field_specs.iter().chain(&session.snapshot) {
        store.apply(&parser.parse(frame).expect("a message")).expect("a message");
    }
    (parser, store)
}

/// Processor time of the typed decoding of `events` events.
fn decode(session: &Session, events: usize) -> Duration {
    let (mut parser, _) = ready(session);
    let before = processor_time();
    for at in 0..events {
        let frame = session.events.get(at % session.events.len());
        let message = parser.parse(black_box(frame)).expect("a message");
        let Message::InfoEvent(event) = &message else { continue };
        if let Element::Channel(channel) = event.element() {
            black_box(channel);
        }
    }
    processor_time() - before
}

/// Processor time of the store for `events` decoded events.
fn apply(session: &Session, events: usize) -> Duration {
    const TURN: usize = 500;
    let (parser, mut store) = ready(session);
    // One per message that is held at a time: a message borrows its parser.
    let mut parsers = vec![parser; TURN];
    let frames: Vec<&[u8]> = session.events.iter().collect();
    let mut time = Duration::ZERO;
    let mut left = events;
    while left > 0 {
        for frames in frames.chunks(TURN) {
            let frames = &frames[..frames.len().min(left)];
            left -= frames.len();
            let messages: Vec<Message<'_>> = parsers
                .iter_mut()
                .zip(frames)
                .map(|(parser, frame)| parser.parse(frame).expect("a message"))
                .collect();
            let before = processor_time();
            for message in &messages {
                for change in store.apply(black_box(message)).expect("an event") {
                    black_box(&change);
                }
            }
            time += processor_time() - before;
        }
    }
    time
}

/// Bytes of memory that this process holds.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0_usize);
    pages * rustix::param::page_size()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Measures, and gives the report as Markdown.
#[must_use]
pub fn report(rounds: usize) -> String {
    let corpus = Corpus::new();
    let session = &corpus.latin1;
    let script = Arc::new(Script::new(session));
    let start = session.field_specs.len() + session.snapshot.len();
    let each = |time: Duration| time.as_secs_f64() * 1e9 / ROUND as f64;
    let mut rows: [Vec<f64>; 7] = Default::default();
    let mut missed = 0;
    for _ in 0..rounds {
        let parts = [
            each(bare(&script, start, ROUND)),
            each(decode(session, ROUND)),
            each(apply(session, ROUND)),
        ];
        let (time, more) = client(&script, ROUND, || {});
        missed += more;
        let loop_time = each(by_hand(&script, start, ROUND));
        let ratios = [each(time) / loop_time, each(time) / parts.iter().sum::<f64>()];
        let values = parts.into_iter().chain([loop_time, each(time)]).chain(ratios);
        for (row, value) in rows.iter_mut().zip(values) {
            row.push(value);
        }
    }
    let [bare, decode, apply, loop_time, client_time, to_loop, to_sum] = rows.map(median);
    let mut page = String::new();
    let _ = writeln!(page, "| part | ns an event |\n|---|---|");
    for (name, value) in [
        ("bare read loop of tokio-tungstenite", bare),
        ("typed decoding", decode),
        ("store", apply),
        ("sum of the three", bare + decode + apply),
        ("the three in one loop, by hand", loop_time),
        ("`Client`, from the socket to the program", client_time),
    ] {
        let _ = writeln!(page, "| {name} | {value:.0} |");
    }
    let _ = writeln!(
        page,
        "\nClient to the loop by hand: {to_loop:.2} (aim: at most 1.15); to the sum of parts measured \
         apart, each with the caches to itself: {to_sum:.2}; {missed} of {} events missed.\n",
        rounds * ROUND
    );
    memory(&script, &mut page);
    crowd(&mut page);
    page
}

/// Follows five million events and reports the memory of the process meanwhile.
fn memory(script: &Arc<Script>, page: &mut String) {
    let mut held = Vec::new();
    let (_, missed) = client(script, LONG, || held.push(resident() as f64 / 1e6));
    let held: Vec<String> = held.iter().map(|held| format!("{held:.0}")).collect();
    let _ = writeln!(
        page,
        "Memory of the process in MB after each of {} million events: {}; {missed} missed.\n",
        LONG / 1_000_000,
        held.join(", "),
    );
}

/// Follows many PBXs at the same time.
fn crowd(page: &mut String) {
    const EVENTS: usize = 10_000;
    let corpus = Corpus::sized(FEW);
    let script = Arc::new(Script::new(&corpus.latin1));
    let (address, sender) = sender(&script, CLIENTS, EVENTS);
    let held = resident();
    let (time, missed, more) = runtime().block_on(async {
        let mut clients = Vec::new();
        for _ in 0..CLIENTS {
            clients.push(tokio::spawn(async move {
                let (mut client, early) = connect(address).await;
                let missed = follow(&mut client, early, EVENTS, || {}).await;
                assert!(client.handle().is_current(), "the store is as the sender's");
                (client, missed)
            }));
        }
        let before = processor_time();
        let (mut missed, mut open) = (0, Vec::new());
        for client in clients {
            let (client, more) = client.await.expect("no panic");
            missed += more;
            open.push(client);
        }
        let time = processor_time() - before;
        let more = resident().saturating_sub(held);
        for client in open {
            client.close().await;
        }
        (time, missed, more)
    });
    sender.join().expect("no panic");
    let _ = writeln!(
        page,
        "{CLIENTS} clients on one thread, each of a PBX with {FEW} channels, {EVENTS} events each: \
         {:.0} ns an event with connecting and snapshots, {:.1} MB a client, {missed} events \
         missed.\n",
        time.as_secs_f64() * 1e9 / (CLIENTS * EVENTS) as f64,
        more as f64 / 1e6 / CLIENTS as f64,
    );
}
