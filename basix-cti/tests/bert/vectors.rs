//! Every vector of `tests/vectors/etf`, which Erlang/OTP 25 made or judged.

use std::borrow::Cow;
use std::sync::LazyLock;

use basix_cti::bert::{AtomForm, Encoder, FloatForm, Term, decode, decode_cti};
use serde_json::Value as Json;

use crate::tree::{Tree, parse, unhex};

pub(crate) struct Valid {
    name: String,
    message: Vec<u8>,
    term: String,
    kind: String,
    in_subset: bool,
    made_by: Vec<String>,
    tree: Tree,
}

struct Invalid {
    name: String,
    message: Vec<u8>,
    refused_by_erlang: bool,
}

fn text(row: &Json, key: &str) -> String {
    row[key].as_str().unwrap().to_owned()
}

fn rows(file: &str) -> impl Iterator<Item = String> {
    let path = format!("{}/tests/vectors/etf/{file}", env!("CARGO_MANIFEST_DIR"));
    let rows = std::fs::read_to_string(path).unwrap();
    rows.lines().map(str::to_owned).collect::<Vec<_>>().into_iter()
}

static VALID: LazyLock<Vec<Valid>> = LazyLock::new(|| {
    let row = |line: String| {
        let (row, tree) = line.split_once(r#","tree":"#).unwrap();
        let row: Json = serde_json::from_str(&format!("{row}}}")).unwrap();
        let made_by = row["made_by"].as_array().unwrap().iter();
        Valid {
            name: text(&row, "name"),
            message: unhex(&text(&row, "hex")),
            term: text(&row, "term"),
            kind: text(&row, "kind"),
            in_subset: row["bert"].as_bool().unwrap(),
            made_by: made_by.map(|maker| maker.as_str().unwrap().to_owned()).collect(),
            tree: parse(tree.strip_suffix('}').unwrap()),
        }
    };
    rows("valid.jsonl").map(row).collect()
});

static INVALID: LazyLock<Vec<Invalid>> = LazyLock::new(|| {
    let row = |line: String| {
        let row: Json = serde_json::from_str(&line).unwrap();
        Invalid {
            name: text(&row, "name"),
            message: unhex(&text(&row, "hex")),
            refused_by_erlang: row["beam"] == "badarg",
        }
    };
    rows("invalid.jsonl").map(row).collect()
});

/// The message without compression, unless it is damaged.
#[cfg(feature = "inflate")]
fn plain(message: &[u8]) -> Option<Cow<'_, [u8]>> {
    let limits = basix_cti::bert::Limits::default().with_inflated_bytes(1 << 20);
    basix_cti::bert::inflate(message, &limits).ok()
}

/// Without the feature `inflate`, compressed messages are as good as damaged.
#[cfg(not(feature = "inflate"))]
fn plain(message: &[u8]) -> Option<Cow<'_, [u8]>> {
    (message.get(1) != Some(&80)).then_some(Cow::Borrowed(message))
}

