//! Requests to the API. Nothing here sends them.

use std::fmt;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method};
use thiserror::Error;
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};
use zeroize::Zeroizing;

use crate::api::records::{ClientId, SubscriptionId, SubscriptionSpec};
use crate::event::CallId;
use crate::plan::Owner;
use crate::secret::Secret;

/// Path of the resources.
const BASE: &str = "api/ver1.0";

/// Items of a page.
pub(crate) const PER_PAGE: usize = 100;

/// One request to the API: method, path and body.
///
/// The PBX's request that removes all subscriptions of an owner is left out: it would remove those
/// of other integrations.
///
/// ```
/// use ucom_events::api::{ApiHost, ApiRequest, ClientId, Secret};
///
/// let host = ApiHost::new("pbx.example.com")?;
/// let request = ApiRequest::client(ClientId::new(801)).to_http(&host, Some(&Secret::new("token")))?;
/// assert_eq!(request.uri(), "https://pbx.example.com/api/ver1.0/client/801/client/");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiRequest {
    /// The method.
    pub method: Method,
    /// Path and query on the server, without a leading slash.
    pub path: String,
    /// The body; it may hold a password or an event token, so `Debug` redacts it.
    pub body: Option<Body>,
    /// The purpose, for messages.
    pub what: &'static str,
}

/// A request's body.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Body {
    /// JSON.
    Json(Zeroizing<Vec<u8>>),
    /// Form encoding.
    Form(Zeroizing<String>),
}

impl ApiRequest {
    fn new(method: Method, what: &'static str, path: String) -> Self {
        Self { method, path, body: None, what }
    }

    fn get(what: &'static str, path: &str) -> Self {
        Self::new(Method::GET, what, format!("{BASE}/{path}"))
    }

    /// Requests the user of the token.
    #[must_use]
    pub fn user() -> Self {
        Self::get("reading the user", "user/")
    }

    /// Requests the client's prefix and extension length.
    #[must_use]
    pub fn client(client: ClientId) -> Self {
        Self::get("reading the client", &format!("client/{client}/client/"))
    }

    /// Requests a page of the client's extensions; the first is 1.
    #[must_use]
    pub fn extensions(client: ClientId, page: u32) -> Self {
        Self::page("listing extensions", &format!("client/{client}/extension/"), page)
    }

    /// Requests a page of the client's public numbers.
    #[must_use]
    pub fn public_numbers(client: ClientId, page: u32) -> Self {
        Self::page("listing public numbers", &format!("client/{client}/did/"), page)
    }

    /// Requests a page of the client's local or remote agents.
    #[must_use]
    pub fn agents(client: ClientId, are_local: bool, page: u32) -> Self {
        let (what, place) = match are_local {
            true => ("listing local agents", "local"),
            false => ("listing remote agents", "remote"),
        };
        Self::page(what, &format!("client/{client}/agent/{place}/"), page)
    }

    /// Requests a page of an owner's subscriptions, of all integrations.
    #[must_use]
    pub fn subscriptions(client: ClientId, owner: &Owner, page: u32) -> Self {
        Self::page("listing subscriptions", &events_of(client, owner), page)
    }

    /// Adds a subscription.
    #[must_use]
    pub fn add(client: ClientId, owner: &Owner, spec: &SubscriptionSpec) -> Self {
        let path = format!("{BASE}/{}", events_of(client, owner));
        Self::new(Method::POST, "adding a subscription", path).with_spec(spec)
    }

    /// Changes a subscription.
    #[must_use]
    pub fn update(
        client: ClientId,
        owner: &Owner,
        id: SubscriptionId,
        spec: &SubscriptionSpec,
    ) -> Self {
        let path = format!("{BASE}/{}{id}", events_of(client, owner));
        Self::new(Method::PUT, "changing a subscription", path).with_spec(spec)
    }

    /// Removes one subscription.
    #[must_use]
    pub fn delete(client: ClientId, owner: &Owner, id: SubscriptionId) -> Self {
        let path = format!("{BASE}/{}{id}", events_of(client, owner));
        Self::new(Method::DELETE, "removing a subscription", path)
    }

    /// Requests one call of the PBX's own history, which has the recordings of its legs.
    #[must_use]
    pub fn call_history(client: ClientId, call: &CallId) -> Self {
        let path = format!("client/{client}/call_history/{}", segment(call.as_str()));
        Self::get("reading a call's history", &path)
    }

    /// Requests the calls in progress, for a start without a snapshot.
    #[must_use]
    pub fn current_calls(client: ClientId) -> Self {
        Self::get("listing calls in progress", &format!("client/{client}/current_calls/"))
    }

    /// Requests an access token.
    #[must_use]
    pub fn access_token(credentials: &Credentials) -> Self {
        let mut form = Serializer::new(String::new());
        let kind = match &credentials.grant {
            Grant::ClientCredentials => "client_credentials",
            Grant::AuthorizationCode { .. } => "authorization_code",
            Grant::Password { .. } => "password",
        };
        form.append_pair("grant_type", kind).append_pair("client_id", &credentials.application);
        if let Some(secret) = &credentials.secret {
            form.append_pair("client_secret", secret.expose());
        }
        match &credentials.grant {
            Grant::ClientCredentials => {}
            Grant::AuthorizationCode { code, redirect_uri } => {
                form.append_pair("code", code.expose()).append_pair("redirect_uri", redirect_uri);
            }
            Grant::Password { username, password } => {
                form.append_pair("username", username).append_pair("password", password.expose());
            }
        }
        let mut request = Self::new(Method::POST, "asking for a token", "oauth/token".to_owned());
        request.body = Some(Body::Form(Zeroizing::new(form.finish())));
        request
    }

