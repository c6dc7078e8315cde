//! A suite that checks whether a provider keeps its contract.

use std::future::Future;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use http::{Method, StatusCode};
use serde_json::json;
use url::Url;

use super::fixtures::{Fixture, Fixtures};
use super::report::Report;
use crate::carrier::BodyIsNotText;
use crate::error::Error;
use crate::guard;
use crate::model::{CallData, VoipMember};
use crate::provider::{Capabilities, VoipProvider, VoipProviderExt};
use crate::router::{Limits, Outcome, Token, WebhookRouter};
use crate::secret::Secret;

/// Checks whether a provider keeps its contract. Calls every function of the provider, so give it a
/// transport that may be used, such as [`ScriptedTransport`](super::ScriptedTransport) with
/// [`always`](super::ScriptedTransport::always).
///
/// | rules | what is checked |
/// |---|---|
/// | V36–V42 | methods, tokens and limits, through a [`WebhookRouter`] |
/// | V46 | no request panics the parser or makes it fail |
/// | V78, V81, V83 | other content types and charsets, and bodies that are no text, are refused |
/// | V84 | a wrong key of the provider's own gets 401 |
/// | §13 | a request that comes twice gives the same result |
/// | V9, V11, V17 | results, members and JSON have the documented shape |
/// | V18, V76 | links come from the data of their call, and other data gives an error |
/// | V27, V29, V75 | the mandatory functions are there, do not panic and mind their arguments |
/// | V31, V32 | capabilities tell the truth |
/// | V39, V51, V106 | keys are in no answer and no error |
pub async fn conformance<P: VoipProvider>(provider: P, fixtures: Fixtures) -> Report {
    let token = "conformance-0123456789abcdef";
    let mut secrets = fixtures.secrets.clone();
    secrets.push(token.into());
    let mut suite = Suite {
        router: match Token::new(token) {
            Ok(token) => WebhookRouter::new(&provider, token),
            Err(_) => WebhookRouter::without_token(&provider),
        },
        provider: &provider,
        query: format!("token={token}"),
        secrets,
        report: Report::default(),
    };
    let accepted = &fixtures.accepted;
    suite.report.check("V27", !accepted.is_empty(), || "no accepted request was given".into());
    for (at, fixture) in accepted.iter().enumerate() {
        let name = format!("accepted request {}", at + 1);
        suite.accepted(&name, fixture).await;
        suite.token_and_method(&name, &fixture.request).await;
        suite.limits(&name, &fixture.request).await;
        suite.content_type(&name, &fixture.request).await;
        suite.damaged(&name, &fixture.request).await;
    }
    for (at, request) in fixtures.unauthorised.iter().enumerate() {
        let name = format!("unauthorised request {}", at + 1);
        let outcome = suite.put(&name, request.clone()).await;
        suite.refused("V84", &name, &outcome, &[StatusCode::UNAUTHORIZED]);
    }
    suite.functions().await;
    suite.links(&fixtures.recordings).await;
    suite.capabilities(fixtures.call.as_ref()).await;
    suite.report
}

struct Suite<'a, P> {
    router: WebhookRouter<&'a P>,
    provider: &'a P,
    query: String,
    secrets: Vec<Secret>,
    report: Report,
}

