use std::path::PathBuf;
use std::time::Duration;

use basix_cti::Timestamp;
use basix_cti::recording::{Recorded, Recorder};
use serde_json::{Value as Json, json};
use tools::frames::{FrameError, Frames, Session};

use crate::expected::{equal, lines, wanted, without_nulls};
use crate::program::{Run, file, run};

const BASE_URL: &str = "https://pbx.example.test/";

fn vectors(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../basix-cti/tests/vectors", name].iter().collect()
}

pub(crate) fn read(name: &str) -> Vec<u8> {
    std::fs::read(vectors(name)).unwrap()
}

/// The lengths of the messages in a recorded session.
fn lengths(session: &[u8]) -> Vec<usize> {
    let mut frames = Frames::new(session);
    let mut buffer = Vec::new();
    std::iter::from_fn(|| frames.next_into(&mut buffer).unwrap().map(<[u8]>::len)).collect()
}

/// The lines without members that are null.
fn printed(run: &Run) -> Vec<Json> {
    run.lines().into_iter().map(without_nulls).collect()
}

#[track_caller]
fn is_the_session(run: &Run) {
    let expected = lines(&read("basix/session-1.expected.jsonl"));
    let printed = printed(run);
    assert_eq!((printed.len(), expected.len()), (389, 389));
    for (printed, expected) in printed.iter().zip(&expected) {
        let wanted = wanted(expected);
        assert!(equal(printed, &wanted), "{expected}\nprinted {printed}\nwanted  {wanted}");
    }
}

#[test]
fn basix_decode_alone_prints_the_session_that_ships_with_the_repository() {
    is_the_session(&run("basix-decode", &[], b"").done());
}

#[test]
fn basix_decode_prints_a_file_with_pictures_below_the_base_address() {
    for session in ["basix/session-1.frames", "basix/session-1-utf8atoms.frames"] {
        let path = vectors(session).into_os_string().into_string().unwrap();
        for base in [BASE_URL, "https://pbx.example.test"] {
            is_the_session(&run("basix-decode", &["--base-url", base, &path], b"").done());
        }
        // Options may come last.
        is_the_session(&run("basix-decode", &[&path, "--base-url", BASE_URL], b"").done());
    }
}

#[test]
fn basix_decode_without_a_base_address_leaves_pictures_as_sent_b65() {
    let path = vectors("basix/session-1.frames").into_os_string().into_string().unwrap();
    let plain = run("basix-decode", &[&path], b"").done();
    let with_base = run("basix-decode", &["--base-url", BASE_URL, &path], b"").done();
    assert_eq!(plain.out.lines().count(), 389);
    assert!(!plain.out.contains(BASE_URL) && with_base.out.contains(BASE_URL));
}

#[test]
fn basix_decode_reads_standard_input() {
    let session = read("basix/session-1.frames");
    is_the_session(&run("basix-decode", &["--base-url", BASE_URL, "-"], &session).done());
    let nothing = run("basix-decode", &["-"], b"").done();
    assert_eq!(nothing.out, "");
}

#[test]
fn every_frame_is_one_line() {
    let printed = run("basix-decode", &[], b"").done();
    assert!(printed.out.ends_with("}\n"));
    assert_eq!(printed.out.lines().count(), 389);
    assert!(printed.lines().iter().all(|line| line["kind"].is_string()));
}

#[test]
fn basix_decode_prints_the_keys_of_the_mirror_b80() {
    let expected = lines(&read("basix/session-1.store.jsonl"));
    let path = vectors("basix/session-1-utf8atoms.frames").into_os_string().into_string().unwrap();
    for arguments in [&["--store-every", "20"][..], &["--store-every", "20", &path]] {
        let printed = lines(run("basix-decode", arguments, b"").done().out.as_bytes());
        assert_eq!(printed.len(), expected.len());
        for (printed, expected) in printed.iter().zip(&expected) {
            assert_eq!(printed["after_frames"], expected["after_frames"]);
            assert_eq!(printed["want"], expected["want"]);
        }
    }
    let end = &expected.last().unwrap()["want"];
    for (every, wanted) in [("389", vec![389]), ("388", vec![388, 389]), ("1000", vec![389])] {
        let printed = lines(run("basix-decode", &["--store-every", every], b"").out.as_bytes());
        let frames: Vec<_> = printed.iter().map(|line| line["after_frames"].clone()).collect();
        assert_eq!(frames, wanted);
        assert_eq!(printed.last().unwrap()["want"], *end);
    }
    let each = run("basix-decode", &["--store-every", "1"], b"").done();
    assert_eq!(each.out.lines().count(), 389);
}

