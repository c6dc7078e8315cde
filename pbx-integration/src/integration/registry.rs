//! Several integrations, and who gets what.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as MapEntry;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::task::Poll;

use super::context::Context;
use super::contract::Integration;
use super::coverage::{Concerns, Coverage};
use super::dispatch::{Dispatch, HttpDispatch, JsonDispatch, PendingDelivery};
use super::entry_point::EntryPoint;
use super::guard::Boxed;
use super::reply::{HttpReply, Responder};
use super::request::HttpRequest;
use crate::cdr::Cdr;
use crate::control::CallControl;
use crate::definition::{DuplicateIdentifier, Identifier};
use crate::error::Error;
use crate::event::{AgentEvent, Domain, GroupEvent};
use crate::settings::{Settings, SettingsStore, TenantName};
use crate::wire::{Parsed, Reader};

/// Several integrations, each for the tenants or sets of extensions that it is registered for.
///
/// Each integration concerned gets every payload, for itself and at the same time as the others; an
/// error or a panic in one does not reach the others (P3). Nothing here needs a runtime: what a
/// payload comes to is a future, of all integrations or of each (see [`Dispatch`]).
///
/// ```
/// use std::sync::Arc;
/// use pbx_integration::{
///     Coverage, EntryPoint, Identifier, Integration, MemorySettings, NoCallControl, Registry,
/// };
///
/// struct OurCrm;
/// impl Integration for OurCrm {}
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let registry = Registry::new(Arc::new(MemorySettings::new()), Arc::new(NoCallControl));
/// let coverage = Coverage::none().extensions("tenant1.example.com", ["41", "42"]);
/// registry.register(Identifier::new("ourcrmsys")?, coverage, OurCrm)?;
///
/// let json = br#"{"domain": "tenant1.example.com", "callid": "e1@pbx",
///     "start": 1757934000, "end": 1757934003, "extensionlegs": [{"extension": "41", "start": 1757934000}]}"#;
/// let dispatch = registry.dispatch_json(EntryPoint::Cdr, None, json).await?;
/// assert_eq!(dispatch.deliveries[0].to_string(), "ourcrmsys: delivered");
/// # Ok(())
/// # }
/// # let mut task = Box::pin(example());
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # let std::task::Poll::Ready(done) = task.as_mut().poll(&mut context) else { panic!() };
/// # done.unwrap();
/// ```
pub struct Registry {
    store: Arc<dyn SettingsStore>,
    calls: Arc<dyn CallControl>,
    reader: Reader,
    entries: RwLock<BTreeMap<Identifier, Entry>>,
}

#[derive(Clone)]
struct Entry {
    integration: Arc<dyn Integration>,
    coverage: Coverage,
}

impl Registry {
    /// A registry without integrations, which gives those to come their settings from a store, and
    /// call control. JSON is read leniently.
    #[must_use]
    pub fn new(store: Arc<dyn SettingsStore>, calls: Arc<dyn CallControl>) -> Self {
        Self { store, calls, reader: Reader::lenient(), entries: RwLock::default() }
    }

    /// Sets how JSON is read.
    #[must_use]
    pub const fn with_reader(mut self, reader: Reader) -> Self {
        self.reader = reader;
        self
    }

    /// Adds an integration.
    ///
    /// # Errors
    ///
    /// [`DuplicateIdentifier`] if there is one with this identifier already (P98).
    pub fn register(
        &self,
        identifier: Identifier,
        coverage: Coverage,
        integration: impl Integration + 'static,
    ) -> Result<(), DuplicateIdentifier> {
        match self.entries_mut().entry(identifier) {
            MapEntry::Occupied(entry) => Err(DuplicateIdentifier::new(entry.key().clone())),
            MapEntry::Vacant(entry) => {
                entry.insert(Entry { integration: Arc::new(integration), coverage });
                Ok(())
            }
        }
    }

    /// Removes an integration; whether there was one. Work that is under way goes on.
    pub fn deregister(&self, identifier: &str) -> bool {
        let removed = self.entries_mut().remove(identifier);
        // Dropped after the lock is free: an integration may ask the registry something even then.
        removed.is_some()
    }

    /// Changes what an integration is registered for; whether there is one.
    pub fn set_coverage(&self, identifier: &str, coverage: Coverage) -> bool {
        let mut entries = self.entries_mut();
        entries.get_mut(identifier).map(|entry| entry.coverage = coverage).is_some()
    }

    /// The identifiers of the integrations, sorted.
    #[must_use]
    pub fn identifiers(&self) -> Vec<Identifier> {
        self.entries().keys().cloned().collect()
    }

    /// Brings a group event to whom it concerns.
    pub fn dispatch_group(&self, event: &GroupEvent) -> Dispatch {
        self.dispatch(event.domain.as_ref(), event, |integration, context, event| {
            Box::pin(async move { integration.on_group(&context, event).await })
        })
    }

    /// Brings an agent event to whom it concerns.
    pub fn dispatch_agent(&self, event: &AgentEvent) -> Dispatch {
        self.dispatch(event.domain.as_ref(), event, |integration, context, event| {
            Box::pin(async move { integration.on_agent(&context, event).await })
        })
    }

    /// Brings a call record to whom it concerns.
    pub fn dispatch_cdr(&self, cdr: &Cdr) -> Dispatch {
        self.dispatch(cdr.domain.as_ref(), cdr, |integration, context, cdr| {
            Box::pin(async move { integration.on_cdr(&context, cdr).await })
        })
    }

