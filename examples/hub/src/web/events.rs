//! The stream of changes, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::{App, error};
use crate::live::Update;

/// One reader of the stream.
struct Reader {
    updates: Receiver<Update>,
    stop: watch::Receiver<bool>,
    /// Sent first: the reader's state may be older.
    greeting: Option<u64>,
    _permit: OwnedSemaphorePermit,
}

pub(super) async fn events(State(shared): App) -> Response {
    let Ok(permit) = Arc::clone(&shared.readers).try_acquire_owned() else {
        return error(StatusCode::SERVICE_UNAVAILABLE, "too many readers of events");
    };
    let (snapshot, updates) = shared.live.follow();
    let greeting = Some(snapshot.sequence);
    let reader = Reader { updates, stop: shared.stop.clone(), greeting, _permit: permit };
    let events = stream::unfold(reader, |mut reader| async {
        let event = reader.next().await?;
        Some((Ok::<_, Infallible>(event), reader))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response()
}

impl Reader {
    async fn next(&mut self) -> Option<Event> {
        if let Some(sequence) = self.greeting.take() {
            return Some(reset(sequence));
        }
        let update = tokio::select! {
            update = self.updates.recv() => update,
            _ = self.stop.wait_for(|stop| *stop) => return None,
        };
        match update {
            Ok(Update { sequence, change: Some(change) }) => {
                let event = Event::default().id(sequence.to_string()).event(change.event());
                Some(event.json_data(&change).unwrap_or_else(|_| reset(sequence)))
            }
            Ok(Update { sequence, change: None }) => Some(reset(sequence)),
            // Too slow: what it has missed is in the state, which it fetches again.
            Err(RecvError::Lagged(_)) => {
                self.updates = self.updates.resubscribe();
                Some(Event::default().event("reset").data("{}"))
            }
            Err(RecvError::Closed) => None,
        }
    }
}

fn reset(sequence: u64) -> Event {
    Event::default().id(sequence.to_string()).event("reset").data("{}")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::{Semaphore, watch};

    use super::Reader;
    use crate::live::Live;
    use crate::timeline::{Call, Direction};

    #[tokio::test]
    async fn a_slow_reader_is_asked_to_fetch_the_state_again_and_goes_on_from_there() {
        let live = Live::default();
        let (_stop, stop) = watch::channel(false);
        let permit = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        let updates = live.follow().1;
        let mut reader = Reader { updates, stop, greeting: None, _permit: permit };
        let call = |at| Call::new("pbx", "c", Direction::Inbound, at);
        (0..2_000).for_each(|at| live.set_call(call(at)));
        let event = format!("{:?}", reader.next().await.unwrap());
        assert!(event.contains("reset"), "{event}");
        live.set_call(call(7));
        let event = format!("{:?}", reader.next().await.unwrap());
        assert!(event.contains("id: 2001") && event.contains("event: call"), "{event}");
    }
}
