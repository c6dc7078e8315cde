//! To the crate `eetf` and back.

use basix_cti::bert::{EetfError, EncodeError, Encoder, decode, encode_eetf};
use eetf::{
    Atom, BigInteger, BitBinary, ByteList, FixInteger, Float, InternalFun, List, Map, Pid,
    Reference, Term, Tuple,
};
use proptest::prelude::*;

use crate::tree::{any_tree, cases};
use crate::vectors::each_valid;

#[test]
fn every_vector_comes_back_as_the_same_term() {
    let mut converted = 0;
    each_valid(|_, term| {
        converted += 1;
        let owned = Term::try_from(term).unwrap();
        decode(&encode_eetf(&owned).unwrap()).unwrap() == term
    });
    assert!(converted > 700, "{converted}");
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn any_term_comes_back_as_the_same_term(tree in any_tree()) {
        let message = tree.encode(Encoder::new());
        let owned = Term::try_from(decode(&message).unwrap()).unwrap();
        let back = encode_eetf(&owned).unwrap();
        prop_assert_eq!(decode(&back).unwrap(), decode(&message).unwrap());
        prop_assert_eq!(Term::try_from(decode(&back).unwrap()).unwrap(), owned);
    }
}

#[test]
fn equal_terms_become_equal_terms() {
    let list = Encoder::new().list(2).integer(1).integer(2).finish().unwrap();
    let string = Encoder::new().string([1, 2]).finish().unwrap();
    let owned = Term::try_from(decode(&list).unwrap()).unwrap();
    assert_eq!(owned, ByteList::from(vec![1, 2]).into());
    assert_eq!(Term::try_from(decode(&string).unwrap()).unwrap(), owned);

    let large = BigInteger::from(i64::from(i32::MAX) + 1);
    let message = encode_eetf(&large.clone().into()).unwrap();
    assert_eq!(Term::try_from(decode(&message).unwrap()).unwrap(), large.into());
    let message = encode_eetf(&BigInteger::from(7).into()).unwrap();
    assert_eq!(Term::try_from(decode(&message).unwrap()).unwrap(), FixInteger::from(7).into());
}

#[test]
fn what_the_other_side_cannot_hold_is_an_error() {
    let nested = |levels| {
        (0..levels).fold(Encoder::new(), |mut encoder, _| {
            encoder.tuple(1);
            encoder
        })
    };
    let deepest = nested(256).integer(1).finish().unwrap();
    assert!(Term::try_from(decode(&deepest).unwrap()).is_ok());
    let limits = basix_cti::bert::Limits::default().with_depth(300);
    let deeper = nested(257).integer(1).finish().unwrap();
    let term = basix_cti::bert::Decoder::new().with_limits(limits).decode(&deeper).unwrap();
    assert_eq!(Term::try_from(term), Err(EetfError::TooDeep));

    let zeros = Encoder::new().map(2).float(0.0).nil().float(-0.0).nil().finish().unwrap();
    assert_eq!(Term::try_from(decode(&zeros).unwrap()), Err(EetfError::SameKey));
}

#[test]
fn what_cannot_be_written_is_an_error() {
    let node = || Atom::from("n@h");
    let old_fun = InternalFun::Old {
        module: Atom::from("m"),
        pid: Pid::new("n@h", 1, 0, 0),
        free_vars: Vec::new(),
        index: 0,
        uniq: 0,
    };
    let nil = || Term::from(List::nil());
    let ones = [(FixInteger::from(1).into(), nil()), (BigInteger::from(1).into(), nil())];
    let refused: [(Term, EetfError); 6] = [
        (old_fun.into(), EetfError::OldFun),
        (Reference { node: node(), id: vec![0; 6], creation: 0 }.into(), EetfError::Reference),
        (BitBinary::from((vec![1], 0)).into(), EetfError::Bits),
        (Map { map: ones.into() }.into(), EetfError::SameKey),
        (Float { value: f64::NAN }.into(), EetfError::Encode(EncodeError::FloatNotFinite)),
        (Atom::from("a".repeat(256)).into(), EetfError::Encode(EncodeError::AtomTooLong)),
    ];
    for (term, error) in refused {
        let inside = Tuple { elements: vec![term] };
        assert_eq!(encode_eetf(&inside.into()), Err(error));
    }
    assert_eq!(EetfError::OldFun.to_string(), "fun is in its old representation");
}
