//! An allocator that counts when asked to.
//!
//! It stands in front of the system's allocator in the program `report`. Timing never happens
//! while it counts: the program runs itself once more for the counts.

#![expect(unsafe_code, reason = "an allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// The system's allocator, and counters beside it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Counting;

static ARMED: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
/// Bytes in use, from where counting began; what was there before may be freed, so it wraps.
static LIVE: AtomicU64 = AtomicU64::new(0);
static PEAK: AtomicU64 = AtomicU64::new(0);

/// Counted allocations.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Count {
    /// Allocations, growing ones included.
    pub allocations: u64,
    /// The most bytes in use at one time, beyond those in use when counting began.
    pub peak: u64,
    /// Bytes in use now, beyond those in use when counting began.
    pub live: u64,
}

impl Counting {
    /// An allocator that does not count yet.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Default for Counting {
    fn default() -> Self {
        Self::new()
    }
}

/// Sets all counters to nothing.
pub fn reset() {
    for counter in [&ALLOCATIONS, &LIVE, &PEAK] {
        counter.store(0, Relaxed);
    }
}

/// Counts what `work` allocates, on top of what was counted before.
pub fn counted<T>(work: impl FnOnce() -> T) -> T {
    ARMED.store(true, Relaxed);
    let value = work();
    ARMED.store(false, Relaxed);
    value
}

/// Returns the allocations since the last [`reset`].
#[must_use]
pub fn count() -> Count {
    Count {
        allocations: ALLOCATIONS.load(Relaxed),
        peak: PEAK.load(Relaxed),
        live: LIVE.load(Relaxed),
    }
}

fn grow(bytes: usize) {
    ALLOCATIONS.fetch_add(1, Relaxed);
    let live = LIVE.fetch_add(bytes as u64, Relaxed).wrapping_add(bytes as u64);
    if live as i64 > PEAK.load(Relaxed) as i64 {
        PEAK.store(live, Relaxed);
    }
}

fn shrink(bytes: usize) {
    LIVE.fetch_sub(bytes as u64, Relaxed);
}

// SAFETY: everything is left to the system's allocator; the counters are atomics of their own.
unsafe impl GlobalAlloc for Counting {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if ARMED.load(Relaxed) {
            grow(layout.size());
        }
        // SAFETY: the caller keeps the rules of this very call.
        unsafe { System.alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if ARMED.load(Relaxed) {
            grow(layout.size());
        }
        // SAFETY: the caller keeps the rules of this very call.
        unsafe { System.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if ARMED.load(Relaxed) {
            shrink(layout.size());
        }
        // SAFETY: the caller keeps the rules of this very call.
        unsafe { System.dealloc(block, layout) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if ARMED.load(Relaxed) {
            // Old and new block may exist side by side.
            grow(size);
            shrink(layout.size());
        }
        // SAFETY: the caller keeps the rules of this very call.
        unsafe { System.realloc(block, layout, size) }
    }
}
