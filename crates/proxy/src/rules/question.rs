//! What of a request rules may ask.

use std::borrow::Cow;
use std::net::IpAddr;

use http::{HeaderMap, Method};

/// A request, as rules see it: its path and query in the one form that RFC 3986 has for all that mean the same.
#[derive(Debug)]
pub struct Question<'a> {
    pub(super) method: &'a Method,
    pub(super) headers: &'a HeaderMap,
    pub(super) client: IpAddr,
    host: Option<&'a [u8]>,
    path: Cow<'a, [u8]>,
    query: Cow<'a, [u8]>,
}

impl<'a> Question<'a> {
    /// `host` is as the client wrote it, with the port if it wrote one.
    pub fn new(
        method: &'a Method,
        host: Option<&'a str>,
        path: &'a str,
        query: Option<&'a str>,
        headers: &'a HeaderMap,
        client: IpAddr,
    ) -> Question<'a> {
        Question {
            method,
            headers,
            client,
            host: host.map(|host| without_port(host).as_bytes()),
            path: without_dots(decoded(path.as_bytes())),
            query: decoded(query.unwrap_or_default().as_bytes()),
        }
    }

    pub(super) fn host(&self) -> Option<&[u8]> {
        self.host
    }

    pub(super) fn path(&self) -> &[u8] {
        &self.path
    }

    pub(super) fn query(&self) -> &[u8] {
        &self.query
    }
}

/// `[::1]:80` has more colons than one, and `[::1]` no port.
pub(crate) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port))
            if !port.contains(']') && (!name.contains(':') || name.ends_with(']')) =>
        {
            name
        }
        _ => host,
    }
}

/// Without the percent signs that no character needed (RFC 3986, 6.2.2.2).
fn decoded(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'%') {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, behind)) = rest.split_first() {
        let byte = match behind {
            [high, low, ..] if first == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match byte.map(|(high, low)| high << 4 | low) {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                plain.push(byte);
                rest = &behind[2..];
            }
            Some(_) => {
                plain.extend([
                    b'%',
                    behind[0].to_ascii_uppercase(),
                    behind[1].to_ascii_uppercase(),
                ]);
                rest = &behind[2..];
            }
            None => {
                plain.push(first);
                rest = behind;
            }
        }
    }
    Cow::Owned(plain)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Without `.` and `..` (RFC 3986, 5.2.4).
fn without_dots(path: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let has_dots = path.windows(2).any(|pair| pair == b"/.");
    if !has_dots {
        return path;
    }
    let mut segments: Vec<&[u8]> = Vec::new();
    let mut ends_open = false;
    for segment in path.strip_prefix(b"/").unwrap_or(&path).split(|&byte| byte == b'/') {
        ends_open = matches!(segment, b"." | b"..");
        match segment {
            b"." => {}
            b".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let mut plain = Vec::with_capacity(path.len());
    for segment in &segments {
        plain.push(b'/');
        plain.extend_from_slice(segment);
    }
    if ends_open || segments.is_empty() {
        plain.push(b'/');
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{decoded, without_dots, without_port};

    #[test]
    fn ports_are_no_part_of_a_name() {
        for (host, name) in [
            ("example.com", "example.com"),
            ("example.com:80", "example.com"),
            ("127.0.0.1:8080", "127.0.0.1"),
            ("[::1]:80", "[::1]"),
            ("[::1]", "[::1]"),
            ("::1", "::1"),
            ("", ""),
        ] {
            assert_eq!(without_port(host), name, "{host}");
        }
    }

    #[test]
    fn only_what_needs_no_percent_sign_is_decoded() {
        for (text, plain) in [
            ("/a%62c", "/abc"),
            ("/%7Euser", "/~user"),
            ("/a%2fb", "/a%2Fb"),
            ("/100%", "/100%"),
            ("/%4", "/%4"),
            ("/%zz%41", "/%zzA"),
            ("/%25%34%31", "/%2541"),
        ] {
            assert_eq!(*decoded(text.as_bytes()), *plain.as_bytes(), "{text}");
        }
    }

    #[test]
    fn dots_lead_where_they_lead() {
        for (path, plain) in [
            ("/a/b", "/a/b"),
            ("/a/./b", "/a/b"),
            ("/a/../b", "/b"),
            ("/a/b/..", "/a/"),
            ("/a/b/.", "/a/b/"),
            ("/../../x", "/x"),
            ("/..", "/"),
            ("/a/.hidden", "/a/.hidden"),
            ("/a//../b", "/a/b"),
            ("*", "*"),
        ] {
            assert_eq!(*without_dots(Cow::Borrowed(path.as_bytes())), *plain.as_bytes(), "{path}");
        }
    }
}
