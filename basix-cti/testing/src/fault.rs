//! Faults of connections, on demand or by seed.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use http::StatusCode;

use super::random::Random;
use basix_cti::ElementKind;

/// A fault of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The connection is refused with this HTTP status. At opening only.
    Refuse(StatusCode),
    /// The PBX answers with a web page in place of a websocket. At opening only.
    WebPage,
    /// The connection is not accepted. At opening only.
    Unreachable,
    /// The fields of this connection come in another order. At opening only.
    OtherOrder,
    /// The list of this element is sent twice. At opening only.
    DuplicateInitialInfo(ElementKind),
    /// The list of this element is not sent. At opening only.
    MissingInitialInfo(ElementKind),
    /// The list of this element is delayed by this time. At opening only.
    LateInitialInfo(ElementKind, Duration),
    /// The connection is lost between two messages.
    Cut,
    /// The connection is lost in the middle of the next message.
    CutMidMessage,
    /// The first half of the next message is sent as a whole message; the rest is lost.
    HalfFrame,
    /// Bytes that are not a term come before the next message.
    Garbage,
    /// Bytes that are not a term come in place of the next message, which is lost.
    GarbageInstead,
    /// A text message comes before the next message.
    TextMessage,
    /// A message of this size comes before the next message.
    Oversize(usize),
    /// Nothing is sent for this long, or never again; the connection stays open, and pings are not
    /// answered.
    Silence(Option<Duration>),
    /// The next message is held back for this long, and all others behind it.
    Delay(Duration),
    /// The next message is written in small pieces with pauses between them.
    SlowWrite,
    /// The PBX closes the connection with this code.
    Close(u16),
    /// A notice comes before the next message: the login session has ended.
    Logout,
    /// An unknown notice comes before the next message.
    UnknownSystemMessage,
    /// A message of an administrator comes before the next message.
    Message,
    /// A message of an unknown kind comes before the next message.
    UnknownKind,
}

impl Fault {
    /// Returns whether the fault happens as the connection opens.
    #[must_use]
    pub const fn is_at_opening(&self) -> bool {
        matches!(
            self,
            Self::Refuse(_)
                | Self::WebPage
                | Self::Unreachable
                | Self::OtherOrder
                | Self::DuplicateInitialInfo(_)
                | Self::MissingInitialInfo(_)
                | Self::LateInitialInfo(..)
        )
    }
}

/// `cut mid-message`, `refuse 503`, `no initial_info of user`, …
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refuse(status) => write!(f, "refuse {}", status.as_u16()),
            Self::WebPage => f.write_str("web page"),
            Self::Unreachable => f.write_str("unreachable"),
            Self::OtherOrder => f.write_str("other field order"),
            Self::DuplicateInitialInfo(kind) => write!(f, "two initial_infos of {kind}"),
            Self::MissingInitialInfo(kind) => write!(f, "no initial_info of {kind}"),
            Self::LateInitialInfo(kind, late) => write!(f, "initial_info of {kind} {late:?} late"),
            Self::Cut => f.write_str("cut"),
            Self::CutMidMessage => f.write_str("cut mid-message"),
            Self::HalfFrame => f.write_str("half frame"),
            Self::Garbage => f.write_str("garbage"),
            Self::GarbageInstead => f.write_str("garbage instead"),
            Self::TextMessage => f.write_str("text message"),
            Self::Oversize(bytes) => write!(f, "{bytes} bytes"),
            Self::Silence(None) => f.write_str("silence for ever"),
            Self::Silence(Some(time)) => write!(f, "silence for {time:?}"),
            Self::Delay(time) => write!(f, "delay of {time:?}"),
            Self::SlowWrite => f.write_str("slow write"),
            Self::Close(code) => write!(f, "close {code}"),
            Self::Logout => f.write_str("logout"),
            Self::UnknownSystemMessage => f.write_str("unknown system_msg"),
            Self::Message => f.write_str("msg"),
            Self::UnknownKind => f.write_str("unknown kind"),
        }
    }
}

/// A plan of faults, by the number of the connection and the number of the message on it. Both
/// count from 0, and refused connections count too.
///
/// ```
/// use basix_cti_testing::{Fault, Faults};
///
/// let faults = Faults::none().with(0, 17, Fault::CutMidMessage).with(1, 0, Fault::OtherOrder);
/// assert_eq!(faults.to_string(), "faults: 0@17 cut mid-message; 1@0 other field order");
/// // A plan from a seed says so, and is the same every time.
/// assert_eq!(Faults::from_seed(5), Faults::from_seed(5));
/// assert!(Faults::from_seed(5).to_string().starts_with("faults of seed 5: "));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    seed: Option<u64>,
    plan: BTreeMap<(u64, u64), Vec<Fault>>,
}

