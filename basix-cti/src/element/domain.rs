//! The PBX domain.

use super::scalar::Scalar;
use super::view::view;
use crate::bert::Text;

view! {
    /// The PBX domain itself. Its fields are not documented; the accessors are for those that other
    /// elements have too, the rest is in [`record`](Self::record).
    pub struct Domain of [Domain] in DOMAIN {
        /// Identity.
        id: Scalar<'a> = "id",
        /// Name.
        name: Text<'a> = "name",
        /// The name that is shown.
        label: Text<'a> = "label",
    }
}
