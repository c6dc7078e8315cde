//! Terms as test data, and their bytes. Written apart from the crate's encoder, so that a mistake
//! in one shows in the other.

/// A term, and which of its wire forms it has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Integer(i64),
    Float(f64),
    Atom(String),
    Binary(Vec<u8>),
    /// STRING; NIL if it has no bytes.
    String(Vec<u8>),
    /// LIST, also of small integers; NIL if it has no elements.
    List(Vec<Self>),
    Tuple(Vec<Self>),
    /// The bytes of one term, or what claims to be one.
    Wire(Vec<u8>),
}

pub(crate) fn int(value: i64) -> Value {
    Value::Integer(value)
}

pub(crate) fn atom(name: &str) -> Value {
    Value::Atom(name.into())
}

pub(crate) fn binary(bytes: impl AsRef<[u8]>) -> Value {
    Value::Binary(bytes.as_ref().into())
}

pub(crate) fn string(bytes: impl AsRef<[u8]>) -> Value {
    Value::String(bytes.as_ref().into())
}

pub(crate) fn list(values: impl IntoIterator<Item = Value>) -> Value {
    Value::List(values.into_iter().collect())
}

pub(crate) fn tuple(values: impl IntoIterator<Item = Value>) -> Value {
    Value::Tuple(values.into_iter().collect())
}

pub(crate) fn nil() -> Value {
    list([])
}

pub(crate) fn undefined() -> Value {
    atom("undefined")
}

/// `{bert,nil}`, `{bert,true}`, `{bert,false}`.
pub(crate) fn bert(name: &str) -> Value {
    tuple([atom("bert"), atom(name)])
}

/// A LIST of code points, also where Erlang would send a STRING.
pub(crate) fn charlist(text: &str) -> Value {
    list(text.chars().map(|char| int(u32::from(char).into())))
}

/// A big integer by its magnitude, low byte first.
pub(crate) fn big(negative: bool, magnitude: &[u8]) -> Value {
    let len = u8::try_from(magnitude.len()).unwrap();
    Value::Wire([&[110, len, negative.into()], magnitude].concat())
}

// A name in every form that text has (B16), with all four tags of atoms.
pub(crate) fn text_forms(name: &str) -> [Value; 6] {
    let short = u8::try_from(name.len()).unwrap();
    let atom = |head: &[u8]| Value::Wire([head, name.as_bytes()].concat());
    [
        atom(&[100, 0, short]),
        atom(&[115, short]),
        atom(&[118, 0, short]),
        atom(&[119, short]),
        binary(name),
        string(name),
    ]
}

impl Value {
    /// The message that is this term.
    pub(crate) fn message(&self) -> Vec<u8> {
        let mut out = vec![131];
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut Vec<u8>) {
        let count = |values: &[Self]| u32::try_from(values.len()).unwrap().to_be_bytes();
        match self {
            Self::Integer(value) => integer(*value, out),
            Self::Float(value) => {
                out.push(70);
                out.extend(value.to_be_bytes());
            }
            Self::Atom(name) => {
                out.push(118);
                out.extend(u16::try_from(name.len()).unwrap().to_be_bytes());
                out.extend(name.as_bytes());
            }
            Self::Binary(bytes) => {
                out.push(109);
                out.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
                out.extend(bytes);
            }
            Self::String(bytes) if bytes.is_empty() => out.push(106),
            Self::String(bytes) => {
                out.push(107);
                out.extend(u16::try_from(bytes.len()).unwrap().to_be_bytes());
                out.extend(bytes);
            }
            Self::List(values) if values.is_empty() => out.push(106),
            Self::List(values) => {
                out.push(108);
                out.extend(count(values));
                values.iter().for_each(|value| value.write(out));
                out.push(106);
            }
            Self::Tuple(values) => {
                match u8::try_from(values.len()) {
                    Ok(arity) => out.extend([104, arity]),
                    Err(_) => {
                        out.push(105);
                        out.extend(count(values));
                    }
                }
                values.iter().for_each(|value| value.write(out));
            }
            Self::Wire(bytes) => out.extend(bytes),
        }
    }
}

fn integer(value: i64, out: &mut Vec<u8>) {
    if let Ok(small) = u8::try_from(value) {
        out.extend([97, small]);
    } else if let Ok(medium) = i32::try_from(value) {
        out.push(98);
        out.extend(medium.to_be_bytes());
    } else {
        let magnitude = value.unsigned_abs().to_le_bytes();
        let len = 8 - value.unsigned_abs().leading_zeros() as usize / 8;
        out.extend([110, len as u8, u8::from(value < 0)]);
        out.extend(&magnitude[..len]);
    }
}
