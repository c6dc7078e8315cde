//! A pretend PBX that runs the real script, and sends its requests over real HTTP.

mod sockets;

use std::collections::BTreeMap;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};

use pbx_integration::Identifier;
use pbx_integration::bridge::{BackendScript, BackendScriptBuilder, BridgeSecret};
use serde_json::{Value, json};
use tungstenite::WebSocket;

use crate::duk::Duk;
use crate::network::{Answer, listen, post};

pub(crate) const SECRET: &str = "sJ3kq0P-ww7Zt1b_9dRmXv5eLhYc2aGu";

/// The identifier of the tests.
pub(crate) fn id() -> Identifier {
    Identifier::new("ourcrmsys").unwrap()
}

/// A script for a server; a test may change its parts.
pub(crate) fn script(server: SocketAddr) -> BackendScriptBuilder {
    let secret = BridgeSecret::new(SECRET).unwrap();
    BackendScript::builder(&id(), &format!("http://{server}/vodia"), &secret)
}

/// A request of the script: its number at the host, path, headers and body.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    number: u64,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Sent {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| &**value).unwrap()
    }
}

/// Something that came while the PBX waited.
enum Arrived {
    /// The answer of a poll.
    Poll(u64, Option<Answer>),
    /// A text of a websocket; `None` when it has closed.
    Text(u64, Option<String>),
    /// A web request, as an argument of `onhttp`, and the way for its reply.
    Web(Value, Sender<Option<Answer>>),
    /// A future has ended.
    Ended,
}

/// The PBX.
pub(crate) struct Pbx {
    duk: Duk,
    server: SocketAddr,
    /// True if the service can be reached.
    pub(crate) is_up: bool,
    /// True if the top-level code runs before every callback.
    pub(crate) is_forgetful: bool,
    waiting: Vec<Sent>,
    timers: Vec<(u64, u64)>,
    last_timer: u64,
    now: u64,
    arrivals: (Sender<Arrived>, Receiver<Arrived>),
    sockets: BTreeMap<u64, WebSocket<TcpStream>>,
    /// Sockets that the script does not know to be open or closed.
    changed: Vec<(u64, &'static str)>,
    /// The websocket that has to acknowledge something.
    unacked: Option<u64>,
    /// True if a future that uses the service has ended.
    has_ended: bool,
    /// False if acknowledgements get lost, after the service has sent them.
    pub(crate) takes_acks: bool,
    /// False if replies to web requests get lost.
    pub(crate) gives_replies: bool,
    /// Everything that the script sent by websockets.
    pub(crate) frames: Vec<Value>,
    /// The losses that the script reported last.
    pub(crate) lost: String,
    /// True if the requests of polls are sent.
    has_polls: bool,
    /// Everything that the script sent, and its log.
    pub(crate) sent: Vec<Sent>,
    pub(crate) log: Vec<String>,
    /// The calls of host functions, other than requests and timers.
    pub(crate) asked: Vec<(String, Value)>,
}

impl Pbx {
    /// Starts a PBX with a script; `None` if there is no engine.
    pub(crate) fn start(
        script: BackendScriptBuilder,
        server: SocketAddr,
        has_timer: bool,
    ) -> Option<Self> {
        Self::start_with(script, server, has_timer, true)
    }

    /// The same, but the polls of the script are never answered.
    pub(crate) fn start_without_polls(
        script: BackendScriptBuilder,
        server: SocketAddr,
        has_timer: bool,
    ) -> Option<Self> {
        Self::start_with(script, server, has_timer, false)
    }

    fn start_with(
        script: BackendScriptBuilder,
        server: SocketAddr,
        has_timer: bool,
        has_polls: bool,
    ) -> Option<Self> {
        let duk = Duk::start(script.build().unwrap().as_str(), has_timer)?;
        let mut pbx = Self {
            duk,
            server,
            is_up: true,
            is_forgetful: false,
            waiting: Vec::new(),
            timers: Vec::new(),
            last_timer: 0,
            now: 0,
            arrivals: channel(),
            sockets: BTreeMap::new(),
            changed: Vec::new(),
            unacked: None,
            has_ended: false,
            takes_acks: true,
            gives_replies: true,
            frames: Vec::new(),
            lost: String::new(),
            has_polls,
            sent: Vec::new(),
            log: Vec::new(),
            asked: Vec::new(),
        };
        pbx.load();
        Some(pbx)
    }

