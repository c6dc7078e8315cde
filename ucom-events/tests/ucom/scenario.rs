//! Calls as a PBX would send them, with the truth about each.

use proptest::prelude::*;
use ucom_events::{Directory, Event, parse_body};

pub(crate) const BASE: u64 = 1_780_000_000_000_000;
pub(crate) const CUSTOMER: &str = "+4930901820";
pub(crate) const MOBILE: &str = "+4915735990";
pub(crate) const SECOND: u64 = 1_000_000;

/// An event: its time and its body.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) time: u64,
    pub(crate) body: String,
}

impl Sent {
    pub(crate) fn event(&self) -> Event {
        parse_body(&self.body).unwrap()
    }
}

/// The truth about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Truth {
    pub(crate) outcome: &'static str,
    pub(crate) answered_by: Option<String>,
    /// Talk time in seconds.
    pub(crate) talk: Option<u64>,
    pub(crate) rang: Vec<String>,
    /// True if an IVR or queue took part, whose hangups show the outcome too.
    pub(crate) has_service: bool,
}

/// A call with its events, in order.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) call: String,
    pub(crate) events: Vec<Sent>,
    pub(crate) truth: Truth,
}

pub(crate) fn directory() -> Directory {
    let mut directory = Directory::new().with_prefix("731").with_own_number("493012345");
    for (name, kind) in [("090", "ivr"), ("200", "queue"), ("201", "queue")] {
        directory = directory.with_extension(name, kind);
    }
    (20..40).fold(directory, |directory, name| directory.with_extension(&name.to_string(), "phone"))
}

/// Writes the events of one call.
pub(crate) struct Writer {
    call: String,
    pub(crate) events: Vec<Sent>,
}

impl Writer {
    pub(crate) fn new(call: &str) -> Self {
        Self { call: call.to_owned(), events: Vec::new() }
    }

    /// An event of an extension's leg, `tenths` of a second after the call's start.
    pub(crate) fn push(
        &mut self,
        kind: &str,
        leg: &str,
        far: &str,
        extension: &str,
        tenths: u64,
        more: &str,
    ) {
        let time = BASE + tenths * SECOND / 10;
        let encode = |text: &str| text.replace('+', "%2B").replace('*', "%2A");
        let is_out = more.contains("CallFlow=OUT");
        let (caller, called) = if is_out && !more.contains("Transfered") {
            (format!("731*{extension}"), far.to_owned())
        } else if is_out {
            (CUSTOMER.to_owned(), far.to_owned())
        } else {
            (far.to_owned(), format!("731*{extension}"))
        };
        let (own, flow) = match is_out {
            true => ("CallerExtension", ""),
            false => ("CalledExtension", "&CallFlow=IN"),
        };
        self.events.push(Sent {
            time,
            body: format!(
                "EventType={kind}&CallID={}&SubCallID={leg}&CallerIDNum={}&CalledNumber={}\
                 &{own}=731%2A{extension}%40pbx.test{flow}&EventTime={time}{more}",
                self.call,
                encode(&caller),
                encode(&called),
            ),
        });
    }

    /// A leg that rings from one time to another, and is answered in between or not.
    pub(crate) fn leg(
        &mut self,
        leg: &str,
        far: &str,
        extension: &str,
        (from, answered, to): (u64, Option<u64>, u64),
        more: &str,
    ) {
        let dial = if more.contains("CallFlow=OUT") { "dial-out" } else { "dial-in" };
        self.push(dial, leg, far, extension, from, &format!("&CallStatus=CALLING{more}"));
        match answered {
            Some(at) => {
                self.push("answer", leg, far, extension, at, &format!("&CallStatus=ANSWER{more}"));
                let talk = (to - at) * SECOND / 10;
                let end = format!("&CallStatus=ANSWER&Duration={talk}{more}");
                self.push("hangup", leg, far, extension, to, &end);
            }
            None => {
                let end = format!("&CallStatus=NOANSWER&Duration=0{more}");
                self.push("hangup", leg, far, extension, to, &end);
            }
        }
    }

    /// The end of a stay in an IVR or queue.
    pub(crate) fn service(
        &mut self,
        leg: &str,
        extension: &str,
        (from, to): (u64, u64),
        bridged: bool,
    ) {
        let stay = (to - from) * SECOND / 10;
        let (bridged, status) = if bridged { ("yes", "ANSWER") } else { ("no", "NOANSWER") };
        let more = format!("&CallStatus={status}&Bridged={bridged}&Duration={stay}");
        self.push("hangup", leg, CUSTOMER, extension, to, &more);
    }

    pub(crate) fn done(self, truth: Truth) -> Scenario {
        let Self { call, mut events } = self;
        events.sort_by_key(|sent| sent.time);
        Scenario { call, events, truth }
    }
}

fn names(extensions: impl IntoIterator<Item = u64>) -> Vec<String> {
    extensions.into_iter().map(|extension| format!("731*{extension}")).collect()
}

