//! A call: which of its voice menus and queues decides whether it was missed (V9–V14).

use crate::event::{CallFlow, SubCallId, Timestamp};
use crate::extension::ExtensionType;
use crate::track::leg::LegKey;
use crate::track::outcome::LeftOut;
use crate::track::record::{LegRecord, Outcome};

/// The legs of a call, and how many of them are how far.
#[derive(Debug, Default)]
pub(super) struct Call {
    pub(super) legs: Vec<LegKey>,
    /// Legs without a hangup.
    pub(super) open: usize,
    /// Legs whose hangup came a moment ago.
    pub(super) settling: usize,
    /// Voice menus' and queues' legs that have ended.
    pub(super) waiting: usize,
    /// Whether one of them was a voice menu's: its hangup ends the call (V14).
    pub(super) ivr_has_ended: bool,
}

impl Call {
    /// Whether no more is to be expected that could decide the call otherwise.
    pub(super) const fn is_ripe(&self) -> bool {
        self.waiting > 0 && self.settling == 0 && (self.open == 0 || self.ivr_has_ended)
    }
}

/// Tells of each leg of voice menus and queues of one call whether it is the missed call (`None`), and if
/// not why.
pub(super) fn decide(legs: &mut [LegRecord]) -> Vec<Option<LeftOut>> {
    let winner = legs
        .iter()
        .enumerate()
        .filter(|(_, leg)| has_verdict(leg))
        .max_by_key(|(_, leg)| weight(leg))
        .map(|(index, leg)| (index, leg.extension_type.clone()));
    legs.iter_mut()
        .enumerate()
        .map(|(index, leg)| {
            let left_out = match &winner {
                _ if !has_verdict(leg) => Some(LeftOut::NoVerdict),
                _ if leg.bridged == Some(true) => Some(LeftOut::Bridged),
                Some((first, _)) if *first == index => None,
                Some((_, Some(ExtensionType::Queue)))
                    if leg.extension_type == Some(ExtensionType::Ivr) =>
                {
                    Some(LeftOut::QueueDecides)
                }
                _ => Some(LeftOut::LaterDecides),
            };
            leg.outcome =
                Some(if left_out.is_none() { Outcome::Missed } else { Outcome::PassedOn });
            left_out
        })
        .collect()
}

/// Only the leg of the caller tells whether the caller was taken; a queue's legs with flow out are
/// its attempts to reach agents (§4.6).
fn has_verdict(leg: &LegRecord) -> bool {
    leg.bridged.is_some() && leg.direction != Some(CallFlow::Out)
}

/// What decides among voice menus and queues: queue before menu (V12), then the last (V13).
///
/// The rest is there so that the order of arrival never decides.
fn weight(leg: &LegRecord) -> (u8, Option<Timestamp>, Option<&SubCallId>, Option<&str>) {
    let kind = match leg.extension_type {
        Some(ExtensionType::Queue) => 2,
        Some(ExtensionType::Ivr) => 0,
        _ => 1,
    };
    (kind, leg.ended_at, leg.sub_call_id.as_ref(), leg.extension.as_deref())
}
