//! Several integrations, each with its own coverage.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Poll, Waker};

use async_trait::async_trait;
use pbx_integration::control::NoCallControl;
use pbx_integration::event::{Domain, Tenant};
use pbx_integration::integration::{EntryPoint, ReceiptStatus};
use pbx_integration::settings::MemorySettings;
use pbx_integration::testing::MemoryHost;
use pbx_integration::{
    AgentEvent, Cdr, Context, Coverage, EndCall, Error, GroupEvent, HttpReply, HttpRequest,
    Identifier, Integration, Reader, Registry, StartCall,
};
use serde_json::{Value, json};

use crate::now;

const TENANT: &str = "tenant1.example.com";

fn registry() -> Registry {
    Registry::new(Arc::new(MemorySettings::new()), Arc::new(NoCallControl))
}

fn identifier(text: &str) -> Identifier {
    Identifier::new(text).unwrap()
}

fn cdr(extension: &str) -> Value {
    json!({"domain": TENANT, "callid": "c@pbx", "start": 1757926800, "end": 1757926801,
        "extensionlegs": [{"extension": extension, "start": 1757926800}]})
}

#[track_caller]
fn dispatch(registry: &Registry, entry_point: EntryPoint, json: &Value) -> Vec<String> {
    let dispatch = now(registry.dispatch_json(entry_point, None, json.to_string().as_bytes()));
    dispatch.unwrap().receipts.iter().map(ToString::to_string).collect()
}

/// An integration that records its payloads.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn add(&self, ctx: &Context, what: &str) -> Result<(), Error> {
        let tenant = ctx.tenant().and_then(Domain::address).unwrap_or("no tenant");
        self.0.lock().unwrap().push(format!("{} {what} {tenant}", ctx.identifier()));
        Ok(())
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[async_trait]
impl Integration for Notes {
    async fn on_group(&self, ctx: &Context, event: GroupEvent) -> Result<(), Error> {
        self.add(ctx, &format!("group {}", event.callid))
    }

    async fn on_agent(&self, ctx: &Context, event: AgentEvent) -> Result<(), Error> {
        self.add(ctx, &format!("agent {}", event.callid))
    }

    async fn on_cdr(&self, ctx: &Context, cdr: Cdr) -> Result<(), Error> {
        self.add(ctx, &format!("cdr {}", cdr.callid))
    }

    async fn on_http(&self, ctx: &Context, request: HttpRequest) -> Result<HttpReply, Error> {
        self.add(ctx, &format!("http {}", request.url))?;
        Ok(HttpReply::json(200, "true"))
    }
}

/// An integration without entry points.
struct Nothing;

impl Integration for Nothing {}

// P1
#[test]
fn missing_entry_points_are_no_error() {
    let registry = registry();
    registry.register(identifier("nothing"), Coverage::everywhere(), Nothing).unwrap();
    for (entry_point, json) in [
        (EntryPoint::Group, json!({"callid": "c@pbx"})),
        (EntryPoint::Agent, json!({"callid": "c@pbx"})),
        (EntryPoint::Cdr, cdr("41")),
    ] {
        assert_eq!(dispatch(&registry, entry_point, &json), ["nothing: delivered"]);
    }
    let dispatch = now(registry.dispatch_http(HttpRequest::new("GET", "nothing", "a")));
    let reply = dispatch.reply.unwrap();
    assert_eq!((reply.status, &*reply.body), (404, "not found"));
}

/// An integration that fails in one of several ways.
enum Bad {
    Error,
    Panic,
    PanicWhenDropped,
    PanicWithBomb,
    Hang,
    HangWithBomb,
}

struct DropBomb;

impl Drop for DropBomb {
    fn drop(&mut self) {
        // Not while another panic is under way, or when the test ends.
        if !std::thread::panicking() {
            panic!("dropped");
        }
    }
}

