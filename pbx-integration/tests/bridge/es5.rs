//! The script is ECMAScript 5, and uses no name that an engine of the PBX may lack.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use pbx_integration::bridge::{BackendScript, BackendScriptBuilder, BridgeSecret};
use pbx_integration::definition::check_script;
use pbx_integration::integration::EntryPoint;
use serde_json::Value;

use crate::pbx::{SECRET, id};

/// The globals that every engine for ECMAScript 5 has, `system`, and those behind `typeof`.
const GLOBALS: &str = "Array Date JSON Math String encodeURIComponent isFinite parseInt undefined system \
    console setTimeout Websocket loadIntr saveIntr startCall endCall";

/// Members of ECMAScript 5 and of the host.
const MEMBERS: &str = "charAt charCodeAt floor forEach indexOf isArray join length min now parse pow push random replace \
    shift slice splice stringify toLowerCase toString trim \
    method url logurl body verify attempts readTimeout connectTimeout timeout header domain callback name value \
    secret http trace address headers scheme identifier on send connect close";

/// Members of the script's own objects.
const OWN: &str = "g a c r run road flight since wait timer failures state items chars id label protocol version \
    kind path tenant delivery tries time features commands args ok error written count bridge bridge_error \
    names entries code expl forced status reason type event user ack answered end lost";

/// The names in a script by kind: top-level, free, properties; `None` if the parser is missing.
fn names(script: &str) -> Option<Result<[BTreeSet<String>; 3], String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/es5");
    if !folder.join("node_modules/acorn").exists() {
        assert!(std::env::var_os("REQUIRE_ACORN").is_none(), "run `npm ci` in tests/es5");
        eprintln!("skipped: the parser acorn is missing (run `npm ci` in tests/es5)");
        return None;
    }
    let mut command = Command::new("node");
    command.arg("names.js").current_dir(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut node = command.spawn().unwrap();
    node.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    if !output.status.success() {
        return Some(Err(String::from_utf8(output.stderr).unwrap()));
    }
    let lists: Value = serde_json::from_slice(&output.stdout).unwrap();
    Some(Ok(["top", "free", "properties"].map(|kind| {
        let names = lists[kind].as_array().unwrap().iter();
        names.map(|name| name.as_str().unwrap().to_owned()).collect()
    })))
}

/// The first fault of a script.
fn fault(script: &str, top: &[&str]) -> Option<Option<String>> {
    let [found, free, properties] = match names(script)? {
        Ok(names) => names,
        Err(error) => return Some(Some(error)),
    };
    let known = |lists: &[&'static str]| -> BTreeSet<String> {
        lists.iter().flat_map(|list| list.split_whitespace()).map(str::to_owned).collect()
    };
    let top: BTreeSet<String> = top.iter().map(|name| (*name).to_owned()).collect();
    let mut faults = found.symmetric_difference(&top).map(|name| format!("top-level {name}"));
    let mut unknown = free.difference(&known(&[GLOBALS])).cloned().collect::<Vec<_>>().into_iter();
    let members = known(&[MEMBERS, OWN]);
    let mut member = properties.difference(&members).cloned();
    Some(faults.next().or_else(|| unknown.next()).or_else(|| member.next()))
}

fn script(points: &[EntryPoint], label: &str) -> BackendScriptBuilder {
    let secret = BridgeSecret::new(SECRET).unwrap();
    let script = BackendScript::builder(&id(), "https://crm.example.com/vodia", &secret);
    script.label(label).entry_points(points.iter().copied())
}

fn text(script: BackendScriptBuilder) -> String {
    script.build().unwrap().as_str().to_owned()
}

// X2, X3, X4, X54
#[test]
fn every_script_is_ecmascript_5_and_uses_known_names_only() {
    use EntryPoint::{Agent, Cdr, Group, Http};
    let rows: [(&[EntryPoint], &[&str]); 4] = [
        (&[Group, Agent, Cdr], &["pbxbridge", "ongroup", "onagent", "oncdr"]),
        (&[Group, Agent, Cdr, Http], &["pbxbridge", "ongroup", "onagent", "oncdr", "onhttp"]),
        (&[Cdr], &["pbxbridge", "oncdr"]),
        (&[Http], &["pbxbridge", "onhttp"]),
    ];
    for (points, top) in rows {
        for label in ["", "CRM", "'\"\\</script>\n\u{2028}\u{65e5}\u{1f600}*/ //#end"] {
            let plain = script(points, label);
            let mut top = top.to_vec();
            for script in [plain.clone(), plain.clone().websocket()] {
                let script = text(script);
                assert_eq!(check_script(&script), []);
                let Some(fault) = fault(&script, &top) else { return };
                assert_eq!(fault, None, "{label:?}");
            }
            if !points.contains(&Http) {
                top.push("onhttp");
            }
            for script in [plain.clone().web_commands(), plain.websocket().web_commands()] {
                let Some(fault) = fault(&text(script), &top) else { return };
                assert_eq!(fault, None, "{label:?}");
            }
        }
    }
}

// X1
#[test]
fn the_script_with_all_options_leaves_room_for_a_long_url_and_label() {
    let secret = BridgeSecret::new("s".repeat(128)).unwrap();
    let url = format!("https://crm.example.com/{}", "x".repeat(200));
    let script = BackendScript::builder(&id(), &url, &secret).label(&"x".repeat(64));
    assert!(script.websocket().web_commands().build().is_ok());
}

// X54
#[test]
fn a_newer_construct_in_the_script_is_found() {
    let good = text(script(&[EntryPoint::Cdr], "CRM"));
    for (old, new, found) in [
        ("var count = 0;", "let count = 0;", "SyntaxError"),
        ("return bridge;", "var f = () => 1;\nreturn bridge;", "SyntaxError"),
        ("return bridge;", "Object.assign({}, config);\nreturn bridge;", "Object"),
        ("return bridge;", "[].includes(1);\nreturn bridge;", "includes"),
        ("return bridge;", "leaked = 1;\nreturn bridge;", "leaked"),
    ] {
        let bad = good.replacen(old, new, 1);
        assert_ne!(good, bad);
        let Some(fault) = fault(&bad, &["pbxbridge", "oncdr"]) else { return };
        let fault = fault.unwrap_or_default();
        assert!(fault.contains(found), "{new}: {fault:?}");
    }
}
