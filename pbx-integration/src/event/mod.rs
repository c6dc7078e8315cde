//! Live events: `ongroup` and `onagent`, and the tenant.

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

pub use self::agent::{Agent, AgentKey};
pub use self::agent_event::AgentEvent;
pub use self::call_state::{CallState, Phase};
pub use self::domain::{AsTenant, Domain, DomainObject, Tenant};
pub use self::group::{Group, GroupKind};
pub use self::group_event::GroupEvent;
pub use self::key::LiveKey;
pub use self::party::Party;
pub use self::reason::Reason;
pub use self::timestamps::Timestamps;

pub(crate) use self::domain::comparable;
