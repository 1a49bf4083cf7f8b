//! The head of an answer, and how its body goes with it.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::{BufMut, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH, DATE, TE};
use http::response::Parts;
use http::{HeaderValue, Method, Request, StatusCode, Version};
use hyper::body::Body as _;
use hyper::ext::ReasonPhrase;

use super::super::answer::Answer;
use crate::message::{Outgoing, Wrapping, stays_open, write_lines};

/// What was asked, as far as it says how it is answered.
pub(super) struct Asked {
    is_head: bool,
    is_http_1_0: bool,
    /// Whether another request may follow.
    stays: bool,
    takes_trailers: bool,
}

impl Asked {
    pub(super) fn of<B>(request: &Request<B>) -> Asked {
        let (version, headers) = (request.version(), request.headers());
        Asked {
            is_head: request.method() == Method::HEAD,
            is_http_1_0: version == Version::HTTP_10,
            stays: stays_open(version, headers),
            takes_trailers: headers
                .get_all(TE)
                .iter()
                .any(|value| value.as_bytes().eq_ignore_ascii_case(b"trailers")),
        }
    }
}

/// Begins an answer; whether the connection may be used again behind it.
pub(super) fn begin(
    out: &mut Outgoing<Answer>,
    parts: &mut Parts,
    answer: Answer,
    asked: &Asked,
    stays: bool,
) -> io::Result<bool> {
    let has_no_body =
        asked.is_head || matches!(parts.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let mut length = Wrapping::length_in(&parts.headers)?;
    if length.is_none()
        && parts.status != StatusCode::NO_CONTENT
        && let Some(exact) = answer.size_hint().exact().filter(|exact| *exact > 0 || !has_no_body)
    {
        parts.headers.insert(CONTENT_LENGTH, exact.into());
        length = Some(Wrapping::Length(exact));
    }
    let wrapping = length.unwrap_or_else(|| match (asked.is_http_1_0, asked.takes_trailers) {
        (true, _) => Wrapping::Nothing,
        (false, true) => Wrapping::chunks(&parts.headers),
        (false, false) => Wrapping::chunks(&Default::default()),
    });
    let stays = stays
        && asked.stays
        && stays_open(Version::HTTP_11, &parts.headers)
        && (has_no_body || !matches!(wrapping, Wrapping::Nothing));
    if !stays {
        parts.headers.insert(CONNECTION, HeaderValue::from_static("close"));
    } else if asked.is_http_1_0 {
        parts.headers.insert(CONNECTION, HeaderValue::from_static("keep-alive"));
    }
    let is_chunked = wrapping.is_chunked() && !has_no_body;
    let body = match has_no_body || answer.is_end_stream() {
        true => None,
        false => Some((answer, wrapping)),
    };
    write_head(out.begin(body), parts, is_chunked);
    Ok(stays)
}

/// Begins the last answer of HTTP.
pub(super) fn begin_tunnel(out: &mut Outgoing<Answer>, parts: &Parts) {
    write_head(out.begin(None), parts, false);
}

fn write_head(out: &mut BytesMut, parts: &Parts, is_chunked: bool) {
    out.extend_from_slice(b"HTTP/1.1 ");
    out.extend_from_slice(parts.status.as_str().as_bytes());
    out.extend_from_slice(b" ");
    let reason = parts.extensions.get::<ReasonPhrase>().map(ReasonPhrase::as_bytes);
    let usual = || parts.status.canonical_reason().unwrap_or_default().as_bytes();
    out.extend_from_slice(reason.unwrap_or_else(usual));
    out.extend_from_slice(b"\r\n");
    if !parts.headers.contains_key(DATE) {
        write_date(out, SystemTime::now());
    }
    if is_chunked {
        out.extend_from_slice(b"Transfer-Encoding: chunked\r\n");
    }
    write_lines(out, &parts.headers);
}

/// A date is the same for a second.
fn write_date(out: &mut BytesMut, now: SystemTime) {
    thread_local! {
        static LAST: RefCell<(u64, String)> = const { RefCell::new((0, String::new())) };
    }
    let second = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    LAST.with_borrow_mut(|(last, line)| {
        if *last != second || line.is_empty() {
            *last = second;
            line.clear();
            write!(line, "Date: {}\r\n", httpdate::HttpDate::from(now)).expect("writing to memory");
        }
        out.put_slice(line.as_bytes());
    });
}
