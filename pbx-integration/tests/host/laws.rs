//! Laws over any input.

use std::collections::BTreeSet;
use std::sync::Arc;

use pbx_integration::control::NoCallControl;
use pbx_integration::definition::{Definition, FrontEnd, language_items, render_language};
use pbx_integration::integration::{EntryPoint, ReceiptStatus};
use pbx_integration::settings::{EmptySecret, MemorySettings, SaveResult};
use pbx_integration::{
    Coverage, EndCall, Identifier, Integration, Reader, Registry, Settings, StartCall,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::now;

/// Any JSON, nested a little, with few names, so that names collide.
fn any_json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-c]{0,2}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-c]{0,2}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// JSON whose texts are all secret.
fn marked(value: &Value) -> Value {
    match value {
        Value::String(text) if !text.is_empty() => format!("S3CRET-{text}").into(),
        Value::Array(items) => items.iter().map(marked).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), marked(value))).collect()
        }
        other => other.clone(),
    }
}

// A naive reading of P95: at each place, is there an item?
fn naive_items(text: &str) -> Vec<(Option<String>, String)> {
    let characters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let rest = &characters[at..];
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
        };
        let item = rest.starts_with(&['[', '[']).then(|| {
            let end = rest.windows(2).position(|two| two == [']', ']'])?;
            let inside: String = rest.get(2..end)?.iter().collect();
            let (file, key) = match inside.split_once('#') {
                Some((file, key)) => (Some(file.to_owned()), key.to_owned()),
                None => (None, inside.clone()),
            };
            let is_item = is_name(&key) && file.as_deref().is_none_or(is_name);
            is_item.then_some((file, key, end + 2))
        });
        match item.flatten() {
            Some((file, key, length)) => {
                found.push((file, key));
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

struct Nothing;

impl Integration for Nothing {}

const TENANTS: [&str; 3] = ["a.example", "b.example", "c.example"];

fn numbers() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("4[0-5]", 0..3)
}

/// The registration of an integration: nothing without a list, everything if it is empty.
type Registered = Vec<(usize, Option<BTreeSet<String>>)>;

fn registered() -> impl Strategy<Value = Registered> {
    let extensions = prop::option::of(prop::collection::btree_set("4[0-5]", 0..4));
    prop::collection::vec((0..TENANTS.len(), extensions), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// No result of `save` causes a panic, and nothing of the private part is in the public data,
    /// in an error or in `Debug`.
    // P84, P92
    #[test]
    fn no_result_of_save_panics_or_puts_a_secret_into_public_data(
        public in any_json(),
        private in any_json(),
        rest in prop::collection::vec(any_json(), 0..2),
        overwrite in any::<bool>(),
    ) {
        let mut parts = vec![public.clone(), marked(&private)];
        parts.extend(rest.iter().map(marked));
        let count = parts.len();
        let text = Value::from(parts).to_string();
        let policy = if overwrite { EmptySecret::Overwrite } else { EmptySecret::Keep };
        match SaveResult::parse(&text) {
            Err(error) => assert!(!format!("{error} {error:?}").contains("S3CRET")),
            Ok(result) => {
                prop_assert_eq!(count, 2, "P86");
                assert!(!format!("{result:?}").contains("S3CRET"));
                let settings = Settings::new(Arc::new(MemorySettings::new()), Identifier::new("a").unwrap());
                let tenant = settings.tenant("t.example");
                let saved = now(tenant.save(result.with_empty_secret(policy))).unwrap();
                assert!(!format!("{saved:?}").contains("S3CRET"));
                let stored = now(tenant.public_data()).unwrap();
                // Through text, because that is how the result came.
                let expected: Value = serde_json::from_str(&public.to_string()).unwrap();
                prop_assert_eq!(stored.unwrap_or_default(), expected);
                let private = private.as_object();
                for (name, _) in private.into_iter().flatten() {
                    prop_assert_eq!(now(tenant.public(name)).unwrap(), None, "P92");
                }
            }
        }
        // Any JSON by itself, too.
        let _ = SaveResult::from_value(public);
        let half: String = text.chars().take(text.chars().count() / 2).collect();
        let _ = SaveResult::parse(&half);
    }

    /// No text panics an identifier, and every accepted one has the right form.
    // P97
    #[test]
    fn identifiers_have_the_form_that_is_said(text in prop_oneof![any::<String>(), "[a-zA-Z0-9 /?#<>'\"-]{0,70}", "[a-z0-9]{0,70}"]) {
        let is_strict = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.len() <= 64
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        prop_assert_eq!(Identifier::new(&text).is_ok(), is_strict);
        let harmful = |c: char| c.is_control() || c.is_whitespace() || "/?#\"'`<>".contains(c);
        match Identifier::lenient(&text) {
            Ok((identifier, warning)) => {
                prop_assert!(!text.is_empty() && !text.contains(harmful));
                prop_assert_eq!(identifier.as_str(), &text);
                prop_assert_eq!(warning.is_none(), is_strict);
            }
            Err(_) => prop_assert!(text.is_empty() || text.contains(harmful)),
        }
    }

    /// Extraction equals a naive reading, and rendering without texts changes nothing.
    // P95, P96
    #[test]
    fn language_items_are_what_a_naive_reading_says(
        text in prop_oneof![any::<String>(), "([\\[\\]#a.\n ü]|\\[\\[|\\]\\]|\\[\\[a#b\\]\\]){0,24}"],
    ) {
        let items: Vec<_> = language_items(&text).collect();
        let found: Vec<_> = items.iter().map(|item| (item.file.map(str::to_owned), item.key.to_owned())).collect();
        prop_assert_eq!(found, naive_items(&text));
        for item in &items {
            let written = &text[item.range.clone()];
            prop_assert!(written.starts_with("[[") && written.ends_with("]]"));
        }
        prop_assert_eq!(&render_language(&text, |_| None).text, &text);
        let rendered = render_language(&text, |_| Some(String::new())).text;
        let lengths: usize = items.iter().map(|item| item.range.len()).sum();
        prop_assert_eq!(rendered.len() + lengths, text.len());
    }

    /// A bundle with any code comes back unchanged.
    // P102
    #[test]
    fn no_code_is_lost_in_a_bundle(html in any::<String>(), css in any::<String>(), js in any::<String>()) {
        let mut definition = Definition::new("A", Identifier::new("a").unwrap()).unwrap();
        definition.tenant = FrontEnd::new(&html, &css, &js);
        definition.user = FrontEnd::new(&js, &html, &css);
        definition.backend = js;
        let back = Definition::from_bundle(&definition.to_bundle()).unwrap();
        prop_assert_eq!(back, definition);
    }

    /// A record reaches the integrations that a naive filter selects.
    // P3
    #[test]
    fn the_registry_routes_as_a_naive_filter_does(
        registered in prop::collection::vec(registered(), 1..5),
        tenant in 0..TENANTS.len(),
        legs in numbers(),
        states in numbers(),
        trunks in numbers(),
    ) {
        let registry = Registry::new(Arc::new(MemorySettings::new()), Arc::new(NoCallControl));
        for (at, lists) in registered.iter().enumerate() {
            let coverage = lists.iter().fold(Coverage::none(), |coverage, (tenant, extensions)| {
                match extensions {
                    None => coverage.tenant(TENANTS[*tenant]),
                    Some(numbers) => coverage.extensions(TENANTS[*tenant], numbers.iter().cloned()),
                }
            });
            registry.register(Identifier::new(&format!("i{at}")).unwrap(), coverage, Nothing).unwrap();
        }
        let leg = |number: &String| json!({"extension": number, "start": 1757926800, "direction": "O"});
        let json = json!({
            "domain": TENANTS[tenant].to_uppercase(), "callid": "c", "start": 1757926800, "end": 1757926900,
            "extensionlegs": legs.iter().map(leg).collect::<Vec<_>>(),
            "states": states.iter().map(leg).collect::<Vec<_>>(),
            "trunklegs": trunks.iter().map(leg).collect::<Vec<_>>(),
        });
        let json = json.to_string();
        let dispatch = registry.dispatch_json(EntryPoint::Cdr, None, json.as_bytes());
        let deliveries = now(dispatch).unwrap().receipts;
        let concerned: BTreeSet<_> = legs.iter().chain(&states).chain(&trunks).collect();
        for (delivery, lists) in deliveries.iter().zip(&registered) {
            let expected = lists.iter().filter(|(at, _)| *at == tenant).any(|(_, extensions)| {
                extensions.as_ref().is_none_or(|own| own.iter().any(|number| concerned.contains(number)))
            });
            prop_assert_eq!(matches!(delivery.status, ReceiptStatus::Delivered), expected, "{}", delivery);
        }
        prop_assert_eq!(deliveries.len(), registered.len());
    }

    /// No JSON panics the readers of call control, definitions and lists, and accepted values are
    /// equal after writing and reading.
    // P102, P104, P106, P107
    #[test]
    fn no_json_panics_what_reads_requests_and_definitions(
        mut json in any_json(),
        to in any_json(),
        user in any_json(),
        timeout in prop_oneof![any::<f64>().prop_map(Value::from), (1..7200).prop_map(Value::from)],
    ) {
        let call = json!({"domain": "t", "to": to, "user": user, "timeout": timeout});
        for json in [&json, &call] {
            if let Ok(call) = serde_json::from_value::<StartCall>(json.clone()) {
                let again: StartCall = serde_json::from_value(serde_json::to_value(&call).unwrap()).unwrap();
                prop_assert_eq!(serde_json::to_value(&again).unwrap(), serde_json::to_value(&call).unwrap());
                prop_assert!(again.timeout() == call.timeout() && !call.originator().is_empty());
            }
        }
        for json in [json!([json]), json!(["id", timeout]), json!([1, 200, json, true])] {
            if let Ok(end) = serde_json::from_value::<EndCall>(json) {
                let again: EndCall = serde_json::from_value(serde_json::to_value(&end).unwrap()).unwrap();
                prop_assert_eq!(again, end);
            }
        }
        if let Some(members) = json.as_object_mut() {
            members.extend([
                ("format".to_owned(), json!("pbx-integration/1")),
                ("name".to_owned(), json!("A")),
                ("identifier".to_owned(), json!("a")),
            ]);
            let text = json.to_string();
            let bundle = Definition::from_bundle(&text).unwrap();
            prop_assert_eq!(&Definition::from_bundle(&bundle.to_bundle()).unwrap(), &bundle);
            let unknown = json.as_object().unwrap().len() - 3;
            prop_assert_eq!(bundle.extra.len(), unknown, "unknown fields are kept");
        }
    }

    /// No JSON panics the reader of web requests, and no unknown field is lost.
    // P72
    #[test]
    fn no_json_panics_the_reader_of_requests_or_loses_unknown_fields(
        fields in prop::collection::btree_map("[a-c]{1,2}", any_json(), 0..3),
        headers in any_json(), body in any_json(), domain in any_json(), method in any_json(),
    ) {
        let mut json = json!({"identifier": "a", "headers": headers, "body": body, "domain": domain, "method": method});
        json.as_object_mut().unwrap().extend(fields.clone());
        let request = Reader::lenient().read_http_request(json.to_string()).unwrap().value;
        let written = serde_json::to_string(&request).unwrap();
        let again = Reader::lenient().read_http_request(&written).unwrap();
        prop_assert_eq!(&again.value, &request, "reading and writing is stable");
        for (name, value) in fields {
            let expected: Value = serde_json::from_str(&value.to_string()).unwrap();
            let kept: Value = serde_json::from_str(request.extra.get(&name).unwrap()).unwrap();
            prop_assert_eq!(kept, expected);
        }
        let _ = Reader::strict().read_http_request(json.to_string());
    }
}
