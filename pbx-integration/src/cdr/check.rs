//! What a record contradicts itself in (§14).

use crate::cdr::record::Cdr;
use crate::finding::{Finding, Findings, Severity};
use crate::wire::Timestamp;

/// One second is still inside (P174).
const TOLERANCE: i64 = 1_000;

impl Cdr {
    /// What the record contradicts itself in, by rules P59 and P135 to P148, in the order of the
    /// rules. Never changes the record.
    ///
    /// ```
    /// use pbx_integration::Reader;
    ///
    /// let json = r#"{"domain": "t.example", "callid": "c@pbx", "start": 1757934000, "end": 1757934009,
    ///     "states": [{"start": 1757934000, "durationtalk": 2000, "durationhold": 3000}]}"#;
    /// let findings = Reader::strict().read_cdr(json)?.value.validate();
    /// assert_eq!((findings[0].rule.number(), &*findings[0].path), (137, "states[0]"));
    /// # Ok::<(), pbx_integration::ReadError>(())
    /// ```
    #[must_use]
    pub fn validate(&self) -> Vec<Finding> {
        let mut findings = Findings::default();
        let is_in_order = self.check_state_order(&mut findings);
        self.check_orders(&mut findings);
        self.check_frame(&mut findings);
        for (at, state) in self.states.iter().enumerate() {
            if let (Some(hold), Some(talk)) = (state.duration_hold, state.duration_talk) {
                if hold > talk {
                    findings.add(137, format!("states[{at}]"), Severity::Violation);
                }
            }
        }
        if is_in_order {
            self.check_lengths(&mut findings);
        }
        self.check_connected(&mut findings);
        if self.end.is_none() {
            findings.add(143, "", Severity::Violation);
        }
        for (at, leg) in self.trunk_legs.iter().enumerate() {
            if leg.code.is_some_and(|code| !(100..=699).contains(&code)) {
                findings.add(144, format!("trunklegs[{at}]"), Severity::Warning);
            }
        }
        findings.check_call_id(&self.callid);
        self.check_signs(&mut findings);
        self.check_recordings(&mut findings);
        findings.into_vec()
    }

    /// P59: each state starts no earlier than the one before it. Says whether that holds.
    fn check_state_order(&self, findings: &mut Findings) -> bool {
        let mut is_in_order = true;
        let mut last: Option<Timestamp> = None;
        for (at, state) in self.states.iter().enumerate() {
            if state.start < last && state.start.is_some() {
                is_in_order = false;
                findings.add(59, format!("states[{at}]"), Severity::Warning);
            }
            last = state.start.or(last);
        }
        is_in_order
    }

    /// P135.
    fn check_orders(&self, findings: &mut Findings) {
        findings.check_order("", self.start, self.connect, self.end);
        for (at, leg) in self.trunk_legs.iter().enumerate() {
            findings.check_order(&format!("trunklegs[{at}]"), leg.start, leg.connect, leg.end);
        }
        for (at, leg) in self.extension_legs.iter().enumerate() {
            findings.check_order(&format!("extensionlegs[{at}]"), leg.start, leg.connect, leg.end);
        }
    }

    /// P136: nothing starts before the record or ends after it.
    fn check_frame(&self, findings: &mut Findings) {
        let is_early = |start: Option<Timestamp>| match (start, self.start) {
            (Some(start), Some(first)) => first.millis_since(start) > TOLERANCE,
            _ => false,
        };
        let is_late = |end: Option<Timestamp>| match (end, self.end) {
            (Some(end), Some(last)) => end.millis_since(last) > TOLERANCE,
            _ => false,
        };
        for (at, state) in self.states.iter().enumerate() {
            if is_early(state.start) {
                findings.add(136, format!("states[{at}]"), Severity::Warning);
            }
        }
        for (at, leg) in self.trunk_legs.iter().enumerate() {
            if is_early(leg.start) || is_late(leg.end) {
                findings.add(136, format!("trunklegs[{at}]"), Severity::Warning);
            }
        }
        for (at, leg) in self.extension_legs.iter().enumerate() {
            if is_early(leg.start) || is_late(leg.end) {
                findings.add(136, format!("extensionlegs[{at}]"), Severity::Warning);
            }
        }
    }

    /// P138 and P139, which need an end and states in order (P175).
    fn check_lengths(&self, findings: &mut Findings) {
        let Some(end) = self.end else { return };
        let tolerance = u128::from(TOLERANCE.unsigned_abs());
        let starts = self.states.iter().skip(1).map(|state| state.start);
        for (at, (state, next)) in self.states.iter().zip(starts.chain([Some(end)])).enumerate() {
            let (Some(start), Some(next)) = (state.start, next) else { continue };
            let is_longer = |length: std::time::Duration| {
                state.length().as_millis() > length.as_millis() + tolerance
            };
            if next.since(start).is_some_and(is_longer) {
                findings.add(138, format!("states[{at}]"), Severity::Warning);
            }
        }
        if let Some(total) = self.total() {
            let sum: u128 = self.states.iter().map(|state| state.length().as_millis()).sum();
            if sum > total.as_millis() + tolerance * self.states.len() as u128 {
                findings.add(139, "", Severity::Warning);
            }
        }
    }

    /// P140, P141 and P142.
    fn check_connected(&self, findings: &mut Findings) {
        let mut connects = self.trunk_legs.iter().map(|leg| leg.connect);
        let mut more = self.extension_legs.iter().map(|leg| leg.connect);
        let has_legs = !self.trunk_legs.is_empty() || !self.extension_legs.is_empty();
        let is_silent =
            has_legs && !connects.any(|at| at.is_some()) && !more.any(|at| at.is_some());
        for (at, state) in self.states.iter().enumerate() {
            if is_silent && state.has_talk() {
                findings.add(140, format!("states[{at}]"), Severity::Warning);
            }
        }
        if is_silent && self.connect.is_some() {
            findings.add(141, "", Severity::Warning);
        }
        for (at, state) in self.states.iter().enumerate() {
            let has_missed = |user: u64| state.missed.contains(&user);
            if state.has_talk() && state.extension_user.is_some_and(has_missed) {
                findings.add(142, format!("states[{at}]"), Severity::Warning);
            }
        }
    }

    /// P147.
    fn check_signs(&self, findings: &mut Findings) {
        if self.available.is_some_and(|available| available < 0) {
            findings.add(147, "", Severity::Violation);
        }
        for (at, leg) in self.trunk_legs.iter().enumerate() {
            if leg.cost.is_some_and(crate::wire::Decimal::is_negative) {
                findings.add(147, format!("trunklegs[{at}]"), Severity::Violation);
            }
        }
    }

    /// P148 (P57).
    fn check_recordings(&self, findings: &mut Findings) {
        for (at, recording) in self.recordings.iter().enumerate() {
            let Some(time) = recording.time else { continue };
            let is_early = self.start.is_some_and(|start| start.millis_since(time) > TOLERANCE);
            let is_late = self.end.is_some_and(|end| time.millis_since(end) > TOLERANCE);
            if is_early || is_late {
                findings.add(148, format!("recordings[{at}]"), Severity::Warning);
            }
        }
    }
}
