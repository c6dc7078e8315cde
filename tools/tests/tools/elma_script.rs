//! The script of a module, printed.

use voip_module::module_script::{Language, ModuleScript, PushCheck, Transport};
use voip_module::{Buttons, PlatformVersion};

use crate::program::run;

#[test]
fn without_options_it_is_the_newest_script_without_buttons() {
    let script = ModuleScript::builder(Buttons::NONE).build().unwrap();
    assert_eq!(run("elma-script", &[], b"").done().out, script.text());
}

#[test]
fn every_option_has_its_effect() {
    let options = [
        "--edition",
        "2025.8",
        "--buttons",
        "hold,accept",
        "--language",
        "ru",
        "--settings",
        "a,b",
        "--prefix",
        "own",
        "--push",
        "off",
        "--allow-http",
        "--response-headers",
        "--remember-webhook-url",
        "--time-limit",
        "20",
    ];
    let script = || {
        ModuleScript::builder(Buttons::HOLD | Buttons::ACCEPT)
            .edition(PlatformVersion::V2025_8)
            .language(Language::Ru)
            .settings("a", "b")
            .prefix("own")
            .push_check(PushCheck::Off)
            .allow_http()
            .response_headers()
            .remember_webhook_url()
            .time_limit(20)
    };
    assert_eq!(run("elma-script", &options, b"").done().out, script().build().unwrap().text());
    let service = [&options[..], &["--service", "telephony"]].concat();
    let transport = Transport::PortableService { name: "telephony".into() };
    let script = script().transport(transport).build().unwrap();
    assert_eq!(run("elma-script", &service, b"").done().out, script.text());
}

#[test]
fn a_wrong_value_is_named_in_one_line() {
    for (option, value, text) in [
        ("--edition", "2023", "--edition: expected 2024, 2025.8 or 2026.4"),
        ("--buttons", "hold,mute", "--buttons: expected accept, hangup, redirect or hold"),
        ("--language", "de", "--language: expected en or ru"),
        ("--settings", "one", "--settings: expected URL,KEY"),
        ("--push", "on", "--push: expected token, service or off"),
        ("--time-limit", "soon", "--time-limit: expected 1 to 50 seconds"),
        ("--time-limit", "51", "time limit: expected 1 to 50 seconds, found 51"),
    ] {
        let line = format!("elma-script: {text}; see elma-script --help");
        run("elma-script", &[option, value], b"").refused(2, &line);
    }
    let line = "elma-script: --prefix needs a value; see elma-script --help";
    run("elma-script", &["--prefix"], b"").refused(2, line);
}
