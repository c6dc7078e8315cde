//! From a user's authorisation and a list of who has which extension to a plan (R1–R5, R11).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use http::Method;

use crate::api::{
    ApiRequest, Client, ClientDirectory, ClientId, Extension, ExtensionPage, ExtensionPages,
    GetClient, GetUser, ListExtensions, ListSubscriptions, SubscriptionList, User,
};
use crate::event_url::{EventPath, EventUrls};
use crate::extension::{ExtensionAddress, ExtensionId, ExtensionNumber};
use crate::plan::{
    DEFAULT_SUBSCRIPTION_LIMIT, DeliveryMethod, Listed, Ownership, Plan, Wanted, plan,
};
use crate::token::EventToken;

/// Who has which extension: a user of the integration, and a short or full number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    user: String,
    extension: String,
}

impl Assignment {
    /// A user, by whatever the integration calls users, has an extension: `106` or `453*106`.
    #[must_use]
    pub fn new(user: &str, extension: &str) -> Self {
        Self { user: user.to_owned(), extension: extension.to_owned() }
    }

    /// The user.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The extension as given.
    #[must_use]
    pub fn extension(&self) -> &str {
        &self.extension
    }
}

/// How an integration wants to be connected.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    urls: EventUrls,
    ownership: Ownership,
    limit: usize,
    with_answer: bool,
    with_services: bool,
    method: DeliveryMethod,
}

impl ConnectOptions {
    /// Events below this address, by `POST`; all that is recommended, on the users' extensions and on
    /// all voice menus and queues, of which missed calls are known (V9).
    #[must_use]
    pub fn new(urls: EventUrls) -> Self {
        Self {
            ownership: Ownership::new(&urls),
            urls,
            limit: DEFAULT_SUBSCRIPTION_LIMIT,
            with_answer: true,
            with_services: true,
            method: DeliveryMethod::Post,
        }
    }

    /// Places of each extension, where the administrator has raised them (R13).
    #[must_use]
    pub const fn with_limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// With or without `answer` (R8). The tracker needs it to know that a call was taken (V3).
    #[must_use]
    pub const fn with_answer(mut self, answer: bool) -> Self {
        self.with_answer = answer;
        self
    }

    /// With or without the client's voice menus and queues.
    #[must_use]
    pub const fn with_services(mut self, services: bool) -> Self {
        self.with_services = services;
        self
    }

    /// How the PBX sends events.
    #[must_use]
    pub fn with_method(mut self, method: DeliveryMethod) -> Self {
        self.method = method;
        self
    }

    /// What counts as ours, if that is more than what is below the address of the events.
    #[must_use]
    pub fn with_ownership(mut self, ownership: Ownership) -> Self {
        self.ownership = ownership;
        self
    }
}

/// Connects an integration: asks what it has to know, and ends in a plan. Changes nothing on the PBX.
///
/// Ask [`next_request`](Self::next_request) until there is none, and hand in each reply; then
/// [`finish`](Self::finish). The questions are as few as can be (R21): who the user is, the client's
/// prefix, its extensions, and the subscriptions of the extensions that matter.
///
/// Run it again whenever the administrator changes who has which extension (R11), with the rows that
/// the last run gave: what is ours on extensions that nobody has any more goes.
///
/// ```
/// # use http::{HeaderMap, StatusCode};
/// use ucom_events::{Assignment, Connect, ConnectOptions, EventUrls, api::ApiRequest};
///
/// let options = ConnectOptions::new(EventUrls::new("https://crm.example.com/pbx")?);
/// let mut connect = Connect::new(options, vec![Assignment::new("anna", "106")], Default::default());
/// while let Some(question) = connect.next_request() {
/// #   let body = match question.path().as_str() {
/// #       "api/ver1.0/user/" => r#"{"client_id": 801}"#,
/// #       "api/ver1.0/client/801/client/" => r#"{"prefix": "453", "extension_len": "3"}"#,
/// #       "api/ver1.0/client/801/extension/?page=1" =>
/// #           r#"[{"id": 33335, "name": "453*106", "type": "phone"}]"#,
/// #       _ => "[]",
/// #   };
/// #   let (status, headers, body) = (StatusCode::OK, HeaderMap::new(), body.as_bytes());
///     // send question.request(&host, Some(&token))?, then:
///     connect.handle_reply(question.parse(status, &headers, body)?);
/// }
/// let connected = connect.finish(|| [7; 16]).ok_or("a reply is missing")?; // random, in earnest
/// println!("{connected}"); // the dry run that an administrator reads
/// assert_eq!(connected.plan.steps().count(), 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Connect {
    options: ConnectOptions,
    assignments: Vec<Assignment>,
    rows: BTreeMap<ExtensionId, EventToken>,
    client_id: Option<ClientId>,
    client: Option<Client>,
    pages: Option<ExtensionPages>,
    known: Option<Known>,
}

