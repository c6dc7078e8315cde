//! The session under a clock of its own: what it says, what it wants done, and when.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use basix_cti::bert::Encoder;
use basix_cti::{
    CallUserAnswer, Command, CommandError, CommandOutcome, ConnectError, DisconnectReason,
    ElementKind, ErrorClass, Event, Reconnect, Session, SessionOptions, StoreLimits, SystemMessage,
    Transmit, UserId,
};

const SECOND: Duration = Duration::from_secs(1);

/// A session with its clock.
struct Run {
    session: Session,
    now: Instant,
}

impl Run {
    /// A session whose first connection is open.
    fn open(options: SessionOptions) -> Self {
        let mut run = Self::new(options);
        run.connect();
        assert_eq!(run.said(), ["Connected"]);
        run
    }

    fn new(options: SessionOptions) -> Self {
        let now = Instant::now();
        Self { session: Session::new(now, options), now }
    }

    /// Does as the session says: opens a connection.
    #[track_caller]
    fn connect(&mut self) {
        assert_eq!(self.session.poll_transmit(), Some(Transmit::Connect));
        assert_eq!(self.session.poll_transmit(), None);
        self.session.handle_connected(self.now);
    }

    fn frame(&mut self, frame: &[u8]) {
        self.session.handle_frame(self.now, frame);
    }

    /// Announces elements with the fields uuid, id and state.
    fn announce(&mut self, elements: &[&str]) {
        for element in elements {
            self.frame(&spec(element));
        }
    }

    fn list(&mut self, element: &str, keys: &[&str]) {
        self.frame(&list(element, keys));
    }

    fn event(&mut self, element: &str, key: &str, state: &str, event: &str) {
        self.frame(&info_event(element, key, state, event));
    }

    /// A connection over which channels and users are followed.
    fn current(options: SessionOptions) -> Self {
        let mut run = Self::open(options);
        run.announce(&["channel", "user"]);
        run.list("channel", &["c-1", "c-2"]);
        run.list("user", &["7"]);
        assert_eq!(run.said(), ["Snapshot channel 2", "Snapshot user 1", "Resynced"]);
        run
    }

    fn closed(&mut self, reason: DisconnectReason) {
        self.session.handle_closed(self.now, reason);
    }

    /// Lets time pass, and does what the session wants at each deadline on the way.
    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(deadline) = self.session.poll_timeout().filter(|deadline| *deadline <= end) {
            self.now = deadline.max(self.now);
            self.session.handle_timeout(self.now);
        }
        self.now = end;
        self.session.handle_timeout(end);
    }

    /// All events, shortly.
    fn said(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.session.poll_event()).map(|event| short(&event)).collect()
    }

    fn outcomes(&mut self) -> Vec<CommandOutcome> {
        std::iter::from_fn(|| self.session.poll_outcome()).map(|(_, outcome)| outcome).collect()
    }

    fn transmits(&mut self) -> Vec<Transmit> {
        std::iter::from_fn(|| self.session.poll_transmit()).collect()
    }
}

fn short(event: &Event) -> String {
    match event {
        Event::Connected => "Connected".into(),
        Event::Snapshot(snapshot) => format!("Snapshot {} {}", snapshot.element, snapshot.records),
        Event::Changed(change) => change.to_string(),
        Event::Passed(passed) => {
            let event_name = passed.event_name.as_deref().unwrap_or("all");
            format!("passed {} {event_name} {}", passed.element, passed.records.len())
        }
        Event::System(notice) => format!("system {:?}", notice.system_message()),
        Event::Message(notice) => format!("message {:?}", notice.term()),
        Event::Unknown(term) => format!("unknown {}", term.as_term()),
        Event::Refused(refused) => {
            format!("refused {:?} at {} of {}", refused.class(), refused.offset(), refused.size())
        }
        Event::HelperLegUp(uuid) => format!("helper leg {uuid}"),
        Event::HelperLegDown => "no helper leg".into(),
        Event::Full(kind) => format!("full of {kind}"),
        Event::Stale => "Stale".into(),
        Event::Resynced => "Resynced".into(),
        Event::Disconnected(end) => end.to_string(),
        Event::Lagged { missed, generation } => format!("lagged {missed} up to {generation}"),
        other => panic!("{other:?}"),
    }
}

