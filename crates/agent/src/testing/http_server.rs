//! A server that takes one request, shows it, and answers what it is told.

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Reads one request, and answers it. `head` is a status, perhaps with header lines after it.
pub(crate) async fn answer(listener: TcpListener, head: &str, body: &str) -> http::Request<Bytes> {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut read = Vec::new();
    let (asked, length) = loop {
        stream.read_buf(&mut read).await.unwrap();
        let text = String::from_utf8(read.clone()).unwrap();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok()
            });
            break (head.to_owned(), length.unwrap_or(0));
        }
    };
    while read.len() < asked.len() + 4 + length {
        stream.read_buf(&mut read).await.unwrap();
    }
    let answer = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    // Whoever finds it too long hangs up in the middle of it.
    let _ = stream.write_all(answer.as_bytes()).await;

    let mut lines = asked.lines();
    let mut first = lines.next().unwrap().split(' ');
    let mut request =
        http::Request::builder().method(first.next().unwrap()).uri(first.next().unwrap());
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        request = request.header(name, value);
    }
    request.body(Bytes::copy_from_slice(&read[asked.len() + 4..])).unwrap()
}