#[async_trait]
impl Integration for Bad {
    async fn on_cdr(&self, _: &Context, cdr: Cdr) -> Result<(), Error> {
        match self {
            Self::Error => Err(Error::other(format!("no row for {}", cdr.callid))),
            Self::Panic => panic!("on purpose: {}", cdr.callid),
            Self::PanicWhenDropped => {
                let _bomb = DropBomb;
                Ok(())
            }
            Self::PanicWithBomb => std::panic::panic_any(DropBomb),
            Self::Hang => std::future::pending().await,
            Self::HangWithBomb => {
                let _bomb = DropBomb;
                std::future::pending().await
            }
        }
    }
}

/// A panic without async code around it.
struct PanicsAtOnce;

impl Integration for PanicsAtOnce {
    fn on_cdr<'a, 'b, 'c>(
        &'a self,
        _: &'b Context,
        _: Cdr,
    ) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'c>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        panic!("on purpose, at once")
    }
}

// P3
#[test]
fn errors_and_panics_of_one_integration_do_not_reach_the_others() {
    let (registry, notes) = (registry(), Notes::default());
    registry.register(identifier("a1"), Coverage::everywhere(), Bad::Error).unwrap();
    registry.register(identifier("a2"), Coverage::everywhere(), Bad::Panic).unwrap();
    registry.register(identifier("a3"), Coverage::everywhere(), PanicsAtOnce).unwrap();
    registry.register(identifier("a4"), Coverage::everywhere(), Bad::PanicWhenDropped).unwrap();
    registry.register(identifier("a5"), Coverage::everywhere(), Bad::PanicWithBomb).unwrap();
    registry.register(identifier("b"), Coverage::everywhere(), notes.clone()).unwrap();
    registry.register(identifier("c"), Coverage::none(), notes.clone()).unwrap();
    for (status, calls) in [("delivered", 1), ("delivered before", 0)] {
        assert_eq!(
            dispatch(&registry, EntryPoint::Cdr, &cdr("41")),
            [
                "a1: failed: the integration failed",
                "a2: panicked",
                "a3: panicked",
                "a4: panicked",
                "a5: panicked",
                &*format!("b: {status}"),
                "c: not concerned",
            ]
        );
        // The retry goes only to those that do not have the record (P185).
        assert_eq!(notes.take(), vec!["b cdr c@pbx tenant1.example.com"; calls]);
    }
    let value = Reader::lenient().read_cdr(cdr("41").to_string()).unwrap().value;
    let receipts = now(registry.dispatch_cdr(&value)).receipts;
    let ReceiptStatus::Failed(error) = &receipts[0].status else { panic!("{receipts:?}") };
    let source = std::error::Error::source(error).unwrap();
    assert_eq!(source.to_string(), "no row for c@pbx");
    assert!(!format!("{receipts:?}").contains("c@pbx"), "only the source shows it");
}

// P3
#[test]
fn an_integration_that_hangs_does_not_keep_the_others() {
    let (registry, notes) = (registry(), Notes::default());
    registry.register(identifier("a"), Coverage::everywhere(), Bad::Hang).unwrap();
    registry.register(identifier("b"), Coverage::everywhere(), notes.clone()).unwrap();
    let value = Reader::lenient().read_cdr(cdr("41").to_string()).unwrap().value;
    let mut context = TaskContext::from_waker(Waker::noop());
    let mut all = Box::pin(registry.dispatch_cdr(&value));
    assert!(all.as_mut().poll(&mut context).is_pending());
    assert_eq!(notes.take().len(), 1, "it has got the record while the other hangs");
    assert!(all.as_mut().poll(&mut context).is_pending());
    assert_eq!(notes.take().len(), 0, "and once only");
    fn assert_spawnable<T: Send>(_: &T) {}
    assert_spawnable(&all);
    // A repetition in flight is refused, and does not reach the integration that has the record.
    let again = now(registry.dispatch_cdr(&value_of(&value, "42")));
    assert_eq!((again.status(), notes.take().len()), (503, 1));
    let lines: Vec<_> = again.failures().map(ToString::to_string).collect();
    assert_eq!(lines, ["a: still handling an earlier delivery"]);
    // Given up, the work leaves no trace.
    drop(all);
    let mut all = Box::pin(registry.dispatch_cdr(&value));
    assert!(all.as_mut().poll(&mut context).is_pending(), "it is handled anew");
}

