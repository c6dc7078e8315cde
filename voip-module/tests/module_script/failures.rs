//! Each way in which an ask fails, for each function: its text or its status.

use serde_json::{Value, json};
use voip_module::Buttons;
use voip_module::module_script::Language;

use crate::node;
use crate::server::{KEY, Server, closed_address, module, newest, other_server, service};

/// The functions that throw, with arguments.
fn throwing() -> [(&'static str, Value); 8] {
    let numbers = ["702", "79990000002"];
    [
        ("VoipGetMembers", json!([])),
        ("VoipGenerateCall", json!(numbers)),
        ("VoipGetCallLink", json!([{ "id": "C-1" }])),
        ("VoipOnWebhookUpdated", json!([format!("https://tenant.example/hook/1?token={TOKEN}")])),
        ("VoipAcceptCall", json!(numbers)),
        ("VoipHangupCall", json!(numbers)),
        ("VoipRedirectCall", json!([numbers[0], numbers[1], "703"])),
        ("VoipHoldCall", json!([numbers[0], numbers[1], true])),
    ]
}

const TOKEN: &str = "T0KT0KT0KT0KT0K";
const ID: &str = " (77777777…)";

/// Behaviour of servers, the texts of the script in English and Russian, and the status that the sender of
/// a webhook gets.
type Failure = (&'static [&'static str], &'static str, &'static str, u16);

// W75–W89, W189
const FAILURES: &[Failure] = &[
    (
        &["silent", "half"],
        "The telephony service does not answer.",
        "Сервис телефонии не отвечает.",
        503,
    ),
    (
        &["html-200", "empty", "large", "json", "no-result"],
        "The address does not lead to the telephony service (status 200).",
        "По адресу отвечает не сервис телефонии (статус 200).",
        503,
    ),
    (
        &["html-502"],
        "The address does not lead to the telephony service (status 502).",
        "По адресу отвечает не сервис телефонии (статус 502).",
        503,
    ),
    (
        &["result-500"],
        "The address does not lead to the telephony service (status 500).",
        "По адресу отвечает не сервис телефонии (статус 500).",
        503,
    ),
    (
        &["404-page"],
        "The address does not lead to the telephony service (status 404).",
        "По адресу отвечает не сервис телефонии (статус 404).",
        503,
    ),
    (
        &["newer", "unsupported_protocol", "unknown_function"],
        "The service is older or newer than this script; update the service or generate the script \
         again.",
        "Версии сервиса и скрипта не подходят друг к другу: обновите сервис или создайте скрипт \
         заново.",
        502,
    ),
    (&["unauthorized"], "The service key is wrong.", "Неверный ключ сервиса.", 502),
    (
        &["unsupported", "not_implemented"],
        "The PBX does not offer this function.",
        "АТС не поддерживает эту функцию.",
        503,
    ),
    (
        &["auth"],
        "The PBX refused the service's credentials.",
        "АТС отклонила учётные данные сервиса.",
        503,
    ),
    (&["remote"], "The PBX refused: m m", "АТС ответила отказом: m m", 503),
    (&["config"], "The service is not set up: m m", "Сервис не настроен: m m", 503),
    (
        &["transport", "unexpected_body"],
        "The PBX cannot be reached or gave an unusable answer.",
        "АТС недоступна или вернула непонятный ответ.",
        503,
    ),
    (
        &["timeout"],
        "The PBX did not answer in time; the action may still have been carried out.",
        "АТС не ответила вовремя; действие могло быть выполнено.",
        503,
    ),
    (&["invalid_argument"], "A number is missing or wrong.", "Номер не указан или неверен.", 503),
    (&["no_recording"], "The call has no recording.", "У звонка нет записи.", 503),
    (
        &["invalid_link", "invalid_call_data"],
        "The recording cannot be opened.",
        "Запись звонка нельзя открыть.",
        503,
    ),
    (
        &["not_ready", "busy", "in_progress"],
        "The service is starting, stopping or busy; try again.",
        "Сервис запускается, останавливается или занят; повторите попытку.",
        503,
    ),
    (
        &["payload_too_large"],
        "Telephony error (payload_too_large).",
        "Ошибка телефонии (payload_too_large).",
        413,
    ),
    (&["internal"], "Telephony error (internal).", "Ошибка телефонии (internal).", 503),
    (&["invalid_body"], "Telephony error (invalid_body).", "Ошибка телефонии (invalid_body).", 503),
    (&["constructor"], "Telephony error (constructor).", "Ошибка телефонии (constructor).", 503),
];

fn refusal(status: u16) -> Value {
    let text = match status {
        413 => "{\"error\":\"the body is too large\"}",
        502 => "{\"error\":\"bridge misconfigured\"}",
        _ => "{\"error\":\"service unavailable\"}",
    };
    json!({ "response": { "code": status, "text": text } })
}

/// Returns `true` if what a script did shows neither the key nor the token.
// W73, W171
fn is_discreet(done: &Value) -> bool {
    let done = done.to_string();
    ![KEY, TOKEN].iter().any(|secret| done.contains(secret))
}

/// Calls every function of a module that cannot succeed.
#[track_caller]
fn expect(module: &node::Module, text: &str, detail: bool, status: u16, more: &Value) {
    let mut more = more.clone();
    more["random"] = 7.into();
    for (function, args) in throwing() {
        let done = module.call_with(function, args, more.clone());
        assert_eq!(done["thrown"], text, "{function}: {done}");
        assert!(is_discreet(&done), "{done}");
    }
    let done = module.call_with("VoipTestConnection", json!([]), more.clone());
    assert_eq!(done["value"]["success"], false, "{done}");
    assert!(is_discreet(&done), "{done}");
    let reason = done["value"]["failReason"].as_str().unwrap();
    if detail {
        assert!(reason.starts_with(&format!("{text} ")), "{reason}");
    } else {
        assert_eq!(reason, text);
    }
    let path = format!("/h?token={TOKEN}");
    let push = json!([{ "method": "POST", "headers": { ":path": path }, "body": "a=1" }]);
    let done = module.call_with("VoipParseWebhookRequest", push, more);
    assert_eq!(done["value"], refusal(status), "{done}");
    assert!(is_discreet(&done), "{done}");
}

