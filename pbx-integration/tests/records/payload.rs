//! The payload as a whole: P4, P5, P11, P12, P13, P151, P153, P160, P161; hostile input.

use pbx_integration::{Found, Reader, Rule};

use crate::support::{cdr, lenient, record, refusal, warnings};

#[test]
fn what_is_no_json_object_is_refused_in_both_modes_p11_p151() {
    let rows: &[(&[u8], Found)] = &[
        (b"", Found::Malformed),
        (b"  ", Found::Malformed),
        (b"{", Found::Malformed),
        (b"{\"callid\":\"c\"}x", Found::Malformed),
        (b"{\"callid\":\"c\",}", Found::Malformed),
        (b"{\"callid\":01}", Found::Malformed),
        (b"{\"callid\":NaN}", Found::Malformed),
        (b"{\"callid\":\"c\xff\"}", Found::Malformed),
        (b"nul", Found::Malformed),
        (b"null", Found::Nothing),
        (b"[]", Found::List),
        (b" [{\"callid\":\"c\"}]", Found::List),
        (b"\"text\"", Found::Text),
        (b"5", Found::Number),
        (b"true", Found::Boolean),
    ];
    for (json, found) in rows {
        for reader in [Reader::strict(), Reader::lenient()] {
            let error = reader.read_cdr(json).unwrap_err();
            let place = (error.rule(), error.path(), error.found());
            assert_eq!(place, (Rule::new(11), "", *found), "{}", String::from_utf8_lossy(json));
        }
    }
    let error = Reader::lenient().read_cdr("[]").unwrap_err();
    assert_eq!(error.to_string(), "a JSON object is expected, found a list (P11)");
}

