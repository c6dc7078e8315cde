//! A few hundred terms read, written and printed by Erlang itself, when it is installed.
//!
//! Set `REQUIRE_ERL=1` to fail when it is not.

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use basix_cti::bert::{AtomForm, Encoder, FloatForm, decode};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::tree::{Tree, any_tree, unhex};

/// The forms of `term_to_binary` with `minor_version` 0, 1 and 2.
const FORMS: [(AtomForm, FloatForm); 3] = [
    (AtomForm::Latin1, FloatForm::Text),
    (AtomForm::Latin1, FloatForm::Ieee),
    (AtomForm::Utf8, FloatForm::Ieee),
];

/// Reads a message in base 16 per line of a file; prints a line with what it writes in the three
/// versions, and the printed term as UTF-8, all in base 16.
const SCRIPT: &str = r#"
    [Path] = init:get_plain_arguments(),
    {ok, File} = file:read_file(Path),
    Hex = fun(Bytes) -> [io_lib:format("~2.16.0b", [Byte]) || <<Byte>> <= Bytes] end,
    Unhex = fun(Line) -> << <<(binary_to_integer(Pair, 16))>> || <<Pair:2/binary>> <= Line >> end,
    [begin
        Term = binary_to_term(Unhex(Line)),
        Text = unicode:characters_to_binary(io_lib:format("~0tp", [Term])),
        Made = [term_to_binary(Term, [{minor_version, V}]) || V <- [0, 1, 2]],
        io:put_chars(lists:join(" ", [Hex(Bytes) || Bytes <- Made ++ [Text]]) ++ "\n")
    end || Line <- binary:split(File, <<"\n">>, [global]), Line =/= <<>>],
    halt().
"#;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The same terms in every run.
fn terms(count: usize) -> Vec<Tree> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| any_tree().new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
fn erlang_reads_writes_and_prints_the_same_terms() {
    if Command::new("erl").arg("-version").stderr(Stdio::null()).status().is_err() {
        assert!(std::env::var_os("REQUIRE_ERL").is_none(), "`erl` is not installed");
        eprintln!("skipped: `erl` is not installed");
        return;
    }
    let trees = terms(400);
    let encoder = |at: usize| {
        let (atoms, floats) = FORMS[at % 3];
        Encoder::new().with_atoms(atoms).with_floats(floats)
    };
    let messages: Vec<_> =
        trees.iter().enumerate().map(|(at, tree)| tree.encode(encoder(at))).collect();
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("terms.hex");
    let lines: String = messages.iter().map(|message| hex(message) + "\n").collect();
    std::fs::write(&path, lines).unwrap();

    let erl = ["-noshell", "-noinput", "-eval", SCRIPT, "-extra"];
    let output = Command::new("erl").args(erl).arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let output = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.lines().count(), trees.len(), "{output}");

    for ((line, tree), message) in output.lines().zip(&trees).zip(&messages) {
        let term = decode(message).unwrap();
        let made: Vec<_> = line.split(' ').map(unhex).collect();
        let (text, made) = made.split_last().unwrap();
        for (version, made) in made.iter().enumerate() {
            assert_eq!(decode(made).unwrap(), term);
            if !tree.has_order_of_keys() {
                let written = encoder(version).term(term).finish().unwrap();
                assert_eq!(hex(&written), hex(made), "{term} in version {version}");
            }
        }
        if !tree.has_order_of_keys() {
            assert_eq!(term.to_string(), std::str::from_utf8(text).unwrap());
        }
    }
}
