//! A naive model of terms, to compare the decoder's with: read from the vectors' JSON, or random.

use basix_cti::bert::{Encoder, Integer, Term, Token, Value, decode};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    /// Sign, and magnitude from the least significant byte on.
    Int(bool, Vec<u8>),
    Float(f64),
    Atom(String),
    Binary(Vec<u8>),
    /// Bytes, and how many bits of the last one count: 1 to 7.
    Bits(Vec<u8>, u8),
    List(Vec<Self>),
    Improper(Vec<Self>, Box<Self>),
    Tuple(Vec<Self>),
    Map(Vec<(Self, Self)>),
    Pid(String, u32, u32, u32),
    Port(String, u64, u32),
    Ref(String, u32, Vec<u32>),
    Export(String, String, u8),
    /// Module, arity, index and uniq.
    Fun(String, u8, u32, u32),
    /// The captured variables of a fun.
    Closure(Vec<Self>),
}

impl Tree {
    pub(crate) fn int(value: i64) -> Self {
        Self::Int(value < 0, value.unsigned_abs().to_le_bytes().to_vec())
    }

    /// Writes the term.
    pub(crate) fn write(&self, to: &mut Encoder) {
        match self {
            Self::Int(negative, magnitude) => {
                to.any_integer(Integer::from_sign_magnitude(*negative, magnitude));
            }
            Self::Float(value) => {
                to.float(*value);
            }
            Self::Atom(name) => {
                to.atom(name);
            }
            Self::Binary(bytes) => {
                to.binary(bytes);
            }
            Self::Bits(bytes, last_bits) => {
                to.bits(bytes, *last_bits);
            }
            Self::List(elements) => {
                to.list(elements.len());
                elements.iter().for_each(|element| element.write(to));
            }
            Self::Improper(elements, tail) => {
                to.improper_list(elements.len());
                elements.iter().for_each(|element| element.write(to));
                tail.write(to);
            }
            Self::Tuple(elements) => {
                to.tuple(elements.len());
                elements.iter().for_each(|element| element.write(to));
            }
            Self::Map(pairs) => {
                to.map(pairs.len());
                for (key, value) in pairs {
                    key.write(to);
                    value.write(to);
                }
            }
            Self::Pid(..)
            | Self::Port(..)
            | Self::Ref(..)
            | Self::Export(..)
            | Self::Fun(..)
            | Self::Closure(_) => {
                let message = [&[131][..], &self.wire()].concat();
                to.term(decode(&message).unwrap());
            }
        }
    }

    /// The bytes of a term that the encoder writes only from decoded terms.
    fn wire(&self) -> Vec<u8> {
        let atom =
            |name: &str| [&[118][..], &(name.len() as u16).to_be_bytes(), name.as_bytes()].concat();
        match self {
            Self::Pid(node, id, serial, creation) => {
                let numbers = [id, serial, creation].map(|number| number.to_be_bytes()).concat();
                [&[88][..], &atom(node), &numbers].concat()
            }
            Self::Port(node, id, creation) => {
                [&[120][..], &atom(node), &id.to_be_bytes(), &creation.to_be_bytes()].concat()
            }
            Self::Ref(node, creation, words) => {
                let count = (words.len() as u16).to_be_bytes();
                let words: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
                [&[90][..], &count, &atom(node), &creation.to_be_bytes(), &words].concat()
            }
            Self::Export(module, function, arity) => {
                [&[113][..], &atom(module), &atom(function), &[97, *arity]].concat()
            }
            Self::Fun(module, arity, index, uniq) => fun(&atom(module), *arity, *index, *uniq, &[]),
            Self::Closure(variables) => fun(&atom("m"), 1, 7, 9, variables),
            other => other.encode(Encoder::new())[1..].to_vec(),
        }
    }

    /// A message with the term.
    pub(crate) fn encode(&self, mut encoder: Encoder) -> Vec<u8> {
        self.write(&mut encoder);
        encoder.finish().unwrap()
    }

