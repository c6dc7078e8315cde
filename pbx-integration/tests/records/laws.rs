//! Laws: no input panics, unknown fields are kept, reading and writing is stable.

use pbx_integration::Reader;
use pbx_integration::wire::{Code, DurationUnit, FractionMode};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::examples::ALL;

const NAMES: &[&str] = &[
    "domain",
    "callid",
    "from",
    "to",
    "cmc",
    "rating",
    "start",
    "connect",
    "end",
    "recordings",
    "states",
    "trunklegs",
    "extensionlegs",
    "abandoned",
    "available",
    "system",
    "call",
    "leg",
    "user",
    "time",
    "file",
    "log",
    "account",
    "extension",
    "code",
    "durationivr",
    "durationtalk",
    "durationhold",
    "missed",
    "reason",
    "type",
    "direction",
    "cost",
    "mos",
    "quality",
    "ipadr",
    "idle",
    "deleted",
    "state",
    "timestamps",
    "inbound",
    "ringing",
    "agent",
    "caller",
    "callee",
    "group",
    "number",
    "name",
    "id",
    "address",
    "text",
    "duration",
    "ivr",
    "CallID",
    "call_id",
];

const SCALARS: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-1",
    "7",
    "1757926800",
    "1757926800.125",
    "1757926800125",
    "1e999",
    "-0",
    "1.5e-3",
    "\"\"",
    "\"x\"",
    "\"7\"",
    "\"1757926800.13\"",
    "\"\\ud800\"",
    "\"\\u0041\\\"\"",
    "\"true\"",
    "\"0.0250\"",
    "\"acd\"",
    "\"hw\"",
    "\"I\"",
    "\"<sip:41@t>\"",
    "18446744073709551616",
    "4.4",
];

/// Any JSON, with known and unknown names and values.
fn json() -> impl Strategy<Value = String> {
    let scalar = proptest::sample::select(SCALARS).prop_map(str::to_owned);
    scalar.prop_recursive(5, 60, 9, |inner| {
        let name = prop_oneof![
            6 => proptest::sample::select(NAMES).prop_map(str::to_owned),
            1 => "[a-z\\\\\" ]{0,3}",
        ];
        prop_oneof![
            1 => vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            3 => vec((name, inner), 0..9).prop_map(|fields| {
                let fields: Vec<_> = fields
                    .into_iter()
                    .map(|(name, value)| format!("{}:{value}", serde_json::to_string(&name).unwrap()))
                    .collect();
                format!("{{{}}}", fields.join(" , "))
            }),
        ]
    })
}

/// A payload with the fields that every reader requires.
fn payload() -> impl Strategy<Value = String> {
    json().prop_map(|json| {
        let ids = r#""callid":"c@pbx","CallID":"c","call_id":"c""#;
        match json.strip_prefix('{').and_then(|json| json.strip_suffix('}')) {
            Some("") => format!("{{{ids}}}"),
            Some(fields) => format!("{{{fields},{ids}}}"),
            None => format!("{{\"x\":{json},{ids}}}"),
        }
    })
}

