//! The columns of an element's records, learnt from `field_spec` at run time (B30, B31).

use std::fmt;

use super::kind::ElementKind;
use crate::bert::Text;

/// The order of the fields in the records of one element.
///
/// Belongs to one connection (B86). Records that are kept share it.
#[derive(Clone, PartialEq, Eq)]
pub struct Schema {
    /// Place of the element in [`ElementKind::KNOWN`], or its name.
    element: Result<usize, Box<str>>,
    columns: Box<[Column]>,
    /// Which field of the typed element each column is; [`Column::OTHER`] for none.
    plan: Box<[u8]>,
    habitual: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: Box<str>,
    /// Which field of the typed element this is, by its place there.
    pub(crate) field: u8,
    pub(crate) view: View,
    /// Whether a later column has the same name, which wins (B31).
    pub(crate) shadowed: bool,
}

impl Column {
    /// The number of a column that no typed field stands for.
    pub(crate) const OTHER: u8 = u8::MAX;
}

/// How the value of a column is shown as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// As any term (B25).
    Generic,
    /// As a value that takes lists of code points as text (B26).
    Scalar,
    State,
    Target,
    OtherInfo,
    EndUser,
    Origination,
    Tags,
    Avatar,
}

impl Schema {
    /// The schema of the element, from names in their order on the wire. `column` tells how each
    /// name is read; `habitual` is the number of fields that the typed element reads in one go when
    /// they come in their usual order.
    pub(crate) fn new(
        element: ElementKind<'_>,
        names: Vec<Box<str>>,
        column: impl Fn(&str) -> (u8, View),
        habitual: usize,
    ) -> Self {
        let mut seen = std::collections::HashSet::new();
        let mut last: Vec<bool> = names.iter().rev().map(|name| seen.insert(&**name)).collect();
        last.reverse();
        let columns: Box<[Column]> = names
            .iter()
            .zip(last)
            .map(|(name, last)| {
                let (field, view) = column(name);
                let field = if last { field } else { Column::OTHER };
                Column { name: name.clone(), field, view, shadowed: !last }
            })
            .collect();
        let plan: Box<[u8]> = columns.iter().map(|column| column.field).collect();
        let habitual = habitual > 0
            && plan.len() == habitual
            && plan.iter().enumerate().all(|(at, field)| usize::from(*field) == at);
        let element = element.index().ok_or_else(|| element.to_str().into());
        Self { element, columns, plan, habitual }
    }

    /// The element whose records these are.
    #[must_use]
    pub fn element_name(&self) -> &str {
        match &self.element {
            Ok(index) => {
                let kind = ElementKind::KNOWN.get(*index);
                kind.and_then(|kind| kind.known_word()).unwrap_or_default()
            }
            Err(name) => name,
        }
    }

    /// The element, if this crate knows it.
    #[must_use]
    pub fn known_element(&self) -> Option<ElementKind<'static>> {
        self.known_index().and_then(|index| ElementKind::KNOWN.get(index).copied())
    }

    pub(crate) fn known_index(&self) -> Option<usize> {
        self.element.as_ref().ok().copied()
    }

    /// The names as announced, repeated ones included.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.columns.iter().map(|column| &*column.name)
    }

    /// The place of a field in a record; of the last one if a name was announced twice (B31).
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().rposition(|column| &*column.name == name)
    }

    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn plan(&self) -> &[u8] {
        &self.plan
    }

    /// Whether the fields are those of the typed element, in the usual order.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn is_habitual(&self) -> bool {
        self.habitual
    }

    /// The bytes that the schema takes, about.
    pub(crate) fn size(&self) -> usize {
        let names: usize = self.columns.iter().map(|column| column.name.len()).sum();
        names + self.columns.len() * (size_of::<Column>() + 1) + size_of::<Self>()
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.element_name())?;
        f.debug_list().entries(self.names()).finish()
    }
}

/// Names in a `field_spec`, as text.
pub(crate) fn owned_name(text: Text<'_>) -> Box<str> {
    text.to_str().into()
}
