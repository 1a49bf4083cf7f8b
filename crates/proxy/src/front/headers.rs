//! Headers that concern one connection only, and those that the next one needs.

use http::header::{
    CONNECTION, COOKIE, EXPECT, HOST, PROXY_AUTHENTICATE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use smallvec::SmallVec;

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");

/// Takes away what was between a client and this proxy alone (RFC 9110, 7.6.1).
pub(super) fn clean_request(headers: &mut HeaderMap) {
    if !headers.keys().any(is_of_one_connection) {
        return;
    }
    let wants_trailers =
        headers.get_all(TE).iter().any(|value| value.as_bytes().eq_ignore_ascii_case(b"trailers"));
    without_connection(headers);
    // Who asks for a 100 gets it from us.
    headers.remove(EXPECT);
    headers.remove(TE);
    if wants_trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
}

/// The same of what was between a target and this proxy.
pub(super) fn clean_response(headers: &mut HeaderMap) {
    if !headers.keys().any(is_of_one_connection) {
        return;
    }
    without_connection(headers);
    headers.remove(PROXY_AUTHENTICATE);
}

/// Whether there is something to take away. To look at each name once costs less than to look for each of these.
fn is_of_one_connection(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection"
            | "expect"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-connection"
            | "te"
            | "transfer-encoding"
            | "upgrade"
    )
}

fn without_connection(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        let named: SmallVec<[HeaderName; 4]> = headers
            .get_all(CONNECTION)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|name| name.trim().parse().ok())
            .collect();
        for name in named {
            // What says where a message goes and where it ends is nobody's to take away.
            if name != HOST && name != TRAILER {
                headers.remove(name);
            }
        }
        headers.remove(CONNECTION);
    }
    headers.remove(KEEP_ALIVE);
    headers.remove(PROXY_CONNECTION);
    headers.remove(TRANSFER_ENCODING);
    headers.remove(UPGRADE);
}

/// HTTP/2 may send cookies one by one; HTTP/1.1 may not (RFC 9113, 8.2.3).
pub(super) fn join_cookies(headers: &mut HeaderMap) {
    let mut cookies = headers.get_all(COOKIE).iter();
    if cookies.next().is_none() || cookies.next().is_none() {
        return;
    }
    let parts: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if let Ok(joined) = HeaderValue::from_bytes(&parts.join(&b"; "[..])) {
        headers.insert(COOKIE, joined);
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::{clean_request, join_cookies};

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn what_is_of_one_connection_is_not_passed_on() {
        let mut all = headers(&[
            ("connection", "X-One, keep-alive, host"),
            ("x-one", "1"),
            ("x-two", "2"),
            ("host", "h"),
            ("keep-alive", "timeout=5"),
            ("te", "Trailers"),
            ("upgrade", "h2c"),
            ("expect", "100-continue"),
        ]);
        clean_request(&mut all);
        assert_eq!(all, headers(&[("x-two", "2"), ("host", "h"), ("te", "trailers")]));
    }

    #[test]
    fn cookies_become_one() {
        let mut all = HeaderMap::new();
        join_cookies(&mut all);
        for cookie in ["a=1", "b=2; c=3"] {
            all.append("cookie", HeaderValue::from_static(cookie));
        }
        join_cookies(&mut all);
        assert_eq!(all, headers(&[("cookie", "a=1; b=2; c=3")]));
    }
}
