//! Laws of `ucom-events`.

use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use ucom_events::api::{
    Agent, ApiReply, ClientId, DeliveryMethod, Extension, Page, PublicNumber, Subscription,
    SubscriptionType, User,
};
use ucom_events::event::ExtensionId;
use ucom_events::form::{Fields, Limits};
use ucom_events::plan::{Action, DEFAULT_LIMIT, Listed, Owner, Row, Rows, Wanted, plan};
use ucom_events::track::{NoticeKind, Snapshot};
use ucom_events::{
    Directory, Event, EventToken, EventUrls, Output, Policy, Timestamp, Tracker, TrackerOptions,
    classify, parse_body,
};

const BASE: u64 = 1_780_000_000_000_000;

fn directory() -> Directory {
    Directory::new()
        .with_prefix("731")
        .with_own_number("493012345")
        .with_extension("090", "ivr")
        .with_extension("200", "queue")
        .with_extension("21", "phone")
        .with_extension("22", "phone")
}

/// Parses a form.
pub fn parse_event(data: &[u8]) {
    drop(black_box(parse_body(data)));
}

/// Writes an event as a form and reads it again as the same; every field has a reading.
pub fn event(data: &[u8]) {
    let Ok(fields) = Fields::parse(data, &Limits::default()) else {
        assert!(parse_body(data).is_err());
        return;
    };
    let form = fields.to_form();
    let parsed = parse_body(data);
    if form.len() <= 65_536 {
        let again = Fields::parse(form.as_bytes(), &Limits::default()).expect("a form is read");
        assert_eq!(again, fields);
        assert_eq!(parse_body(&form), parsed);
    }
    let Ok(event) = parsed else { return };
    assert_eq!(event.fields(), &fields);
    if let Event::Extension(event) = &event {
        black_box((event.duration(), event.event_time(), event.flow(), event.bridged()));
        black_box(classify(event, &directory(), Policy::default()).scope);
        black_box(event.warnings().count());
    }
    assert!(!format!("{event:?}").is_empty());
}

/// An event for each line: a byte of time, then a form.
fn events(data: &[u8]) -> impl Iterator<Item = (u64, Event)> {
    let mut time = BASE;
    data.split(|byte| *byte == b'\n').filter_map(move |line| {
        let (pause, form) = line.split_first()?;
        time += u64::from(*pause).pow(3) * 1_000;
        Some((time, parse_body(form).ok()?))
    })
}

fn tracker() -> Tracker {
    // A budget that a long input exhausts.
    let options = TrackerOptions::default().with_budget(24 << 10);
    Tracker::new(options, directory(), [3; 16])
}

fn deliver(tracker: &mut Tracker, time: u64, event: &Event, outputs: &mut Vec<Output>) {
    let now = Duration::from_micros(time);
    while let Some(due) = tracker.poll_timeout().filter(|due| *due <= now) {
        tracker.handle_timeout(due);
        outputs.extend(std::iter::from_fn(|| tracker.poll()));
    }
    tracker.handle_event(now, Timestamp::from_micros(time), event);
}

fn run_out(mut tracker: Tracker, outputs: &mut Vec<Output>) {
    outputs.extend(std::iter::from_fn(|| tracker.poll()));
    while tracker.has_open_calls() {
        let due = tracker.poll_timeout().expect("an open call has a timer");
        tracker.handle_timeout(due);
        outputs.extend(std::iter::from_fn(|| tracker.poll()));
    }
}

/// Tracks the events to the end of every call.
pub fn parse_tracker(data: &[u8]) {
    let (mut tracker, mut outputs) = (tracker(), Vec::new());
    for (time, event) in events(data) {
        deliver(&mut tracker, time, &event, &mut outputs);
        outputs.clear();
    }
    run_out(tracker, &mut outputs);
}

/// Every open call ends, the notices of a leg close once, its revisions count up and change something, and a
/// snapshot between any two events changes nothing.
pub fn tracker_laws(data: &[u8]) {
    let (mut plain, mut outputs) = (tracker(), Vec::new());
    let (mut stored, mut same) = (tracker(), Vec::new());
    for (number, (time, event)) in events(data).enumerate() {
        deliver(&mut plain, time, &event, &mut outputs);
        outputs.extend(std::iter::from_fn(|| plain.poll()));
        deliver(&mut stored, time, &event, &mut same);
        if number % 3 == 1 {
            let json = serde_json::to_string(&stored.snapshot()).expect("a snapshot is JSON");
            let snapshot = serde_json::from_str(&json).expect("a snapshot is read");
            let options = TrackerOptions::default().with_budget(24 << 10);
            stored = Tracker::restore(options, directory(), snapshot, Duration::from_micros(time))
                .expect("the version is this one's");
        }
        same.extend(std::iter::from_fn(|| stored.poll()));
    }
    // A restored tracker has other spare room, so that another call may have to go.
    let is_short = [&plain, &stored].into_iter().any(|tracker| {
        let statistics = tracker.statistics();
        statistics.decided_early + statistics.forgotten_early > 0
    });
    run_out(plain, &mut outputs);
    run_out(stored, &mut same);
    let differs = same.iter().zip(&outputs).find(|(one, other)| one != other);
    assert!(is_short || differs.is_none(), "after a snapshot: {differs:?}");
    assert!(is_short || same.len() == outputs.len(), "after a snapshot");
    check(&outputs, is_short);
    check(&same, is_short);
}

