//! The JSON view of a term: `Serialize` for [`Term`].

use std::cell::Cell;

use serde::ser::{Error, Serialize, SerializeMap, SerializeSeq, SerializeTuple, Serializer};

use super::super::error::Fail;
use super::super::number::Integer;
use super::super::reader::{self, Head};
use super::super::tag;
use super::super::term::Term;
use super::super::text::Text;
use super::super::walk;
use super::objects::{Objects, key_text};

/// Containers inside one another that are shown as such. The serializer recurses, so the bound is
/// fixed, and independent of [`Limits::depth`](super::super::Limits::depth).
const DEPTH: u32 = 256;

/// The term as JSON.
///
/// | term | JSON |
/// |---|---|
/// | `undefined`, `{bert,nil}` | null |
/// | `true`, `false`, `{bert,true}`, `{bert,false}` | boolean |
/// | other atom, binary, STRING | string |
/// | integer | number; outside -2^63 … 2^64-1 a string with the text of [`Integer`] |
/// | float | number |
/// | tuple, LIST, NIL | array |
/// | improper list | array, the tail last |
/// | map | object if all keys are different texts, else array of `[key, value]` |
/// | bit string, pid, port, reference, export, fun | string in Erlang syntax |
/// | containers deeper than 256 levels | string in Erlang syntax |
///
/// A STRING is text here and a LIST is not, though Erlang and [`Term::value`] take both for lists.
/// As the key of a map, a list that Erlang would write as a STRING is text in either form.
///
/// Takes linear time. It recurses up to 256 levels and needs a stack of about 100 KiB for them.
///
/// ```
/// let term = basix_cti::bert::decode(b"\x83h\x03d\0\x04parkb\0\0\x03\x85d\0\x09undefined")?;
/// assert_eq!(serde_json::to_string(&term)?, r#"["park",901,null]"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Serialize for Term<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.wire() {
            Some(wire) => Json::new(wire, DEPTH, &Objects::default()).serialize(serializer),
            None => self.as_i64().unwrap_or_default().serialize(serializer),
        }
    }
}

/// The checked term at the front of `start`. Serializing it also finds where it ends, so that a
/// container need not look for its next element.
struct Json<'a, 'o> {
    start: &'a [u8],
    /// Levels of containers that may be opened.
    depth: u32,
    objects: &'o Objects,
    after: Cell<Option<&'a [u8]>>,
}

impl<'a, 'o> Json<'a, 'o> {
    const fn new(start: &'a [u8], depth: u32, objects: &'o Objects) -> Self {
        Self { start, depth, objects, after: Cell::new(None) }
    }

    /// Returns the bytes after the term. Searches for them only if the serializer skips elements.
    fn after(&self) -> &'a [u8] {
        self.after
            .get()
            .or_else(|| Term::take(self.start).map(|(_, rest)| rest))
            .unwrap_or_default()
    }

    /// Calls `show` for `count` terms from `rest` on and returns the bytes after them.
    fn each<E>(
        &self,
        count: u32,
        mut rest: &'a [u8],
        mut show: impl FnMut(&Self) -> Result<(), E>,
    ) -> Result<&'a [u8], E> {
        for _ in 0..count {
            let element = Self::new(rest, self.depth - 1, self.objects);
            show(&element)?;
            rest = element.after();
        }
        Ok(rest)
    }

    #[inline(never)]
    fn in_erlang_syntax<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some((term, after)) = Term::take(self.start) else {
            return serializer.serialize_unit();
        };
        self.after.set(Some(after));
        serializer.collect_str(&term)
    }

    fn tuple<S: Serializer>(
        &self,
        arity: u32,
        rest: &'a [u8],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(arity as usize))?;
        let rest = self.each(arity, rest, |element| seq.serialize_element(element))?;
        self.after.set(Some(rest));
        seq.end()
    }

    /// `count` elements and the tail, which may be more of the list.
    fn list<S: Serializer>(
        &self,
        mut count: u32,
        mut rest: &'a [u8],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(None)?;
        loop {
            rest = self.each(count, rest, |element| seq.serialize_element(element))?;
            match read(rest) {
                Ok((Head::List(more), after)) => (count, rest) = (more, after),
                Ok((Head::Nil, after)) => {
                    rest = after;
                    break;
                }
                Ok((Head::String(bytes), after)) => {
                    bytes.iter().try_for_each(|byte| seq.serialize_element(byte))?;
                    rest = after;
                    break;
                }
                _ => {
                    rest = self.each(1, rest, |tail| seq.serialize_element(tail))?;
                    break;
                }
            }
        }
        self.after.set(Some(rest));
        seq.end()
    }

    fn map<S: Serializer>(
        &self,
        pairs: u32,
        rest: &'a [u8],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        if pairs > 0 && !self.objects.contains(self.start) {
            let mut seq = serializer.serialize_seq(Some(pairs as usize))?;
            let mut rest = rest;
            for _ in 0..pairs {
                let pair = Pair { map: self, start: rest, after: Cell::new(rest) };
                seq.serialize_element(&pair)?;
                rest = pair.after.get();
            }
            self.after.set(Some(rest));
            return seq.end();
        }
        let mut map = serializer.serialize_map(Some(pairs as usize))?;
        let mut rest = rest;
        for _ in 0..pairs {
            if let Some((key, after)) = key_text(rest) {
                map.serialize_key(&*key)?;
                rest = after;
            }
            rest = self.each(1, rest, |value| map.serialize_value(value))?;
        }
        self.after.set(Some(rest));
        map.end()
    }
}

