//! One request's head, from its first line to the empty one.

use berth_proxy_protocol::{DesyncMitigation, HeaderNames};
use bytes::BytesMut;
use http::StatusCode;

use super::verdict::{Reason, Verdict};
use crate::message::Framing;

/// AWS: what the first line and each other may have.
const LINE_BYTES: usize = 16 * 1024;

pub(super) enum Examined {
    /// Empty lines only.
    Nothing,
    Passes {
        head: BytesMut,
        verdict: Box<Verdict>,
        framing: Framing,
    },
    Refused(Box<Verdict>),
}

/// What is answered to a head whose end is not to be seen.
pub(super) fn too_long(raw: &[u8]) -> Verdict {
    let line = raw.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let status = match line.len() > LINE_BYTES {
        true => StatusCode::URI_TOO_LONG,
        false => StatusCode::BAD_REQUEST,
    };
    Verdict::refused(status, raw)
}

/// `head` is all of it, with the empty line.
pub(super) fn examine(
    head: BytesMut,
    mitigation: DesyncMitigation,
    names: HeaderNames,
) -> Examined {
    let mut lines = lines(&head).skip_while(|line| line.is_empty());
    let Some(first) = lines.next() else { return Examined::Nothing };
    let mut verdict = Verdict { head_bytes: head.len(), ..Verdict::default() };
    let mut reading = Reading::default();
    reading.first_line(first, &mut verdict);
    for line in lines.take_while(|line| !line.is_empty()) {
        reading.header(line, names, &mut verdict);
    }
    reading.conclude(&mut verdict);
    verdict.judge(mitigation);
    if verdict.refusal.is_some() {
        verdict.keep_line(&head);
        return Examined::Refused(Box::new(verdict));
    }
    let framing = Framing::of(reading.length, reading.is_chunked);
    let head = if reading.has_to_be_rewritten { rewritten(&head, names) } else { head };
    Examined::Passes { head, verdict: Box::new(verdict), framing }
}

/// Without what ends them, be it one character or two (RFC 9112, 2.2).
fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    head.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// What is known so far.
#[derive(Default)]
struct Reading {
    has_to_be_rewritten: bool,
    is_get_or_head: bool,
    is_http_1_0: bool,
    length: Option<u64>,
    is_chunked: bool,
    is_suspicious: bool,
}

/// The parts of a first line.
struct FirstLine<'a> {
    method: &'a [u8],
    target: &'a [u8],
    version: &'a [u8],
}

impl<'a> FirstLine<'a> {
    /// Whatever is between the first space and the last is the target.
    fn split(line: &'a [u8]) -> Option<FirstLine<'a>> {
        let first = line.iter().position(|&byte| byte == b' ')?;
        let last = line.iter().rposition(|&byte| byte == b' ').filter(|last| *last > first)?;
        let target = line[first + 1..last].trim_ascii();
        Some(FirstLine { method: &line[..first], target, version: &line[last + 1..] })
    }
}

impl Reading {
    fn first_line(&mut self, line: &[u8], verdict: &mut Verdict) {
        let Some(line) = FirstLine::split(line) else {
            verdict.note(Reason::BadVersion);
            return;
        };
        self.is_get_or_head = matches!(line.method, b"GET" | b"HEAD");
        if line.method.is_empty() || !line.method.iter().copied().all(is_token) {
            verdict.note(Reason::BadMethod);
        }
        if line.target.len() > LINE_BYTES {
            verdict.refusal = Some(StatusCode::URI_TOO_LONG);
            return;
        }
        let is_form = line.target.starts_with(b"/")
            || line.target == b"*"
            || line.target.windows(3).any(|part| part == b"://");
        if !is_form || line.target.iter().any(|byte| matches!(byte, b'\0' | b'\r')) {
            verdict.note(Reason::BadUri);
        }
        for &byte in line.target {
            match byte {
                b' ' => verdict.note(Reason::SpaceInUri),
                byte if byte.is_ascii_control() => verdict.note(Reason::AmbiguousUri),
                _ => {}
            }
            self.has_to_be_rewritten |= has_to_be_encoded(byte);
        }
        match line.version {
            b"HTTP/1.1" => {}
            b"HTTP/1.0" => self.is_http_1_0 = true,
            [b'H', b'T', b'T', b'P', b'/', b'1', b'.', digit] if digit.is_ascii_digit() => {
                verdict.note(Reason::NonCompliantVersion);
                self.has_to_be_rewritten = true;
            }
            [b'H', b'T', b'T', b'P', b'/', digit, b'.', _] if digit.is_ascii_digit() => {
                verdict.refusal = Some(StatusCode::HTTP_VERSION_NOT_SUPPORTED);
            }
            _ => verdict.note(Reason::BadVersion),
        }
    }

    fn header(&mut self, line: &[u8], names: HeaderNames, verdict: &mut Verdict) {
        if line.iter().any(|byte| matches!(byte, b'\0' | b'\r')) || line.len() > LINE_BYTES {
            verdict.note(Reason::BadHeader);
            return;
        }
        if line.trim_ascii().is_empty() {
            verdict.note(Reason::EmptyHeader);
            self.has_to_be_rewritten = true;
            return;
        }
        let colon = line.iter().position(|&byte| byte == b':');
        // A line that goes on with the one before, or that is nothing: some read it so, some so.
        let Some((name, value)) = colon.map(|colon| (&line[..colon], &line[colon + 1..])) else {
            verdict.note(Reason::BadHeader);
            return;
        };
        if matches!(line[0], b' ' | b'\t') {
            verdict.note(Reason::BadHeader);
            return;
        }
        let value = value.trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") {
            self.content_length(value, verdict);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.transfer_encoding(value, verdict);
        } else if is_disguised(name) {
            self.is_suspicious = true;
            verdict.note(Reason::SuspiciousHeader);
        }
        if name.is_empty() {
            verdict.note(Reason::EmptyHeader);
        } else if !name.iter().copied().all(is_token) || value.iter().any(|&byte| is_unfit(byte)) {
            verdict.note(Reason::NonCompliantHeader);
        }
        if !passes(name, value, names) {
            self.has_to_be_rewritten = true;
            verdict.dropped_headers = true;
        }
    }

