//! The truth of the session's events: random calls, faults and reconnects by seed, with the model
//! PBX under the test's clock, and over real sockets.
//!
//! ```text
//! cargo test --release -p basix-cti --test truth                     # 1,000 seeds, 50 over sockets
//! cargo test -p basix-cti --test truth                               # 100 and 10, without optimization
//! TRUTH_SEEDS=1000000 cargo test --release -p basix-cti --test truth # as many as asked for
//! TRUTH_SEED=4711 cargo test -p basix-cti --test truth               # one seed alone
//! ```
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod calls;
mod follower;
mod model;
mod socket;

use std::ops::Range;

/// The seeds to run: those of the environment, else `usual`; a tenth without optimization.
fn seeds(usual: u64) -> Range<u64> {
    let usual = if cfg!(debug_assertions) { usual / 10 } else { usual };
    let number = |name: &str| {
        std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number of seeds"))
    };
    match (number("TRUTH_SEED"), number("TRUTH_SEEDS")) {
        (Some(seed), _) => seed..seed + 1,
        (None, Some(count)) => 0..count,
        (None, None) => 0..usual,
    }
}
