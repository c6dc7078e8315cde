//! Messages, written with the crate's own encoder.

use std::sync::Arc;

use super::form::RecordForm;
use super::layout::{Column, Layout, extra_value};
use crate::random::Random;
use crate::record::Entry;
use crate::record::value::Value;
use basix_cti::ElementKind;
use basix_cti::bert::Encoder;

/// The name of the unknown element.
const UNKNOWN_ELEMENT: &str = "call_flow";

/// A missing value in place of a payload.
const NOTHING: Value<'static> = Value::None;

/// The payload of a notice.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Payload<'a> {
    /// `{system_msg, …}`.
    System(&'a str),
    /// `{msg, …}`.
    Message(&'a str),
    /// An unknown kind.
    Unknown(&'a str),
}

/// The model keeps to the encoder's rules: atoms are short, floats finite, containers full.
fn done(encoder: &mut Encoder) -> Arc<[u8]> {
    encoder.finish().unwrap_or_default().into()
}

impl Layout {
    /// `{field_spec, Element, [FieldName, …]}`.
    pub(crate) fn field_spec(&self, kind: ElementKind, random: &mut Random) -> Arc<[u8]> {
        let mut encoder = self.form.encoder();
        encoder.tuple(3).atom("field_spec");
        self.form.name(&mut encoder, kind.as_str(), random);
        let order = self.order(kind);
        encoder.list(order.len());
        for column in order {
            let name = column.name(kind);
            match self.form.names {
                Some(_) => self.form.name(&mut encoder, &name, random),
                None => {
                    encoder.atom(&name);
                }
            }
        }
        done(&mut encoder)
    }

    /// `{initial_info, Element, Records}`.
    pub(crate) fn initial_info(
        &self,
        kind: ElementKind,
        entries: &[Arc<Entry>],
        random: &mut Random,
    ) -> Arc<[u8]> {
        let mut encoder = self.form.encoder();
        encoder.tuple(3).atom("initial_info");
        self.form.name(&mut encoder, kind.as_str(), random);
        if entries.is_empty() && random.once_in(2) {
            encoder.tuple(2).atom("bert").atom("nil");
        } else {
            encoder.list(entries.len());
            entries.iter().for_each(|entry| self.record(&mut encoder, entry, random));
        }
        done(&mut encoder)
    }

    /// `{info_event, Element, Record, EventName}`.
    pub(crate) fn info_event(&self, entry: &Entry, event: &str, random: &mut Random) -> Arc<[u8]> {
        let mut encoder = self.form.encoder();
        encoder.tuple(4).atom("info_event");
        self.form.name(&mut encoder, entry.kind().as_str(), random);
        self.record(&mut encoder, entry, random);
        self.form.name(&mut encoder, event, random);
        done(&mut encoder)
    }

    fn record(&self, encoder: &mut Encoder, entry: &Entry, random: &mut Random) {
        let order = self.order(entry.kind());
        let values = entry.values();
        let key = entry.key();
        let mut record: Vec<Value<'_>> = order
            .iter()
            .map(|column| match column {
                Column::Field(at) => values.get(*at).cloned().unwrap_or(Value::None),
                Column::Extra(number) => extra_value(*number, &key),
            })
            .collect();
        let mut as_list = self.form.records == RecordForm::List;
        if self.form.records == RecordForm::Mixed {
            as_list = random.once_in(3);
            if random.once_in(4) {
                while record.len() > 2 && record.last() == Some(&Value::None) {
                    record.pop();
                }
            } else if random.once_in(6) {
                record.push(Value::Tuple(vec![Value::Integer(1)]));
            }
        }
        if as_list {
            encoder.list(record.len());
        } else {
            encoder.tuple(record.len());
        }
        record.iter().for_each(|value| self.form.value(encoder, value, random));
    }

    /// A message without a record.
    pub(crate) fn notice(&self, payload: Payload<'_>, random: &mut Random) -> Arc<[u8]> {
        let (kind, text) = match payload {
            Payload::System(text) => ("system_msg", Value::word(text)),
            Payload::Message(text) => ("msg", Value::text(text)),
            Payload::Unknown(kind) => (kind, NOTHING),
        };
        let mut encoder = self.form.encoder();
        encoder.tuple(2).atom(kind);
        self.form.value(&mut encoder, &text, random);
        done(&mut encoder)
    }

    /// Field names and records of the unknown element.
    pub(crate) fn unknown_element(&self, random: &mut Random) -> [Arc<[u8]>; 2] {
        let mut spec = self.form.encoder();
        spec.tuple(3).atom("field_spec");
        self.form.name(&mut spec, UNKNOWN_ELEMENT, random);
        spec.list(2).atom("id").atom("state");
        let mut info = self.form.encoder();
        info.tuple(3).atom("initial_info");
        self.form.name(&mut info, UNKNOWN_ELEMENT, random);
        info.list(1).tuple(2).integer(1).tuple(2).integer(5).atom("open");
        [done(&mut spec), done(&mut info)]
    }

    /// An event of the unknown element.
    pub(crate) fn unknown_event(&self, random: &mut Random) -> Arc<[u8]> {
        let mut encoder = self.form.encoder();
        encoder.tuple(4).atom("info_event");
        self.form.name(&mut encoder, UNKNOWN_ELEMENT, random);
        encoder.tuple(2).integer(random.below(9) as i64).atom("shut");
        self.form.name(&mut encoder, "updated", random);
        done(&mut encoder)
    }
}
