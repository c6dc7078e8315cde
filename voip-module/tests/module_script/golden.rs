//! The text of the script.

use std::collections::BTreeSet;
use std::path::Path;

use voip_module::module_script::{Language, ModuleScript, ScriptError};
use voip_module::{Buttons, PlatformVersion};

use crate::variants;

/// Compares a script with `golden/{name}.ts`. With `UPDATE_GOLDEN` set, writes the file.
#[track_caller]
fn compare(name: &str, script: &ModuleScript) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/module_script/golden")
        .join(format!("{name}.ts"));
    let text = script.text().replace(env!("CARGO_PKG_VERSION"), "VERSION");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, text).unwrap();
        return;
    }
    assert!(std::fs::read_to_string(path).unwrap() == text, "{name}.ts differs");
}

// W35, W167
#[test]
fn the_script_of_each_edition_is_the_golden_one() {
    for edition in variants::EDITIONS {
        let script = ModuleScript::builder(Buttons::ALL).edition(edition).build().unwrap();
        compare(edition.as_str(), &script);
    }
    let builder = ModuleScript::builder(Buttons::NONE).transport(variants::portable());
    let builder = builder.language(Language::Ru).response_headers().remember_webhook_url();
    compare("options", &builder.time_limit(20).build().unwrap());
}

// W35, W37
#[test]
fn the_text_is_small_plain_and_the_same_every_time() {
    for edition in variants::EDITIONS {
        for (script, again) in variants::of(edition).iter().zip(variants::of(edition)) {
            assert_eq!(*script, again);
            let text = script.text();
            assert!(text.len() <= 24 << 10, "{} bytes", text.len());
            let is_odd =
                |c: char| c.is_control() && c != '\n' || "\u{feff}\u{2028}\u{2029}".contains(c);
            assert!(!text.contains(is_odd) && !text.contains("Comment") && text.ends_with("}\n"));
            assert!(!text.contains("#if") && !text.contains("#end"));
        }
    }
}

/// The names of the functions that a text defines.
fn defined(text: &str) -> BTreeSet<&str> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("async ").or(Some(line)));
    let names = lines.filter_map(|line| line.strip_prefix("function ")?.split('(').next());
    names.collect()
}

// W32, W65–W67, W167
#[test]
fn a_script_has_the_functions_of_its_buttons_and_names_its_own_by_the_prefix() {
    for buttons in variants::all_buttons() {
        let script = ModuleScript::builder(buttons).prefix("_pbx").build().unwrap();
        let (own, platform): (BTreeSet<_>, BTreeSet<_>) =
            defined(script.text()).into_iter().partition(|name| name.starts_with("_pbx"));
        let mut expected = BTreeSet::from([
            "VoipTestConnection",
            "VoipParseWebhookRequest",
            "VoipGetMembers",
            "VoipGenerateCall",
            "VoipGetCallLink",
            "VoipOnWebhookUpdated",
        ]);
        for (button, name) in [
            (Buttons::ACCEPT, "VoipAcceptCall"),
            (Buttons::HANGUP, "VoipHangupCall"),
            (Buttons::REDIRECT, "VoipRedirectCall"),
            (Buttons::HOLD, "VoipHoldCall"),
        ] {
            if buttons.contains(button) {
                expected.insert(name);
            }
        }
        assert_eq!(platform, expected);
        assert_eq!(script.functions().iter().copied().collect::<BTreeSet<_>>(), expected);
        assert!(own.len() > 10);
        let top: Vec<_> =
            script.text().lines().filter(|line| !line.starts_with([' ', '/', '}'])).collect();
        let is_function = |line: &&str| {
            line.is_empty() || line.starts_with("function ") || line.starts_with("async function ")
        };
        assert!(top.iter().all(is_function), "{top:?}");
    }
}

// W33
#[test]
fn the_script_uses_nothing_that_is_not_promised() {
    let script = ModuleScript::builder(Buttons::ALL).build().unwrap();
    for name in
        ["crypto", "URL(", "btoa", "setTimeout", "console", "AbortController", "import ", "export "]
    {
        assert!(!script.text().contains(name), "{name}");
    }
}

// W36
#[test]
fn names_that_cannot_stand_in_a_script_are_refused() {
    let builder = || ModuleScript::builder(Buttons::NONE).edition(PlatformVersion::V2024);
    let long = "a".repeat(65);
    for name in
        ["", "1a", "a-b", "a b", "a;b", "a'", "ключ", "class", "await", "__proto__", "a\n", &long]
    {
        for built in [
            builder().settings(name, "serviceKey").build(),
            builder().settings("serviceUrl", name).build(),
            builder().prefix(name).build(),
            builder()
                .transport(voip_module::module_script::Transport::PortableService {
                    name: name.into(),
                })
                .build(),
        ] {
            assert!(matches!(built, Err(ScriptError::Name { .. })), "{name}");
        }
    }
    let error = builder().prefix("');evil(").build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "prefix: expected a letter or `_`, then at most 63 letters, digits and `_`, no reserved word; \
         found \"\\');evil(\"",
    );
    assert_eq!(builder().settings("a", "a").build(), Err(ScriptError::SameName));
    assert_eq!(builder().time_limit(51).build(), Err(ScriptError::TimeLimit(51)));
    assert!(builder().settings("a".repeat(64), "_1").build().is_ok());
}
