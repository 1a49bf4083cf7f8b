//! Heads, and what becomes of them.

use berth_proxy_protocol::{DesyncMitigation, HeaderNames};
use bytes::Bytes;
use http::Request;
use proptest::prelude::*;

use super::head::{Examined, examine};
use super::verdict::{Class, Reason, Verdict};
use crate::message::Framing;

fn examined(head: &str, mitigation: DesyncMitigation) -> (Verdict, Option<(String, Framing)>) {
    let examined = examine(Bytes::from(head.to_owned()), mitigation, HeaderNames::Any);
    let Examined { request, verdict, framing } = examined.expect("there is something in it");
    let passes = verdict.refusal.is_none();
    (verdict, passes.then(|| (written(&request), framing)))
}

/// As everybody would write it.
fn written(request: &Request<()>) -> String {
    let mut text =
        format!("{} {} {:?}\r\n", request.method(), request.uri(), request.version()).into_bytes();
    for (name, value) in request.headers() {
        text.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    String::from_utf8(text).expect("text") + "\r\n"
}

fn with(first: &str, headers: &[&str]) -> String {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    format!("{first}\r\nhost: h\r\n{headers}\r\n")
}

#[test]
fn requests_are_classified_as_documented() {
    use Reason::*;
    const GET: &str = "GET / HTTP/1.1";
    const POST: &str = "POST / HTTP/1.1";
    let table: Vec<(String, Reason)> = vec![
        (with("GET /a\u{1}b HTTP/1.1", &[]), AmbiguousUri),
        (with("GET /a\0b HTTP/1.1", &[]), BadUri),
        (with("GET /a\rb HTTP/1.1", &[]), BadUri),
        (with("GET a HTTP/1.1", &[]), BadUri),
        (with("GET /a b HTTP/1.1", &[]), SpaceInUri),
        (with("G\u{e9}T / HTTP/1.1", &[]), BadMethod),
        (with(" / HTTP/1.1", &[]), BadMethod),
        (with("GET / HTTP/1.9", &[]), NonCompliantVersion),
        (with("GET / HTTPS", &[]), BadVersion),
        (with("GET /", &[]), BadVersion),
        (with(POST, &["Content-Length: 1x"]), BadContentLength),
        (with(POST, &["Content-Length: +1"]), BadContentLength),
        (with(POST, &["Content-Length: 5, 5"]), BadContentLength),
        (with(POST, &["Content-Length:"]), BadContentLength),
        (with(POST, &["Content-Length: 99999999999999999999"]), BadContentLength),
        (with(POST, &["Content-Length: 5", "content-length: 5"]), DuplicateContentLength),
        (with(POST, &["Content-Length: 5", "Content-Length: 6"]), MultipleContentLength),
        (with(GET, &["Content-Length: 0"]), GetHeadZeroContentLength),
        (with(GET, &["Content-Length: 5"]), UndefinedContentLengthSemantics),
        (with(GET, &["Transfer-Encoding: chunked"]), UndefinedTransferEncodingSemantics),
        (with(POST, &["Transfer-Encoding: chunked", "Content-Length: 5"]), BothTeClPresent),
        (
            with(POST, &["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"]),
            MultipleTransferEncodingChunked,
        ),
        (with(POST, &["Transfer-Encoding: \"chunked\""]), BadTransferEncoding),
        (with(POST, &["Transfer-Encoding:"]), BadTransferEncoding),
        (with("POST / HTTP/1.0", &["Transfer-Encoding: chunked"]), BadTransferEncoding),
        (with(POST, &["Transfer_Encoding: chunked"]), SuspiciousHeader),
        (with(POST, &["Transfer-Encoding : chunked"]), SuspiciousHeader),
        (with(POST, &["Content Length: 4"]), SuspiciousHeader),
        (with(POST, &["Content-Length: 5", "Transfer.Encoding: chunked"]), SuspiciousTeClPresent),
        (with(GET, &[" folded: 1"]), BadHeader),
        (with(GET, &["no colon"]), BadHeader),
        (with(GET, &["A: b\0c"]), BadHeader),
        (with(GET, &["A: b\rc"]), BadHeader),
        (with(GET, &["  "]), EmptyHeader),
        (with(GET, &[": x"]), EmptyHeader),
        (with(GET, &["A: \u{e9}"]), NonCompliantHeader),
        (with(GET, &["A: \u{2}"]), NonCompliantHeader),
        (with(GET, &["A b: c"]), NonCompliantHeader),
    ];
    for (head, reason) in &table {
        let class = reason.class();
        for (mitigation, refuses) in [
            (DesyncMitigation::Monitor, class == Class::Severe),
            (DesyncMitigation::Defensive, class == Class::Severe),
            (DesyncMitigation::Strictest, true),
        ] {
            let (verdict, passed) = examined(head, mitigation);
            assert_eq!(verdict.reason, Some(*reason), "{head:?}");
            assert_eq!(passed.is_none(), refuses, "{head:?} with {mitigation:?}");
            assert_eq!(verdict.refusal.map(|status| status.as_u16()), refuses.then_some(400));
        }
        let (verdict, _) = examined(head, DesyncMitigation::Defensive);
        assert_eq!(verdict.closes, class == Class::Ambiguous, "{head:?}");
    }
}

#[test]
fn what_is_in_order_passes_as_it_came() {
    for head in [
        with("GET /a?b=c&d=%20 HTTP/1.1", &["accept: */*", "x_y: z"]),
        with("POST * HTTP/1.0", &["content-length: 12"]),
        with("POST http://h/x HTTP/1.1", &["transfer-encoding: Chunked"]),
        with("POST /\u{e9} HTTP/1.1", &["te: trailers", "te: x"]),
    ] {
        let others = [
            head.clone(),
            format!("\r\n\n{head}"),
            head.replace("\r\n", "\n").replace(": ", ":\t"),
        ];
        for other in others {
            let (verdict, passed) = examined(&other, DesyncMitigation::Strictest);
            let class = (verdict.class, verdict.head_bytes);
            assert_eq!(class, (Class::Compliant, other.len()), "{other:?}");
            assert_eq!(passed.expect("it passes").0, head);
        }
    }
}

#[test]
fn what_is_lax_is_put_right() {
    for (first, headers, expected) in [
        ("GET /a b<c>\u{1} HTTP/1.3", vec![], "GET /a%20b%3Cc%3E%01 HTTP/1.1\r\nhost: h\r\n\r\n"),
        (
            "GET / HTTP/1.1",
            vec!["A b: c", "D: e", ": f", " "],
            "GET / HTTP/1.1\r\nhost: h\r\nd: e\r\n\r\n",
        ),
        (
            "POST / HTTP/1.1",
            vec!["Content-Length: 3", "Transfer-Encoding: chunked"],
            "POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n",
        ),
        (
            "POST / HTTP/1.1",
            vec!["Transfer-Encoding: identity", "Content-Length: 3"],
            "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\n\r\n",
        ),
    ] {
        let head = with(first, &headers);
        let (_, passed) = examined(&head, DesyncMitigation::Defensive);
        assert_eq!(passed.expect("it passes").0, expected);
    }
}

#[test]
fn names_may_have_to_be_names() {
    let head = with("GET / HTTP/1.1", &["X-Ok: 1", "X_Under: 2"]);
    let examined = examine(Bytes::from(head), DesyncMitigation::Strictest, HeaderNames::ValidOnly);
    let Examined { request, verdict, .. } = examined.expect("there is something in it");
    assert_eq!(written(&request), "GET / HTTP/1.1\r\nhost: h\r\nx-ok: 1\r\n\r\n");
    assert!(verdict.dropped_headers);
}

#[test]
fn some_refusals_have_a_status_of_their_own() {
    let long = format!("GET /{} HTTP/1.1", "x".repeat(16 * 1024));
    for (first, headers, status) in [
        (&*long, vec![], 414),
        ("GET / HTTP/2.0", vec![], 505),
        ("POST / HTTP/1.1", vec!["Transfer-Encoding: gzip, chunked"], 501),
    ] {
        let (verdict, passed) = examined(&with(first, &headers), DesyncMitigation::Monitor);
        assert_eq!(verdict.refusal.map(|status| status.as_u16()), Some(status));
        assert!(passed.is_none());
    }
}

#[test]
fn headers_may_be_too_many() {
    let headers = |count: usize| vec!["a: b"; count - 1];
    let of =
        |count| examined(&with("GET / HTTP/1.1", &headers(count)), DesyncMitigation::Monitor).0;
    assert_eq!(of(256).refusal, None);
    assert_eq!(of(257).refusal.map(|status| status.as_u16()), Some(431));
}

/// Lines that are nearly right, in any order.
fn head() -> impl Strategy<Value = String> {
    let first = prop_oneof![
        Just("GET / HTTP/1.1"),
        Just("POST /a?b HTTP/1.1"),
        Just("POST /a b<>\u{7f} HTTP/1.7"),
        Just("PUT * HTTP/1.0"),
    ];
    let line = prop_oneof![
        Just("Host: h".to_owned()),
        Just("Content-Length: 5".to_owned()),
        Just("content-length:5".to_owned()),
        Just("Transfer-Encoding: chunked".to_owned()),
        Just("Transfer-Encoding: identity".to_owned()),
        Just("Transfer_Encoding: chunked".to_owned()),
        Just("X-Y : z".to_owned()),
        Just(": z".to_owned()),
        Just(" ".to_owned()),
        "[a-zA-Z :\t\u{1}\u{e9}\"\\\\-]{0,12}",
    ];
    let end = prop_oneof![Just("\r\n"), Just("\n")];
    (first, prop::collection::vec((line, end.clone()), 0..6), end).prop_map(
        |(first, lines, end)| {
            let lines: String = lines.into_iter().map(|(line, end)| line + end).collect();
            format!("{first}\r\n{lines}{end}")
        },
    )
}

proptest! {
    /// Whatever passes is what every reader reads alike: looked at once more it passes as it is, and says the same of its body.
    #[test]
    fn what_passes_passes_again(head in head()) {
        let (_, passed) = examined(&head, DesyncMitigation::Defensive);
        if let Some((written, framing)) = passed {
            let (again, passed) = examined(&written, DesyncMitigation::Defensive);
            let (rewritten, same) = passed.expect("it passed before");
            prop_assert_eq!(&rewritten, &written);
            prop_assert_eq!(same, framing);
            prop_assert!(!again.dropped_headers);
        }
    }

    #[test]
    fn no_bytes_are_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut head = bytes.clone();
        head.extend(b"\r\n\r\n");
        let _examined = examine(Bytes::from(head), DesyncMitigation::Monitor, HeaderNames::Any);
        for mut framing in [Framing::of(Some(7), false), Framing::of(None, true)] {
            if let Ok(taken) = framing.take(&bytes) {
                prop_assert!(taken <= bytes.len());
            }
        }
    }
}
