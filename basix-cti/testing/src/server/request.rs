//! Minimal HTTP for the model: one request, one response.

use std::io::{Error, ErrorKind, Result};

use http::header::CONTENT_LENGTH;
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Maximum size of a request's head, in bytes.
const MAX_HEAD: usize = 32 << 10;
/// Maximum size of a request's body, in bytes.
const MAX_BODY: usize = 256 << 10;

fn refused(reason: &'static str) -> Error {
    Error::new(ErrorKind::InvalidData, reason)
}

/// Reads the head of a request, and the bytes that arrived after it.
pub(super) async fn read_head<S: AsyncRead + Unpin>(
    stream: &mut S,
) -> Result<(Request<()>, Vec<u8>)> {
    let mut read = Vec::new();
    loop {
        let searched = read.len();
        if stream.read_buf(&mut read).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let from = searched.saturating_sub(3);
        let end = read.get(from..).and_then(|new| new.windows(4).position(|it| it == b"\r\n\r\n"));
        if let Some(end) = end {
            let rest = read.split_off(from + end + 4);
            return Ok((parse_head(&read)?, rest));
        }
        if read.len() > MAX_HEAD {
            return Err(refused("the head of the request is too long"));
        }
    }
}

fn parse_head(head: &[u8]) -> Result<Request<()>> {
    let head = std::str::from_utf8(head).map_err(|_| refused("the head is no text"))?;
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(refused("the head has no request line"));
    };
    let mut request = Request::new(());
    *request.method_mut() =
        Method::from_bytes(method.as_bytes()).map_err(|_| refused("the method is none"))?;
    *request.uri_mut() = Uri::try_from(target).map_err(|_| refused("the target is none"))?;
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').ok_or_else(|| refused("a header has no value"))?;
        let name = HeaderName::from_bytes(name.trim().as_bytes());
        let value = HeaderValue::from_str(value.trim());
        match (name, value) {
            (Ok(name), Ok(value)) => request.headers_mut().append(name, value),
            _ => return Err(refused("a header is none")),
        };
    }
    Ok(request)
}

/// Reads the body that a head announces.
pub(super) async fn read_body<S: AsyncRead + Unpin>(
    stream: &mut S,
    head: Request<()>,
    mut body: Vec<u8>,
) -> Result<Request<Vec<u8>>> {
    let length = head
        .headers()
        .get(CONTENT_LENGTH)
        .map(|value| value.to_str().ok().and_then(|text| text.parse::<usize>().ok()));
    let length = match length {
        None => 0,
        Some(Some(length)) if length <= MAX_BODY => length,
        Some(_) => return Err(refused("the body is too long")),
    };
    while body.len() < length {
        if stream.read_buf(&mut body).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
    body.truncate(length);
    Ok(head.map(|()| body))
}

/// Writes a response. The connection is closed after one with a body.
pub(super) async fn write_response<S: AsyncWrite + Unpin>(
    stream: &mut S,
    response: &Response<Vec<u8>>,
) -> Result<()> {
    let status = response.status();
    let reason = status.canonical_reason().unwrap_or("Unknown");
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", status.as_u16()).into_bytes();
    for (name, value) in response.headers() {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    if !status.is_informational() {
        let length = response.body().len();
        head.extend(format!("content-length: {length}\r\nconnection: close\r\n").into_bytes());
    }
    head.extend_from_slice(b"\r\n");
    head.extend_from_slice(response.body());
    stream.write_all(&head).await?;
    stream.flush().await
}