    /// Runs the top-level code of the script.
    pub(crate) fn load(&mut self) {
        self.eval("(0, eval)(source)");
    }

    /// Forgets all that the script knows, as a restart does.
    pub(crate) fn restart(&mut self) {
        self.timers.clear();
        self.waiting.clear();
        for (_, socket) in std::mem::take(&mut self.sockets) {
            let _ = socket.get_ref().shutdown(Shutdown::Both);
        }
        self.unacked = None;
        self.changed.clear();
        self.eval("sockets.forEach(function (socket) { socket.handlers = {}; })");
        self.eval("callbacks = callbacks.map(function () { return function () {}; })");
        self.load();
    }

    /// Runs JavaScript in the engine.
    pub(crate) fn eval(&mut self, script: &str) {
        for (kind, value) in self.duk.eval(script) {
            match &*kind {
                "http" => self.take_request(&value),
                "timer" => {
                    self.last_timer = value["time"].as_f64().unwrap() as u64;
                    let due = self.now + self.last_timer;
                    self.timers.push((due, value["number"].as_u64().unwrap()));
                }
                "connect" => self.connect(&value),
                "frame" => self.send_frame(&value),
                "close" => self.close(value.as_u64().unwrap()),
                "trace" => self.log.push(value["text"].as_str().unwrap().to_owned()),
                _ => self.asked.push((kind, value)),
            }
        }
    }

    fn take_request(&mut self, value: &Value) {
        let args = &value["args"];
        assert_eq!((&args["attempts"], &args["verify"]), (&json!(1), &json!(true)));
        assert_eq!(args["timeout"], args["readTimeout"]);
        assert_eq!(args["url"], args["logurl"]);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let headers = args["header"].as_array().unwrap().iter();
        let headers = headers.map(|header| {
            assert_eq!(header["secret"], header["name"] == "Authorization");
            (text(&header["name"]), text(&header["value"]))
        });
        let url = text(&args["url"]);
        let sent = Sent {
            number: value["number"].as_u64().unwrap(),
            path: url[url.find("/vodia").unwrap()..].to_owned(),
            headers: headers.collect(),
            body: text(&args["body"]),
        };
        let is_poll = sent.path.ends_with("/v1/poll");
        if is_poll && !self.has_polls {
            return;
        }
        sent.header("X-Bridge-Lost").clone_into(&mut self.lost);
        self.sent.push(sent.clone());
        if is_poll {
            let (server, arrivals) = (self.server(), self.arrivals.0.clone());
            std::thread::spawn(move || {
                let answered = post(server, &sent.path, &sent.headers, &sent.body).ok();
                let _ = arrivals.send(Arrived::Poll(sent.number, answered));
            });
        } else {
            self.waiting.push(sent);
        }
    }

    /// The address that requests go to: of the server, or one that nobody listens at.
    fn server(&self) -> SocketAddr {
        if self.is_up {
            return self.server;
        }
        TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap()
    }

    /// Takes web requests from now on, and gives the address.
    pub(crate) fn listen(&self) -> SocketAddr {
        let arrivals = self.arrivals.0.clone();
        listen(move |path, headers, body| {
            let headers: Vec<_> = headers.iter().map(|(name, value)| [name, value]).collect();
            let request = json!({"method": "POST", "url": path, "headers": headers, "body": body});
            let (reply, replied) = channel();
            arrivals.send(Arrived::Web(request, reply)).ok()?;
            replied.recv().ok()?
        })
    }

    /// Calls an entry point with JavaScript as its argument, and sends what the script wants to send.
    pub(crate) fn call(&mut self, entry_point: &str, data: &str) {
        if self.is_forgetful {
            self.load();
        }
        self.eval(&format!("{entry_point}({data})"));
        self.send();
    }

    /// Sends all requests but polls, and hands the answers over, until the script has no more.
    pub(crate) fn send(&mut self) {
        loop {
            if !self.waiting.is_empty() {
                let sent = self.waiting.remove(0);
                let answer = post(self.server(), &sent.path, &sent.headers, &sent.body).ok();
                self.answer(sent.number, answer);
            } else if !self.changed.is_empty() {
                let (number, change) = self.changed.remove(0);
                self.event(number, change, "");
            } else if self.unacked.is_some() {
                self.take_arrived();
            } else {
                return;
            }
        }
    }

