//! Payloads as a whole, and hostile input.
// P4, P5, P11, P12, P13, P151, P153, P160, P161

use pbx_integration::Reader;
use pbx_integration::wire::{Code, Found};

use crate::support::{cdr, lenient, record, refusal, warnings};

// P11, P151
#[test]
fn input_that_is_not_a_json_object_is_refused_in_both_modes() {
    let rows: &[(&[u8], Code)] = &[
        (b"", Code::BadJson),
        (b"  ", Code::BadJson),
        (b"{", Code::BadJson),
        (b"{\"callid\":\"c\"}x", Code::BadJson),
        (b"{\"callid\":\"c\",}", Code::BadJson),
        (b"{\"callid\":01}", Code::BadJson),
        (b"{\"callid\":NaN}", Code::BadJson),
        (b"nul", Code::BadJson),
        (b"null", Code::NotAnObject),
        (b"[]", Code::NotAnObject),
        (b" [{\"callid\":\"c\"}]", Code::NotAnObject),
        (b"\"text\"", Code::NotAnObject),
        (b"5", Code::NotAnObject),
        (b"true", Code::NotAnObject),
    ];
    for (json, code) in rows {
        for reader in [Reader::strict(), Reader::lenient()] {
            let error = reader.read_cdr(json).unwrap_err();
            assert_eq!(
                (error.code(), error.path()),
                (*code, ""),
                "{}",
                String::from_utf8_lossy(json)
            );
        }
    }
    let error = Reader::lenient().read_cdr("[]").unwrap_err();
    assert_eq!(error.to_string(), "expected a JSON object, found a list");
    assert_eq!(error.found(), Found::List);
    let error = Reader::lenient().read_cdr("{\"callid\":\n}").unwrap_err();
    assert_eq!(error.to_string(), "expected JSON, found a syntax error in line 2, column 1");
}

