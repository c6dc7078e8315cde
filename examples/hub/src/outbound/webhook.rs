//! A receiver of changes as webhooks per Standard Webhooks.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::{Request, Response, StatusCode};
use jiff::Timestamp;
use url::Url;
use voip_module::HttpTransport as _;
use voip_module::transport::signature::SigningKey;

use super::lanes::Delivery;
use super::{Target, cloud_event, wire_id};
use crate::http_client::HttpClient;
use crate::store::OutboxRow;

pub(super) struct WebhookTarget {
    pub(super) hub: String,
    pub(super) url: Url,
    pub(super) key: SigningKey,
    pub(super) client: HttpClient,
}

#[async_trait]
impl Target for WebhookTarget {
    async fn deliver(&self, row: &OutboxRow) -> Delivery {
        let request = match self.request(row, Timestamp::now()) {
            Ok(request) => request,
            Err(reason) => return Delivery::Refused(reason),
        };
        match self.client.send(request).await {
            Ok(response) => judge(&response, Timestamp::now()),
            Err(error) => Delivery::Unavailable { retry_after: None, reason: error.to_string() },
        }
    }
}

impl WebhookTarget {
    fn request(&self, row: &OutboxRow, now: Timestamp) -> Result<Request<Bytes>, String> {
        let body = cloud_event::to_json(&self.hub, row).map_err(|error| error.to_string())?;
        let id = wire_id(row);
        let request = Request::post(self.url.as_str())
            .header(CONTENT_TYPE, cloud_event::MEDIA_TYPE)
            .header(USER_AGENT, concat!("hub/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", &id)
            .header("webhook-timestamp", now.as_second())
            .header("webhook-signature", self.key.sign(&id, now.as_second(), &body));
        request.body(body.into()).map_err(|error| error.to_string())
    }
}

/// The meaning of an answer for the message and its receiver.
fn judge(response: &Response<Bytes>, now: Timestamp) -> Delivery {
    let status = response.status();
    let reason = format!("status {status}");
    let away =
        Delivery::Unavailable { retry_after: retry_after(response, now), reason: reason.clone() };
    match status {
        _ if status.is_success() => Delivery::Accepted,
        // These are about the address, the key or the moment: other messages meet them too.
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::NOT_FOUND
        | StatusCode::METHOD_NOT_ALLOWED
        | StatusCode::PROXY_AUTHENTICATION_REQUIRED
        | StatusCode::REQUEST_TIMEOUT
        | StatusCode::GONE
        | StatusCode::TOO_EARLY
        | StatusCode::TOO_MANY_REQUESTS => away,
        _ if status.is_client_error() => Delivery::Refused(reason),
        _ => away,
    }
}

/// Time that the receiver asks for, in seconds or as a date.
fn retry_after(response: &Response<Bytes>, now: Timestamp) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    date.duration_since(now).try_into().ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use http::Response;
    use http::header::RETRY_AFTER;
    use jiff::Timestamp;
    use voip_module::Secret;

    use super::{Delivery, SigningKey, WebhookTarget, judge};
    use crate::http_client::HttpClient;
    use crate::store::OutboxRow;

    #[test]
    fn request_is_signed_over_what_it_sends() {
        let key = SigningKey::parse(&Secret::new("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).unwrap();
        let target = WebhookTarget {
            hub: "hq".into(),
            url: "http://127.0.0.1:9/hook?tenant=1".parse().unwrap(),
            key: key.clone(),
            client: HttpClient::new().unwrap(),
        };
        let row = OutboxRow {
            sequence: 1,
            source: "north".into(),
            call_id: "c.1\n".into(),
            message_id: "north/c.1\n/0a".into(),
            kind: "call.changed".into(),
            at_us: 0,
            body: "{}".into(),
        };
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let request = target.request(&row, now).unwrap();
        // A full stop would make the signed text ambiguous, and a line break is no part of a header.
        assert_eq!(request.headers()["webhook-id"], "north/c%2E1%0A/0a");
        assert_eq!(request.headers()["webhook-timestamp"], "1700000000");
        assert_eq!(request.headers()["content-type"], "application/cloudevents+json");
        let expected = key.sign("north/c%2E1%0A/0a", 1_700_000_000, request.body());
        assert_eq!(request.headers()["webhook-signature"], expected);
        assert_eq!(request.uri(), "http://127.0.0.1:9/hook?tenant=1");
    }

    #[test]
    fn answers_are_about_the_message_or_about_the_receiver() {
        let judged = |status: u16, retry_after: Option<&str>| {
            let mut response = Response::builder().status(status);
            if let Some(value) = retry_after {
                response = response.header(RETRY_AFTER, value);
            }
            let now = Timestamp::from_second(1_700_000_000).unwrap();
            judge(&response.body(Bytes::new()).unwrap(), now)
        };
        let away = |seconds: Option<u64>, reason: &str| {
            let retry_after = seconds.map(Duration::from_secs);
            Delivery::Unavailable { retry_after, reason: reason.into() }
        };
        assert_eq!(judged(204, None), Delivery::Accepted);
        assert_eq!(judged(422, None), Delivery::Refused("status 422 Unprocessable Entity".into()));
        assert_eq!(judged(404, None), away(None, "status 404 Not Found"));
        assert_eq!(judged(402, None), Delivery::Refused("status 402 Payment Required".into()));
        assert_eq!(judged(302, None), away(None, "status 302 Found"));
        assert_eq!(judged(429, Some("7")), away(Some(7), "status 429 Too Many Requests"));
        let unavailable = "status 503 Service Unavailable";
        assert_eq!(judged(503, Some("Tue, 14 Nov 2023 22:13:50 GMT")), away(Some(30), unavailable));
        assert_eq!(judged(503, Some("Tue, 14 Nov 2023 22:13:10 GMT")), away(None, unavailable));
        assert_eq!(judged(503, Some("soon")), away(None, unavailable));
    }
}