/// Another version of a record.
fn value_of(cdr: &Cdr, comment: &str) -> Cdr {
    let mut cdr = cdr.clone();
    cdr.comment = Some(comment.to_owned());
    cdr
}

// P184, P185
#[test]
fn a_failed_record_is_new_again_and_the_status_says_when_all_have_it() {
    struct FailsFirst(std::sync::atomic::AtomicUsize);
    #[async_trait]
    impl Integration for FailsFirst {
        async fn on_cdr(&self, _: &Context, _: Cdr) -> Result<(), Error> {
            match self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
                0 => Err(Error::other("the database is locked")),
                1 => Ok(()),
                _ => panic!("stored twice"),
            }
        }
    }
    let (registry, notes) = (registry(), Notes::default());
    registry.register(identifier("a"), Coverage::everywhere(), FailsFirst(0.into())).unwrap();
    registry.register(identifier("b"), Coverage::everywhere(), notes.clone()).unwrap();
    let value = Reader::lenient().read_cdr(cdr("41").to_string()).unwrap().value;
    let statuses: Vec<_> = (0..4).map(|_| now(registry.dispatch_cdr(&value)).status()).collect();
    assert_eq!((statuses, notes.take().len()), (vec![503, 200, 200, 200], 1));
}

// P3
#[test]
fn work_that_panics_when_it_is_given_up_does_no_harm() {
    let registry = registry();
    for name in ["a", "b"] {
        registry.register(identifier(name), Coverage::everywhere(), Bad::HangWithBomb).unwrap();
    }
    let value = Reader::lenient().read_cdr(cdr("41").to_string()).unwrap().value;
    let mut context = TaskContext::from_waker(Waker::noop());
    let mut all = Box::pin(registry.dispatch_cdr(&value));
    assert!(all.as_mut().poll(&mut context).is_pending());
    drop(all);
}

/// An integration that uses its registry when it is dropped.
struct AsksWhenDropped(std::sync::Weak<Registry>, Arc<Mutex<usize>>);

impl Integration for AsksWhenDropped {}

impl Drop for AsksWhenDropped {
    fn drop(&mut self) {
        if let Some(registry) = self.0.upgrade() {
            // A registry that holds its lock while it drops us would hang here: ask from another thread.
            let asked = std::thread::spawn(move || registry.identifiers().len());
            *self.1.lock().unwrap() = asked.join().unwrap();
        }
    }
}

#[test]
fn an_integration_that_is_removed_may_use_the_registry() {
    let (registry, seen) = (Arc::new(registry()), Arc::new(Mutex::new(9)));
    let integration = AsksWhenDropped(Arc::downgrade(&registry), seen.clone());
    registry.register(identifier("a"), Coverage::everywhere(), integration).unwrap();
    assert!(registry.deregister("a"));
    assert_eq!(*seen.lock().unwrap(), 0);
}

// P98
#[test]
fn an_identifier_is_registered_once() {
    let registry = registry();
    registry.register(identifier("a"), Coverage::everywhere(), Nothing).unwrap();
    let error = registry.register(identifier("a"), Coverage::none(), Nothing).unwrap_err();
    assert_eq!(error.to_string(), "there is an integration `a` already");
    registry.register(identifier("b"), Coverage::none(), Nothing).unwrap();
    assert_eq!(registry.identifiers(), [identifier("a"), identifier("b")]);
    assert!(registry.deregister("a") && !registry.deregister("a"));
    registry.register(identifier("a"), Coverage::none(), Nothing).unwrap();
}

#[test]
fn coverage_can_change_while_payloads_come() {
    let registry = registry();
    registry.register(identifier("a"), Coverage::none(), Nothing).unwrap();
    assert_eq!(dispatch(&registry, EntryPoint::Cdr, &cdr("41")), ["a: not concerned"]);
    assert!(registry.set_coverage("a", Coverage::none().extensions(TENANT, ["41"])));
    assert_eq!(dispatch(&registry, EntryPoint::Cdr, &cdr("41")), ["a: delivered"]);
    assert!(!registry.set_coverage("b", Coverage::everywhere()));
}

