//! Terms built to cost more than their size. Each family grows with a number.

/// A name, and a function from a number of bytes to a message of about that size.
pub(crate) type Family = (&'static str, fn(usize) -> Vec<u8>);

pub(crate) const FAMILIES: &[Family] = &[
    ("one integer", |n| integer(&vec![0xa5; n])),
    ("one integer behind zeros", |n| integer(&[&[1][..], &vec![0; n]].concat())),
    ("integers of 4 KiB", |n| list((0..n / 4096 + 1).map(|_| big(&[0xa5; 4096])))),
    ("small integers", |n| list((0..n / 5).map(|at| int(at as u32)))),
    ("bytes in a LIST", |n| list((0..n / 2).map(|_| vec![97, 65]))),
    ("empty lists", |n| list((0..n).map(|_| vec![106]))),
    ("one binary", |n| [&[131][..], &binary(&vec![65; n])].concat()),
    ("one binary of zeros", |n| [&[131][..], &binary(&vec![0; n])].concat()),
    ("one binary in Latin-1", |n| [&[131][..], &binary(&vec![0xe9; n])].concat()),
    ("STRINGs", |n| list((0..n / 1003).map(|_| string(&[65; 1000])))),
    ("code points", |n| list((0..n / 5).map(|_| int(0x65e5)))),
    ("bit strings", |n| list((0..n / 11).map(|at| bits(at as u32)))),
    ("floats as text", |n| list((0..n / 32).map(|_| float_text()))),
    ("funs", |n| list((0..n / 60).map(|at| fun(at as u32)))),
    ("a fun in a fun", |n| {
        [&[131][..], &nest(n / 60, |inner| fun_around(&inner), int(1))].concat()
    }),
    ("identifiers", |n| list((0..n / 80).map(|at| identifiers(at as u32)))),
    ("250 lists around many", |n| [&[131][..], &nest(250, list_of_one, nils(n))].concat()),
    ("250 maps of one pair around many", |n| {
        [&[131][..], &nest(250, |inner| map([(int(1), inner)]), nils(n))].concat()
    }),
    ("250 maps of two pairs around many", |n| {
        [&[131][..], &nest(250, two_pairs, nils(n))].concat()
    }),
    ("nested lists", |n| deep(n / 6, b"l\0\0\0\x01", b"j", b"j")),
    ("nested tuples", |n| deep(n / 2, b"h\x01", b"j", b"")),
    ("nested maps of one pair", |n| deep(n / 7, b"t\0\0\0\x01a\x01", b"j", b"")),
    ("nested maps of two pairs", |n| deep(n / 10, b"t\0\0\0\x02a\x01", b"j", b"a\x02j")),
    ("250 lists behind text", |n| {
        [&[131][..], &nest(250, |inner| text_and(n / 514, &inner), int(0))].concat()
    }),
    ("tails", |n| deep(n / 6, b"l\0\0\0\x01j", b"j", b"")),
    ("LISTs without elements", |n| deep(n / 5, b"l\0\0\0\0", b"a\x01", b"")),
    ("improper lists", |n| list((0..n / 10).map(|_| b"l\0\0\0\x01a\x01a\x02".to_vec()))),
    ("a map of integers", |n| whole(map((0..n / 6).map(|at| (int(shuffle(at)), vec![106]))))),
    ("a map of texts", |n| whole(map((0..n / 14).map(|at| (text(at), vec![106]))))),
    ("a map of keys with one beginning", |n| {
        whole(map(
            (0..n / 18).map(|at| (binary(&[&[65; 5][..], &text(at)[2..]].concat()), vec![106]))
        ))
    }),
    ("a map of tuples", |n| whole(map((0..n / 8).map(|at| (tuple(&int(shuffle(at))), vec![106]))))),
    ("maps of one pair", |n| list((0..n / 11).map(|at| map([(int(at as u32), vec![106])])))),
    ("maps of two pairs", |n| {
        list((0..n / 10).map(|_| map([(vec![106], vec![106]), (int(7), vec![106])])))
    }),
    ("maps in keys, alike to the last", |n| whole(twins(n))),
    ("a map in each key of a map", |n| {
        let key = |at| map([(int(shuffle(at)), vec![106]), (text(at), int(1))]);
        whole(map((0..n / 40).map(|at| (key(at), vec![106]))))
    }),
    ("nested keys", |n| {
        let mut front = b"t\0\0\0\x02".to_vec();
        front.extend([97, 1, 106]);
        deep(n / 9, &front, b"j", b"j")
    }),
    ("keys beside an integer behind zeros", |n| {
        beside(n, big(&[&[1; 9][..], &vec![0; n / 2]].concat()))
    }),
    ("keys beside many LISTs without elements", |n| {
        beside(n, [b"l\0\0\0\0".repeat(n / 10), int(1)].concat())
    }),
    ("keys beside a long key", |n| beside(n, binary(&vec![0xe9; n / 2]))),
];

/// The term of a message between a head and a tail.
pub(crate) fn around(head: &[u8], message: &[u8], tail: &[u8]) -> Vec<u8> {
    [head, message.get(1..).unwrap(), tail].concat()
}

/// The term behind an atom in its old and in its new form, so that equal terms differ in bytes.
pub(crate) fn in_two_forms(message: &[u8]) -> [Vec<u8>; 2] {
    [around(b"\x83h\x02d\0\x01x", message, b""), around(b"\x83h\x02w\x01x", message, b"")]
}

fn whole(term: Vec<u8>) -> Vec<u8> {
    [&[131][..], &term].concat()
}

fn counted(tag: u8, count: usize) -> Vec<u8> {
    [&[tag][..], &(count as u32).to_be_bytes()].concat()
}

fn int(value: u32) -> Vec<u8> {
    match u8::try_from(value) {
        Ok(byte) => vec![97, byte],
        Err(_) => counted(98, value as usize),
    }
}

/// Numbers below 2^31 in no order.
fn shuffle(at: usize) -> u32 {
    (at as u32).wrapping_mul(0x9e37_79b1) >> 1
}

fn big(magnitude: &[u8]) -> Vec<u8> {
    [&counted(111, magnitude.len()), &[0][..], magnitude].concat()
}

fn integer(magnitude: &[u8]) -> Vec<u8> {
    whole(big(magnitude))
}

fn binary(bytes: &[u8]) -> Vec<u8> {
    [&counted(109, bytes.len()), bytes].concat()
}

fn string(bytes: &[u8]) -> Vec<u8> {
    [&[107][..], &(bytes.len() as u16).to_be_bytes(), bytes].concat()
}

/// An atom of seven letters.
fn text(at: usize) -> Vec<u8> {
    [&[119, 7][..], format!("{:07}", shuffle(at) % 10_000_000).as_bytes()].concat()
}

fn bits(at: u32) -> Vec<u8> {
    [&counted(77, 5), &[3][..], &at.to_be_bytes(), &[0xe0]].concat()
}

fn float_text() -> Vec<u8> {
    let mut text = b"c1.50000000000000000000e+00".to_vec();
    text.resize(32, 0);
    text
}

fn terms(tag: u8, terms: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut count = 0;
    let mut bytes = counted(tag, 0);
    for term in terms {
        bytes.extend(term);
        count += 1;
    }
    let head = counted(tag, count);
    bytes[..head.len()].copy_from_slice(&head);
    bytes
}

/// A message with one list.
fn list(elements: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    whole([terms(108, elements), vec![106]].concat())
}

fn nils(n: usize) -> Vec<u8> {
    [terms(108, (0..n).map(|_| vec![106])), vec![106]].concat()
}

fn list_of_one(element: Vec<u8>) -> Vec<u8> {
    [terms(108, [element]), vec![106]].concat()
}

fn tuple(element: &[u8]) -> Vec<u8> {
    [&[104, 1][..], element].concat()
}

fn map(pairs: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>) -> Vec<u8> {
    terms(116, pairs.into_iter().map(|(key, value)| [key, value].concat()))
}

fn two_pairs(inner: Vec<u8>) -> Vec<u8> {
    map([(int(1), inner), (int(2), vec![106])])
}

fn fun_with(free: u32, size: u32, variables: &[u8]) -> Vec<u8> {
    let mut fun = vec![112];
    fun.extend(size.to_be_bytes());
    fun.extend([0; 17]);
    fun.extend([0; 4]);
    fun.extend(free.to_be_bytes());
    fun.extend(b"w\x01ma\0a\0Xw\x01n\0\0\0\x01\0\0\0\0\0\0\0\0");
    fun.extend(variables);
    fun
}

fn fun(at: u32) -> Vec<u8> {
    fun_with(1, 59, &int(at))
}

fn fun_around(inner: &[u8]) -> Vec<u8> {
    fun_with(1, 0, inner)
}

fn identifiers(at: u32) -> Vec<u8> {
    let at = at.to_be_bytes();
    let pid = [b"h\x04Xw\x01n", &at[..], &[0; 8]].concat();
    let port = [b"xw\x01n\0\0\0\0", &at[..], &[0; 4]].concat();
    let reference = [b"Z\0\x02w\x01n\0\0\0\0", &at[..], &[0; 4]].concat();
    let export = b"qw\x01mw\x01fa\x01".to_vec();
    [pid, port, reference, export].concat()
}

fn nest(levels: usize, around: impl Fn(Vec<u8>) -> Vec<u8>, inner: Vec<u8>) -> Vec<u8> {
    (0..levels.min(250)).fold(inner, |inner, _| around(inner))
}

/// Containers in one another that a decoder reads only with a larger limit.
fn deep(levels: usize, front: &[u8], inner: &[u8], back: &[u8]) -> Vec<u8> {
    [&[131][..], &front.repeat(levels), inner, &back.repeat(levels)].concat()
}

/// A list of letters and one more element.
fn text_and(letters: usize, element: &[u8]) -> Vec<u8> {
    [&counted(108, letters + 1), &[97, 65].repeat(letters), element, &[106]].concat()
}

/// A map of two keys, each a map of two keys and so on, which differ only at the last leaf.
fn twins(n: usize) -> Vec<u8> {
    fn level(depth: u32, leaf: u32) -> Vec<u8> {
        match depth {
            0 => int(leaf),
            _ => map([
                (level(depth - 1, 2 * leaf), vec![106]),
                (level(depth - 1, 2 * leaf + 1), vec![106]),
            ]),
        }
    }
    level((n / 11).ilog2(), 0)
}

/// A map of many small keys and one that takes half of the bytes.
fn beside(n: usize, key: Vec<u8>) -> Vec<u8> {
    let small = (0..n / 20)
        .map(|at| (big(&(1 << 71 | u128::from(shuffle(at))).to_le_bytes()[..9]), vec![106]));
    whole(map(small.chain([(key, vec![106])])))
}
