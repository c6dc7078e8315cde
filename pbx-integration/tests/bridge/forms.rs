//! Forms in headless Chromium.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Child;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use pbx_integration::bridge::SettingNames;
use pbx_integration::definition::{Form, FormError, FormField, FrontEnd};
use pbx_integration::settings::{MemorySettings, SaveResult};
use pbx_integration::{Secret, Settings};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::chromedriver::start_driver;
use crate::network::send;
use crate::pbx::id;
use crate::wait;

/// Chromium with its driver.
struct Browser {
    driver: Child,
    address: SocketAddr,
    session: String,
    _profile: TempDir,
}

impl Browser {
    /// Starts a browser; `None` if it is missing and not required.
    fn start() -> Option<Self> {
        let (driver, port) = start_driver()?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let profile = tempfile::tempdir().unwrap();
        let own = format!("--user-data-dir={}", profile.path().display());
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--window-size=480,360",
            &own,
        ];
        let options = json!({"args": arguments});
        let capabilities =
            json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}});
        let mut browser = Self { driver, address, session: String::new(), _profile: profile };
        let session = browser.ask("POST", "", &capabilities);
        browser.session = format!("/{}", session["sessionId"].as_str().unwrap());
        Some(browser)
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let path = format!("/session{}{path}", self.session);
        let json = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = send(method, self.address, &path, &json, &body).unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        serde_json::from_str::<Value>(&answer.body).unwrap()["value"].clone()
    }

    /// Shows a form in a page that has the elements of the PBX.
    fn show(&self, form: &FrontEnd) {
        self.ask("POST", "/url", &json!({"url": "about:blank"}));
        let script = r#"
            const [html, css, js, done] = arguments;
            customElements.get('pbx-input') || customElements.define('pbx-input', class extends HTMLElement {
                connectedCallback() {
                    this.inner = document.createElement('input');
                    this.inner.type = this.getAttribute('type');
                    this.append(this.inner);
                }
                get value() { return this.inner.value; }
                set value(value) { this.inner.value = value; }
            });
            document.body.innerHTML = `<style>${css}</style><form>${html}</form>`;
            const url = URL.createObjectURL(new Blob([js], {type: 'text/javascript'}));
            import(url).then((module) => { window.module = module; done(); }, (error) => done(String(error)));
        "#;
        let shown = self.ask(
            "POST",
            "/execute/async",
            &json!({"script": script, "args": [form.html, form.css, form.js]}),
        );
        assert_eq!(shown, Value::Null);
    }

    fn run(&self, script: &str, argument: &Value) -> Value {
        let script = format!("const form = document.querySelector('form'); {script}");
        self.ask("POST", "/execute/sync", &json!({"script": script, "args": [argument]}))
    }

    /// Types into a field.
    fn enter(&self, css: &str, text: &str) {
        let found = self.ask("POST", "/element", &json!({"using": "css selector", "value": css}));
        let element = found.as_object().unwrap().values().next().unwrap().as_str().unwrap();
        self.ask("POST", &format!("/element/{element}/value"), &json!({"text": text}));
    }

    /// Writes a picture of the page to the documentation, if asked to.
    fn picture(&self, name: &str) {
        let picture = self.ask("GET", "/screenshot", &Value::Null);
        let png = BASE64_STANDARD.decode(picture.as_str().unwrap()).unwrap();
        assert!(png.starts_with(b"\x89PNG"));
        if std::env::var_os("WRITE_PICTURES").is_some() {
            let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
            std::fs::create_dir_all(&docs).unwrap();
            std::fs::write(docs.join(name), png).unwrap();
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let path = format!("/session{}", self.session);
        let _ = send("DELETE", self.address, &path, &[], "");
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Loads a form, enters a password, saves twice, and gives the two results of `save`.
fn play(browser: &Browser, form: &Form, data: &Value, password: &str, picture: &str) -> [Value; 2] {
    browser.show(&form.front_end().unwrap());
    browser.run("module.load(form, arguments[0])", data);
    for name in form.public_names() {
        let value =
            browser.run("return form.querySelector(`[name=${arguments[0]}]`).value", &json!(name));
        assert_eq!(value, data[name], "{name}");
    }
    let empty = browser.run("return form.querySelector('[name=password]').value", &Value::Null);
    assert_eq!(empty, "");
    let first = browser.run("return module.save(form)", &Value::Null);
    browser.enter(password, "k9-Lamp-Otter");
    browser.picture(picture);
    [first, browser.run("return module.save(form)", &Value::Null)]
}

/// Saves what the form returned, and gives the password after each.
fn store(results: &[Value; 2]) -> [Option<Secret>; 2] {
    let settings =
        Settings::new(Arc::new(MemorySettings::new()), id()).tenant("tenant1.example.com");
    let mut passwords = results.clone().into_iter().map(|returned| {
        let public = returned[0].clone();
        wait(settings.save(SaveResult::from_value(returned).unwrap())).unwrap();
        assert_eq!(wait(settings.public_data()).unwrap(), Some(public));
        wait(settings.secret("password")).unwrap()
    });
    [passwords.next().unwrap(), passwords.next().unwrap()]
}

// X45, X46, X62
#[test]
fn the_forms_load_and_save_in_a_browser() {
    let Some(browser) = Browser::start() else { return };
    let (tenant, user) = (Form::tenant_sample(&id()), Form::user_sample(&id()));
    let data = json!({"token": "<b>\u{65e5}</b>", "password": "shown?"});
    let saved = play(&browser, &tenant, &data, "input[name=password]", "form-tenant.png");
    let public = json!({"token": "<b>\u{65e5}</b>"});
    assert_eq!(saved, [json!([public]), json!([public, {"password": "k9-Lamp-Otter"}])]);
    assert_eq!(store(&saved), [None, Some(Secret::new("k9-Lamp-Otter"))]);

    let data = json!({"username": "joe", "url": "https://crm.example.com/", "password": "shown?"});
    let field = "pbx-input[name=password] input";
    let saved = play(&browser, &user, &data, field, "form-user.png");
    let public = json!({"username": "joe", "url": "https://crm.example.com/"});
    assert_eq!(saved, [json!([public]), json!([public, {"password": "k9-Lamp-Otter"}])]);
    assert_eq!(store(&saved), [None, Some(Secret::new("k9-Lamp-Otter"))]);
    assert_eq!(SettingNames::of_form(&user), SettingNames::new(["url", "username"], ["password"]));

    let other = Form::tenant(&id())
        .field(FormField::number("lines", "Lines"))
        .field(FormField::choice("region", "Region", [("eu", "Europe"), ("us", "America")]))
        .field(FormField::text("token", "Token").secret())
        .field(FormField::choice("plan", "Plan", [("a", "A"), ("b", "B")]).secret());
    assert_eq!(other.secret_names().collect::<Vec<_>>(), ["token", "plan"]);
    browser.show(&other.front_end().unwrap());
    browser
        .run("module.load(form, arguments[0])", &json!({"lines": 4, "region": "us", "token": "x"}));
    let saved = browser.run("return module.save(form)", &Value::Null);
    assert_eq!(saved, json!([{"lines": 4, "region": "us"}]));
    browser.enter("[name=token]", "k9-Lamp-Otter");
    let saved = browser.run("return module.save(form)", &Value::Null);
    assert_eq!(saved, json!([{"lines": 4, "region": "us"}, {"token": "k9-Lamp-Otter"}]));
}

// X45
#[test]
fn labels_and_names_of_a_form_are_escaped() {
    let label = "</label><script>alert('1')</script>";
    let field = FormField::choice("a\"b", label, [("\"><i>", "&")]);
    let form = Form::tenant(&id()).field(field).front_end().unwrap();
    for text in ["<script", "<i>", " id="] {
        assert!(!form.html.contains(text), "{}", form.html);
    }
    assert!(form.html.contains("class=\"ourcrmsys-form\""));
    let choice = FormField::choice("region", "Region", [("eu", "Europe")]);
    let user = Form::user_sample(&id()).field(choice).front_end().unwrap();
    assert!(user.html.contains("<pbx-button class=\"save\" type=\"submit\">[[save]]</pbx-button>"));
    assert!(!user.html.contains("form-control"), "Bootstrap in a user form");
}

// X45
#[test]
fn a_form_with_a_bad_or_repeated_name_is_refused() {
    let form = Form::user(&id());
    let refused = |form: Form| form.front_end().unwrap_err();
    assert_eq!(refused(form.clone()), FormError::Empty);
    assert_eq!(refused(form.clone().field(FormField::text("", "x"))), FormError::Name);
    let twice = form.field(FormField::text("a", "x")).field(FormField::password("a", "x"));
    assert_eq!(refused(twice).to_string(), "field `a`: another field has this name");
}
