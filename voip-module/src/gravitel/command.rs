//! Commands to Gravitel.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Encoding, GravitelConfig};
use crate::error::Error;
use crate::transport::Post;

/// A command and its parameters, in their order.
pub(super) struct Command<'a> {
    pub(super) name: &'a str,
    pub(super) parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> Command<'a> {
    pub(super) const fn new(name: &'a str) -> Self {
        Self { name, parameters: Vec::new() }
    }

    pub(super) fn parameter(mut self, name: &'a str, value: &'a str) -> Self {
        self.parameters.push((name, value));
        self
    }

    pub(super) fn optional(self, name: &'a str, value: Option<&'a str>) -> Self {
        match value {
            Some(value) => self.parameter(name, value),
            None => self,
        }
    }

    /// The `POST` that carries the command.
    // V52–V54
    pub(super) fn post<'c>(
        &self,
        config: &'c GravitelConfig,
        encoding: Encoding,
    ) -> Result<Post<'c>, Error> {
        let endpoint = config.checked_endpoint()?;
        if self.parameters.iter().any(|(name, _)| matches!(*name, "cmd" | "token")) {
            let reason = "`cmd` and `token` cannot be overridden";
            return Err(Error::InvalidArgument { name: "parameters", reason });
        }
        let members = [("cmd", self.name), ("token", config.api_key.expose())];
        let members = members.into_iter().chain(self.parameters.iter().copied());
        let post = match encoding {
            Encoding::Json => Post::json(endpoint.as_str(), &Members(members.collect())),
            Encoding::Form => Post::form(endpoint.as_str(), members),
        };
        let post = post.secret(&config.api_key);
        Ok(config.crm_key.iter().fold(post, Post::secret))
    }
}

/// Members of an object in a given order.
struct Members<'a>(Vec<(&'a str, &'a str)>);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
