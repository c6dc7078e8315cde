//! A sender of pushes that may hang up before the answer.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use voip_module::testing::Push;

/// Posts a push and returns the status line; hangs up and returns `None` if `give_up` is ready first.
///
/// # Errors
///
/// If there is no connection.
pub async fn post_until(
    server: SocketAddr,
    path: &str,
    push: &Push,
    give_up: impl Future<Output = ()>,
) -> io::Result<Option<String>> {
    let body = push.form();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    tokio::select! {
        () = give_up => Ok(None),
        read = stream.read_to_string(&mut answer) => {
            read?;
            Ok(answer.lines().next().map(str::to_owned))
        }
    }
}