    /// Returns whether this is what the decoder has read, part by part and in the same order.
    pub(crate) fn is(&self, term: Term<'_>) -> bool {
        let all = |trees: &[Self], terms: &mut dyn Iterator<Item = Term<'_>>| {
            trees.iter().all(|tree| terms.next().is_some_and(|term| tree.is(term)))
        };
        match (self, term.value()) {
            (Self::Int(negative, magnitude), Value::Integer(value)) => {
                value == Integer::from_sign_magnitude(*negative, magnitude)
            }
            (Self::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Atom(a), Value::Atom(b)) => b == a.as_str(),
            (Self::Binary(a), Value::Binary(b)) => a == b,
            (Self::Bits(bytes, last_bits), Value::Bits(bits)) => {
                bits.bytes().eq(bytes.iter().copied()) && bits.last_bits() == *last_bits
            }
            (Self::List(trees), Value::List(list)) => {
                let mut terms = list.iter();
                all(trees, &mut terms) && terms.next().is_none() && list.is_proper()
            }
            (Self::Improper(trees, tail), Value::List(list)) => {
                let mut terms = list.iter();
                let elements = all(trees, &mut terms) && terms.next().is_none();
                elements && terms.tail().is_some_and(|term| tail.is(term))
            }
            (Self::Tuple(trees), Value::Tuple(tuple)) => {
                trees.len() == tuple.arity() && all(trees, &mut tuple.iter())
            }
            (Self::Map(pairs), Value::Map(map)) => {
                let pair = |tree: &(Self, Self), term: (Term<'_>, Term<'_>)| {
                    tree.0.is(term.0) && tree.1.is(term.1)
                };
                let found = |tree| map.iter().any(|term| pair(tree, term));
                pairs.len() == map.len() && pairs.iter().all(found)
            }
            (Self::Pid(node, id, serial, creation), Value::Pid(pid)) => {
                pid.node == node.as_str()
                    && (pid.id, pid.serial, pid.creation) == (*id, *serial, *creation)
            }
            (Self::Port(node, id, creation), Value::Port(port)) => {
                port.node == node.as_str() && (port.id, port.creation) == (*id, *creation)
            }
            (Self::Ref(node, creation, words), Value::Reference(reference)) => {
                reference.node == node.as_str()
                    && reference.creation == *creation
                    && reference.words().eq(words.iter().copied())
            }
            (Self::Export(module, function, arity), Value::Export(export)) => {
                export.module == module.as_str()
                    && export.function == function.as_str()
                    && export.arity == *arity
            }
            (Self::Fun(module, arity, index, uniq), Value::Fun(fun)) => {
                fun.module == module.as_str()
                    && (fun.arity, fun.index) == (*arity, *index)
                    && i64::from(fun.old_uniq) == i64::from(*uniq)
            }
            (Self::Closure(trees), Value::Fun(_)) => {
                // A fun gives its variables only to a walk.
                let mut walk = term.walk();
                walk.next();
                trees.iter().all(|tree| {
                    let message = tree.encode(Encoder::new());
                    let expected = decode(&message).unwrap().walk().count();
                    let found = walk.by_ref().take(expected).count();
                    found == expected
                }) && matches!(walk.next(), Some(Token::End))
            }
            _ => false,
        }
    }
}

/// A fun on the wire, with its captured variables.
fn fun(module: &[u8], arity: u8, index: u32, uniq: u32, variables: &[Tree]) -> Vec<u8> {
    let free = (variables.len() as u32).to_be_bytes();
    let old = [&[98][..], &index.to_be_bytes(), &[98], &uniq.to_be_bytes()].concat();
    let pid = Tree::Pid("n@h".into(), 1, 2, 3).wire();
    let head = [&[arity][..], &[5; 16], &index.to_be_bytes(), &free, module, &old, &pid].concat();
    let variables: Vec<u8> = variables.iter().flat_map(Tree::wire).collect();
    let size = (4 + head.len() + variables.len()) as u32;
    [&[112][..], &size.to_be_bytes(), &head, &variables].concat()
}

/// This many cases, the same ones in every run.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(131),
        ..ProptestConfig::default()
    }
}

