//! Starting a call without a script, by the PBX's page for clicks.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Uri};
use md5::{Digest as _, Md5};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use super::call_id::CallId;
use super::contract::CallControl;
use super::end_call::EndCall;
use super::error::ControlError;
use super::start_call::StartCall;
use super::transport::HttpTransport;
use crate::settings::Secret;

/// Characters that stand in a query without an escape.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The time that a request stays valid.
const DEFAULT_VALIDITY: Duration = Duration::from_secs(60);

/// Starts calls of one extension by the page `remote_call.htm` of the PBX.
///
/// The page takes a user and a destination and returns no id, so that a call with `from`, `ani`, `timeout` or `connect`
/// is unsupported, and so is ending one. The PBX asks for MD5; everyone who sees a request can repeat it while it is
/// valid.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use pbx_integration::control::ClickToDial;
/// use pbx_integration::{Secret, StartCall};
///
/// let dial = ClickToDial::new("https://pbx.example.com", Secret::new("k9-Lamp-Otter"))?;
/// let call = StartCall::builder("tenant1.example.com", "+12025550123").user("41@tenant1.example.com").build()?;
/// let request = dial.request(&call, UNIX_EPOCH + Duration::from_secs(1_764_064_800))?;
/// assert!(request.url().starts_with("https://pbx.example.com/remote_call.htm?user=41%40tenant1.example.com&"));
/// assert!(format!("{request}").ends_with("&auth=…"));
/// # Ok::<(), pbx_integration::control::ControlError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ClickToDial {
    pbx: String,
    password: Secret,
    validity: Duration,
}

/// A request of a [`ClickToDial`]: a `GET` of a URL. `Display` and `Debug` do not show the hash in it.
#[derive(Clone)]
pub struct ClickRequest {
    url: Zeroizing<String>,
    /// The length of what may be shown.
    shown: usize,
}

impl ClickToDial {
    /// Clicks for a PBX, such as `https://pbx.example.com`, with the password of the extension.
    ///
    /// # Errors
    ///
    /// [`ControlError::Unreachable`] if it is no URL with `http` or `https` and a host alone.
    pub fn new(pbx: &str, password: impl Into<Secret>) -> Result<Self, ControlError> {
        let uri = pbx.parse::<Uri>().ok();
        let is_web = |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https"));
        let is_root = uri.filter(is_web).is_some_and(|uri| {
            uri.path() == "/" && uri.authority().is_some_and(|host| !host.as_str().contains('@'))
        });
        if !is_root || pbx.contains(['?', '#']) {
            return Err(ControlError::Unreachable(
                "the address of the PBX is no URL of a host".into(),
            ));
        }
        let pbx = pbx.trim_end_matches('/').to_owned();
        Ok(Self { pbx, password: password.into(), validity: DEFAULT_VALIDITY })
    }

    /// Sets how long a request stays valid, in whole seconds. Default: 60 s.
    #[must_use]
    pub const fn with_validity(mut self, validity: Duration) -> Self {
        self.validity = validity;
        self
    }

    /// The request that starts a call. The user contains the tenant, such as `41@tenant1.example.com`, on a PBX with
    /// several.
    ///
    /// # Errors
    ///
    /// [`ControlError::Unsupported`] if the call needs what the page does not take.
    // X51, X52
    pub fn request(&self, call: &StartCall, now: SystemTime) -> Result<ClickRequest, ControlError> {
        let is_plain = call.from().is_none() && call.ani().is_none() && call.is_default();
        let Some(user) = call.user().filter(|_| is_plain) else {
            let operation = "startCall with `from`, `ani`, `timeout` or `connect`";
            return Err(ControlError::Unsupported { operation });
        };
        let time = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs().to_string();
        let duration = self.validity.as_secs().to_string();
        let mut hash = Md5::new();
        // The page asks for the values themselves, not for their escaped forms.
        for part in [user, self.password.expose(), call.to(), &*time, &*duration] {
            hash.update(part.as_bytes());
        }
        let escaped = |text| utf8_percent_encode(text, ESCAPED);
        let mut url = Zeroizing::new(format!(
            "{}/remote_call.htm?user={}&extension=true&dest={}&time={time}&duration={duration}&auth=",
            self.pbx,
            escaped(user),
            escaped(call.to()),
        ));
        let shown = url.len();
        for byte in hash.finalize() {
            url.push_str(&format!("{byte:02x}"));
        }
        Ok(ClickRequest { url, shown })
    }

    /// Call control with a transport of your own.
    #[must_use]
    pub const fn over<T: HttpTransport>(self, transport: T) -> ClickCalls<T> {
        ClickCalls { dial: self, transport }
    }
}

impl ClickRequest {
    /// The URL with the hash in it. Do not log it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl fmt::Display for ClickRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.url.get(..self.shown).unwrap_or_default())
    }
}

// X53: a destination is personal, too.
impl fmt::Debug for ClickRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClickRequest").finish_non_exhaustive()
    }
}

/// Call control by clicks, made by [`ClickToDial::over`]. The id of a call is made here, because the page returns none.
#[derive(Clone, Debug)]
pub struct ClickCalls<T> {
    dial: ClickToDial,
    transport: T,
}

#[async_trait]
impl<T: HttpTransport> CallControl for ClickCalls<T> {
    async fn start_call(&self, call: &StartCall) -> Result<CallId, ControlError> {
        let now = self.transport.now();
        let request = self.dial.request(call, now)?;
        let request = Request::get(request.url()).body(Bytes::new());
        let request = request.map_err(|error| ControlError::Unreachable(error.into()))?;
        match self.transport.send(request).await?.status().as_u16() {
            200..=299 => {
                let time = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
                Ok(CallId::from(format!("click-{time}")))
            }
            code => Err(ControlError::Refused { code }),
        }
    }

    async fn end_call(&self, _: &EndCall) -> Result<(), ControlError> {
        Err(ControlError::Unsupported { operation: "endCall" })
    }
}
