//! HTTP/1.1 as much as a test needs: one request per connection, sent byte by byte as the test says.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response};

/// A server that is silent for this long is broken, if nobody says otherwise.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Connects, sends these bytes and reads an answer until the server closes the connection, which the bytes should ask
/// for.
pub fn exchange(server: SocketAddr, request: &[u8]) -> io::Result<Response<Bytes>> {
    converse(TcpStream::connect(server)?, request, PATIENCE)
}

/// The same on a connection that is there.
pub(crate) fn converse(
    mut connection: TcpStream,
    request: &[u8],
    patience: Duration,
) -> io::Result<Response<Bytes>> {
    connection.set_nodelay(true)?;
    connection.set_read_timeout(Some(patience))?;
    connection.set_write_timeout(Some(patience))?;
    // A server may answer, and close, before it has read all: the answer says why.
    let sent = connection.write_all(request);
    let mut answer = Vec::new();
    match connection.read_to_end(&mut answer) {
        Err(error) if answer.is_empty() => Err(sent.err().unwrap_or(error)),
        _ => parse(&answer).ok_or_else(|| cut(&answer)),
    }
}

/// `GET path`, unsigned.
pub fn get(server: SocketAddr, path: &str) -> io::Result<Response<Bytes>> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n");
    exchange(server, request.as_bytes())
}

fn cut(answer: &[u8]) -> io::Error {
    let text = String::from_utf8_lossy(answer);
    io::Error::new(io::ErrorKind::UnexpectedEof, format!("no whole answer: {text:?}"))
}

/// The answer, if it is whole.
fn parse(answer: &[u8]) -> Option<Response<Bytes>> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let body = &answer[end + 4..];
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let mut response = Response::new(Bytes::copy_from_slice(body));
    *response.status_mut() = http::StatusCode::from_u16(status).ok()?;
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let name: HeaderName = name.parse().ok()?;
        let value: HeaderValue = value.trim().parse().ok()?;
        response.headers_mut().append(name, value);
    }
    let length = response.headers().get(http::header::CONTENT_LENGTH)?.to_str().ok()?;
    (length.parse() == Ok(body.len())).then_some(response)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_whole_answer_is_read() {
        let answer = parse(b"HTTP/1.1 400 Bad\r\nContent-Length: 2\r\nX-A: b c\r\n\r\n{}").unwrap();
        assert_eq!(answer.status(), 400);
        assert_eq!(answer.headers()["x-a"], "b c");
        assert_eq!(&answer.body()[..], b"{}");
    }

    #[test]
    fn half_an_answer_is_none() {
        assert!(parse(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}").is_none());
        assert!(parse(b"HTTP/1.1 200 OK\r\nContent-Le").is_none());
    }
}
