//! Prints a recorded session of a Basix PBX: one JSON line per message, or the keys of its mirror.
//!
//! ```text
//! cargo run --release -p tools --bin basix-decode -- \
//!     [--base-url URL] [--store-every N] [FILE]
//! ```
//!
//! `FILE` contains messages in order, each as a big-endian u32 length and that many bytes, or is a
//! recording with times and reconnects, as `basix_cti::recording::Recorder` writes it; `-` is
//! standard input. Without `FILE` the session that ships with the repository is printed. With
//! `--store-every` the keys that the mirror holds, the callers who wait, the phones that ring and
//! the users who are free are printed after every N messages and at the end.

#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Read, Write};
use std::process::ExitCode;

use basix_cti::bert::Text;
use basix_cti::element::{BaseUrl, StateKind};
use basix_cti::recording::Recorded;
use basix_cti::store::{WaitingCaller, WaitingKind};
use basix_cti::{Parser, Store};
use serde_json::json;
use tools::frames::Session;
use tools::input::Input;
use tools::usage::{Arguments, Failure, Long, Value, ValueExt as _, run};

const USAGE: &str = "usage: basix-decode [--base-url URL] [--store-every N] [FILE]
    FILE                 a recorded session; - reads standard input; without it the built-in one is printed
    --base-url URL       the address that avatars belong to
    --store-every N      print the keys of the mirror after every N messages and at the end
    --help               print this text";

/// The recorded session that ships with the repository, and the address its avatars belong to.
const BUILT_IN: &[u8] = include_bytes!("../../../basix-cti/tests/vectors/basix/session-1.frames");
const BUILT_IN_BASE_URL: &str = "https://pbx.example.test/";

fn main() -> ExitCode {
    run(env!("CARGO_BIN_NAME"), USAGE, |arguments| {
        let options = Options::parse(arguments)?;
        let mut input = match &options.file {
            Some(file) => Input::open(file)?,
            None => Input::new("built-in session", BUILT_IN),
        };
        let name = input.name().to_owned();
        let session =
            Session::new(input.reader()).map_err(|error| Failure::in_file(&name, error))?;
        let mut out = BufWriter::new(io::stdout().lock());
        let result = print(&options, &name, session, &mut out);
        // Messages before an error are printed too.
        out.flush()?;
        result
    })
}

struct Options {
    base_url: Option<BaseUrl>,
    store_every: Option<u64>,
    file: Option<String>,
}

impl Options {
    fn parse(mut arguments: Arguments) -> Result<Self, Failure> {
        let mut options = Self { base_url: None, store_every: None, file: None };
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("base-url") => options.base_url = Some(BaseUrl::new(arguments.value()?)),
                Long("store-every") => match arguments.value()?.parse() {
                    Ok(every @ 1..) => options.store_every = Some(every),
                    _ => return Err(Failure::argument("--store-every needs a number above 0")),
                },
                Value(file) if options.file.is_none() => options.file = Some(file.string()?),
                other => return Err(other.unexpected().into()),
            }
        }
        if options.file.is_none() && options.base_url.is_none() {
            options.base_url = Some(BaseUrl::new(BUILT_IN_BASE_URL));
        }
        Ok(options)
    }
}

fn print(
    options: &Options,
    name: &str,
    session: Session<impl Read>,
    out: &mut impl Write,
) -> Result<ExitCode, Failure> {
    let mut parser = Parser::new();
    let mut store = Store::new();
    let mut count = 0;
    for event in session {
        let frame = match event.map_err(|error| Failure::in_file(name, error))? {
            Recorded::Binary(frame) => frame,
            // Refused as any message that does not begin with 131, which no text does (B110).
            Recorded::Text(text) => text.into_bytes(),
            Recorded::Opened | Recorded::Closed => {
                // Field specs and channels belong to one connection (B85, B86).
                parser = Parser::new();
                let _ = store.disconnect();
                continue;
            }
            // Events of later versions are not messages.
            _ => continue,
        };
        count += 1;
        let message = parser.parse(&frame);
        if let Some(every) = options.store_every {
            if let Ok(message) = &message {
                // A message that is refused leaves the mirror as it was.
                let _ = store.apply(message);
            }
            if count % every == 0 {
                writeln!(out, "{}", state(&store, count))?;
            }
            continue;
        }
        let printed = message.as_ref().map_err(Clone::clone).and_then(|message| {
            message.printed(options.base_url.as_ref()).map(|printed| printed.to_string())
        });
        match printed {
            Ok(line) => writeln!(out, "{line}")?,
            Err(error) => writeln!(out, "{}", json!(error))?,
        }
    }
    if options.store_every.is_some_and(|every| count % every != 0) {
        writeln!(out, "{}", state(&store, count))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The keys of each element in the mirror, sorted bytewise, and the results of its queries.
fn state(store: &Store, count: u64) -> serde_json::Value {
    let keys: BTreeMap<_, _> =
        store.tables().map(|table| (table.kind().as_str(), table.keys())).collect();
    let waiting: BTreeMap<_, _> =
        store.waiting().map(|caller| (caller.uuid().to_string(), waiting(&caller))).collect();
    let ringing: BTreeMap<_, _> = store
        .ringing()
        .map(|leg| {
            let (user_id, auto_answer) = (leg.user_id(), leg.is_auto_answer());
            let leg_now =
                json!({"user_id": user_id, "take": leg.take(), "auto_answer": auto_answer});
            (leg.channel().uuid().to_string(), leg_now)
        })
        .collect();
    let mut free: Vec<_> = store.free_users().map(|user| user.id()).collect();
    free.sort_unstable();
    let view = json!({"waiting": waiting, "ringing": ringing, "free": free});
    json!({"after_frames": count, "want": keys, "view": view})
}

fn waiting(caller: &WaitingCaller<'_>) -> serde_json::Value {
    let text = |text: Text<'_>| (!text.is_empty()).then(|| text.to_str().into_owned());
    let kind = match caller.kind() {
        WaitingKind::Queued => "queued",
        WaitingKind::Parked => "parked",
        _ => "other",
    };
    let mut shown = json!({
        "kind": kind,
        "since": caller.since(),
        "number": text(caller.number()),
        "user_id": caller.user_id(),
        "whoscall": caller.whoscall(),
    });
    if caller.kind() == WaitingKind::Queued {
        shown["group_id"] = json!(caller.group_id());
    }
    if let Some(StateKind::Park { slot, terminal_name, parker_id, parker_name, .. }) =
        caller.state()
    {
        shown["slot"] = json!(slot);
        shown["terminal_name"] = json!(text(terminal_name));
        shown["parker_id"] = json!(parker_id);
        shown["parker_name"] = json!(text(parker_name));
    }
    if let Some(place) = caller.park_place() {
        shown["park_group"] = json!(place.park_group);
        shown["place"] = json!(place.place);
    }
    shown
}
