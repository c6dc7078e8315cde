//! Laws of `basix-cti`.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::time::{Duration, Instant};

use basix_cti::bert::{self, AtomForm, Encoder, FloatForm, Term};
use basix_cti::recording::{Recorder, Recording};
use basix_cti::session::{DisconnectReason, SessionOptions};
use basix_cti::store::StoreLimits;
use basix_cti::{Change, ElementKind, Message, Parser, Session, Store, Timestamp};
use basix_cti_testing::record::usual_fields;

/// Decodes, in both ways.
pub fn parse_term(data: &[u8]) {
    let _ = std::hint::black_box((bert::decode_cti(data), bert::decode(data)));
}

/// Decodes, and encodes the term in every form to an equal one; a CTI message is a term.
pub fn term(data: &[u8]) {
    let cti = bert::decode_cti(data);
    let Ok(term) = bert::decode(data) else {
        assert!(cti.is_err(), "a CTI message that is not a term");
        return;
    };
    if let Ok(cti) = cti {
        assert_eq!(cti, term);
    }
    for (atoms, floats) in [
        (AtomForm::Utf8, FloatForm::Ieee),
        (AtomForm::Latin1, FloatForm::Ieee),
        (AtomForm::Latin1, FloatForm::Text),
    ] {
        let mut encoder = Encoder::new().with_atoms(atoms).with_floats(floats);
        let bytes = encoder.term(term).finish().expect("a decoded term can be encoded");
        let again = bert::decode(&bytes).expect("an encoded term can be decoded");
        assert_eq!(again, term);
        assert!(again.cmp(&term).is_eq());
        assert_eq!(hash(again), hash(term));
    }
    assert!(!term.to_string().is_empty());
    serde_json::to_string(&term).expect("every term has a JSON view");
}

fn hash(term: Term<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    term.hash(&mut hasher);
    hasher.finish()
}

/// Fields beside those of a channel.
const OTHER_FIELDS: [&str; 10] =
    ["id", "name", "label", "avatar", "type", "presence", "mwi", "registered", "peer_number", "x"];

/// The name of a field by its number: those of a channel first.
fn field(number: u8) -> &'static str {
    let channel = usual_fields(ElementKind::Channel);
    let at = usize::from(number) % (channel.len() + OTHER_FIELDS.len());
    channel.get(at).copied().unwrap_or_else(|| OTHER_FIELDS[at - channel.len()])
}

/// After any field_spec, a message is refused exactly if its bytes are not a CTI message or
/// its record is not a tuple or list; the typed view in the message is the one in the record; it prints.
///
/// The first byte chooses the element, the second how many fields are announced, then come their
/// names by number; the rest is a record.
pub fn message(data: &[u8]) {
    let Some((mut parser, event, record)) = announced(data) else { return };
    let term = bert::decode_cti(&event);
    match parser.parse(&event) {
        Err(error) => {
            // In order as a term, but not a record.
            assert!(term.is_err() || error.decode_kind().is_none(), "{error}");
        }
        Ok(message) => {
            assert!(is_term(&event));
            check(&message);
        }
    }
    // The same bytes as a whole message.
    if let Ok(message) = parser.parse(record) {
        assert!(is_term(record) || matches!(message, Message::InitialInfo(_)));
        check(&message);
    }
}

/// Parses the event and the record of the same law.
pub fn parse_message(data: &[u8]) {
    let Some((mut parser, event, record)) = announced(data) else { return };
    drop(std::hint::black_box(parser.parse(&event)));
    drop(std::hint::black_box(parser.parse(record)));
}