/// A pid, port, reference or export. So few that equal ones are frequent.
pub(crate) fn identifier() -> impl Strategy<Value = Tree> {
    let node = || prop::sample::select(vec!["a@b", "b@b", "nonode@nohost"]).prop_map(String::from);
    prop_oneof![
        (node(), 0u32..3, 0u32..3, 0u32..2)
            .prop_map(|(n, id, serial, c)| Tree::Pid(n, id, serial, c)),
        (node(), 0u64..3, 0u32..2).prop_map(|(n, id, c)| Tree::Port(n, id << 31, c)),
        (node(), 0u32..2, prop::collection::vec(0u32..3, 1..4))
            .prop_map(|(n, c, w)| Tree::Ref(n, c, w)),
        (0u8..3).prop_map(|arity| Tree::Export("m".into(), "f".into(), arity)),
        (0u8..3, 0u32..2).prop_map(|(arity, index)| Tree::Fun("m".into(), arity, index, 7)),
    ]
}

/// Any term.
pub(crate) fn any_tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Tree::int),
        (-300i64..300).prop_map(Tree::int),
        (any::<bool>(), prop::collection::vec(any::<u8>(), 0..24)).prop_map(|(sign, magnitude)| {
            let zero = magnitude.iter().all(|byte| *byte == 0);
            Tree::Int(sign && !zero, magnitude)
        }),
        prop::num::f64::NORMAL.prop_map(Tree::Float),
        (-1000i32..1000).prop_map(|value| Tree::Float(f64::from(value) / 8.0)),
        prop::sample::select(vec!["", "undefined", "a", "A", "end", "x@y_1", "fünf", "日本", "'"])
            .prop_map(|name| Tree::Atom(name.into())),
        prop::collection::vec(any::<char>(), 0..6)
            .prop_map(|name| Tree::Atom(name.into_iter().collect())),
        prop::collection::vec(any::<u8>(), 0..12).prop_map(Tree::Binary),
        "[ -~]{0,12}".prop_map(|text| Tree::Binary(text.into_bytes())),
        (prop::collection::vec(any::<u8>(), 1..4), 1u8..8).prop_map(|(mut bytes, last_bits)| {
            if let Some(last) = bytes.last_mut() {
                *last &= 0xff << (8 - last_bits);
            }
            Tree::Bits(bytes, last_bits)
        }),
        "[ -~é]{0,12}".prop_map(|text| {
            Tree::List(text.chars().map(|char| Tree::int(u32::from(char).into())).collect())
        }),
        identifier(),
    ];
    let key = leaf.clone();
    leaf.prop_recursive(5, 40, 6, move |inner| {
        let some = prop::collection::vec(inner.clone(), 0..6);
        prop_oneof![
            some.clone().prop_map(Tree::List),
            some.clone().prop_map(Tree::Tuple),
            some.clone().prop_map(Tree::Closure),
            (some.clone(), some).prop_map(|(mut list, variables)| {
                list.push(Tree::Closure(variables));
                Tree::List(list)
            }),
            (prop::collection::vec(inner.clone(), 1..4), key.clone()).prop_map(
                |(elements, tail)| {
                    match tail {
                        Tree::List(_) => Tree::List(elements),
                        tail => Tree::Improper(elements, Box::new(tail)),
                    }
                }
            ),
            prop::collection::vec((key.clone(), inner), 0..6).prop_map(|mut pairs| {
                // Without maps in them, keys are equal when they are written alike.
                let mut seen = Vec::new();
                pairs.retain(|(key, _)| {
                    let written = key.encode(Encoder::new());
                    let new = !seen.contains(&written);
                    seen.push(written);
                    new
                });
                Tree::Map(pairs)
            }),
        ]
    })
}

