//! Counts what a thread allocates.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// An allocator that counts, for `#[global_allocator]` in a test.
pub(crate) struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    static NOW: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// The allocations of a piece of work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Number of allocations.
    pub(crate) allocations: usize,
    /// The most bytes it held at one time.
    pub(crate) peak: usize,
}

/// Runs a piece of work and returns what it allocated on this thread.
pub(crate) fn measure<T>(work: impl FnOnce() -> T) -> (T, Usage) {
    let (count, start) = (COUNT.get(), NOW.get());
    PEAK.set(start);
    let result = work();
    let usage = Usage {
        allocations: COUNT.get() - count,
        peak: usize::try_from(PEAK.get() - start).unwrap_or(0),
    };
    (result, usage)
}

fn add(bytes: usize) {
    COUNT.set(COUNT.get() + 1);
    NOW.set(NOW.get() + bytes as isize);
    PEAK.set(PEAK.get().max(NOW.get()));
}

fn sub(bytes: usize) {
    NOW.set(NOW.get() - bytes as isize);
}

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        sub(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both buffers may exist for a moment.
        add(size);
        sub(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}
