//! That by default the PBX speaks what the vendor's JavaScript client reads: a reader as narrow as
//! that client, in Node, follows it and ends with what the PBX has.

use std::io::Write;
use std::process::{Command, Stdio};

use basix_cti::bert::{AtomForm, FloatForm};
use basix_cti::element::GroupType;
use basix_cti::{ElementKind, Timestamp};
use basix_cti_testing::record::ModelState;
use basix_cti_testing::{HangupNotice, Pbx, RecordForm, Sent, TextForm, Traffic, WireForm};
use serde_json::{Map, Value, json};

use crate::client::handshake;

/// With this set, a test that finds no Node fails instead of saying that it was skipped.
const REQUIRED: &str = "REQUIRE_NODE";
const READER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vendor_reader.js");

/// Returns whether Node is installed. If it is not, standard error says so.
fn has_node() -> bool {
    let node = Command::new("node").arg("--version").stdout(Stdio::null()).status();
    if node.is_ok_and(|status| status.success()) {
        return true;
    }
    assert!(std::env::var_os(REQUIRED).is_none(), "node is missing, and {REQUIRED} is set");
    eprintln!("skipped: node is missing; set {REQUIRED} to fail instead");
    false
}

/// Runs the reader on these messages; a refusal is an error.
fn read(frames: &[Vec<u8>]) -> Result<Value, String> {
    let mut node = Command::new("node")
        .arg(READER)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let hex: String = frames
        .iter()
        .flat_map(|frame| frame.iter().map(|byte| format!("{byte:02x}")).chain(["\n".to_owned()]))
        .collect();
    let mut stdin = node.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        // A reader that refuses a message ends before it has read all.
        scope.spawn(move || drop(stdin.write_all(hex.as_bytes())));
        node.wait_with_output().unwrap()
    });
    if output.status.success() {
        return Ok(serde_json::from_slice(&output.stdout).unwrap());
    }
    Err(String::from_utf8(output.stderr).unwrap().trim_end().to_owned())
}

fn drain(pbx: &mut Pbx, connection: basix_cti_testing::ConnectionId, frames: &mut Vec<Vec<u8>>) {
    while let Some(sent) = pbx.poll_frame(connection) {
        let Sent::Frame(frame) = sent else { panic!("a frame was expected, {sent:?} came") };
        frames.push(frame.to_vec());
    }
}

/// Traffic, and every message of a connection that was open all the time.
fn traffic(seed: u64, set: impl FnOnce(&mut Pbx)) -> (Pbx, Vec<Vec<u8>>) {
    let mut pbx = Pbx::new(seed);
    pbx.set_hangup_notice(HangupNotice::Any);
    set(&mut pbx);
    let mut traffic = Traffic::new(seed);
    (0..50).for_each(|_| traffic.step(&mut pbx));
    let connection = pbx.open(&handshake()).unwrap();
    let mut frames = Vec::new();
    for _ in 0..600 {
        traffic.step(&mut pbx);
        drain(&mut pbx, connection, &mut frames);
    }
    pbx.send_system_message(connection, "logout");
    pbx.send_message(connection, "hello");
    pbx.send_unknown_kind(connection, "news");
    drain(&mut pbx, connection, &mut frames);
    (pbx, frames)
}

fn micros(time: Option<Timestamp>) -> Value {
    json!(time.map(Timestamp::as_micros))
}

/// Text that is not a label stays Latin-1 in the vendor's client.
fn latin1(text: &str) -> String {
    text.bytes().map(char::from).collect()
}

/// The slot of a parked channel, and who parked it.
fn park(state: &ModelState) -> Option<Value> {
    match state {
        ModelState::Park { slot, parker_id, parker_name, .. } => Some(json!({
            "slot": slot,
            "terminal_name": null,
            "parker_id": parker_id.map(|user| user.0),
            "parker_name": latin1(parker_name),
        })),
        _ => None,
    }
}