fn check(outputs: &[Output], is_short: bool) {
    let mut revisions = HashMap::new();
    let mut shown: BTreeMap<_, Shown> = BTreeMap::new();
    for output in outputs {
        match output {
            Output::Call(record) | Output::Revised(record) => {
                let last = revisions.insert(record.call_id.clone(), record.clone());
                let Some(mut last) = last else {
                    assert_eq!(record.revised, 0);
                    continue;
                };
                assert_eq!(record.revised, last.revised + 1);
                last.revised = record.revised;
                assert_ne!(last, *record, "a revision that changes nothing");
            }
            Output::Notice(notice) => {
                let key = (&notice.call_id, &notice.sub_call_id, &notice.extension);
                let shown = shown.entry(key).or_default();
                shown.add(notice.kind);
                assert!(shown.is_paired(notice.sub_call_id.is_some()), "{notice:?}");
            }
            _ => {}
        }
    }
    assert!(is_short || shown.values().all(Shown::is_closed), "{shown:?}");
}

/// Notices of one leg at one extension.
#[derive(Debug, Default)]
struct Shown {
    opened: u32,
    taken: u32,
    closed: u32,
    /// Open notices, if only one can be open: an answer opens one if no ringing came before.
    open: i32,
}

impl Shown {
    const fn add(&mut self, kind: NoticeKind) {
        match kind {
            NoticeKind::Ringing | NoticeKind::Dialing => {
                self.opened += 1;
                self.open += 1;
            }
            NoticeKind::Taken => {
                self.taken += 1;
                if self.open == 0 {
                    self.open = 1;
                }
            }
            NoticeKind::Closed => {
                self.closed += 1;
                self.open -= 1;
            }
        }
    }

    /// Legs without an id are not distinguished, so that several may be open.
    const fn is_paired(&self, has_id: bool) -> bool {
        self.closed <= self.opened + self.taken && (!has_id || (self.open == 0 || self.open == 1))
    }

    const fn is_closed(&self) -> bool {
        self.closed >= self.opened && (self.closed > 0 || self.taken == 0)
    }
}

/// Reads the body of a reply as a list of subscriptions.
pub fn parse_reply(data: &[u8]) {
    let body = data.get(1..).unwrap_or_default();
    drop(black_box(Page::<Subscription>::from_json(body)));
}

/// Reads or refuses any answer of the API; a plan deletes and updates only subscriptions
/// whose URL is a row's; a stored snapshot of any content does no harm.
///
/// The first byte chooses the status and what was asked; the rest is the body.
pub fn reply(data: &[u8]) {
    let Some((&choice, body)) = data.split_first() else { return };
    let status = [200, 200, 200, 401, 403, 404, 429, 500][usize::from(choice % 8)];
    let status = StatusCode::from_u16(status).expect("a status of three digits");
    let mut headers = HeaderMap::new();
    if let Ok(value) = http::HeaderValue::from_bytes(body.get(..8).unwrap_or_default()) {
        headers.insert("x-rate-limit-remaining", value.clone());
        headers.insert("x-rate-limit-reset", value);
    }
    let reply = ApiReply::new(status, &headers, body.to_vec());
    black_box((
        reply.error(),
        reply.responsible(),
        reply.rate.wait(),
        reply.access_token().is_ok(),
    ));
    match choice / 8 % 8 {
        0 => drop(black_box(Page::<Extension>::from_json(body))),
        1 => drop(black_box(Page::<Agent>::from_json(body))),
        2 => drop(black_box(Page::<PublicNumber>::from_json(body))),
        3 => drop(black_box(reply.json::<User>("user", "a user"))),
        4 => restore(body),
        _ => deletes_only_ours(body),
    }
    if let Ok(text) = std::str::from_utf8(body) {
        drop(black_box(EventUrls::new(text)));
        drop(black_box(text.parse::<EventToken>()));
        let urls = EventUrls::new("https://crm.example.com/pbx/").expect("the URL is sound");
        black_box(urls.read_path(text));
    }
}

fn restore(body: &[u8]) {
    let Ok(snapshot) = serde_json::from_slice::<Snapshot>(body) else { return };
    let options = TrackerOptions::default();
    let Ok(mut tracker) = Tracker::restore(options, directory(), snapshot, Duration::ZERO) else {
        return;
    };
    for _ in 0..8 {
        let Some(due) = tracker.poll_timeout() else { break };
        tracker.handle_timeout(due);
        while tracker.poll().is_some() {}
    }
    black_box(tracker.snapshot());
}

fn deletes_only_ours(body: &[u8]) {
    const TOKEN: &str = "5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f";
    let Some(page) = Page::<Subscription>::from_json(body) else { return };
    let owner = Owner::Extension(ExtensionId::new(33_335));
    let urls = EventUrls::new("https://crm.example.com/pbx/").expect("the URL is sound");
    let mut rows = Rows::new(urls);
    rows.insert(Row::new(owner.clone(), TOKEN.parse().expect("a token of 32 digits")));
    let ours: Vec<_> = page
        .items
        .iter()
        .filter(|item| item.spec.url.expose().ends_with(TOKEN))
        .map(|item| item.id)
        .collect();
    // A reply may repeat the token where no token belongs.
    let is_elsewhere = format!("{:?}", page.items).contains(TOKEN);
    let mut wanted = Wanted::new();
    let types = [SubscriptionType::Hangup, SubscriptionType::DialIn];
    wanted.insert(owner.clone(), "", types, DeliveryMethod::Post);
    let mut listed = Listed::new();
    listed.insert(owner, page.items, page.unreadable);
    let plan = plan(&wanted, &listed, DEFAULT_LIMIT, &rows);
    for step in plan.steps() {
        black_box(step.request(ClientId::new(801)));
        if let Action::Delete { id, .. } | Action::Update { id, .. } = &step.action {
            assert!(ours.contains(id), "{step:?}");
        }
    }
    assert!(is_elsewhere || !plan.to_string().contains(TOKEN));
}