/// Makes a parser that knows the announced fields, an event with the record, and the record.
fn announced(data: &[u8]) -> Option<(Parser, Vec<u8>, &[u8])> {
    let [element, count, rest @ ..] = data else { return None };
    let (names, record) = rest.split_at_checked(usize::from(*count % 32))?;
    let kind = ElementKind::KNOWN[usize::from(*element) % ElementKind::KNOWN.len()];
    let mut spec = Encoder::new();
    spec.tuple(3).atom("field_spec").string(kind.as_str()).list(names.len());
    for name in names {
        spec.atom(field(*name));
    }
    let spec = spec.finish().expect("a field_spec can be encoded");

    let mut parser = Parser::new();
    parser.parse(&spec).expect("the field_spec is in order");
    let mut event = vec![131, 104, 4, 119, 10];
    event.extend_from_slice(b"info_event");
    event.extend_from_slice(&[119, kind.as_str().len() as u8]);
    event.extend_from_slice(kind.as_str().as_bytes());
    event.extend_from_slice(record);
    event.extend_from_slice(b"\x77\x05added");
    Some((parser, event, record))
}

/// Returns whether bytes are a term. Values in messages may be maps with a key that comes twice,
/// which no Erlang system writes.
fn is_term(message: &[u8]) -> bool {
    match bert::decode(message) {
        Ok(_) => true,
        Err(error) => error.kind() == bert::DecodeErrorKind::DuplicateKey,
    }
}

fn check(message: &Message<'_>) {
    match message.printed(None) {
        Ok(printed) => drop(serde_json::to_string(&printed).expect("a message has a JSON view")),
        Err(_) => assert!(matches!(message, Message::InitialInfo(_))),
    }
    if let Message::InfoEvent(event) = message {
        assert_eq!(event.record().element(), event.element());
        let owned = event.record().to_owned();
        assert_eq!(owned.element(), event.element());
    }
    let mut store = Store::new();
    let applied = store.apply(message).is_ok();
    assert!(applied || store.tables().all(|table| table.is_empty()));
}

/// The mirror holds what a map by key would hold, within its limits.
pub fn store(data: &[u8]) {
    const ROWS: usize = 6;
    let mut parser = Parser::new();
    let mut store = Store::with_limits(StoreLimits::default().with_rows(ROWS));
    let mut model: BTreeMap<String, i64> = BTreeMap::new();
    let spec = Encoder::new()
        .tuple(3)
        .atom("field_spec")
        .string("user")
        .list(2)
        .atom("id")
        .atom("presence")
        .finish()
        .expect("a field_spec can be encoded");
    parser.parse(&spec).expect("the field_spec is in order");
    for step in data.chunks(3) {
        let [action, id, value] = step else { return };
        let (id, value) = (i64::from(*id % 12), i64::from(*value));
        let mut encoder = Encoder::new();
        let mut changes: Vec<Change> = Vec::new();
        match action % 8 {
            0 => {
                changes.extend(store.disconnect());
                assert!(changes.is_empty(), "users stay");
                continue;
            }
            1 => {
                let count = usize::from(*action / 8 % 9);
                encoder.tuple(3).atom("initial_info").string("user").list(count);
                let mut next = BTreeMap::new();
                for at in 0..count as i64 {
                    let id = (id + at * value) % 12;
                    encoder.tuple(2).integer(id).integer(value);
                    let key = id.to_string();
                    if next.len() < ROWS || next.contains_key(&key) {
                        next.insert(key, value);
                    }
                }
                model = next;
            }
            2 => {
                encoder
                    .tuple(4)
                    .atom("info_event")
                    .string("user")
                    .tuple(2)
                    .integer(id)
                    .integer(value)
                    .binary("removed");
                model.remove(&id.to_string());
            }
            _ => {
                encoder
                    .tuple(4)
                    .atom("info_event")
                    .string("user")
                    .tuple(2)
                    .integer(id)
                    .integer(value)
                    .atom("updated");
                if model.len() < ROWS || model.contains_key(&id.to_string()) {
                    model.insert(id.to_string(), value);
                }
            }
        }
        let message = encoder.finish().expect("a message can be encoded");
        let before: Vec<String> = keys(&store);
        let message = parser.parse(&message).expect("the message is in order");
        changes.extend(store.apply(&message).expect("its records are in order"));
        // The changes lead from the keys before to the keys after.
        let mut expected: Vec<String> = before;
        for change in &changes {
            match (change.before(), change.after()) {
                (None, Some(_)) => expected.push(change.key().into_owned()),
                (Some(_), None) => expected.retain(|key| *key != change.key()),
                _ => assert!(expected.contains(&change.key().into_owned())),
            }
        }
        expected.sort();
        assert_eq!(keys(&store), expected);
        assert_eq!(keys(&store), model.keys().cloned().collect::<Vec<_>>());
        assert!(store.users().count() <= ROWS);
        for user in store.users() {
            let id = user.id().to_string();
            assert_eq!(user.presence(), model.get(&id).copied());
        }
    }
}