#[test]
fn basix_decode_prints_who_waits_what_rings_and_who_is_free() {
    let expected = lines(&read("basix/session-5.store.jsonl"));
    let path = vectors("basix/session-5.frames").into_os_string().into_string().unwrap();
    let printed =
        lines(run("basix-decode", &["--store-every", "20", &path], b"").done().out.as_bytes());
    assert_eq!(printed.len(), expected.len());
    for (printed, expected) in printed.iter().zip(&expected) {
        assert_eq!(printed["want"], expected["want"]);
        let view = without_nulls(printed["view"].clone());
        let wanted = without_nulls(expected["view"].clone());
        assert!(equal(&view, &wanted), "after {}: {view}", expected["after_frames"]);
    }
}

#[test]
fn basix_decode_reports_a_missing_file() {
    for arguments in [&["/no/such/file"][..], &["--store-every", "5", "/no/such/file"]] {
        let run = run("basix-decode", arguments, b"");
        assert_eq!(run.code, Some(1));
        assert_eq!(run.out, "");
        let start = "basix-decode: /no/such/file: cannot be read: ";
        assert!(run.errors.starts_with(start), "{}", run.errors);
        assert_eq!(run.errors.lines().count(), 1);
    }
}

#[test]
fn basix_decode_prints_what_comes_before_a_cut() {
    let session = read("basix/session-1.frames");
    let lengths = lengths(&session);
    let start: usize = lengths[..100].iter().map(|length| 4 + length).sum();
    let whole = run("basix-decode", &["-"], &session).done();
    let before: String = whole.out.split_inclusive('\n').take(100).collect();
    // Inside a length, after it, and inside a message.
    for cut in [start + 1, start + 4, start + 9, start + 4 + lengths[100] - 1] {
        let path = file(&format!("cut-{cut}.frames"), &session[..cut]);
        for (argument, input) in [(path.as_str(), &b""[..]), ("-", &session[..cut])] {
            let run = run("basix-decode", &[argument], input);
            assert_eq!(run.code, Some(1), "cut at {cut}");
            assert_eq!(run.out, before, "cut at {cut}");
            assert_eq!(
                run.errors,
                format!(
                    "basix-decode: {argument}: ends inside the message that starts at byte \
                     {start}: the recording was cut short or is not a recorded session\n"
                )
            );
        }
        let run = run("basix-decode", &["--store-every", "60", &path], b"");
        assert_eq!(run.code, Some(1));
        assert_eq!(run.lines().len(), 1);
        assert!(run.out.starts_with(r#"{"after_frames":60,"#));
    }
    // Between two messages there is no telling.
    let run = run("basix-decode", &["-"], &session[..start]).done();
    assert_eq!(run.out, before);
}

#[test]
fn basix_decode_refuses_a_file_that_is_not_a_recording() {
    let run = run("basix-decode", &["-"], b"{\"kind\":\"info_event\"}\n");
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
    assert!(run.errors.contains("ends inside the message that starts at byte 0"), "{}", run.errors);
}

/// The built-in session as a recording with times, each connection with these messages.
fn recording(connections: &[&[Vec<u8>]]) -> Vec<u8> {
    let mut recorder = Recorder::new(Vec::new(), Timestamp::from_micros(0)).unwrap();
    let mut at = Duration::ZERO;
    for messages in connections {
        recorder.opened(at).unwrap();
        for message in *messages {
            at += Duration::from_millis(7);
            recorder.binary(at, message).unwrap();
        }
        recorder.closed(at).unwrap();
    }
    recorder.into_inner()
}

/// The messages of a plain session.
fn messages(session: &[u8]) -> Vec<Vec<u8>> {
    let message = |event| match event {
        Ok(Recorded::Binary(message)) => message,
        other => panic!("{other:?}"),
    };
    Session::new(session).unwrap().map(message).collect()
}

#[test]
fn basix_decode_prints_a_recording_with_times_as_it_prints_the_plain_form() {
    let recording = recording(&[&messages(&read("basix/session-1.frames"))]);
    let path = file("session-1.recording", &recording);
    is_the_session(&run("basix-decode", &["--base-url", BASE_URL, &path], b"").done());
    is_the_session(&run("basix-decode", &["--base-url", BASE_URL, "-"], &recording).done());
}

#[test]
fn basix_decode_forgets_field_names_and_channels_between_recorded_connections_b85_b86() {
    let session = messages(&read("basix/session-1.frames"));
    let is_first_channel =
        |line: &Json| line["element_name"] == "channel" && line["kind"] == "info_event";
    let printed = run("basix-decode", &[], b"").done().lines();
    let channel = printed.iter().position(is_first_channel).unwrap();
    let (first, second) = (&session[..=channel], &session[channel..=channel]);
    let recording = recording(&[first, second]);

    let lines = run("basix-decode", &["-"], &recording).done().lines();
    assert_eq!(lines.len(), first.len() + 1);
    assert_eq!(lines[first.len()], json!({"kind": "error", "error": "no_field_spec"}));

    let every = first.len().to_string();
    let keys = run("basix-decode", &["--store-every", &every, "-"], &recording).done().lines();
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0]["want"]["channel"], json!([]));
    assert_eq!(keys[1]["want"]["channel"], json!([]));
}

