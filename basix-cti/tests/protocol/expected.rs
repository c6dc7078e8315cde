//! Expected output of recorded sessions. The tests of `tools` use this file too.

use serde_json::{Map, Value as Json};

/// Each line of a file as JSON.
pub(crate) fn lines(file: &[u8]) -> Vec<Json> {
    let lines = std::str::from_utf8(file).unwrap().lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The expected print of a frame: the vendor's output, changed where `want` has another value.
pub(crate) fn wanted(line: &Json) -> Json {
    let mut wanted = Map::new();
    for name in ["kind", "element_name", "event_name", "data", "error"] {
        wanted.insert(name.into(), line[name].clone());
    }
    let mut wanted = Json::Object(wanted);
    for (pointer, value) in line["want"].as_object().into_iter().flatten() {
        set(&mut wanted, pointer, value);
    }
    without_nulls(wanted)
}

/// Sets the value that a JSON pointer names, which need not be there.
fn set(target: &mut Json, pointer: &str, value: &Json) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        *target = value.clone();
        return;
    };
    let name = name.replace("~1", "/").replace("~0", "~");
    match target.pointer_mut(parent).unwrap() {
        Json::Array(values) => values[name.parse::<usize>().unwrap()] = value.clone(),
        parent => parent[name] = value.clone(),
    }
}

// Equality of B28 and B121: integers exactly, other numbers by value.
pub(crate) fn equal(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) if a.is_f64() || b.is_f64() => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| equal(a, b)))
        }
        _ => a == b,
    }
}

// The value without members that are null, which is the same (B28).
pub(crate) fn without_nulls(value: Json) -> Json {
    match value {
        Json::Array(values) => values.into_iter().map(without_nulls).collect(),
        Json::Object(members) => {
            let members = members.into_iter().filter(|(_, value)| !value.is_null());
            members.map(|(name, value)| (name, without_nulls(value))).collect::<Map<_, _>>().into()
        }
        other => other,
    }
}
