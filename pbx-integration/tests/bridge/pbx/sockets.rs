//! The websockets of the pretend PBX.

use std::net::{Shutdown, TcpStream};

use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest as _;
use tungstenite::http::{HeaderName, HeaderValue};
use tungstenite::{Message, WebSocket};

use super::{Arrived, Pbx, SECRET};

impl Pbx {
    pub(super) fn connect(&mut self, value: &Value) {
        let number = value["number"].as_u64().unwrap();
        let mut request = value["url"].as_str().unwrap().into_client_request().unwrap();
        for header in value["header"].as_array().unwrap() {
            let name: HeaderName = header["name"].as_str().unwrap().parse().unwrap();
            let value: HeaderValue = header["value"].as_str().unwrap().parse().unwrap();
            assert_eq!(header["secret"], name == "authorization");
            request.headers_mut().insert(name, value);
        }
        let stream = TcpStream::connect(self.server()).ok();
        let connected = stream.and_then(|stream| tungstenite::client(request, stream).ok());
        let Some((mut socket, _)) = connected else { return self.changed.push((number, "error")) };
        let stream = socket.get_ref().try_clone().unwrap();
        let role = tungstenite::protocol::Role::Client;
        self.sockets.insert(number, WebSocket::from_raw_socket(stream, role, None));
        self.changed.push((number, "open"));
        let arrivals = self.arrivals.0.clone();
        std::thread::spawn(move || {
            loop {
                let text = match socket.read() {
                    Ok(Message::Text(text)) => Some(text.to_string()),
                    Ok(_) => continue,
                    Err(_) => None,
                };
                let is_closed = text.is_none();
                if arrivals.send(Arrived::Text(number, text)).is_err() || is_closed {
                    return;
                }
            }
        });
    }

    pub(super) fn send_frame(&mut self, value: &Value) {
        let text = value["text"].as_str().unwrap();
        assert!(text.is_ascii() && !text.contains(SECRET), "{text}");
        // A `Value` has no lone surrogates.
        let frame: Value = serde_json::from_str(&text.replace(r"\udc00", r"\ufffd")).unwrap();
        frame["lost"].as_str().unwrap().clone_into(&mut self.lost);
        self.frames.push(frame);
        let number = value["number"].as_u64().unwrap();
        let Some(socket) = self.sockets.get_mut(&number) else { return };
        if socket.send(Message::text(text)).is_ok() {
            self.unacked = Some(number);
        }
    }

    pub(super) fn close(&mut self, number: u64) {
        if let Some(socket) = self.sockets.remove(&number) {
            let _ = socket.get_ref().shutdown(Shutdown::Both);
        }
        self.unacked = self.unacked.filter(|unacked| *unacked != number);
    }

    /// The number of open websockets.
    pub(crate) fn open_sockets(&self) -> usize {
        self.sockets.len()
    }

    /// Cuts the websockets, and lets the script know.
    pub(crate) fn cut_sockets(&mut self) {
        for number in self.sockets.keys().copied().collect::<Vec<_>>() {
            self.close(number);
            self.changed.push((number, "close"));
        }
        self.send();
    }

    /// Hands an event of a websocket over.
    pub(super) fn event(&mut self, number: u64, event: &str, text: &str) {
        let (handlers, text) = (format!("sockets[{number}].handlers"), json!(text));
        self.eval(&format!("if ({handlers}.{event}) {{ {handlers}.{event}({text}); }}"));
    }
}
