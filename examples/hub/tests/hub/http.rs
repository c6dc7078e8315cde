//! A small HTTP client, and a reader of server-sent events.

use std::net::SocketAddr;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

#[derive(Clone)]
pub(crate) struct Http(Client<HttpConnector, Full<Bytes>>);

impl Http {
    pub(crate) fn new() -> Self {
        Self(Client::builder(TokioExecutor::new()).build_http())
    }

    /// Status and body; `None` if no whole answer came.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Option<(u16, String)> {
        let response = self.0.request(request.map(Full::new)).await.ok()?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.ok()?.to_bytes();
        Some((status, String::from_utf8_lossy(&body).into_owned()))
    }

    pub(crate) async fn get(&self, address: SocketAddr, path: &str) -> (u16, String) {
        let request = Request::get(format!("http://{address}{path}")).body(Bytes::new()).unwrap();
        self.send(request).await.unwrap()
    }

    pub(crate) async fn json(&self, address: SocketAddr, path: &str) -> Value {
        let (status, body) = self.get(address, path).await;
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    pub(crate) async fn post_json(
        &self,
        address: SocketAddr,
        path: &str,
        body: &Value,
    ) -> (u16, String) {
        let request = Request::post(format!("http://{address}{path}"))
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_string()))
            .unwrap();
        self.send(request).await.unwrap()
    }

    pub(crate) async fn events(&self, address: SocketAddr) -> Events {
        let request = Request::get(format!("http://{address}/api/events"));
        let request = request.body(Full::new(Bytes::new())).unwrap();
        let response = self.0.request(request).await.unwrap();
        assert_eq!(response.status(), 200);
        let chunks = response.into_body().into_data_stream();
        let chunks = chunks.filter_map(async |chunk| chunk.ok()).boxed();
        Events { chunks, text: String::new() }
    }
}

/// The events of a stream.
pub(crate) struct Events {
    chunks: BoxStream<'static, Bytes>,
    text: String,
}

impl Events {
    /// The next event: its id, name and data; `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<(u64, String, Value)> {
        loop {
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let line = event.lines().find_map(|line| line.strip_prefix(name));
                    line.map(|value| value.trim_start().to_owned())
                };
                let read = (field("id:"), field("event:"), field("data:"));
                self.text = rest.to_owned();
                // Without data it only keeps the connection alive.
                if let (Some(id), Some(name), Some(data)) = read {
                    return Some((id.parse().unwrap(), name, serde_json::from_str(&data).unwrap()));
                }
            }
            self.text.push_str(std::str::from_utf8(&self.chunks.next().await?).unwrap());
        }
    }
}
