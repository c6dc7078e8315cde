//! Erlang itself makes terms, damaged messages and pairs of terms; decoding, encoding, printing and
//! comparing them must agree with it.
//!
//! Differences that are meant are listed in `beam-differences.txt`. Set `REQUIRE_ERL=1` to fail if
//! Erlang is not installed, and `BEAM_SEEDS=32` for that many times the 35,000 cases, each time others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use basix_cti::bert::{AtomForm, DecodeErrorKind, Encoder, FloatForm, Term, Token, Value, decode};

const TERMS: usize = 15_000;
const DAMAGED: usize = 15_000;
const PAIRS: usize = 5_000;

/// The forms of `term_to_binary` with `minor_version` 0, 1 and 2.
const FORMS: [(AtomForm, FloatForm); 3] = [
    (AtomForm::Latin1, FloatForm::Text),
    (AtomForm::Latin1, FloatForm::Ieee),
    (AtomForm::Utf8, FloatForm::Ieee),
];

/// The differences found: how many there are under each name, and the first of them.
#[derive(Default)]
struct Differences(BTreeMap<&'static str, (usize, String)>);

impl Differences {
    fn add(&mut self, name: &'static str, what: impl FnOnce() -> String) {
        self.0.entry(name).or_insert_with(|| (0, what())).0 += 1;
    }

    /// Prints the differences, and fails if one has no explanation in the file.
    fn assert_explained(&self) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bert/beam-differences.txt");
        let file = std::fs::read_to_string(path).unwrap();
        let explained: Vec<_> =
            file.lines().filter_map(|line| line.split_once(": ")).map(|(name, _)| name).collect();
        for (name, (count, first)) in &self.0 {
            println!("{name}: {count}, first {first:.400}");
        }
        let unexplained: Vec<_> = self.0.keys().filter(|name| !explained.contains(name)).collect();
        assert!(unexplained.is_empty(), "{unexplained:?}");
    }
}

/// The fields of a file that the script wrote.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn next(&mut self) -> &'a [u8] {
        let (len, rest) = self.0.split_first_chunk().unwrap();
        let (field, rest) = rest.split_at(u32::from_be_bytes(*len) as usize);
        self.0 = rest;
        field
    }
}

fn script(args: &[&std::ffi::OsStr]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bert/beam.escript");
    let output = Command::new("escript").arg(script).args(args).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn erlang_and_this_decoder_agree() {
    if Command::new("erl").arg("-version").stderr(Stdio::null()).status().is_err() {
        assert!(std::env::var_os("REQUIRE_ERL").is_none(), "`erl` is not installed");
        eprintln!("skipped: `erl` is not installed");
        return;
    }
    let seeds = std::env::var("BEAM_SEEDS").map_or(1, |seeds| seeds.parse().unwrap());
    let mut differences = Differences::default();
    let mut release = 0;
    for seed in 1..=seeds {
        release = compare(seed, &mut differences);
    }
    let cases = seeds as usize * (TERMS + DAMAGED + PAIRS);
    println!("{cases} cases with OTP {release}, seeds 1 to {seeds}");
    differences.assert_explained();
}

/// Compares the terms, damaged messages and pairs of one seed; gives the release of Erlang.
fn compare(seed: u32, differences: &mut Differences) -> u32 {
    let made = file("beam-made.bin");
    script(&["make".as_ref(), made.as_ref(), seed.to_string().as_ref()]);
    let bytes = std::fs::read(made).unwrap();
    let mut fields = Fields(&bytes);
    let release: u32 = std::str::from_utf8(fields.next()).unwrap().parse().unwrap();
    terms(&mut fields, release, differences);
    for _ in 0..DAMAGED {
        damaged(fields.next(), fields.next(), release, differences);
    }
    for _ in 0..PAIRS {
        pair([fields.next(), fields.next()], fields.next(), fields.next(), differences);
    }
    assert!(fields.0.is_empty());
    release
}

/// Terms are read, are written as Erlang writes them, are read by Erlang in every other form, and
/// are printed as Erlang prints them.
fn terms(fields: &mut Fields<'_>, release: u32, differences: &mut Differences) {
    let (mut read, mut written) = (Vec::new(), Vec::new());
    for at in 1..=TERMS {
        let (message, text) = (fields.next(), std::str::from_utf8(fields.next()).unwrap());
        let Ok(term) = decode(message) else {
            differences.add("term refused", || hex(message));
            continue;
        };
        let in_form = |form: usize| {
            let (atoms, floats) = FORMS[form % 3];
            Encoder::new().with_atoms(atoms).with_floats(floats).term(term).finish().unwrap()
        };
        if in_form(at) != message {
            let name = match release {
                ..27 if any(term, |value| matches!(value, Value::Port(_))) => "port in an old form",
                _ => "written otherwise",
            };
            differences.add(name, || format!("{} for {}", hex(&in_form(at)), hex(message)));
        }
        let other = in_form(at + 1 + at / 3 % 2);
        if decode(&other) != Ok(term) {
            differences.add("not equal in another form", || hex(&other));
        }
        for (file, message) in [(&mut read, message), (&mut written, &other)] {
            file.extend((message.len() as u32).to_be_bytes());
            file.extend(message);
        }
        if term.to_string() != text {
            differences.add(printed_otherwise(term, release), || format!("{term} for {text}"));
        }
    }
    let (read_path, written_path) = (file("beam-read.bin"), file("beam-written.bin"));
    std::fs::write(&read_path, read).unwrap();
    std::fs::write(&written_path, written).unwrap();
    let judged = script(&["judge".as_ref(), read_path.as_ref(), written_path.as_ref()]);
    if !judged.is_empty() {
        differences.add("another term for Erlang", || judged);
    }
}

fn printed_otherwise(term: Term<'_>, release: u32) -> &'static str {
    let node = |value: &Value<'_>| match value {
        Value::Pid(pid) => pid.node != "nonode@nohost",
        Value::Port(port) => port.node != "nonode@nohost",
        Value::Reference(reference) => reference.node != "nonode@nohost",
        _ => false,
    };
    let keyword = |value: &Value<'_>| match value {
        Value::Atom(name) => *name == "else" || *name == "maybe",
        _ => false,
    };
    if any(term, |value| node(&value)) {
        "node shown by its name"
    } else if any(term, |value| matches!(value, Value::Map(map) if map.len() > 32)) {
        "order of keys in print"
    } else if release < 27 && any(term, |value| keyword(&value)) {
        "keyword of OTP 27"
    } else {
        "printed otherwise"
    }
}

