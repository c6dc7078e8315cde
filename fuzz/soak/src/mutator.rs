//! Inputs made from those of a corpus. The seed and the number of an execution determine its input.

/// Inputs longer than this are cut.
pub const MAX_LEN: usize = 4096;

const EXTREMES: [u64; 12] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    u64::MAX,
];

const NUMERALS: [&[u8]; 12] = [
    b"0",
    b"-1",
    b"1e400",
    b"0.5",
    b"-0",
    b"2147483648",
    b"4294967296",
    b"253402300800",
    b"1780000000000000",
    b"9223372036854775808",
    b"18446744073709551616",
    b"99999999999999999999999999",
];

/// SplitMix64: a step of arithmetic for each number, and any state is as good as another.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of one execution.
    #[must_use]
    pub const fn of(seed: u64, execution: u64) -> Self {
        Self(seed ^ execution.wrapping_mul(0xd134_2543_de82_ef95))
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is at least 1.
    const fn below(&mut self, end: usize) -> usize {
        ((self.next() as u128 * end as u128) >> 64) as usize
    }

    fn range(&mut self, len: usize, most: usize) -> std::ops::Range<usize> {
        let start = self.below(len + 1);
        start..(start + self.below(most) + 1).min(len).max(start)
    }
}

/// Makes inputs in a buffer that is kept, so that an execution allocates nothing.
#[derive(Debug)]
pub struct Mutator<'a> {
    corpus: &'a [Vec<u8>],
    input: Vec<u8>,
}

impl<'a> Mutator<'a> {
    /// Creates a mutator. The corpus has at least one input.
    #[must_use]
    pub fn new(corpus: &'a [Vec<u8>]) -> Self {
        assert!(!corpus.is_empty(), "expected at least one input");
        Self { corpus, input: Vec::with_capacity(4 * MAX_LEN) }
    }

    /// Returns the input of one execution: one of the corpus after one to six mutations.
    pub fn make(&mut self, random: &mut Random) -> &[u8] {
        self.input.clear();
        self.input.extend_from_slice(self.any(random));
        self.input.truncate(MAX_LEN);
        for _ in 0..=random.below(6) {
            self.mutate(random);
            self.input.truncate(MAX_LEN);
        }
        &self.input
    }

    fn any(&self, random: &mut Random) -> &'a [u8] {
        &self.corpus[random.below(self.corpus.len())]
    }

    fn mutate(&mut self, random: &mut Random) {
        let kind = random.below(10);
        let other = self.any(random);
        let input = &mut self.input;
        let len = input.len();
        let at = random.below(len.max(1));
        match kind {
            // A bit, a byte, or bytes anywhere.
            0 if len > 0 => input[at] ^= 1 << random.below(8),
            1 if len > 0 => input[at] = random.next() as u8,
            2 => {
                let bytes = random.next().to_le_bytes();
                let count = random.below(8) + 1;
                splice(input, at.min(len)..at.min(len), &bytes[..count]);
            }
            3 => drop(input.drain(random.range(len, 32))),
            4 => {
                // A part again, in another place.
                let part = random.range(len, 64);
                let mut copy = [0; 64];
                let copy = &mut copy[..part.len()];
                copy.copy_from_slice(&input[part]);
                splice(input, at.min(len)..at.min(len), copy);
            }
            // The beginning of one input and the end of another, or a part of it in between.
            5 => {
                input.truncate(at);
                input.extend_from_slice(&other[random.below(other.len() + 1)..]);
            }
            6 => {
                let part = random.range(other.len(), 64);
                splice(input, random.range(len, 64), &other[part]);
            }
            7 => input.truncate(at),
            _ if len > 0 => extreme(input, at, random),
            _ => input.push(random.next() as u8),
        }
    }
}

/// Replaces the digits at or after a position, or else the bytes there, by an extreme number.
fn extreme(input: &mut Vec<u8>, at: usize, random: &mut Random) {
    let after = input[at..].iter().take(16).position(u8::is_ascii_digit);
    if let Some(start) = after.map(|after| at + after).filter(|_| random.below(2) == 0) {
        let digits = input[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        return splice(input, start..start + digits, NUMERALS[random.below(NUMERALS.len())]);
    }
    let bytes = EXTREMES[random.below(EXTREMES.len())].to_be_bytes();
    let width = 1 << random.below(4);
    for (byte, new) in input[at..].iter_mut().zip(&bytes[8 - width..]) {
        *byte = *new;
    }
}

fn splice(input: &mut Vec<u8>, range: std::ops::Range<usize>, bytes: &[u8]) {
    drop(input.splice(range, bytes.iter().copied()));
}