impl<P: VoipProvider> Suite<'_, P> {
    async fn accepted(&mut self, name: &str, fixture: &Fixture) {
        let first = self.put(name, fixture.request.clone()).await;
        let status = first.response.status();
        self.report.check("V12", status.is_success(), || format!("{name} is answered {status}"));
        let second = self.put(name, fixture.request.clone()).await;
        let same = first.result == second.result;
        self.report.check("V12", same, || format!("{name} gives another result the second time"));
        let json = serde_json::to_value(&first.result).unwrap_or_default();
        if let Some(expected) = &fixture.expected {
            self.report.check("V20", json == *expected, || format!("{name} gives another result"));
        }
        let optional = ["callId", "srcPhoneExt", "dstPhoneExt"];
        for part in ["event", "callRecord"].iter().filter_map(|part| json.get(part)) {
            let written = optional.iter().filter_map(|name| part.get(name));
            let proper = written.into_iter().all(|value| !value.is_null() && value != "");
            self.report.check("V17", proper, || format!("{name} gives an empty optional field"));
        }
        if let Some(record) = &first.result.call_record {
            let call = record.call.clone();
            let link = self.call(name, self.provider.call_link(&call)).await;
            if let Some(Err(error)) = link {
                self.no_secret(name, &error);
                let known = matches!(error, Error::Link(_));
                self.report.check("V18", known, || {
                    format!("the data of {name} is not what its own link is made of")
                });
            }
        }
    }

    async fn token_and_method(&mut self, name: &str, request: &http::Request<Bytes>) {
        let query = std::mem::take(&mut self.query);
        for (what, other) in [
            ("without token", String::new()),
            ("with an empty token", "token=".into()),
            ("with a wrong token", "token=conformance-0123456789abcdeg".into()),
            ("with the token twice", format!("{query}&{query}")),
        ] {
            self.query = other;
            let name = format!("{name} {what}");
            let outcome = self.put(&name, request.clone()).await;
            self.refused("V39", &name, &outcome, &[StatusCode::UNAUTHORIZED]);
        }
        self.query = query;
        for method in [Method::PUT, Method::DELETE, Method::HEAD, Method::OPTIONS, Method::PATCH] {
            let mut request = request.clone();
            let name = format!("{name} as {method}");
            *request.method_mut() = method;
            let outcome = self.put(&name, request).await;
            self.refused("V38", &name, &outcome, &[StatusCode::METHOD_NOT_ALLOWED]);
            let allow = outcome.response.headers().get(ALLOW);
            self.report.check("V38", allow.is_some_and(|allow| allow == "GET, POST"), || {
                format!("{name} is not told which methods are allowed")
            });
        }
    }

    async fn limits(&mut self, name: &str, request: &http::Request<Bytes>) {
        if request.method() != Method::POST {
            return;
        }
        let mut large = request.clone();
        *large.body_mut() = vec![b'a'; Limits::default().body + 1].into();
        let outcome = self.put(name, large).await;
        let name = format!("{name} with 64 KiB and a byte");
        self.refused("V42", &name, &outcome, &[StatusCode::PAYLOAD_TOO_LARGE]);
    }

    async fn content_type(&mut self, name: &str, request: &http::Request<Bytes>) {
        if request.method() != Method::POST {
            return;
        }
        let own = request.headers().get(CONTENT_TYPE).cloned();
        let own = own.as_ref().and_then(|own| own.to_str().ok()).unwrap_or_default();
        let own = own.split(';').next().unwrap_or_default();
        for (rule, what, content_type) in [
            ("V78", "without content type", None),
            ("V78", "as image/png", Some("image/png".to_owned())),
            ("V81", "in another charset", Some(format!("{own}; charset=koi8-r"))),
        ] {
            let mut request = request.clone();
            match content_type.as_deref().map(HeaderValue::from_str) {
                Some(Ok(value)) => drop(request.headers_mut().insert(CONTENT_TYPE, value)),
                _ => drop(request.headers_mut().remove(CONTENT_TYPE)),
            }
            let name = format!("{name} {what}");
            let outcome = self.put(&name, request).await;
            self.refused(rule, &name, &outcome, &REFUSALS);
        }
        let mut not_text = request.clone();
        not_text.extensions_mut().insert(BodyIsNotText);
        let mut not_utf8 = request.clone();
        *not_utf8.body_mut() = [request.body(), &b"\xff\xfe"[..]].concat().into();
        for (what, request) in [("that is no text", not_text), ("that is not UTF-8", not_utf8)] {
            let name = format!("{name} with a body {what}");
            let outcome = self.put(&name, request).await;
            self.refused("V83", &name, &outcome, &REFUSALS);
        }
    }

    /// Bodies that are cut, changed or nonsense: whatever comes of them, it is no fault.
    async fn damaged(&mut self, name: &str, request: &http::Request<Bytes>) {
        let body = request.body();
        let mut bodies: Vec<Bytes> =
            (0..body.len().min(1_024)).map(|end| body.slice(..end)).collect();
        for at in 0..body.len().min(256) {
            for other in [0, b'%', b'&', b'=', b'"', b'}', 0x80] {
                let mut changed = body.to_vec();
                changed[at] = other;
                bodies.push(changed.into());
            }
        }
        bodies.extend(
            ["null", "[]", "{}", "\"", "{", "[[[[[[[[", "&&&&", "%", "==", "1e999"]
                .map(Bytes::from),
        );
        bodies.push("[".repeat(60_000).into());
        for body in bodies {
            let mut request = request.clone();
            *request.body_mut() = body;
            self.put(&format!("{name} with a damaged body"), request).await;
        }
    }

    /// Puts a request to the router. A fault of the provider and a key in the answer are findings.
    async fn put(&mut self, name: &str, mut request: http::Request<Bytes>) -> Outcome {
        let uri = request.uri();
        let query = match uri.query() {
            Some(own) if !own.is_empty() => format!("{}&{own}", self.query),
            _ => self.query.clone(),
        };
        if let Ok(uri) = format!("{}?{query}", uri.path()).parse() {
            *request.uri_mut() = uri;
        }
        let outcome = self.router.process(request).await;
        let status = outcome.response.status();
        self.report.check("V46", !status.is_server_error(), || {
            format!("{name} panics the provider or makes it fail ({status})")
        });
        let answer = String::from_utf8_lossy(outcome.response.body()).into_owned();
        self.no_secret_in(&format!("the answer to {name}"), &answer);
        for value in outcome.response.headers().values() {
            self.no_secret_in(&format!("the answer to {name}"), &format!("{value:?}"));
        }
        outcome
    }

    fn refused(
        &mut self,
        rule: &'static str,
        name: &str,
        outcome: &Outcome,
        expected: &[StatusCode],
    ) {
        let status = outcome.response.status();
        self.report
            .check(rule, expected.contains(&status), || format!("{name} is answered {status}"));
        let nothing = outcome.result.event.is_none() && outcome.result.call_record.is_none();
        self.report.check(rule, nothing, || format!("{name} has a result"));
    }

    async fn functions(&mut self) {
        let test = self.call("test_connection", self.provider.test_connection()).await;
        if let Some(reason) = test.as_ref().and_then(|result| result.fail_reason()) {
            self.no_secret_in("the reason of test_connection", reason);
        }
        match self.call("members", self.provider.members()).await {
            Some(Ok(members)) => {
                let distinct = VoipMember::distinct(members.iter().cloned()) == members;
                self.report.check("V11", distinct, || "a member's id is empty or repeated".into());
            }
            Some(Err(error)) => self.core_error("members", &error),
            None => {}
        }
        for (src_phone, dst_phone) in [("", "79990000001"), ("701", "")] {
            let result = self.provider.generate_call(src_phone, dst_phone);
            if let Some(result) = self.call("generate_call", result).await {
                self.report
                    .check("V75", result.is_err(), || "generate_call takes an empty number".into());
                if let Err(error) = result {
                    self.core_error("generate_call", &error);
                }
            }
        }
        if let Ok(url) = Url::parse(&format!("https://crm.example/hook?{}", self.query)) {
            let told =
                self.call("on_webhook_updated", self.provider.on_webhook_updated(&url)).await;
            if let Some(Err(error)) = told {
                self.no_secret("on_webhook_updated", &error);
            }
        }
    }

    async fn links(&mut self, recordings: &[(CallData, String)]) {
        for (call, link) in recordings {
            let found = self.call("call_link", self.provider.call_link(call)).await;
            let same = matches!(&found, Some(Ok(found)) if found == link);
            self.report
                .check("V18", same, || "call_link gives another link for a recording".into());
        }
        for call in [json!(null), json!(1), json!("x"), json!([]), json!({}), json!({"link": 1})] {
            match self.call("call_link", self.provider.call_link(&call)).await {
                Some(Ok(_)) => self.report.check("V76", false, || {
                    format!("call_link gives a link for the foreign data {call}")
                }),
                Some(Err(error)) => self.core_error("call_link", &error),
                None => {}
            }
        }
    }

    async fn capabilities(&mut self, call: Option<&(String, String, String)>) {
        let declared = self.provider.capabilities();
        let controls = declared.intersects(Capabilities::call_control());
        self.report.check("V32", !controls || self.provider.call_control().is_some(), || {
            "a call control is declared, but call_control() gives nothing".into()
        });
        let looks_up = declared.contains(Capabilities::CONTACT_LOOKUP);
        self.report.check("V32", looks_up == self.provider.contact_lookup().is_some(), || {
            "CONTACT_LOOKUP and contact_lookup() do not agree".into()
        });
        let numbers = call.map(|(src, dst, to)| (&**src, &**dst, &**to));
        let (src, dst, to) = numbers.unwrap_or(("701", "79990000001", "702"));
        let provider = self.provider;
        for (capability, name) in [
            (Capabilities::ACCEPT, "accept"),
            (Capabilities::HANGUP, "hangup"),
            (Capabilities::REDIRECT, "redirect"),
            (Capabilities::HOLD, "hold"),
        ] {
            let is_declared = declared.contains(capability);
            if is_declared && numbers.is_none() {
                continue;
            }
            let through_ext = match name {
                "accept" => self.call(name, provider.accept_call(src, dst)).await,
                "hangup" => self.call(name, provider.hangup_call(src, dst)).await,
                "redirect" => self.call(name, provider.redirect_call(src, dst, to)).await,
                _ => self.call(name, provider.hold_call(src, dst, true)).await,
            };
            let direct = match provider.call_control() {
                Some(control) if !is_declared => match name {
                    "accept" => self.call(name, control.accept(src, dst)).await,
                    "hangup" => self.call(name, control.hangup(src, dst)).await,
                    "redirect" => self.call(name, control.redirect(src, dst, to)).await,
                    _ => self.call(name, control.hold(src, dst, true)).await,
                },
                _ => None,
            };
            for result in [through_ext, direct].into_iter().flatten() {
                let unsupported = matches!(result, Err(Error::Unsupported { .. }));
                self.report.check("V32", unsupported != is_declared, || {
                    let declared = if is_declared { "declared" } else { "not declared" };
                    format!("{name} is {declared}, but calling it shows otherwise")
                });
                if let Err(error) = result {
                    self.no_secret(name, &error);
                }
            }
        }
    }

    /// Runs a function; a panic is a finding.
    async fn call<T>(&mut self, name: &str, future: impl Future<Output = T> + Send) -> Option<T> {
        let outcome = guard::catch(Box::pin(future)).await;
        self.report.check("V29", outcome.is_ok(), || format!("{name} panics"));
        outcome.ok()
    }

    /// An error of a mandatory function: anything but that the function is not there.
    fn core_error(&mut self, name: &str, error: &Error) {
        let there = !matches!(error, Error::NotImplemented { .. } | Error::Unsupported { .. });
        self.report.check("V27", there, || format!("{name} is not implemented"));
        self.no_secret(name, error);
    }

    fn no_secret(&mut self, name: &str, error: &Error) {
        let mut text = format!("{error} {error:?}");
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            text.push_str(&format!(" {cause} {cause:?}"));
            source = cause.source();
        }
        self.no_secret_in(&format!("the error of {name}"), &text);
    }

    fn no_secret_in(&mut self, name: &str, text: &str) {
        let shown =
            self.secrets.iter().any(|secret| !secret.is_empty() && text.contains(secret.expose()));
        self.report.check("V39", !shown, || format!("a key is in {name}"));
    }
}

/// What a request may be refused with that cannot be read.
const REFUSALS: [StatusCode; 3] =
    [StatusCode::BAD_REQUEST, StatusCode::UNSUPPORTED_MEDIA_TYPE, StatusCode::UNPROCESSABLE_ENTITY];