// P3
#[test]
fn tenants_and_sets_of_extensions_get_what_concerns_them() {
    let (registry, notes) = (registry(), Notes::default());
    let coverage = Coverage::none().extensions("Tenant1.Example.com.", ["41", "300"]);
    registry.register(identifier("some"), coverage, notes.clone()).unwrap();
    let base = |extra: Value| {
        let mut json = json!({"domain": {"address": TENANT, "id": 3}, "callid": "c@pbx"});
        json.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json
    };
    let agent = |number: &str| json!({"number": number, "id": 41});
    let leg = |extra: Value| {
        let mut json = json!({"start": 1757926800, "direction": "O", "extension": "9"});
        json.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json
    };
    for (entry_point, fields, concerns) in [
        (EntryPoint::Group, json!({"ringing": [agent("9"), agent("41")]}), true),
        (EntryPoint::Group, json!({"missed": [agent("41")]}), true),
        (EntryPoint::Group, json!({"agent": agent("41")}), true),
        (EntryPoint::Group, json!({"group": {"number": "300"}}), true),
        (EntryPoint::Group, json!({"inbound": true, "callee": {"number": "300"}}), true),
        (EntryPoint::Group, json!({"inbound": true, "caller": {"number": "41"}}), false),
        (EntryPoint::Group, json!({"inbound": false, "caller": {"number": "41"}}), true),
        (EntryPoint::Group, json!({"inbound": false, "callee": {"number": "41"}}), false),
        (EntryPoint::Group, json!({"caller": {"number": "41"}, "callee": {"number": "41"}}), false),
        (EntryPoint::Group, json!({"agent": agent("041"), "user": 41}), false),
        (EntryPoint::Agent, json!({"agent": agent("41")}), true),
        (EntryPoint::Agent, json!({"agent": agent("9"), "group": 300}), true),
        (EntryPoint::Agent, json!({"agent": agent("9"), "ringing": [agent("41")]}), false),
        (EntryPoint::Agent, json!({"inbound": false, "caller": {"number": "41"}}), true),
        (EntryPoint::Cdr, json!({"extensionlegs": [leg(json!({"extension": "41"}))]}), true),
        (EntryPoint::Cdr, json!({"states": [leg(json!({"extension": "41"}))]}), true),
        (EntryPoint::Cdr, json!({"states": [leg(json!({"account": "300"}))]}), true),
        (EntryPoint::Cdr, json!({"trunklegs": [leg(json!({"extension": "41"}))]}), true),
        (
            EntryPoint::Cdr,
            json!({"recordings": [{"file": "a", "time": 1757926800, "extension": "41"}]}),
            true,
        ),
        (
            EntryPoint::Cdr,
            json!({"recordings": [{"file": "a", "time": 1757926800, "account": "300"}]}),
            true,
        ),
        (
            EntryPoint::Cdr,
            json!({"states": [leg(json!({"missed": [41], "extensionuser": 41}))]}),
            false,
        ),
        (
            EntryPoint::Cdr,
            json!({"from": "<sip:41@t>", "trunklegs": [leg(json!({"localparty": "41"}))]}),
            false,
        ),
    ] {
        let outcome = if concerns { "some: delivered" } else { "some: not concerned" };
        let mut json = base(fields.clone());
        json["callid"] = json!(fields.to_string());
        assert_eq!(dispatch(&registry, entry_point, &json), [outcome], "{fields}");
        assert_eq!(notes.take().len(), usize::from(concerns));
        let mut elsewhere = base(fields);
        elsewhere["domain"] = json!("tenant2.example.com");
        assert_eq!(dispatch(&registry, entry_point, &elsewhere), ["some: not concerned"]);
    }
}

#[test]
fn a_payload_without_a_tenant_goes_to_who_is_everywhere_only() {
    let registry = registry();
    registry.register(identifier("a"), Coverage::everywhere(), Nothing).unwrap();
    registry.register(identifier("b"), Coverage::none().tenant(TENANT), Nothing).unwrap();
    let json = json!({"callid": "c@pbx", "agent": {"number": "41"}});
    assert_eq!(dispatch(&registry, EntryPoint::Agent, &json), ["a: delivered", "b: not concerned"]);
}

