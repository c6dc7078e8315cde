//! How a client ends.

use basix_cti::{Client, Command, CommandError, CommandOutcome, Event};
use futures_util::StreamExt;

use super::{crypto, endpoint, idle, pbx, until};

#[tokio::test]
async fn the_pbx_is_told_goodbye() {
    let (sender, mut goodbyes) = tokio::sync::mpsc::channel(4);
    let address = pbx(move |mut socket| {
        let sender = sender.clone();
        async move {
            let mut goodbye = false;
            while let Some(Ok(message)) = socket.next().await {
                goodbye |= message.is_close();
            }
            let _ = sender.send(goodbye).await;
        }
    })
    .await;
    let client = Client::connect(endpoint(address), crypto()).await.unwrap();
    client.close().await;
    assert_eq!(goodbyes.recv().await, Some(true));
    drop(Client::connect(endpoint(address), crypto()).await.unwrap());
    assert_eq!(goodbyes.recv().await, Some(true), "dropping it closes it too");
    let client = Client::connect(endpoint(address), crypto()).await.unwrap();
    let handle = client.handle();
    let sending = handle.send(Command::hangup("c-1")).unwrap();
    drop(client);
    assert_eq!(sending.await, CommandOutcome::ConnectionLost);
    assert_eq!(handle.send(Command::hangup("c-1")).unwrap_err(), CommandError::NotConnected);
}

#[test]
fn when_the_runtime_of_the_client_ends_so_do_its_events_and_commands() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (here, there) = (runtime(), runtime());
    let address = here.block_on(pbx(idle));
    let mut client = there.block_on(Client::connect(endpoint(address), crypto())).unwrap();
    here.block_on(until(&mut client, |event| matches!(event, Event::Resynced)));
    let handle = client.handle();
    let parking = handle.send(Command::park("c-1")).unwrap();
    there.shutdown_background();
    assert_eq!(here.block_on(parking), CommandOutcome::ConnectionLost);
    here.block_on(until(&mut client, |event| matches!(event, Event::Disconnected(_))));
    here.block_on(async { while client.next().await.is_some() {} });
    assert_eq!(handle.send(Command::park("c-1")).unwrap_err(), CommandError::NotConnected);
}
