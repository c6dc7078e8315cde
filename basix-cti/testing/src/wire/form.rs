//! The wire forms in which the PBX may write.

use crate::random::Random;
use crate::record::value::Value;
use basix_cti::bert::{AtomForm, Encoder, FloatForm};

/// The wire form of a connection. All forms are legal and mean the same.
///
/// The default is what the vendor's JavaScript client reads: atoms of Latin-1, floats as text, names
/// of elements as STRING, other text as binaries, and records as tuples with no unknown fields. A
/// PBX on a newer Erlang, which that client cannot read, writes
/// `WireForm::default().with_atoms(AtomForm::Utf8).with_floats(FloatForm::Ieee)`.
///
/// ```
/// use basix_cti_testing::{TextForm, WireForm};
/// use basix_cti::bert::AtomForm;
///
/// let newer = WireForm::default().with_atoms(AtomForm::Utf8).with_text(TextForm::String);
/// assert_ne!(newer, WireForm::default());
/// // Everything at once, by chance that repeats itself.
/// assert_eq!(WireForm::varied(7), WireForm::varied(7));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WireForm {
    /// The form of atoms.
    pub atoms: AtomForm,
    /// The form of floats.
    pub floats: FloatForm,
    /// The form of words of a fixed set, such as `inbound`; atoms by default.
    pub words: Option<TextForm>,
    /// The form of other text; binaries by default.
    pub text: Option<TextForm>,
    /// The form of the names of elements; STRING by default.
    pub names: Option<TextForm>,
    /// The form of records.
    pub records: RecordForm,
    /// The seed of the order of the fields; `None` for the usual order.
    pub order: Option<u64>,
    /// Number of unknown fields in each record.
    pub extra_fields: u8,
    /// True to send an element that is outside the protocol.
    pub unknown_elements: bool,
    /// The seed of mixed forms.
    pub seed: u64,
}

/// The form of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TextForm {
    /// As an atom, unless it is too long or a word with another meaning; then as a binary.
    Atom,
    /// As a binary of UTF-8.
    Binary,
    /// As a STRING of UTF-8.
    String,
    /// As Erlang's list of code points, which is a STRING where all are below 256.
    CharList,
    /// In all of these, at random.
    Mixed,
}

/// The form of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordForm {
    /// As tuples.
    #[default]
    Tuple,
    /// As lists.
    List,
    /// As both, some with surplus values at the end or without trailing missing values.
    Mixed,
}

impl Default for WireForm {
    fn default() -> Self {
        Self {
            // Tags 118, 119 and 70 throw in the vendor's client (Q10, Q11).
            atoms: AtomForm::Latin1,
            floats: FloatForm::Text,
            words: None,
            text: None,
            names: None,
            records: RecordForm::Tuple,
            order: None,
            extra_fields: 0,
            unknown_elements: false,
            seed: 0,
        }
    }
}

impl WireForm {
    /// A random mix of all legal forms.
    #[must_use]
    pub fn varied(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut mixed = |usual| if random.once_in(2) { Some(TextForm::Mixed) } else { usual };
        let (words, text, names) = (mixed(None), mixed(Some(TextForm::String)), mixed(None));
        Self {
            atoms: if random.once_in(2) { AtomForm::Latin1 } else { AtomForm::Utf8 },
            floats: if random.once_in(2) { FloatForm::Text } else { FloatForm::Ieee },
            words,
            text,
            names,
            records: if random.once_in(2) { RecordForm::Mixed } else { RecordForm::Tuple },
            order: Some(random.number()),
            extra_fields: random.below(4) as u8,
            unknown_elements: random.once_in(2),
            seed,
        }
    }

    /// Sets the form of atoms.
    #[must_use]
    pub fn with_atoms(self, atoms: AtomForm) -> Self {
        Self { atoms, ..self }
    }

    /// Sets the form of floats.
    #[must_use]
    pub fn with_floats(self, floats: FloatForm) -> Self {
        Self { floats, ..self }
    }