fn spec(element: &str) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.tuple(3).atom("field_spec").string(element).list(3);
    encoder.atom("uuid").atom("id").atom("state").finish().unwrap()
}

fn record<'a>(encoder: &'a mut Encoder, element: &str, key: &str, state: &str) -> &'a mut Encoder {
    encoder.tuple(3);
    if element.contains("channel") {
        encoder.binary(key).atom("undefined");
    } else {
        encoder.atom("undefined").integer(key.parse::<i64>().unwrap());
    }
    match state {
        "park" => encoder.tuple(3).integer(1).atom("park").integer(901),
        state => encoder.tuple(2).integer(1).atom(state),
    }
}

fn list(element: &str, keys: &[&str]) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.tuple(3).atom("initial_info").string(element).list(keys.len());
    for key in keys {
        record(&mut encoder, element, key, "bridged");
    }
    encoder.finish().unwrap()
}

fn info_event(element: &str, key: &str, state: &str, event: &str) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.tuple(4).atom("info_event").string(element);
    record(&mut encoder, element, key, state).atom(event).finish().unwrap()
}

fn system(payload: &str) -> Vec<u8> {
    Encoder::new().tuple(2).atom("system_msg").atom(payload).finish().unwrap()
}

fn lost() -> DisconnectReason {
    DisconnectReason::Lost(ErrorKind::ConnectionReset)
}

#[test]
fn the_store_is_current_when_every_announced_element_was_listed() {
    let mut run = Run::open(SessionOptions::default());
    run.announce(&["channel", "user", "x_own"]);
    run.list("user", &["7"]);
    assert_eq!(run.said(), ["Snapshot user 1"]);
    run.event("channel", "c-9", "bridged", "added");
    run.list("channel", &["c-1"]);
    assert_eq!(run.said(), ["added channel c-9", "Snapshot channel 1", "Resynced"]);
    assert!(run.session.is_current());
    assert!(run.session.store().channel("c-9").is_none());
    run.announce(&["group"]);
    assert_eq!(run.said(), ["Stale"]);
    run.list("group", &[]);
    assert_eq!(run.said(), ["Snapshot group 0", "Resynced"]);
}

#[test]
fn an_empty_pbx_is_current_when_its_channels_were_listed() {
    let mut run = Run::open(SessionOptions::default());
    run.list("channel", &[]);
    assert_eq!(run.said(), ["Snapshot channel 0", "Resynced"]);
}

#[test]
fn channels_are_waited_for_though_they_were_not_announced_yet() {
    let mut run = Run::open(SessionOptions::default());
    run.announce(&["user"]);
    run.list("user", &["7"]);
    assert_eq!(run.said(), ["Snapshot user 1"]);
    run.list("channel", &[]);
    assert_eq!(run.said(), ["Snapshot channel 0", "Resynced"]);
}

#[test]
fn what_was_listed_on_the_connection_before_is_waited_for() {
    let mut run = Run::current(SessionOptions::default());
    run.closed(lost());
    run.wait(20 * SECOND);
    run.connect();
    run.said();
    run.announce(&["channel"]);
    run.list("channel", &[]);
    assert_eq!(run.said(), ["Snapshot channel 0"]);
    run.announce(&["user"]);
    run.list("user", &["7"]);
    assert_eq!(run.said(), ["Snapshot user 1", "Resynced"]);
}

#[test]
fn only_chosen_elements_are_waited_for() {
    let options = SessionOptions::default().expecting([ElementKind::Channel]);
    let mut run = Run::open(options);
    run.announce(&["channel", "user", "terminal"]);
    run.list("channel", &["c-1"]);
    assert_eq!(run.said(), ["Snapshot channel 1", "Resynced"]);
    run.list("user", &["7"]);
    assert_eq!(run.said(), ["Snapshot user 1", "added user 7"]);
}

#[test]
fn b81_a_list_that_comes_again_tells_what_is_different() {
    let mut run = Run::current(SessionOptions::default());
    run.list("channel", &["c-2", "c-3"]);
    assert_eq!(run.said(), ["Snapshot channel 2", "added channel c-3", "removed channel c-1"]);
    run.list("channel", &["c-2", "c-3"]);
    assert_eq!(run.said(), ["Snapshot channel 2"]);
}

