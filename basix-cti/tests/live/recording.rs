//! Recordings of connections.

use std::io::{self, Read, Write};
use std::time::Duration;

use basix_cti::Timestamp;
use basix_cti::recording::{Recorded, RecordedEvent, Recorder, Recording, RecordingError};
use proptest::prelude::*;

use crate::cases;

const STARTED: Timestamp = Timestamp::from_micros(1_546_839_040_024_071);

/// A file with these events.
fn file(events: &[RecordedEvent]) -> Vec<u8> {
    let mut recorder = Recorder::new(Vec::new(), STARTED).unwrap();
    for event in events {
        recorder.event(event).unwrap();
    }
    recorder.into_inner()
}

/// Reads a file until it ends or fails.
fn read(file: impl Read) -> (Vec<RecordedEvent>, Option<RecordingError>) {
    let recording = match Recording::new(file) {
        Ok(recording) => recording,
        Err(error) => return (Vec::new(), Some(error)),
    };
    gather(recording)
}

fn gather(
    events: impl Iterator<Item = Result<RecordedEvent, RecordingError>>,
) -> (Vec<RecordedEvent>, Option<RecordingError>) {
    let (mut good, mut errors) = (Vec::new(), Vec::new());
    for event in events {
        assert!(errors.is_empty(), "nothing comes after an error");
        match event {
            Ok(event) => good.push(event),
            Err(error) => errors.push(error),
        }
    }
    (good, errors.pop())
}

fn at(micros: u64, kind: Recorded) -> RecordedEvent {
    RecordedEvent::new(Duration::from_micros(micros), kind)
}

/// Two connections, with every kind of event.
fn two_connections() -> Vec<RecordedEvent> {
    vec![
        at(0, Recorded::Opened),
        at(1, Recorded::Binary(vec![131, 106])),
        at(1, Recorded::Binary(Vec::new())),
        at(20, Recorded::Text("{\"a\":\"田\"}".into())),
        at(1_000_000, Recorded::Closed),
        at(21_000_000, Recorded::Opened),
        at(21_000_001, Recorded::Unknown { kind: 9, data: vec![1, 2] }),
        at(u64::MAX, Recorded::Closed),
    ]
}

#[test]
fn the_format_is_what_it_is_said_to_be() {
    let mut recorder = Recorder::new(Vec::new(), Timestamp::from_micros(-2)).unwrap();
    recorder.opened(Duration::from_nanos(1999)).unwrap();
    recorder.binary(Duration::from_micros(0x0102), b"\x83j").unwrap();
    recorder.text(Duration::from_secs(1), "a").unwrap();
    recorder.closed(Duration::MAX).unwrap();
    recorder.flush().unwrap();
    let wanted: [&[u8]; 5] = [
        b"\x89CTI\r\n\x1a\n\0\x01\xff\xff\xff\xff\xff\xff\xff\xfe",
        b"\x01\0\0\0\0\0\0\0\x01\0\0\0\0",
        b"\x02\0\0\0\0\0\0\x01\x02\0\0\0\x02\x83j",
        b"\x03\0\0\0\0\0\x0f\x42\x40\0\0\0\x01a",
        b"\x04\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0",
    ];
    assert_eq!(recorder.into_inner(), wanted.concat());
}

#[test]
fn what_is_recorded_is_read_back_with_times_and_reconnects() {
    let file = file(&two_connections());
    let recording = Recording::new(&*file).unwrap();
    assert_eq!(recording.started(), STARTED);
    let (events, error) = gather(recording);
    assert_eq!(events, two_connections());
    assert!(error.is_none(), "{error:?}");
}

#[test]
fn a_file_that_is_cut_gives_what_is_whole_and_then_one_error_with_its_place() {
    let events = two_connections();
    let whole = file(&events);
    // The end of each event.
    let ends: Vec<usize> = (0..=events.len()).map(|count| file(&events[..count]).len()).collect();
    for cut in 0..=whole.len() {
        let (good, error) = read(&whole[..cut]);
        let count = ends.iter().filter(|end| **end <= cut).count();
        assert_eq!(good, events[..count.saturating_sub(1)], "cut at {cut}");
        if ends.contains(&cut) {
            assert!(error.is_none(), "cut at {cut}: {error:?}");
            continue;
        }
        let start = count.checked_sub(1).map_or(0, |last| ends[last]);
        assert_eq!(
            error.unwrap().to_string(),
            format!("recording ends inside what starts at byte {start}: it was cut short")
        );
    }
}

