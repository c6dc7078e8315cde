//! The policy of reconnecting.
// B100 to B102

use std::time::{Duration, Instant};

use basix_cti::session::{Attempts, ConnectionEnd, Reconnect};
use proptest::prelude::*;

use crate::cases;

const ENDINGS: [ConnectionEnd; 7] = [
    ConnectionEnd::Lost,
    ConnectionEnd::ConnectFailed,
    ConnectionEnd::LimitReached,
    ConnectionEnd::Replaced,
    ConnectionEnd::Logout,
    ConnectionEnd::CredentialsRefused,
    ConnectionEnd::Closed,
];

const VENDOR: Duration = Duration::from_secs(20);

fn seconds(seconds: u64) -> Option<Duration> {
    Some(Duration::from_secs(seconds))
}

fn exponential() -> Reconnect {
    Reconnect::exponential(Duration::from_millis(500), Duration::from_secs(60))
}

// B100
#[test]
fn the_default_waits_20_s_for_ever() {
    let policy = Reconnect::default();
    for ending in ENDINGS {
        let wanted = if ending == ConnectionEnd::Closed { None } else { seconds(20) };
        for failures in [0, 1, 1000, u32::MAX] {
            for random in [0, u64::MAX] {
                assert_eq!(policy.delay(failures, ending, random), wanted, "{ending:?}");
            }
        }
    }
}

#[test]
fn the_random_number_chooses_from_the_whole_time() {
    let policy = exponential();
    let delay = |failures, random| policy.delay(failures, ConnectionEnd::Lost, random).unwrap();
    for (failures, most) in [(0, 500), (1, 1000), (2, 2000), (6, 32_000), (7, 60_000), (99, 60_000)]
    {
        let most = Duration::from_millis(most);
        assert_eq!(delay(failures, 0), Duration::ZERO);
        assert_eq!(delay(failures, 1 << 63), most / 2);
        assert_eq!(delay(failures, 1 << 62), most / 4);
        assert_eq!(delay(failures, u64::MAX), most - Duration::from_nanos(1));
    }
}

#[test]
fn the_shortest_base_reaches_the_cap_after_enough_failures() {
    let policy = Reconnect::exponential(Duration::from_nanos(1), Duration::from_secs(60));
    let most = |failures| policy.delay(failures, ConnectionEnd::Lost, u64::MAX).unwrap();
    assert_eq!(most(34), Duration::from_nanos((1 << 34) - 1));
    for failures in [36, 64, 127, 128, u32::MAX] {
        assert_eq!(most(failures), Duration::from_secs(60) - Duration::from_nanos(1));
    }
}

// B101
#[test]
fn after_limit_reached_and_replaced_no_policy_waits_less_than_20_s() {
    for policy in [Reconnect::fixed(Duration::ZERO), exponential()] {
        for ending in [ConnectionEnd::LimitReached, ConnectionEnd::Replaced] {
            assert_eq!(policy.delay(0, ending, 0), seconds(20));
        }
    }
    let slow = Reconnect::fixed(Duration::from_secs(90));
    assert_eq!(slow.delay(0, ConnectionEnd::LimitReached, 0), seconds(90));
}

// B101
#[test]
fn a_client_may_stay_away_when_it_was_replaced() {
    let policy = Reconnect::default().stop_when_replaced();
    for ending in ENDINGS {
        let stops = matches!(ending, ConnectionEnd::Replaced | ConnectionEnd::Closed);
        assert_eq!(policy.delay(0, ending, 0).is_none(), stops, "{ending:?}");
    }
}

#[test]
fn a_client_may_give_up_when_its_credentials_are_refused() {
    let policy = Reconnect::default().stop_when_refused();
    for ending in ENDINGS {
        let stops = matches!(ending, ConnectionEnd::CredentialsRefused | ConnectionEnd::Closed);
        assert_eq!(policy.delay(0, ending, 0).is_none(), stops, "{ending:?}");
    }
}

#[test]
fn so_many_attempts_are_made_in_a_row_and_no_more() {
    for most in [0, 1, 3] {
        let policy = Reconnect::default().with_max_attempts(most);
        let (mut attempts, now) = (Attempts::new(), Instant::now());
        for _ in 0..most {
            let delay = attempts.ended(now, ConnectionEnd::ConnectFailed, &policy, 0);
            assert_eq!(delay, seconds(20));
        }
        assert_eq!(attempts.ended(now, ConnectionEnd::ConnectFailed, &policy, 0), None);
    }
}

