//! Raw requests on their way into the database and back, without their secrets.

use std::hash::{BuildHasher, RandomState};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request};
use serde::{Deserialize, Serialize};
use voip_module::Secret;

use crate::store::InboxRow;
use crate::timeline::Micros;

/// The kept parts of a request, without its body.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    method: String,
    uri: String,
    content_type: Option<String>,
    /// Stands for the secret with this number, followed by it. Random, so that no sender can
    /// write it.
    mark: String,
}

/// Turns a request into a row.
pub(crate) fn write(
    source: &str,
    request: &Request<Bytes>,
    at: Micros,
    secrets: &[Secret],
) -> InboxRow {
    let mark = format!("{:016x}{:016x}", random(), random());
    let hide = |bytes: &[u8]| {
        let secrets = secrets.iter().enumerate().filter(|(_, secret)| !secret.is_empty());
        secrets.fold(bytes.to_vec(), |bytes, (at, secret)| {
            replace(&bytes, secret.expose().as_bytes(), format!("{mark}{at}").as_bytes())
        })
    };
    let uri = hide(request.uri().to_string().as_bytes());
    let content_type = request.headers().get(CONTENT_TYPE);
    let head = Head {
        method: request.method().to_string(),
        uri: String::from_utf8_lossy(&uri).into_owned(),
        content_type: content_type.and_then(|kind| kind.to_str().ok()).map(str::to_owned),
        mark: mark.clone(),
    };
    InboxRow {
        source: source.into(),
        received_at_us: at,
        head: serde_json::to_string(&head).unwrap_or_default(),
        body: hide(request.body()),
    }
}

/// Turns a row back into the request; `None` if it cannot be read.
pub(crate) fn read(row: &InboxRow, secrets: &[Secret]) -> Option<Request<Bytes>> {
    let head: Head = serde_json::from_str(&row.head).ok()?;
    let show = |bytes: &[u8]| {
        secrets.iter().enumerate().fold(bytes.to_vec(), |bytes, (at, secret)| {
            replace(&bytes, format!("{}{at}", head.mark).as_bytes(), secret.expose().as_bytes())
        })
    };
    let mut request = Request::new(Bytes::from(show(&row.body)));
    *request.method_mut() = Method::from_bytes(head.method.as_bytes()).ok()?;
    *request.uri_mut() = String::from_utf8(show(head.uri.as_bytes())).ok()?.parse().ok()?;
    if let Some(kind) = head.content_type.and_then(|kind| HeaderValue::from_str(&kind).ok()) {
        request.headers_mut().insert(CONTENT_TYPE, kind);
    }
    Some(request)
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
        replaced.extend_from_slice(&rest[..at]);
        replaced.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    replaced.extend_from_slice(rest);
    replaced
}

/// A random number: the keys of std's hash maps are.
fn random() -> u64 {
    RandomState::new().hash_one(())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;
    use voip_module::Secret;

    #[test]
    fn a_request_comes_back_as_it_was_and_its_row_holds_no_secret() {
        let secrets = [Secret::new("s3cret"), Secret::new("other")];
        let request = Request::post("/x?token=s3cret&a=b")
            .header("content-type", "text/plain")
            .body(Bytes::from_static(b"other=1&key=s3cret&\xff"))
            .unwrap();
        let row = super::write("pbx", &request, 5, &secrets);
        assert!(!row.head.contains("s3cret") && !row.body.windows(6).any(|w| w == b"s3cret"));
        let back = super::read(&row, &secrets).unwrap();
        assert_eq!(back.uri(), request.uri());
        assert_eq!(back.headers(), request.headers());
        assert_eq!(back.body(), request.body());
    }
}