#[test]
fn a_file_that_is_not_a_recording_is_refused() {
    for bytes in [&b"{\"kind\":\"info_event\"}"[..], b"\0\0\0\x02\x83j", b"x", b"\x89CTI\n\x1a\n\0"]
    {
        let (_, error) = read(bytes);
        assert_eq!(
            error.unwrap().to_string(),
            "this is not a recording of a connection: it begins with other bytes"
        );
    }
}

#[test]
fn a_later_version_is_refused_by_its_number() {
    let mut file = file(&[]);
    file[9] = 2;
    let (_, error) = read(&*file);
    assert_eq!(
        error.unwrap().to_string(),
        "recording has format version 2, and this program reads version 1"
    );
}

#[test]
fn a_length_that_promises_more_than_there_is_or_may_be_is_an_error() {
    let start = file(&[]);
    let with_length = |length: u32| {
        let entry = [&[2][..], &[0; 8], &length.to_be_bytes(), b"abc"].concat();
        [start.clone(), entry].concat()
    };
    for (length, text) in [
        (4, "recording ends inside what starts at byte 18: it was cut short"),
        (64 << 20, "recording ends inside what starts at byte 18: it was cut short"),
        (
            (64 << 20) + 1,
            "recording has a message of 67108865 bytes at byte 18, more than 67108864",
        ),
        (u32::MAX, "recording has a message of 4294967295 bytes at byte 18, more than 67108864"),
    ] {
        let (events, error) = read(&*with_length(length));
        assert_eq!((events, error.unwrap().to_string().as_str()), (vec![], text));
    }
    for (limit, is_taken) in [(3, true), (2, false)] {
        let file = with_length(3);
        let (events, error) = gather(Recording::new(&*file).unwrap().with_limit(limit));
        assert_eq!((events.len() == 1, error.is_none()), (is_taken, is_taken), "limit {limit}");
    }
}

#[test]
fn a_text_message_that_is_not_utf_8_is_an_error() {
    let file = [file(&[]), b"\x03\0\0\0\0\0\0\0\0\0\0\0\x01\xff".to_vec()].concat();
    let (_, error) = read(&*file);
    assert_eq!(
        error.unwrap().to_string(),
        "recording has a text message that is not utf-8 at byte 18"
    );
}

/// A reader of one byte at a time, interrupted before each.
struct Slow<'a>(&'a [u8], bool);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let length = buffer.len().min(1);
        self.0.read(&mut buffer[..length])
    }
}

#[test]
fn it_does_not_matter_in_which_pieces_a_file_comes() {
    let (events, error) = read(Slow(&file(&two_connections()), false));
    assert_eq!(events, two_connections());
    assert!(error.is_none(), "{error:?}");
}

#[test]
fn an_input_that_fails_is_an_error_and_the_end() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("disk on fire"))
        }
    }
    let file = file(&two_connections()[..2]);
    let (events, error) = read(file.chain(Broken));
    assert_eq!(events, two_connections()[..2]);
    assert_eq!(error.unwrap().to_string(), "recording cannot be read: disk on fire");
}