fn keys(store: &Store) -> Vec<String> {
    let table = store.table(ElementKind::User).expect("users are held");
    table.keys()
}

/// Encodes a term from the input, one for each byte, and decodes and encodes it again.
pub fn encode(data: &[u8]) {
    let Some((forms, data)) = data.split_first() else {
        return;
    };
    let atoms = if forms & 1 == 0 { AtomForm::Utf8 } else { AtomForm::Latin1 };
    let floats = if forms & 2 == 0 { FloatForm::Ieee } else { FloatForm::Text };
    let encoder = || Encoder::new().with_atoms(atoms).with_floats(floats);
    let mut writer = encoder();
    writer.list(data.len());
    for (at, byte) in data.iter().enumerate() {
        let rest = &data[at..];
        let text = String::from_utf8_lossy(&rest[..rest.len().min(40)]);
        let number = rest.iter().take(8).fold(0, |number, byte| number << 8 | i64::from(*byte));
        match byte % 16 {
            0 => writer.integer(number),
            1 => writer.float(f64::from_bits(number as u64 & !(1 << 62))),
            2 => writer.atom(&text),
            3 => writer.binary(rest),
            4 => writer.string(rest),
            5 => writer.charlist(&text),
            6 => writer.bits(&rest[..1], byte % 7 + 1),
            7 => writer.tuple(2).nil().integer(number >> (byte & 31)),
            8 => writer.map(1).integer(number).tuple(0),
            9 => writer.improper_list(1).nil().atom(&text),
            10 => {
                writer.list(1).any_integer(bert::Integer::from_sign_magnitude(byte & 64 == 0, rest))
            }
            // The kinds that are written only from decoded terms; a fun ends each list.
            11 => {
                writer.term(decoded(&[&b"\x83Xw\x01n"[..], &numbers(rest, 12)].concat()).as_term())
            }
            12 => {
                writer.term(decoded(&[&b"\x83xw\x01n"[..], &numbers(rest, 12)].concat()).as_term())
            }
            13 => writer
                .term(decoded(&[&b"\x83Z\0\x02w\x01n"[..], &numbers(rest, 12)].concat()).as_term()),
            14 => writer.term(decoded(&[&b"\x83qw\x01mw\x01fa"[..], &[*byte]].concat()).as_term()),
            _ => writer.list(2).integer(number).term(decoded(&fun(rest)).as_term()),
        };
    }
    let bytes = writer.finish().expect("the terms are as many as announced");
    let term = bert::decode(&bytes).expect("an encoded term can be decoded");
    let again = encoder().term(term).finish().expect("a decoded term can be encoded");
    let same = bert::decode(&again).expect("and decoded again");
    assert_eq!(same, term);
    assert_eq!(encoder().term(same).finish(), Ok(again.clone()));
}

/// The first bytes of `data`, filled up with zeros.
fn numbers(data: &[u8], len: usize) -> Vec<u8> {
    data.iter().copied().chain(std::iter::repeat(0)).take(len).collect()
}

