//! `aws-chunked`: `size in hex CRLF data CRLF`, a chunk of size 0, then trailer lines with the checksum.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::Digest;

use super::PayloadError;
use super::crc::{CRC32, CRC32C, CRC64_NVME};

pub(super) fn decode(request: &http::Request<Bytes>) -> Result<Bytes, PayloadError> {
    let mut rest = &request.body()[..];
    let mut body = Vec::with_capacity(rest.len());
    loop {
        let head = line(&mut rest, "a chunk's size")?;
        let size = head.split(|byte| *byte == b';').next().unwrap_or_default();
        let size = std::str::from_utf8(size)
            .ok()
            .and_then(|text| usize::from_str_radix(text, 16).ok())
            .ok_or_else(|| framing("a chunk's size is not a hexadecimal number"))?;
        if size == 0 {
            break;
        }
        if rest.len() < size {
            return Err(framing("it ends inside of a chunk"));
        }
        body.extend_from_slice(&rest[..size]);
        rest = &rest[size..];
        if !line(&mut rest, "the end of a chunk")?.is_empty() {
            return Err(framing("a chunk is longer than its size says"));
        }
    }
    let trailers = trailers(rest)?;
    check_length(request, body.len())?;
    check_announced(request, &trailers)?;
    for (name, value) in &trailers {
        check_digest(name, value, &body)?;
    }
    Ok(Bytes::from(body))
}

fn trailers(mut rest: &[u8]) -> Result<Vec<(String, String)>, PayloadError> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        let text = std::str::from_utf8(line(&mut rest, "a trailer")?)
            .map_err(|_| framing("a trailer is not text"))?;
        if text.is_empty() {
            break;
        }
        let (name, value) =
            text.split_once(':').ok_or_else(|| framing("a trailer has no colon"))?;
        found.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }
    if rest.is_empty() { Ok(found) } else { Err(framing("something follows its end")) }
}

/// Takes one line, without its end. Some senders leave out the last line's end.
fn line<'a>(rest: &mut &'a [u8], what: &str) -> Result<&'a [u8], PayloadError> {
    let at = rest
        .windows(2)
        .position(|pair| pair == b"\r\n")
        .ok_or_else(|| framing(&format!("it ends inside of {what}")))?;
    let line = &rest[..at];
    *rest = &rest[at + 2..];
    Ok(line)
}

fn check_length(request: &http::Request<Bytes>, length: usize) -> Result<(), PayloadError> {
    let Some(announced) = request.headers().get("x-amz-decoded-content-length") else {
        return Ok(());
    };
    if announced.to_str().ok().and_then(|text| text.parse().ok()) == Some(length) {
        return Ok(());
    }
    Err(PayloadError::Digest(format!(
        "The body has {length} bytes, but x-amz-decoded-content-length is '{}'.",
        String::from_utf8_lossy(announced.as_bytes())
    )))
}

/// A checksum that the headers announce must come, or cutting it off would go unseen.
fn check_announced(
    request: &http::Request<Bytes>,
    trailers: &[(String, String)],
) -> Result<(), PayloadError> {
    let announced = request.headers().get_all("x-amz-trailer");
    for name in
        announced.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','))
    {
        let name = name.trim();
        if !trailers.iter().any(|(sent, _)| sent.eq_ignore_ascii_case(name)) {
            return Err(framing(&format!(
                "the trailer '{name}' that x-amz-trailer announces is missing"
            )));
        }
    }
    Ok(())
}

fn check_digest(name: &str, value: &str, body: &[u8]) -> Result<(), PayloadError> {
    let narrow = |crc: u64| (crc as u32).to_be_bytes().to_vec();
    let digest = match name {
        "x-amz-checksum-crc32" => narrow(CRC32.of(body)),
        "x-amz-checksum-crc32c" => narrow(CRC32C.of(body)),
        "x-amz-checksum-crc64nvme" => CRC64_NVME.of(body).to_be_bytes().to_vec(),
        "x-amz-checksum-sha1" => sha1::Sha1::digest(body).to_vec(),
        "x-amz-checksum-sha256" => sha2::Sha256::digest(body).to_vec(),
        _ => {
            return Err(PayloadError::Unsupported(format!(
                "The trailer '{name}' is not supported."
            )));
        }
    };
    let expected = STANDARD.encode(digest);
    if expected == value {
        return Ok(());
    }
    Err(PayloadError::Digest(format!(
        "The {name} you specified ('{value}') did not match the calculated checksum ('{expected}')."
    )))
}

fn framing(text: &str) -> PayloadError {
    PayloadError::Framing(text.to_owned())
}
