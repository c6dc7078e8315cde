//! Bytes that are meant to do harm: every way in answers with an error or a bounded result, on a
//! small stack and within a small multiple of the input's memory.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/allocation.rs"]
mod allocation;

use allocation::{Usage, measure};
use basix_cti::bert::{self, DecodeErrorKind as Kind, Decoder, Encoder, Limits};
use basix_cti::{Message, Parser, Store};

#[global_allocator]
static ALLOCATOR: allocation::Counting = allocation::Counting;

/// Runs on a stack of 128 KiB.
fn on_a_small_stack(work: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(128 << 10).spawn_scoped(scope, work);
        thread.unwrap().join().unwrap();
    });
}

#[track_caller]
fn assert_peak(usage: Usage, limit: usize, what: &str) {
    assert!(usage.peak <= limit, "{what}: {} bytes, limit {limit}", usage.peak);
}

/// Puts a message to every way in, and bounds the memory of each.
fn put(name: &str, message: &[u8]) {
    let input = message.len();
    // Serde recurses by its nature, so this has an ordinary stack and a limit of its own.
    drop(bert::from_slice::<serde_json::Value>(message));
    let message = message.to_vec();
    on_a_small_stack(move || {
        let (_, usage) = measure(|| bert::decode_cti(&message).is_ok());
        assert_peak(usage, 2 * input + (64 << 10), &format!("{name}: decode_cti"));
        let (_, usage) = measure(|| bert::decode(&message).map(|term| term.walk().count()).is_ok());
        assert_peak(usage, 8 * input + (64 << 10), &format!("{name}: decode"));
        let (_, usage) = measure(|| bert::from_slice::<serde::de::IgnoredAny>(&message).is_ok());
        assert_peak(usage, 2 * input + (64 << 10), &format!("{name}: from_slice"));
        for message in around(&message) {
            let (_, usage) = measure(|| read(&message));
            assert_peak(usage, 2 * message.len() + (64 << 10), &format!("{name}: message"));
        }
    });
}

/// The message itself, and its term as record, as field of a record, and as one of many records.
fn around(message: &[u8]) -> Vec<Vec<u8>> {
    let term = message.get(1..).unwrap_or_default();
    let wrap = |head: &[u8], tail: &[u8]| [head, term, tail].concat();
    vec![
        message.to_vec(),
        wrap(b"\x83h\x04d\0\x0ainfo_eventk\0\x07channel", b"d\0\x05added"),
        wrap(b"\x83h\x04d\0\x0ainfo_eventk\0\x07channelh\x02", b"d\0\x01xd\0\x05added"),
        wrap(b"\x83h\x03d\0\x0cinitial_infok\0\x07channell\0\0\0\x01", b"j"),
        wrap(b"\x83h\x03d\0\x0cinitial_infok\0\x07channel", b""),
        wrap(b"\x83h\x03d\0\x0afield_speck\0\x01x", b""),
    ]
}

fn read(message: &[u8]) {
    let mut parser = Parser::new();
    let spec = Encoder::new()
        .tuple(3)
        .atom("field_spec")
        .string("channel")
        .list(2)
        .atom("state")
        .atom("calling_name")
        .finish()
        .unwrap();
    parser.parse(&spec).unwrap();
    match parser.parse(message) {
        Ok(Message::InitialInfo(info)) => {
            let _ = info.check();
            for element in info.elements() {
                std::hint::black_box(&element);
            }
        }
        Ok(message) => drop(Store::new().apply(&message)),
        Err(error) => assert!(error.offset() <= message.len(), "{error}"),
    }
}

#[track_caller]
fn refused(message: &[u8], kind: Kind) {
    assert_eq!(bert::decode(message).unwrap_err().kind(), kind);
    assert!(bert::decode_cti(message).is_err());
}

// B20
#[test]
fn a_million_nested_containers_are_refused() {
    let lists = [b"\x83".as_slice(), &b"l\0\0\0\x01".repeat(1_000_000)].concat();
    let tuples = [b"\x83".as_slice(), &b"h\x01".repeat(1_000_000), b"j"].concat();
    let maps = [b"\x83".as_slice(), &b"t\0\0\0\x01a\x01".repeat(1_000_000), b"j"].concat();
    for (name, message) in [("lists", &lists), ("tuples", &tuples), ("maps", &maps)] {
        refused(message, Kind::TooDeep);
        put(name, message);
    }
}

