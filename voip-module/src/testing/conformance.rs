//! The conformance suite.

use std::future::Future;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use http::{Method, StatusCode};
use serde_json::json;
use url::Url;

use super::fixtures::{Fixture, Fixtures, Link};
use super::report::Report;
use crate::carrier::{BodyIsNotText, HttpRequest, Limits};
use crate::error::Error;
use crate::guard;
use crate::model::{CallData, VoipCallDirection as Direction, VoipMember};
use crate::provider::{Buttons, LiveCall, VoipProvider};
use crate::router::journal::IdentityKey;
use crate::router::{Outcome, Token, WebhookRouter};
use crate::secret::Secret;

/// Checks whether a provider keeps its contract. Calls every function of the provider, so give it a
/// transport for tests, such as [`ScriptedTransport`](super::ScriptedTransport) with
/// [`always`](super::ScriptedTransport::always).
///
/// | law | check |
/// |---|---|
/// | `functions` | the mandatory functions are implemented, do not panic and check their arguments |
/// | `request` | accepted requests are accepted, and give the expected result, every time |
/// | `json` | results and members have the documented shape |
/// | `operator` | operators of events and records are members |
/// | `order` | `srcPhone` and `dstPhone` fit the direction |
/// | `identity` | different pushes have different identities |
/// | `token`, `method`, `size` | the router refuses wrong tokens, methods and sizes |
/// | `media type`, `text` | other content types and charsets, and bodies that are not text, are refused |
/// | `key` | a wrong key of the provider's own gets 401 |
/// | `fault` | no request makes the parser panic or fail |
/// | `link` | links come from the data of their call; unsafe ones and other data give an error |
/// | `buttons` | declared buttons are implemented, others are not |
/// | `secret` | keys are in no answer and no error |
pub async fn conformance<P: VoipProvider>(provider: P, fixtures: Fixtures) -> Report {
    let token = "conformance-0123456789abcdef";
    let mut secrets = fixtures.secrets.clone();
    secrets.push(token.into());
    let mut suite = Suite {
        router: match Token::new(token) {
            Ok(token) => WebhookRouter::new(&provider, token).without_journal(),
            Err(_) => WebhookRouter::without_token(&provider).without_journal(),
        },
        provider: &provider,
        query: format!("token={token}"),
        secrets,
        report: Report::default(),
    };
    let accepted = &fixtures.accepted;
    let members = suite.functions().await;
    let members = members.map(|members| Members { members, client_first: fixtures.client_first });
    suite.report.check("request", !accepted.is_empty(), || "no accepted request was given".into());
    for (at, fixture) in accepted.iter().enumerate() {
        let name = format!("accepted request {}", at + 1);
        suite.accepted(&name, fixture, members.as_ref()).await;
        suite.token_and_method(&name, &fixture.request).await;
        suite.limits(&name, &fixture.request).await;
        suite.content_type(&name, &fixture.request).await;
        suite.damaged(&name, &fixture.request).await;
    }
    for (at, request) in fixtures.unauthorised.iter().enumerate() {
        let name = format!("unauthorised request {}", at + 1);
        let outcome = suite.put(&name, request.clone()).await;
        suite.refused("key", &name, &outcome, &[StatusCode::UNAUTHORIZED]);
    }
    suite.identities(accepted).await;
    suite.links(&fixtures.recordings).await;
    suite.buttons(fixtures.call.as_ref()).await;
    suite.report
}

/// The members' list, and the order of numbers.
struct Members {
    members: Vec<VoipMember>,
    client_first: bool,
}

impl Members {
    fn has(&self, number: &str) -> bool {
        self.members.iter().any(|member| member.id == number)
    }
}

struct Suite<'a, P> {
    router: WebhookRouter<&'a P>,
    provider: &'a P,
    query: String,
    secrets: Vec<Secret>,
    report: Report,
}

