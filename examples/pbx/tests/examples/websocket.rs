use std::sync::Arc;

use futures_util::{SinkExt as _, StreamExt as _};
use pbx_examples::serve_bridge;
use pbx_integration::bridge::{Bridge, BridgeSecret};
use pbx_integration::settings::MemorySettings;
use pbx_integration::{CallControl as _, Coverage, Identifier, Integration, Registry, StartCall};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};

const SECRET: &str = "sJ3kq0P-ww7Zt1b_9dRmXv5eLhYc2aGu";

struct OurCrm;

impl Integration for OurCrm {}

/// Connects as a script does that was loaded as `boot`.
async fn connect(url: &str, boot: &str, secret: &str) -> Result<WebSocketStream<TcpStream>, Error> {
    let mut request = url.into_client_request()?;
    let headers = [
        ("authorization", format!("Bearer {secret}")),
        ("x-bridge", format!("1;ourcrmsys;{boot};0.1.0")),
        ("x-bridge-delivery", format!("{boot}-0;1")),
    ];
    for (name, value) in headers {
        request.headers_mut().insert(name, value.parse()?);
    }
    let stream = TcpStream::connect(request.uri().authority().unwrap().as_str()).await?;
    Ok(tokio_tungstenite::client_async(request, stream).await?.0)
}

async fn receive(socket: &mut WebSocketStream<TcpStream>) -> Value {
    let text = socket.next().await.unwrap().unwrap().into_text().unwrap();
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn events_and_commands_pass_through_a_websocket() {
    let id = Identifier::new("ourcrmsys").unwrap();
    let bridge = Bridge::new([BridgeSecret::new(SECRET).unwrap()], tokio::time::sleep);
    let calls = bridge.call_control(&id);
    let registry = Registry::new(Arc::new(MemorySettings::new()), Arc::new(calls.clone()));
    registry.register(id, Coverage::everywhere(), OurCrm).unwrap();
    let address = serve_bridge(bridge.service(registry)).await.unwrap();
    let url = format!("ws://{address}/vodia/v1/ws");

    let refused = connect(&url, "b1", "a guess").await.unwrap_err();
    assert!(matches!(&refused, Error::Http(response) if response.status() == 401), "{refused}");
    let mut socket = connect(&url, "b1", SECRET).await.unwrap();
    let cdr = json!({"domain": "tenant1.example.com", "callid": "c1@pbx", "start": 1757930400});
    let event = json!({"path": "/v1/event/oncdr", "delivery": "b1-1;1", "body": cdr});
    socket.send(Message::text(event.to_string())).await.unwrap();
    assert_eq!(receive(&mut socket).await, json!({"ack": "b1-1;1", "status": 200}));

    let starting = tokio::spawn(async move {
        let call = StartCall::builder("tenant1.example.com", "+12025550123").user("41");
        calls.start_call(&call.build().unwrap()).await
    });
    let command = receive(&mut socket).await["commands"][0].clone();
    assert_eq!(command["name"], "startCall");
    let result = json!({"id": command["id"], "ok": true, "value": "call-1"});
    let result = json!({"path": "/v1/result", "delivery": "b1-2;1", "body": result});
    socket.send(Message::text(result.to_string())).await.unwrap();
    assert_eq!(receive(&mut socket).await, json!({"ack": "b1-2;1", "status": 200}));
    assert_eq!(starting.await.unwrap().unwrap().to_string(), "call-1");

    // A second load takes over, and the first is closed.
    let _second = connect(&url, "b2", SECRET).await.unwrap();
    assert!(!matches!(socket.next().await, Some(Ok(Message::Text(_)))));
    let refused = connect(&url, "b1", SECRET).await.unwrap_err();
    assert!(matches!(&refused, Error::Http(response) if response.status() == 410), "{refused}");
}