/// Calls `check` for each valid row and its term, and fails with the names of the rows it rejects.
#[track_caller]
pub(crate) fn each_valid(mut check: impl FnMut(&Valid, Term<'_>) -> bool) {
    let fails = |row: &&Valid| match plain(&row.message) {
        Some(message) => !decode(&message).is_ok_and(|term| check(row, term)),
        None => cfg!(feature = "inflate") || row.kind != "compressed",
    };
    let failed: Vec<_> = VALID.iter().filter(fails).map(|row| &row.name).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn every_vector_is_here() {
    assert_eq!((VALID.len(), INVALID.len()), (736, 1033));
}

#[test]
fn every_valid_message_is_the_term_that_erlang_reads() {
    each_valid(|row, term| row.tree.is(term));
}

#[test]
fn terms_are_equal_however_they_are_written() {
    let mut compared = 0;
    each_valid(|row, term| {
        [AtomForm::Utf8, AtomForm::Latin1].into_iter().all(|atoms| {
            let mut encoder = Encoder::new().with_atoms(atoms).with_floats(FloatForm::Text);
            // The model of a fun lacks its checksum and variables.
            if matches!(row.tree, Tree::Fun(..)) {
                return true;
            }
            row.tree.write(&mut encoder);
            compared += 1;
            decode(&encoder.finish().unwrap()).unwrap() == term
        })
    });
    assert!(compared > 1300, "{compared}");
}

#[test]
fn what_erlang_writes_is_written_byte_for_byte() {
    let mut written = 0;
    each_valid(|row, term| {
        // The vectors come from OTP 25, which wrote ports with small numbers in an older form.
        let port = matches!(row.tree, Tree::Port(..));
        row.made_by.iter().filter(|_| !port).all(|maker| {
            let (atoms, floats) = match maker.as_str() {
                "mv0" => (AtomForm::Latin1, FloatForm::Text),
                "mv1" => (AtomForm::Latin1, FloatForm::Ieee),
                "mv2" => (AtomForm::Utf8, FloatForm::Ieee),
                other => panic!("{other}"),
            };
            written += 1;
            let mut encoder = Encoder::new().with_atoms(atoms).with_floats(floats);
            encoder.term(term).finish().unwrap() == row.message
        })
    });
    assert!(written > 1000, "{written}");
}

#[test]
fn every_port_is_written_with_tag_120() {
    // Port 7 of a@b in creation 3, with tags 89 and 120.
    let old = b"\x83Yw\x03a@b\0\0\0\x07\0\0\0\x03";
    let new = b"\x83xw\x03a@b\0\0\0\0\0\0\0\x07\0\0\0\x03";
    assert_eq!(basix_cti::bert::encode(decode(old).unwrap()), new);
    assert_eq!(decode(old).unwrap(), decode(new).unwrap());
}

#[test]
fn terms_are_shown_as_erlang_prints_them() {
    let mut shown = 0;
    each_valid(|row, term| {
        // Erlang numbers other nodes as it meets them, and keeps large maps in an order of its own.
        let other_node = match &row.tree {
            Tree::Pid(node, ..) | Tree::Port(node, ..) | Tree::Ref(node, ..) => {
                node != "nonode@nohost"
            }
            _ => false,
        };
        let cut = row.term.strip_suffix("...");
        if other_node || row.name.starts_with("map-40") {
            return true;
        }
        shown += 1;
        match cut {
            Some(start) => term.to_string().starts_with(start),
            None => term.to_string() == row.term,
        }
    });
    assert!(shown > 650, "{shown}");
}

// B11
#[test]
fn a_cti_message_is_inside_the_subset() {
    let wrong = |row: &&Valid| decode_cti(&row.message).is_ok() != row.in_subset;
    let wrong: Vec<_> = VALID.iter().filter(wrong).map(|row| &row.name).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    for row in VALID.iter().filter(|row| row.in_subset) {
        assert!(row.tree.is(decode_cti(&row.message).unwrap()), "{}", row.name);
    }
}

#[test]
fn no_invalid_message_is_a_cti_message() {
    let accepted = INVALID.iter().filter(|row| decode_cti(&row.message).is_ok());
    let accepted: Vec<_> = accepted.map(|row| &row.name).collect();
    assert!(accepted.is_empty(), "{accepted:?}");
}

#[test]
fn what_erlang_refuses_is_refused() {
    let accepted = INVALID.iter().filter(|row| {
        row.refused_by_erlang && plain(&row.message).is_some_and(|plain| decode(&plain).is_ok())
    });
    let accepted: Vec<_> = accepted.map(|row| &row.name).collect();
    assert!(accepted.is_empty(), "{accepted:?}");
}

#[test]
fn serde_reads_no_message_that_the_decoder_refuses_except_keys_twice() {
    let read = |message: &[u8]| basix_cti::bert::from_slice::<Json>(message).is_ok();
    let accepted = INVALID.iter().filter(|row| decode(&row.message).is_err() && read(&row.message));
    let accepted: Vec<_> = accepted.map(|row| row.name.as_str()).collect();
    assert_eq!(accepted, ["map-duplicate-atom-key"]);
}

// B25
#[test]
fn serde_and_the_json_view_show_a_term_alike() {
    let mut compared = 0;
    each_valid(|row, term| {
        let Ok(read) = basix_cti::bert::from_term::<Json>(term) else {
            // Improper lists, keys that are not text, and what is nested deeper than serde goes.
            return row.kind == "improper" || row.kind == "map" || row.name == "deep-list-250";
        };
        compared += 1;
        serde_json::to_value(term).unwrap() == read
    });
    assert!(compared > 600, "{compared}");
}
