//! Secrets stay out of errors, logs and `Debug`.
// P82

use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::Arc;

use pbx_integration::control::ControlError;
use pbx_integration::definition::DefinitionError;
use pbx_integration::settings::{
    FileSettings, MemorySettings, SaveResult, SettingsChange, SettingsError,
};
use pbx_integration::testing::MemoryHost;
use pbx_integration::{
    CallControl, Coverage, Error, HttpReply, HttpRequest, Identifier, Integration, Reader,
    Registry, Secret, Settings, StartCall,
};
use serde_json::json;

use crate::file_store::Folder;
use crate::{now, wait};

const SECRET: &str = "s3cret-0f-the-crm";

#[track_caller]
fn assert_hidden(shown: &str) {
    assert!(!shown.contains(SECRET), "{shown}");
    // Not as bytes, either.
    let bytes = format!("{:?}", SECRET.as_bytes());
    assert!(!shown.contains(bytes.trim_matches(['[', ']'])), "{shown}");
}

#[track_caller]
fn hide(value: &impl Debug) {
    assert_hidden(&format!("{value:?} {value:#?}"));
}

/// The traits of a type, detected by method resolution between two constants.
struct Probe<T>(PhantomData<T>);

trait Otherwise {
    const IS_SERIALIZE: bool = false;
    const IS_DISPLAY: bool = false;
}

impl<T> Otherwise for Probe<T> {}

impl<T: serde::Serialize> Probe<T> {
    const IS_SERIALIZE: bool = true;
}

impl<T: std::fmt::Display> Probe<T> {
    const IS_DISPLAY: bool = true;
}

// P82
#[test]
fn a_secret_has_no_display_and_no_serialize() {
    // Where one of these does not hold, this test does not compile.
    const { assert!(Probe::<String>::IS_SERIALIZE && Probe::<String>::IS_DISPLAY) };
    const { assert!(!Probe::<Secret>::IS_SERIALIZE && !Probe::<Secret>::IS_DISPLAY) };
    const { assert!(!Probe::<SaveResult>::IS_SERIALIZE) };
    const { assert!(!Probe::<SettingsChange>::IS_SERIALIZE) };
    assert_eq!(format!("{:?} {:#?}", Secret::new(SECRET), Secret::new("")), "Secret(…) Secret(…)");
}

// P82
#[test]
fn secrets_compare_as_wholes() {
    assert_eq!(Secret::new(SECRET), Secret::from_json(json!(SECRET)));
    for other in ["", "s", "s3cret-0f-the-cr", "s3cret-0f-the-crmm", "S3cret-0f-the-crm"] {
        assert_ne!(Secret::new(SECRET), Secret::new(other));
        assert!(!Secret::new(SECRET).matches(other.as_bytes()), "{other}");
    }
    assert_eq!(Secret::new(""), Secret::new(""));
    assert_ne!(Secret::new("1"), Secret::from_json(json!(1)));
}

// P82
#[test]
fn no_settings_type_shows_a_secret() {
    let save = || SaveResult::from_value(json!([{"a": 1}, {"k": SECRET, "n": [SECRET]}])).unwrap();
    hide(&save());
    hide(&save().into_change());
    hide(&Secret::from_json(json!({"inner": SECRET})));
    let folder = Folder::new();
    let file = Arc::new(FileSettings::open(folder.path()).unwrap());
    let stores: [Arc<dyn pbx_integration::settings::SettingsStore>; 2] =
        [file, Arc::new(MemorySettings::new())];
    for store in stores {
        let settings = Settings::new(store.clone(), Identifier::new("ourcrmsys").unwrap());
        let tenant = settings.tenant("tenant1.example.com");
        hide(&wait(tenant.save(save())).unwrap());
        hide(&wait(tenant.set_secret("k2", SECRET)).unwrap());
        hide(&wait(tenant.secret("k")).unwrap());
        hide(&wait(tenant.public_data()).unwrap());
        hide(&wait(tenant.form_data()).unwrap());
        hide(&(store, settings, tenant));
    }
    let mut stored = pbx_integration::settings::StoredSettings::default();
    hide(&save().into_change().apply(&mut stored).unwrap());
    hide(&stored);
}