/// Reads the `tree` of a vector. By hand, because one is nested deeper than `serde_json` reads.
pub(crate) fn parse(json: &str) -> Tree {
    let mut reader = Reader { rest: json };
    let tree = reader.tree();
    assert_eq!(reader.rest, "", "bytes follow the tree");
    tree
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn take(&mut self, token: &str) -> bool {
        self.rest.strip_prefix(token).map(|rest| self.rest = rest).is_some()
    }

    fn expect(&mut self, token: &str) {
        assert!(self.take(token), "{token} expected at {:.40}", self.rest);
    }

    fn string(&mut self) -> String {
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, char)| {
            let end = *char == '"' && !escaped;
            escaped = *char == '\\' && !escaped;
            end
        });
        let (string, rest) = self.rest.split_at(end.unwrap().0 + 1);
        self.rest = rest;
        serde_json::from_str(string).unwrap()
    }

    fn number<T: std::str::FromStr>(&mut self) -> T
    where
        T::Err: std::fmt::Debug,
    {
        let end = self.rest.find(|char: char| !char.is_ascii_digit()).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        number.parse().unwrap()
    }

    fn next<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        self.expect(",");
        read(self)
    }

    fn array<T>(&mut self, read: impl Fn(&mut Self) -> T) -> Vec<T> {
        self.expect("[");
        let mut items = Vec::new();
        while !self.take("]") {
            if !items.is_empty() {
                self.expect(",");
            }
            items.push(read(self));
        }
        items
    }

    fn trees(&mut self) -> Vec<Tree> {
        self.array(Self::tree)
    }

    /// Reads the contents of brackets.
    fn parts<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        self.expect("[");
        let parts = read(self);
        self.expect("]");
        parts
    }

    fn tree(&mut self) -> Tree {
        self.expect("{");
        let kind = self.string();
        self.expect(":");
        let tree = match kind.as_str() {
            "list" => Tree::List(self.trees()),
            "tuple" => Tree::Tuple(self.trees()),
            kind => self.rarer(kind),
        };
        self.expect("}");
        tree
    }

    /// Apart from [`tree`](Self::tree), which recurses and should take little stack.
    #[inline(never)]
    fn rarer(&mut self, kind: &str) -> Tree {
        match kind {
            "int" => {
                let digits = self.string();
                let negative = digits.starts_with('-');
                Tree::Int(negative, magnitude(digits.trim_start_matches('-')))
            }
            "float" => {
                let bits = u64::from_str_radix(&self.string(), 16).unwrap();
                Tree::Float(f64::from_bits(bits))
            }
            "atom" => Tree::Atom(self.string()),
            "bin" => Tree::Binary(unhex(&self.string())),
            "bits" => self.parts(|r| {
                let bytes = unhex(&r.string());
                let bits: usize = r.next(Self::number);
                Tree::Bits(bytes, (bits - 1) as u8 % 8 + 1)
            }),
            "improper" => self.parts(|r| Tree::Improper(r.trees(), Box::new(r.next(Self::tree)))),
            "map" => Tree::Map(self.array(|r| r.parts(|r| (r.tree(), r.next(Self::tree))))),
            "pid" => self.parts(|r| {
                let node = r.string();
                Tree::Pid(node, r.next(Self::number), r.next(Self::number), r.next(Self::number))
            }),
            "port" => {
                self.parts(|r| Tree::Port(r.string(), r.next(Self::number), r.next(Self::number)))
            }
            "ref" => self.parts(|r| {
                let node = r.string();
                let creation = r.next(Self::number);
                Tree::Ref(node, creation, r.next(|r| r.array(Self::number)))
            }),
            "export" => {
                self.parts(|r| Tree::Export(r.string(), r.next(Self::string), r.next(Self::number)))
            }
            "fun" => self.parts(|r| {
                let module = r.string();
                Tree::Fun(module, r.next(Self::number), r.next(Self::number), r.next(Self::number))
            }),
            other => panic!("unknown kind of tree {other}"),
        }
    }
}

pub(crate) fn unhex(hex: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap() as u8;
    hex.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

/// A decimal number in base 256, from the least significant byte on.
fn magnitude(digits: &str) -> Vec<u8> {
    let mut bytes: Vec<u8> = Vec::new();
    for digit in digits.bytes() {
        let mut carry = u32::from(digit - b'0');
        for byte in &mut bytes {
            carry += u32::from(*byte) * 10;
            *byte = carry as u8;
            carry >>= 8;
        }
        bytes.extend((carry > 0).then_some(carry as u8));
    }
    bytes
}