    /// Sets the form of text.
    #[must_use]
    pub fn with_text(self, text: TextForm) -> Self {
        Self { text: Some(text), ..self }
    }

    /// Sets the form of words of a fixed set.
    #[must_use]
    pub fn with_words(self, words: TextForm) -> Self {
        Self { words: Some(words), ..self }
    }

    /// Sets the form of element names.
    #[must_use]
    pub fn with_names(self, names: TextForm) -> Self {
        Self { names: Some(names), ..self }
    }

    /// Sets the form of records.
    #[must_use]
    pub fn with_records(self, records: RecordForm) -> Self {
        Self { records, ..self }
    }

    /// Sets the seed of the order of the fields.
    #[must_use]
    pub fn with_order(self, seed: u64) -> Self {
        Self { order: Some(seed), ..self }
    }

    /// Sets the number of unknown fields.
    #[must_use]
    pub fn with_extra_fields(self, extra_fields: u8) -> Self {
        Self { extra_fields, ..self }
    }

    /// Adds an unknown element.
    #[must_use]
    pub fn with_unknown_elements(self) -> Self {
        Self { unknown_elements: true, ..self }
    }

    pub(super) fn encoder(&self) -> Encoder {
        Encoder::new().with_atoms(self.atoms).with_floats(self.floats)
    }

    /// Writes the name of an element or an event.
    pub(super) fn name(&self, encoder: &mut Encoder, name: &str, random: &mut Random) {
        text(encoder, name, self.names.unwrap_or(TextForm::String), random);
    }

    pub(super) fn value(&self, encoder: &mut Encoder, value: &Value<'_>, random: &mut Random) {
        match value {
            Value::None if self.text == Some(TextForm::Mixed) && random.once_in(2) => {
                encoder.tuple(2).atom("bert").atom("nil");
            }
            Value::None => {
                encoder.atom("undefined");
            }
            Value::Integer(integer) => {
                encoder.integer(*integer);
            }
            Value::Float(float) => {
                encoder.float(*float);
            }
            Value::Bool(truth) if self.text == Some(TextForm::Mixed) && random.once_in(2) => {
                encoder.tuple(2).atom("bert").atom(if *truth { "true" } else { "false" });
            }
            Value::Bool(truth) => {
                encoder.atom(if *truth { "true" } else { "false" });
            }
            Value::Word(word) => {
                text(encoder, word, self.words.unwrap_or(TextForm::Atom), random);
            }
            Value::Text(words) => {
                text(encoder, words, self.text.unwrap_or(TextForm::Binary), random);
            }
            Value::Tuple(parts) => {
                encoder.tuple(parts.len());
                parts.iter().for_each(|part| self.value(encoder, part, random));
            }
            Value::List(parts) => {
                encoder.list(parts.len());
                parts.iter().for_each(|part| self.value(encoder, part, random));
            }
        }
    }
}

fn text(encoder: &mut Encoder, text: &str, form: TextForm, random: &mut Random) {
    let form = match form {
        TextForm::Mixed => match random.below(4) {
            0 => TextForm::Atom,
            1 => TextForm::Binary,
            2 => TextForm::String,
            _ => TextForm::CharList,
        },
        form => form,
    };
    match form {
        TextForm::Atom if may_be_atom(text) => encoder.atom(text),
        TextForm::String => encoder.string(text),
        TextForm::CharList if may_be_charlist(text) => encoder.charlist(text),
        _ => encoder.binary(text),
    };
}

/// Returns whether an atom of this name is text.
fn may_be_atom(text: &str) -> bool {
    !matches!(text, "undefined" | "true" | "false") && text.chars().nth(255).is_none()
}

/// Returns whether a reader gets the text back: a STRING whose bytes happen to be UTF-8 is read as
/// UTF-8.
fn may_be_charlist(text: &str) -> bool {
    let bytes: Result<Vec<u8>, _> =
        text.chars().map(|char| u8::try_from(u32::from(char))).collect();
    text.is_ascii() || bytes.map_or(true, |bytes| std::str::from_utf8(&bytes).is_err())
}
