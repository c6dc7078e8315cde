//! The registry of integrations.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as MapEntry;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use futures_util::future::join_all;

use super::caught::Caught;
use super::context::Context;
use super::contract::Integration;
use super::coverage::Coverage;
use super::dispatch::{Dispatch, Receipt, ReceiptStatus};
use super::entry_point::EntryPoint;
use super::memory::{Admission, Memory};
use super::payload::Payload;
use super::reply::HttpReply;
use super::request::HttpRequest;
use crate::cdr::Cdr;
use crate::control::CallControl;
use crate::definition::{DuplicateIdentifier, Identifier};
use crate::error::Error;
use crate::event::{AgentEvent, Domain, GroupEvent, Tenant};
use crate::settings::{Settings, SettingsStore};
use crate::wire::{Parsed, Reader};

/// A registry of integrations, each with its coverage of tenants and extensions.
///
/// Integrations handle a payload concurrently; an error or a panic in one does not affect the
/// others. An integration does not get a payload again that it has handled: after a failure, the
/// retry goes only to the others. Nothing here needs a runtime.
///
/// ```
/// use std::sync::Arc;
/// use pbx_integration::control::NoCallControl;
/// use pbx_integration::integration::EntryPoint;
/// use pbx_integration::settings::MemorySettings;
/// use pbx_integration::{Coverage, Identifier, Integration, Registry};
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
/// assert_eq!(dispatch.receipts[0].to_string(), "ourcrmsys: delivered");
/// assert_eq!(dispatch.status(), 200);
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
    remembered: usize,
    entries: RwLock<BTreeMap<Identifier, Entry>>,
}

#[derive(Clone)]
struct Entry {
    integration: Arc<dyn Integration>,
    coverage: Coverage,
    memory: Memory,
}

impl Registry {
    /// Creates a registry without integrations. They share the store of settings and call control.
    /// JSON is read leniently.
    #[must_use]
    pub fn new(store: Arc<dyn SettingsStore>, calls: Arc<dyn CallControl>) -> Self {
        let reader = Reader::lenient();
        Self { store, calls, reader, remembered: 10_000, entries: RwLock::default() }
    }

    /// Sets the reader of JSON.
    #[must_use]
    pub const fn with_reader(mut self, reader: Reader) -> Self {
        self.reader = reader;
        self
    }

    /// Sets the number of calls that each integration registered from now on remembers, to
    /// recognise repetitions. Default: 10,000.
    #[must_use]
    pub const fn with_remembered(mut self, calls: usize) -> Self {
        self.remembered = calls;
        self
    }

    /// Adds an integration.
    ///
    /// # Errors
    ///
    /// [`DuplicateIdentifier`] if one with this identifier exists already.
    // P98
    pub fn register(
        &self,
        identifier: Identifier,
        coverage: Coverage,
        integration: impl Integration + 'static,
    ) -> Result<(), DuplicateIdentifier> {
        match self.entries_mut().entry(identifier) {
            MapEntry::Occupied(entry) => Err(DuplicateIdentifier::new(entry.key().clone())),
            MapEntry::Vacant(entry) => {
                let memory = Memory::new(self.remembered);
                entry.insert(Entry { integration: Arc::new(integration), coverage, memory });
                Ok(())
            }
        }
    }

    /// Removes an integration; returns whether it existed. Running handlers continue.
    pub fn deregister(&self, identifier: &str) -> bool {
        let removed = self.entries_mut().remove(identifier);
        // Dropped after the lock is released: its destructor may use the registry.
        removed.is_some()
    }

    /// Sets the coverage of an integration; returns whether it exists.
    pub fn set_coverage(&self, identifier: &str, coverage: Coverage) -> bool {
        let mut entries = self.entries_mut();
        entries.get_mut(identifier).map(|entry| entry.coverage = coverage).is_some()
    }

    /// Returns the identifiers of the integrations, sorted.
    #[must_use]
    pub fn identifiers(&self) -> Vec<Identifier> {
        self.entries().keys().cloned().collect()
    }

    /// Returns whether an integration has this identifier.
    #[cfg(feature = "bridge")]
    pub(crate) fn contains(&self, identifier: &Identifier) -> bool {
        self.entries().contains_key(identifier)
    }

    /// Delivers a group event to all integrations concerned.
    pub async fn dispatch_group(&self, event: &GroupEvent) -> Dispatch {
        self.dispatch(event).await
    }

    /// Delivers an agent event to all integrations concerned.
    pub async fn dispatch_agent(&self, event: &AgentEvent) -> Dispatch {
        self.dispatch(event).await
    }

    /// Delivers a call record to all integrations concerned.
    pub async fn dispatch_cdr(&self, cdr: &Cdr) -> Dispatch {
        self.dispatch(cdr).await
    }

