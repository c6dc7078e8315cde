//! Tokens of access (§3.1).

use std::fmt;
use std::time::Duration;

use http::Method;
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use crate::api::host::{AccessToken, ApiHost, Secret};
use crate::api::request::{ApiRequest, RequestBody, read_json};

/// How an application proves that it may act for a user.
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

/// Asks for a token: `POST /oauth/token`.
#[derive(Clone, Debug)]
pub struct RequestToken {
    client_id: String,
    client_secret: Option<Secret>,
    grant: Grant,
}

impl RequestToken {
    /// For an application by its id and secret.
    #[must_use]
    pub fn new(client_id: &str, client_secret: Secret, grant: Grant) -> Self {
        Self { client_id: client_id.to_owned(), client_secret: Some(client_secret), grant }
    }

    /// For an application that has no secret.
    #[must_use]
    pub fn without_secret(client_id: &str, grant: Grant) -> Self {
        Self { client_id: client_id.to_owned(), client_secret: None, grant }
    }
}

impl ApiRequest for RequestToken {
    type Reply = TokenReply;

    fn what(&self) -> &'static str {
        "asking for a token"
    }

    fn method(&self) -> Method {
        Method::POST
    }

    fn path(&self) -> String {
        "oauth/token".to_owned()
    }

    fn body(&self) -> Option<RequestBody> {
        let mut form = Serializer::new(String::new());
        let kind = match &self.grant {
            Grant::ClientCredentials => "client_credentials",
            Grant::AuthorizationCode { .. } => "authorization_code",
            Grant::Password { .. } => "password",
        };
        form.append_pair("grant_type", kind).append_pair("client_id", &self.client_id);
        if let Some(secret) = &self.client_secret {
            form.append_pair("client_secret", secret.expose());
        }
        match &self.grant {
            Grant::ClientCredentials => {}
            Grant::AuthorizationCode { code, redirect_uri } => {
                form.append_pair("code", code.expose()).append_pair("redirect_uri", redirect_uri);
            }
            Grant::Password { username, password } => {
                form.append_pair("username", username).append_pair("password", password.expose());
            }
        }
        Some(RequestBody::Form(form.finish()))
    }

    fn read(&self, body: &[u8]) -> Result<Self::Reply, &'static str> {
        #[derive(Deserialize)]
        struct Wire<'a> {
            access_token: std::borrow::Cow<'a, str>,
            expires_in: Option<u64>,
            refresh_token: Option<String>,
            scope: Option<String>,
        }
        let expected = "a token";
        let wire: Wire<'_> = serde_json::from_slice(body).map_err(|_| expected)?;
        Ok(TokenReply {
            access_token: AccessToken::new(&wire.access_token).ok_or(expected)?,
            expires_in: wire.expires_in.map(Duration::from_secs),
            refresh_token: wire.refresh_token.map(|token| Secret::new(&token)),
            scope: wire.scope,
        })
    }
}

/// A token, and what came with it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TokenReply {
    /// What proves who asks.
    pub access_token: AccessToken,
    /// How long it is good; ask anew on a 401 even before (§3.1).
    pub expires_in: Option<Duration>,
    /// For a later token, where the PBX gives one.
    pub refresh_token: Option<Secret>,
    /// What it is good for, such as `all`.
    pub scope: Option<String>,
}

/// Where a user confirms a `public` application: a page for the user's browser.
///
/// `state` comes back with the code; compare it, so that nobody slips the user another's code.
#[must_use]
pub fn authorize_url(host: &ApiHost, client_id: &str, redirect_uri: &str, state: &str) -> String {
    let mut query = Serializer::new(String::new());
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("scope", "all")
        .append_pair("state", state);
    host.url(&format!("oauth/authorize?{}", query.finish()))
}

/// Who is asking: `GET /user/`.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct GetUser;

impl GetUser {
    /// The question.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl ApiRequest for GetUser {
    type Reply = User;

    fn what(&self) -> &'static str {
        "reading the user"
    }

    fn method(&self) -> Method {
        Method::GET
    }

    fn path(&self) -> String {
        format!("{}/user/", crate::api::request::BASE)
    }

    fn read(&self, body: &[u8]) -> Result<Self::Reply, &'static str> {
        read_json(body, "a user with client_id")
    }
}

/// The user that a token stands for.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// The user's client.
    pub client_id: super::client::ClientId,
    /// The user's extension, of users that are extensions.
    #[serde(default, deserialize_with = "super::number::optional")]
    pub extension_id: Option<u64>,
    /// The user's login.
    #[serde(default)]
    pub login: Option<String>,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client_id, extension_id, login: _ } = self;
        f.debug_struct("User")
            .field("client_id", client_id)
            .field("extension_id", extension_id)
            .finish_non_exhaustive()
    }
}
