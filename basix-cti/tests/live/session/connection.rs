//! Connections: begin, end and sequence.

use std::time::Duration;

use basix_cti::Event;
use basix_cti::message::SystemMessage;
use basix_cti::session::{ConnectError, DisconnectReason, Reconnect, SessionOptions, Transmit};

use super::{Run, SECOND, lost, system};

// B85, B100
#[test]
fn after_a_close_channels_are_forgotten_and_one_connection_is_made_20_s_later() {
    let mut run = Run::current(SessionOptions::default());
    run.closed(DisconnectReason::Closed { code: Some(1001), reason: Box::default() });
    run.closed(lost());
    assert_eq!(
        run.said(),
        [
            "the PBX closed with code 1001; next attempt in 20.0 s",
            "lost: removed channel c-1",
            "lost: removed channel c-2",
            "Stale"
        ],
        "error and close start one timer (Q31)"
    );
    assert_eq!(run.session.store().channels().count(), 0);
    assert_eq!(run.session.store().users().count(), 1);
    run.wait(20 * SECOND - Duration::from_millis(1));
    assert_eq!(run.transmits(), []);
    run.wait(Duration::from_millis(1));
    run.connect();
    assert_eq!(run.said(), ["Connected"]);
}

// B86
#[test]
fn field_specs_belong_to_one_connection() {
    let mut run = Run::current(SessionOptions::default());
    run.closed(lost());
    run.wait(20 * SECOND);
    run.connect();
    run.said();
    run.event("channel", "c-1", "bridged", "added");
    assert_eq!(run.said(), ["refused NoFieldSpec at 25 of 66"]);
}

#[test]
fn what_comes_on_a_connection_that_has_ended_is_ignored() {
    let mut run = Run::current(SessionOptions::default());
    run.closed(lost());
    run.said();
    run.list("channel", &["c-5"]);
    run.session.handle_text(run.now, "late");
    run.session.handle_connected(run.now);
    assert_eq!(run.said(), [""; 0]);
    assert_eq!(run.session.store().channels().count(), 0);
}

#[test]
fn a_connection_that_is_not_made_in_time_is_given_up() {
    let mut run = Run::new(SessionOptions::default());
    assert_eq!(run.session.poll_transmit(), Some(Transmit::Connect));
    run.wait(10 * SECOND);
    assert_eq!(run.transmits(), [Transmit::Close]);
    let Some(Event::Disconnected(end)) = run.session.poll_event() else { panic!() };
    assert!(matches!(&end.reason,
        DisconnectReason::NotMade(error) if matches!(**error, ConnectError::TimedOut { .. })));
    run.wait(20 * SECOND);
    run.connect();
}

#[test]
fn a_silent_pbx_is_asked_for_a_sign_and_given_up_without_one() {
    let mut run = Run::current(SessionOptions::default());
    run.wait(29 * SECOND);
    assert_eq!(run.transmits(), []);
    run.wait(SECOND);
    assert_eq!(run.transmits(), [Transmit::Ping]);
    run.wait(14 * SECOND);
    run.session.handle_pong(run.now);
    run.wait(30 * SECOND);
    assert_eq!(run.transmits(), [Transmit::Ping]);
    run.event("user", "8", "bridged", "added");
    run.wait(30 * SECOND);
    assert_eq!(run.transmits(), [Transmit::Ping], "a message is a sign of life");
    run.wait(15 * SECOND);
    assert_eq!(run.transmits(), [Transmit::Close]);
    assert_eq!(
        run.said(),
        [
            "added user 8",
            "the PBX gave no sign of life; next attempt in 20.0 s",
            "lost: removed channel c-1",
            "lost: removed channel c-2",
            "Stale"
        ]
    );
}

#[test]
fn a_driver_that_slept_does_not_give_the_pbx_up_unasked() {
    let mut run = Run::current(SessionOptions::default());
    run.now += 3600 * SECOND;
    run.session.handle_timeout(run.now);
    assert_eq!(run.transmits(), [Transmit::Ping]);
    assert_eq!(run.session.poll_timeout(), Some(run.now + 15 * SECOND));
}

#[test]
fn a_connection_that_stays_stale_is_made_anew() {
    let mut run = Run::open(SessionOptions::default());
    let mut patient = Run::open(SessionOptions::default().with_stale_limit(None));
    for run in [&mut run, &mut patient] {
        run.announce(&["channel", "user"]);
        run.list("channel", &[]);
        for _ in 0..3 {
            run.session.handle_pong(run.now);
            run.wait(20 * SECOND);
        }
    }
    assert_eq!(run.transmits(), [Transmit::Close]);
    assert_eq!(
        run.said(),
        [
            "listed channel 0",
            "the PBX did not list all records in time; missing: user; next attempt in 20.0 s"
        ]
    );
    assert_eq!(patient.said(), ["listed channel 0"]);
}