#[test]
fn a_million_lists_that_are_each_the_tail_of_the_one_before_are_one_list() {
    let lists = [b"\x83".as_slice(), &b"l\0\0\0\x01j".repeat(1_000_000), b"j"].concat();
    put("tails", &lists);
    let empty = [b"\x83".as_slice(), &b"l\0\0\0\0".repeat(1_000_000), b"j"].concat();
    put("empty tails", &empty);
    on_a_small_stack(|| {
        let list = bert::decode(&lists).unwrap().as_list().unwrap();
        assert_eq!(list.iter().count(), 1_000_000);
        let term = bert::decode(&empty).unwrap();
        assert!(term.as_list().unwrap().is_empty());
        // Code points spread over a million lists are text all the same.
        let text = [b"\x83".as_slice(), &b"l\0\0\0\x01a\x61".repeat(1_000_000), b"j"].concat();
        let text = bert::decode(&text).unwrap().as_charlist().unwrap();
        assert_eq!(text.to_str().len(), 1_000_000);
    });
}

#[test]
fn a_length_that_nothing_follows_allocates_nothing() {
    let huge = [0xff; 4];
    for (tag, name) in [(b'l', "list"), (b'i', "tuple"), (b'm', "binary"), (b't', "map")] {
        let message = [&[131, tag], huge.as_slice()].concat();
        refused(&message, Kind::Truncated);
        put(name, &message);
        on_a_small_stack(|| {
            let (_, usage) = measure(|| bert::decode(&message).is_ok());
            assert_eq!(usage.allocations, 0, "{name}");
        });
    }
    for (message, name) in [
        (b"\x83o\xff\xff\xff\xff\0\x01".as_slice(), "large big"),
        (b"\x83n\xff\0\x01", "small big"),
        (b"\x83k\xff\xff", "string"),
        (b"\x83d\0\xff", "atom"),
        (b"\x83v\0\xff", "utf-8 atom"),
        (b"\x83s\xff", "small atom"),
        (b"\x83w\xff", "small utf-8 atom"),
        (b"\x83h\xff", "small tuple"),
        (b"\x83M\xff\xff\xff\xff\x01", "bits"),
        (b"\x83Z\0\x05w\x01a\0\0\0\x01", "reference"),
    ] {
        refused(message, Kind::Truncated);
        put(name, message);
    }
}

#[test]
fn nested_lists_that_each_declare_ten_million_allocate_nothing() {
    let message = [b"\x83".as_slice(), &b"l\x00\x98\x96\x7f".repeat(64)].concat();
    refused(&message, Kind::Truncated);
    put("declared", &message);
}

#[test]
fn a_list_of_a_million_nils_costs_no_more_than_its_bytes() {
    let message = [b"\x83l\0\x0f\x42\x40".as_slice(), &b"j".repeat(1_000_000), b"j"].concat();
    put("nils", &message);
    let (term, usage) = measure(|| bert::decode(&message).unwrap());
    assert_eq!(usage.allocations, 0);
    assert_eq!(term.as_list().unwrap().iter().count(), 1_000_000);
}

#[test]
fn field_specs_of_many_names_are_bounded_whatever_their_size() {
    let names = b"s\0".repeat(1_000_000);
    let message =
        [b"\x83h\x03d\0\x0afield_speck\0\x01xl\0\x0f\x42\x40".as_slice(), &names, b"j"].concat();
    let mut parser = Parser::new();
    let (error, usage) = measure(|| parser.parse(&message).map(drop).unwrap_err());
    assert_eq!(
        error.to_string(),
        "message is refused: the field specs of this connection exceed 4194304 bytes"
    );
    assert_peak(usage, 8 << 20, "field_spec");
    assert!(parser.schema("x").is_none());
}

#[test]
fn a_map_of_many_keys_is_checked_for_twins_within_bounds() {
    let mut encoder = Encoder::new();
    encoder.map(50_000);
    for key in 0..50_000 {
        encoder.integer(key).nil();
    }
    let message = encoder.finish().unwrap();
    put("map", &message);
    assert_eq!(bert::decode(&message).unwrap().as_map().unwrap().len(), 50_000);
    // The last pair again, in place of the first.
    let mut twins = message;
    let last = twins[twins.len() - 6..].to_vec();
    twins.splice(6..9, last);
    refused(&twins, Kind::DuplicateKey);
    put("twins", &twins);
}

#[test]
fn maps_in_keys_of_maps_are_read_as_deep_as_other_terms() {
    let nested = |levels| {
        let mut key = b"a\x01".to_vec();
        for _ in 0..levels {
            key = [b"t\0\0\0\x02", key.as_slice(), b"ja\x02j"].concat();
        }
        [b"\x83", key.as_slice()].concat()
    };
    let deepest = nested(256);
    let (read, usage) = measure(|| bert::decode(&deepest).is_ok());
    assert!(read);
    assert_peak(usage, 8 * deepest.len(), "maps in keys");
    put("maps in keys", &deepest);
    refused(&nested(257), Kind::TooDeep);
}

