//! Encoding decoded terms.

use super::super::container::List;
use super::super::tag;
use super::super::term::{Term, Value};
use super::super::walk::Token;
use super::Encoder;
use super::identifier::{FunHead, OpenFun};

impl Encoder {
    /// Writes a term that was decoded, in this encoder's forms and not in those of its message.
    pub fn term(&mut self, term: Term<'_>) -> &mut Self {
        self.whole(|encoder| encoder.decoded(term));
        self
    }

    fn decoded(&mut self, term: Term<'_>) {
        let mut open: Vec<Open> = Vec::new();
        let mut level = 0;
        let mut walk = term.walk();
        while let Some(token) = walk.next() {
            let innermost = open.last_mut().filter(|open| open.level == level);
            match token {
                Token::Value(value) => {
                    if let Some(Open { end: End::List { elements, tail: false, .. }, .. }) =
                        innermost
                    {
                        *elements += 1;
                    }
                    if let Value::List(list) = value {
                        if self.string_or_nil(list) {
                            walk.leave();
                            continue;
                        }
                    }
                    level += u32::from(value.is_container());
                    if let Some(end) = self.value(&value) {
                        open.push(Open { level, end });
                    }
                }
                Token::Tail => {
                    if let Some(Open { end: End::List { tail, .. }, .. }) = innermost {
                        *tail = true;
                    }
                }
                Token::End => {
                    if innermost.is_some() {
                        match open.pop().map(|open| open.end) {
                            Some(End::List { at, elements, tail }) => {
                                self.patch(at, elements);
                                self.out.extend((!tail).then_some(tag::NIL));
                            }
                            Some(End::Fun(fun)) => self.close_fun(fun),
                            None => {}
                        }
                    }
                    level -= 1;
                }
            }
        }
    }

    /// Writes a list whole, if it is empty or a STRING can hold it.
    fn string_or_nil(&mut self, list: List<'_>) -> bool {
        if list.is_empty() {
            self.nil();
            return true;
        }
        let bytes = list.to_bytes();
        if let Some(bytes) = &bytes {
            self.string(bytes);
        }
        bytes.is_some()
    }

    /// Writes a value without its contents.
    fn value(&mut self, value: &Value<'_>) -> Option<End> {
        match value {
            Value::List(_) => {
                self.head(tag::LIST, 0);
                return Some(End::List { at: self.out.len() - 4, elements: 0, tail: false });
            }
            Value::Tuple(tuple) => {
                self.tuple_head(tuple.arity());
            }
            Value::Map(map) => {
                self.head(tag::MAP, map.len());
            }
            Value::Fun(fun) => {
                return Some(End::Fun(self.fun_head(&FunHead {
                    module: &fun.module.to_str(),
                    arity: fun.arity,
                    code_checksum: fun.code_checksum,
                    index: fun.index,
                    old_index: fun.old_index,
                    old_uniq: fun.old_uniq,
                    pid: (&fun.pid.node.to_str(), fun.pid.id, fun.pid.serial, fun.pid.creation),
                    free_variables: fun.free_variables(),
                })));
            }
            Value::Integer(integer) => {
                self.any_integer(*integer);
            }
            Value::Float(float) => {
                self.float(*float);
            }
            Value::Atom(name) => {
                self.atom(&name.to_str());
            }
            Value::Binary(bytes) => {
                self.binary(bytes);
            }
            Value::Bits(bits) => {
                self.bits(&bits.bytes().collect::<Vec<_>>(), bits.last_bits());
            }
            Value::Pid(pid) => {
                self.pid(&pid.node.to_str(), pid.id, pid.serial, pid.creation);
            }
            Value::Port(port) => {
                self.port(&port.node.to_str(), port.id, port.creation);
            }
            Value::Reference(reference) => {
                let words: Vec<u32> = reference.words().collect();
                self.reference(&reference.node.to_str(), reference.creation, &words);
            }
            Value::Export(export) => {
                self.export(&export.module.to_str(), &export.function.to_str(), export.arity);
            }
        }
        None
    }
}

/// A container that has something to write when it ends.
struct Open {
    /// Containers around its terms.
    level: u32,
    end: End,
}

enum End {
    /// The number of elements is known now.
    List { at: usize, elements: u64, tail: bool },
    /// The size is known now.
    Fun(OpenFun),
}
