//! The examples as they are run: arguments and files in, lines and exit codes out.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

#[path = "../../../basix-cti/tests/protocol/expected.rs"]
mod expected;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use basix_cti::Timestamp;
use basix_cti::bert::{self, Decoder, Limits};
use basix_cti::recording::{Recorded, Recorder};
use basix_examples::frames::{FrameError, Frames, Session};
use basix_examples::{hex, tree};
use expected::{equal, lines, wanted, without_nulls};
use serde_json::{Value as Json, json};

const BASE_URL: &str = "https://pbx.example.test/";

fn vectors(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../basix-cti/tests/vectors", name].iter().collect()
}

fn read(name: &str) -> Vec<u8> {
    fs::read(vectors(name)).unwrap()
}

/// The lengths of the messages in a recorded session.
fn lengths(session: &[u8]) -> Vec<usize> {
    let mut frames = Frames::new(session);
    let mut buffer = Vec::new();
    std::iter::from_fn(|| frames.next_into(&mut buffer).unwrap().map(<[u8]>::len)).collect()
}

/// A file for one test.
fn file(name: &str, content: &[u8]) -> String {
    let path = [env!("CARGO_TARGET_TMPDIR"), name].iter().collect::<PathBuf>();
    fs::write(&path, content).unwrap();
    path.into_os_string().into_string().unwrap()
}

/// What an example did.
struct Run {
    out: String,
    errors: String,
    code: Option<i32>,
}

impl Run {
    fn lines(&self) -> Vec<Json> {
        lines(self.out.as_bytes()).into_iter().map(without_nulls).collect()
    }

    /// What was printed by an example that ended well.
    #[track_caller]
    fn done(self) -> Self {
        assert_eq!((self.errors.as_str(), self.code), ("", Some(0)));
        self
    }
}

/// Runs an example, which Cargo has built beside this test.
fn run(name: &str, arguments: &[&str], input: &[u8]) -> Run {
    let test = std::env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    let example =
        profile.join("examples").join(name).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(
        example.exists(),
        "{} is not there: run all tests of the package, with `cargo test -p basix-examples`",
        example.display()
    );
    let mut child = Command::new(example)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        // An example that does not read its input may end before it is written.
        scope.spawn(move || drop(stdin.write_all(input)));
        child.wait_with_output().unwrap()
    });
    Run {
        out: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code(),
    }
}

#[track_caller]
fn is_the_session(run: &Run) {
    let expected = lines(&read("basix/session-1.expected.jsonl"));
    let printed = run.lines();
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
    assert_eq!(plain.lines().len(), 389);
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
fn basix_decode_tells_of_a_file_that_is_not_there() {
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
fn basix_decode_refuses_a_file_that_is_no_recording() {
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
        (&["--frob"], "--frob: not understood"),
        (&["a", "b"], "b: not understood"),
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

#[test]
fn every_program_prints_its_usage_and_refuses_an_unknown_option() {
    for name in
        ["basix-decode", "basix-follow", "etf-print", "every-message", "wallboard", "call-log"]
    {
        let help = run(name, &["--help"], b"").done();
        assert!(help.out.starts_with("usage: "), "{}", help.out);
        assert!(help.out.contains(name), "{}", help.out);
        let refused = run(name, &["--frob"], b"");
        assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""), "{name}");
        assert!(refused.errors.starts_with(&format!("{name}: ")), "{}", refused.errors);
        assert!(refused.errors.ends_with(&format!("; see {name} --help\n")), "{}", refused.errors);
        assert_eq!(refused.errors.lines().count(), 1);
    }
}

/// A row of `vectors/etf`. A tree may be nested deeper than JSON readers like, so it stays text.
struct Row<'a> {
    text: &'a str,
}

impl<'a> Row<'a> {
    fn hex(&self) -> &'a str {
        let (_, rest) = self.text.split_once(r#""hex":""#).unwrap();
        rest.split_once('"').unwrap().0
    }

