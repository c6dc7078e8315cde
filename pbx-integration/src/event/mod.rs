//! Live events: `ongroup` and `onagent` (§3 to §5).

mod agent;
mod agent_event;
mod call_state;
mod check;
mod domain;
mod group;
mod group_event;
mod key;
mod party;
mod reason;
mod timestamps;

pub use agent::{Agent, AgentKey};
pub use agent_event::AgentEvent;
pub use call_state::{CallState, Phase};
pub use domain::{Domain, DomainObject};
pub use group::{Group, GroupKind, GroupRef};
pub use group_event::GroupEvent;
pub use key::{LiveCalls, LiveDelivery, LiveKey};
pub use party::Party;
pub use reason::Reason;
pub use timestamps::Timestamps;

pub(crate) use domain::domain;