/// A writer that counts its input, and accepts a limited number of bytes.
struct Disk {
    free: usize,
    writes: usize,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writes += 1;
        match self.free.checked_sub(bytes.len()) {
            Some(free) => self.free = free,
            None => return Err(io::ErrorKind::StorageFull.into()),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn each_event_is_one_write_and_a_full_disk_is_an_error() {
    let mut recorder = Recorder::new(Disk { free: 18 + 13 + 13 + 99, writes: 0 }, STARTED).unwrap();
    recorder.opened(Duration::ZERO).unwrap();
    recorder.binary(Duration::ZERO, &[0; 99]).unwrap();
    let error = recorder.closed(Duration::ZERO).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert_eq!(recorder.into_inner().writes, 4);
}

/// The due times of the events of two connections.
fn due(factor: f64, times: &[u64]) -> Vec<Duration> {
    let events: Vec<_> = times.iter().map(|micros| at(*micros, Recorded::Opened)).collect();
    let file = file(&events);
    let replay = Recording::new(&*file).unwrap().at_speed(factor).unwrap();
    replay.map(|event| event.unwrap().at).collect()
}

#[test]
fn a_replay_is_due_as_it_came_or_faster_or_slower() {
    let times = [0, 3, 1_000_000, 1_000_000, 86_400_000_000];
    let micros =
        |times: &[u64]| -> Vec<_> { times.iter().copied().map(Duration::from_micros).collect() };
    assert_eq!(due(1.0, &times), micros(&times));
    assert_eq!(due(10.0, &times[2..]), micros(&[100_000, 100_000, 8_640_000_000]));
    assert_eq!(due(0.5, &times[2..]), micros(&[2_000_000, 2_000_000, 172_800_000_000]));
    assert_eq!(due(f64::INFINITY, &times), micros(&[0; 5]));
    // The limits of the numbers.
    let far = Duration::from_micros(u64::MAX);
    assert_eq!(due(1.0, &[u64::MAX]), [far]);
    assert_eq!(due(f64::MIN_POSITIVE, &[1]), [Duration::MAX]);
    assert_eq!(due(f64::MAX, &[u64::MAX]), [Duration::ZERO]);

    let file = file(&two_connections());
    let (events, _) = gather(Recording::new(&*file).unwrap().at_full_speed());
    assert!(events.iter().all(|event| event.at == Duration::ZERO));
    let kinds = |events: Vec<RecordedEvent>| -> Vec<_> {
        events.into_iter().map(|event| event.kind).collect()
    };
    assert_eq!(kinds(events), kinds(two_connections()));
}

#[test]
fn what_is_due_never_goes_back() {
    let seconds =
        |times: &[u64]| -> Vec<_> { times.iter().copied().map(Duration::from_micros).collect() };
    assert_eq!(due(1.0, &[5, 9, 3, 10]), seconds(&[5, 9, 9, 10]));
}

#[test]
fn a_speed_that_is_none_is_refused() {
    for factor in [0.0, -0.0, -1.0, f64::NAN, f64::NEG_INFINITY] {
        let file = file(&[]);
        let error = Recording::new(&*file).unwrap().at_speed(factor).map(drop).unwrap_err();
        assert_eq!(error.to_string(), "speed of a replay has to be a number above 0");
    }
}

fn any_event() -> impl Strategy<Value = RecordedEvent> {
    let kind = prop_oneof![
        1 => Just(Recorded::Opened),
        1 => Just(Recorded::Closed),
        6 => any::<Vec<u8>>().prop_map(Recorded::Binary),
        1 => any::<String>().prop_map(Recorded::Text),
        1 => (5_u8.., any::<Vec<u8>>()).prop_map(|(kind, data)| Recorded::Unknown { kind, data }),
    ];
    (any::<u64>(), kind).prop_map(|(micros, kind)| at(micros, kind))
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn any_events_read_back_and_write_the_same_file_again(
        events in prop::collection::vec(any_event(), 0..12),
    ) {
        let written = file(&events);
        let (again, error) = read(&*written);
        prop_assert!(error.is_none(), "{:?}", error);
        prop_assert_eq!(file(&again), written);
        prop_assert_eq!(again, events);
    }

    #[test]
    fn a_damaged_file_gives_what_stands_before_an_error(
        events in prop::collection::vec(any_event(), 1..8),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut damaged = file(&events);
        let start = file(&[]).len();
        let place = start + place.index(damaged.len() - start);
        damaged[place] = byte;
        let (events, error) = read(&*damaged);
        let good = file(&events);
        prop_assert_eq!(&damaged[..good.len()], &*good);
        prop_assert_eq!(error.is_none(), good.len() == damaged.len());
    }
}
