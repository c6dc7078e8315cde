//! One field at a time.
// P6 to P10, P14 to P29, P62 to P65, P154 to P159

use pbx_integration::wire::FractionMode;
use pbx_integration::{Cdr, Reader};

use crate::support::{lenient, record, refusal, warnings};

/// Reads a field as text; `None` for a missing value.
type Shown = fn(&Cdr) -> Option<String>;

/// JSON, and its value, or the code of its refusal.
type Row = (&'static str, Result<Option<&'static str>, &'static str>);

/// Checks rows in both modes. `holder` is the record's fields with `$` for the value.
#[track_caller]
fn check(holder: &str, path: &str, shown: Shown, rows: &[Row]) {
    for (value, wanted) in rows {
        let json = record(&holder.replace('$', value));
        let parsed = lenient(&json);
        let read = shown(&parsed.value);
        match wanted {
            Ok(wanted) => {
                assert_eq!(read.as_deref(), *wanted, "{path}: {value}");
                assert_eq!(warnings(&parsed), [""; 0], "{path}: {value}");
                Reader::strict().read_cdr(&json).unwrap();
            }
            Err(rule) => {
                assert_eq!(read, None, "{path}: {value}");
                assert_eq!(warnings(&parsed), [format!("{rule} {path}")], "{path}: {value}");
                assert_eq!(refusal(&json), format!("{rule} {path}"), "{path}: {value}");
            }
        }
    }
}

// P6
#[test]
fn nothing_is_said_in_three_ways_but_free_text_may_be_empty() {
    let none: &[Row] = &[("null", Ok(None)), (r#""""#, Ok(None))];
    let kept: &[Row] = &[
        ("null", Ok(None)),
        (r#""""#, Ok(Some(""))),
        ("7", Err("wrong_type")),
        ("[]", Err("wrong_type")),
    ];
    check(r#""version":$"#, "version", |cdr| cdr.version.clone(), none);
    check(r#""abandoned":$"#, "abandoned", |cdr| cdr.abandoned.map(|flag| flag.to_string()), none);
    check(
        r#""available":$"#,
        "available",
        |cdr| cdr.available.map(|count| count.to_string()),
        none,
    );
    check(r#""comment":$"#, "comment", |cdr| cdr.comment.clone(), kept);
    check(r#""category":$"#, "category", |cdr| cdr.category.clone(), kept);
    check(r#""cmc":$"#, "cmc", |cdr| cdr.cmc.clone(), kept);
    let from: Shown = |cdr| cdr.from.as_ref().map(|header| header.as_str().to_owned());
    check(r#""from":$"#, "from", from, kept);
    let language: Shown = |cdr| cdr.states[0].language.clone();
    check(r#""states":[{"start":1000,"language":$}]"#, "states[0].language", language, kept);
    let leg = r#""trunklegs":[{"direction":"I","start":1000,"codec":$}]"#;
    check(leg, "trunklegs[0].codec", |cdr| cdr.trunk_legs[0].codec.clone(), none);
}

// P6
#[test]
fn a_rating_may_be_a_number() {
    let rows: &[Row] = &[
        (r#""5""#, Ok(Some("5"))),
        ("5", Ok(Some("5"))),
        ("4.50", Ok(Some("4.50"))),
        (r#""""#, Ok(Some(""))),
        ("true", Err("wrong_type")),
    ];
    check(r#""rating":$"#, "rating", |cdr| cdr.rating.clone(), rows);
}

// P7
#[test]
fn ids() {
    let rows: &[Row] = &[
        ("83", Ok(Some("83"))),
        (r#""83""#, Ok(Some("83"))),
        (r#""083""#, Ok(Some("83"))),
        ("83.0", Ok(Some("83"))),
        ("8.3e1", Ok(Some("83"))),
        ("0", Ok(Some("0"))),
        ("18446744073709551615", Ok(Some("18446744073709551615"))),
        ("9007199254740993", Ok(Some("9007199254740993"))),
        (r#""""#, Ok(None)),
        ("null", Ok(None)),
        ("18446744073709551616", Err("bad_id")),
        ("83.5", Err("bad_id")),
        ("-1", Err("bad_id")),
        (r#""-1""#, Err("bad_id")),
        (r#""83.0""#, Err("bad_id")),
        (r#"" 83""#, Err("bad_id")),
        (r#""٣""#, Err("bad_id")),
        (r#""bob""#, Err("bad_id")),
        ("true", Err("bad_id")),
        ("[3]", Err("bad_id")),
    ];
    check(r#""user":$"#, "user", |cdr| cdr.user.map(|id| id.to_string()), rows);
    let state: Shown = |cdr| cdr.states[0].account_user.map(|id| id.to_string());
    check(r#""states":[{"start":1000,"accountuser":$}]"#, "states[0].accountuser", state, rows);
    let state: Shown = |cdr| cdr.states[0].extension_user.map(|id| id.to_string());
    check(r#""states":[{"start":1000,"extensionuser":$}]"#, "states[0].extensionuser", state, rows);
}

// P8
#[test]
fn account_numbers_are_text() {
    let rows: &[Row] = &[
        (r#""0041""#, Ok(Some("0041"))),
        (r#""41""#, Ok(Some("41"))),
        (r##""+*#a""##, Ok(Some("+*#a"))),
        ("41", Ok(Some("41"))),
        ("100000000000000000000000", Ok(Some("100000000000000000000000"))),
        (r#""""#, Ok(None)),
        ("41.0", Err("wrong_type")),
        ("1e2", Err("wrong_type")),
        ("true", Err("wrong_type")),
        ("{}", Err("wrong_type")),
    ];
    let trunk: Shown = |cdr| cdr.trunk_legs[0].trunk.clone();
    check(
        r#""trunklegs":[{"direction":"I","start":1000,"trunk":$}]"#,
        "trunklegs[0].trunk",
        trunk,
        rows,
    );
    let account: Shown = |cdr| cdr.states[0].account.clone();
    check(r#""states":[{"start":1000,"account":$}]"#, "states[0].account", account, rows);
    let extension: Shown = |cdr| cdr.states[0].extension.clone();
    check(r#""states":[{"start":1000,"extension":$}]"#, "states[0].extension", extension, rows);
}

// P9
#[test]
fn flags() {
    let rows: &[Row] = &[
        ("true", Ok(Some("true"))),
        ("false", Ok(Some("false"))),
        (r#""true""#, Ok(Some("true"))),
        (r#""false""#, Ok(Some("false"))),
        (r#""TRUE""#, Ok(Some("true"))),
        (r#""False""#, Ok(Some("false"))),
        (r#""yes""#, Err("bad_boolean")),
        (r#""1""#, Err("bad_boolean")),
        ("1", Err("bad_boolean")),
        ("[]", Err("bad_boolean")),
    ];
    check(r#""abandoned":$"#, "abandoned", |cdr| cdr.abandoned.map(|flag| flag.to_string()), rows);
    let leg = r#""extensionlegs":[{"extension":"41","start":1000,"deleted":$}]"#;
    let shown: Shown = |cdr| cdr.extension_legs[0].deleted.map(|flag| flag.to_string());
    check(leg, "extensionlegs[0].deleted", shown, rows);
    check(
        leg,
        "extensionlegs[0].deleted",
        shown,
        &[(r#""""#, Ok(Some("false"))), ("null", Ok(None))],
    );
}

// P10, P156
#[test]
fn lists() {
    let rows: &[Row] = &[
        ("null", Ok(Some("0"))),
        ("[]", Ok(Some("0"))),
        (r#""""#, Ok(Some("0"))),
        (r#"{"start":1000}"#, Ok(Some("1"))),
        (r#"[{"start":1000},{"start":1000}]"#, Ok(Some("2"))),
    ];
    check(r#""states":$"#, "states", |cdr| Some(cdr.states.len().to_string()), rows);
    for value in [r#""x""#, "5", "true", "1.5", "-3"] {
        let json = record(&format!(r#""states":{value}"#));
        assert_eq!(refusal(&json), "wrong_type states");
        assert_eq!(warnings(&lenient(&json)), ["wrong_type states"]);
    }
    let single = record(r#""states":{"start":[]}"#);
    assert_eq!(warnings(&lenient(&single)), ["bad_timestamp states[0].start"]);
    for item in ["5", "null", "[]", r#""x""#] {
        let json = record(&format!(r#""trunklegs":[{item}]"#));
        assert_eq!(refusal(&json), "wrong_type trunklegs[0]");
    }
}

// P7, P62, P157
#[test]
fn ids_of_agents_that_missed_a_call() {
    let missed = |json: &str| {
        let parsed = lenient(&record(&format!(r#""states":[{{"start":1000,"missed":{json}}}]"#)));
        (parsed.value.states[0].missed.clone(), warnings(&parsed))
    };
    assert_eq!(missed(r#"[7,"8",{"id":9}]"#), (vec![7, 8, 9], vec![]));
    assert_eq!(missed(r#"{"id":"9","name":"x"}"#), (vec![9], vec![]));
    assert_eq!(missed("null"), (vec![], vec![]));
    assert_eq!(missed(r#""""#), (vec![], vec![]));
    let dropped = |path: &str| vec![format!("bad_id states[0].missed{path}")];
    assert_eq!(missed(r#"["bob"]"#), (vec![], dropped("[0]")));
    assert_eq!(missed("[7,null]"), (vec![7], dropped("[1]")));
    assert_eq!(missed(r#"["",7]"#), (vec![7], dropped("[0]")));
    assert_eq!(
        missed(r#"[{"number":"41"}]"#),
        (vec![], vec!["missing states[0].missed[0].id".to_owned()])
    );
    assert_eq!(missed(r#"[{"id":-1}]"#), (vec![], dropped("[0].id")));
    assert_eq!(missed(r#"[{"id":"x","id":3}]"#), (vec![3], vec![]));
    assert_eq!(missed("7"), (vec![], vec!["wrong_type states[0].missed".to_owned()]));
    assert_eq!(missed(r#""7""#), (vec![], vec!["wrong_type states[0].missed".to_owned()]));
    assert_eq!(
        refusal(&record(r#""states":[{"start":1,"missed":["bob"]}]"#)),
        "bad_id states[0].missed[0]"
    );
}

const CONNECT: Shown = |cdr| cdr.connect.map(|connect| connect.as_millis().to_string());

// P14, P15, P16, P17, P18, P19, P151, P155, P158
#[test]
fn timestamps() {
    let rows: &[Row] = &[
        ("1757926800", Ok(Some("1757926800000"))),
        ("1757926800.125", Ok(Some("1757926800125"))),
        (r#""1595572559.444""#, Ok(Some("1595572559444"))),
        ("1598059144.13", Ok(Some("1598059144130"))),
        ("1757926800.0", Ok(Some("1757926800000"))),
        ("1757926800.12549999999999999999999999", Ok(Some("1757926800125"))),
        ("1757926800.1255", Ok(Some("1757926800126"))),
        (r#""1757926800.9995""#, Ok(Some("1757926801000"))),
        // Values that binary fractions would round.
        ("1757926800.0005", Ok(Some("1757926800001"))),
        ("1.757926800125e9", Ok(Some("1757926800125"))),
        (r#""01757926800""#, Ok(Some("1757926800000"))),
        ("99999999999.9999", Ok(Some("100000000000000"))),
        ("0", Ok(None)),
        ("0.0", Ok(None)),
        ("-0", Ok(None)),
        (r#""0""#, Ok(None)),
        (r#""""#, Ok(None)),
        ("null", Ok(None)),
        ("-1", Err("negative_time")),
        (r#""-0.5""#, Err("negative_time")),
        ("100000000000", Err("time_in_ms")),
        ("100000000000.0001", Err("time_in_ms")),
        ("1757926800125", Err("time_in_ms")),
        ("253402300800", Err("time_in_ms")),
        ("1e999", Err("time_in_ms")),
        (r#""1.757926800125e9""#, Err("bad_timestamp")),
        (r#""NaN""#, Err("bad_timestamp")),
        (r#""inf""#, Err("bad_timestamp")),
        (r#""1757926800,5""#, Err("bad_timestamp")),
        (r#"" 1757926800""#, Err("bad_timestamp")),
        (r#""1757926800.""#, Err("bad_timestamp")),
        (r#""2025-09-15T09:00:00Z""#, Err("bad_timestamp")),
        ("true", Err("bad_timestamp")),
        ("{}", Err("bad_timestamp")),
    ];
    check(r#""connect":$"#, "connect", CONNECT, rows);
    let leg = r#""extensionlegs":[{"extension":"41","start":1000,"end":$}]"#;
    let end: Shown = |cdr| cdr.extension_legs[0].end.map(|end| end.as_millis().to_string());
    check(leg, "extensionlegs[0].end", end, rows);
}

// P19
#[test]
fn milliseconds_are_named_as_such() {
    let error = Reader::strict().read_cdr(record(r#""connect":1757926800125"#)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "connect: expected a timestamp in seconds (this one is in milliseconds), found a number"
    );
}

// P18, P153
#[test]
fn a_start_is_never_zero() {
    for zero in ["0", "0.0", r#""0""#, "0.0001"] {
        let json = format!(r#"{{"domain":"t","callid":"c","start":{zero}}}"#);
        assert_eq!(refusal(&json), "zero_start start");
        assert_eq!(warnings(&lenient(&json)), ["zero_start start"]);
    }
    for nothing in ["null", r#""""#] {
        let json = format!(r#"{{"domain":"t","callid":"c","start":{nothing}}}"#);
        assert_eq!(refusal(&json), "missing start");
    }
}

// P20, P21
#[test]
fn fractions_without_leading_zeros_are_read_when_asked_for() {
    let read = |mode, text: &str| {
        let json = record(&format!(r#""connect":{text}"#));
        let parsed = Reader::lenient().with_fraction(mode).read_cdr(json).unwrap();
        (parsed.value.connect.map(|connect| connect.as_millis()), warnings(&parsed))
    };
    for (text, decimal, unpadded) in [
        ("1598059144.13", 1_598_059_144_130, 1_598_059_144_013),
        (r#""1598059144.1""#, 1_598_059_144_100, 1_598_059_144_001),
        ("1598059144.0", 1_598_059_144_000, 1_598_059_144_000),
        ("1598059144.444", 1_598_059_144_444, 1_598_059_144_444),
        ("1598059144.100", 1_598_059_144_100, 1_598_059_144_100),
        ("1598059144", 1_598_059_144_000, 1_598_059_144_000),
    ] {
        assert_eq!(read(FractionMode::Decimal, text), (Some(decimal), vec![]), "{text}");
        assert_eq!(read(FractionMode::UnpaddedMillis, text), (Some(unpadded), vec![]), "{text}");
    }
    let refused = (None, vec!["bad_timestamp connect".to_owned()]);
    assert_eq!(read(FractionMode::UnpaddedMillis, "1598059144.1300"), refused);
    assert_eq!(FractionMode::default(), FractionMode::Decimal);
}

// P24, P25, P26, P158
#[test]
fn durations_are_milliseconds() {
    let rows: &[Row] = &[
        ("95000", Ok(Some("95000"))),
        (r#""95000""#, Ok(Some("95000"))),
        ("95000.4", Ok(Some("95000"))),
        ("95000.5", Ok(Some("95001"))),
        (r#""95000.5""#, Ok(Some("95001"))),
        ("9.5e4", Ok(Some("95000"))),
        ("0", Ok(Some("0"))),
        ("-0", Ok(Some("0"))),
        (r#""""#, Ok(None)),
        ("null", Ok(None)),
        ("-1", Err("bad_duration")),
        (r#""-1""#, Err("bad_duration")),
        ("-0.5", Err("bad_duration")),
        (r#""1:30""#, Err("bad_duration")),
        (r#""9.5e4""#, Err("bad_duration")),
        ("1e30", Err("bad_duration")),
        ("true", Err("wrong_type")),
        ("[]", Err("wrong_type")),
    ];
    let fields: [(&str, Shown); 5] = [
        ("durationivr", |cdr| cdr.states[0].duration_ivr.map(|time| time.as_millis().to_string())),
        ("durationring", |cdr| {
            cdr.states[0].duration_ring.map(|time| time.as_millis().to_string())
        }),
        ("durationtalk", |cdr| {
            cdr.states[0].duration_talk.map(|time| time.as_millis().to_string())
        }),
        ("durationhold", |cdr| {
            cdr.states[0].duration_hold.map(|time| time.as_millis().to_string())
        }),
        ("durationidle", |cdr| {
            cdr.states[0].duration_idle.map(|time| time.as_millis().to_string())
        }),
    ];
    for (field, shown) in fields {
        let holder = format!(r#""states":[{{"start":1000,"{field}":$}}]"#);
        check(&holder, &format!("states[0].{field}"), shown, rows);
    }
}

// P28
#[test]
fn idle_of_a_leg_is_milliseconds_and_keeps_its_number() {
    let idle = |json: &str| {
        let field = format!(r#""extensionlegs":[{{"extension":"41","start":1000,"idle":{json}}}]"#);
        let cdr = crate::support::cdr(&field);
        let idle = cdr.extension_legs[0].idle.clone().unwrap();
        let written = serde_json::to_string(&idle).unwrap();
        (idle.time().as_millis(), idle.number().into_owned(), written)
    };
    let row = |time, number: &str, written: &str| (time, number.to_owned(), written.to_owned());
    assert_eq!(idle("42000"), row(42_000, "42000", "42000"));
    assert_eq!(idle("0"), row(0, "0", "0"));
    assert_eq!(idle("42.5"), row(43, "42.5", "42.5"));
    assert_eq!(idle(r#""042""#), row(42, "042", r#""042""#));
}

// P159
#[test]
fn counts_and_codes() {
    let rows: &[Row] = &[
        ("200", Ok(Some("200"))),
        (r#""200""#, Ok(Some("200"))),
        ("200.0", Ok(Some("200"))),
        ("-3", Ok(Some("-3"))),
        (r#""""#, Ok(None)),
        ("200.5", Err("bad_integer")),
        (r#""OK""#, Err("bad_integer")),
        ("true", Err("wrong_type")),
        ("99999999999999999999", Err("bad_integer")),
    ];
    check(
        r#""available":$"#,
        "available",
        |cdr| cdr.available.map(|count| count.to_string()),
        rows,
    );
    let code: Shown = |cdr| cdr.states[0].code.map(|code| code.to_string());
    check(r#""states":[{"start":1000,"code":$}]"#, "states[0].code", code, rows);
    let code: Shown = |cdr| cdr.trunk_legs[0].code.map(|code| code.to_string());
    check(
        r#""trunklegs":[{"direction":"I","start":1000,"code":$}]"#,
        "trunklegs[0].code",
        code,
        rows,
    );
}

// P64
#[test]
fn costs_are_exact_decimals() {
    let rows: &[Row] = &[
        (r#""0.0250""#, Ok(Some("0.0250"))),
        ("0.025", Ok(Some("0.025"))),
        ("0.123456789012345678901234567", Ok(Some("0.123456789012345678901234567"))),
        ("0.1000000000000000055511151231257827", Err("bad_decimal")),
        ("2.5e-2", Ok(Some("0.025"))),
        ("1e3", Ok(Some("1000"))),
        ("-1.50", Ok(Some("-1.50"))),
        ("0", Ok(Some("0"))),
        ("-0.00", Ok(Some("0.00"))),
        (r#""""#, Ok(None)),
        ("null", Ok(None)),
        (r#""1,20""#, Err("bad_decimal")),
        (r#""1,000.00""#, Err("bad_decimal")),
        (r#""$1.20""#, Err("bad_decimal")),
        (r#""1.20 EUR""#, Err("bad_decimal")),
        (r#""1e3""#, Err("bad_decimal")),
        (r#""1.""#, Err("bad_decimal")),
        ("123456789012345678901234567890123456789", Err("bad_decimal")),
        ("true", Err("wrong_type")),
        ("[1]", Err("wrong_type")),
    ];
    let cost: Shown = |cdr| cdr.trunk_legs[0].cost.map(|cost| cost.to_string());
    check(
        r#""trunklegs":[{"direction":"I","start":1000,"cost":$}]"#,
        "trunklegs[0].cost",
        cost,
        rows,
    );
}

// P65, P154
#[test]
fn scores_out_of_range_are_no_score_and_a_warning_in_both_modes() {
    for (json, wanted, is_odd) in [
        ("4.4", Some(4.4), false),
        (r#""4.2""#, Some(4.2), false),
        ("1", Some(1.0), false),
        ("5.0", Some(5.0), false),
        (r#""""#, None, false),
        ("null", None, false),
        ("0", None, false),
        (r#""0.0""#, None, false),
        ("7", None, true),
        ("0.99", None, true),
        ("5.01", None, true),
        ("-4", None, true),
        (r#""n/a""#, None, true),
        (r#""4,2""#, None, true),
        ("true", None, true),
        ("[4]", None, true),
    ] {
        let json =
            record(&format!(r#""trunklegs":[{{"direction":"I","start":1000,"mos":{json}}}]"#));
        for reader in [Reader::strict(), Reader::lenient()] {
            let parsed = reader.read_cdr(&json).unwrap();
            assert_eq!(parsed.value.trunk_legs[0].mos.map(|mos| mos.get()), wanted, "{json}");
            let expected: &[&str] = if is_odd { &["bad_mos trunklegs[0].mos"] } else { &[] };
            assert_eq!(warnings(&parsed), expected, "{json}");
        }
    }
}

// P63
#[test]
fn directions() {
    use pbx_integration::cdr::Direction;
    for (word, wanted) in [
        ("I", Some(Direction::Inbound)),
        ("i", Some(Direction::Inbound)),
        ("In", Some(Direction::Inbound)),
        ("inbound", Some(Direction::Inbound)),
        ("INCOMING", Some(Direction::Inbound)),
        ("O", Some(Direction::Outbound)),
        ("out", Some(Direction::Outbound)),
        ("outbound", Some(Direction::Outbound)),
        ("Outgoing", Some(Direction::Outbound)),
        ("sideways", None),
    ] {
        let cdr =
            crate::support::cdr(&format!(r#""trunklegs":[{{"direction":"{word}","start":1000}}]"#));
        let direction = cdr.trunk_legs[0].direction.as_ref().unwrap();
        assert_eq!(direction.as_str(), word);
        assert_eq!(Some(direction.word()).filter(|word| word.is_known()), wanted.as_ref());
        let written = serde_json::to_string(&cdr).unwrap();
        assert!(written.contains(&format!(r#""direction":"{word}""#)), "{written}");
    }
}
