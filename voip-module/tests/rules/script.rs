//! What a real script engine makes of forms and numbers, as the vendor's example reads them:
//! `tests/vectors/script.jsonl`, written by Node.js 20 with `split`, `decodeURIComponent` and
//! `parseInt`. What would be `NaN` is 0 there (V119), and a form that throws is `null`.

use serde_json::{Value, json};
use voip_module::form::{FormDialect, decode};
use voip_module::gravitel::{GravitelOptions, GravitelPush};
use voip_module::router::Limits;
use voip_module::testing::Push;

const VECTORS: &str = include_str!("../vectors/script.jsonl");

fn vectors(name: &'static str) -> impl Iterator<Item = (String, Value)> {
    VECTORS.lines().filter_map(move |line| {
        let vector: Value = serde_json::from_str(line).unwrap();
        Some((vector.get(name)?.as_str().unwrap().to_owned(), vector["gives"].clone()))
    })
}

#[test]
fn v108_to_v118_v136_the_sample_reads_forms_as_a_script_does() {
    for (form, gives) in vectors("form") {
        let pairs = decode(&form, FormDialect::Sample, &Limits::default());
        assert_eq!(pairs.map_or(Value::Null, |pairs| json!(pairs)), gives, "{form}");
    }
    assert_eq!(vectors("form").count(), 400);
}

#[test]
fn v99_v135_the_sample_reads_durations_as_a_script_does() {
    let options = GravitelOptions::sample_compat();
    for (text, gives) in vectors("parse_int") {
        // As a script escapes it: a plus is no space.
        let form = Push::history("in", "Success").duration(&text).form().replace('+', "%20");
        let push = GravitelPush::parse_form(&form, &options, &Limits::default()).unwrap();
        let record = push.to_result(&options).unwrap().call_record.unwrap();
        assert_eq!(json!(record.duration), gives, "{text:?}");
    }
    assert_eq!(vectors("parse_int").count(), 300);
}