    /// Delivers a web request to the integration that it names.
    ///
    /// The reply is 404 if the identifier is unknown or not registered for the tenant, and 500 if
    /// the integration fails. Add a timeout to limit the wait for its reply.
    // P71, P73, P200
    pub async fn dispatch_http(&self, request: HttpRequest) -> Dispatch {
        let found = self.entries().get_key_value(&*request.identifier).and_then(|(key, entry)| {
            let is_covered = entry.coverage.includes_request(&request.domain);
            is_covered.then(|| (key.clone(), entry.clone()))
        });
        let method = request.method.clone();
        let Some((identifier, entry)) = found else {
            let reply = HttpReply::text(404, "no such integration").sent_to(&method);
            return Dispatch { reply: Some(reply), ..Dispatch::default() };
        };
        let context = self.context(identifier.clone(), request.domain.as_ref());
        let work = async move {
            let reply = entry.integration.on_http(&context, request).await?;
            reply.check()?;
            Ok(reply)
        };
        let (reply, status) = match Caught::new(work).await {
            Some(Ok(reply)) => (reply, ReceiptStatus::Delivered),
            Some(Err(error)) => (HttpReply::internal_error(), ReceiptStatus::Failed(error)),
            None => (HttpReply::internal_error(), ReceiptStatus::Panicked),
        };
        let receipts = vec![Receipt { identifier, status }];
        Dispatch { receipts, reply: Some(reply.sent_to(&method)), ..Dispatch::default() }
    }

    /// Reads a payload and delivers it to all integrations concerned: the function for receivers.
    ///
    /// Pass the tenant of the sender if it is known: a payload without a tenant then belongs to
    /// that tenant, and one of another tenant is refused.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] if the payload cannot be read, and [`Error::WrongTenant`]. Errors of
    /// integrations are in the receipts.
    pub async fn dispatch_json(
        &self,
        entry_point: EntryPoint,
        tenant: Option<&Tenant>,
        json: &[u8],
    ) -> Result<Dispatch, Error> {
        Ok(match entry_point {
            EntryPoint::Group => {
                self.dispatch_read(tenant, self.reader.read_group_event(json)?).await?
            }
            EntryPoint::Agent => {
                self.dispatch_read(tenant, self.reader.read_agent_event(json)?).await?
            }
            EntryPoint::Cdr => self.dispatch_read(tenant, self.reader.read_cdr(json)?).await?,
            EntryPoint::Http => {
                let mut request = self.reader.read_http_request(json)?;
                check_tenant(tenant, &mut request.value.domain)?;
                let Parsed { value, warnings, warnings_left_out, .. } = request;
                let dispatch = self.dispatch_http(value).await;
                Dispatch { warnings, warnings_left_out, ..dispatch }
            }
        })
    }

    /// Delivers a payload that was read for a sender.
    async fn dispatch_read<T: Payload>(
        &self,
        sender: Option<&Tenant>,
        mut payload: Parsed<T>,
    ) -> Result<Dispatch, Error> {
        check_tenant(sender, payload.value.domain_mut())?;
        let dispatch = self.dispatch(&payload.value).await;
        let Parsed { warnings, warnings_left_out, .. } = payload;
        Ok(Dispatch { warnings, warnings_left_out, ..dispatch })
    }

    async fn dispatch<T: Payload>(&self, payload: &T) -> Dispatch {
        let numbers = payload.numbers();
        let entries: Vec<_> =
            self.entries().iter().map(|(key, entry)| (key.clone(), entry.clone())).collect();
        let deliveries = entries.into_iter().map(|(identifier, entry)| {
            let is_concerned = entry.coverage.includes(payload.domain(), &numbers);
            let admission = is_concerned.then(|| entry.memory.admit(payload));
            async move {
                let status = match admission {
                    None => ReceiptStatus::NotConcerned,
                    Some(Admission::Known(delivery)) => ReceiptStatus::Known(delivery),
                    Some(Admission::InFlight) => ReceiptStatus::InFlight,
                    Some(Admission::Handle(ticket)) => {
                        let context = self.context(identifier.clone(), payload.domain());
                        let payload = payload.clone();
                        let work =
                            async move { payload.handle(&*entry.integration, &context).await };
                        match Caught::new(work).await {
                            Some(Ok(())) => {
                                ticket.commit();
                                ReceiptStatus::Delivered
                            }
                            Some(Err(error)) => ReceiptStatus::Failed(error),
                            None => ReceiptStatus::Panicked,
                        }
                    }
                };
                Receipt { identifier, status }
            }
        });
        Dispatch { receipts: join_all(deliveries).await, ..Dispatch::default() }
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

/// Refuses a payload of another tenant than the sender's; one without a tenant gets the sender's.
fn check_tenant(sender: Option<&Tenant>, domain: &mut Option<Domain>) -> Result<(), Error> {
    let Some(sender) = sender else { return Ok(()) };
    match domain {
        Some(domain) if domain.is_at(sender.as_str()) => Ok(()),
        Some(_) => Err(Error::WrongTenant),
        None => {
            *domain = Some(Domain::from(sender.as_str()));
            Ok(())
        }
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("identifiers", &self.identifiers()).finish_non_exhaustive()
    }
}
