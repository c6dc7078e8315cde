//! Random numbers that are the same on every machine and every run.

/// Choices for inputs, by the generator of the model PBX.
#[derive(Clone, Debug)]
pub struct Random(basix_cti_testing::Random);

impl Random {
    /// A generator that always gives the same numbers for one seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(basix_cti_testing::Random::new(seed))
    }

    /// The next number.
    pub const fn number(&mut self) -> u64 {
        self.0.number()
    }

    /// A number below `bound`, which must not be 0.
    pub const fn below(&mut self, bound: u64) -> u64 {
        self.number() % bound
    }

    /// True in `percent` of a hundred cases.
    pub const fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// The value, in `percent` of a hundred cases.
    pub fn maybe<T>(&mut self, percent: u64, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.percent(percent) { Some(value(self)) } else { None }
    }

    /// One of the values.
    pub fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        *self.0.pick(values).expect("there is something to pick from")
    }

    /// Puts the values in another order.
    pub fn shuffle<T>(&mut self, values: &mut [T]) {
        self.0.shuffle(values);
    }
}
