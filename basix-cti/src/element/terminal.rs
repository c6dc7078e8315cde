//! SIP terminals.

use super::id::UserId;
use super::scalar::Scalar;
use super::typed::typed_element;
use crate::bert::Text;

typed_element! {
    /// A SIP terminal (section 5.6 of the protocol). The vendor documents no types.
    pub struct Terminal of [Terminal] {
        /// Identity.
        id: Scalar<'a> = "id",
        /// Name.
        name: Text<'a> = "name",
        /// The user it belongs to.
        assoc_user_id: Option<UserId> = "assoc_user_id",
        /// Kind of terminal.
        terminal_type: Scalar<'a> = "type",
        /// What the terminal calls itself.
        user_agent: Text<'a> = "user_agent",
        /// Whether it is registered.
        registered: Scalar<'a> = "registered",
    }
}
