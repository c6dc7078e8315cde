//! Ending a call.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::call_id::CallId;
use super::error::InvalidCall;
use super::text::check;

/// A request to end a call: `endCall`. Built and checked by [`builder`](Self::builder).
///
/// ```
/// use pbx_integration::EndCall;
///
/// let end = EndCall::builder("c-17").code(486).text("Busy Here").build()?;
/// assert_eq!(serde_json::to_string(&end)?, r#"["c-17",486,"Busy Here",false]"#);
///
/// let error = EndCall::builder("c-17").code(42).build().unwrap_err();
/// assert_eq!(error.to_string(), "endCall: `code` is 42 instead of 100 to 699");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `Serialize` writes the four arguments of the PBX's function, in order. `Deserialize`, for hosts,
/// checks like the builder.
#[doc(alias = "endCall")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndCall(EndCallBuilder);

/// The parts of an [`EndCall`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndCallBuilder {
    id: CallId,
    code: u16,
    text: String,
    is_forced: bool,
}

impl EndCall {
    /// The default code. The vendor documents it with [`DEFAULT_TEXT`](Self::DEFAULT_TEXT),
    /// although that text belongs to 487.
    pub const DEFAULT_CODE: u16 = 200;

    /// The default text.
    pub const DEFAULT_TEXT: &'static str = "Request Terminated";

    /// Creates a builder for the call with this id.
    #[must_use]
    pub fn builder(id: impl Into<CallId>) -> EndCallBuilder {
        let (code, text) = (Self::DEFAULT_CODE, Self::DEFAULT_TEXT.to_owned());
        EndCallBuilder { id: id.into(), code, text, is_forced: false }
    }

    /// Returns the call's id.
    #[must_use]
    pub const fn id(&self) -> &CallId {
        &self.0.id
    }

    /// Returns the SIP code; 200 by default.
    #[must_use]
    pub const fn code(&self) -> u16 {
        self.0.code
    }

    /// Returns the disconnect text; `Request Terminated` by default.
    #[doc(alias = "expl")]
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Returns whether the call is disconnected forcefully; by default not.
    #[doc(alias = "forced")]
    #[must_use]
    pub const fn is_forced(&self) -> bool {
        self.0.is_forced
    }
}

impl EndCallBuilder {
    /// Sets the SIP code, 100 to 699.
    #[must_use]
    pub const fn code(mut self, code: u16) -> Self {
        self.code = code;
        self
    }

    /// Sets the disconnect text, without control characters.
    #[doc(alias = "expl")]
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        text.clone_into(&mut self.text);
        self
    }

    /// Sets whether the call is disconnected forcefully.
    #[must_use]
    pub const fn forced(mut self, forced: bool) -> Self {
        self.is_forced = forced;
        self
    }

    /// Checks and builds the request.
    ///
    /// # Errors
    ///
    /// [`InvalidCall`].
    pub fn build(self) -> Result<EndCall, InvalidCall> {
        if !(100..=699).contains(&self.code) {
            return Err(InvalidCall::Code { code: self.code });
        }
        check("endCall: `expl`", &self.text)?;
        Ok(EndCall(self))
    }
}

/// `endCall(id, code, expl, forced)`.
impl Serialize for EndCall {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let EndCallBuilder { id, code, text, is_forced } = &self.0;
        (id, code, text, is_forced).serialize(serializer)
    }
}

/// All arguments except the first are optional and may be `null`. As with
/// [`StartCall`](super::StartCall), no error shows a value.
impl<'de> Deserialize<'de> for EndCall {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = |what: &str| D::Error::custom(format!("endCall: {what}"));
        let arguments = match Value::deserialize(deserializer)? {
            Value::Array(arguments) if (1..=4).contains(&arguments.len()) => arguments,
            _ => return Err(expected("a list of one to four arguments is expected")),
        };
        let mut arguments = arguments.into_iter();
        let id = CallId::deserialize(arguments.next().unwrap_or_default())
            .map_err(|_| expected("`id` is not text or an integer"))?;
        let mut end = Self::builder(id);
        match arguments.next() {
            None | Some(Value::Null) => {}
            Some(code) => {
                let code = code.as_u64().ok_or_else(|| expected("`code` is not an integer"))?;
                end = end.code(u16::try_from(code).unwrap_or(u16::MAX));
            }
        }
        match arguments.next() {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => end = end.text(&text),
            Some(_) => return Err(expected("`expl` is not text")),
        }
        match arguments.next() {
            None | Some(Value::Null) => {}
            Some(Value::Bool(forced)) => end = end.forced(forced),
            Some(_) => return Err(expected("`forced` is not true or false")),
        }
        end.build().map_err(D::Error::custom)
    }
}