#[test]
fn basix_decode_refuses_a_recorded_text_message_b110() {
    let mut recorder = Recorder::new(Vec::new(), Timestamp::from_micros(0)).unwrap();
    recorder.text(Duration::ZERO, "{\"kind\":\"msg\"}").unwrap();
    let printed = run("basix-decode", &["-"], &recorder.into_inner()).done().lines();
    assert_eq!(printed, [json!({"kind": "error", "error": "decode"})]);
}

#[test]
fn basix_decode_prints_what_comes_before_a_cut_of_a_recording() {
    let session = messages(&read("basix/session-1.frames"));
    let whole = recording(&[&session[..10]]);
    let cut = recording(&[&session[..9]]).len() - 13 + 5;
    let lines = run("basix-decode", &["-"], &whole).done();
    let run = run("basix-decode", &["-"], &whole[..cut]);
    assert_eq!(run.code, Some(1));
    let before: String = lines.out.split_inclusive('\n').take(9).collect();
    assert_eq!(run.out, before);
    assert_eq!(
        run.errors,
        format!(
            "basix-decode: -: recording ends inside what starts at byte {}: it was cut short\n",
            cut - 5
        )
    );
}

#[test]
fn basix_decode_explains_wrong_arguments() {
    for (arguments, message) in [
        (&["--store-every", "0"][..], "--store-every needs a number above 0"),
        (&["--store-every", "x"], "--store-every needs a number above 0"),
        (&["--store-every"], "--store-every needs a value"),
        (&["--base-url"], "--base-url needs a value"),
        (&["--frob"], "--frob: unknown option"),
        (&["a", "b"], "an argument is not understood"),
    ] {
        let run = run("basix-decode", arguments, b"");
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert_eq!(run.errors, format!("basix-decode: {message}; see basix-decode --help\n"));
    }
}

#[test]
fn a_message_that_claims_to_be_huge_is_cut() {
    let mut frames = Frames::new(&[0xff, 0xff, 0xff, 0xff, 131, 106][..]);
    let mut buffer = Vec::new();
    let error = frames.next_into(&mut buffer).unwrap_err();
    assert!(matches!(error, FrameError::Cut(0)), "{error:?}");
    assert!(buffer.capacity() < 1024);
}
