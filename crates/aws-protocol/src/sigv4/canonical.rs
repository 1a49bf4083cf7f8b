//! The text that both sides sign: one spelling for all the ways to write the same request.
//!
//! AWS: the path is encoded once more than it is on the wire, and dots and doubled slashes are taken out
//! (S3, whose keys may hold them, takes it as it is); parameters are sorted by their encoded spelling, and runs of spaces in header values shrink to one.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::{ALGORITHM, CredentialScope};

/// All but the characters that RFC 3986 calls unreserved.
pub(crate) const RESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Between the segments of a path, slashes stay.
pub(crate) const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// The parameter that holds the signature itself, and is therefore not signed.
pub(super) const SIGNATURE_PARAMETER: &str = "X-Amz-Signature";

/// The service that signs in a form of its own.
pub(super) const S3: &str = "s3";

/// The canonical request. `signed_headers` are lower-case and in order; `payload_hash` is the last line.
pub(super) fn request(
    request: &http::Request<Bytes>,
    service: &str,
    signed_headers: &[String],
    payload_hash: &str,
) -> String {
    let mut text = String::with_capacity(512);
    text.push_str(request.method().as_str());
    text.push('\n');
    let in_target = request.uri().path();
    text.push_str(&if service == S3 { path_as_it_is(in_target) } else { path(in_target) });
    text.push('\n');
    text.push_str(&query(request.uri().query().unwrap_or_default()));
    text.push('\n');
    for name in signed_headers {
        text.push_str(name);
        text.push(':');
        header_value(&mut text, name, request);
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&signed_headers.join(";"));
    text.push('\n');
    text.push_str(payload_hash);
    text
}

pub(super) fn string_to_sign(date: &str, scope: &CredentialScope, canonical: &str) -> String {
    format!("{ALGORITHM}\n{date}\n{scope}\n{}", sha256_hex(canonical.as_bytes()))
}

pub(super) fn sha256_hex(data: &[u8]) -> String {
    hex::encode(Sha256::digest(data))
}

/// The pairs of a query or form, decoded. `+` is a space, as in forms.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

/// A header that the request has no line for: the host is in the target under HTTP/2, and the length
/// is known from the body. Any other is empty, so the signature will not match.
fn header_value(text: &mut String, name: &str, request: &http::Request<Bytes>) {
    let mut values = request.headers().get_all(name).iter().peekable();
    if values.peek().is_none() {
        if name == HOST.as_str() {
            text.push_str(request.uri().authority().map_or("", |authority| authority.as_str()));
        } else if name == CONTENT_LENGTH.as_str() {
            text.push_str(itoa::Buffer::new().format(request.body().len()));
        }
        return;
    }
    for (at, value) in values.enumerate() {
        if at > 0 {
            text.push(',');
        }
        squeezed(text, &String::from_utf8_lossy(value.as_bytes()));
    }
}

fn squeezed(text: &mut String, value: &str) {
    let mut before = None;
    for letter in value.trim_matches(' ').chars() {
        if letter != ' ' || before != Some(' ') {
            text.push(letter);
        }
        before = Some(letter);
    }
}

fn path(path: &str) -> String {
    utf8_percent_encode(&normal_path(path), RESERVED_IN_PATH).to_string()
}

/// Encoded once, however it is spelled on the wire.
fn path_as_it_is(path: &str) -> String {
    let decoded: Vec<u8> = percent_decode(path.as_bytes()).collect();
    percent_encoding::percent_encode(&decoded, RESERVED_IN_PATH).to_string()
}

fn normal_path(path: &str) -> Cow<'_, str> {
    if path.starts_with('/') && !path.contains("//") && !path.contains("/.") {
        return Cow::Borrowed(path);
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    let is_folder = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end));
    let end = if is_folder && !segments.is_empty() { "/" } else { "" };
    Cow::Owned(format!("/{}{end}", segments.join("/")))
}

fn query(query: &str) -> String {
    let mut encoded: Vec<(String, String)> = pairs(query)
        .filter(|(name, _)| name != SIGNATURE_PARAMETER)
        .map(|(name, value)| {
            let encode = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
            (encode(&name), encode(&value))
        })
        .collect();
    encoded.sort_unstable();
    let mut text = String::with_capacity(query.len());
    for (at, (name, value)) in encoded.iter().enumerate() {
        if at > 0 {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    text
}

fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains(['+', '%']) {
        return Cow::Borrowed(text);
    }
    let spaced = text.replace('+', " ");
    Cow::Owned(percent_decode(spaced.as_bytes()).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_cleaned_and_encoded_once_more() {
        for (raw, expected) in [
            ("/", "/"),
            ("", "/"),
            ("/a%20b", "/a%2520b"),
            ("/a//b/", "/a/b/"),
            ("/a/./b/../c", "/a/c"),
            ("/../..", "/"),
            ("/a/..", "/"),
            ("/a/b/.", "/a/b/"),
            ("/.hidden", "/.hidden"),
            ("/x:y", "/x%3Ay"),
        ] {
            assert_eq!(path(raw), expected, "{raw}");
        }
    }

    #[test]
    fn a_path_of_s3_is_left_as_it_is() {
        for (raw, expected) in [
            ("/bucket/a%20b", "/bucket/a%20b"),
            ("/bucket/a//./b/", "/bucket/a//./b/"),
            ("/bucket/%C3%A9+x:y", "/bucket/%C3%A9%2Bx%3Ay"),
            ("/bucket/%ff", "/bucket/%FF"),
        ] {
            assert_eq!(path_as_it_is(raw), expected, "{raw}");
        }
    }

    #[test]
    fn parameters_are_sorted_by_their_encoded_spelling() {
        assert_eq!(query("b=2&a=%2f&a=1&a"), "a=&a=%2F&a=1&b=2");
        assert_eq!(query("x=a+b&&X-Amz-Signature=00"), "x=a%20b");
        assert_eq!(query("a=b=c"), "a=b%3Dc");
    }

    #[test]
    fn spaces_in_a_header_value_shrink_to_one() {
        let mut text = String::new();
        squeezed(&mut text, "  a   b \t c  ");
        assert_eq!(text, "a b \t c");
    }
}