// P73
#[test]
fn a_request_goes_to_its_identifier_and_to_nobody_else() {
    let (registry, notes) = (registry(), Notes::default());
    registry.register(identifier("a"), Coverage::none().tenant(TENANT), notes.clone()).unwrap();
    let some = Coverage::none().extensions("tenant2.example.com", ["41"]);
    registry.register(identifier("b"), some, notes.clone()).unwrap();
    let status = |identifier: &str, tenant: Option<&str>| {
        let mut request = HttpRequest::new("GET", identifier, "x");
        request.domain = tenant.map(Domain::from);
        let dispatch = now(registry.dispatch_http(request));
        assert_eq!(!dispatch.receipts.is_empty(), dispatch.status() == 200);
        dispatch.status()
    };
    assert_eq!(status("a", Some("TENANT1.example.com")), 200);
    assert_eq!(status("b", Some("tenant2.example.com")), 200, "whichever extensions it is for");
    assert_eq!(status("a", None), 200);
    assert_eq!(status("a", Some("tenant2.example.com")), 404);
    assert_eq!((status("c", None), status("A", None), status("", None)), (404, 404, 404));
    assert_eq!(
        notes.take(),
        ["a http x TENANT1.example.com", "b http x tenant2.example.com", "a http x no tenant"]
    );
}

/// An integration whose reply the URL selects.
struct Answers;

#[async_trait]
impl Integration for Answers {
    async fn on_http(&self, _: &Context, request: HttpRequest) -> Result<HttpReply, Error> {
        match &*request.url {
            "fail" => Err(Error::other("on purpose")),
            "panic" => panic!("on purpose"),
            "split" => Ok(HttpReply::new(200, "text/plain\r\nX-Evil: 1", "")),
            "later" => {
                let mut waited = false;
                std::future::poll_fn(|_| {
                    let is_over = std::mem::replace(&mut waited, true);
                    if is_over { Poll::Ready(()) } else { Poll::Pending }
                })
                .await;
                Ok(HttpReply::json(200, "1"))
            }
            status => Ok(HttpReply::text(status.parse().unwrap(), "text")),
        }
    }
}

// P71, P74, P75, P200
#[test]
fn a_reply_is_given_once_and_a_failure_is_500_without_its_text() {
    let registry = registry();
    registry.register(identifier("a"), Coverage::everywhere(), Answers).unwrap();
    for (method, url, status, body, receipt) in [
        ("GET", "202", 202, "text", "a: delivered"),
        ("GET", "204", 204, "", "a: delivered"),
        ("HEAD", "200", 200, "", "a: delivered"),
        ("GET", "fail", 500, "internal error", "a: failed: the integration failed"),
        ("GET", "panic", 500, "internal error", "a: panicked"),
        (
            "GET",
            "split",
            500,
            "internal error",
            "a: failed: the content type of the reply has a control character",
        ),
        (
            "GET",
            "42",
            500,
            "internal error",
            "a: failed: the status of the reply is 42 instead of 100 to 599",
        ),
    ] {
        let dispatch = now(registry.dispatch_http(HttpRequest::new(method, "a", url)));
        assert_eq!(dispatch.receipts[0].to_string(), receipt, "{url}");
        assert_eq!(dispatch.status(), status, "{url}");
        assert_eq!(dispatch.reply.unwrap().body, body, "{url}");
    }
    let mut later = Box::pin(registry.dispatch_http(HttpRequest::new("GET", "a", "later")));
    let mut context = TaskContext::from_waker(Waker::noop());
    assert!(later.as_mut().poll(&mut context).is_pending());
    assert_eq!(now(later).reply.unwrap().body, "1");
}

