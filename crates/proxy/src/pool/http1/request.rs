//! The head of a request, and how its body goes with it.

use std::io;

use http::request::Parts;
use hyper::body::Body as _;

use super::Upload;
use crate::message::{Outgoing, Wrapping, write_lines};

pub(super) fn begin(sending: &mut Outgoing<Upload>, parts: &Parts, body: Upload) -> io::Result<()> {
    let body = match body.is_end_stream() {
        true => None,
        false => {
            let length = Wrapping::length_in(&parts.headers)?;
            Some((body, length.unwrap_or_else(|| Wrapping::chunks(&parts.headers))))
        }
    };
    let is_chunked = body.as_ref().is_some_and(|(_, wrapping)| wrapping.is_chunked());
    let out = sending.begin(body);
    out.extend_from_slice(parts.method.as_str().as_bytes());
    out.extend_from_slice(b" ");
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    out.extend_from_slice(target.as_bytes());
    out.extend_from_slice(b" HTTP/1.1\r\n");
    if is_chunked {
        out.extend_from_slice(b"Transfer-Encoding: chunked\r\n");
    }
    write_lines(out, &parts.headers);
    Ok(())
}