// P82, P92
#[test]
fn no_error_shows_a_secret() {
    let errors = [
        SaveResult::from_value(json!([{"k": SECRET}, {"k": SECRET}])).unwrap_err(),
        SaveResult::from_value(json!([SECRET, SECRET, SECRET])).unwrap_err(),
        SaveResult::from_value(json!([{}, [SECRET]])).unwrap_err(),
        SaveResult::from_value(json!([{}, {"": SECRET}])).unwrap_err(),
        SaveResult::parse(&format!("[{{}}, {{\"k\": \"{SECRET}\\x\"}}]")).unwrap_err(),
        SettingsError::store("reading", "disk"),
    ];
    for error in errors {
        assert_hidden(&error.to_string());
        hide(&error);
        hide(&Error::from(error));
    }
    // The text of an integration's own error belongs to the integration alone.
    let error = Error::other(format!("no {SECRET}"));
    assert_eq!(error.to_string(), "the integration failed");
    hide(&error);
    assert!(std::error::Error::source(&error).unwrap().to_string().contains(SECRET));
    let bundle =
        format!(r#"{{"format":"pbx-integration/1","name":"a","identifier":"{SECRET} x"}}"#);
    let error: DefinitionError =
        pbx_integration::definition::Definition::from_bundle(&bundle).map(drop).unwrap_err();
    assert_hidden(&format!("{error} {error:?}"));
}

// P76, P82
#[test]
fn a_web_request_shows_neither_headers_nor_query_nor_body() {
    let json = json!({
        "method": "POST", "scheme": "https", "identifier": "ourcrmsys", "body": SECRET,
        "url": format!("ourcrmsys/dial?key={SECRET}#{SECRET}"), "cookie": SECRET,
        "headers": [{"name": "Authorization", "value": format!("Bearer {SECRET}"), "raw": SECRET}],
    });
    let request = Reader::strict().read_http_request(json.to_string()).unwrap().value;
    hide(&request);
    hide(&request.headers);
    assert!(request.presents("authorization", &SECRET.into()));
    let error = request.clone().with_body(vec![0xff]).body().map(drop).unwrap_err();
    assert_hidden(&format!("{error} {error:?}"));
}

/// An integration that leaks secrets into its error and its panic.
struct Careless;

#[async_trait::async_trait]
impl Integration for Careless {
    async fn on_http(
        &self,
        ctx: &pbx_integration::Context,
        request: HttpRequest,
    ) -> Result<HttpReply, Error> {
        hide(ctx);
        let secret = ctx.settings().tenant(&request.domain).secret("k").await?.unwrap();
        Err(Error::other(format!("the secret is {}", secret.expose())))
    }
}

// P82, P3
#[test]
fn what_came_of_a_payload_shows_no_secret() {
    let store = Arc::new(MemorySettings::new());
    let identifier = Identifier::new("ourcrmsys").unwrap();
    let settings = Settings::new(store.clone(), identifier.clone());
    let _ = now(settings.tenant("t.example").set_secret("k", SECRET)).unwrap();
    let registry = Registry::new(store, Arc::new(MemoryHost::new()));
    registry.register(identifier, Coverage::everywhere(), Careless).unwrap();
    hide(&registry);
    let mut request = HttpRequest::new("GET", "ourcrmsys", "ourcrmsys/a");
    request.domain = Some("t.example".into());
    let dispatch = now(registry.dispatch_http(request));
    hide(&dispatch);
    assert_eq!(dispatch.status(), 500);
    assert_eq!(dispatch.receipts[0].to_string(), "ourcrmsys: failed: the integration failed");
}

// P108
#[test]
fn calls_show_no_number_in_their_errors() {
    let host = MemoryHost::new();
    let number = "+12025550123";
    let call = StartCall::builder("tenant1.example.com", number).user("41").client_token("t");
    let call = call.build().unwrap();
    let _ = now(host.start_call(&call)).unwrap();
    let repeated = now(host.start_call(&call)).unwrap_err();
    let invalid = StartCall::builder("tenant1.example.com", &format!("{number}\n")).user("41");
    let unread = serde_json::from_str::<StartCall>(&format!(r#"{{"to":["{number}"],"domain":1}}"#));
    let unread_id = serde_json::from_str::<pbx_integration::CallId>(&format!("[\"{number}\"]"));
    let texts = [
        format!("{repeated} {repeated:?}"),
        format!("{:?}", invalid.build().unwrap_err()),
        unread.unwrap_err().to_string(),
        unread_id.unwrap_err().to_string(),
        format!("{:?} {}", host, ControlError::NotFound),
        format!("{:?}", HttpReply::empty(204)),
    ];
    for text in texts {
        assert!(!text.contains("2025550123"), "{text}");
    }
}
