//! Commands to the PBX, and to one that does not listen.

use std::sync::Arc;
use std::time::Duration;

use basix_cti::element::{CallTarget, StateKind};
use basix_cti::helper_leg::{CallUser, CallUserAnswer, CallUserError};
use basix_cti::session::{CommandError, CommandOutcome, SessionOptions};
use basix_cti::{Client, Command, Endpoint, Event};
use basix_cti_testing::{Callee, Pbx, Server};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;

use super::tls::certificate;
use super::{TOKEN, list, serve, spec, until};

/// A PBX that reads nothing until `going` is true, and then reports the sizes of messages.
async fn late_reader<S: AsyncRead + AsyncWrite + Unpin>(
    mut socket: WebSocketStream<S>,
    mut going: tokio::sync::watch::Receiver<bool>,
    sender: tokio::sync::mpsc::Sender<usize>,
) {
    socket.send(spec("channel")).await.unwrap();
    socket.send(list("channel", &["c-1"])).await.unwrap();
    let _ = going.wait_for(|go| *go).await;
    while let Some(Ok(message)) = socket.next().await {
        let _ = sender.send(message.len()).await;
    }
}

#[tokio::test]
async fn a_socket_that_takes_nothing_fills_the_write_buffer_and_loses_nothing() {
    let (config, root) = certificate();
    for tls in [None, Some(tokio_rustls::TlsAcceptor::from(Arc::new(config)))] {
        let (go, going) = tokio::sync::watch::channel(false);
        let (sender, mut received) = tokio::sync::mpsc::channel(4096);
        let is_tls = tls.is_some();
        let address = serve(move |stream| {
            let (going, sender, tls) = (going.clone(), sender.clone(), tls.clone());
            async move {
                match tls {
                    Some(tls) => {
                        let stream = tls.accept(stream).await.unwrap();
                        let socket = tokio_tungstenite::accept_async(stream).await.unwrap();
                        late_reader(socket, going, sender).await;
                    }
                    None => {
                        let socket = tokio_tungstenite::accept_async(stream).await.unwrap();
                        late_reader(socket, going, sender).await;
                    }
                }
            }
        })
        .await;
        let session = SessionOptions::default().with_commands(usize::MAX);
        let builder = Client::builder().session(session).root_certificates(root.clone());
        let scheme = if is_tls { "wss" } else { "ws" };
        let server = format!("{scheme}://localhost:{}", address.port());
        let endpoint = Endpoint::new(server, "my-domain", TOKEN);
        let mut client = builder.connect(endpoint).await.unwrap();
        until(&mut client, |event| matches!(event, Event::Resynced)).await;
        let handle = client.handle();
        let command = Command::from(Command::transfer("c-1").destination("5".repeat(64 << 10)));
        let mut taken = 0;
        let error = loop {
            match handle.send(command.clone()) {
                Ok(_) => taken += 1,
                Err(error) => break error,
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(error, CommandError::WriteBufferFull { limit: 16 });
        assert_eq!(
            error.to_string(),
            "command is not sent: 16 messages wait to be written; the connection is slow or stuck"
        );
        go.send(true).unwrap();
        for _ in 0..taken {
            let next = tokio::time::timeout(Duration::from_secs(30), received.recv()).await;
            assert_eq!(next.unwrap(), Some(command.to_text().len()), "what was taken arrives");
        }
    }
}

// B90–B96
#[tokio::test]
async fn commands_change_the_pbx_and_come_back_as_events() {
    let mut pbx = Pbx::new(1);
    let (boss, agent) = (pbx.add_administrator("boss"), pbx.add_user("agent"));
    let uuid = pbx.offer("09056161879", Callee::User(agent)).unwrap();
    let server = Server::start(pbx).await.unwrap();
    let builder = Client::builder().supervisor(boss);
    let endpoint = Endpoint::new(server.origin(), "example.test", "token");
    let mut client = builder.connect(endpoint).await.unwrap();
    until(&mut client, |event| matches!(event, Event::Resynced)).await;
    let handle = client.handle();

    let parking = handle.send(Command::park(&*uuid)).unwrap();
    assert_eq!(parking.await, CommandOutcome::Done);
    let store = handle.store();
    let state = store.channel(&uuid).unwrap().state().unwrap().kind;
    assert!(matches!(state, StateKind::Park { slot, .. } if slot == Some(901)), "{state:?}");
    assert!(handle.store().waiting().parked().any(|parked| parked.uuid() == *uuid));
    until(&mut client, |event| matches!(event, Event::Changed(change) if change.key() == uuid))
        .await;

    let transfer = Command::transfer(&*uuid).user_id(boss);
    assert_eq!(handle.send(transfer).unwrap().await, CommandOutcome::Done);
    let store = handle.store();
    let state = store.channel(&uuid).unwrap().state().unwrap().kind;
    assert!(
        matches!(&state, StateKind::Calling(calling)
            if matches!(calling.target, CallTarget::User { user_id, .. } if user_id == Some(boss))),
        "{state:?}"
    );

    let listening = handle.eavesdrop(Command::eavesdrop(&*uuid).subcommand("listen")).unwrap();
    assert_eq!(listening.await, CommandOutcome::Done);
    let leg = handle.helper_leg().unwrap();
    handle.end_helper_leg();
    assert_eq!(handle.helper_leg(), None);
    server.until(|pbx| pbx.channel(&leg).is_none()).await;

    assert_eq!(handle.send(Command::hangup(&*uuid)).unwrap().await, CommandOutcome::Done);
    assert!(handle.store().channel(&uuid).is_none());
    assert!(server.look(|pbx| pbx.channel(&uuid).is_none()));
    assert_eq!(
        handle.send(Command::hangup(&*uuid)).unwrap_err().to_string(),
        "command is not sent: the PBX has no such channel; it may have ended"
    );
    server.stop().await;
    until(&mut client, |event| matches!(event, Event::Disconnected(_))).await;
    assert_eq!(
        handle.send(Command::hangup(&*uuid)).unwrap_err().to_string(),
        "command is not sent: there is no connection to the PBX; send it after the next Resynced"
    );
}

// B142, B143
#[tokio::test]
async fn a_user_is_called_with_the_credentials_of_the_connection() {
    let mut pbx = Pbx::new(1);
    pbx.set_token(TOKEN);
    let anna = pbx.add_user("anna");
    let server = Server::start(pbx).await.unwrap();
    let endpoint = Endpoint::new(server.origin(), "example.test", TOKEN);
    let client = Client::connect(endpoint).await.unwrap();
    let handle = client.handle();
    let error = handle.eavesdrop(Command::eavesdrop("c-1")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "command is not sent: nobody would listen; set the supervisor of the client builder"
    );
    let call = CallUser::new(anna, "0312345678");
    let CallUserAnswer::Offered { uuids } = handle.call_user(&call).await.unwrap() else {
        panic!()
    };
    assert!(server.look(|pbx| pbx.channel(&uuids[0]).is_some()));
    let refused = handle.call_user(&CallUser::by_name("ben", "0312345678")).await.unwrap();
    let error_id = "invalid_request".to_owned();
    assert_eq!(
        refused,
        CallUserAnswer::Refused { result_code: 1, error_id },
        "the model wants ids"
    );

    server.stop().await;
    let error = handle.call_user(&call).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "call_user was not answered: cannot reach the PBX: connection refused; check server, port \
         and network"
    );
    let nowhere = Client::start(Endpoint::new("ws://127.0.0.1:1", "my-domain", TOKEN)).unwrap();
    let error = nowhere.handle().call_user(&call).await.unwrap_err();
    let reason = "the client has not connected yet".to_owned();
    assert_eq!(error, CallUserError::Unanswered { reason });
}
