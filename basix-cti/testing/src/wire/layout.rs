//! The order of the fields on a connection.

use super::form::WireForm;
use crate::random::Random;
use crate::record::place;
use crate::record::usual_fields;
use crate::record::value::Value;
use basix_cti::ElementKind;

/// A form, and the order of the fields that it gives for every element.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layout {
    pub(super) form: WireForm,
    orders: [Vec<Column>; ElementKind::KNOWN.len()],
}

/// The use of a place in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// A field of the protocol, by its usual place.
    Field(usize),
    /// An unknown field.
    Extra(u8),
}

const EXTRA: &str = "x_extra_";

impl Column {
    pub(super) fn name(self, kind: ElementKind) -> String {
        match self {
            Self::Field(at) => usual_fields(kind).get(at).copied().unwrap_or_default().to_owned(),
            Self::Extra(number) => format!("{EXTRA}{number}"),
        }
    }
}

impl Layout {
    pub(crate) fn new(form: WireForm) -> Self {
        let mut random = form.order.map(Random::new);
        let orders = ElementKind::KNOWN.map(|kind| {
            let usual = (0..usual_fields(kind).len()).map(Column::Field);
            let mut order: Vec<_> =
                usual.chain((0..form.extra_fields).map(Column::Extra)).collect();
            if let Some(random) = &mut random {
                random.shuffle(&mut order);
            }
            order
        });
        Self { form, orders }
    }

    pub(crate) const fn form(&self) -> &WireForm {
        &self.form
    }

    pub(super) fn order(&self, kind: ElementKind) -> &[Column] {
        place(kind).and_then(|index| self.orders.get(index)).map_or(&[], Vec::as_slice)
    }

    /// Puts the fields of one element into another order.
    pub(crate) fn reorder(&mut self, kind: ElementKind, random: &mut Random) {
        if let Some(order) = place(kind).and_then(|index| self.orders.get_mut(index)) {
            random.shuffle(order);
        }
    }
}

/// The number of an unknown field; `None` for other fields.
pub(crate) fn is_extra(name: &str) -> Option<u8> {
    name.strip_prefix(EXTRA)?.parse().ok()
}

/// The value of an unknown field in the record with this key.
pub(crate) fn extra_value(number: u8, key: &str) -> Value<'_> {
    match number % 3 {
        0 => Value::Tuple(vec![
            Value::word("seen"),
            Value::Integer(number.into()),
            Value::Text(key.into()),
        ]),
        1 => Value::List(vec![Value::Integer(-1), Value::Float(0.5), Value::Bool(true)]),
        _ => Value::Integer(i64::MIN + i64::from(number)),
    }
}