impl Serialize for Json<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (head, rest) = read(self.start).map_err(|fail| S::Error::custom(fail.kind))?;
        // As for the decoder, an empty container is not a level.
        let container = matches!(head, Head::Tuple(1..) | Head::List(_) | Head::Map(1..));
        if container && self.depth == 0 {
            return self.in_erlang_syntax(serializer);
        }
        self.after.set(Some(rest));
        match head {
            Head::Integer(integer) => show_integer(integer, serializer),
            Head::Float(float) => serializer.serialize_f64(float),
            Head::Atom(name) => show_atom(name, serializer),
            Head::Binary(_, text) => text.serialize(serializer),
            Head::String(_) => {
                Text::from_wire(reader::between(self.start, rest)).serialize(serializer)
            }
            Head::Nil => serializer.serialize_seq(Some(0))?.end(),
            Head::Tuple(arity) => match reader::bert_constant(arity, rest) {
                Some((name, rest)) => {
                    self.after.set(Some(rest));
                    if name.is_word("nil") {
                        serializer.serialize_unit()
                    } else {
                        show_atom(name, serializer)
                    }
                }
                None => self.tuple(arity, rest, serializer),
            },
            // A LIST without elements stands for its tail.
            Head::List(0) if !matches!(rest, [tag::NIL, ..]) => {
                let tail = Self::new(walk::strip(rest), self.depth, self.objects);
                let shown = tail.serialize(serializer)?;
                self.after.set(Some(tail.after()));
                Ok(shown)
            }
            Head::List(count) => self.list(count, rest, serializer),
            Head::Map(pairs) => self.map(pairs, rest, serializer),
            Head::Bits(..)
            | Head::Pid(_)
            | Head::Port(_)
            | Head::Reference(_)
            | Head::Export(_)
            | Head::Fun(_) => self.in_erlang_syntax(serializer),
        }
    }
}

/// A pair of a map whose keys are not all text.
struct Pair<'j, 'a> {
    map: &'j Json<'a, 'j>,
    start: &'a [u8],
    after: Cell<&'a [u8]>,
}

impl Serialize for Pair<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pair = serializer.serialize_tuple(2)?;
        let rest = self.map.each(2, self.start, |term| pair.serialize_element(term))?;
        self.after.set(rest);
        pair.end()
    }
}

/// Not inlined, which would make every level of the recursion take more stack.
#[inline(never)]
fn read(start: &[u8]) -> Result<(Head<'_>, &[u8]), Fail> {
    reader::head::<false>(start)
}

fn show_integer<S: Serializer>(integer: Integer<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    match (integer.as_i64(), integer.as_u64()) {
        (Some(value), _) => serializer.serialize_i64(value),
        (None, Some(value)) => serializer.serialize_u64(value),
        (None, None) => serializer.collect_str(&integer),
    }
}