#[test]
fn a_connection_that_held_resets_the_count_and_one_that_did_not_does_not() {
    let policy = exponential();
    let second = Duration::from_secs(1);
    for (held, failures) in [(29 * second, 3), (30 * second, 1), (3600 * second, 1)] {
        let (mut attempts, now) = (Attempts::new(), Instant::now());
        attempts.ended(now, ConnectionEnd::ConnectFailed, &policy, 0);
        attempts.ended(now, ConnectionEnd::ConnectFailed, &policy, 0);
        attempts.connected(now);
        attempts.ended(now + held, ConnectionEnd::Lost, &policy, 0);
        assert_eq!(attempts.failures(), failures, "held for {held:?}");
    }
}

#[test]
fn how_long_a_connection_has_to_hold_can_be_set() {
    let policy = exponential().with_stable_after(Duration::from_secs(5));
    assert_eq!(policy.stable_after(), Duration::from_secs(5));
    let (mut attempts, now) = (Attempts::new(), Instant::now());
    attempts.ended(now, ConnectionEnd::ConnectFailed, &policy, 0);
    attempts.connected(now);
    attempts.ended(now + Duration::from_secs(5), ConnectionEnd::Lost, &policy, 0);
    assert_eq!(attempts.failures(), 1);
}

#[test]
fn a_failed_attempt_after_a_stable_connection_counts_from_it() {
    let policy = exponential();
    let (mut attempts, now) = (Attempts::new(), Instant::now());
    attempts.connected(now);
    let later = now + Duration::from_secs(1000);
    attempts.ended(later, ConnectionEnd::Lost, &policy, 0);
    // A stable connection does not reset the count a second time.
    attempts.ended(later + Duration::from_secs(1000), ConnectionEnd::ConnectFailed, &policy, 0);
    attempts.ended(later + Duration::from_secs(2000), ConnectionEnd::ConnectFailed, &policy, 0);
    assert_eq!(attempts.failures(), 3);
}

#[test]
fn a_clock_that_goes_back_does_not_make_a_connection_stable() {
    let policy = exponential();
    let (mut attempts, now) = (Attempts::new(), Instant::now());
    attempts.connected(now + Duration::from_secs(100));
    attempts.ended(now, ConnectionEnd::Lost, &policy, 0);
    attempts.ended(now, ConnectionEnd::Lost, &policy, 0);
    assert_eq!(attempts.failures(), 2);
}

fn any_duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (0_u64..100_000).prop_map(Duration::from_millis),
        any::<u64>().prop_map(Duration::from_nanos),
        (any::<u64>(), 0_u32..1_000_000_000).prop_map(|(s, n)| Duration::new(s, n)),
        Just(Duration::MAX),
    ]
}

proptest! {
    #![proptest_config(cases(2000))]

    // B100, B101
    #[test]
    fn any_policy_keeps_its_bounds_for_any_number_of_failures(
        base in any_duration(),
        cap in any_duration(),
        failures in prop_oneof![0_u32..200, any::<u32>()],
        random in any::<u64>(),
        ending in prop::sample::select(&ENDINGS),
    ) {
        let policy = Reconnect::exponential(base, cap);
        let delay = policy.delay(failures, ending, random);
        match ending {
            ConnectionEnd::Closed => prop_assert_eq!(delay, None),
            ConnectionEnd::LimitReached | ConnectionEnd::Replaced => {
                prop_assert!(delay >= Some(VENDOR) && delay <= Some(cap.max(VENDOR)));
            }
            _ => {
                prop_assert!(delay <= Some(cap));
                // Never more than the doubled base, as an exact number.
                if failures < 30 {
                    prop_assert!(delay <= Some(base.saturating_mul(1 << failures)));
                }
                // More failures never make the wait shorter.
                let next = policy.delay(failures.saturating_add(1), ending, random);
                prop_assert!(delay.is_some() && next >= delay);
            }
        }
        let fixed = Reconnect::fixed(base).delay(failures, ConnectionEnd::Lost, random);
        prop_assert_eq!(fixed, Some(base));
    }

    #[test]
    fn counting_never_overflows(
        endings in prop::collection::vec((prop::sample::select(&ENDINGS), any::<bool>()), 0..60),
        most in any::<Option<u32>>(),
    ) {
        let policy = match most {
            Some(most) => exponential().with_max_attempts(most % 40),
            None => exponential(),
        };
        let (mut attempts, now) = (Attempts::new(), Instant::now());
        let mut expected = 0_u32;
        for (ending, held) in endings {
            if held {
                attempts.connected(now);
                expected = 0;
            }
            let delay = attempts.ended(now + Duration::from_secs(30), ending, &policy, 7);
            prop_assert_eq!(delay, policy.delay(expected, ending, 7));
            expected += 1;
            prop_assert_eq!(attempts.failures(), expected);
        }
    }
}
