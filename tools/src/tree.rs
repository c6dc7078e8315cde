//! A term as a JSON tree with the type of every value.
//!
//! `{"int":"decimal"}` `{"float":"8 bytes hex"}` `{"atom":text}` `{"bin":hex}`
//! `{"bits":[hex,bit count]}` `{"list":[…]}` `{"improper":[[…],tail]}` `{"tuple":[…]}`
//! `{"map":[[key,value],…]}` `{"pid":[node,id,serial,creation]}` `{"port":[node,id,creation]}`
//! `{"ref":[node,creation,[words]]}` `{"export":[module,function,arity]}`
//! `{"fun":[module,arity,index,uniq]}`

use basix_cti::bert::{Term, Text, Token, Value};
use serde_json::json;

use crate::hex;

/// The tree as JSON text. Pairs of maps are in Erlang's order of terms.
#[must_use]
pub fn to_json(term: Term<'_>) -> String {
    let mut out = String::new();
    let mut open: Vec<Open> = Vec::new();
    let mut walk = term.walk();
    while let Some(token) = walk.next() {
        let value = match token {
            Token::Value(value) => value,
            Token::Tail => {
                out.push(']');
                continue;
            }
            Token::End => {
                out.push_str(open.pop().map_or("", |container| container.closing));
                continue;
            }
        };
        if let Some(container) = open.last_mut() {
            if container.written > 0 {
                out.push(',');
            }
            container.written += 1;
        }
        let (opening, closing) = match value {
            Value::List(list) if list.is_proper() => ("{\"list\":[", "]}"),
            Value::List(_) => ("{\"improper\":[[", "]}"),
            Value::Tuple(_) => ("{\"tuple\":[", "]}"),
            Value::Map(map) => {
                let mut pairs: Vec<_> = map.iter().collect();
                pairs.sort_unstable_by(|a, b| a.0.cmp(&b.0));
                let pairs = pairs.iter().map(|(k, v)| format!("[{},{}]", to_json(*k), to_json(*v)));
                out.push_str("{\"map\":[");
                out.push_str(&pairs.collect::<Vec<_>>().join(","));
                ("", "]}")
            }
            Value::Fun(fun) => {
                let fun = json!({"fun": [fun.module.to_str(), fun.arity, fun.index, fun.old_uniq]});
                out.push_str(&fun.to_string());
                ("", "")
            }
            leaf => {
                out.push_str(&leaf_json(leaf).to_string());
                continue;
            }
        };
        if matches!(value, Value::Map(_) | Value::Fun(_)) {
            out.push_str(closing);
            walk.leave();
        } else {
            out.push_str(opening);
            open.push(Open { closing, written: 0 });
        }
    }
    out
}

struct Open {
    closing: &'static str,
    written: u32,
}

fn leaf_json(value: Value<'_>) -> serde_json::Value {
    let name = |text: Text<'_>| text.to_str().into_owned();
    match value {
        Value::Integer(integer) => json!({"int": integer.to_string()}),
        Value::Float(float) => json!({"float": hex::encode(float.to_be_bytes())}),
        Value::Atom(text) => json!({"atom": name(text)}),
        Value::Binary(bytes) => json!({"bin": hex::encode(bytes.iter().copied())}),
        Value::Bits(bits) => json!({"bits": [hex::encode(bits.bytes()), bits.len()]}),
        Value::Pid(pid) => json!({"pid": [name(pid.node), pid.id, pid.serial, pid.creation]}),
        Value::Port(port) => json!({"port": [name(port.node), port.id, port.creation]}),
        Value::Reference(reference) => {
            let words: Vec<u32> = reference.words().collect();
            json!({"ref": [name(reference.node), reference.creation, words]})
        }
        Value::Export(export) => {
            json!({"export": [name(export.module), name(export.function), export.arity]})
        }
        other => json!({"other": format!("{other:?}")}),
    }
}
