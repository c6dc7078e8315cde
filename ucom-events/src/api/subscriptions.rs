//! Subscriptions of one extension (§3.2, §3.4), of an agent and of all phones (§3.5).

use http::Method;
use serde::Deserialize;
use serde_json::Value;

use crate::api::client::ClientId;
use crate::api::reply::{ApiError, ErrorStatus};
use crate::api::request::{ApiRequest, BASE, RequestBody, read_json};
use crate::event::AgentId;
use crate::event_url::SubscriptionUrl;
use crate::extension::ExtensionId;
use crate::plan::{
    Action, DeliveryMethod, Step, Subscription, SubscriptionId, SubscriptionSpec, SubscriptionType,
};

/// What subscriptions belong to.
///
/// ```
/// use ucom_events::{AgentId, ExtensionId, api::{ApiRequest, ClientId, EventOwner, ListSubscriptions}};
///
/// let agent = EventOwner::agent(ClientId::new(801), &AgentId::new("136"));
/// assert_eq!(ListSubscriptions::of(agent).path(), "api/ver1.0/client/801/agent/136/event/");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventOwner {
    /// The path of the list, with a slash at its end.
    path: String,
}

impl EventOwner {
    /// One extension.
    #[must_use]
    pub fn extension(extension: ExtensionId) -> Self {
        Self { path: format!("extension/{extension}/event/") }
    }

    /// One queue agent. The vendor's page gives the end of this path only; its beginning follows
    /// from the section that it stands in. Use [`at`](Self::at) if your PBX has another.
    #[must_use]
    pub fn agent(client: ClientId, agent: &AgentId) -> Self {
        Self { path: format!("client/{client}/agent/{}/event/", segment(agent.as_str())) }
    }

    /// All phones of a PBX. Only listing and adding are documented.
    #[must_use]
    pub fn phones(client: ClientId) -> Self {
        Self { path: format!("client/{client}/phone_events/") }
    }

    /// A list by its path below the API's address, such as `agent/136/event/`.
    #[must_use]
    pub fn at(path: &str) -> Self {
        let path: Vec<_> = path.split('/').filter(|part| !part.is_empty()).map(segment).collect();
        Self { path: format!("{}/", path.join("/")) }
    }
}

impl From<ExtensionId> for EventOwner {
    fn from(extension: ExtensionId) -> Self {
        Self::extension(extension)
    }
}

/// One segment of a path, so that no text can leave its place.
fn segment(text: &str) -> String {
    match text {
        "." | ".." => text.replace('.', "%2E"),
        _ => url::form_urlencoded::byte_serialize(text.as_bytes())
            .collect::<String>()
            .replace('+', "%20"),
    }
}

/// Asks for the subscriptions, of everybody: `GET …/event/`.
#[derive(Clone, Debug)]
pub struct ListSubscriptions {
    owner: EventOwner,
}

impl ListSubscriptions {
    /// Of an extension.
    #[must_use]
    pub fn new(extension: ExtensionId) -> Self {
        Self::of(extension.into())
    }

    /// Of an extension, an agent, or all phones.
    #[must_use]
    pub const fn of(owner: EventOwner) -> Self {
        Self { owner }
    }
}

impl ApiRequest for ListSubscriptions {
    type Reply = SubscriptionList;

    fn what(&self) -> &'static str {
        "listing subscriptions"
    }

    fn method(&self) -> Method {
        Method::GET
    }

    fn path(&self) -> String {
        format!("{BASE}/{}", self.owner.path)
    }

    fn read(&self, body: &[u8]) -> Result<Self::Reply, &'static str> {
        let items: Vec<Value> = read_json(body, "a list of subscriptions")?;
        let mut list = SubscriptionList { subscriptions: Vec::new(), unreadable: 0 };
        for item in items {
            match serde_json::from_value::<Wire>(item) {
                Ok(wire) => list.subscriptions.push(wire.into()),
                Err(_) => list.unreadable += 1,
            }
        }
        Ok(list)
    }
}

/// The subscriptions of an extension.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SubscriptionList {
    /// Those that can be read.
    pub subscriptions: Vec<Subscription>,
    /// How many cannot; they take places too.
    pub unreadable: usize,
}

/// A record as the API writes it. Those of others may lack anything but the id.
#[derive(Deserialize)]
struct Wire {
    #[serde(deserialize_with = "super::number::required")]
    id: u64,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    event_type: Option<String>,
    #[serde(default)]
    method: Option<String>,
}

impl From<Wire> for Subscription {
    fn from(wire: Wire) -> Self {
        let text = |text: Option<String>| text.unwrap_or_default();
        Self::new(
            SubscriptionId::new(wire.id),
            SubscriptionSpec::new(
                SubscriptionType::from(&*text(wire.event_type)),
                DeliveryMethod::from(&*text(wire.method)),
                SubscriptionUrl::new(&text(wire.url)),
            ),
        )
    }
}

fn read_subscription(body: &[u8]) -> Result<Subscription, &'static str> {
    read_json::<Wire>(body, "a subscription with its id").map(Subscription::from)
}

fn write_spec(spec: &SubscriptionSpec) -> Option<RequestBody> {
    serde_json::to_vec(spec).ok().map(RequestBody::Json)
}

/// Adds a subscription: `POST …/event/`.
#[derive(Clone, Debug)]
pub struct AddSubscription {
    owner: EventOwner,
    spec: SubscriptionSpec,
}