    /// Brings a web request to the integration that it names, and waits for the answer. If there is
    /// none with the identifier, or it is not registered for the tenant, the answer is 404 (P73).
    ///
    /// The answer is there as soon as the integration has given it, whatever it still does then: see
    /// [`HttpDispatch::unfinished`]. The other way round, an integration may return first and answer
    /// later. How long to wait is for the caller to say, by a time-out of the runtime's.
    pub async fn dispatch_http(&self, request: HttpRequest) -> HttpDispatch {
        let entry = self.entries().get_key_value(&*request.identifier).and_then(|(key, entry)| {
            let is_covered = entry.coverage.includes_request(&request.domain);
            is_covered.then(|| (key.clone(), entry.clone()))
        });
        let Some((identifier, entry)) = entry else {
            let (responder, reply) = Responder::new(&request.method);
            // Cannot be refused: it is the first, and its text is plain.
            let _ = responder.send(HttpReply::text(404, "no such integration"));
            return HttpDispatch { reply: reply.await, delivery: None, unfinished: None };
        };
        let (responder, reply) = Responder::new(&request.method);
        let context = self.context(identifier.clone(), request.domain.as_ref());
        let work = async move { entry.integration.on_http(&context, request, responder).await };
        let mut work = PendingDelivery::running(identifier, Box::pin(work));
        let mut delivery = None;
        let mut reply = pin!(reply);
        let reply = poll_fn(|context| {
            if delivery.is_none() {
                if let Poll::Ready(done) = std::pin::Pin::new(&mut work).poll(context) {
                    delivery = Some(done);
                }
            }
            // After the work, so that what it has answered is seen at once.
            reply.as_mut().poll(context)
        })
        .await;
        let unfinished = delivery.is_none().then_some(work);
        HttpDispatch { reply, delivery, unfinished }
    }

    /// Reads a payload and brings it to whom it concerns: for a bridge that carries what the PBX
    /// reports.
    ///
    /// If it is known of which tenant the sender is, pass it: a payload without a tenant is then read as
    /// one of that tenant, and one of another tenant is refused.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] if the payload cannot be read, and [`Error::WrongTenant`]. Errors of
    /// integrations are in the result.
    pub async fn dispatch_json(
        &self,
        entry_point: EntryPoint,
        tenant: Option<&TenantName>,
        json: &[u8],
    ) -> Result<JsonDispatch, Error> {
        let (dispatch, warnings, warnings_left_out) = match entry_point {
            EntryPoint::Group => {
                let mut event = self.reader.read_group_event(json)?;
                check_tenant(tenant, &mut event.value.domain)?;
                let dispatch = self.dispatch_group(&event.value);
                (dispatch, event.warnings, event.warnings_left_out)
            }
            EntryPoint::Agent => {
                let mut event = self.reader.read_agent_event(json)?;
                check_tenant(tenant, &mut event.value.domain)?;
                let dispatch = self.dispatch_agent(&event.value);
                (dispatch, event.warnings, event.warnings_left_out)
            }
            EntryPoint::Cdr => {
                let mut cdr = self.reader.read_cdr(json)?;
                check_tenant(tenant, &mut cdr.value.domain)?;
                (self.dispatch_cdr(&cdr.value), cdr.warnings, cdr.warnings_left_out)
            }
            EntryPoint::Http => {
                let Parsed { mut value, warnings, warnings_left_out } =
                    self.reader.read_http_request(json)?;
                check_tenant(tenant, &mut value.domain)?;
                let HttpDispatch { reply, delivery, unfinished } = self.dispatch_http(value).await;
                return Ok(JsonDispatch {
                    deliveries: delivery.into_iter().collect(),
                    warnings,
                    warnings_left_out,
                    reply: Some(reply),
                    unfinished,
                });
            }
        };
        let deliveries = dispatch.await;
        let (reply, unfinished) = (None, None);
        Ok(JsonDispatch { deliveries, warnings, warnings_left_out, reply, unfinished })
    }

    fn dispatch<T: Concerns + Clone>(
        &self,
        tenant: Option<&Domain>,
        payload: &T,
        run: impl Fn(Arc<dyn Integration>, Context, T) -> Boxed<Result<(), Error>>,
    ) -> Dispatch {
        let numbers = payload.numbers();
        let deliver = |(identifier, entry): (&Identifier, &Entry)| {
            if !entry.coverage.includes(tenant, &numbers) {
                return PendingDelivery::not_concerned(identifier.clone());
            }
            let context = self.context(identifier.clone(), tenant);
            let work = run(entry.integration.clone(), context, payload.clone());
            PendingDelivery::running(identifier.clone(), work)
        };
        Dispatch { deliveries: self.entries().iter().map(deliver).collect() }
    }

    fn context(&self, identifier: Identifier, tenant: Option<&Domain>) -> Context {
        let settings = Settings::new(self.store.clone(), identifier);
        Context::new(settings, self.calls.clone(), tenant.cloned())
    }

    fn entries(&self) -> RwLockReadGuard<'_, BTreeMap<Identifier, Entry>> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn entries_mut(&self) -> RwLockWriteGuard<'_, BTreeMap<Identifier, Entry>> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refuses a payload of another tenant than it came for; fills in the tenant where it has none.
fn check_tenant(expected: Option<&TenantName>, domain: &mut Option<Domain>) -> Result<(), Error> {
    let Some(expected) = expected else { return Ok(()) };
    match domain {
        Some(domain) if domain.is_at(expected.as_str()) => Ok(()),
        Some(_) => Err(Error::WrongTenant),
        None => {
            *domain = Some(Domain::from(expected.as_str()));
            Ok(())
        }
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("identifiers", &self.identifiers()).finish_non_exhaustive()
    }
}
