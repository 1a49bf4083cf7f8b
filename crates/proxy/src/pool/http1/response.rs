//! The head of a target's response, and what follows from it.

use std::io;
use std::mem::MaybeUninit;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Version};
use hyper::ext::ReasonPhrase;

use crate::message::{Framing, bad, stays_open};

const MOST_HEADERS: usize = 256;

/// What was asked, as far as it says how the answer is to be read.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) is_head: bool,
    pub(super) is_upgrade: bool,
}

/// What a head says.
pub(super) struct Answer {
    pub(super) parts: Parts,
    pub(super) rest: Rest,
    /// Whether the target takes another request on this connection.
    pub(super) keeps: bool,
}

/// What comes behind a head.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Rest {
    Framed(Framing),
    /// All that comes until the target hangs up.
    ToTheEnd,
}

impl Asked {
    pub(super) fn of(method: &Method, headers: &HeaderMap) -> Asked {
        Asked {
            is_head: method == Method::HEAD,
            is_upgrade: headers.contains_key(http::header::UPGRADE),
        }
    }
}

/// Reads a head, with its empty line. None if another is to follow: it only says that the target is at work.
pub(super) fn read(head: BytesMut, asked: Asked) -> io::Result<Option<Answer>> {
    let mut parts = parse(&head.freeze())?;
    match parts.status {
        StatusCode::SWITCHING_PROTOCOLS if asked.is_upgrade => {
            let rest = Rest::Framed(Framing::Over);
            return Ok(Some(Answer { parts, rest, keeps: false }));
        }
        StatusCode::SWITCHING_PROTOCOLS => return Err(bad("nobody asked for another protocol")),
        status if status.is_informational() => return Ok(None),
        _ => {}
    }
    let (rest, is_plain) = rest(&mut parts, asked.is_head)?;
    let keeps = is_plain && rest != Rest::ToTheEnd && stays_open(parts.version, &parts.headers);
    Ok(Some(Answer { parts, rest, keeps }))
}