#[test]
fn b87_a_refused_message_makes_the_store_doubtful_until_all_is_listed_again() {
    let mut run = Run::current(SessionOptions::default());
    run.frame(b"\x83garbage");
    assert_eq!(run.said(), ["refused Decode at 1 of 8", "Stale"]);
    run.event("channel", "c-1", "park", "updated");
    assert_eq!(run.said(), ["updated channel c-1"]);
    run.list("channel", &["c-1"]);
    run.frame(b"\x82");
    assert_eq!(run.said(), ["Snapshot channel 1", "refused Decode at 0 of 1"]);
    // What was refused may have been about any element, also one that was never heard of.
    for kind in ElementKind::KNOWN {
        assert!(!run.session.is_current());
        let element = kind.to_str();
        run.announce(&[&element]);
        run.list(&element, &[]);
    }
    assert_eq!(run.said()[8..], ["Snapshot domain 0", "Resynced"]);
}

#[test]
fn b110_a_refused_list_of_an_element_that_was_never_announced_is_waited_for() {
    let mut run = Run::open(SessionOptions::default());
    run.announce(&["channel"]);
    run.list("user", &["7"]);
    run.list("channel", &[]);
    assert_eq!(run.said(), ["refused NoFieldSpec at 29 of 58", "Snapshot channel 0"]);
    run.announce(&["user"]);
    run.list("user", &["7"]);
    assert_eq!(run.said(), ["Snapshot user 1", "Resynced"]);
}

#[test]
fn b110_a_message_refused_for_its_parts_makes_only_its_element_doubtful() {
    let no_record = Encoder::new().tuple(3).atom("info_event").string("user").integer(5).finish();
    let mut run = Run::current(SessionOptions::default());
    run.frame(&no_record.unwrap());
    assert_eq!(run.said(), ["refused Shape at 22 of 24", "Stale"]);
    assert!(run.session.store().table(ElementKind::Channel).unwrap().is_current());
    run.list("user", &["7"]);
    assert_eq!(run.said(), ["Snapshot user 1", "Resynced"]);
}

#[test]
fn b110_a_message_about_an_element_that_is_not_held_makes_nothing_doubtful() {
    let mut run = Run::current(SessionOptions::default());
    run.frame(&info_event("x_own", "1", "bridged", "added"));
    assert_eq!(run.said(), ["refused NoFieldSpec at 23 of 58"]);
    assert!(run.session.is_current());
}

#[test]
fn b5_a_text_message_is_refused() {
    let mut run = Run::current(SessionOptions::default());
    run.session.handle_text(run.now, "hello");
    let Some(Event::Refused(refused)) = run.session.poll_event() else { panic!() };
    assert_eq!((refused.class(), refused.size()), (ErrorClass::Decode, 5));
    assert_eq!(
        refused.to_string(),
        "message is refused: it is a text message, and a PBX sends binary ones; check that the \
         address is that of a Basix PBX, of 5 bytes"
    );
    assert_eq!(run.said(), [""; 0]);
    assert!(run.session.is_current(), "no record comes as text");
}

#[test]
fn a_message_one_byte_over_the_limit_is_refused_and_one_at_the_limit_is_not() {
    let frame = list("channel", &[]);
    let mut run = Run::open(SessionOptions::default().with_message_size(frame.len()));
    run.frame(&frame);
    assert_eq!(run.said(), ["Snapshot channel 0", "Resynced"]);
    run.frame(&[&*frame, b"\0"].concat());
    let Some(Event::Refused(refused)) = run.session.poll_event() else { panic!() };
    let text = format!("message is refused: it has more than {} bytes", frame.len());
    assert_eq!(refused.error().to_string(), text);
}

#[test]
fn b88_what_the_mirror_does_not_hold_is_passed_on() {
    let mut run = Run::current(SessionOptions::default());
    run.announce(&["x_own"]);
    run.event("x_own", "5", "bridged", "grown");
    run.list("x_own", &["5", "6"]);
    run.event("channel", "c-1", "bridged", "updated");
    run.event("channel", "c-8", "bridged", "removed");
    run.frame(&system("other"));
    run.frame(&Encoder::new().tuple(2).atom("msg").binary("hello").finish().unwrap());
    run.frame(&Encoder::new().tuple(1).atom("new_kind").finish().unwrap());
    assert_eq!(
        run.said(),
        [
            "passed x_own grown 1",
            "passed x_own all 2",
            "passed channel updated 1",
            "passed channel removed 1",
            "system None",
            "message Some(<<\"hello\">>)",
            "unknown {new_kind}",
        ]
    );
}

