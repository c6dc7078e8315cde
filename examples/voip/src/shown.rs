//! The calls of a Basix PBX as the platform shows them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::path::PathBuf;

use basix_cti::Calls;
use basix_cti::calls::{Call, CallDirection, Outcome};
use serde::{Deserialize, Serialize};
use voip_module::router::SinkError;
use voip_module::{
    Delivery, Sink, VoipCallDirection as Direction, VoipCallDisposition as Disposition,
    VoipCallRecord, VoipWebhookEvent as Stage, VoipWebhookParseResult, VoipWebhookRequest,
};

/// The calls that the platform shows, in a file, so that a restarted program shows none of them
/// twice and ends those that are gone.
///
/// Killed between a delivery and its note in the file, the program delivers that event again.
///
/// The numbers of a call do not change while it is shown; the operator is the first user it rang for.
#[derive(Debug)]
pub struct Shown {
    file: PathBuf,
    calls: BTreeMap<String, Page>,
    /// Those of an earlier process that were not seen since.
    unseen: BTreeSet<String>,
    /// Calls that have ended and are not delivered yet.
    ended: VecDeque<Call>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Page {
    src: String,
    dst: String,
    direction: Direction,
    is_answered: bool,
}

impl Page {
    /// `None` until an operator is known, and whether a call from inside leaves the PBX.
    fn of(call: &Call) -> Option<Self> {
        let operator = call.answered_by().or_else(|| call.rang().first().copied());
        let operator = call.caller().or(operator)?.to_string();
        let (customer, called) = (call.customer().to_owned(), call.called_number().to_owned());
        let (direction, src, dst) = match call.direction() {
            CallDirection::Inbound => (Direction::In, customer, operator),
            CallDirection::Outbound => (Direction::Out, operator, customer),
            _ => {
                // A call to outside has no outside leg at first.
                call.rang().first()?;
                (Direction::Internal, operator, called)
            }
        };
        Some(Self { src, dst, direction, is_answered: false })
    }

    fn event(&self, stage: Stage, id: &str, disposition: Disposition) -> Delivery {
        let event = VoipWebhookRequest::new(stage, self.direction, &*self.src, &*self.dst);
        let event = event.call_id(id).disposition(disposition);
        Delivery::from(&VoipWebhookParseResult::event(event))
    }

    fn record(&self, call: &Call) -> Delivery {
        let record = VoipCallRecord::new(self.direction, &*self.src, &*self.dst)
            .duration(i64::try_from(call.talk().as_secs()).unwrap_or(i64::MAX))
            .disposition(disposition(call))
            .call(serde_json::json!({ "id": call.id() }))
            .call_id(call.id());
        Delivery::from(&VoipWebhookParseResult::call_record(record))
    }
}

fn disposition(call: &Call) -> Disposition {
    match call.outcome() {
        Some(Outcome::Answered) => Disposition::Answered,
        Some(Outcome::Abandoned | Outcome::Rejected) => Disposition::Cancel,
        Some(Outcome::NoAnswer | Outcome::Voicemail) => Disposition::NoAnswer,
        Some(Outcome::Busy) => Disposition::Busy,
        _ => Disposition::Unknown,
    }
}

impl Shown {
    /// Reads the file; a missing one means that nothing is shown.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or holds something else.
    pub fn load(file: impl Into<PathBuf>) -> io::Result<Self> {
        let file = file.into();
        let calls: BTreeMap<String, Page> = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error),
        };
        let unseen = calls.keys().cloned().collect();
        Ok(Self { file, calls, unseen, ended: VecDeque::new() })
    }

    fn save(&self) -> io::Result<()> {
        let new = self.file.with_extension("new");
        std::fs::write(&new, serde_json::to_vec(&self.calls)?)?;
        std::fs::rename(new, &self.file)
    }

    /// Delivers what is new: starts, answers, and the calls that have ended; once the PBX has listed all
    /// (`is_current`), also the ends of calls that an earlier process has shown and that are gone.
    ///
    /// # Errors
    ///
    /// If a delivery is not taken or the file cannot be written. Nothing is lost: call it again.
    pub async fn follow(
        &mut self,
        calls: &mut Calls,
        is_current: bool,
        sink: &impl Sink,
    ) -> Result<(), SinkError> {
        self.update(calls, sink).await?;
        if is_current { self.end_gone(sink).await } else { Ok(()) }
    }

    async fn update(&mut self, calls: &mut Calls, sink: &impl Sink) -> Result<(), SinkError> {
        for call in calls.open() {
            self.unseen.remove(call.id());
            let is_answered = call.answered().is_some();
            if !self.calls.contains_key(call.id()) {
                let Some(page) = Page::of(&call) else { continue };
                sink.deliver(&page.event(Stage::NotifyStart, call.id(), Disposition::Unknown))
                    .await?;
                self.calls.insert(call.id().to_owned(), page);
                self.save()?;
            }
            if let Some(page) =
                self.calls.get_mut(call.id()).filter(|page| is_answered && !page.is_answered)
            {
                sink.deliver(&page.event(Stage::NotifyAnswer, call.id(), Disposition::Answered))
                    .await?;
                page.is_answered = true;
                self.save()?;
            }
        }
        self.ended.extend(std::iter::from_fn(|| calls.poll_call()));
        while let Some(call) = self.ended.front().cloned() {
            // Two that were shown may have become one by a transfer.
            for leg in call.legs() {
                if let Some(page) = self.calls.get(&leg.uuid) {
                    sink.deliver(&page.event(Stage::NotifyEnd, &leg.uuid, disposition(&call)))
                        .await?;
                    if leg.uuid == call.id() {
                        sink.deliver(&page.record(&call)).await?;
                    }
                    self.calls.remove(&leg.uuid);
                    self.save()?;
                }
            }
            self.ended.pop_front();
        }
        Ok(())
    }

    async fn end_gone(&mut self, sink: &impl Sink) -> Result<(), SinkError> {
        while let Some(id) = self.unseen.first().cloned() {
            if let Some(page) = self.calls.get(&id) {
                sink.deliver(&page.event(Stage::NotifyEnd, &id, Disposition::Unknown)).await?;
                self.calls.remove(&id);
                self.save()?;
            }
            self.unseen.remove(&id);
        }
        Ok(())
    }
}
