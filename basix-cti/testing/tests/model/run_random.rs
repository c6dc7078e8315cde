//! That traffic of a server can be dropped and resumed.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use basix_cti_testing::{ConnectionId, Pbx, Sent, Server};

use crate::client::handshake;

const TICK: Duration = Duration::from_millis(1);
const TICKS: usize = 400;

/// The result of a run.
#[derive(PartialEq)]
struct Outcome {
    /// Every message of a connection, in order.
    frames: Vec<Sent>,
    /// Every command that the PBX received.
    commands: Vec<String>,
    /// The whole model.
    pbx: String,
}

/// Runs traffic for a number of polls, one a tick, and drops it after every `budget` polls. Commands
/// come in between.
async fn run(budget: usize, events_per_second: Option<u32>) -> Outcome {
    let server = Server::start(Pbx::new(5)).await.unwrap();
    let connection: ConnectionId = server.with(|pbx| pbx.open(&handshake()).unwrap());
    let (mut frames, mut ticks) = (Vec::new(), 0);
    while ticks < TICKS {
        let mut traffic = pin!(server.run_random(7, events_per_second));
        for _ in 0..budget.min(TICKS - ticks) {
            poll_fn(|context| {
                assert!(traffic.as_mut().poll(context).is_pending());
                Poll::Ready(())
            })
            .await;
            server.with(|pbx| {
                if ticks % 50 == 49 {
                    let uuid = pbx.channels().next().map(|it| it.uuid.clone()).unwrap_or_default();
                    let command = format!(r#"{{"cmd":"hangup","uuid":"{uuid}"}}"#);
                    pbx.handle_text(connection, &command);
                }
                frames.extend(std::iter::from_fn(|| pbx.poll_frame(connection)));
            });
            tokio::time::advance(TICK).await;
            ticks += 1;
        }
    }
    server.look(|pbx| {
        let commands = pbx.commands().map(|command| format!("{command:?}")).collect();
        Outcome { frames, commands, pbx: format!("{pbx:?}") }
    })
}

#[tokio::test(start_paused = true)]
async fn traffic_that_is_dropped_at_every_await_resumes_where_it_was() {
    // One await for each step; sleeps of 7 ms, and of about 3 ms.
    for events_per_second in [None, Some(142), Some(300)] {
        let undisturbed = run(TICKS, events_per_second).await;
        assert!(undisturbed.frames.len() > 40, "{}", undisturbed.frames.len());
        assert_eq!(undisturbed.commands.len(), TICKS / 50);
        // A sleep is dropped before it has begun to pass, in it, and just before its end.
        for budget in [1, 2, 3, 4, 5, 6, 7, 8, 50, TICKS - 1] {
            let disturbed = run(budget, events_per_second).await;
            assert_eq!(disturbed.frames.len(), undisturbed.frames.len(), "dropped after {budget}");
            assert!(disturbed == undisturbed, "dropped after {budget} polls");
        }
    }
}
