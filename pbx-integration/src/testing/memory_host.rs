//! A host in memory.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::control::{CallControl, CallId, ControlError, EndCall, StartCall};

/// A host that keeps calls in memory, with a clock set by the test. Share it by an `Arc` and
/// inspect it afterwards. `Debug` shows counts only.
///
/// ```
/// use std::time::Duration;
/// use pbx_integration::testing::MemoryHost;
/// use pbx_integration::{CallControl, EndCall, StartCall, control::ControlError};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let host = MemoryHost::new();
/// let call = StartCall::builder("tenant1.example.com", "+12025550123").user("41").client_token("t-1");
/// let call = call.build()?;
/// let id = host.start_call(&call).await?;
///
/// assert!(matches!(host.start_call(&call).await, Err(ControlError::Repeated)));
/// host.advance(Duration::from_secs(60));
/// host.start_call(&call).await?;
///
/// host.end_call(&EndCall::builder(id).build()?).await?;
/// assert_eq!(host.active(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct MemoryHost {
    ids: Ids,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Ids {
    #[default]
    Text,
    Integer,
}

#[derive(Default)]
struct State {
    now: Duration,
    calls: Vec<HostCall>,
    /// Client tokens, and the time until which each must not repeat.
    tokens: BTreeMap<String, Duration>,
    faults: VecDeque<ControlError>,
}

/// A call that a [`MemoryHost`] has started.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HostCall {
    /// Its id.
    pub id: CallId,
    /// The request.
    pub start: StartCall,
    /// The request that ended it, if it has ended.
    pub end: Option<EndCall>,
}

impl MemoryHost {
    /// Creates a host without calls, at time zero. Its call ids are text.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a host whose call ids are integers.
    #[must_use]
    pub fn with_integer_ids() -> Self {
        Self { ids: Ids::Integer, state: Mutex::default() }
    }

    /// Advances the time, after which client tokens expire.
    pub fn advance(&self, time: Duration) {
        let mut state = self.state();
        state.now = state.now.saturating_add(time);
    }

    /// Makes the next request fail; several calls make several fail, in order.
    pub fn fail_next(&self, error: ControlError) {
        self.state().faults.push_back(error);
    }

    /// Returns all calls, ended ones included, by start.
    #[must_use]
    pub fn calls(&self) -> Vec<HostCall> {
        self.state().calls.clone()
    }

    /// Returns the number of calls in progress.
    #[must_use]
    pub fn active(&self) -> usize {
        self.state().calls.iter().filter(|call| call.end.is_none()).count()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl CallControl for MemoryHost {
    async fn start_call(&self, call: &StartCall) -> Result<CallId, ControlError> {
        let mut state = self.state();
        if let Some(fault) = state.faults.pop_front() {
            return Err(fault);
        }
        let now = state.now;
        state.tokens.retain(|_, until| now < *until);
        if let Some(token) = call.client_token() {
            if state.tokens.contains_key(token) {
                return Err(ControlError::Repeated);
            }
            state.tokens.insert(token.to_owned(), now.saturating_add(call.timeout()));
        }
        let number = state.calls.len() as u64 + 1;
        let id = match self.ids {
            Ids::Text => CallId::from(format!("call-{number}")),
            Ids::Integer => CallId::from(number),
        };
        state.calls.push(HostCall { id: id.clone(), start: call.clone(), end: None });
        Ok(id)
    }

    async fn end_call(&self, end: &EndCall) -> Result<(), ControlError> {
        let mut state = self.state();
        if let Some(fault) = state.faults.pop_front() {
            return Err(fault);
        }
        let call = state.calls.iter_mut().find(|call| call.id == *end.id() && call.end.is_none());
        call.ok_or(ControlError::NotFound)?.end = Some(end.clone());
        Ok(())
    }
}

impl fmt::Debug for MemoryHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("MemoryHost")
            .field("ids", &self.ids)
            .field("now", &state.now)
            .field("calls", &state.calls.len())
            .finish_non_exhaustive()
    }
}
