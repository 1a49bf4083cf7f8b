//! Messages of HTTP/1.1, be they requests or responses: where they end, how they are read, how they are written.

mod framing;
mod lines;
mod outgoing;

use std::io;

use http::header::CONNECTION;
use http::{HeaderMap, Version};

pub(crate) use framing::Framing;
pub(crate) use lines::{trailers, write_lines};
pub(crate) use outgoing::{Outgoing, Stuck, Wrapping};

/// How long the head is that these bytes begin with, if all of it is there: up to the empty line, whichever way lines end.
/// No head ends before `from`.
pub(crate) fn head_length(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(place) = bytes[at..].iter().position(|&byte| byte == b'\n') {
        at += place + 1;
        match bytes[at..] {
            [b'\n', ..] => return Some(at + 1),
            [b'\r', b'\n', ..] => return Some(at + 2),
            _ => {}
        }
    }
    None
}

/// Whether whoever sent this head leaves the connection open behind its message (RFC 9112, 9.3).
pub(crate) fn stays_open(version: Version, headers: &HeaderMap) -> bool {
    let says = |token: &str| {
        headers.get_all(CONNECTION).iter().any(|value| {
            let mut tokens = value.as_bytes().split(|&byte| byte == b',');
            tokens.any(|said| said.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
        })
    };
    match version {
        Version::HTTP_10 => says("keep-alive") && !says("close"),
        _ => !says("close"),
    }
}

/// What one side says cannot be believed.
pub(crate) fn bad(what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