#[test]
fn every_limit_is_kept_to_the_byte_the_term_and_the_level() {
    // {msg, {1, [2, 3]}}: 7 terms, 3 levels, 23 bytes.
    let message = b"\x83h\x02d\0\x03msgh\x02a\x01l\0\0\0\x02a\x02a\x03j";
    let read = |limits: Limits| {
        let [any, cti] = [Decoder::new(), Decoder::cti()]
            .map(|decoder| decoder.with_limits(limits).decode(message).map(drop));
        assert_eq!(any, cti);
        let mut parser = Parser::with_limits(limits);
        let parsed = parser.parse(message).map(drop);
        assert_eq!(parsed, any.map_err(basix_cti::Error::from));
        any.map_err(|error| (error.kind(), error.offset()))
    };
    let limits = Limits::default();
    assert_eq!(read(limits.with_terms(7).with_depth(3).with_message_bytes(23)), Ok(()));
    assert_eq!(read(limits.with_terms(6)), Err((Kind::TooManyTerms, 13)));
    assert_eq!(read(limits.with_terms(0)), Err((Kind::TooManyTerms, 1)));
    assert_eq!(read(limits.with_depth(2)), Err((Kind::TooDeep, 13)));
    assert_eq!(read(limits.with_depth(0)), Err((Kind::TooDeep, 1)));
    assert_eq!(read(limits.with_message_bytes(22)), Err((Kind::TooLarge, 0)));
}

// Q14
#[test]
fn a_message_cut_anywhere_is_refused() {
    let message = b"\x83h\x02d\0\x0asystem_msgm\0\0\0\x05hello";
    assert!(bert::decode_cti(message).is_ok());
    for length in 0..message.len() {
        let kind = if length == 0 { Kind::Empty } else { Kind::Truncated };
        refused(&message[..length], kind);
    }
}

#[test]
fn tags_that_only_nodes_use_among_themselves_are_refused() {
    for (tag, kind) in [(68, Kind::UnknownTag), (82, Kind::UnknownTag), (121, Kind::Local)] {
        refused(&[131, tag, 0, 0, 0, 0], kind);
        put("node tag", &[131, tag, 0, 0, 0, 0]);
    }
}

// B10
#[test]
fn bytes_after_the_term_are_refused() {
    let error = bert::decode(b"\x83a\x01\0").unwrap_err();
    assert_eq!((error.kind(), error.offset()), (Kind::Trailing, 3));
    assert_eq!(error.to_string(), "bytes follow the term at byte 3");
}

// B11
#[test]
fn a_latin1_atom_is_read() {
    let term = bert::decode_cti(b"\x83d\0\x04caf\xe9").unwrap();
    assert_eq!(term.as_atom().unwrap(), "café");
}

#[cfg(feature = "inflate")]
mod compressed {
    use std::io::Write;

    use super::{Kind, Limits, assert_peak, bert, measure, refused};

    /// A compressed binary of `bytes` zeros that declares a size.
    fn bomb(bytes: usize, declared: u32) -> Vec<u8> {
        let mut data = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        data.write_all(b"m").unwrap();
        data.write_all(&(bytes as u32).to_be_bytes()).unwrap();
        let zeros = vec![0; 1 << 20];
        for _ in 0..bytes >> 20 {
            data.write_all(&zeros).unwrap();
        }
        let data = data.finish().unwrap();
        [&[131, 80], declared.to_be_bytes().as_slice(), &data].concat()
    }

    #[test]
    fn what_inflates_to_much_is_refused_before_it_does() {
        let limits = Limits::default().with_inflated_bytes(1 << 20);
        for (declared, kind) in
            [(64 << 20, Kind::InflatedTooLarge), (10, Kind::Inflate), (1 << 20, Kind::Inflate)]
        {
            let message = bomb(64 << 20, declared);
            let (result, usage) = measure(|| bert::inflate(&message, &limits).map(drop));
            assert_eq!(result.unwrap_err().kind(), kind);
            // The window and tables of the inflater, and what the limit allows.
            assert_peak(usage, (2 << 20) + (128 << 10), "inflate");
            refused(&message, Kind::Compressed);
        }
    }

    #[test]
    fn the_buffer_doubles_up_to_the_declared_size() {
        let bytes = 16 << 20;
        let limits = Limits::default().with_inflated_bytes(32 << 20);
        let message = bomb(bytes, bytes as u32 + 5);
        let (plain, usage) = measure(|| bert::inflate(&message, &limits).unwrap().len());
        assert_eq!(plain, bytes + 6);
        // 15 doublings from 512 bytes on, and what the inflater needs itself.
        assert!(usage.allocations <= 32, "{usage:?}");
        assert_peak(usage, 2 * bytes + (128 << 10), "inflate");
    }