/// Where the body ends (RFC 9112, 6.3), and whether everybody would say the same.
fn rest(parts: &mut Parts, is_answer_to_head: bool) -> io::Result<(Rest, bool)> {
    if is_answer_to_head
        || matches!(parts.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
    {
        return Ok((Rest::Framed(Framing::Over), true));
    }
    let mut codings = parts.headers.get_all(TRANSFER_ENCODING).iter();
    if let Some(last) = codings.next_back() {
        if parts.version == Version::HTTP_10 {
            return Err(bad("HTTP/1.0 has no transfer codings"));
        }
        let last = last.as_bytes().rsplit(|&byte| byte == b',').next().unwrap_or_default();
        let is_chunked = last.trim_ascii().eq_ignore_ascii_case(b"chunked");
        let is_plain = parts.headers.remove(CONTENT_LENGTH).is_none();
        return Ok(match is_chunked {
            true => (Rest::Framed(Framing::of(None, true)), is_plain),
            false => (Rest::ToTheEnd, is_plain),
        });
    }
    let (mut length, mut is_said_twice) = (None, false);
    for value in parts.headers.get_all(CONTENT_LENGTH) {
        let digits = value.as_bytes();
        let said = digits.iter().all(u8::is_ascii_digit).then(|| value.to_str().ok());
        let said: u64 = said
            .flatten()
            .and_then(|digits| digits.parse().ok())
            .ok_or_else(|| bad("a length is no number"))?;
        if let Some(before) = length.replace(said) {
            if before != said {
                return Err(bad("two lengths"));
            }
            is_said_twice = true;
        }
    }
    let Some(length) = length else { return Ok((Rest::ToTheEnd, true)) };
    if is_said_twice {
        parts.headers.insert(CONTENT_LENGTH, length.into());
    }
    Ok((Rest::Framed(Framing::of(Some(length), false)), true))
}

fn parse(head: &Bytes) -> io::Result<Parts> {
    let mut room = [const { MaybeUninit::uninit() }; MOST_HEADERS];
    let mut read = httparse::Response::new(&mut []);
    let parsed = httparse::ParserConfig::default()
        .parse_response_with_uninit_headers(&mut read, head, &mut room)
        .map_err(bad)?;
    let (httparse::Status::Complete(_), Some(code)) = (parsed, read.code) else {
        return Err(bad("a head without an end"));
    };
    let status = StatusCode::from_u16(code).map_err(io::Error::other)?;
    let mut response = Response::new(());
    *response.status_mut() = status;
    *response.version_mut() =
        if read.version == Some(0) { Version::HTTP_10 } else { Version::HTTP_11 };
    if let Some(reason) = read.reason
        && status.canonical_reason() != Some(reason)
        && let Ok(reason) = ReasonPhrase::try_from(reason.as_bytes())
    {
        response.extensions_mut().insert(reason);
    }
    response.headers_mut().reserve(read.headers.len());
    for header in read.headers.iter() {
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(io::Error::other)?;
        let value = head.slice_ref(header.value);
        let value = HeaderValue::from_maybe_shared(value).map_err(io::Error::other)?;
        response.headers_mut().append(name, value);
    }
    Ok(response.into_parts().0)
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::{Answer, Asked, Framing, Rest, read};

    const GET: Asked = Asked { is_head: false, is_upgrade: false };

    fn answer(head: &str, asked: Asked) -> Option<Answer> {
        let head = format!("{}\r\n\r\n", head.replace('\n', "\r\n"));
        read(BytesMut::from(&*head), asked).expect("it can be read")
    }

    #[test]
    fn a_body_ends_where_its_head_says() {
        let length = |length| Rest::Framed(Framing::of(Some(length), false));
        let chunks = || Rest::Framed(Framing::of(None, true));
        for (head, rest, keeps) in [
            ("HTTP/1.1 200 OK\nContent-Length: 3", length(3), true),
            ("HTTP/1.1 200 OK\nContent-Length: 0", length(0), true),
            ("HTTP/1.1 200 OK\ncontent-length: 3\nContent-Length: 3", length(3), true),
            ("HTTP/1.1 200 OK\nContent-Length: 3\nConnection: x, Close", length(3), false),
            ("HTTP/1.0 200 OK\nContent-Length: 3", length(3), false),
            ("HTTP/1.0 200 OK\nContent-Length: 3\nConnection: keep-alive", length(3), true),
            ("HTTP/1.1 200 OK\nTransfer-Encoding: Chunked", chunks(), true),
            ("HTTP/1.1 200 OK\nTransfer-Encoding: gzip, chunked", chunks(), true),
            ("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nContent-Length: 3", chunks(), false),
            ("HTTP/1.1 200 OK\nTransfer-Encoding: gzip", Rest::ToTheEnd, false),
            ("HTTP/1.1 200 OK", Rest::ToTheEnd, false),
            ("HTTP/1.1 204 No Content", length(0), true),
            ("HTTP/1.1 304 Not Modified\nContent-Length: 7", length(0), true),
        ] {
            let answer = answer(head, GET).expect("it is final");
            assert_eq!((answer.rest, answer.keeps), (rest, keeps), "{head}");
            let codings = answer.parts.headers.contains_key("transfer-encoding");
            let lengths = answer.parts.headers.get_all("content-length").iter().count();
            assert!(lengths <= usize::from(!codings), "{head}");
        }
        let to_head = Asked { is_head: true, ..GET };
        let answer = answer("HTTP/1.1 200 OK\nContent-Length: 3", to_head).expect("it is final");
        assert_eq!(
            (answer.rest, &answer.parts.headers["content-length"]),
            (length(0), &"3".parse().unwrap())
        );
    }

    #[test]
    fn what_only_says_that_more_comes_is_passed_over() {
        assert!(answer("HTTP/1.1 100 Continue", GET).is_none());
        assert!(answer("HTTP/1.1 103 Early Hints\nLink: </a>", GET).is_none());
        let upgrade = Asked { is_upgrade: true, ..GET };
        let switched = "HTTP/1.1 101 Switching Protocols\nUpgrade: websocket";
        assert_eq!(answer(switched, upgrade).map(|answer| answer.keeps), Some(false));
        assert!(read(BytesMut::from(&*format!("{switched}\r\n\r\n")), GET).is_err());
    }

    #[test]
    fn what_nobody_can_be_sure_of_is_no_answer() {
        for head in [
            "HTTP/1.1 200 OK\nContent-Length: 3\nContent-Length: 4",
            "HTTP/1.1 200 OK\nContent-Length: +3",
            "HTTP/1.1 200 OK\nContent-Length: 3, 3",
            "HTTP/1.1 200 OK\nContent-Length: 99999999999999999999",
            "HTTP/1.0 200 OK\nTransfer-Encoding: chunked",
            "HTTP/1.1 99 Low",
            "HTTP/1.1 abc",
            "HTTP/2.0 200 OK",
            "SSH-2.0-OpenSSH",
            "HTTP/1.1 200 OK\nA b: c",
        ] {
            let whole = format!("{}\r\n\r\n", head.replace('\n', "\r\n"));
            assert!(read(BytesMut::from(&*whole), GET).is_err(), "{head}");
        }
    }

    #[test]
    fn a_reason_of_its_own_is_kept() {
        let answer = answer("HTTP/1.1 200 Fine\nX: \u{e9}", GET).expect("it is final");
        let reason = answer.parts.extensions.get::<hyper::ext::ReasonPhrase>();
        assert_eq!(reason.map(|reason| reason.as_bytes()), Some(&b"Fine"[..]));
        assert_eq!(answer.parts.headers["x"].as_bytes(), "\u{e9}".as_bytes());
    }
}
