//! Tokens, logins and connection limits.

use std::fmt;

use super::super::handshake::{Credentials, Refusal};
use super::super::wire::Payload;
use super::Pbx;
use basix_cti::element::UserId;
use http::StatusCode;

/// From this role on a user is an administrator (the README's administrator has 100).
pub(super) const ADMINISTRATOR: i64 = 100;

/// The API token, the login sessions, and the connection limit of each.
#[derive(Clone)]
pub(super) struct Accounts {
    pub(super) domain: String,
    token: String,
    sessions: Vec<Session>,
    /// Sessions so far.
    started: u64,
    pub(super) limit: usize,
}

impl Accounts {
    pub(super) const fn new(domain: String, token: String) -> Self {
        Self { domain, token, sessions: Vec::new(), started: 0, limit: usize::MAX }
    }
}

#[derive(Clone)]
struct Session {
    secret: String,
    user: UserId,
    number: u64,
}

/// Does not show the token and the sessions.
impl fmt::Debug for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accounts")
            .field("domain", &self.domain)
            .field("sessions", &self.sessions.len())
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// The caller of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    Token,
    /// A login session, by its number.
    User {
        user: UserId,
        session: u64,
    },
}

/// Close code of a PBX that ends a connection on purpose.
pub(super) const NORMAL_CLOSE: u16 = 1000;

impl Pbx {
    /// Sets the API token of the domain. Connections that are open stay.
    pub fn set_token(&mut self, token: &str) {
        token.clone_into(&mut self.accounts.token);
    }

    /// Sets the number of connections that a login may have at once; no limit by default.
    pub const fn set_connection_limit(&mut self, limit: usize) {
        self.accounts.limit = limit;
    }

    /// Starts a login session of a user, and returns its secret: the value of the cookie
    /// [`SESSION_COOKIE`](crate::SESSION_COOKIE) or the header
    /// [`SESSION_HEADER`](crate::SESSION_HEADER).
    pub fn log_in(&mut self, user: UserId) -> String {
        let secret = format!("{:016x}{:016x}", self.random.number(), self.random.number());
        self.accounts.started += 1;
        let session = Session { secret: secret.clone(), user, number: self.accounts.started };
        self.accounts.sessions.push(session);
        secret
    }

    /// Ends a login session: its connections get `logout` and are closed.
    pub fn log_out(&mut self, session: &str) {
        let mut sessions = self.accounts.sessions.iter();
        let Some(at) = sessions.position(|known| known.secret == session) else { return };
        let Session { user, number, .. } = self.accounts.sessions.remove(at);
        let owner = Caller::User { user, session: number };
        for connection in self.connections.values_mut().filter(|it| it.owner == owner) {
            connection.notify(Payload::System("logout"));
            connection.send_close(NORMAL_CLOSE);
        }
    }

    /// The caller of a request; 401 if its credentials are missing or wrong.
    pub(super) fn caller(&self, credentials: Option<&Credentials>) -> Result<Caller, Refusal> {
        let accounts = &self.accounts;
        let known = match credentials {
            Some(Credentials::Token { domain, token })
                if *domain == accounts.domain && *token == accounts.token =>
            {
                Some(Caller::Token)
            }
            Some(Credentials::Session(secret)) => {
                let session = accounts.sessions.iter().find(|known| known.secret == *secret);
                session.map(|it| Caller::User { user: it.user, session: it.number })
            }
            _ => None,
        };
        known.ok_or(Refusal::Status(StatusCode::UNAUTHORIZED))
    }
}
