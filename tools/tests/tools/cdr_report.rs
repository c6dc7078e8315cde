//! `cdr/cases.jsonl`: a case has arguments, an input and expectations: `lines` (members of each
//! output line), `rows` (cells of table rows by heads), `calls`, `quality` (members of the last
//! line), `stdout`, `stderr` (texts contained), `silent` (texts that must not be printed) and
//! `exit`.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::program::{command, run};

/// The bytes of a case's input, with marks replaced by the bytes that text cannot hold.
fn input(case: &Value) -> Vec<u8> {
    let mut bytes = case["input"].as_str().unwrap_or_default().as_bytes().to_vec();
    for mark in case["hex"].as_array().into_iter().flatten() {
        let (text, hex) = (mark[0].as_str().unwrap().as_bytes(), mark[1].as_str().unwrap());
        let at = bytes.windows(text.len()).position(|window| window == text).unwrap();
        let raw = (0..hex.len()).step_by(2);
        let raw = raw.map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap());
        bytes.splice(at..at + text.len(), raw);
    }
    bytes
}

/// Returns whether a value has all expected parts: the members of objects, and the number of list
/// items.
fn has(got: &Value, want: &Value) -> bool {
    match (got, want) {
        (Value::Object(got), Value::Object(want)) => {
            want.iter().all(|(name, want)| has(got.get(name).unwrap_or(&Value::Null), want))
        }
        (Value::Array(got), Value::Array(want)) => {
            got.len() == want.len() && got.iter().zip(want).all(|(got, want)| has(got, want))
        }
        _ => got == want,
    }
}

/// The cell of a table's row, by the row's name and the column's head.
fn cell(table: &str, block: &str, row: &str, head: &str) -> Option<String> {
    let title = match block {
        "queues" => "Queues (",
        "agents" => "Agents (",
        _ => "Queues and agents",
    };
    let cells = |line: &str| -> Vec<String> {
        line.trim()
            .split("  ")
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let mut lines = table.lines().skip_while(|line| !line.starts_with(title)).skip(1);
    let heads = cells(lines.next()?);
    let names = if block == "talk" { 2 } else { 1 };
    let found = lines
        .take_while(|line| line.starts_with("  "))
        .map(cells)
        .find(|cells| cells[..names.min(cells.len())].join(" ") == row)?;
    found.get(heads.iter().position(|own| own == head)?).cloned()
}

#[track_caller]
fn check(case: &Value) {
    let name = &case["name"];
    let arguments: Vec<&str> = case["args"]
        .as_array()
        .unwrap()
        .iter()
        .map(|argument| argument.as_str().unwrap())
        .collect();
    let output = run("cdr-report", &arguments, &input(case));
    let (out, err) = (output.out, output.errors);
    let exit = case["exit"].as_i64().unwrap_or(0);
    assert_eq!(output.code.map(i64::from), Some(exit), "{name}: {err}");
    if let Some(want) = case["lines"].as_array() {
        let lines: Vec<Value> =
            out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), want.len(), "{name}: {out}");
        for (line, want) in lines.iter().zip(want) {
            assert!(has(line, want), "{name}:\n got {line}\nwant {want}");
        }
    }
    for (block, rows) in case["rows"].as_object().into_iter().flatten() {
        for (row, cells) in rows.as_object().unwrap() {
            for (head, want) in cells.as_object().unwrap() {
                let got = cell(&out, block, row, head);
                assert_eq!(got.as_deref(), want.as_str(), "{name}: {block} {row} {head}\n{out}");
            }
        }
    }
    if let Some(calls) = case["calls"].as_u64() {
        assert!(out.starts_with(&format!("{calls} calls\n")), "{name}: {out}");
    }
    let quality = out.lines().last().unwrap_or_default();
    for (field, want) in case["quality"].as_object().into_iter().flatten() {
        let field = format!("{field}={}", want.as_str().unwrap());
        assert!(quality.split(' ').any(|part| part == field), "{name}: {field} in {quality}");
    }
    for (text, whole) in [("quality_contains", quality), ("stdout", &out), ("stderr", &err)] {
        let part = case[text].as_str().unwrap_or_default();
        assert!(whole.contains(part), "{name}: {part} in {whole}");
    }
    for text in case["silent"].as_array().into_iter().flatten() {
        assert!(!format!("{out}{err}").contains(text.as_str().unwrap()), "{name}: shows {text}");
    }
    let rule = |word: &str| {
        word.strip_prefix('P')
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    };
    let words = |text: &str| text.split(|c: char| !c.is_alphanumeric()).any(rule);
    assert!(!words(&out) && !words(&err), "{name}: a rule number is shown");
}

#[test]
fn every_case_comes_to_what_it_should() {
    let cases = include_str!("cdr/cases.jsonl");
    for case in cases.lines() {
        check(&serde_json::from_str(case).unwrap());
    }
}

#[test]
fn the_worked_examples_print_every_member_in_order() {
    let printed = run("cdr-report", &[], include_bytes!("cdr/records.jsonl")).out;
    let first = printed.lines().next().unwrap();
    assert_eq!(
        first,
        r#"{"callid":"c7f2a1e0@pbx.example.com","summary":{"direction":"inbound","disposition":"answered","code":null,"agent":"41","originator":null,"customer":{"number":"+12025550100","name":"Alice Example","withheld":false},"total_ms":113500,"talk_ms":95000,"hold_ms":10000,"net_talk_ms":85000,"ring_ms":6500,"ivr_ms":12000,"queue_wait_ms":[18500],"cost":"0.0250","cost_partial":false,"worst_mos":4.4},"findings":[],"warnings":[]}"#
    );
    for (line, want) in printed.lines().skip(1).zip([
        json!({"summary": {"disposition": "abandoned_waiting", "customer": {"number": "+12025550101", "name": "Bob", "withheld": false}}}),
        json!({"summary": {"direction": "internal", "disposition": "unknown", "customer": null, "total_ms": 3000}}),
    ]) {
        assert!(has(&serde_json::from_str(line).unwrap(), &want), "{line}");
    }
}

#[test]
fn a_record_up_to_4_mib_is_read_and_a_longer_one_takes_no_other_with_it() {
    let record = |bytes: usize| {
        let mut json = br#"{"domain":"t","callid":"c","start":1000,"comment":""#.to_vec();
        json.resize(bytes - 2, b'x');
        json.extend(b"\"}");
        json
    };
    let mut input = Vec::new();
    for bytes in [4 << 20, (4 << 20) + 1, 6 << 20, 4 << 20] {
        input.extend(record(bytes));
        input.extend(b"\r\n");
    }
    let printed = run("cdr-report", &["-"], &input).lines();
    let too_large = |line: u64| json!({"error": {"code": "too_large", "path": ""}, "line": line});
    assert!(printed[0]["callid"] == "c" && printed[3]["callid"] == "c");
    assert!(has(&printed[1], &too_large(2)) && has(&printed[2], &too_large(3)));
}

#[test]
fn a_closed_pipe_is_not_a_failure() {
    let mut child = command("cdr-report", &[]).stdin(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let line = "{\"domain\":\"t\",\"callid\":\"c\",\"start\":1000}\n".repeat(20_000);
    let _ = child.stdin.take().unwrap().write_all(line.as_bytes());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
