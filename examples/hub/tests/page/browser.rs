//! A headless Chromium, driven over WebDriver.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Child;

use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::{ParseError, Url};

use crate::chromedriver::start_driver;

/// A browser with a fresh profile; ends with its driver.
pub(crate) struct Browser {
    client: Client,
    driver: Child,
    address: String,
    _profile: TempDir,
}

impl Browser {
    /// Starts a browser; `None` if Chromium or its driver is not installed.
    pub(crate) async fn start() -> Option<Self> {
        let (driver, port) = start_driver()?;
        let address = format!("127.0.0.1:{port}");
        let profile = TempDir::new().unwrap();
        let mut arguments: Vec<String> = [
            "headless",
            "no-sandbox",
            "disable-gpu",
            "disable-quic",
            "no-first-run",
            "disable-background-networking",
            "disable-component-update",
            "disable-sync",
            "hide-scrollbars",
            // A card that is fading in has too little contrast for a moment.
            "force-prefers-reduced-motion",
            // A mouse, as at a desk: without a screen, Chromium has none.
            "blink-settings=primaryHoverType=2,availableHoverTypes=2",
            "window-size=1440,1000",
        ]
        .map(|argument| format!("--{argument}"))
        .into();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let mut capabilities = Capabilities::new();
        capabilities.insert("goog:chromeOptions".into(), json!({ "args": arguments }));
        capabilities.insert("goog:loggingPrefs".into(), json!({ "browser": "ALL" }));
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let url = format!("http://{address}");
        let client = builder.capabilities(capabilities).connect(&url).await.unwrap();
        Some(Self { client, driver, address, _profile: profile })
    }

    pub(crate) async fn open(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// Runs a script that returns a value.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Sets the size of the window.
    pub(crate) async fn resize(&self, width: u32, height: u32) {
        self.client.set_window_size(width, height).await.unwrap();
    }

    /// Picture of the window, as PNG.
    pub(crate) async fn screenshot(&self) -> Vec<u8> {
        self.client.screenshot().await.unwrap()
    }

    /// Waits in the page until an expression is truthy, and returns its value.
    #[track_caller]
    pub(crate) fn until(&self, expression: &str) -> impl Future<Output = Value> {
        let script = format!(
            "const done = arguments[0];
            const look = () => {{
                const value = (() => {{ try {{ return {expression}; }} catch {{ return null; }} }})();
                if (value) done(value); else setTimeout(look, 10);
            }};
            look();"
        );
        let place = std::panic::Location::caller();
        let expression = expression.to_owned();
        async move {
            match self.client.execute_async(&script, Vec::new()).await {
                Ok(value) => value,
                Err(error) => panic!("{place}: {expression} stayed false: {error}"),
            }
        }
    }

    /// Runs a script that calls its last argument with a value.
    pub(crate) async fn run_async(&self, script: &str) -> Value {
        self.client.execute_async(script, Vec::new()).await.unwrap()
    }

    /// Messages of warnings and errors on the console since the last call; `source` of each is kept.
    pub(crate) async fn console(&self) -> Vec<(String, String)> {
        let entries = self.client.issue_cmd(ConsoleLog).await.unwrap();
        let entries = entries.as_array().unwrap().iter();
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        entries
            .filter(|entry| matches!(text(entry, "level").as_str(), "WARNING" | "SEVERE"))
            .map(|entry| (text(entry, "source"), text(entry, "message")))
            .collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Killed, the driver would leave the browser behind.
        let asked = TcpStream::connect(&self.address).and_then(|mut stream| {
            stream.write_all(
                b"GET /shutdown HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
            )?;
            stream.read_to_end(&mut Vec::new())
        });
        if asked.is_err() {
            let _ = self.driver.kill();
        }
        let _ = self.driver.wait();
    }
}

/// Chromium's own command for the console.
#[derive(Debug)]
struct ConsoleLog;

impl WebDriverCompatibleCommand for ConsoleLog {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}