fn show_atom<S: Serializer>(name: Text<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    match name {
        name if name.is_word("undefined") => serializer.serialize_unit(),
        name if name.is_word("true") => serializer.serialize_bool(true),
        name if name.is_word("false") => serializer.serialize_bool(false),
        name => name.serialize(serializer),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Decoder, Encoder, Limits, decode};

    #[track_caller]
    fn assert_json(encoder: &mut Encoder, json: &str) {
        let message = encoder.finish().unwrap();
        assert_eq!(serde_json::to_string(&decode(&message).unwrap()).unwrap(), json);
    }

    // B18
    #[test]
    fn no_value_and_truth_values_are_null_and_booleans() {
        let mut encoder = Encoder::new();
        encoder.list(6).atom("undefined").tuple(2).atom("bert").atom("nil").atom("true");
        encoder.tuple(2).atom("bert").atom("false").tuple(2).atom("bert").atom("other").nil();
        assert_json(&mut encoder, r#"[null,null,true,false,["bert","other"],[]]"#);
    }

    // B16, B17
    #[test]
    fn atom_binary_and_string_are_text() {
        let mut encoder = Encoder::new();
        encoder.tuple(5).atom("café").binary("café").string("café").string(b"caf\xe9").binary("");
        assert_json(&mut encoder, r#"["café","café","café","café",""]"#);
    }

    // B25
    #[test]
    fn integers_outside_64_bits_are_strings_of_digits() {
        let two_64 = super::Integer::from_sign_magnitude(false, &[0, 0, 0, 0, 0, 0, 0, 0, 1]);
        let u64_max = super::Integer::from_sign_magnitude(false, &[255; 8]);
        let below = super::Integer::from_sign_magnitude(true, &[1, 0, 0, 0, 0, 0, 0, 128]);
        let mut encoder = Encoder::new();
        encoder.tuple(5).integer(i64::MIN).any_integer(below).any_integer(u64_max);
        encoder.any_integer(two_64).float(-0.5);
        assert_json(
            &mut encoder,
            r#"[-9223372036854775808,"-9223372036854775809",18446744073709551615,"18446744073709551616",-0.5]"#,
        );
    }

    #[test]
    fn improper_and_chained_lists_are_arrays() {
        let mut encoder = Encoder::new();
        encoder.tuple(2).improper_list(1).integer(1).improper_list(1).integer(2).atom("tail");
        encoder.improper_list(1).atom("a").string("bc");
        assert_json(&mut encoder, r#"[[1,2,"tail"],["a",98,99]]"#);
    }

    #[test]
    fn maps_are_objects_only_when_every_key_is_text() {
        let mut encoder = Encoder::new();
        encoder.tuple(2).map(2).atom("undefined").map(1).string("k").nil().binary("b").integer(1);
        encoder.map(2).integer(1).tuple(0).atom("a").atom("undefined");
        assert_json(&mut encoder, r#"[{"undefined":{"k":[]},"b":1},[[1,[]],["a",null]]]"#);
    }

    #[test]
    fn what_json_cannot_spell_is_shown_in_erlang_syntax() {
        let mut encoder = Encoder::new();
        encoder.list(2).bits(&[5, 160], 3).atom("next");
        assert_json(&mut encoder, r#"["<<5,5:3>>","next"]"#);
    }

    #[test]
    fn what_is_nested_deeper_than_256_levels_is_shown_in_erlang_syntax() {
        let mut message = vec![131];
        message.extend([104, 1].repeat(300));
        message.push(106);
        let limits = Limits::default().with_depth(600);
        let shown =
            serde_json::to_string(&Decoder::new().with_limits(limits).decode(&message).unwrap());
        let inner = format!("\"{}[]{}\"", "{".repeat(44), "}".repeat(44));
        let expected = format!("{}{inner}{}", "[".repeat(256), "]".repeat(256));
        assert_eq!(shown.unwrap(), expected);
    }

    #[test]
    fn a_map_whose_keys_are_one_text_in_two_forms_is_an_array() {
        let mut encoder = Encoder::new();
        encoder.map(2).atom("a").integer(1).binary("a").integer(2);
        assert_json(&mut encoder, r#"[["a",1],["a",2]]"#);
    }

    #[test]
    fn the_spelling_of_a_key_does_not_matter() {
        let shown = |message: &[u8]| serde_json::to_string(&decode(message).unwrap()).unwrap();
        // <<"a">> behind a LIST without elements.
        assert_eq!(shown(b"\x83t\0\0\0\x01l\0\0\0\0m\0\0\0\x01aa\x02"), r#"{"a":2}"#);
        // "ab" as STRING, as LIST, and in two LISTs.
        assert_eq!(shown(b"\x83t\0\0\0\x01k\0\x02aba\x02"), r#"{"ab":2}"#);
        assert_eq!(shown(b"\x83t\0\0\0\x01l\0\0\0\x02aaabja\x02"), r#"{"ab":2}"#);
        assert_eq!(shown(b"\x83t\0\0\0\x01l\0\0\0\x01aal\0\0\0\x01abja\x02"), r#"{"ab":2}"#);
        // [] as NIL and as STRING.
        assert_eq!(shown(b"\x83t\0\0\0\x01ja\x02"), "[[[],2]]");
        assert_eq!(shown(b"\x83t\0\0\0\x01k\0\0a\x02"), r#"[["",2]]"#);
    }
}
