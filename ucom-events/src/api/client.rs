//! The client: one customer's PBX (R5, §3.3).

use std::fmt;

use http::Method;
use serde::{Deserialize, Serialize};

use crate::api::request::{ApiRequest, BASE, read_json};

/// The id of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(#[serde(deserialize_with = "super::number::required")] u64);

impl ClientId {
    /// An id by its number.
    #[must_use]
    pub const fn new(id: u64) -> Self {
        Self(id)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Asks for prefix and extension length: `GET /client/{client_id}/client/`.
#[derive(Clone, Copy, Debug)]
pub struct GetClient {
    client: ClientId,
}

impl GetClient {
    /// Of a client.
    #[must_use]
    pub const fn new(client: ClientId) -> Self {
        Self { client }
    }
}

impl ApiRequest for GetClient {
    type Reply = Client;

    fn what(&self) -> &'static str {
        "reading the client's prefix"
    }

    fn method(&self) -> Method {
        Method::GET
    }

    fn path(&self) -> String {
        format!("{BASE}/client/{}/client/", self.client)
    }

    fn read(&self, body: &[u8]) -> Result<Self::Reply, &'static str> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Wire {
            One(Client),
            // The path is that of a list.
            List([Client; 1]),
        }
        let expected = "a client with prefix and extension_len";
        Ok(match read_json(body, expected)? {
            Wire::One(client) | Wire::List([client]) => client,
        })
    }
}

/// A client, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Client {
    /// The prefix of full extension numbers. May begin with zeros.
    pub prefix: String,
    /// How many digits a short number has: 2, 3 or 4. The API writes it as a number or as text.
    #[serde(deserialize_with = "super::number::required")]
    pub extension_len: u64,
}
