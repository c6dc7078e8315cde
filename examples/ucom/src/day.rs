//! The events of a day in small.

use ucom_events::Fields;

/// One event that the PBX sends.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sent {
    /// When it goes out, in seconds from the day's start.
    pub at: u64,
    /// The list of the subscriptions that it goes to.
    pub list: String,
    /// What it is subscribed to as.
    pub event_type: String,
    /// What it says.
    pub fields: Fields,
}

/// Numbers of the people outside.
const IVAN: &str = "+79215550142";
const OLGA: &str = "+79215550199";
const SHOP: &str = "+78125550177";
const MOBILE: &str = "+79215550188";

const DID: (&str, &str) = ("CalledDID", "78125550100");

/// The day: each call's events, some out of order, some twice.
#[must_use]
pub fn events() -> Vec<Sent> {
    let mut day = Day::default();

    // From outside through the menu to 106, answered and recorded; `answer` comes last, `dial-in` twice.
    let leg = Leg { call: "c1", leg: "33335-1", flow: "IN", caller: IVAN, called: "453*106" };
    day.phone(10, "33335", leg, "dial-in", "CALLING", &[DID]);
    day.phone(10, "33335", leg, "dial-in", "CALLING", &[DID]);
    let recorded = [DID, ("Duration", "74352999"), ("RecID", "33335-3a849fa6")];
    day.phone(91, "33335", leg, "hangup", "ANSWER", &recorded);
    day.phone(92, "33335", leg, "answer", "ANSWER", &[]);
    let menu = Leg { call: "c1", leg: "33330-1", called: "453*099", ..leg };
    day.phone(92, "33330", menu, "hangup", "ANSWER", &[DID, ("Bridged", "yes")]);

    // 106 calls 107: between extensions.
    let out = Leg { call: "c2", leg: "33335-2", flow: "OUT", caller: "453*106", called: "453*107" };
    let into = Leg { leg: "33336-2", flow: "IN", ..out };
    for (kind, status) in [("dial", "CALLING"), ("answer", "ANSWER"), ("hangup", "ANSWER")] {
        let (dial_out, dial_in) =
            if kind == "dial" { ("dial-out", "dial-in") } else { (kind, kind) };
        day.phone(120, "33335", out, dial_out, status, &[]);
        day.phone(120, "33336", into, dial_in, status, &[]);
    }

    // 106 calls outside.
    let out = Leg { call: "c3", leg: "33335-3", flow: "OUT", caller: "453*106", called: SHOP };
    day.phone(200, "33335", out, "dial-out", "CALLING", &[]);
    day.phone(205, "33335", out, "answer", "ANSWER", &[]);
    day.phone(230, "33335", out, "hangup", "ANSWER", &[("Duration", "25000000")]);

    // From outside to 106, who transfers to 107: two records, both of the one outside.
    let first = Leg { call: "c4", leg: "33335-4", flow: "IN", caller: OLGA, called: "453*106" };
    day.phone(300, "33335", first, "dial-in", "CALLING", &[DID]);
    day.phone(304, "33335", first, "answer", "ANSWER", &[DID]);
    let second = Leg { leg: "33336-4", caller: "453*106", called: "453*107", ..first };
    day.phone(320, "33336", second, "dial-in", "CALLING", &[DID, ("RemoteNumber", OLGA)]);
    day.phone(322, "33335", first, "hangup", "ANSWER", &[DID, ("Duration", "18000000")]);
    day.phone(323, "33336", second, "answer", "ANSWER", &[DID]);
    day.phone(360, "33336", second, "hangup", "ANSWER", &[DID, ("Duration", "37000000")]);

    // A caller gives up in the queue: the menu's hangup, a moment later the queue's. One missed call.
    let menu = Leg { call: "c5", leg: "33330-5", flow: "IN", caller: OLGA, called: "453*099" };
    day.phone(460, "33330", menu, "hangup", "ANSWER", &[DID, ("Bridged", "no")]);
    let queue = Leg { leg: "33334-5", called: "453*300", ..menu };
    day.phone(461, "33334", queue, "hangup", "NOANSWER", &[DID, ("Bridged", "no")]);

    // 106 forwards outside, which is logged, and to 107, which is not.
    let forward = Leg { call: "c6", leg: "33335-6", flow: "OUT", caller: IVAN, called: MOBILE };
    let transferred = [DID, ("Transfered", "yes")];
    day.phone(500, "33335", forward, "dial-out", "CALLING", &transferred);
    day.phone(515, "33335", forward, "hangup", "CANCEL", &transferred);
    let inside = Leg { call: "c7", leg: "33335-7", called: "453*107", ..forward };
    let both = [("Transfered", "yes"), ("CalledExtensionID", "33336")];
    day.phone(540, "33335", inside, "dial-out", "CALLING", &both);
    day.phone(550, "33335", inside, "hangup", "NOANSWER", &both);

    // An agent signs in.
    day.push(
        600,
        "client/801/agent/136/event",
        "agent-login",
        Fields::from_pairs([
            ("agent_id", "136"),
            ("agent_status", "available"),
            ("agent_type", "local"),
            ("extension_name", "453*107@sip.example.com"),
            ("event_source", "api"),
        ]),
    );
    day.0
}

#[derive(Clone, Copy)]
struct Leg<'a> {
    call: &'a str,
    leg: &'a str,
    flow: &'a str,
    caller: &'a str,
    called: &'a str,
}

#[derive(Default)]
struct Day(Vec<Sent>);

impl Day {
    fn phone(
        &mut self,
        at: u64,
        extension: &str,
        leg: Leg<'_>,
        kind: &str,
        status: &str,
        more: &[(&str, &str)],
    ) {
        let time = (1_766_736_000 + at) * 1_000_000;
        let time = time.to_string();
        let mut pairs = vec![
            ("EventType", kind),
            ("CallID", leg.call),
            ("SubCallID", leg.leg),
            ("CallerIDNum", leg.caller),
            ("CalledNumber", leg.called),
            ("CallStatus", status),
            ("CallFlow", leg.flow),
            ("EventTime", &time),
        ];
        let observer = if leg.flow == "OUT" { "453*106" } else { leg.called };
        let address = format!("{observer}@sip.example.com");
        let (name, id) = if leg.flow == "OUT" {
            ("CallerExtension", "CallerExtensionID")
        } else {
            ("CalledExtension", "CalledExtensionID")
        };
        pairs.extend([(name, &*address), (id, extension)]);
        pairs.extend_from_slice(more);
        self.push(at, &format!("extension/{extension}/event"), kind, Fields::from_pairs(pairs));
    }

    fn push(&mut self, at: u64, list: &str, event_type: &str, fields: Fields) {
        let (list, event_type) = (list.to_owned(), event_type.to_owned());
        self.0.push(Sent { at, list, event_type, fields });
    }
}