/// What is known once all extensions have been read.
#[derive(Debug)]
struct Known {
    extensions: Vec<Extension>,
    users: Vec<(Assignment, Option<ExtensionId>)>,
    wanted: BTreeSet<ExtensionId>,
    unlisted: VecDeque<ExtensionId>,
    listed: Listed,
}

impl Connect {
    /// Begins. `rows` are the tokens of the extensions that were connected before; none at first.
    #[must_use]
    pub const fn new(
        options: ConnectOptions,
        assignments: Vec<Assignment>,
        rows: BTreeMap<ExtensionId, EventToken>,
    ) -> Self {
        Self { options, assignments, rows, client_id: None, client: None, pages: None, known: None }
    }

    /// The next question, until all is known. The same one again until its reply is handed in.
    #[must_use]
    pub fn next_request(&self) -> Option<ConnectRequest> {
        if let Some(known) = &self.known {
            let extension = *known.unlisted.front()?;
            return Some(ConnectRequest::Subscriptions(
                extension,
                ListSubscriptions::new(extension),
            ));
        }
        Some(match (self.client_id, &self.client, &self.pages) {
            (None, _, _) => ConnectRequest::User(GetUser::new()),
            (Some(client), None, _) => ConnectRequest::Client(GetClient::new(client)),
            (_, _, pages) => ConnectRequest::Extensions(pages.as_ref()?.next_request()?),
        })
    }

    /// Takes in the reply to the last question.
    pub fn handle_reply(&mut self, reply: ConnectReply) {
        match reply {
            ConnectReply::User(user) => self.client_id = Some(user.client_id),
            ConnectReply::Client(client) => {
                self.client = Some(client);
                self.pages = self.client_id.map(ExtensionPages::new);
            }
            ConnectReply::Extensions(page) => {
                let Some(pages) = &mut self.pages else { return };
                pages.handle_page(page);
                if pages.next_request().is_none() {
                    self.know();
                }
            }
            ConnectReply::Subscriptions(extension, list) => {
                let Some(known) = &mut self.known else { return };
                known.unlisted.retain(|unlisted| *unlisted != extension);
                known.listed.insert(extension, list.subscriptions);
                known.listed.insert_unreadable(extension, list.unreadable);
            }
        }
    }

    /// All extensions have been read: who has which, and whose subscriptions matter.
    fn know(&mut self) {
        let Some(pages) = self.pages.take() else { return };
        let extensions = pages.into_extensions();
        let prefix = self.client.as_ref().map_or("", |client| &client.prefix);
        let find = |assignment: &Assignment| {
            let user = ExtensionAddress::new(&assignment.extension).user();
            let full = match ExtensionNumber::is_valid(user.as_bytes()) {
                true => user.to_owned(),
                false => format!("{prefix}*{user}"),
            };
            extensions.iter().find(|extension| extension.name == full).map(|extension| extension.id)
        };
        let users: Vec<_> = std::mem::take(&mut self.assignments)
            .into_iter()
            .map(|assignment| (find(&assignment), assignment))
            .map(|(extension, assignment)| (assignment, extension))
            .collect();
        let mut wanted: BTreeSet<_> =
            users.iter().filter_map(|(_, extension)| *extension).collect();
        if self.options.with_services {
            let services =
                extensions.iter().filter(|extension| extension.extension_type.is_service());
            wanted.extend(services.map(|extension| extension.id));
        }
        // Of those that were connected before, only what still exists can be listed.
        let exists = |id: &ExtensionId| extensions.iter().any(|extension| extension.id == *id);
        let before = self.rows.keys().copied().filter(exists);
        let unlisted: BTreeSet<_> = wanted.iter().copied().chain(before).collect();
        let mut listed = Listed::new();
        for extension in extensions.iter().filter(|extension| unlisted.contains(&extension.id)) {
            listed.label(extension.id, &extension.name);
        }
        let unlisted = unlisted.into_iter().collect();
        self.known = Some(Known { extensions, users, wanted, unlisted, listed });
    }

