//! SIP terminals.

use super::id::UserId;
use super::scalar::Scalar;
use super::view::view;
use crate::bert::Text;

view! {
    /// A SIP terminal. The vendor documents no types.
    pub struct Terminal of [Terminal] in TERMINAL {
        /// Identity.
        id: Scalar<'a> = "id",
        /// Name.
        name: Text<'a> = "name",
        /// The user it belongs to.
        assoc_user_id: Option<UserId> = "assoc_user_id",
        /// Kind of terminal.
        terminal_type: Scalar<'a> = "type",
        /// User-Agent of the terminal.
        user_agent: Text<'a> = "user_agent",
        /// True if it is registered.
        is_registered: Option<bool> = "registered",
    }
}