// W69, W75, W76, W89, W95, W169, X12
#[test]
fn each_failure_gives_its_text_in_both_languages_and_its_status() {
    if !node::has_typescript() {
        return;
    }
    for (modes, en, ru, status) in FAILURES {
        for (language, text) in [(Language::En, en), (Language::Ru, ru)] {
            for mode in *modes {
                let url = format!("http://{}/{mode}", other_server());
                // W47
                let (script, more) = match *mode {
                    "silent" => (newest().time_limit(20), json!({ "timers": "over" })),
                    _ => (newest(), json!({})),
                };
                let text = format!("{text}{ID}");
                let has_detail = matches!(*mode, "silent" | "half");
                expect(&module(script.language(language), &url), &text, has_detail, *status, &more);
            }
        }
    }
}

// W75, W169
#[test]
fn nothing_that_listens_is_a_service_that_does_not_answer() {
    if !node::has_typescript() {
        return;
    }
    let text = format!("The telephony service does not answer.{ID}");
    let url = format!("http://{}", closed_address());
    expect(&module(newest(), &url), &text, true, 503, &json!({}));
}

/// A portable service has no address of its own in the script.
// W22, W169
#[test]
fn a_portable_service_is_reached_through_the_platform() {
    if !node::has_typescript() {
        return;
    }
    let server = Server::new(Buttons::ALL);
    let module = module(newest().transport(crate::variants::portable()), "");
    let more = json!({ "service": format!("http://{}", server.address) });
    let done = module.call_with("VoipGetMembers", json!([]), more);
    assert_eq!(done["value"][0], json!({ "id": "701", "label": "Anna Admin" }), "{done}");
    assert_eq!(done["urls"], json!([]));
    assert_eq!(server.seen()[0].target, "POST /voip/v1/members");
}

// W89, W171
#[test]
fn a_key_that_an_answer_repeats_is_not_shown() {
    if !node::has_typescript() {
        return;
    }
    let done = module(newest(), &format!("http://{}/echo", other_server()))
        .call("VoipGenerateCall", json!(["1", "2"]));
    let text = done["thrown"].as_str().unwrap();
    assert!(text.starts_with("The PBX refused: POST /echo/voip/v1/generate-call"), "{text}");
    assert!(text.contains("Bearer …") && is_discreet(&done), "{text}");
}

// W51, W74, W169
#[test]
fn a_missing_or_wrong_setting_is_named_and_nothing_is_sent() {
    if !node::has_typescript() {
        return;
    }
    let key = "K3YK3YK3YK3YK3Y!";
    let good = "https://service.example";
    let odd = [
        json!(""),
        json!(null),
        json!(7),
        json!("service.example"),
        json!("http://service.example"),
        json!("https://"),
        json!("https:///"),
        json!("https://a@b"),
        json!("https://a?b"),
        json!("https://a#b"),
        json!("https://a b"),
        json!("https://a\n"),
    ];
    let short = [
        json!(""),
        json!(null),
        json!("K3YK3YK3YK3YK3Y"),
        json!("K3YK3YK3YK3YK3Y K3Y"),
        json!("ключключключключ"),
    ];
    let urls =
        odd.iter().map(|url| (json!({ "serviceUrl": url, "serviceKey": key }), "serviceUrl"));
    let keys =
        short.iter().map(|it| (json!({ "serviceUrl": good, "serviceKey": it }), "serviceKey"));
    for (settings, name) in urls.chain(keys) {
        for (language, text) in [
            (Language::En, format!("Module setting \"{name}\" is missing or wrong.")),
            (Language::Ru, format!("Настройка модуля «{name}» не заполнена или неверна.")),
        ] {
            let script = newest().language(language).build().unwrap().into_text();
            let module = node::Module { script, settings: settings.clone() };
            expect(&module, &text, false, 502, &json!({}));
            assert_eq!(module.call("VoipGetMembers", json!([]))["urls"], json!([]));
        }
    }
}

// W69, W170
#[test]
fn a_body_that_is_too_large_is_not_sent() {
    if !node::has_typescript() {
        return;
    }
    let server = Server::new(Buttons::ALL);
    let module = server.module(newest());
    // Without a media type the provider refuses the request.
    for (length, status, asks) in [(65_536, 400, 1), (65_537, 413, 0)] {
        let request = json!([{ "method": "POST", "headers": {}, "body": "a".repeat(length) }]);
        let done = module.call("VoipParseWebhookRequest", request);
        assert_eq!(done["value"]["response"]["code"], status);
        assert_eq!(server.seen().len(), asks);
    }
}

// W169
#[test]
fn a_service_that_restarts_answers_the_next_ask() {
    if !node::has_typescript() {
        return;
    }
    let address = closed_address();
    let module = module(newest(), &format!("http://{address}"));
    let broken = module.call("VoipGetMembers", json!([]));
    assert!(broken["thrown"].as_str().unwrap().starts_with("The telephony service does not"));
    let _server = Server::at(address, service(Buttons::ALL));
    let done = module.call("VoipGetMembers", json!([]));
    assert_eq!(done["value"].as_array().map(Vec::len), Some(2), "{done}");
}