#[test]
fn payloads_of_another_tenant_than_they_came_for_are_refused() {
    let (registry, notes) = (registry(), Notes::default());
    registry.register(identifier("a"), Coverage::none().tenant(TENANT), notes.clone()).unwrap();
    let tenant = Tenant::new("TENANT1.example.com").unwrap();
    let dispatch = |point: EntryPoint, json: &Value| {
        now(registry.dispatch_json(point, Some(&tenant), json.to_string().as_bytes()))
    };
    for point in EntryPoint::ALL.iter().copied() {
        // Each another call, so that none is a repetition.
        let id = std::cell::Cell::new(0);
        let json = |domain: Value| {
            id.set(id.get() + 1);
            json!({"domain": domain, "callid": id.get().to_string(), "identifier": "a", "url": "u"})
        };
        for own in [json!(TENANT), json!({"address": "tenant1.example.com."}), json!(null)] {
            let _ = dispatch(point, &json(own)).unwrap();
        }
        for other in [json!("tenant2.example.com"), json!({"id": 3})] {
            let error = dispatch(point, &json(other)).unwrap_err();
            assert_eq!(error.to_string(), "the payload is of another tenant than it came for");
        }
    }
    let notes = notes.take();
    assert_eq!(notes.len(), 12);
    assert!(notes.iter().all(|note| note.trim_end_matches('.').ends_with(TENANT)), "{notes:?}");
}

#[test]
fn json_that_cannot_be_read_is_an_error_with_its_path() {
    let strict = registry().with_reader(Reader::strict());
    let json = json!({"domain": TENANT, "callid": "c", "start": "tomorrow"}).to_string();
    let error = now(strict.dispatch_json(EntryPoint::Cdr, None, json.as_bytes())).unwrap_err();
    assert_eq!(
        error.to_string(),
        "start: expected a timestamp in seconds since 1970, found a text"
    );
    let lenient = registry();
    let dispatch = now(lenient.dispatch_json(EntryPoint::Cdr, None, json.as_bytes())).unwrap();
    assert_eq!(dispatch.warnings.len(), 1);
    assert!(now(lenient.dispatch_json(EntryPoint::Http, None, b"{")).is_err());
}

/// An integration that ends the call that it starts.
struct ClickToDial;

#[async_trait]
impl Integration for ClickToDial {
    async fn on_http(&self, ctx: &Context, request: HttpRequest) -> Result<HttpReply, Error> {
        let call = StartCall::builder(TENANT, request.body()?).user("41").build()?;
        let id = ctx.calls().start_call(&call).await?;
        ctx.calls().end_call(&EndCall::builder(id.clone()).build()?).await?;
        let _ = ctx.settings().tenant(ctx.tenant()).set_public("last", id.to_string()).await?;
        Ok(HttpReply::json(200, serde_json::to_string(&id).map_err(Error::other)?))
    }
}

#[test]
fn an_integration_has_calls_and_settings_of_its_own() {
    let host = Arc::new(MemoryHost::new());
    let store = Arc::new(MemorySettings::new());
    let registry = Registry::new(store.clone(), host.clone());
    registry.register(identifier("a"), Coverage::everywhere(), ClickToDial).unwrap();
    let mut request = HttpRequest::new("POST", "a", "dial").with_body("+12025550123");
    request.domain = Some(TENANT.into());
    let dispatch = now(registry.dispatch_http(request));
    assert_eq!(dispatch.reply.unwrap().body, "\"call-1\"");
    assert_eq!((host.calls().len(), host.active()), (1, 0));
    let settings = pbx_integration::Settings::new(store, identifier("a")).tenant(TENANT);
    assert_eq!(now(settings.public("last")).unwrap(), Some(json!("call-1")));
    let blank = now(registry.dispatch_http(HttpRequest::new("POST", "a", "dial")));
    assert_eq!(blank.receipts[0].to_string(), "a: failed: startCall: `to` is blank");
}

#[test]
fn entry_points_have_the_vendors_names() {
    for (point, name) in
        EntryPoint::ALL.iter().copied().zip(["ongroup", "onagent", "oncdr", "onhttp"])
    {
        assert_eq!((point.to_string().as_str(), name.parse()), (name, Ok(point)));
    }
    assert!("onGroup".parse::<EntryPoint>().is_err());
}