/// The state of the PBX, by its own records.
fn truth(pbx: &Pbx) -> Value {
    let channels: Map<_, _> = pbx
        .channels()
        .map(|it| {
            let record = json!({
                "direction": it.direction.to_str(),
                "peer_location": it.peer_location.to_str(),
                "calling_number": it.calling_number,
                "called_number": it.called_number,
                "offer_timestamp": micros(Some(it.offer_timestamp)),
                "answer_timestamp": micros(it.answer_timestamp),
                "other_uuid": it.other_uuid,
                "user_id": it.user_id.map(|user| user.0),
                "group_id": it.group_id.map(|group| group.0),
                "last_event": it.last_event.to_str(),
                "state": [json!(it.state_since.as_micros()), json!(it.state.name())],
                "park": park(&it.state),
                "tags": latin1(&it.tags.join(";")),
            });
            (it.uuid.clone(), record)
        })
        .collect();
    let users: Map<_, _> = pbx
        .users()
        .map(|it| {
            let record = json!({
                "name": latin1(&it.name),
                "label": it.label,
                "do_not_disturb_status": it.do_not_disturb_status,
                "presence": it.presence,
                "followme": it.followme,
                "mwi": it.mwi,
            });
            (it.id.to_string(), record)
        })
        .collect();
    let groups: Map<_, _> = pbx
        .groups()
        .map(|it| {
            let login = it.check_login_status;
            let record =
                json!({"label": it.label, "type": it.group_type, "check_login_status": login});
            (it.id.to_string(), record)
        })
        .collect();
    let members: Map<_, _> = pbx
        .members()
        .map(|it| {
            let record = json!({
                "group_id": it.group_id.0,
                "user_id": it.user_id.0,
                "priority": it.priority,
                "login_status": it.login_status,
            });
            (it.id.expect("by default every membership has an id").to_string(), record)
        })
        .collect();
    let terminals: Map<_, _> = pbx
        .terminals()
        .map(|it| {
            let user = it.assoc_user_id.map(|user| user.0);
            let record = json!({
                "name": latin1(&it.name),
                "assoc_user_id": user,
                "registered": it.registered,
            });
            (it.id.to_string(), record)
        })
        .collect();
    let parked: Map<_, _> = pbx
        .channels()
        .filter_map(|it| Some((it.uuid.clone(), json!([it.calling_number, park(&it.state)?]))))
        .collect();
    json!({
        "channel": channels,
        "user": users,
        "group": groups,
        "group_member": members,
        "terminal": terminals,
        "parked": parked,
        "waiting": pbx.count(ElementKind::ChannelWaiting),
        "deprecated": 0,
        "system": ["logout"],
    })
}

/// The same of what the reader has: of each record those fields that the truth has.
fn seen(read: &Value, truth: &Value) -> Value {
    let mut seen = Map::new();
    for element in ["channel", "user", "group", "group_member", "terminal"] {
        let table = read["tables"][element].as_object().unwrap();
        let records = table.iter().map(|(key, record)| {
            // Every record of an element has the same fields.
            let fields = truth[element].as_object().unwrap().values().next();
            let fields = fields.into_iter().flat_map(|fields| fields.as_object().unwrap().keys());
            let record: Map<_, _> = fields
                .map(|field| {
                    let value = match &**field {
                        "state" => json!([record["state"]["ts"], record["state"]["name"]]),
                        "park" if record["state"]["name"] == "park" => {
                            record["state"]["data"].clone()
                        }
                        "park" => Value::Null,
                        "tags" => {
                            let tags = record["tags"].as_array().unwrap().iter();
                            json!(
                                tags.map(|tag| tag.as_str().unwrap()).collect::<Vec<_>>().join(";")
                            )
                        }
                        field => record[field].clone(),
                    };
                    (field.clone(), value)
                })
                .collect();
            (key.clone(), Value::Object(record))
        });
        seen.insert(element.to_owned(), Value::Object(records.collect()));
    }
    let waiting = read["tables"]["channel_waiting"].as_object().unwrap();
    let parked: Map<_, _> = waiting
        .iter()
        .filter(|(_, record)| record["state"]["name"] == "park")
        .map(|(key, it)| (key.clone(), json!([it["calling_number"], it["state"]["data"]])))
        .collect();
    let count = |element: &str| read["tables"][element].as_object().unwrap().len();
    seen.insert("parked".to_owned(), Value::Object(parked));
    seen.insert("waiting".to_owned(), json!(waiting.len()));
    let deprecated = count("queued_channel") + count("parked_channel");
    seen.insert("deprecated".to_owned(), json!(deprecated));
    seen.insert("system".to_owned(), read["system"].clone());
    Value::Object(seen)
}