    /// Waits until something comes, and hands it over.
    fn take_arrived(&mut self) {
        match self.arrivals.1.recv().unwrap() {
            Arrived::Poll(number, answer) => self.answer(number, answer),
            Arrived::Text(number, Some(text)) => {
                if text.contains("\"ack\"") {
                    self.unacked = None;
                    if !self.takes_acks {
                        return;
                    }
                }
                self.event(number, "message", &text);
            }
            Arrived::Text(number, None) => {
                if self.sockets.contains_key(&number) {
                    self.close(number);
                    self.event(number, "close", "");
                }
            }
            Arrived::Web(request, reply) => {
                let before = self.asked.len();
                let callback = "function (a, b, c, d) { emit('reply', [a, b, c, d]); }";
                self.call("onhttp", &format!("{request}, {callback}"));
                let replied = self.asked.get(before..).and_then(|asked| {
                    let (_, reply) = asked.iter().find(|(kind, _)| kind == "reply")?;
                    let body = reply[3].as_str().unwrap().to_owned();
                    let status = reply[0].as_u64().unwrap() as u16;
                    Some(Answer { status, headers: Vec::new(), body })
                });
                let _ = reply.send(replied.filter(|_| self.gives_replies));
            }
            Arrived::Ended => self.has_ended = true,
        }
    }

    fn answer(&mut self, number: u64, answer: Option<Answer>) {
        let answer =
            answer.unwrap_or_else(|| Answer { status: 0, headers: vec![], body: "".into() });
        let headers: Vec<Value> = answer
            .headers
            .iter()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect();
        let arguments = json!([answer.status, answer.body, headers]).to_string();
        self.eval(&format!("callbacks[{number}].apply(null, {arguments})"));
    }

    /// Waits for the answer of a poll or a text, and hands it over.
    pub(crate) fn finish_poll(&mut self) {
        self.take_arrived();
        self.send();
    }

    /// Loses the answer of a poll, or a text.
    pub(crate) fn lose_arrival(&mut self) {
        self.arrivals.1.recv().unwrap();
    }

    /// Loses the answer of a poll that was held to the end.
    pub(crate) fn lose_poll_after_hold(&mut self, clock: &crate::Clock) {
        clock.advance(std::time::Duration::from_secs(8));
        self.lose_arrival();
    }

    /// Runs the script of another integration beside the first.
    pub(crate) fn load_another(&mut self, script: BackendScriptBuilder) {
        let script = script.build().unwrap();
        // The engine reads lines; a script has no line break inside a text.
        let lines = script.as_str().lines().filter(|line| !line.trim_start().starts_with("//"));
        let line: Vec<&str> = lines.collect();
        let own = "var own = Host.settings('another'), loadIntr = own.load, saveIntr = own.save;";
        self.eval(&format!("(function () {{ {own} {} }}())", line.join(" ")));
    }

    /// Runs a future that uses the service, and hands over answers of polls meanwhile.
    pub(crate) fn serve<T: Send + 'static>(
        &mut self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let ended = Ended(self.arrivals.0.clone());
        let running = std::thread::spawn(move || {
            let _ended = ended;
            crate::wait(future)
        });
        self.has_ended = false;
        while !self.has_ended {
            self.finish_poll();
        }
        running.join().unwrap()
    }

    /// The time of the timer that was set last, in milliseconds.
    pub(crate) const fn last_timer(&self) -> u64 {
        self.last_timer
    }

    /// Lets time pass, and runs the timers that are due.
    pub(crate) fn advance(&mut self, milliseconds: u64) {
        let end = self.now + milliseconds;
        while let Some(at) = (0..self.timers.len())
            .min_by_key(|at| self.timers[*at])
            .filter(|at| self.timers[*at].0 <= end)
        {
            let (due, number) = self.timers.remove(at);
            self.set_clock(due);
            self.eval(&format!("timers[{number}]()"));
            self.send();
        }
        self.set_clock(end);
    }

    fn set_clock(&mut self, now: u64) {
        self.eval(&format!("clock += {}", now - self.now));
        self.now = now;
    }

    /// Delivery headers of the events sent so far.
    pub(crate) fn deliveries(&self) -> Vec<String> {
        let events = self.sent.iter().filter(|sent| sent.path.contains("/v1/event/"));
        events
            .map(|sent| {
                let delivery = sent.header("X-Bridge-Delivery");
                delivery.split_once('-').unwrap().1.to_owned()
            })
            .collect()
    }
}

/// Says that a future has ended, also if it panicked.
struct Ended(Sender<Arrived>);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.send(Arrived::Ended);
    }
}