    fn page(what: &'static str, path: &str, page: u32) -> Self {
        Self::get(what, &format!("{path}?per_page={PER_PAGE}&page={page}"))
    }

    fn with_spec(mut self, spec: &SubscriptionSpec) -> Self {
        self.body = serde_json::to_vec(spec).ok().map(Zeroizing::new).map(Body::Json);
        self
    }

    /// Builds the HTTP request, with the token marked as sensitive.
    ///
    /// # Errors
    ///
    /// If the token is invalid in a header.
    pub fn to_http(
        &self,
        host: &ApiHost,
        token: Option<&Secret>,
    ) -> Result<http::Request<Vec<u8>>, http::Error> {
        let mut request = http::Request::builder()
            .method(&self.method)
            .uri(format!("{}{}", host.origin, self.path))
            .header(ACCEPT, "application/json");
        if let Some(token) = token {
            let text = Zeroizing::new(format!("Bearer {}", token.expose()));
            let mut header = HeaderValue::from_str(&text)?;
            header.set_sensitive(true);
            request = request.header(AUTHORIZATION, header);
        }
        match &self.body {
            None => request.body(Vec::new()),
            Some(Body::Json(json)) => {
                request.header(CONTENT_TYPE, "application/json").body(json.to_vec())
            }
            Some(Body::Form(form)) => request
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.as_bytes().to_vec()),
        }
    }
}

impl fmt::Debug for ApiRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        if self.body.is_some() { f.write_str(" (…)") } else { Ok(()) }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json(_) => "Json(…)",
            Self::Form(_) => "Form(…)",
        })
    }
}

/// Returns the path of an owner's list of subscriptions.
fn events_of(client: ClientId, owner: &Owner) -> String {
    match owner {
        Owner::Extension(id) => format!("extension/{id}/event/"),
        Owner::LocalAgent(id) => {
            format!("client/{client}/agent/local/{}/event/", segment(id.as_str()))
        }
        Owner::RemoteAgent(id) => {
            format!("client/{client}/agent/remote/{}/event/", segment(id.as_str()))
        }
        Owner::Phones => format!("client/{client}/phone_events/"),
    }
}

/// Escapes one segment of a path.
fn segment(text: &str) -> String {
    match text {
        "." | ".." => text.replace('.', "%2E"),
        _ => byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20"),
    }
}

/// The authorisation of an application to act for a user.
#[derive(Clone, Debug)]
pub struct Credentials {
    application: String,
    secret: Option<Secret>,
    grant: Grant,
}

impl Credentials {
    /// Creates credentials from an application's id, its secret if it has one, and a grant.
    #[must_use]
    pub fn new(application: &str, secret: Option<Secret>, grant: Grant) -> Self {
        Self { application: application.to_owned(), secret, grant }
    }
}

/// Kinds of authorisation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Grant {
    /// A `trusted` application, made by the user.
    ClientCredentials,
    /// A `public` application: the user has confirmed, and the PBX has sent this code.
    AuthorizationCode {
        /// The code.
        code: Secret,
        /// The address that the code was sent to.
        redirect_uri: String,
    },
    /// A `password_credentials` application, which only an administrator makes.
    Password {
        /// The user's login.
        username: String,
        /// The user's password.
        password: Secret,
    },
}

/// Returns the page where a user confirms a `public` application, for the user's browser.
///
/// `state` comes back with the code; compare it to prevent the injection of a foreign code.
#[must_use]
pub fn authorize_url(host: &ApiHost, application: &str, redirect_uri: &str, state: &str) -> String {
    let mut query = Serializer::new(String::new());
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", application)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("scope", "all")
        .append_pair("state", state);
    format!("{}oauth/authorize?{}", host.origin, query.finish())
}

/// The server of the PBX's API, named by its provider.
///
/// ```
/// use ucom_events::api::ApiHost;
///
/// assert!(ApiHost::new("pbx.example.com").is_ok());
/// assert!(ApiHost::new("http://pbx.example.com").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiHost {
    /// Ends with a slash.
    origin: Url,
}

impl ApiHost {
    /// Creates a server from its name, over https.
    ///
    /// # Errors
    ///
    /// If `host` is neither a host name nor an https URL, or has a user, a password, a path or a query.
    pub fn new(host: &str) -> Result<Self, ApiHostError> {
        let host = Self::allowing_http(host)?;
        if host.origin.scheme() == "https" { Ok(host) } else { Err(ApiHostError) }
    }

    /// Creates a server from its name or URL, plain http included, which exposes tokens and
    /// passwords to every network on the path: for tests.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn allowing_http(host: &str) -> Result<Self, ApiHostError> {
        let text = if host.contains("://") { host.to_owned() } else { format!("https://{host}") };
        let origin = Url::parse(&text).map_err(|_| ApiHostError)?;
        let is_bare =
            origin.path() == "/" && origin.query().is_none() && origin.fragment().is_none();
        let is_anonymous = origin.username().is_empty() && origin.password().is_none();
        if is_bare && is_anonymous && matches!(origin.scheme(), "https" | "http") {
            Ok(Self { origin })
        } else {
            Err(ApiHostError)
        }
    }
}

/// A text is not the address of an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected a host name, or an https URL without user, path and query")]
#[non_exhaustive]
pub struct ApiHostError;
