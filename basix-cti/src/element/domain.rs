//! The PBX domain.

use super::scalar::Scalar;
use super::typed::typed_element;
use crate::bert::Text;

typed_element! {
    /// The PBX domain itself (B41). Its fields are not documented; the ones here are those that
    /// other elements have too, the rest is in [`record`](Self::record).
    pub struct Domain of [Domain] {
        /// Identity.
        id: Scalar<'a> = "id",
        /// Name.
        name: Text<'a> = "name",
        /// The name that is shown.
        label: Text<'a> = "label",
    }
}
