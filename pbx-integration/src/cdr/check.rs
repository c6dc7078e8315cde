//! Inconsistencies within a call record.

use std::time::Duration;

use crate::cdr::{Cdr, RedirectReason, Source};
use crate::report::View;
use crate::wire::Timestamp;
use crate::wire::finding::{Finding, Findings};
use crate::wire::{Code, Decimal};

/// One second is tolerated.
// P174
const TOLERANCE: i64 = 1_000;

/// The shortest connected time that makes a tiny talk suspect.
// P195
const MIN_CONNECTED: Duration = Duration::from_secs(5);

/// Maximum duration of an ordinary call.
// P198
const MAX_TOTAL: Duration = Duration::from_secs(12 * 60 * 60);

impl Cdr {
    /// Returns the inconsistencies within the record, without changing it.
    ///
    /// ```
    /// use pbx_integration::{Reader, wire::Code};
    ///
    /// let json = r#"{"domain": "t.example", "callid": "c@pbx", "start": 1757934000, "end": 1757934009,
    ///     "states": [{"start": 1757934000, "durationtalk": 2000, "durationhold": 3000}]}"#;
    /// let findings = Reader::strict().read_cdr(json)?.value.validate();
    /// assert_eq!(findings[0].code, Code::HoldOverTalk);
    /// assert_eq!(findings[0].path, "states[0].durationhold");
    /// # Ok::<(), pbx_integration::Issue>(())
    /// ```
    #[must_use]
    pub fn validate(&self) -> Vec<Finding> {
        View::new(self).validate()
    }
}

impl View<'_> {
    /// Returns the inconsistencies within the record.
    pub(crate) fn validate(&self) -> Vec<Finding> {
        let cdr = self.cdr;
        let mut findings = Findings::default();
        let is_in_order = cdr.check_state_order(&mut findings);
        cdr.check_times(&mut findings);
        cdr.check_frame(&mut findings);
        self.check_states(&mut findings);
        if is_in_order {
            cdr.check_lengths(&mut findings);
        }
        cdr.check_connected(&mut findings);
        cdr.check_end(&mut findings);
        cdr.check_trunk_legs(&mut findings);
        cdr.check_recordings(&mut findings);
        if cdr.source != Source::Queue {
            findings.check_call_id(&cdr.callid);
        }
        if cdr.available.is_some_and(|available| available < 0) {
            let message = "expected a number of 0 or more, found a negative one";
            findings.violate(Code::Negative, "available", message); // P147
        }
        findings.0
    }

    // P137, P142, P195 to P197
    fn check_states(&self, findings: &mut Findings) {
        for (at, state) in self.cdr.states.iter().enumerate() {
            if state.duration_hold.zip(state.duration_talk).is_some_and(|(hold, talk)| hold > talk)
            {
                let message = "expected at most the talk, which contains the hold; found more";
                let path = format!("states[{at}].durationhold");
                findings.violate(Code::HoldOverTalk, path, message);
            }
            let has_missed = |user: u64| state.missed.contains(&user);
            if state.has_talk() && state.extension_user.is_some_and(has_missed) {
                let message = "expected other extensions than the one that talked, found that one";
                findings.warn(Code::AgentAlsoMissed, format!("states[{at}].missed"), message);
            }
        }
        for (at, state) in self.answered() {
            let talk = state.duration_talk.unwrap_or_default();
            let connected = self.span(at).map(|span| self.longest_connected(span));
            let connected = connected.filter(|connected| *connected >= MIN_CONNECTED);
            if connected.is_some_and(|connected| talk.saturating_mul(100) <= connected) {
                let message = "expected milliseconds near the connected time of a leg, found at most \
                     a hundredth of it; are these seconds?";
                let path = format!("states[{at}].durationtalk");
                findings.warn(Code::DurationsTooSmall, path, message);
            }
            let is_abandoned = matches!(
                state.reason.as_deref(),
                Some(RedirectReason::HungUpWaiting | RedirectReason::HungUpRinging)
            );
            if is_abandoned {
                let message =
                    "expected no hang-up before the answer in a state with talk, found one";
                findings.warn(Code::TalkAndAbandoned, format!("states[{at}].reason"), message);
            }
            let named = state.extension.as_deref();
            if named.is_some() && self.agent_of(at, state) != named {
                let message = "expected the extension that was connected, found another one";
                findings.warn(Code::AgentMismatch, format!("states[{at}].extension"), message);
            }
        }
    }
}

impl Cdr {
    /// Checks that the starts of states ascend; returns whether they do.
    // P59
    fn check_state_order(&self, findings: &mut Findings) -> bool {
        let mut is_in_order = true;
        let mut last: Option<Timestamp> = None;
        for (at, state) in self.states.iter().enumerate() {
            if state.start.is_some() && state.start < last {
                is_in_order = false;
                let message =
                    "expected a start at or after that of the state before, found an earlier one";
                findings.warn(Code::StateOrder, format!("states[{at}].start"), message);
            }
            last = state.start.or(last);
        }
        is_in_order
    }

    // P135
    fn check_times(&self, findings: &mut Findings) {
        findings.check_order("", self.start, self.connect, self.end);
        for (at, leg) in self.trunk_legs.iter().enumerate() {
            findings.check_order(&format!("trunklegs[{at}]."), leg.start, leg.connect, leg.end);
        }
        for (at, leg) in self.extension_legs.iter().enumerate() {
            findings.check_order(&format!("extensionlegs[{at}]."), leg.start, leg.connect, leg.end);
        }
    }

