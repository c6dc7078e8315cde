//! The session against the model, under one clock and no sockets.

use std::time::{Duration, Instant};

use basix_cti::testing::{
    ConnectionId, Faults, Handshake, HangupNotice, Pbx, Refusal, Sent, Traffic,
};
use basix_cti::{
    ConnectError, DisconnectReason, ElementKind, Event, Session, SessionOptions, Transmit,
};

use crate::client::handshake;

/// A session, the PBX it follows, and the connection between them.
struct Line {
    pbx: Pbx,
    session: Session,
    connection: Option<ConnectionId>,
    handshake: Handshake,
    began: (Instant, basix_cti::Timestamp),
    resynced: usize,
}

impl Line {
    fn new(pbx: Pbx, seed: u64) -> Self {
        let now = Instant::now();
        // A PBX of which it is known what it lists: an announcement that is lost is no excuse.
        let options = SessionOptions::default().with_seed(seed | 1).expecting(ElementKind::KNOWN);
        let began = (now, pbx.now());
        let session = Session::new(now, options);
        Self { pbx, session, connection: None, handshake: handshake(), began, resynced: 0 }
    }

    fn now(&self) -> Instant {
        self.began.0 + self.began.1.elapsed_at(self.pbx.now())
    }

    /// Lets everything happen that is due.
    fn run(&mut self) {
        let now = self.now();
        if self.session.poll_timeout().is_some_and(|due| due <= now) {
            self.session.handle_timeout(now);
        }
        loop {
            let mut quiet = true;
            while let Some(transmit) = self.session.poll_transmit() {
                quiet = false;
                self.transmit(now, transmit);
            }
            while let Some(sent) = self.connection.and_then(|it| self.pbx.poll_frame(it)) {
                quiet = false;
                self.receive(now, sent);
            }
            if quiet {
                break;
            }
        }
    }

    fn transmit(&mut self, now: Instant, transmit: Transmit) {
        match (transmit, self.connection) {
            (Transmit::Connect, _) => match self.pbx.open(&self.handshake) {
                Ok(connection) => {
                    self.connection = Some(connection);
                    self.session.handle_connected(now);
                }
                Err(refusal) => {
                    let error = match refusal {
                        Refusal::Status(status) => ConnectError::Status(status.as_u16()),
                        _ => ConnectError::NotWebsocket,
                    };
                    self.session.handle_closed(now, DisconnectReason::NotMade(error.into()));
                }
            },
            (Transmit::Ping, Some(connection)) if !self.pbx.is_silent(connection) => {
                self.session.handle_pong(now);
            }
            (Transmit::Text(text), Some(connection)) => self.pbx.handle_text(connection, &text),
            (Transmit::Close, Some(connection)) => {
                self.pbx.close(connection);
                self.connection = None;
            }
            _ => {}
        }
    }

    fn receive(&mut self, now: Instant, sent: Sent) {
        match sent {
            Sent::Frame(frame) | Sent::SlowFrame(frame) => self.session.handle_frame(now, &frame),
            Sent::Text(text) => self.session.handle_text(now, &text),
            _ => {
                self.connection = None;
                let reason = DisconnectReason::Lost(std::io::ErrorKind::ConnectionReset);
                self.session.handle_closed(now, reason);
            }
        }
        while let Some(event) = self.session.poll_event() {
            if matches!(event, Event::Resynced) {
                self.resynced += 1;
                self.check();
            }
        }
    }

    /// A mirror that says it is current is what the PBX has told, and the PBX itself when there is
    /// nothing left to tell.
    fn check(&self) {
        let (true, Some(connection)) = (self.session.is_current(), self.connection) else { return };
        let store = self.session.store();
        let compared = self.pbx.compare_told(connection, store).and_then(|()| {
            if self.pbx.is_drained(connection) { self.pbx.compare(store) } else { Ok(()) }
        });
        if let Err(difference) = compared {
            panic!("{}: {difference}", self.pbx.faults());
        }
    }
}

#[test]
fn the_store_is_the_pbx_whenever_the_session_says_so() {
    for seed in 0..60 {
        let mut pbx = Pbx::new(seed);
        pbx.set_faults(Faults::from_seed(seed));
        pbx.vary_wire_form();
        pbx.set_hangup_notice(HangupNotice::Any);
        let mut line = Line::new(pbx, seed);
        let mut traffic = Traffic::new(seed).with_pace(Duration::from_secs(1));
        for step in 0..900 {
            traffic.step(&mut line.pbx);
            line.run();
            if step % 30 == 0 {
                line.check();
            }
        }
        line.check();
        assert!(line.resynced > 0, "{}", line.pbx.faults());
        let over = line.pbx.faults().is_over(line.pbx.asked().saturating_sub(1));
        assert!(line.session.is_current() || !over, "{}", line.pbx.faults());
    }
}
