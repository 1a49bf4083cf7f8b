//! One request's head, from its first line to the empty one.

use berth_proxy_protocol::{DesyncMitigation, HeaderNames};
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri, Version};

use super::verdict::{Reason, Verdict};
use crate::message::Framing;

/// AWS: what the first line and each other may have.
const LINE_BYTES: usize = 16 * 1024;

/// For so many there is room from the beginning, for what we say of a client included.
const USUAL_HEADERS: usize = 16;

/// More are refused.
const MOST_HEADERS: usize = 256;

/// What a head says, and what is thought of it. If it is refused, the request is as far as anybody could read it.
pub(super) struct Examined {
    pub(super) request: Request<()>,
    pub(super) verdict: Verdict,
    /// Where the body ends.
    pub(super) framing: Framing,
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

/// `head` is all of it, with the empty line. None if it is only empty lines.
pub(super) fn examine(
    head: Bytes,
    mitigation: DesyncMitigation,
    names: HeaderNames,
) -> Option<Examined> {
    let mut lines = lines(&head).skip_while(|line| line.is_empty());
    let first = lines.next()?;
    let mut verdict = Verdict { head_bytes: head.len(), ..Verdict::default() };
    let mut reading = Reading::new(&head, names);
    reading.first_line(first, &mut verdict);
    for line in lines.take_while(|line| !line.is_empty()) {
        reading.header(line, &mut verdict);
    }
    reading.conclude(&mut verdict);
    verdict.judge(mitigation);
    if verdict.refusal.is_some() {
        verdict.keep_line(&head);
    }
    let framing = Framing::of(reading.length, reading.is_chunked);
    Some(Examined { request: reading.request, verdict, framing })
}

/// Without what ends them, be it one character or two (RFC 9112, 2.2).
fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    head.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// What is known so far.
struct Reading<'h> {
    head: &'h Bytes,
    names: HeaderNames,
    /// As everybody reads it: only what is fit to pass is in it.
    request: Request<()>,
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

impl<'h> Reading<'h> {
    fn new(head: &'h Bytes, names: HeaderNames) -> Reading<'h> {
        let mut request = Request::new(());
        request.headers_mut().reserve(USUAL_HEADERS);
        Reading {
            head,
            names,
            request,
            is_get_or_head: false,
            is_http_1_0: false,
            length: None,
            is_chunked: false,
            is_suspicious: false,
        }
    }

    fn first_line(&mut self, line: &[u8], verdict: &mut Verdict) {
        let Some(line) = FirstLine::split(line) else {
            verdict.note(Reason::BadVersion);
            return;
        };
        self.is_get_or_head = matches!(line.method, b"GET" | b"HEAD");
        match Method::from_bytes(line.method) {
            Ok(method) => *self.request.method_mut() = method,
            Err(_) => verdict.note(Reason::BadMethod),
        }
        if line.target.len() > LINE_BYTES {
            verdict.refusal = Some(StatusCode::URI_TOO_LONG);
            return;
        }
        self.target(line.target, verdict);
        match line.version {
            b"HTTP/1.1" => {}
            b"HTTP/1.0" => {
                self.is_http_1_0 = true;
                *self.request.version_mut() = Version::HTTP_10;
            }
            [b'H', b'T', b'T', b'P', b'/', b'1', b'.', digit] if digit.is_ascii_digit() => {
                verdict.note(Reason::NonCompliantVersion);
            }
            [b'H', b'T', b'T', b'P', b'/', digit, b'.', _] if digit.is_ascii_digit() => {
                verdict.refusal = Some(StatusCode::HTTP_VERSION_NOT_SUPPORTED);
            }
            _ => verdict.note(Reason::BadVersion),
        }
    }

    fn target(&mut self, target: &[u8], verdict: &mut Verdict) {
        let is_form = target.starts_with(b"/")
            || target == b"*"
            || target.windows(3).any(|part| part == b"://");
        if !is_form || target.iter().any(|byte| matches!(byte, b'\0' | b'\r')) {
            verdict.note(Reason::BadUri);
        }
        for &byte in target {
            match byte {
                b' ' => verdict.note(Reason::SpaceInUri),
                byte if byte.is_ascii_control() => verdict.note(Reason::AmbiguousUri),
                _ => {}
            }
        }
        let uri = match target.iter().copied().any(has_to_be_encoded) {
            true => Uri::from_maybe_shared(encoded(target)),
            false => Uri::from_maybe_shared(self.head.slice_ref(target)),
        };
        match uri {
            Ok(uri) => *self.request.uri_mut() = uri,
            Err(_) => verdict.note(Reason::BadUri),
        }
    }

    fn header(&mut self, line: &[u8], verdict: &mut Verdict) {
        if line.iter().any(|byte| matches!(byte, b'\0' | b'\r')) || line.len() > LINE_BYTES {
            verdict.note(Reason::BadHeader);
            return;
        }
        if line.trim_ascii().is_empty() {
            verdict.note(Reason::EmptyHeader);
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
        let says_nothing = if name.eq_ignore_ascii_case(b"content-length") {
            self.content_length(value, verdict);
            false
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.transfer_encoding(value, verdict);
            value.eq_ignore_ascii_case(b"identity")
        } else {
            if is_disguised(name) {
                self.is_suspicious = true;
                verdict.note(Reason::SuspiciousHeader);
            }
            false
        };
        let is_name = name.iter().copied().all(is_token);
        if name.is_empty() {
            verdict.note(Reason::EmptyHeader);
        } else if !is_name || value.iter().any(|&byte| is_unfit(byte)) {
            verdict.note(Reason::NonCompliantHeader);
        }
        match self.passing(name, value).filter(|_| is_name) {
            None => verdict.dropped_headers = true,
            Some(_) if says_nothing => {}
            Some(_) if self.request.headers().len() >= MOST_HEADERS => {
                verdict.refusal = Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
            }
            Some((name, value)) => {
                self.request.headers_mut().append(name, value);
            }
        }
    }

    /// A header as it may go on.
    ///
    /// DEVIATES: one whose name or value no HTTP allows is left out in every case, as no strict reader takes it.
    fn passing(&self, name: &[u8], value: &[u8]) -> Option<(HeaderName, HeaderValue)> {
        // AWS: letters, digits and hyphens.
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        if self.names == HeaderNames::ValidOnly && !name.iter().all(is_plain) {
            return None;
        }
        let name = HeaderName::from_bytes(name).ok()?;
        Some((name, HeaderValue::from_maybe_shared(self.head.slice_ref(value)).ok()?))
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
            // It says nothing.
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
            self.request.headers_mut().remove(CONTENT_LENGTH);
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

/// With what may not be in a target as it may be.
fn encoded(target: &[u8]) -> Bytes {
    let mut new = Vec::with_capacity(target.len() + 16);
    for &byte in target {
        match has_to_be_encoded(byte) {
            true => new.extend_from_slice(format!("%{byte:02X}").as_bytes()),
            false => new.push(byte),
        }
    }
    new.into()
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