/// Connections that a plan from a seed disturbs; later ones have no faults.
const DISTURBED: u64 = 6;

impl Faults {
    /// A plan without faults.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a fault before message number `message` of connection number `connection`.
    #[must_use]
    pub fn with(mut self, connection: u64, message: u64, fault: Fault) -> Self {
        self.plan.entry((connection, message)).or_default().push(fault);
        self
    }

    /// A random plan: the first six connections have faults of every kind, later ones have none.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        let mut random = Random::new(seed ^ 0xFA_0175);
        let mut faults = Self { seed: Some(seed), plan: BTreeMap::new() };
        for connection in 0..DISTURBED {
            for _ in 0..random.below(3) {
                faults = faults.with(connection, 0, opening_fault(&mut random));
            }
            // Some in the snapshot, which takes eighteen messages, some in the events after it.
            for _ in 0..random.below(5) {
                let messages = if random.once_in(3) { 20 } else { 120 };
                let message = random.below(messages);
                faults = faults.with(connection, message as u64, message_fault(&mut random));
            }
        }
        faults
    }

    /// The seed that the plan was made from.
    #[must_use]
    pub const fn seed(&self) -> Option<u64> {
        self.seed
    }

    /// Returns whether this connection and all later ones have no faults.
    #[must_use]
    pub fn is_over(&self, connection: u64) -> bool {
        self.plan.range((connection, 0)..).next().is_none()
    }

    /// The faults as a connection opens.
    pub(crate) fn at_opening(&self, connection: u64) -> impl Iterator<Item = Fault> {
        let faults = self.plan.range((connection, 0)..=(connection, u64::MAX));
        faults.flat_map(|(_, faults)| faults).copied().filter(Fault::is_at_opening)
    }

    /// The faults before a message.
    pub(crate) fn before(&self, connection: u64, message: u64) -> impl Iterator<Item = Fault> {
        let faults = self.plan.get(&(connection, message)).into_iter().flatten();
        faults.copied().filter(|fault| !fault.is_at_opening())
    }
}

fn opening_fault(random: &mut Random) -> Fault {
    let statuses = [
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::BAD_GATEWAY,
    ];
    let status = random.pick(&statuses).copied().unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let element = random.pick(&ElementKind::KNOWN).copied().unwrap_or(ElementKind::Channel);
    match random.below(8) {
        0 => Fault::Refuse(status),
        1 => Fault::WebPage,
        2 => Fault::Unreachable,
        3 | 4 => Fault::OtherOrder,
        5 => Fault::DuplicateInitialInfo(element),
        6 => Fault::MissingInitialInfo(element),
        _ => Fault::LateInitialInfo(element, milliseconds(random, 20_000)),
    }
}

fn message_fault(random: &mut Random) -> Fault {
    match random.below(18) {
        0 | 1 => Fault::Cut,
        2 | 3 => Fault::CutMidMessage,
        4 => Fault::HalfFrame,
        5 => Fault::Garbage,
        6 => Fault::GarbageInstead,
        7 => Fault::TextMessage,
        8 => Fault::Silence(Some(milliseconds(random, 120_000))),
        9 => Fault::Silence(None),
        10 => Fault::Delay(milliseconds(random, 5_000)),
        11 => Fault::SlowWrite,
        12 => Fault::Close(*random.pick(&[1000, 1001, 1011, 1012]).unwrap_or(&1000)),
        13 => Fault::Logout,
        14 => Fault::UnknownSystemMessage,
        15 => Fault::Message,
        16 => Fault::Oversize(1 << 20),
        _ => Fault::UnknownKind,
    }
}

fn milliseconds(random: &mut Random, below: usize) -> Duration {
    Duration::from_millis(1 + random.below(below) as u64)
}

/// One line.
impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seed {
            Some(seed) => write!(f, "faults of seed {seed}:")?,
            None => f.write_str("faults:")?,
        }
        if self.plan.is_empty() {
            return f.write_str(" none");
        }
        let planned = |(at, faults): (&(u64, u64), &Vec<Fault>)| {
            let (at, faults) = (*at, faults.clone());
            faults.into_iter().map(move |fault| (at, fault))
        };
        for (number, ((connection, message), fault)) in
            self.plan.iter().flat_map(planned).enumerate()
        {
            let separator = if number == 0 { "" } else { ";" };
            write!(f, "{separator} {connection}@{message} {fault}")?;
        }
        Ok(())
    }
}
