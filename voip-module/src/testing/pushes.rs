//! Pushes, as Gravitel sends them.

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
    /// A push without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// An event of a type such as `INCOMING`.
    pub fn event(kind: &str) -> Self {
        Self::new().field("cmd", "event").field("type", kind)
    }

    /// The record of a call; `kind` is `in` or `out`, `status` such as `Success`.
    pub fn history(kind: &str, status: &str) -> Self {
        Self::new().field("cmd", "history").field("type", kind).field("status", status)
    }

    /// The question who is calling.
    pub fn contact() -> Self {
        Self::new().field("cmd", "contact")
    }

    /// A client's mark.
    pub fn rating(mark: &str) -> Self {
        Self::new().field("cmd", "rating").field("rating", mark)
    }

    /// Adds any field.
    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    fields! { phone ext user callid crm_token direction duration start link diversion telnum }

    /// The fields as a form.
    #[must_use]
    pub fn form(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }

    /// The fields as a JSON object.
    #[must_use]
    pub fn json(&self) -> String {
        let members = self.0.iter().map(|(name, value)| (name.clone(), Value::from(&**value)));
        Value::Object(members.collect::<Map<_, _>>()).to_string()
    }

    /// The push as Gravitel sends it.
    ///
    /// # Panics
    ///
    /// If `uri` is none.
    #[must_use]
    pub fn post(&self, uri: &str) -> http::Request<Bytes> {
        http::Request::post(uri)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(self.form().into())
            .expect("the uri of a push")
    }

    /// The push with its fields in the query (V41).
    ///
    /// # Panics
    ///
    /// If `uri` is none.
    #[must_use]
    pub fn get(&self, uri: &str) -> http::Request<Bytes> {
        let separator = if uri.contains('?') { '&' } else { '?' };
        http::Request::get(format!("{uri}{separator}{}", self.form()))
            .body(Bytes::new())
            .expect("the uri of a push")
    }
}
