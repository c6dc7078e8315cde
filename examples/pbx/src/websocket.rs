//! The websocket of a script, on axum.

use axum::Error;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequest as _, Request};
use axum::response::{IntoResponse as _, Response};
use pbx_integration::bridge::{BridgeService, BridgeSocket};

/// The most bytes of a text: those of a body, and the names around it.
const MAX_BYTES: usize = 5 << 20;

/// Answers a request for the websocket of a script, and serves it from then on.
pub(crate) async fn upgrade(service: BridgeService, request: Request) -> Response {
    let socket = match service.socket(&request) {
        Ok(socket) => socket,
        Err(status) => return status.into_response(),
    };
    match WebSocketUpgrade::from_request(request, &()).await {
        Ok(upgrade) => upgrade.max_message_size(MAX_BYTES).on_upgrade(async move |websocket| {
            if let Err(error) = serve(socket, websocket).await {
                eprintln!("websocket: {error}");
            }
        }),
        Err(refused) => refused.into_response(),
    }
}

async fn serve(socket: BridgeSocket, mut websocket: WebSocket) -> Result<(), Error> {
    loop {
        let text = tokio::select! {
            message = websocket.recv() => match message.transpose()? {
                Some(Message::Text(text)) => socket.handle_text(&text).await,
                Some(_) => continue,
                None => return Ok(()),
            },
            commands = socket.commands() => match commands {
                Some(commands) => commands,
                None => return Ok(()),
            },
        };
        websocket.send(Message::text(text)).await?;
    }
}