fn decoded(message: &[u8]) -> bert::OwnedTerm {
    bert::decode(message).expect("the bytes are a term").to_owned()
}

/// A fun that has captured up to three bytes.
fn fun(data: &[u8]) -> Vec<u8> {
    let free = data.len().min(3);
    let variables: Vec<u8> = data[..free].iter().flat_map(|byte| [97, *byte]).collect();
    let mut fun = b"\x83p\0\0\0\0\x01".to_vec();
    fun.extend([7; 16]);
    fun.extend([0, 0, 0, 1, 0, 0, 0, free as u8]);
    fun.extend(b"w\x01ma\x01a\x02Xw\x01n\0\0\0\x01\0\0\0\0\0\0\0\0");
    fun.extend(variables);
    let size = (fun.len() as u32 - 2).to_be_bytes();
    fun[2..6].copy_from_slice(&size);
    fun
}

/// Reads a file of any bytes.
pub fn parse_recording(data: &[u8]) {
    Recording::new(data).into_iter().flatten().for_each(drop);
}

/// A file of any bytes gives events and then ends or fails once; what is recorded is read back.
pub fn recording(data: &[u8]) {
    let header = Recorder::new(Vec::new(), Timestamp::from_micros(0))
        .expect("a vector takes every byte")
        .into_inner();
    for file in [data.to_vec(), [&header[..], data].concat()] {
        let Ok(recording) = Recording::new(&file[..]) else { continue };
        let mut recorder = Recorder::new(Vec::new(), Timestamp::from_micros(0))
            .expect("a vector takes every byte");
        let mut events = Vec::new();
        let mut failures = 0;
        for event in recording {
            match event {
                Ok(event) => {
                    assert_eq!(failures, 0, "an event after an error");
                    recorder.event(&event).expect("a vector takes every byte");
                    events.push(event);
                }
                Err(_) => failures += 1,
            }
        }
        assert!(failures <= 1, "{failures} errors");
        let again = recorder.into_inner();
        let again = Recording::new(&again[..]).expect("the header is in order");
        let again: Result<Vec<_>, _> = again.collect();
        assert_eq!(again.expect("what was recorded is read"), events);
    }
}

/// After any sequence of frames, texts, failures and time the session answers, its deadline lies
/// ahead once it has been kept, and only a connected session has a current store.
///
/// Each byte chooses a step; a frame takes the bytes that follow, up to a number in the next one.
pub fn session(mut data: &[u8]) {
    let spec = b"\x83h\x03w\x0afield_speck\0\x04userl\0\0\0\x02w\x02idw\x04namej";
    let list = b"\x83h\x03w\x0cinitial_infok\0\x04userl\0\0\0\x01h\x02a\x01m\0\0\0\x01xj";
    let mut now = Instant::now();
    let mut session = Session::new(now, SessionOptions::default());
    while let [step, rest @ ..] = data {
        data = rest;
        match step % 8 {
            0 => session.handle_connected(now),
            1 => session.handle_frame(now, spec),
            2 => session.handle_frame(now, list),
            3 => {
                let [length, rest @ ..] = data else { return };
                let (frame, rest) = rest.split_at(rest.len().min((*length).into()));
                session.handle_frame(now, frame);
                data = rest;
            }
            4 => session.handle_text(now, "{}"),
            5 => session.handle_pong(now),
            6 => session
                .handle_closed(now, DisconnectReason::Closed { code: None, reason: "".into() }),
            _ => {
                now += Duration::from_millis(u64::from(*step) * 500);
                session.handle_timeout(now);
                assert!(session.poll_timeout().is_none_or(|deadline| deadline > now));
            }
        }
        if step % 16 > 7 {
            while session.poll_event().is_some() {}
            while session.poll_transmit().is_some() {}
            while session.poll_outcome().is_some() {}
        }
    }
    session.close(now);
    assert!(session.is_stopped() && session.poll_timeout().is_none());
}