    /// The plan, once there are no more questions; `None` before. Extensions that have no token yet
    /// get one out of `random`, which must be a cryptographic source.
    pub fn finish(mut self, mut random: impl FnMut() -> [u8; 16]) -> Option<Connected> {
        let known = self.known.take().filter(|known| known.unlisted.is_empty())?;
        let (client_id, client) = (self.client_id?, self.client?);
        let mut rows = BTreeMap::new();
        let mut wanted = Wanted::new();
        for extension in &known.extensions {
            if !known.wanted.contains(&extension.id) {
                continue;
            }
            let token = self
                .rows
                .remove(&extension.id)
                .unwrap_or_else(|| EventToken::from_random(random()));
            let url = self.options.urls.opaque(EventPath::Extension, &token);
            wanted.insert_recommended(
                extension.id,
                &extension.extension_type,
                self.options.with_answer,
                &self.options.method,
                &url,
            );
            rows.insert(extension.id, token);
        }
        Some(Connected {
            plan: plan(&wanted, &known.listed, self.options.limit, &self.options.ownership),
            directory: ClientDirectory::new(&known.extensions),
            client_id,
            client,
            users: known.users,
            extensions: known.extensions,
            rows,
        })
    }
}

/// A question of [`Connect`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ConnectRequest {
    /// Who is asking.
    User(GetUser),
    /// Prefix and extension length (R5).
    Client(GetClient),
    /// A page of extensions with their types (R4).
    Extensions(ListExtensions),
    /// The subscriptions of an extension.
    Subscriptions(ExtensionId, ListSubscriptions),
}

/// The reply to a [`ConnectRequest`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ConnectReply {
    /// To [`ConnectRequest::User`].
    User(User),
    /// To [`ConnectRequest::Client`].
    Client(Client),
    /// To [`ConnectRequest::Extensions`].
    Extensions(ExtensionPage),
    /// To [`ConnectRequest::Subscriptions`].
    Subscriptions(ExtensionId, SubscriptionList),
}

impl ApiRequest for ConnectRequest {
    type Reply = ConnectReply;

    fn what(&self) -> &'static str {
        match self {
            Self::User(request) => request.what(),
            Self::Client(request) => request.what(),
            Self::Extensions(request) => request.what(),
            Self::Subscriptions(_, request) => request.what(),
        }
    }

    fn method(&self) -> Method {
        Method::GET
    }

    fn path(&self) -> String {
        match self {
            Self::User(request) => request.path(),
            Self::Client(request) => request.path(),
            Self::Extensions(request) => request.path(),
            Self::Subscriptions(_, request) => request.path(),
        }
    }

    fn read(&self, body: &[u8]) -> Result<Self::Reply, &'static str> {
        Ok(match self {
            Self::User(request) => ConnectReply::User(request.read(body)?),
            Self::Client(request) => ConnectReply::Client(request.read(body)?),
            Self::Extensions(request) => ConnectReply::Extensions(request.read(body)?),
            Self::Subscriptions(extension, request) => {
                ConnectReply::Subscriptions(*extension, request.read(body)?)
            }
        })
    }
}

/// What a connection will be. Nothing has been changed yet: `Display` is the dry run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Connected {
    /// The client.
    pub client_id: ClientId,
    /// Its prefix and extension length.
    pub client: Client,
    /// Each user with the extension that was found, if one was.
    pub users: Vec<(Assignment, Option<ExtensionId>)>,
    /// All extensions of the client.
    pub extensions: Vec<Extension>,
    /// What [`classify`](crate::classify) and [`Tracker`](crate::Tracker) want to know of them.
    pub directory: ClientDirectory,
    /// The token of each extension that is connected: store them, and find events by them.
    pub rows: BTreeMap<ExtensionId, EventToken>,
    /// What is to be done.
    pub plan: Plan,
}

impl Connected {
    /// Users whose extension the PBX does not have.
    pub fn users_without_extension(&self) -> impl Iterator<Item = &Assignment> {
        self.users.iter().filter(|(_, extension)| extension.is_none()).map(|(user, _)| user)
    }
}

impl fmt::Display for Connected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "client {}, prefix {}, short numbers of {} digits, {} extensions",
            self.client_id,
            self.client.prefix,
            self.client.extension_len,
            self.extensions.len()
        )?;
        for (assignment, id) in &self.users {
            let extension = self.extensions.iter().find(|extension| Some(extension.id) == *id);
            match extension {
                Some(extension) => writeln!(
                    f,
                    "user {}: {} ({})",
                    assignment.user, extension.name, extension.extension_type
                )?,
                None => writeln!(
                    f,
                    "user {}: ! the PBX has no extension {}",
                    assignment.user, assignment.extension
                )?,
            }
        }
        self.plan.fmt(f)
    }
}