// P186
#[test]
fn bytes_that_are_not_utf8_cost_a_character_and_not_a_record() {
    let json = b"{\"callid\":\"c\xff\",\"domain\":\"t\",\"start\":1,\"end\":2,\"\xe9\":1}";
    let parsed = Reader::lenient().read_cdr(json).unwrap();
    assert_eq!(parsed.value.callid, "c\u{FFFD}");
    assert_eq!(parsed.value.extra.get("\u{FFFD}"), Some("1"));
    assert_eq!(warnings(&parsed), ["not_utf8 "]);
    let error = Reader::strict().read_cdr(json).unwrap_err();
    assert_eq!((error.code(), error.path()), (Code::NotUtf8, ""));
    // Half a surrogate pair as an escape, in a value and in a name.
    let json = record(r#""comment":"\ud83d x","\udc00":1,"x":"\ud83d""#);
    let parsed = lenient(&json);
    assert_eq!(parsed.value.comment.as_deref(), Some("\u{FFFD} x"));
    assert_eq!(parsed.value.extra.get("\u{FFFD}"), Some("1"));
    assert_eq!(
        parsed.value.extra.get("x"),
        Some(r#""\ud83d""#),
        "unknown values are kept as written"
    );
    assert_eq!(warnings(&parsed), ["not_utf8 "]);
    assert_eq!(refusal(&json), "not_utf8 ");
}

#[test]
fn malformed_json_is_reported_before_any_bad_field() {
    assert_eq!(refusal(r#"{"start": "x", "end": "y""#), "bad_json ");
}

// P11, P161
#[test]
fn sixty_four_levels_are_read_and_one_more_is_refused() {
    let nested = |levels: usize| {
        record(&format!(r#""x":{}{}"#, "[".repeat(levels - 1), "]".repeat(levels - 1)))
    };
    assert_eq!(cdr("").extra.len(), 0);
    for reader in [Reader::strict(), Reader::lenient()] {
        assert!(reader.read_cdr(nested(64)).is_ok());
        let error = reader.read_cdr(nested(65)).unwrap_err();
        assert_eq!((error.code(), error.path()), (Code::TooDeep, ""));
        assert!(reader.read_cdr(nested(1_000_000)).is_err());
        assert!(reader.with_max_depth(3).read_cdr(nested(4)).is_err());
        assert!(reader.with_max_depth(3).read_cdr(nested(3)).is_ok());
    }
    // Wherever it stands.
    let deep = format!("{}{}", "[".repeat(80), "]".repeat(80));
    for fields in [
        format!(r#""comment":{deep}"#),
        format!(r#""states":[{deep}]"#),
        format!(r#""states":[{{"start":1000,"missed":[{deep}],"x":{deep}}}]"#),
        format!(r#""call":{deep}"#),
        format!(r#""recordings":{{"log":{deep}}}"#),
    ] {
        let error = Reader::lenient().read_cdr(record(&fields)).unwrap_err();
        assert_eq!(error.code(), Code::TooDeep, "{fields}");
    }
    // Brackets in text are no levels.
    let text = record(&format!(r#""comment":"{}\"[","x":[[[]]]"#, "[{".repeat(99)));
    assert!(Reader::strict().read_cdr(text).is_ok());
    // Many lists side by side are not deep.
    assert!(Reader::strict().read_cdr(record(&format!(r#""x":[{}[]]"#, "[],".repeat(99)))).is_ok());
}

// P11
#[test]
fn a_hundred_thousand_entries_are_read_and_one_more_is_refused() {
    let states = |count: usize| format!(r#""states":[{}]"#, vec!["{}"; count].join(","));
    assert_eq!(lenient(&record(&states(100_000))).value.states.len(), 100_000);
    let unknown: String = (0..100_001).map(|at| format!(",\"{at}\":1")).collect();
    let ids = format!(r#""states":[{{"missed":[{}]}}]"#, vec!["1"; 100_000].join(","));
    for fields in
        [states(100_001), states(100_000) + r#","recordings":[{}]"#, unknown[1..].to_owned(), ids]
    {
        for reader in [Reader::strict(), Reader::lenient()] {
            let error = reader.read_cdr(record(&fields)).map(|_| ()).unwrap_err();
            assert_eq!((error.code(), error.path()), (Code::TooManyEntries, ""));
        }
    }
}

// P11
#[test]
fn four_mebibytes_are_read_and_one_more_byte_is_refused() {
    let mut json = record(r#""comment":"""#);
    let filler = "x".repeat((4 << 20) - json.len());
    json = record(&format!(r#""comment":"{filler}""#));
    assert_eq!(json.len(), 4 << 20);
    assert!(Reader::strict().read_cdr(&json).is_ok());
    json.push(' ');
    let error = Reader::strict().read_cdr(&json).unwrap_err();
    assert_eq!((error.code(), error.path()), (Code::TooLarge, ""));
    assert!(Reader::strict().with_max_bytes(10).read_cdr(record("")).is_err());
}

// P4
#[test]
fn unknown_fields_are_kept_in_order_byte_for_byte() {
    let json = record(r#""zeta":1.50e+02,"alpha":{ "b" : [1, 2] },"nothing":null"#);
    let json = json.replace("1000", "1000.000").replace("1100", "1100.000");
    let cdr = Reader::strict().read_cdr(&json).unwrap().value;
    let fields: Vec<_> = cdr.extra.iter().collect();
    let wanted = [("zeta", "1.50e+02"), ("alpha", r#"{ "b" : [1, 2] }"#), ("nothing", "null")];
    assert_eq!(fields, wanted);
    assert_eq!(cdr.extra.get("zeta"), Some("1.50e+02"));
    assert_eq!(serde_json::to_string(&cdr).unwrap(), json);
}

// P4
#[test]
fn unknown_fields_of_every_object_are_kept() {
    for list in ["recordings", "states", "trunklegs", "extensionlegs"] {
        let json = record(&format!(r#""{list}":[{{"mine":[ 1 ]}}]"#));
        let parsed = lenient(&json);
        let written = serde_json::to_string(&parsed.value).unwrap();
        assert!(written.contains(r#""mine":[ 1 ]"#), "{written}");
    }
}

// P5
#[test]
fn names_are_matched_exactly() {
    let cdr = cdr(r#""Abandoned":true,"trunk_legs":[{}],"trunkLegs":[{}],"CMC":"x""#);
    assert_eq!((cdr.abandoned, cdr.trunk_legs.len(), &cdr.cmc), (None, 0, &None));
    assert_eq!(cdr.extra.len(), 4);
}

// P160
#[test]
fn of_a_name_that_comes_twice_the_last_value_counts_and_no_more_is_said_of_the_first() {
    let twice = |first: &str, last: &str| {
        lenient(&record(&format!(r#""available":{first},"x":1,"available":{last},"x":2"#)))
    };
    for first in ["1", "\"x\"", "{}"] {
        let parsed = twice(first, "2");
        assert_eq!((parsed.value.available, parsed.warnings.len()), (Some(2), 0));
        assert_eq!(parsed.value.extra.iter().collect::<Vec<_>>(), [("x", "2")]);
    }
    assert_eq!(warnings(&twice("1", "\"x\"")), ["bad_integer available"]);
    assert_eq!(twice("1", "null").value.available, None);
    let states = r#""states":[{"start":"x","durationivr":-1},5],"cmc":7,"states":[{"start":1}]"#;
    assert_eq!(warnings(&lenient(&record(states))), ["wrong_type cmc"]);
    let states = r#""states":[5,6],"cmc":7,"rating":{},"states":[],"rating":[],"cmc":"""#;
    assert_eq!(warnings(&lenient(&record(states))), ["wrong_type rating"]);
    assert!(
        Reader::strict().read_cdr(r#"{"callid":1,"domain":"t","start":1,"callid":"c"}"#).is_ok()
    );
}

// P13
#[test]
fn the_call_id_is_needed_in_both_modes() {
    let rows = [
        ("", "missing"),
        (r#""callid":null,"#, "missing"),
        (r#""callid":"","#, "missing"),
        (r#""callid":7,"#, "wrong_type"),
    ];
    for (field, code) in rows {
        let json = format!(r#"{{{field}"domain":"t.example","start":1000}}"#);
        for reader in [Reader::strict(), Reader::lenient()] {
            let error = reader.read_cdr(&json).unwrap_err();
            assert_eq!((error.code().as_str(), error.path()), (code, "callid"), "{json}");
        }
    }
    let error = Reader::lenient().read_cdr("{}").unwrap_err();
    assert_eq!(error.to_string(), "callid: expected a required field, found no value");
}

// P13, P151, P153
#[test]
fn a_missing_required_field_is_an_error_or_a_warning() {
    for (field, path) in [
        (r#""recordings":[{"file":"a.wav"}]"#, "recordings[0].time"),
        (r#""recordings":[{"time":1000}]"#, "recordings[0].file"),
        (r#""recordings":[{"time":1000,"file":""}]"#, "recordings[0].file"),
        (r#""states":[{}]"#, "states[0].start"),
        (r#""states":[{"start":null}]"#, "states[0].start"),
        (r#""trunklegs":[{"start":1000}]"#, "trunklegs[0].direction"),
        (r#""trunklegs":[{"direction":"I"}]"#, "trunklegs[0].start"),
        (r#""extensionlegs":[{"start":1000}]"#, "extensionlegs[0].extension"),
        (r#""extensionlegs":[{"extension":"41"}]"#, "extensionlegs[0].start"),
    ] {
        let json = record(field);
        assert_eq!(refusal(&json), format!("missing {path}"));
        assert_eq!(warnings(&lenient(&json)), [format!("missing {path}")]);
    }
    let bare = lenient(r#"{"callid":"c"}"#);
    assert_eq!(warnings(&bare), ["missing domain", "missing start"]);
    assert_eq!((bare.value.domain, bare.value.start), (None, None));
}

// P13
#[test]
fn one_bad_field_does_not_take_others_with_it() {
    let json = record(
        r#""states":[{"start":1000,"durationtalk":[[]],"durationivr":5,"code":{"a":[1]},"missed":[{"id":[]},8]}],
        "trunklegs":"x","extensionlegs":[5,{"extension":"41","start":1001}],"available":4"#,
    );
    let parsed = lenient(&json);
    let wanted = [
        "wrong_type states[0].code",
        "wrong_type states[0].durationtalk",
        "bad_id states[0].missed[0].id",
        "wrong_type trunklegs",
        "wrong_type extensionlegs[0]",
    ];
    assert_eq!(warnings(&parsed), wanted);
    let state = &parsed.value.states[0];
    assert_eq!(state.duration_ivr.unwrap().as_millis(), 5);
    assert_eq!((&*state.missed, parsed.value.available), (&[8][..], Some(4)));
    assert_eq!(parsed.value.extension_legs[0].extension.as_deref(), Some("41"));
    // A strict reader names the first.
    assert_eq!(refusal(&json), "wrong_type states[0].code");
}

#[test]
fn numbers_beyond_any_range_are_values_like_others() {
    let parsed = lenient(&record(
        r#""states":[1e999,{"start":1000}],"trunklegs":1e999,"recordings":{"time":1000,"file":"a"},"x":1e999"#,
    ));
    assert_eq!(warnings(&parsed), ["wrong_type states[0]", "wrong_type trunklegs"]);
    assert_eq!((parsed.value.states.len(), parsed.value.recordings.len()), (1, 1));
    assert_eq!(parsed.value.extra.get("x"), Some("1e999"));
}

#[test]
fn bad_input_does_not_fill_the_memory_with_warnings() {
    let many = format!(r#""states":[{}5],"cmc":7"#, "5,".repeat(19_999));
    let parsed = lenient(&record(&many));
    assert_eq!((parsed.warnings.len(), parsed.warnings_left_out), (10_000, 10_001));
    assert_eq!(parsed.warnings[9_999].path(), "states[9998]");
    assert_eq!(refusal(&record(&many)), "wrong_type cmc");
    // The call-ID is needed all the same.
    let fatal = record(&many).replace(r#""callid":"c@pbx","#, "");
    assert_eq!(Reader::lenient().read_cdr(&fatal).unwrap_err().path(), "callid");
    // Of a name that comes twice only the last value is read.
    assert_eq!(refusal(&record(&format!(r#"{many},"states":[]"#))), "wrong_type cmc");
}

// P12
#[test]
fn errors_and_warnings_hold_no_value() {
    let secret = "+12025550142";
    for field in [
        format!(r#""states":[{{"start":"{secret}"}}]"#),
        format!(r#""abandoned":"{secret}""#),
        format!(r#""trunklegs":["{secret}"]"#),
        format!(r#""user":"{secret}""#),
        format!(r#""{secret}":1,"end":"{secret}""#),
    ] {
        let json = record(&field);
        let error = Reader::strict().read_cdr(&json).unwrap_err();
        let said = format!("{error} {error:?} {:?}", lenient(&json).warnings);
        assert!(!said.contains(secret), "{said}");
    }
    let said = Reader::strict().read_cdr(format!("{{\"callid\": {secret}}}")).unwrap_err();
    assert!(!format!("{said} {said:?}").contains(secret));
}

#[test]
fn the_call_id_of_a_refused_record_can_be_read() {
    let reader = Reader::lenient();
    assert_eq!(reader.read_call_id(r#"{"start":[],"callid":"c@pbx"}"#).as_deref(), Some("c@pbx"));
    for json in ["", "[]", "{", r#"{"callid":7}"#, r#"{"callid":""}"#, "{}"] {
        assert_eq!(reader.read_call_id(json), None, "{json}");
    }
}
