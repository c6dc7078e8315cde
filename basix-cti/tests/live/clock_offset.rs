//! The estimate of the PBX's clock.

use std::time::{Duration, Instant};

use basix_cti::Timestamp;
use basix_cti::session::ClockOffset;
use proptest::prelude::*;

use crate::cases;

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

#[test]
fn without_observations_the_clocks_are_equal() {
    let clock = ClockOffset::new();
    assert_eq!(clock.offset_micros(), None);
    assert_eq!(clock.pbx_time(at(42)), at(42));
}

#[test]
fn timestamps_that_mean_never_are_ignored() {
    let mut clock = ClockOffset::new();
    for never in [0, -1, i64::MIN] {
        clock.observe(Instant::now(), at(1_000), at(never));
    }
    assert_eq!(clock.offset_micros(), None);
}

#[test]
fn a_clock_that_was_set_back_is_believed_after_two_windows_and_not_before_one() {
    let (start, window) = (Instant::now(), ClockOffset::WINDOW);
    let mut clock = ClockOffset::new();
    clock.observe(start, at(1_000_000), at(9_000_000));
    for (passed, expected) in [
        (window - Duration::from_nanos(1), 8_000_000),
        (window, 8_000_000),
        (2 * window - Duration::from_nanos(1), 8_000_000),
        (2 * window, 500_000),
    ] {
        clock.observe(start + passed, at(1_000_000), at(1_500_000));
        assert_eq!(clock.offset_micros(), Some(expected), "{passed:?}");
    }
}

#[test]
fn after_a_long_silence_old_observations_do_not_count() {
    let start = Instant::now();
    let mut clock = ClockOffset::new();
    clock.observe(start, at(1_000_000), at(9_000_000));
    clock.observe(start + 2 * ClockOffset::WINDOW, at(1_000_000), at(1_500_000));
    assert_eq!(clock.offset_micros(), Some(500_000));
}

#[test]
fn extreme_times_do_not_overflow() {
    let (mut clock, now) = (ClockOffset::new(), Instant::now());
    clock.observe(now, at(i64::MIN), at(i64::MAX));
    assert_eq!(clock.offset_micros(), Some(i64::MAX));
    assert_eq!(clock.pbx_time(at(i64::MAX)), at(i64::MAX));
    clock.observe(now.checked_sub(Duration::from_secs(1)).unwrap_or(now), at(i64::MAX), at(1));
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn the_error_is_the_shortest_delay_and_old_timestamps_change_nothing(
        offset in -1_000_000_000_000_i64..1_000_000_000_000,
        delays in prop::collection::vec(0_i64..10_000_000_000, 1..50),
    ) {
        let (mut clock, now) = (ClockOffset::new(), Instant::now());
        for (at_event, delay) in delays.iter().enumerate() {
            let sent = 2_000_000_000_000 + i64::try_from(at_event).unwrap() * 1_000;
            clock.observe(now, at(sent + delay), at(sent + offset));
        }
        let shortest = delays.iter().min().unwrap();
        prop_assert_eq!(clock.offset_micros(), Some(offset - shortest));
    }
}