impl<P: VoipProvider> Suite<'_, P> {
    async fn accepted(&mut self, name: &str, fixture: &Fixture, members: Option<&Members>) {
        let first = self.put(name, fixture.request.clone()).await;
        let status = first.response.status();
        self.report
            .check("request", status.is_success(), || format!("{name} is answered {status}"));
        let second = self.put(name, fixture.request.clone()).await;
        let same = first.result == second.result;
        self.report
            .check("request", same, || format!("{name} gives another result the second time"));
        let json = serde_json::to_value(&first.result).unwrap_or_default();
        if let Some(expected) = &fixture.expected {
            self.report
                .check("request", json == *expected, || format!("{name} gives another result"));
        }
        let optional = ["callId", "srcPhoneExt", "dstPhoneExt"];
        for part in ["event", "callRecord"].iter().filter_map(|part| json.get(part)) {
            let written = optional.iter().filter_map(|name| part.get(name));
            let proper = written.into_iter().all(|value| !value.is_null() && value != "");
            self.report.check("json", proper, || format!("{name} gives an empty optional field"));
        }
        if let Some(record) = &first.result.call_record {
            self.report.check("json", !record.has_inexact_number(), || {
                format!("the data of {name} holds an integer beyond 2^53, which a script changes")
            });
            let call = record.call.clone();
            let link = self.call(name, self.provider.call_link(&call)).await;
            if let Some(Err(error)) = link {
                self.no_secret(name, &error);
                let known = matches!(error, Error::Link(_));
                self.report.check("link", known, || {
                    format!("the data of {name} does not give a link or a link error")
                });
            }
        }
        let result = &first.result;
        let event = result.event.iter().map(|it| (it.direction, &it.src_phone, &it.dst_phone));
        let record =
            result.call_record.iter().map(|it| (it.direction, &it.src_phone, &it.dst_phone));
        for (direction, src, dst) in event.chain(record) {
            if let Some(members) = members {
                self.numbers(name, members, direction, src, dst);
            }
        }
    }

    // V189, V190
    fn numbers(
        &mut self,
        name: &str,
        members: &Members,
        direction: Direction,
        src: &str,
        dst: &str,
    ) {
        let is_operator = |number: &str| number.is_empty() || members.has(number);
        let (operator, client) = match direction {
            Direction::Out if !members.client_first => (src, dst),
            _ => (dst, src),
        };
        let is_internal = direction == Direction::Internal;
        let is_listed = is_operator(operator) || (is_internal && is_operator(client));
        self.report.check("operator", is_listed, || {
            format!("the operator of {name} is in no members' list")
        });
        let in_order = is_internal || members.has(operator) || !members.has(client);
        self.report.check("order", in_order, || {
            format!("srcPhone and dstPhone of {name} are in the wrong order for {direction}")
        });
    }

    // V194
    async fn identities(&mut self, accepted: &[Fixture]) {
        let key = IdentityKey::new([7; 16]);
        let mut seen = Vec::new();
        for (at, fixture) in accepted.iter().enumerate() {
            let request = HttpRequest::from(fixture.request.clone());
            let identity = key.of_request(&request, self.provider.key_fields());
            let again = key.of_request(&request, self.provider.key_fields());
            self.report.check("identity", identity == again, || {
                format!("accepted request {} has two identities", at + 1)
            });
            let outcome = self.put("an accepted request", fixture.request.clone()).await;
            let result = serde_json::to_value(&outcome.result).unwrap_or_default();
            for (other, _, _) in
                seen.iter().filter(|(_, known, said)| *known == identity && *said != result)
            {
                self.report.check("identity", false, || {
                    format!("accepted requests {other} and {} have one identity", at + 1)
                });
            }
            seen.push((at + 1, identity, result));
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
            self.refused("token", &name, &outcome, &[StatusCode::UNAUTHORIZED]);
        }
        self.query = query;
        for method in [Method::PUT, Method::DELETE, Method::HEAD, Method::OPTIONS, Method::PATCH] {
            let mut request = request.clone();
            let name = format!("{name} as {method}");
            *request.method_mut() = method;
            let outcome = self.put(&name, request).await;
            self.refused("method", &name, &outcome, &[StatusCode::METHOD_NOT_ALLOWED]);
            let allow = outcome.response.headers().get(ALLOW);
            self.report.check("method", allow.is_some_and(|allow| allow == "GET, POST"), || {
                format!("{name} is not answered with the allowed methods")
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
        self.refused("size", &name, &outcome, &[StatusCode::PAYLOAD_TOO_LARGE]);
    }

    async fn content_type(&mut self, name: &str, request: &http::Request<Bytes>) {
        if request.method() != Method::POST {
            return;
        }
        let own = request.headers().get(CONTENT_TYPE).cloned();
        let own = own.as_ref().and_then(|own| own.to_str().ok()).unwrap_or_default();
        let own = own.split(';').next().unwrap_or_default();
        for (law, what, content_type) in [
            ("media type", "without content type", None),
            ("media type", "as image/png", Some("image/png".to_owned())),
            ("media type", "in another charset", Some(format!("{own}; charset=koi8-r"))),
        ] {
            let mut request = request.clone();
            match content_type.as_deref().map(HeaderValue::from_str) {
                Some(Ok(value)) => drop(request.headers_mut().insert(CONTENT_TYPE, value)),
                _ => drop(request.headers_mut().remove(CONTENT_TYPE)),
            }
            let name = format!("{name} {what}");
            let outcome = self.put(&name, request).await;
            self.refused(law, &name, &outcome, &REFUSALS);
        }
        let mut not_text = request.clone();
        not_text.extensions_mut().insert(BodyIsNotText);
        let mut not_utf8 = request.clone();
        *not_utf8.body_mut() = [request.body(), &b"\xff\xfe"[..]].concat().into();
        for (what, request) in [("that is no text", not_text), ("that is not UTF-8", not_utf8)] {
            let name = format!("{name} with a body {what}");
            let outcome = self.put(&name, request).await;
            self.refused("text", &name, &outcome, &REFUSALS);
        }
    }

    /// Sends bodies that are cut, changed or invalid; any result except a fault is accepted.
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

    /// Sends a request to the router. A fault of the provider and a key in the answer are findings.
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
        self.report.check("fault", !status.is_server_error(), || {
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
        law: &'static str,
        name: &str,
        outcome: &Outcome,
        expected: &[StatusCode],
    ) {
        let status = outcome.response.status();
        self.report
            .check(law, expected.contains(&status), || format!("{name} is answered {status}"));
        let nothing = outcome.result.event.is_none() && outcome.result.call_record.is_none();
        self.report.check(law, nothing, || format!("{name} has a result"));
    }

    /// Calls the mandatory functions; returns the members.
    async fn functions(&mut self) -> Option<Vec<VoipMember>> {
        let test = self.call("test_connection", self.provider.test_connection()).await;
        if let Some(reason) = test.as_ref().and_then(|result| result.fail_reason()) {
            self.no_secret_in("the reason of test_connection", reason);
        }
        let members = match self.call("members", self.provider.members()).await {
            Some(Ok(members)) => {
                let distinct = VoipMember::distinct(members.iter().cloned()) == members;
                self.report.check("json", distinct, || "a member's id is empty or repeated".into());
                Some(members)
            }
            Some(Err(error)) => {
                self.core_error("members", &error);
                None
            }
            None => None,
        };
        for (src_phone, dst_phone) in [("", "79990000001"), ("701", "")] {
            let result = self.provider.generate_call(src_phone, dst_phone);
            if let Some(result) = self.call("generate_call", result).await {
                self.report.check("functions", result.is_err(), || {
                    "generate_call takes an empty number".into()
                });
                if let Err(error) = result {
                    self.core_error("generate_call", &error);
                }
            }
        }
        if let Ok(url) = Url::parse(&format!("https://crm.example/hook?{}", self.query)) {
            let updated =
                self.call("on_webhook_updated", self.provider.on_webhook_updated(&url)).await;
            if let Some(Err(error)) = updated {
                self.no_secret("on_webhook_updated", &error);
            }
        }
        members
    }

    async fn links(&mut self, recordings: &[(CallData, Link)]) {
        for (call, link) in recordings {
            let found = self.call("call_link", self.provider.call_link(call)).await;
            let fits = matches!(&found, Some(Ok(found)) if link.fits(found));
            self.report.check("link", fits, || "call_link gives another link".into());
            // V191
            let found = found.and_then(Result::ok).map(|url| url.to_string()).unwrap_or_default();
            for other in ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "/a.mp3"]
            {
                let mut unsafe_call = call.clone();
                if replace(&mut unsafe_call, &found, other) {
                    let link = self.call("call_link", self.provider.call_link(&unsafe_call)).await;
                    self.report.check("link", !matches!(link, Some(Ok(_))), || {
                        let (scheme, _) = other.split_once(':').unwrap_or(("relative", ""));
                        format!("call_link gives an unsafe link ({scheme})")
                    });
                }
            }
        }
        for foreign in [json!(null), json!([]), json!(1), json!("x"), json!({"link": {"a": 1}})] {
            let link = self.call("call_link", self.provider.call_link(&foreign)).await;
            self.report.check("link", !matches!(link, Some(Ok(_))), || {
                format!("call_link makes a link of {foreign}")
            });
            if let Some(Err(error)) = link {
                self.no_secret("call_link", &error);
            }
        }
    }

    async fn buttons(&mut self, numbers: Option<&(String, String, String)>) {
        let provider = self.provider;
        let declared = provider.buttons();
        let ids = ["conformance-call".to_owned()];
        let (src, dst, to) = numbers.map_or(("", "", ""), |(src, dst, to)| (src, dst, to));
        let call = LiveCall::new(src, dst, &ids);
        for (button, name) in [
            (Buttons::ACCEPT, "accept_call"),
            (Buttons::HANGUP, "hangup_call"),
            (Buttons::REDIRECT, "redirect_call"),
            (Buttons::HOLD, "hold_call"),
        ] {
            let is_declared = declared.contains(button);
            if is_declared && numbers.is_none() {
                continue;
            }
            let result = match name {
                "accept_call" => self.call(name, provider.accept_call(call)).await,
                "hangup_call" => self.call(name, provider.hangup_call(call)).await,
                "redirect_call" => self.call(name, provider.redirect_call(call, to)).await,
                _ => self.call(name, provider.hold_call(call, true)).await,
            };
            let Some(result) = result else { continue };
            let is_unsupported = matches!(result, Err(Error::Unsupported { .. }));
            self.report.check("buttons", is_unsupported != is_declared, || {
                let declared = if is_declared { "declared" } else { "not declared" };
                format!("{name} is {declared}, but calling it shows otherwise")
            });
            if let Err(error) = result {
                self.no_secret(name, &error);
            }
        }
    }

    /// Runs a function; a panic is a finding.
    async fn call<T>(&mut self, name: &str, future: impl Future<Output = T> + Send) -> Option<T> {
        let outcome = guard::catch(Box::pin(future)).await;
        self.report.check("functions", outcome.is_ok(), || format!("{name} panics"));
        outcome.ok()
    }

    /// Checks the error of a mandatory function: any except `Unsupported`.
    fn core_error(&mut self, name: &str, error: &Error) {
        let there = !matches!(error, Error::Unsupported { .. });
        self.report.check("functions", there, || format!("{name} is not implemented"));
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
        self.report.check("secret", !shown, || format!("a key is in {name}"));
    }
}

/// Replaces every text in data that is a link.
fn replace(call: &mut CallData, link: &str, other: &str) -> bool {
    match call {
        CallData::String(text) => {
            let is_link =
                Url::parse(text).is_ok_and(|url| url.as_str() == link || !url.cannot_be_a_base());
            if is_link {
                *text = other.into();
            }
            is_link
        }
        CallData::Array(items) => {
            items.iter_mut().fold(false, |any, item| replace(item, link, other) | any)
        }
        CallData::Object(members) => {
            members.values_mut().fold(false, |any, member| replace(member, link, other) | any)
        }
        _ => false,
    }
}

/// The statuses that refuse an unreadable request.
const REFUSALS: [StatusCode; 3] =
    [StatusCode::BAD_REQUEST, StatusCode::UNSUPPORTED_MEDIA_TYPE, StatusCode::UNPROCESSABLE_ENTITY];