#[test]
fn malformed_json_is_told_before_any_bad_field() {
    assert_eq!(refusal(r#"{"start": "x", "end": "y""#), "P11 ");
}

#[test]
fn sixty_four_levels_are_read_and_one_more_is_refused_p11_p161() {
    let nested = |levels: usize| {
        record(&format!(r#""x":{}{}"#, "[".repeat(levels - 1), "]".repeat(levels - 1)))
    };
    assert_eq!(cdr("").extra.len(), 0);
    for reader in [Reader::strict(), Reader::lenient()] {
        assert!(reader.read_cdr(nested(64)).is_ok());
        let error = reader.read_cdr(nested(65)).unwrap_err();
        assert_eq!((error.rule(), error.path()), (Rule::new(11), ""));
        assert!(reader.read_cdr(nested(1_000_000)).is_err());
        assert!(reader.with_max_depth(3).read_cdr(nested(4)).is_err());
        assert!(reader.with_max_depth(3).read_cdr(nested(3)).is_ok());
    }
    // Brackets in text are no levels.
    let text = record(&format!(r#""comment":"{}\"[","x":[[[]]]"#, "[{".repeat(99)));
    assert!(Reader::strict().read_cdr(text).is_ok());
    // Many lists side by side are not deep.
    assert!(Reader::strict().read_cdr(record(&format!(r#""x":[{}[]]"#, "[],".repeat(99)))).is_ok());
}

#[test]
fn a_hundred_thousand_objects_in_lists_are_read_and_one_more_is_refused_p11() {
    let states = |count: usize| format!(r#""states":[{}]"#, vec!["{}"; count].join(","));
    let json = record(&format!(r#"{},"trunklegs":{{}}"#, states(99_999)));
    assert_eq!(lenient(&json).value.states.len(), 99_999);
    assert_eq!(lenient(&record(&states(100_000))).value.states.len(), 100_000);
    for reader in [Reader::strict(), Reader::lenient()] {
        for more in ["", r#","recordings":[{}]"#] {
            let count = 100_000 + usize::from(more.is_empty());
            let error = reader.read_cdr(record(&(states(count) + more))).unwrap_err();
            assert_eq!((error.rule(), error.path()), (Rule::new(11), ""));
            assert!(error.to_string().contains("the limit on objects in lists"), "{error}");
        }
    }
}

#[test]
fn four_mebibytes_are_read_and_one_more_byte_is_refused_p11() {
    let mut json = record(r#""comment":"""#);
    let filler = "x".repeat((4 << 20) - json.len());
    json = record(&format!(r#""comment":"{filler}""#));
    assert_eq!(json.len(), 4 << 20);
    assert!(Reader::strict().read_cdr(&json).is_ok());
    json.push(' ');
    let error = Reader::strict().read_cdr(&json).unwrap_err();
    assert_eq!((error.rule(), error.path()), (Rule::new(11), ""));
    assert!(Reader::strict().with_max_bytes(10).read_cdr(record("")).is_err());
}

#[test]
fn unknown_fields_are_kept_in_order_byte_for_byte_p4() {
    let json = record(r#""zeta":1.50e+02,"alpha":{ "b" : [1, 2] },"nothing":null"#);
    let json = json.replace("1000", "1000.000").replace("1100", "1100.000");
    let cdr = Reader::strict().read_cdr(&json).unwrap().value;
    let fields: Vec<_> = cdr.extra.iter().collect();
    let wanted = [("zeta", "1.50e+02"), ("alpha", r#"{ "b" : [1, 2] }"#), ("nothing", "null")];
    assert_eq!(fields, wanted);
    assert_eq!(cdr.extra.get("zeta"), Some("1.50e+02"));
    assert_eq!(serde_json::to_string(&cdr).unwrap(), json);
}

#[test]
fn unknown_fields_of_every_object_are_kept_p4() {
    for list in ["recordings", "states", "trunklegs", "extensionlegs"] {
        let json = record(&format!(r#""{list}":[{{"mine":[ 1 ]}}]"#));
        let parsed = lenient(&json);
        let written = serde_json::to_string(&parsed.value).unwrap();
        assert!(written.contains(r#""mine":[ 1 ]"#), "{written}");
    }
}

#[test]
fn names_are_matched_exactly_p5() {
    let cdr = cdr(r#""Abandoned":true,"trunk_legs":[{}],"trunkLegs":[{}],"CMC":"x""#);
    assert_eq!((cdr.abandoned, cdr.trunk_legs.len(), &cdr.cmc), (None, 0, &None));
    assert_eq!(cdr.extra.len(), 4);
}

#[test]
fn of_a_name_that_comes_twice_the_last_value_counts_and_no_more_is_said_of_the_first_p160() {
    let twice = |first: &str, last: &str| {
        lenient(&record(&format!(r#""available":{first},"x":1,"available":{last},"x":2"#)))
    };
    for first in ["1", "\"x\"", "{}"] {
        let parsed = twice(first, "2");
        assert_eq!((parsed.value.available, parsed.warnings.len()), (Some(2), 0));
        assert_eq!(parsed.value.extra.iter().collect::<Vec<_>>(), [("x", "2")]);
    }
    assert_eq!(warnings(&twice("1", "\"x\"")), ["P12 available"]);
    assert_eq!(twice("1", "null").value.available, None);
    let states = r#""states":[{"start":"x","durationivr":-1},5],"cmc":7,"states":[{"start":1}]"#;
    assert_eq!(warnings(&lenient(&record(states))), ["P12 cmc"]);
    let states = r#""states":[5,6],"cmc":7,"rating":{},"states":[],"rating":[],"cmc":"""#;
    assert_eq!(warnings(&lenient(&record(states))), ["P12 rating"]);
    assert!(
        Reader::strict().read_cdr(r#"{"callid":1,"domain":"t","start":1,"callid":"c"}"#).is_ok()
    );
}

#[test]
fn the_call_id_is_needed_in_both_modes_p13() {
    let rows = [
        ("", "P13"),
        (r#""callid":null,"#, "P13"),
        (r#""callid":"","#, "P13"),
        (r#""callid":7,"#, "P12"),
    ];
    for (field, rule) in rows {
        let json = format!(r#"{{{field}"domain":"t.example","start":1000}}"#);
        for reader in [Reader::strict(), Reader::lenient()] {
            let error = reader.read_cdr(&json).unwrap_err();
            assert_eq!(
                (error.rule().to_string().as_str(), error.path()),
                (rule, "callid"),
                "{json}"
            );
        }
    }
    let error = Reader::lenient().read_cdr("{}").unwrap_err();
    assert_eq!(error.to_string(), "callid: a required field is expected, found nothing (P13)");
}

#[test]
fn a_missing_required_field_is_an_error_or_a_warning_p13_p151_p153() {
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
        assert_eq!(refusal(&json), format!("P13 {path}"));
        assert_eq!(warnings(&lenient(&json)), [format!("P13 {path}")]);
    }
    let bare = lenient(r#"{"callid":"c"}"#);
    assert_eq!(warnings(&bare), ["P13 domain", "P13 start"]);
    assert_eq!((bare.value.domain, bare.value.start), (None, None));
}

#[test]
fn one_bad_field_does_not_take_others_with_it_p13() {
    let json = record(
        r#""states":[{"start":1000,"durationtalk":[[]],"durationivr":5,"code":{"a":[1]},"missed":[{"id":[]},8]}],
        "trunklegs":"x","extensionlegs":[5,{"extension":"41","start":1001}],"available":4"#,
    );
    let parsed = lenient(&json);
    let wanted = [
        "P12 states[0].durationtalk",
        "P12 states[0].code",
        "P7 states[0].missed[0].id",
        "P10 trunklegs",
        "P12 extensionlegs[0]",
    ];
    assert_eq!(warnings(&parsed), wanted);
    let state = &parsed.value.states[0];
    assert_eq!(state.duration_ivr.unwrap().as_millis(), 5);
    assert_eq!((&*state.missed, parsed.value.available), (&[8][..], Some(4)));
    assert_eq!(parsed.value.extension_legs[0].extension.as_deref(), Some("41"));
    // A strict reader names the first.
    assert_eq!(refusal(&json), "P12 states[0].durationtalk");
}

#[test]
fn values_that_stop_the_quick_pass_are_read_by_the_careful_one() {
    // A number beyond f64, and half a surrogate pair, where an object or list belongs.
    for value in ["1e999", r#""\ud800""#] {
        let parsed = lenient(&record(&format!(
            r#""states":[{value},{{"start":1000}}],"trunklegs":{value},"recordings":{{"time":1000,"file":"a"}},"x":{value}"#
        )));
        assert_eq!(warnings(&parsed), ["P12 states[0]", "P10 trunklegs"]);
        assert_eq!((parsed.value.states.len(), parsed.value.recordings.len()), (1, 1));
        assert_eq!(parsed.value.extra.get("x"), Some(value));
    }
}

#[test]
fn bad_input_does_not_fill_the_memory_with_warnings() {
    let many = format!(r#""states":[{}5],"cmc":7"#, "5,".repeat(19_999));
    let parsed = lenient(&record(&many));
    assert_eq!((parsed.warnings.len(), parsed.warnings_left_out), (10_000, 10_001));
    assert_eq!(&*parsed.warnings[9_999].path, "states[9999]");
    assert_eq!(refusal(&record(&many)), "P12 states[0]");
    // The call-ID is needed all the same.
    let fatal = record(&many).replace(r#""callid":"c@pbx","#, "");
    assert_eq!(Reader::lenient().read_cdr(&fatal).unwrap_err().path(), "callid");
    // What was kept is forgotten, what was left out cannot be.
    assert_eq!(refusal(&record(&format!(r#"{many},"states":[]"#))), "P11 ");
}

#[test]
fn errors_and_warnings_hold_no_value_p12() {
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
fn the_call_id_of_a_refused_record_can_be_told() {
    let reader = Reader::lenient();
    assert_eq!(reader.read_call_id(r#"{"start":[],"callid":"c@pbx"}"#).as_deref(), Some("c@pbx"));
    for json in ["", "[]", "{", r#"{"callid":7}"#, r#"{"callid":""}"#, "{}"] {
        assert_eq!(reader.read_call_id(json), None, "{json}");
    }
}
