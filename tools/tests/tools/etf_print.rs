use basix_cti::bert::{self, Decoder, Limits};
use serde_json::{Value as Json, json};
use tools::{hex, tree};

use crate::basix_decode::read;
use crate::program::{file, run};

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

/// Unescapes characters beyond ASCII in JSON.
fn unescape(json: &str) -> String {
    let mut out = String::new();
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        // An escape: `uXXXX`, twice for large code points, or one character.
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
        (&["--frob"], "--frob: unknown option"),
        (&["a", "b"], "an argument is not understood"),
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