    #[test]
    fn without_a_limit_nothing_is_inflated() {
        let error = bert::inflate(&bomb(1 << 20, 1 << 20), &Limits::default()).unwrap_err();
        assert_eq!(error.to_string(), "compressed terms are not accepted at byte 1");
    }
}

/// A field spec of this element with `columns` fields, each named by a letter and its place.
fn wide_spec(element: &[u8], columns: u32, salt: u8) -> Vec<u8> {
    let mut spec = [b"\x83h\x03w\x0afield_specm".as_slice(), &len(element), element].concat();
    spec.push(b'l');
    spec.extend(columns.to_be_bytes());
    for column in 0..columns {
        // `id` comes first; the others differ from spec to spec.
        match column {
            0 => spec.extend(b"w\x02id"),
            _ => spec.extend([b'w', 5, salt, b'_', b'a' + (column % 26) as u8, b'x', b'y']),
        }
    }
    spec.push(b'j');
    spec
}

fn len(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap().to_be_bytes()
}

fn event(element: &[u8], id: u8) -> Vec<u8> {
    let head = b"\x83h\x04w\x0ainfo_eventm".as_slice();
    [head, &len(element), element, b"h\x01a", &[id], b"w\x07updated"].concat()
}

#[test]
fn long_names_of_elements_count_among_the_field_specs() {
    let mut parser = Parser::new();
    let (refused, usage) = measure(|| {
        (0..64_u8)
            .filter(|salt| {
                let name = vec![b'a' + salt % 26; (1 << 20) + usize::from(*salt)];
                let spec = wide_spec(&name, 1, *salt);
                parser.parse(&spec).is_err()
            })
            .count()
    });
    assert!(refused >= 61, "{refused} refused");
    assert_peak(usage, 16 << 20, "64 names of 1 MiB");
}

#[test]
fn rows_count_the_field_specs_that_they_keep_alive() {
    const LIMIT: usize = 16 << 20;
    let limits = basix_cti::store::StoreLimits::default().with_bytes(LIMIT);
    let (mut parser, mut store) = (Parser::new(), Store::with_limits(limits));
    let (_, usage) = measure(|| {
        for round in 0..40_u8 {
            parser.parse(&wide_spec(b"group", 30_000, round)).unwrap();
            drop(store.apply(&parser.parse(&event(b"group", round)).unwrap()).unwrap());
        }
    });
    assert!(store.bytes() > LIMIT / 2, "{} bytes are counted", store.bytes());
    assert!(store.bytes() <= LIMIT, "{} bytes are kept", store.bytes());
    assert!(store.dropped() > 0);
    // Besides the store there are the parser's field specs, and a message while it is read.
    assert_peak(usage, LIMIT + (16 << 20), "40 field specs with a row each");
}

#[test]
fn an_equal_field_spec_is_the_same_one_also_on_the_next_connection() {
    let (mut parser, mut store) = (Parser::new(), Store::new());
    let spec = wide_spec(b"group", 10_000, b'a');
    let mut bytes = Vec::new();
    for round in 0..20_u8 {
        if round % 4 == 0 {
            parser.reconnected();
        }
        parser.parse(&spec).unwrap();
        drop(store.apply(&parser.parse(&event(b"group", round)).unwrap()).unwrap());
        bytes.push(store.bytes());
    }
    assert!(bytes[19] < 2 * bytes[0], "{bytes:?}");
}

#[test]
fn records_of_one_byte_take_no_more_than_a_view_each() {
    let mut parser = Parser::new();
    parser.parse(&wide_spec(b"group", 3, b'a')).unwrap();
    let records = 1_u32 << 16;
    let mut list = b"\x83h\x03w\x0cinitial_infom\0\0\0\x05groupl".to_vec();
    list.extend(records.to_be_bytes());
    list.extend(vec![b'j'; records as usize + 1]);
    let Ok(Message::InitialInfo(info)) = parser.parse(&list) else { panic!("a list") };
    let (elements, usage) = measure(|| info.elements().collect::<Result<Vec<_>, _>>().unwrap());
    assert_eq!(elements.len(), records as usize);
    // A vector that grows by doubling holds the old values besides the new ones.
    assert_peak(usage, 3 * 80 * list.len(), "views of records");
    let mut store = Store::new();
    let (_, usage) = measure(|| drop(store.apply(&parser.parse(&list).unwrap())));
    assert_peak(usage, 64 << 10, "a store of records without a key");
}
