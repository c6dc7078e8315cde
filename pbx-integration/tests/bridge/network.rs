//! HTTP/1.1 over real sockets on loopback, with faults.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::pin::pin;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use event_listener::Event;
use futures_util::future::{Either, select};
use pbx_integration::bridge::BridgeService;
use tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tungstenite::protocol::Role;
use tungstenite::{Message, WebSocket, accept_hdr};

use crate::wait;

/// A fault of the service or of the way to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The request is answered with this status and `Retry-After`.
    Status(u16, Option<u32>),
    /// The connection breaks before the service has the request.
    Cut,
    /// The connection breaks after the service has handled the request.
    LoseAnswer,
}

/// An answer: status, headers, body.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// A web server for a service that can be replaced.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    service: BridgeService,
    /// Faults of the next requests other than polls, and of texts of websockets.
    faults: VecDeque<Fault>,
    has_websockets: bool,
}

impl Server {
    pub(crate) fn start(service: BridgeService) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state =
            Arc::new(Mutex::new(State { service, faults: VecDeque::new(), has_websockets: true }));
        let server = Self { address, state };
        let accepting = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (server, stream) = (accepting.clone(), stream.unwrap());
                std::thread::spawn(move || server.serve(stream));
            }
        });
        server
    }

    pub(crate) fn replace(&self, service: BridgeService) {
        self.state.lock().unwrap().service = service;
    }

    pub(crate) fn fail_next(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state.lock().unwrap().faults.extend(faults);
    }

    pub(crate) fn clear_faults(&self) {
        self.state.lock().unwrap().faults.clear();
    }

    pub(crate) fn refuse_websockets(&self) {
        self.state.lock().unwrap().has_websockets = false;
    }

    fn serve(&self, stream: TcpStream) {
        let has_websockets = self.state.lock().unwrap().has_websockets;
        if has_websockets && is_get(&stream) {
            return self.serve_websocket(stream);
        }
        let mut reader = BufReader::new(stream);
        let (first, headers, body) = read(&mut reader);
        let mut parts = first.split(' ');
        let (method, path) = (parts.next().unwrap(), parts.next().unwrap());
        let (service, fault) = {
            let mut state = self.state.lock().unwrap();
            let fault = if path.ends_with("/v1/poll") { None } else { state.faults.pop_front() };
            (state.service.clone(), fault)
        };
        let mut request = http::Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let (status, headers, body) = match fault {
            Some(Fault::Cut) => return,
            Some(Fault::Status(status, after)) => {
                let after = after.map(|after| format!("Retry-After: {after}\r\n"));
                (status, after.unwrap_or_default(), Bytes::new())
            }
            _ => {
                let response = wait(service.handle(request.body(Bytes::from(body)).unwrap()));
                let lines = response
                    .headers()
                    .iter()
                    .map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()));
                (response.status().as_u16(), lines.collect(), response.body().clone())
            }
        };
        if fault == Some(Fault::LoseAnswer) {
            return;
        }
        write(reader.into_inner(), status, &headers, &body);
    }

    #[expect(clippy::result_large_err, reason = "the type of the websocket crate's handshake")]
    fn serve_websocket(&self, stream: TcpStream) {
        let service = self.state.lock().unwrap().service.clone();
        let mut admitted = None;
        let accepted = accept_hdr(stream, |request: &Request, response: Response| {
            let socket = service.socket(request).map_err(|status| {
                let mut refused = ErrorResponse::new(None);
                *refused.status_mut() = status;
                refused
            });
            admitted = Some(socket?);
            Ok(response)
        });
        let Ok(mut reader) = accepted else { return };
        let socket = admitted.unwrap();
        let stream = reader.get_ref().try_clone().unwrap();
        let writer = stream.try_clone().unwrap();
        let writer = Arc::new(Mutex::new(WebSocket::from_raw_socket(writer, Role::Server, None)));
        let send = move |text| writer.lock().unwrap().send(Message::text(text));
        let (socket, closed) = (Arc::new(socket), Event::new());
        let (sending, commanding, mut ended) = (send.clone(), socket.clone(), closed.listen());
        let commands = std::thread::spawn(move || {
            while let Either::Left((Some(commands), _)) =
                wait(select(pin!(commanding.commands()), &mut ended))
            {
                let _ = sending(commands);
            }
            let _ = stream.shutdown(Shutdown::Both);
        });
        while let Ok(message) = reader.read() {
            let Message::Text(text) = message else { continue };
            let fault = self.state.lock().unwrap().faults.pop_front();
            if fault == Some(Fault::Cut) {
                break;
            }
            let mut ack = wait(socket.handle_text(&text));
            if let Some(Fault::Status(status, _)) = fault {
                ack = ack.replace("200", &status.to_string());
            }
            if fault == Some(Fault::LoseAnswer) {
                break;
            }
            let _ = send(ack);
        }
        closed.notify(1);
        commands.join().unwrap();
    }
}

fn is_get(stream: &TcpStream) -> bool {
    let mut start = [0; 4];
    stream.peek(&mut start).is_ok() && start == *b"GET "
}

/// Posts to a server; an error if no whole answer came.
pub(crate) fn post(
    server: SocketAddr,
    path: &str,
    headers: &[(String, String)],
    body: &str,
) -> std::io::Result<Answer> {
    send("POST", server, path, headers, body)
}

/// Sends a request to a server; an error if no whole answer came.
pub(crate) fn send(
    method: &str,
    server: SocketAddr,
    path: &str,
    headers: &[(String, String)],
    body: &str,
) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(server)?;
    let mut head =
        format!("{method} {path} HTTP/1.1\r\nHost: {server}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
    let mut reader = BufReader::new(stream);
    if reader.fill_buf()?.is_empty() {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    let (first, headers, body) = read(&mut reader);
    let status = first.split(' ').nth(1).unwrap().parse().unwrap();
    Ok(Answer { status, headers, body: String::from_utf8(body).unwrap() })
}

/// Answers the requests to a free port by a function of path, headers and body.
pub(crate) fn listen(
    answer: impl Fn(String, Vec<(String, String)>, String) -> Option<Answer> + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            let (first, headers, body) = read(&mut reader);
            let path = first.split(' ').nth(1).unwrap().to_owned();
            let body = String::from_utf8(body).unwrap();
            if let Some(answer) = answer(path, headers, body) {
                write(reader.into_inner(), answer.status, "", answer.body.as_bytes());
            }
        }
    });
    address
}

/// Writes a response; it may get lost.
fn write(mut stream: TcpStream, status: u16, headers: &str, body: &[u8]) {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}

/// The first line, the headers and the body of a message.
fn read(reader: &mut BufReader<TcpStream>) -> (String, Vec<(String, String)>, Vec<u8>) {
    let mut lines = reader.by_ref().lines().map(|line| line.unwrap());
    let first = lines.next().unwrap();
    let headers: Vec<(String, String)> = lines
        .take_while(|line| !line.is_empty())
        .map(|line| {
            line.split_once(':').map(|(name, value)| (name.into(), value.trim().into())).unwrap()
        })
        .collect();
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    (first, headers, body)
}