/// A damaged message is read as the same term, or refused by both.
fn damaged(message: &[u8], read: &[u8], release: u32, differences: &mut Differences) {
    match (decode(message), decode(read)) {
        (Ok(here), Ok(there)) if here != there => {
            differences.add("damaged, another term", || format!("{} {}", hex(message), hex(read)));
        }
        (Ok(here), Err(_)) => {
            assert!(read.is_empty());
            let local = |value: Value<'_>| match value {
                Value::Pid(pid) => pid.node == "nonode@nohost",
                Value::Port(port) => port.node == "nonode@nohost",
                Value::Reference(reference) => reference.node == "nonode@nohost",
                _ => false,
            };
            let old = |value: Value<'_>| match value {
                Value::Pid(pid) => (4..=255).contains(&pid.creation),
                Value::Port(port) => (4..=255).contains(&port.creation),
                Value::Reference(reference) => (4..=255).contains(&reference.creation),
                _ => false,
            };
            let name = match here {
                here if any(here, local) => "local number too large",
                here if any(here, old) => "creation above 3 in an old form",
                _ => "accepted here only",
            };
            differences.add(name, || format!("{here} {}", hex(message)));
        }
        (Err(error), Ok(there)) => {
            let name = match error.kind() {
                DecodeErrorKind::UnknownTag => "tag of Erlang's own memory",
                DecodeErrorKind::Bits if release < 27 => "bit string without bytes",
                _ => "refused here only",
            };
            differences.add(name, || format!("{error}: {there} {}", hex(message)));
        }
        _ => {}
    }
}

/// Two terms have Erlang's order, and are equal if they are the same for Erlang.
fn pair(messages: [&[u8]; 2], order: &[u8], same: &[u8], differences: &mut Differences) {
    let [a, b] = messages.map(|message| decode(message).unwrap());
    let (here, equal) = (a.cmp(&b), a == b);
    assert_eq!(here.is_eq(), equal, "{a} {b}");
    assert_eq!(here, b.cmp(&a).reverse(), "{a} {b}");
    let messages = || format!("{a} {b} {} {}", hex(messages[0]), hex(messages[1]));
    let agrees = match order {
        b"<" => here.is_lt(),
        b">" => here.is_gt(),
        _ => true,
    };
    if !agrees {
        differences.add("ordered otherwise", messages);
    }
    if equal != (same == [1]) {
        differences.add("equal otherwise", messages);
    }
}

/// Returns whether a part of the term is of this kind.
fn any(term: Term<'_>, is: impl Fn(Value<'_>) -> bool) -> bool {
    term.walk().any(|token| matches!(token, Token::Value(value) if is(value)))
}