// B101
#[test]
fn notices_of_the_pbx_show_why_a_connection_ended() {
    let quick = Reconnect::exponential(SECOND / 2, 60 * SECOND);
    for (word, message, text) in [
        (
            "connection_limit_reached",
            SystemMessage::ConnectionLimitReached,
            "the user has too many CTI connections; close others or connect with `force`; next \
             attempt in 20.0 s",
        ),
        (
            "connection_replaced",
            SystemMessage::ConnectionReplaced,
            "another connection took the place of this one; next attempt in 20.0 s",
        ),
    ] {
        let mut run = Run::open(SessionOptions::default().with_reconnect(quick));
        run.frame(&system(word));
        assert_eq!(run.said(), [format!("system {:?}", Some(message))]);
        run.closed(DisconnectReason::Closed { code: None, reason: Box::default() });
        assert_eq!(run.said(), [text]);
    }
    let mut run = Run::open(SessionOptions::default());
    run.frame(&system("logout"));
    run.closed(DisconnectReason::Closed { code: None, reason: Box::default() });
    assert_eq!(
        run.said(),
        ["system Some(Logout)", "the login has ended; log in again; next attempt in 20.0 s"]
    );
    // The notice was about that connection.
    run.wait(20 * SECOND);
    run.connect();
    run.closed(lost());
    assert_eq!(
        run.said(),
        ["Connected", "the connection was lost: connection reset; next attempt in 20.0 s"]
    );
}

#[test]
fn a_session_that_is_closed_connects_no_more() {
    let mut run = Run::current(SessionOptions::default());
    run.session.close(run.now);
    run.session.close(run.now);
    assert_eq!(run.transmits(), [Transmit::Close]);
    assert_eq!(
        run.said(),
        [
            "closed by this program; no further attempt",
            "lost: removed channel c-1",
            "lost: removed channel c-2",
            "Stale"
        ]
    );
    assert_eq!(run.session.poll_timeout(), None);
    assert!(run.session.is_stopped());
}

#[test]
fn a_policy_that_gives_up_stops_the_session() {
    let reconnect = Reconnect::default().stop_when_replaced();
    let mut run = Run::open(SessionOptions::default().with_reconnect(reconnect));
    run.frame(&system("connection_replaced"));
    run.closed(DisconnectReason::Closed { code: None, reason: Box::default() });
    assert!(run.session.is_stopped());
    assert_eq!(run.session.poll_timeout(), None);
}

// B102
#[test]
fn a_periodic_resynchronisation_replaces_the_connection_and_emits_the_differences() {
    let mut run = Run::current(SessionOptions::default().with_resync_every(Some(600 * SECOND)));
    for _ in 0..59 {
        run.wait(10 * SECOND);
        run.session.handle_pong(run.now);
    }
    run.transmits();
    run.wait(10 * SECOND);
    assert_eq!(run.said(), ["Stale"]);
    assert_eq!(run.session.store().channels().count(), 2, "channels stay meanwhile");
    assert_eq!(run.session.poll_transmit(), Some(Transmit::Close), "never two connections");
    run.connect();
    run.announce(&["channel", "user"]);
    run.list("channel", &["c-2", "c-3"]);
    run.list("user", &["7"]);
    assert_eq!(
        run.said(),
        [
            "Connected",
            "found: added channel c-3",
            "found: removed channel c-1",
            "listed channel 2",
            "listed user 1",
            "Resynced"
        ]
    );
    // If the new connection fails, what depends on it is gone as ever.
    for _ in 0..60 {
        run.wait(10 * SECOND);
        run.session.handle_pong(run.now);
    }
    run.said();
    run.closed(lost());
    assert_eq!(
        run.said(),
        [
            "the connection was lost: connection reset; next attempt in 20.0 s",
            "lost: removed channel c-2",
            "lost: removed channel c-3"
        ]
    );
}

#[test]
fn a_connection_that_stays_stale_names_the_missing_elements_or_the_full_store() {
    for (rows, expected) in [
        (100, "the PBX did not list all records in time; missing: channel, user"),
        (
            1,
            "the store is full and lacks records of: channel; raise the store limits of the session \
             options",
        ),
    ] {
        let limits = basix_cti::store::StoreLimits::default().with_rows(rows);
        let options =
            SessionOptions::default().with_store_limits(limits).with_ping_interval(3600 * SECOND);
        let mut run = Run::open(options);
        run.announce(&["channel", "user"]);
        if rows == 1 {
            run.list("channel", &["c-1", "c-2"]);
        }
        run.wait(60 * SECOND);
        let end = std::iter::from_fn(|| run.session.poll_event()).find_map(|event| match event {
            Event::Disconnected(end) => Some(end.reason.to_string()),
            _ => None,
        });
        assert_eq!(end.as_deref(), Some(expected));
    }
}