/// Unknown fields of an object, the last of each name.
fn unknown<'a>(json: &'a str, known: &[&str]) -> Vec<(String, &'a str)> {
    #[derive(Debug)]
    struct Fields<'a>(Vec<(String, &'a str)>);
    impl<'de> serde::Deserialize<'de> for Fields<'de> {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> serde::de::Visitor<'de> for Visitor {
                type Value = Fields<'de>;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<A: serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<Fields<'de>, A::Error> {
                    let mut fields: Vec<(String, &'de str)> = Vec::new();
                    while let Some((name, value)) =
                        map.next_entry::<String, &serde_json::value::RawValue>()?
                    {
                        match fields.iter_mut().find(|(other, _)| *other == name) {
                            Some(field) => field.1 = value.get(),
                            None => fields.push((name, value.get())),
                        }
                    }
                    Ok(Fields(fields))
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    let Fields(fields) = serde_json::from_str(json).unwrap();
    fields.into_iter().filter(|(name, _)| !known.contains(&name.as_str())).collect()
}

const RECORD: &[&str] = &[
    "domain",
    "callid",
    "from",
    "to",
    "cmc",
    "comment",
    "category",
    "rating",
    "start",
    "connect",
    "end",
    "recordings",
    "states",
    "trunklegs",
    "extensionlegs",
    "abandoned",
    "available",
    "version",
    "system",
    "call",
    "leg",
    "user",
];

/// Reads, writes, and reads again, in every mode.
fn survives(json: &str) -> Result<(), TestCaseError> {
    for reader in [Reader::strict(), Reader::lenient()] {
        macro_rules! stable {
            ($($read:ident $(($unit:expr))?),+) => {
                $(if let Ok(parsed) = reader.$read(json $(, $unit)?) {
                    let written = serde_json::to_string(&parsed.value).unwrap();
                    let again = Reader::lenient().$read(&written $(, $unit)?).unwrap();
                    prop_assert_eq!(&again.value, &parsed.value, "{}", written);
                    prop_assert_eq!(serde_json::to_string(&again.value).unwrap(), written);
                })+
            };
        }
        stable!(
            read_cdr,
            read_group_event,
            read_agent_event,
            read_leg_record,
            read_queue_record(DurationUnit::Milliseconds)
        );
        drop(reader.with_fraction(FractionMode::UnpaddedMillis).read_cdr(json));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_json_panics_and_what_is_written_reads_the_same(json in payload()) {
        survives(&json)?;
        let cdr = Reader::lenient().read_cdr(&json).unwrap().value;
        let _ = (cdr.summary(), cdr.validate(), format!("{cdr:?}"));
        let event = Reader::lenient().read_group_event(&json).unwrap().value;
        let _ = (event.key(), event.validate(), format!("{event:?}"));
    }

    #[test]
    fn no_unknown_field_is_lost_p4(json in payload()) {
        let cdr = Reader::lenient().read_cdr(&json).unwrap().value;
        let kept: Vec<_> = cdr.extra.iter().map(|(name, value)| (name.to_owned(), value)).collect();
        prop_assert_eq!(&kept, &unknown(&json, RECORD));
        let written = serde_json::to_string(&cdr).unwrap();
        prop_assert_eq!(unknown(&written, RECORD), kept);
    }

    #[test]
    fn a_strict_reader_takes_what_a_lenient_one_takes_without_a_word(json in payload()) {
        let lenient = Reader::lenient().read_cdr(&json).unwrap();
        match Reader::strict().read_cdr(&json) {
            Ok(strict) => prop_assert_eq!(strict, lenient),
            Err(error) => {
                // The strict reader reports the first value that the lenient one dropped.
                let first = lenient.warnings.iter().find(|warning| warning.code() != Code::BadMos).unwrap();
                prop_assert_eq!((first.code(), first.path()), (error.code(), error.path()));
            }
        }
    }

    #[test]
    fn no_bytes_panic(bytes in vec(any::<u8>(), 0..300)) {
        let _ = Reader::lenient().read_cdr(&bytes);
        let _ = Reader::lenient().read_call_id(&bytes);
    }

    /// Every cut and every changed bit of an example is a payload or an error.
    #[test]
    fn no_damage_to_an_example_panics(
        example in proptest::sample::select(&ALL[..]),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let mut json = example.trim().as_bytes().to_vec();
        let at = at.index(json.len());
        let _ = Reader::lenient().read_cdr(&json[..at]).map(|_| unreachable!("cut short"));
        json[at] ^= 1 << bit;
        if let Ok(text) = std::str::from_utf8(&json) {
            survives(text)?;
        }
    }

    #[test]
    fn no_header_panics(text in ".{0,40}", odd in "[\"<>:;@%?a1 \\\\]{0,20}") {
        for text in [text, odd] {
            let header = pbx_integration::wire::SipHeader::new(text.clone());
            let _ = (header.party(), header.number(), header.is_anonymous(), pbx_integration::wire::ip(&text));
        }
    }
}