    /// Checks that states and legs lie within the record.
    // P136
    fn check_frame(&self, findings: &mut Findings) {
        let states = self.states.iter().map(|state| (state.start, None));
        let trunks = self.trunk_legs.iter().map(|leg| (leg.start, leg.end));
        let extensions = self.extension_legs.iter().map(|leg| (leg.start, leg.end));
        let mut check = |list: &str,
                         at: usize,
                         start: Option<Timestamp>,
                         end: Option<Timestamp>| {
            if self.is_early(start) {
                let message = "expected a start at or after that of the call, found an earlier one";
                findings.warn(Code::OutsideCall, format!("{list}[{at}].start"), message);
            } else if self.is_late(end) {
                let message = "expected an end at or before that of the call, found a later one";
                findings.warn(Code::OutsideCall, format!("{list}[{at}].end"), message);
            }
        };
        states.enumerate().for_each(|(at, (start, end))| check("states", at, start, end));
        trunks.enumerate().for_each(|(at, (start, end))| check("trunklegs", at, start, end));
        extensions
            .enumerate()
            .for_each(|(at, (start, end))| check("extensionlegs", at, start, end));
    }

    fn is_early(&self, time: Option<Timestamp>) -> bool {
        let pair = time.zip(self.start);
        pair.is_some_and(|(time, start)| start.millis_since(time) > TOLERANCE)
    }

    fn is_late(&self, time: Option<Timestamp>) -> bool {
        let pair = time.zip(self.end);
        pair.is_some_and(|(time, end)| time.millis_since(end) > TOLERANCE)
    }

    /// Checks lengths, which need an end and states in order.
    // P138, P139, P175
    fn check_lengths(&self, findings: &mut Findings) {
        let Some(end) = self.end else { return };
        let tolerance = u128::from(TOLERANCE.unsigned_abs());
        let starts = self.states.iter().skip(1).map(|state| state.start);
        for (at, (state, next)) in self.states.iter().zip(starts.chain([Some(end)])).enumerate() {
            let (Some(start), Some(next)) = (state.start, next) else { continue };
            let is_longer =
                |length: Duration| state.length().as_millis() > length.as_millis() + tolerance;
            if next.since(start).is_some_and(is_longer) {
                let message =
                    "expected durations within the time that the state lasted, found longer ones";
                findings.warn(Code::StateTooLong, format!("states[{at}]"), message);
            }
        }
        if let Some(total) = self.total() {
            let sum: u128 = self.states.iter().map(|state| state.length().as_millis()).sum();
            if sum > total.as_millis() + tolerance * self.states.len() as u128 {
                let message =
                    "expected durations within the time that the call lasted, found longer ones";
                findings.warn(Code::StatesTooLong, "states", message);
            }
        }
    }

    // P140, P141
    fn check_connected(&self, findings: &mut Findings) {
        let trunks = self.trunk_legs.iter().map(|leg| leg.connect);
        let mut connects = trunks.chain(self.extension_legs.iter().map(|leg| leg.connect));
        let has_legs = !self.trunk_legs.is_empty() || !self.extension_legs.is_empty();
        if !has_legs || connects.any(|connect| connect.is_some()) {
            return;
        }
        let talking = self.states.iter().enumerate().filter(|(_, state)| state.has_talk());
        for (at, _) in talking {
            let message = "expected no talk without a connected leg, found some";
            findings.warn(Code::TalkWithoutConnect, format!("states[{at}].durationtalk"), message);
        }
        if self.connect.is_some() {
            let message = "expected a connected leg in a call that was connected, found none";
            findings.warn(Code::ConnectWithoutLeg, "connect", message);
        }
    }

    // P143, P198
    fn check_end(&self, findings: &mut Findings) {
        if self.end.is_none() && self.source != Source::Queue {
            let message = "expected an end in the record of a finished call, found no value";
            findings.violate(Code::NoEnd, "end", message);
        }
        if self.total().is_some_and(|total| total > MAX_TOTAL) {
            findings.warn(
                Code::VeryLong,
                "end",
                "expected a call of at most 12 hours, found a longer one",
            );
        }
    }

    // P144, P147
    fn check_trunk_legs(&self, findings: &mut Findings) {
        for (at, leg) in self.trunk_legs.iter().enumerate() {
            if leg.code.is_some_and(|code| !(100..=699).contains(&code)) {
                let message = "expected a SIP code from 100 to 699, found another number";
                findings.warn(Code::CodeRange, format!("trunklegs[{at}].code"), message);
            }
            if leg.cost.is_some_and(|cost| cost < Decimal::ZERO) {
                let message = "expected a cost of 0 or more, found a negative one";
                findings.violate(Code::Negative, format!("trunklegs[{at}].cost"), message);
            }
        }
    }

    // P148
    fn check_recordings(&self, findings: &mut Findings) {
        for (at, recording) in self.recordings.iter().enumerate() {
            if self.is_early(recording.time) || self.is_late(recording.time) {
                let message = "expected a time within the call, found one outside";
                findings.warn(Code::RecordingOutside, format!("recordings[{at}].time"), message);
            }
        }
    }
}