/// A group of phones that ring at once; one of them answers, or none.
fn ring_group() -> impl Strategy<Value = Scenario> {
    (2..6_u64, any::<bool>(), 0..6_u64, 10..80_u64, 5..900_u64).prop_map(
        |(phones, is_answered, who, ring, talk)| {
            let mut writer = Writer::new("group");
            let who = 20 + who % phones;
            for extension in 20..20 + phones {
                let from = extension - 20;
                let times = match is_answered {
                    true if extension == who => (from, Some(ring), ring + talk),
                    true => (from, None, ring + 1),
                    false => (from, None, ring),
                };
                writer.leg(&format!("g-{extension}"), CUSTOMER, &extension.to_string(), times, "");
            }
            writer.done(Truth {
                outcome: if is_answered { "answered" } else { "missed" },
                answered_by: is_answered.then(|| format!("731*{who}")),
                talk: is_answered.then_some(talk),
                rang: names(20..20 + phones),
                has_service: false,
            })
        },
    )
}

/// An IVR, a queue that calls its agents in rounds, and what comes after: an answer, nothing, a second
/// queue, or a mobile phone.
fn queue() -> impl Strategy<Value = Scenario> {
    (1..4_u64, 1..4_u64, 0..4_u8, 5..900_u64, any::<bool>()).prop_map(
        |(agents, rounds, end, talk, rings_in_one_leg)| {
            let mut writer = Writer::new("queue");
            let mut now = 30;
            for round in 0..rounds {
                for agent in 0..agents {
                    let leg = match rings_in_one_leg {
                        true => format!("q-{agent}"),
                        false => format!("q-{round}-{agent}"),
                    };
                    let extension = (20 + agent).to_string();
                    writer.leg(&leg, CUSTOMER, &extension, (now, None, now + 90), "");
                    now += 100;
                }
            }
            let mut truth = Truth {
                outcome: "answered",
                answered_by: None,
                talk: Some(talk),
                rang: names(20..20 + agents),
                has_service: true,
            };
            let start = now;
            match end {
                0 => {
                    writer.leg(
                        "q-last",
                        CUSTOMER,
                        "30",
                        (now, Some(now + 20), now + 20 + talk),
                        "",
                    );
                    now += 21 + talk;
                    writer.service("q-s", "200", (20, now), true);
                    truth.answered_by = Some("731*30".to_owned());
                    truth.rang.push("731*30".to_owned());
                }
                1 => {
                    writer.service("q-s", "200", (20, now), false);
                    (truth.outcome, truth.talk) = ("missed", None);
                }
                2 => {
                    writer.service("q-s", "200", (20, now), false);
                    now += 50;
                    writer.leg(
                        "q-over",
                        CUSTOMER,
                        "31",
                        (now, Some(now + 30), now + 30 + talk),
                        "",
                    );
                    now += 31 + talk;
                    writer.service("q-t", "201", (start + 10, now), true);
                    truth.answered_by = Some("731*31".to_owned());
                    truth.rang.push("731*31".to_owned());
                }
                _ => {
                    let more = "&CallFlow=OUT&Transfered=yes";
                    let times = (now, Some(now + 40), now + 40 + talk);
                    writer.leg("q-mobile", MOBILE, "200", times, more);
                    now += 41 + talk;
                    writer.service("q-s", "200", (20, now), false);
                    truth.answered_by = Some(MOBILE.to_owned());
                }
            }
            let bridged = end == 0 || end == 2;
            writer.service("q-i", "090", (0, now + 2), bridged);
            writer.done(truth)
        },
    )
}

/// An answered call that is transferred, blind or attended, and answered or not.
fn transfer() -> impl Strategy<Value = Scenario> {
    (any::<bool>(), any::<bool>(), 20..300_u64, 20..300_u64).prop_map(
        |(is_attended, is_taken, first, second)| {
            let mut writer = Writer::new("transfer");
            let remote = format!("&RemoteNumber={}", CUSTOMER.replace('+', "%2B"));
            let end = 30 + first;
            writer.leg("t-20", CUSTOMER, "20", (0, Some(30), end), "");
            let (from, answered) = if is_attended { (40, 45) } else { (end + 2, end + 20) };
            let over = end.max(answered) + second;
            let times = (from, is_taken.then_some(answered), over);
            writer.leg("t-21", "731*20", "21", times, &remote);
            let talk = match (is_taken, is_attended) {
                (false, _) => first,
                (true, true) => over - 30,
                (true, false) => first + (over - answered),
            };
            writer.done(Truth {
                outcome: "answered",
                answered_by: Some("731*20".to_owned()),
                talk: Some(talk),
                rang: names([20, 21]),
                has_service: false,
            })
        },
    )
}

/// An outbound call.
fn outbound() -> impl Strategy<Value = Scenario> {
    (any::<bool>(), 10..300_u64, 5..900_u64).prop_map(|(is_answered, ring, talk)| {
        let mut writer = Writer::new("outbound");
        let times = match is_answered {
            true => (0, Some(ring), ring + talk),
            false => (0, None, ring),
        };
        writer.leg("o-20", CUSTOMER, "20", times, "&CallFlow=OUT");
        writer.done(Truth {
            outcome: if is_answered { "answered" } else { "not_answered" },
            answered_by: None,
            talk: is_answered.then_some(talk),
            rang: Vec::new(),
            has_service: false,
        })
    })
}

pub(crate) fn scenario() -> impl Strategy<Value = Scenario> {
    prop_oneof![ring_group(), queue(), transfer(), outbound()]
}
