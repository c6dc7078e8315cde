//! Values of fields as JSON, the composite ones by their structure.

use serde_json::{Map, Value, json};

use crate::bert::{Term, Text, Tuple};
use crate::element::BaseUrl;
use crate::element::channel::{EndUser, EndUsers, members};

/// Any term.
fn generic(term: Term<'_>) -> Value {
    serde_json::to_value(term).unwrap_or_default()
}

/// A term that may be text as a list of code points.
pub(super) fn scalar(term: Term<'_>) -> Value {
    // Plain `true` and `false` are truth values, not text.
    match term.as_charlist() {
        Some(text) if term.as_bool().is_none() => text.to_str().into(),
        _ => generic(term),
    }
}

fn scalar_or_null(term: Option<Term<'_>>) -> Value {
    term.map_or(Value::Null, scalar)
}

/// A composite value; a term that is not a tuple is shown as any term.
pub(super) fn composite(term: Term<'_>, show: impl FnOnce(Tuple<'_>) -> Value) -> Value {
    elements(term).map_or_else(|| generic(term), show)
}

/// The tuple, unless it is one of BERT's constants.
fn elements(term: Term<'_>) -> Option<Tuple<'_>> {
    term.as_tuple().filter(|tuple| tuple.bert_constant().is_none())
}

/// Text that is shown as a list.
pub(super) fn text_list(term: Term<'_>, show: impl FnOnce(Text<'_>) -> Value) -> Value {
    match term.as_charlist() {
        Some(text) if term.as_bool().is_none() => show(text),
        _ => generic(term),
    }
}

fn is_word(term: Option<Term<'_>>, word: &str) -> bool {
    term.and_then(Term::as_charlist).is_some_and(|text| text == *word)
}

/// A channel's state.
pub(super) fn state(tuple: Tuple<'_>) -> Value {
    let parts = tuple.first::<6>();
    let [since, name, ..] = parts;
    let text = name.and_then(Term::as_charlist).map(Text::to_str).unwrap_or_default();
    if text == "calling" {
        let data = calling(parts);
        return json!({"ts": scalar_or_null(since), "name": "calling", "data": data});
    }
    let member = |(name, at): &(&str, usize)| {
        ((*name).to_owned(), scalar_or_null(parts.get(*at).copied().flatten()))
    };
    let data: Map<String, Value> = members(&text).iter().map(member).collect();
    json!({"ts": scalar_or_null(since), "name": scalar_or_null(name), "data": data})
}

/// The data of the state `calling`.
fn calling(parts: [Option<Term<'_>>; 6]) -> Value {
    let [_, _, location, target_type, data, _] = parts;
    let tuple = data.and_then(elements);
    let part = |at: usize| tuple.and_then(|tuple| tuple.get(at));
    let mut members = Map::new();
    let mut member = |name: &str, value| members.insert(name.to_owned(), value);
    member("target_location", scalar_or_null(location));
    member("target_type", scalar_or_null(target_type));
    let kind = target_type.and_then(Term::as_charlist).map(Text::to_str).unwrap_or_default();
    match &*kind {
        "user" => {
            member("user_id", scalar_or_null(part(0)));
        }
        "group" => {
            member("group_type", scalar_or_null(part(0)));
            member("group_id", scalar_or_null(part(1)));
            if is_word(part(0), "ring") {
                member("group_queue_id", scalar_or_null(part(4)));
            }
        }
        "pstn" if tuple.is_some() => {
            member("address", scalar_or_null(part(0)));
        }
        "bridged_endpoint" if tuple.is_some() => {
            member("address", endpoint(part(0), part(1)));
        }
        "pstn" | "bridged_endpoint" => {
            member("address", scalar_or_null(data));
        }
        _ => {}
    }
    Value::Object(members)
}

/// `User@Host`, or the part that is present.
fn endpoint(user: Option<Term<'_>>, host: Option<Term<'_>>) -> Value {
    match (scalar_or_null(user), scalar_or_null(host)) {
        (part, Value::Null) | (Value::Null, part) => part,
        (user, host) => {
            let text = |part: Value| match part {
                Value::String(text) => text,
                other => other.to_string(),
            };
            Value::String(format!("{}@{}", text(user), text(host)))
        }
    }
}

/// The target of a channel.
pub(super) fn target(tuple: Tuple<'_>) -> Value {
    let [target_type, id, name, address] = tuple.first::<4>().map(scalar_or_null);
    json!({"type": target_type, "id": id, "name": name, "address": address})
}

/// The summary of the related channel.
pub(super) fn other_info(tuple: Tuple<'_>, base_url: Option<&BaseUrl>) -> Value {
    let parts = tuple.first::<8>();
    let [party_type, who, ..] = parts;
    let [type_name, _, direction, location, address, offered, group, whoscall] =
        parts.map(scalar_or_null);
    let mut info = json!({
        "type": type_name,
        "direction": direction,
        "peer_location": location,
        "address": address,
        "offer_timestamp": offered,
        "whoscall": whoscall,
    });
    if is_word(party_type, "user") {
        info["user_id"] = scalar_or_null(who);
        info["group_id"] = group;
    } else {
        info["end_user"] = who.map_or(Value::Null, |who| end_user(who, base_url));
    }
    info
}

/// The customers on a call.
pub(super) fn end_user(term: Term<'_>, base_url: Option<&BaseUrl>) -> Value {
    text_list(term, |text| {
        let Some(users) = EndUsers::from_text(text) else {
            return Value::Null;
        };
        let items: Vec<Value> = users.iter().map(|user| item(user, base_url)).collect();
        // A number beyond JSON integers is shown as text of its digits (B25).
        let count: Value = match users.declared().map(|digits| (digits.parse::<u64>(), digits)) {
            None => items.len().into(),
            Some((Ok(count), _)) => count.into(),
            Some((Err(_), digits)) => digits.into(),
        };
        json!({"count": count, "items": items})
    })
}

fn item(user: EndUser<'_>, base_url: Option<&BaseUrl>) -> Value {
    let avatar = match base_url {
        None => user.avatar.map(Value::from),
        Some(base) => {
            let avatar = user.avatar.unwrap_or_default();
            Some(base.end_user_avatar(&avatar).into_owned().into())
        }
    };
    json!({
        "id": user.id,
        "name": user.name,
        "organization": user.organization,
        "avatar": avatar,
        "prefecture": user.prefecture,
    })
}

/// A user's picture.
pub(super) fn user_avatar(term: Option<Term<'_>>, base_url: Option<&BaseUrl>) -> Value {
    let term = term.filter(|term| !term.is_none());
    let Some(base) = base_url else {
        return scalar_or_null(term);
    };
    match term.map(|term| (scalar(term), term)) {
        None => base.user_avatar("").into_owned().into(),
        Some((Value::String(avatar), term)) if term.as_charlist().is_some() => {
            base.user_avatar(&avatar).into_owned().into()
        }
        Some((other, _)) => other,
    }
}