#[test]
fn b85_b100_after_a_close_channels_are_forgotten_and_one_connection_is_made_20_s_later() {
    let mut run = Run::current(SessionOptions::default());
    run.closed(DisconnectReason::Closed { code: Some(1001) });
    run.closed(lost());
    assert_eq!(
        run.said(),
        ["the PBX closed with code 1001; next attempt in 20.0 s", "Stale"],
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

#[test]
fn b86_field_specs_belong_to_one_connection() {
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
        DisconnectReason::NotMade(error) if matches!(**error, ConnectError::TimedOut)));
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
        ["added user 8", "the PBX gave no sign of life; next attempt in 20.0 s", "Stale"]
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
            "Snapshot channel 0",
            "the PBX did not list all records in time; it lacks user; next attempt in 20.0 s"
        ]
    );
    assert_eq!(patient.said(), ["Snapshot channel 0"]);
}

#[test]
fn b101_notices_of_the_pbx_tell_why_a_connection_ended() {
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
        run.closed(DisconnectReason::Closed { code: None });
        assert_eq!(run.said(), [text]);
    }
    let mut run = Run::open(SessionOptions::default());
    run.frame(&system("logout"));
    run.closed(DisconnectReason::Closed { code: None });
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
    assert_eq!(run.said(), ["closed by this program; no further attempt", "Stale"]);
    assert_eq!(run.session.poll_timeout(), None);
    assert!(run.session.is_stopped());
}

#[test]
fn a_policy_that_gives_up_stops_the_session() {
    let reconnect = Reconnect::default().stop_when_replaced();
    let mut run = Run::open(SessionOptions::default().with_reconnect(reconnect));
    run.frame(&system("connection_replaced"));
    run.closed(DisconnectReason::Closed { code: None });
    assert!(run.session.is_stopped());
    assert_eq!(run.session.poll_timeout(), None);
}

#[test]
fn events_that_are_not_polled_are_replaced_by_one_that_says_so() {
    let mut run = Run::current(SessionOptions::default().with_events(8));
    let before = run.session.store().clone();
    for user in 0..20 {
        run.event("user", &(100 + user).to_string(), "bridged", "added");
    }
    let generation = before.generation();
    // Eight fit, the ninth does not; with these two there is room for six more.
    let said = run.said();
    assert_eq!(said[..2], [format!("lagged 16 up to {}", generation + 16), "Resynced".into()]);
    assert_eq!(said[2..], ["added user 116", "added user 117", "added user 118", "added user 119"]);
    assert_eq!(run.session.store().users().count(), 21);
    assert_eq!(run.session.store().changes_since(&before).count(), 20);
    run.event("user", "500", "bridged", "added");
    let Some(Event::Changed(change)) = run.session.poll_event() else { panic!() };
    assert_eq!(change.generation(), generation + 21);
}

#[test]
fn missed_events_are_counted_exactly_and_whether_the_store_is_current_is_not_missed() {
    for limit in 4..14 {
        for events in 0..120_u64 {
            let mut run = Run::current(SessionOptions::default().with_events(limit));
            for at in 0..events {
                match at {
                    50 => run.frame(b"\x83"),
                    90 => run.list("channel", &[]),
                    91 => run.list("user", &[]),
                    at => run.event("user", &(1000 + at).to_string(), "bridged", "added"),
                }
            }
            let mut told = 0;
            let mut current = true;
            for event in run.said() {
                match &*event {
                    "Resynced" => current = true,
                    "Stale" => current = false,
                    event => match event.strip_prefix("lagged ") {
                        Some(rest) => {
                            told += rest.split(' ').next().unwrap().parse::<u64>().unwrap()
                        }
                        None => told += 1,
                    },
                }
            }
            assert_eq!(current, run.session.is_current(), "{limit} {events}");
            // `Stale` and `Resynced` count as missed, too, when they are.
            assert!(
                (events..=events + 2 + events / limit as u64).contains(&told),
                "{limit} {events} {told}"
            );
        }
    }
}

