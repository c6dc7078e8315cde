//! A client made of nothing but the crate's own parser and store.

use basix_cti::{Change, ElementKind, Message, Parser, Store};
use basix_cti_testing::{ConnectionId, Handshake, Pbx, Sent};

/// A client of one connection.
pub(crate) struct Client {
    pub(crate) connection: ConnectionId,
    parser: Parser,
    /// The record that the last frame was about.
    touched: Option<(ElementKind, String)>,
    pub(crate) store: Store,
    /// Notices and messages, in words.
    pub(crate) heard: Vec<String>,
}

/// The request of a client that may see everything.
pub(crate) fn handshake() -> Handshake {
    Handshake::new().with_token("example.test", "token")
}

impl Client {
    pub(crate) fn open(pbx: &mut Pbx) -> Self {
        Self::open_with(pbx, &handshake())
    }

    #[track_caller]
    pub(crate) fn open_with(pbx: &mut Pbx, handshake: &Handshake) -> Self {
        let connection = pbx.open(handshake).unwrap();
        Self {
            connection,
            parser: Parser::new(),
            touched: None,
            store: Store::new(),
            heard: Vec::new(),
        }
    }

    /// Reads a frame, which must be in order.
    #[track_caller]
    pub(crate) fn read(&mut self, frame: &[u8]) -> Vec<Change> {
        let message = self.parser.parse(frame).unwrap();
        match &message {
            Message::SystemMsg(_) | Message::Msg(_) | Message::Unknown(_) => {
                self.heard.push(message.printed(None).unwrap().to_string());
            }
            _ => {}
        }
        self.touched = match &message {
            Message::InfoEvent(event) => {
                let key = || event.record().key().unwrap().into_owned();
                (event.kind() != ElementKind::Unknown).then(|| (event.kind(), key()))
            }
            _ => None,
        };
        self.store.apply(&message).unwrap().collect()
    }

    /// Reads all there is, and compares what each frame is about; gives the changes.
    #[track_caller]
    pub(crate) fn follow(&mut self, pbx: &mut Pbx) -> Vec<Change> {
        let mut changes = Vec::new();
        while let Some(sent) = pbx.poll_frame(self.connection) {
            match sent {
                Sent::Frame(frame) | Sent::SlowFrame(frame) => changes.extend(self.read(&frame)),
                other => panic!("a frame was expected, {other:?} came"),
            }
            let compared = match &self.touched {
                Some((element, key)) => {
                    pbx.compare_delivered_record(self.connection, *element, key, &self.store)
                }
                None => Ok(()),
            };
            if let Err(difference) = compared {
                panic!("{difference}");
            }
        }
        changes
    }

    /// As [`follow`](Self::follow), and the mirror must then be the PBX.
    #[track_caller]
    pub(crate) fn catch_up(&mut self, pbx: &mut Pbx) -> Vec<Change> {
        let changes = self.follow(pbx);
        if let Err(difference) = pbx.compare(&self.store) {
            panic!("{difference}");
        }
        changes
    }
}