    fn content_length(&mut self, value: &[u8], verdict: &mut Verdict) {
        let digits = value.iter().all(u8::is_ascii_digit).then(|| std::str::from_utf8(value).ok());
        let Some(length) = digits.flatten().and_then(|digits| digits.parse::<u64>().ok()) else {
            verdict.note(Reason::BadContentLength);
            return;
        };
        match self.length {
            None => self.length = Some(length),
            Some(before) if before == length => verdict.note(Reason::DuplicateContentLength),
            Some(_) => verdict.note(Reason::MultipleContentLength),
        }
    }

    fn transfer_encoding(&mut self, value: &[u8], verdict: &mut Verdict) {
        if self.is_http_1_0 {
            verdict.note(Reason::BadTransferEncoding);
        } else if value.eq_ignore_ascii_case(b"chunked") {
            if self.is_chunked {
                verdict.note(Reason::MultipleTransferEncodingChunked);
            }
            self.is_chunked = true;
        } else if value.eq_ignore_ascii_case(b"identity") {
            self.has_to_be_rewritten = true;
        } else if !value.is_empty()
            && value.split(|&byte| byte == b',').all(|coding| {
                let coding = coding.trim_ascii();
                !coding.is_empty() && coding.iter().copied().all(is_token)
            })
        {
            // AWS: other codings than these two are not implemented.
            verdict.refusal = Some(StatusCode::NOT_IMPLEMENTED);
        } else {
            verdict.note(Reason::BadTransferEncoding);
        }
    }

    /// What only all headers together say.
    fn conclude(&mut self, verdict: &mut Verdict) {
        if (self.is_chunked || self.length.is_some()) && self.is_suspicious {
            verdict.note(Reason::SuspiciousTeClPresent);
        }
        if self.is_chunked && self.length.is_some() {
            verdict.note(Reason::BothTeClPresent);
            self.has_to_be_rewritten = true;
        }
        if self.is_get_or_head {
            match self.length {
                _ if self.is_chunked => verdict.note(Reason::UndefinedTransferEncodingSemantics),
                Some(0) => verdict.note(Reason::GetHeadZeroContentLength),
                Some(_) => verdict.note(Reason::UndefinedContentLengthSemantics),
                None => {}
            }
        }
    }
}

/// The same head as everybody reads it. Only what is fit to pass is in it.
fn rewritten(head: &[u8], names: HeaderNames) -> BytesMut {
    let mut new = BytesMut::with_capacity(head.len() + 64);
    let mut lines = lines(head).skip_while(|line| line.is_empty());
    if let Some(line) = lines.next().and_then(FirstLine::split) {
        new.extend_from_slice(line.method);
        new.extend_from_slice(b" ");
        for &byte in line.target {
            if has_to_be_encoded(byte) {
                new.extend_from_slice(format!("%{byte:02X}").as_bytes());
            } else {
                new.extend_from_slice(&[byte]);
            }
        }
        let version: &[u8] =
            if line.version == b"HTTP/1.0" { b" HTTP/1.0\r\n" } else { b" HTTP/1.1\r\n" };
        new.extend_from_slice(version);
    }
    let headers: Vec<(&[u8], &[u8])> = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            Some((&line[..colon], line[colon + 1..].trim_ascii()))
        })
        .collect();
    let is_coding = |name: &[u8]| name.eq_ignore_ascii_case(b"transfer-encoding");
    let is_chunked = headers
        .iter()
        .any(|(name, value)| is_coding(name) && value.eq_ignore_ascii_case(b"chunked"));
    for (name, value) in headers {
        let is_overruled = is_chunked && name.eq_ignore_ascii_case(b"content-length");
        let says_nothing = is_coding(name) && value.eq_ignore_ascii_case(b"identity");
        if passes(name, value, names) && !is_overruled && !says_nothing {
            for part in [name, b": ", value, b"\r\n"] {
                new.extend_from_slice(part);
            }
        }
    }
    new.extend_from_slice(b"\r\n");
    new
}

/// DEVIATES: a header whose name or value no HTTP allows is left out in every case, as no strict reader takes it.
fn passes(name: &[u8], value: &[u8], names: HeaderNames) -> bool {
    let is_name = match names {
        HeaderNames::Any => name.iter().copied().all(is_token),
        // AWS: letters, digits and hyphens.
        HeaderNames::ValidOnly => {
            name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        }
    };
    is_name
        && !name.is_empty()
        && !value.iter().any(|&byte| byte.is_ascii_control() && byte != b'\t')
}

/// Of a value: what is no visible character of ASCII.
fn is_unfit(byte: u8) -> bool {
    !byte.is_ascii() || (byte.is_ascii_control() && byte != b'\t')
}

/// RFC 9110, 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Of a request's target: what may not be in one, and has a way to be.
fn has_to_be_encoded(byte: u8) -> bool {
    byte.is_ascii_control() || matches!(byte, b' ' | b'"' | b'<' | b'>' | b'`')
}

/// Whether somebody might take this for one of the headers that say where a body ends.
fn is_disguised(name: &[u8]) -> bool {
    let letters =
        || name.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase);
    // Most names are shorter or longer.
    (12..=32).contains(&name.len())
        && (letters().eq(*b"contentlength") || letters().eq(*b"transferencoding"))
}
