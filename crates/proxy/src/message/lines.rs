//! Headers, a line each.

use std::io;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};
use hyper::body::Frame;

use super::bad;

/// Trailers that are passed on; others are left out.
const MOST_TRAILERS: usize = 64;

/// Writes headers, with the empty line behind them. AWS: names go out as `X-Forwarded-For`.
pub(crate) fn write_lines(out: &mut BytesMut, headers: &HeaderMap) {
    for (name, value) in headers {
        let begins_at = out.len();
        out.extend_from_slice(name.as_str().as_bytes());
        let mut begins_word = true;
        for letter in &mut out[begins_at..] {
            if begins_word {
                letter.make_ascii_uppercase();
            }
            begins_word = *letter == b'-';
        }
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
}

/// Takes the lines that came behind a last chunk, if there are any.
pub(crate) fn trailers(lines: &mut Vec<u8>) -> io::Result<Option<Frame<Bytes>>> {
    if lines.is_empty() {
        return Ok(None);
    }
    let lines = Bytes::from(std::mem::take(lines));
    let mut room = [httparse::EMPTY_HEADER; MOST_TRAILERS];
    let read = httparse::parse_headers(&lines, &mut room).map_err(bad)?;
    let httparse::Status::Complete((_, read)) = read else { return Ok(None) };
    let mut trailers = HeaderMap::with_capacity(read.len());
    for line in read {
        let name = HeaderName::from_bytes(line.name.as_bytes()).map_err(io::Error::other)?;
        let value = HeaderValue::from_maybe_shared(lines.slice_ref(line.value));
        trailers.append(name, value.map_err(io::Error::other)?);
    }
    Ok((!trailers.is_empty()).then(|| Frame::trailers(trailers)))
}