impl AddSubscription {
    /// To an extension, an agent, or all phones.
    #[must_use]
    pub fn new(owner: impl Into<EventOwner>, spec: SubscriptionSpec) -> Self {
        Self { owner: owner.into(), spec }
    }

    /// Whether a refusal may mean that the extension has no free place (R14): how the PBX says so is not
    /// documented, so it is every 4xx that does not mean something else (§3.7). Count first, as
    /// [`plan`](crate::plan) does.
    #[must_use]
    pub fn may_lack_place(error: &ApiError) -> bool {
        error.head().is_some_and(|head| {
            head.status.is_client_error()
                && !matches!(head.status.as_u16(), 401 | 404 | 429)
                && !head.error.as_ref().is_some_and(ErrorStatus::is_known)
        })
    }
}

impl ApiRequest for AddSubscription {
    type Reply = Subscription;

    fn what(&self) -> &'static str {
        "adding a subscription"
    }

    fn method(&self) -> Method {
        Method::POST
    }

    fn path(&self) -> String {
        format!("{BASE}/{}", self.owner.path)
    }

    fn body(&self) -> Option<RequestBody> {
        write_spec(&self.spec)
    }

    fn read(&self, body: &[u8]) -> Result<Self::Reply, &'static str> {
        read_subscription(body)
    }
}

/// Changes one subscription: `PUT …/event/{event_id}`.
#[derive(Clone, Debug)]
pub struct UpdateSubscription {
    owner: EventOwner,
    id: SubscriptionId,
    spec: SubscriptionSpec,
}

impl UpdateSubscription {
    /// To what it is to say.
    #[must_use]
    pub fn new(owner: impl Into<EventOwner>, id: SubscriptionId, spec: SubscriptionSpec) -> Self {
        Self { owner: owner.into(), id, spec }
    }
}

impl ApiRequest for UpdateSubscription {
    type Reply = ();

    fn what(&self) -> &'static str {
        "changing a subscription"
    }

    fn method(&self) -> Method {
        Method::PUT
    }

    fn path(&self) -> String {
        format!("{BASE}/{}{}", self.owner.path, self.id)
    }

    fn body(&self) -> Option<RequestBody> {
        write_spec(&self.spec)
    }

    /// What the reply holds is not documented, so it is not looked at.
    fn read(&self, _: &[u8]) -> Result<Self::Reply, &'static str> {
        Ok(())
    }
}

/// Removes one subscription: `DELETE …/event/{event_id}`. There is no request that removes all: it
/// would take those of other integrations (R12).
#[derive(Clone, Debug)]
pub struct DeleteSubscription {
    owner: EventOwner,
    id: SubscriptionId,
}

impl DeleteSubscription {
    /// By its id.
    #[must_use]
    pub fn new(owner: impl Into<EventOwner>, id: SubscriptionId) -> Self {
        Self { owner: owner.into(), id }
    }
}

impl ApiRequest for DeleteSubscription {
    type Reply = ();

    fn what(&self) -> &'static str {
        "removing a subscription"
    }

    fn method(&self) -> Method {
        Method::DELETE
    }

    fn path(&self) -> String {
        format!("{BASE}/{}{}", self.owner.path, self.id)
    }

    fn read(&self, _: &[u8]) -> Result<Self::Reply, &'static str> {
        Ok(())
    }
}

/// The request of a plan's step.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StepRequest {
    /// Add.
    Add(AddSubscription),
    /// Change.
    Update(UpdateSubscription),
    /// Remove.
    Delete(DeleteSubscription),
}

impl StepRequest {
    fn inner(&self) -> &dyn DynRequest {
        match self {
            Self::Add(request) => request,
            Self::Update(request) => request,
            Self::Delete(request) => request,
        }
    }
}

/// What the three have in common; their replies do not matter to a plan.
trait DynRequest {
    fn dyn_what(&self) -> &'static str;
    fn dyn_method(&self) -> Method;
    fn dyn_path(&self) -> String;
    fn dyn_body(&self) -> Option<RequestBody>;
}

impl<R: ApiRequest> DynRequest for R {
    fn dyn_what(&self) -> &'static str {
        self.what()
    }

    fn dyn_method(&self) -> Method {
        self.method()
    }

    fn dyn_path(&self) -> String {
        self.path()
    }

    fn dyn_body(&self) -> Option<RequestBody> {
        self.body()
    }
}

impl ApiRequest for StepRequest {
    type Reply = ();

    fn what(&self) -> &'static str {
        self.inner().dyn_what()
    }

    fn method(&self) -> Method {
        self.inner().dyn_method()
    }

    fn path(&self) -> String {
        self.inner().dyn_path()
    }

    fn body(&self) -> Option<RequestBody> {
        self.inner().dyn_body()
    }

    fn read(&self, _: &[u8]) -> Result<Self::Reply, &'static str> {
        Ok(())
    }
}

impl Step {
    /// The request that carries the step out.
    #[must_use]
    pub fn request(&self) -> StepRequest {
        let owner = self.extension;
        match &self.action {
            Action::Delete { id, .. } => StepRequest::Delete(DeleteSubscription::new(owner, *id)),
            Action::Update { id, spec } => {
                StepRequest::Update(UpdateSubscription::new(owner, *id, spec.clone()))
            }
            Action::Add { spec } => StepRequest::Add(AddSubscription::new(owner, spec.clone())),
        }
    }
}