    fn tree(&self) -> String {
        let (_, tree) = self.text.split_once(r#","tree":"#).unwrap();
        unescape(tree.strip_suffix('}').unwrap())
    }

    fn is_bert(&self) -> bool {
        self.text.contains(r#","bert":true,"#)
    }

    fn is_bad_for_the_beam(&self) -> bool {
        self.text.contains(r#","beam":"badarg""#)
    }
}

/// JSON in which characters beyond ASCII stand as themselves.
fn unescape(json: &str) -> String {
    let mut out = String::new();
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        // A backslash and what it is for: `uXXXX`, twice for large code points, or one character.
        let unit = |at: usize| u16::from_str_radix(escape.get(at..at + 4)?, 16).ok();
        let units = [unit(2), unit(8)].map(Option::unwrap_or_default);
        let (char, len) = match escape.as_bytes()[1] {
            b'u' if (0xd800..0xdc00).contains(&units[0]) => {
                (char::decode_utf16(units).next().unwrap().ok(), 12)
            }
            b'u' => (char::from_u32(units[0].into()).filter(|char| !char.is_ascii()), 6),
            _ => (None, 2),
        };
        match char {
            Some(char) => out.push(char),
            None => out.push_str(&escape[..len]),
        }
        rest = &escape[len..];
    }
    out + rest
}

fn rows(text: &str) -> Vec<Row<'_>> {
    text.lines().map(|text| Row { text }).collect()
}

/// The terms of rows, one in a line.
fn terms(rows: &[Row<'_>]) -> Vec<u8> {
    rows.iter().flat_map(|row| [row.hex().as_bytes(), b"\n"].concat()).collect()
}

#[track_caller]
fn is_tree(line: &str, row: &Row<'_>) {
    let wanted = format!(r#"{{"tree":{},"text":""#, row.tree());
    assert!(line.starts_with(&wanted) && line.ends_with("\"}"), "{line}\nwanted {wanted}");
}

/// Checks that a line is an error, and returns its kind.
#[track_caller]
fn error(line: &str, row: &Row<'_>) -> String {
    let error: Json = serde_json::from_str(line).unwrap();
    assert_eq!(error.as_object().unwrap().len(), 5, "{line}");
    let offset = error["offset"].as_u64().unwrap();
    assert!(offset <= row.hex().len() as u64 / 2, "{line} for {}", row.hex());
    error["error"].as_str().unwrap().to_owned()
}

#[test]
fn etf_print_prints_every_valid_term() {
    let text = String::from_utf8(read("etf/valid.jsonl")).unwrap();
    let rows = rows(&text);
    assert_eq!(rows.len(), 736);
    let path = file("valid.hex", &terms(&rows));
    let printed = run("etf-print", &[&path], b"").done();
    assert_eq!(printed.out.lines().count(), 736);
    for (line, row) in printed.out.lines().zip(&rows) {
        is_tree(line, row);
    }
}

#[test]
fn etf_print_refuses_what_a_cti_message_must_not_hold_b11() {
    let text = String::from_utf8(read("etf/valid.jsonl")).unwrap();
    let rows = rows(&text);
    let path = file("valid-cti.hex", &terms(&rows));
    let printed = run("etf-print", &["--cti", &path], b"").done();
    assert_eq!(printed.out.lines().count(), 736);
    let mut refused = 0;
    for (line, row) in printed.out.lines().zip(&rows) {
        if row.is_bert() {
            is_tree(line, row);
        } else {
            let kind = error(line, row);
            let kinds = ["outside_subset", "improper_list", "compressed", "sign"];
            assert!(kinds.contains(&kind.as_str()), "{kind} for {}", row.text);
            refused += 1;
        }
    }
    assert!(refused > 100, "{refused}");
}

#[test]
fn etf_print_refuses_invalid_terms_b10() {
    let text = String::from_utf8(read("etf/invalid.jsonl")).unwrap();
    let rows = rows(&text);
    assert_eq!(rows.len(), 1033);
    let terms = terms(&rows);
    let general = run("etf-print", &["-"], &terms).done();
    let cti = run("etf-print", &["--cti", "-"], &terms).done();
    assert_eq!((general.out.lines().count(), cti.out.lines().count()), (1033, 1033));
    for ((general, cti), row) in general.out.lines().zip(cti.out.lines()).zip(&rows) {
        error(cti, row);
        if row.is_bad_for_the_beam() {
            error(general, row);
        }
    }
}

#[test]
fn etf_print_says_which_line_and_column_is_wrong() {
    let input: &[u8] = b"\n8361\n83 6a 00\n82\r\nxyz\n836\n83 6\xffa\n83 6\xd0\xb0\n83 68 01\t68 0";
    let printed = run("etf-print", &["-"], input).done();
    let wrong = |line: u64, column: u64, error: &str, offset: u64, message: &str| {
        let message = format!("line {line}, column {column}: {message}");
        json!({"error": error, "offset": offset, "line": line, "column": column, "message": message})
    };
    assert_eq!(
        printed.lines(),
        [
            wrong(1, 1, "empty", 0, "message is empty at byte 0"),
            wrong(2, 5, "truncated", 2, "message ends inside a term at byte 2"),
            wrong(3, 7, "trailing", 2, "bytes follow the term at byte 2"),
            wrong(4, 1, "version", 0, "message does not start with version byte 131 at byte 0"),
            wrong(5, 1, "hex", 0, "expected a hexadecimal digit, found 'x'"),
            wrong(6, 4, "hex", 1, "expected the second digit of a byte, found the end of the line"),
            wrong(7, 5, "hex", 1, "expected a hexadecimal digit, found '\u{fffd}'"),
            wrong(8, 5, "hex", 1, "expected a hexadecimal digit, found '\u{430}'"),
            wrong(
                9,
                14,
                "hex",
                4,
                "expected the second digit of a byte, found the end of the line"
            ),
        ]
    );
}

#[test]
fn etf_print_ignores_blanks_between_digits() {
    let plain = run("etf-print", &["-"], b"83680168016a\n").done();
    assert_eq!(
        plain.out,
        "{\"tree\":{\"tuple\":[{\"tuple\":[{\"list\":[]}]}]},\"text\":\"{{[]}}\"}\n"
    );
    for input in ["83 68 01 68 01 6a\n", "  8368\t0168 \t 01 6a  \r\n", "836801   68016 a"] {
        assert_eq!(run("etf-print", &["-"], input.as_bytes()).done().out, plain.out, "{input:?}");
    }
}

#[test]
fn etf_print_points_at_the_tag_of_a_compressed_term_that_is_wrong_inside() {
    // `61` without its byte, deflated without compression.
    let printed =
        run("etf-print", &["-"], b"83 50 00000001 7801 01 0100 feff 61 00620062\n").done().lines();
    assert_eq!((&printed[0]["line"], &printed[0]["column"]), (&json!(1), &json!(4)));
    assert_eq!(printed[0]["error"], "truncated");
}

#[test]
fn etf_print_writes_erlang_syntax() {
    // {info_event,"user",<<"a">>,-1.5,[x|y],#{},'A b'}
    let input = b"836807770a696e666f5f6576656e746b0004757365726d000000016146bff80000000000006c0000\
                  00017701787701797400000000770341 2062";
    let input = String::from_utf8_lossy(input).replace(' ', "");
    let printed = run("etf-print", &["-"], input.as_bytes()).done();
    let line: Json = serde_json::from_str(&printed.out).unwrap();
    assert_eq!(line["text"], r#"{info_event,"user",<<"a">>,-1.5,[x|y],#{},'A b'}"#);
}

#[test]
fn etf_print_explains_wrong_arguments_and_missing_files() {
    for (arguments, message) in [
        (&[][..], "FILE is missing"),
        (&["--frob"], "--frob: not understood"),
        (&["a", "b"], "b: not understood"),
    ] {
        let run = run("etf-print", arguments, b"");
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert_eq!(run.errors, format!("etf-print: {message}; see etf-print --help\n"));
    }
    for arguments in [&["/no/such/file"][..], &["--cti", "/no/such/file"]] {
        let run = run("etf-print", arguments, b"");
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(run.errors.starts_with("etf-print: /no/such/file: "), "{}", run.errors);
    }
}

#[test]
fn trees_are_those_of_the_vectors() {
    let text = String::from_utf8(read("etf/valid.jsonl")).unwrap();
    let limits = Limits::default().with_inflated_bytes(1 << 20);
    for row in rows(&text) {
        let message = hex::decode(row.hex().as_bytes()).unwrap();
        assert_eq!(hex::encode(message.iter().copied()), row.hex());
        let plain = bert::inflate(&message, &limits).unwrap();
        let term = Decoder::new().with_limits(limits).decode(&plain).unwrap();
        assert_eq!(tree::to_json(term), row.tree(), "{}", row.text);
    }
}