#[test]
fn events_that_hold_too_much_are_missed_however_few_they_are() {
    let message = |bytes: usize| {
        let mut encoder = Encoder::new();
        encoder.tuple(2).atom("msg").binary(vec![b'x'; bytes]).finish().unwrap()
    };
    let mut run = Run::current(SessionOptions::default().with_event_bytes(10_000));
    run.frame(&message(20_000));
    assert!(matches!(run.session.poll_event(), Some(Event::Message(_))), "one is always kept");
    for _ in 0..3 {
        run.frame(&message(4_000));
    }
    run.frame(&message(4_000));
    let generation = run.session.store().generation();
    let said = run.said();
    assert_eq!(said[..2], [format!("lagged 3 up to {generation}"), "Resynced".into()]);
    assert_eq!(said.len(), 3);
    for _ in 0..2 {
        run.frame(&message(4_000));
    }
    assert_eq!(run.said().len(), 2, "what was polled makes room");
}

#[test]
fn a_view_of_the_store_stays_as_it_was() {
    let mut run = Run::current(SessionOptions::default());
    let view = run.session.store().clone();
    run.event("channel", "c-1", "park", "updated");
    run.event("channel", "c-2", "bridged", "removed");
    assert_eq!(view.channels().count(), 2);
    let changes: Vec<String> =
        run.session.store().changes_since(&view).map(|change| change.to_string()).collect();
    assert_eq!(changes, ["updated channel c-1", "removed channel c-2"]);
    assert_eq!(run.session.store().generation(), view.generation() + 2);
}

#[test]
fn a_store_at_its_limits_is_not_current() {
    let options = SessionOptions::default().with_store_limits(StoreLimits::default().with_rows(2));
    let mut run = Run::current(options);
    run.event("channel", "c-3", "bridged", "added");
    assert_eq!(run.said(), ["full of channel", "Stale"]);
    run.list("channel", &["c-1"]);
    assert_eq!(
        run.said(),
        ["Snapshot channel 1", "Resynced"],
        "a list that fits makes it current again"
    );
}

