//! The client's extensions (R3, R4, §3.3).

use std::collections::{BTreeMap, HashSet};

use http::Method;
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded::Serializer;

use crate::api::client::ClientId;
use crate::api::request::{ApiRequest, BASE, read_json};
use crate::extension::{Directory, ExtensionAddress, ExtensionId, ExtensionType};

/// Asks for the client's extensions, one page: `GET /client/{client_id}/extension/`.
#[derive(Clone, Debug)]
pub struct ListExtensions {
    client: ClientId,
    extension_type: Option<ExtensionType>,
    name: Option<String>,
    page: Option<u32>,
}

impl ListExtensions {
    /// Of a client, all types, the first page.
    #[must_use]
    pub const fn new(client: ClientId) -> Self {
        Self { client, extension_type: None, name: None, page: None }
    }

    /// Of one type only.
    #[must_use]
    pub fn with_type(mut self, extension_type: ExtensionType) -> Self {
        self.extension_type = Some(extension_type);
        self
    }

    /// Of one name only.
    #[must_use]
    pub fn with_name(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// Another page; the first is 1.
    #[must_use]
    pub const fn with_page(mut self, page: u32) -> Self {
        self.page = Some(page);
        self
    }
}

impl ApiRequest for ListExtensions {
    type Reply = ExtensionPage;

    fn what(&self) -> &'static str {
        "listing extensions"
    }

    fn method(&self) -> Method {
        Method::GET
    }

    fn path(&self) -> String {
        let mut query = Serializer::new(String::new());
        if let Some(extension_type) = &self.extension_type {
            query.append_pair("type", extension_type.as_str());
        }
        if let Some(name) = &self.name {
            query.append_pair("name", name);
        }
        if let Some(page) = self.page {
            query.append_pair("page", &page.to_string());
        }
        let query = query.finish();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{BASE}/client/{}/extension/{mark}{query}", self.client)
    }

    fn read(&self, body: &[u8]) -> Result<Self::Reply, &'static str> {
        let items: Vec<Value> = read_json(body, "a list of extensions")?;
        let mut page = ExtensionPage { extensions: Vec::new(), unreadable: 0 };
        for item in items {
            match serde_json::from_value(item) {
                Ok(extension) => page.extensions.push(extension),
                Err(_) => page.unreadable += 1,
            }
        }
        Ok(page)
    }
}

/// One page of extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExtensionPage {
    /// The extensions.
    pub extensions: Vec<Extension>,
    /// How many could not be read.
    pub unreadable: usize,
}

/// Asks for one extension: `GET /client/{client_id}/extension/{extension_id}`.
#[derive(Clone, Copy, Debug)]
pub struct GetExtension {
    client: ClientId,
    extension: ExtensionId,
}

impl GetExtension {
    /// Of a client, by its id.
    #[must_use]
    pub const fn new(client: ClientId, extension: ExtensionId) -> Self {
        Self { client, extension }
    }
}

impl ApiRequest for GetExtension {
    type Reply = Extension;

    fn what(&self) -> &'static str {
        "reading an extension"
    }

    fn method(&self) -> Method {
        Method::GET
    }

    fn path(&self) -> String {
        format!("{BASE}/client/{}/extension/{}", self.client, self.extension)
    }

    fn read(&self, body: &[u8]) -> Result<Self::Reply, &'static str> {
        read_json(body, "an extension with id, name and type")
    }
}

/// An extension of the client.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Extension {
    /// Its id, the `…ExtensionID` of events.
    pub id: ExtensionId,
    /// Its full number, such as `453*106`.
    pub name: String,
    /// What it is.
    #[serde(rename = "type")]
    pub extension_type: ExtensionType,
    /// Its display name.
    #[serde(default)]
    pub label: Option<String>,
    /// `active` or `blocked`.
    #[serde(default)]
    pub status: Option<String>,
    /// The SIP domain.
    #[serde(default)]
    pub domain: Option<String>,
    /// Whatever else the API has told.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

impl Extension {
    /// The short number.
    #[must_use]
    pub fn short_name(&self) -> &str {
        ExtensionAddress::new(&self.name).short_name()
    }
}

/// Reads the list of extensions page after page.
///
/// Ends with the first page that brings nothing new, or after a thousand pages.
///
/// ```
/// use ucom_events::api::{ApiRequest, ClientId, ExtensionPages};
///
/// let mut pages = ExtensionPages::new(ClientId::new(801));
/// while let Some(question) = pages.next_request() {
/// #   let body: &[u8] = if question.path().ends_with("page=1") {
/// #       br#"[{"id": 33335, "name": "453*106", "type": "phone"}]"# } else { b"[]" };
///     // send it, then:
///     let page = question.read(body)?;
///     pages.handle_page(page);
/// }
/// assert_eq!(pages.into_extensions()[0].name, "453*106");
/// # Ok::<(), &'static str>(())
/// ```
#[derive(Clone, Debug)]
pub struct ExtensionPages {
    client: ClientId,
    next: Option<u32>,
    seen: HashSet<ExtensionId>,
    extensions: Vec<Extension>,
}

impl ExtensionPages {
    const MOST: u32 = 1_000;

    /// From the first page of a client.
    #[must_use]
    pub fn new(client: ClientId) -> Self {
        Self { client, next: Some(1), seen: HashSet::new(), extensions: Vec::new() }
    }

    /// The question for the next page, until there is none.
    #[must_use]
    pub fn next_request(&self) -> Option<ListExtensions> {
        self.next.map(|page| ListExtensions::new(self.client).with_page(page))
    }

    /// Takes in the page that was asked for.
    pub fn handle_page(&mut self, page: ExtensionPage) {
        let before = self.extensions.len();
        for extension in page.extensions {
            if self.seen.insert(extension.id) {
                self.extensions.push(extension);
            }
        }
        let has_more = self.extensions.len() > before;
        self.next = self.next.filter(|&page| has_more && page < Self::MOST).map(|page| page + 1);
    }

    /// What was read.
    #[must_use]
    pub fn into_extensions(self) -> Vec<Extension> {
        self.extensions
    }
}

/// The client's extensions as a [`Directory`]: by full number, and by short number.
#[derive(Clone, Debug, Default)]
pub struct ClientDirectory {
    names: BTreeMap<String, ExtensionType>,
}

impl ClientDirectory {
    /// Of extensions of one client.
    #[must_use]
    pub fn new<'e>(extensions: impl IntoIterator<Item = &'e Extension>) -> Self {
        let mut names = BTreeMap::new();
        for extension in extensions {
            let kind = &extension.extension_type;
            names.insert(extension.short_name().to_owned(), kind.clone());
            names.insert(extension.name.clone(), kind.clone());
        }
        Self { names }
    }
}

impl Directory for ClientDirectory {
    fn extension_type(&self, name: &str) -> Option<ExtensionType> {
        self.names.extension_type(name)
    }

    fn contains(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}