#[test]
fn a_reader_as_narrow_as_the_vendors_client_ends_with_what_the_pbx_has() {
    if !has_node() {
        return;
    }
    let (mut parked, mut waiting, mut removed) = (0, 0, 0);
    for seed in 0..12 {
        let (pbx, frames) = traffic(seed, |_| {});
        let read = read(&frames).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let truth = truth(&pbx);
        let seen = seen(&read, &truth);
        for (name, expected) in truth.as_object().unwrap() {
            assert_eq!(&seen[name], expected, "{name} of seed {seed}");
        }
        parked += truth["parked"].as_object().unwrap().len();
        waiting += pbx.count(ElementKind::ChannelWaiting);
        removed += read["events"]["removed"].as_u64().unwrap();
    }
    assert!(parked > 5 && waiting > parked && removed > 500, "{parked} {waiting} {removed}");
}

/// Runs the reader on five memberships; with `odd`, one has no identity.
fn read_members(odd: bool) -> Result<Value, String> {
    let mut pbx = Pbx::new(1);
    pbx.set_odd_records(odd);
    let group = pbx.add_group("sales", GroupType::Ring);
    for name in ["a", "b", "c", "d", "e"] {
        let user = pbx.add_user(name);
        pbx.join(group, user).unwrap();
    }
    let connection = pbx.open(&handshake()).unwrap();
    let mut frames = Vec::new();
    drain(&mut pbx, connection, &mut frames);
    read(&frames)
}

#[test]
fn that_reader_refuses_what_the_vendors_client_cannot_read() {
    if !has_node() {
        return;
    }
    let with = |form: WireForm| move |pbx: &mut Pbx| pbx.set_wire_form(form.clone());
    let refused = |set: &dyn Fn(&mut Pbx)| read(&traffic(3, set).1).unwrap_err();
    let form = WireForm::default;
    for (form, expected) in [
        (form().with_atoms(AtomForm::Utf8), "message 1: tag 119 at byte 3 is unknown"),
        (form().with_names(TextForm::Atom), "message 1: the name of an element is not a STRING"),
        (form().with_names(TextForm::Binary), "message 1: the name of an element is not a STRING"),
        (form().with_names(TextForm::String), "message 1: a field name is neither an atom nor"),
        (form().with_extra_fields(2).with_floats(FloatForm::Ieee), "tag 70 at byte "),
        (form().with_extra_fields(2), "a list in a field is lost"),
        (form().with_text(TextForm::CharList), "a list in a field is lost"),
    ] {
        let error = refused(&with(form.clone()));
        assert!(error.contains(expected), "{form:?}: {error}");
    }
    let error = refused(&|pbx| pbx.set_odd_records(true));
    assert!(error.contains("URI malformed"), "{error}");
    let error = read_members(true).unwrap_err();
    assert!(error.contains("a record of group_member without its key"), "{error}");
    read_members(false).unwrap();
    // Records as lists are read.
    let (_, frames) = traffic(3, with(form().with_records(RecordForm::List)));
    read(&frames).unwrap();
}