#[test]
fn b90_to_b92_commands_are_sent_and_their_effect_is_seen() {
    let mut run = Run::current(SessionOptions::default());
    run.session.command(run.now, Command::park("c-1").timeout(30)).unwrap();
    run.session.command(run.now, Command::hangup("c-2")).unwrap();
    assert_eq!(
        run.transmits(),
        [
            Transmit::Text(r#"{"cmd":"park","uuid":"c-1","timeout":30}"#.into()),
            Transmit::Text(r#"{"cmd":"hangup","uuid":"c-2"}"#.into()),
        ]
    );
    run.event("channel", "c-1", "ivr", "updated");
    assert_eq!(run.outcomes(), []);
    run.event("channel", "c-1", "park", "updated");
    run.event("channel", "c-2", "bridged", "removed");
    assert_eq!(run.outcomes(), [CommandOutcome::Done, CommandOutcome::Done]);
    let transfer = Command::transfer("c-1").user_id(UserId(7));
    run.session.command(run.now, transfer).unwrap();
    run.event("channel", "c-1", "calling", "updated");
    assert_eq!(run.outcomes(), [CommandOutcome::Done]);
}

#[test]
fn a_command_without_effect_is_known_to_have_none() {
    let mut run = Run::current(SessionOptions::default());
    run.session.command(run.now, Command::park("c-1")).unwrap();
    run.session.command(run.now, Command::park("c-2")).unwrap();
    run.event("channel", "c-2", "bridged", "removed");
    run.wait(10 * SECOND);
    assert_eq!(run.outcomes(), [CommandOutcome::ChannelEnded, CommandOutcome::Unanswered]);
    run.session.command(run.now, Command::park("c-1")).unwrap();
    run.closed(lost());
    assert_eq!(run.outcomes(), [CommandOutcome::ConnectionLost]);
    assert_eq!(run.transmits(), [], "what was not sent is not sent on the next connection");
}

#[test]
fn b95_a_command_that_cannot_be_sent_says_why() {
    let options = SessionOptions::default().with_commands(3).with_unsent(2);
    let mut run = Run::current(options);
    let hangup = |run: &mut Run, uuid: &str| run.session.command(run.now, Command::hangup(uuid));
    assert_eq!(hangup(&mut run, "c-9"), Err(CommandError::NoSuchChannel));
    assert!(hangup(&mut run, "c-1").is_ok() && hangup(&mut run, "c-1").is_ok());
    assert_eq!(hangup(&mut run, "c-1"), Err(CommandError::WriteBufferFull { limit: 2 }));
    run.transmits();
    assert!(hangup(&mut run, "c-1").is_ok());
    assert_eq!(hangup(&mut run, "c-1"), Err(CommandError::TooMany { limit: 3 }));
    let listen = Command::eavesdrop("c-1");
    run.transmits();
    assert_eq!(run.session.eavesdrop(run.now, listen.clone()), Err(CommandError::NoSupervisor));
    run.closed(lost());
    assert_eq!(hangup(&mut run, "c-1"), Err(CommandError::NotConnected));
    assert_eq!(run.session.eavesdrop(run.now, listen), Err(CommandError::NotConnected));
}

/// Announces channels with what the helper leg is known by.
fn helper_event(uuid: &str, last_event: &str, event: &str) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.tuple(4).atom("info_event").string("channel").tuple(4);
    encoder.binary(uuid).binary("media_plug").binary(last_event);
    encoder.tuple(2).integer(1).atom("system_operation").atom(event).finish().unwrap()
}

#[test]
fn b96_eavesdropping_gets_a_leg_first() {
    let options = SessionOptions::default().with_supervisor(Some(UserId(7)));
    let mut run = Run::open(options);
    let mut spec = Encoder::new();
    spec.tuple(3).atom("field_spec").string("channel").list(4);
    spec.atom("uuid").atom("calling_number").atom("last_event").atom("state");
    run.frame(&spec.finish().unwrap());
    let mut list = Encoder::new();
    list.tuple(3).atom("initial_info").string("channel").list(1).tuple(1).binary("c-1");
    run.frame(&list.finish().unwrap());
    run.said();

    run.session.eavesdrop(run.now, Command::eavesdrop("c-1").subcommand("listen")).unwrap();
    let [Transmit::CallUser { request, call }] = &run.transmits()[..] else { panic!() };
    assert_eq!(call.user_id, UserId(7));
    let answer = CallUserAnswer::parse(200, br#"{"result_code":0,"uuids":["h-1"]}"#);
    run.session.handle_call_user(run.now, *request, answer);
    assert_eq!(run.transmits(), []);
    run.frame(&helper_event("h-1", "CHANNEL_ANSWER", "added"));
    let text = r#"{"cmd":"eavesdrop","uuid":"h-1","target_uuid":"c-1","subcommand":"listen"}"#;
    assert_eq!(run.transmits(), [Transmit::Text(text.into())]);
    assert_eq!(run.said(), ["helper leg h-1", "added channel h-1"]);
    run.session.end_helper_leg(run.now);
    assert_eq!(run.transmits(), [Transmit::Text(r#"{"cmd":"hangup","uuid":"h-1"}"#.into())]);
    assert_eq!(run.said(), ["no helper leg"]);
}

#[test]
fn b96_a_login_that_is_gone_is_renewed_by_a_new_connection() {
    let options = SessionOptions::default().with_supervisor(Some(UserId(7)));
    let mut run = Run::current(options);
    run.session.eavesdrop(run.now, Command::eavesdrop("c-1")).unwrap();
    let [Transmit::CallUser { request, .. }] = run.transmits()[..] else { panic!() };
    let answer = br#"{"result_code":1,"error":{"id":"authentication_required"}}"#;
    let answer = CallUserAnswer::parse(200, answer);
    run.session.handle_call_user(run.now, request, answer);
    assert_eq!(run.transmits(), [Transmit::Close]);
    assert_eq!(run.said(), ["the login has ended; log in again; next attempt in 20.0 s", "Stale"]);
    let [CommandOutcome::NotSent(error)] = &run.outcomes()[..] else { panic!() };
    assert_eq!(
        error.to_string(),
        "eavesdrop has no leg of the listener: the login has ended, connect again"
    );
}
