//! Forms and numbers as a real script engine reads them in the vendor's example:
//! `tests/vectors/script.jsonl`, written by Node.js 20 with `split`, `decodeURIComponent` and
//! `parseInt`. What would be `NaN` is 0 there, and a form that throws is `null`.

use serde_json::{Value, json};
use voip_module::gravitel::sample::SampleProvider;
use voip_module::testing::Push;
use voip_module::{VoipProvider, VoipWebhookParseResult};

use crate::now;

const VECTORS: &str = include_str!("../vectors/script.jsonl");

fn vectors(name: &'static str) -> impl Iterator<Item = (String, Value)> {
    VECTORS.lines().filter_map(move |line| {
        let vector: Value = serde_json::from_str(line).unwrap();
        Some((vector.get(name)?.as_str().unwrap().to_owned(), vector["gives"].clone()))
    })
}

fn sample(form: &str) -> VoipWebhookParseResult {
    let request = http::Request::post("/")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.to_owned().into())
        .unwrap();
    now(SampleProvider::parser_only().parse_webhook(&request.into())).unwrap()
}

/// The parser ignores the fields of the vectors. The fields of a record before them show which
/// pairs the script keeps, and that a script error gives 400.
// V108–V118, V136
#[test]
fn the_sample_reads_forms_as_a_script_does() {
    for (form, gives) in vectors("form") {
        let result = sample(&form);
        let refused = result.response.as_ref().map(|response| response.status().as_u16());
        assert_eq!(refused, gives.is_null().then_some(400), "{form}");
        let Value::Array(pairs) = gives else { continue };
        // Each name of the vector in turn as that of the client's number.
        for pair in &pairs {
            let name = pair[0].as_str().unwrap();
            if name.is_empty() || name.contains(['%', '&', '=']) || !form.contains(name) {
                continue;
            }
            let last = pairs.iter().rfind(|other| other[0] == pair[0]).unwrap();
            let renamed: Vec<String> = form
                .split('&')
                .map(|raw| match raw.strip_prefix(name).filter(|rest| rest.starts_with('=')) {
                    Some(rest) => format!("phone{rest}"),
                    None => raw.to_owned(),
                })
                .collect();
            let spelled_once = form.split('&').filter(|raw| raw.contains('=')).all(|raw| {
                raw.starts_with(&format!("{name}=")) || !raw.contains('%') || pairs.len() == 1
            });
            if spelled_once && renamed.join("&") != form {
                let result = sample(&format!("cmd=history&{}", renamed.join("&")));
                let client = result.call_record.unwrap().src_phone;
                assert_eq!(json!(client), last[1], "{form}");
            }
        }
    }
    assert_eq!(vectors("form").count(), 400);
}

// V99, V135
#[test]
fn the_sample_reads_durations_as_a_script_does() {
    for (text, gives) in vectors("parse_int") {
        // As a script escapes it: a plus is no space.
        let form = Push::history("in", "Success").duration(&text).form().replace('+', "%20");
        assert_eq!(json!(sample(&form).call_record.unwrap().duration), gives, "{text:?}");
    }
    assert_eq!(vectors("parse_int").count(), 300);
}
