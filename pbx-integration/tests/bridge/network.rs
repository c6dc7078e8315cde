//! HTTP/1.1 over real sockets on loopback, with faults.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use pbx_integration::bridge::BridgeService;

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
    /// Faults of the next requests other than polls.
    faults: VecDeque<Fault>,
}

impl Server {
    pub(crate) fn start(service: BridgeService) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State { service, faults: VecDeque::new() }));
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

    fn serve(&self, stream: TcpStream) {
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
        let head = format!(
            "HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        let mut stream = reader.into_inner();
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
    }
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
