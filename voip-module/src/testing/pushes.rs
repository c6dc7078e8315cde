//! A builder of Gravitel's pushes.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};
use url::form_urlencoded;

/// A builder of Gravitel's pushes.
///
/// ```
/// use voip_module::testing::Push;
///
/// let push = Push::event("INCOMING").phone("+79990000001").ext("701").callid("C-1");
/// assert_eq!(push.form(), "cmd=event&type=INCOMING&phone=%2B79990000001&ext=701&callid=C-1");
/// assert_eq!(push.post("/hook?token=T").method(), "POST");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Push(Vec<(String, String)>);

macro_rules! fields {
    ($($method:ident)+) => {$(
        #[doc = concat!("Sets `", stringify!($method), "`.")]
        pub fn $method(self, value: &str) -> Self {
            self.field(stringify!($method), value)
        }
    )+};
}

impl Push {
    /// Creates a push without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates an event of a type such as `INCOMING`.
    pub fn event(kind: &str) -> Self {
        Self::new().field("cmd", "event").field("type", kind)
    }

    /// Creates the record of a call; `kind` is `in` or `out`, `status` such as `Success`.
    pub fn history(kind: &str, status: &str) -> Self {
        Self::new().field("cmd", "history").field("type", kind).field("status", status)
    }

    /// Creates a query for the caller's name.
    pub fn contact() -> Self {
        Self::new().field("cmd", "contact")
    }

    /// Creates a client's rating.
    pub fn rating(mark: &str) -> Self {
        Self::new().field("cmd", "rating").field("rating", mark)
    }

    /// Adds any field.
    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    fields! { phone ext user callid crm_token direction duration start link diversion telnum }

    /// Returns the fields as a form.
    #[must_use]
    pub fn form(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }

    /// Returns the fields as a JSON object.
    #[must_use]
    pub fn json(&self) -> String {
        let members = self.0.iter().map(|(name, value)| (name.clone(), Value::from(&**value)));
        Value::Object(members.collect::<Map<_, _>>()).to_string()
    }

    /// Returns the push as Gravitel sends it.
    ///
    /// # Panics
    ///
    /// If `uri` is invalid.
    #[must_use]
    pub fn post(&self, uri: &str) -> http::Request<Bytes> {
        http::Request::post(uri)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(self.form().into())
            .expect("a valid uri")
    }

    /// Returns the push with its fields in the query.
    ///
    /// # Panics
    ///
    /// If `uri` is invalid.
    #[must_use]
    pub fn get(&self, uri: &str) -> http::Request<Bytes> {
        let separator = if uri.contains('?') { '&' } else { '?' };
        http::Request::get(format!("{uri}{separator}{}", self.form()))
            .body(Bytes::new())
            .expect("a valid uri")
    }
}
