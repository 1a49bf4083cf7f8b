//! `X-Amzn-Trace-Id`: one id for a request, from whoever saw it first.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

pub(super) const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// How long ours is.
const OURS: usize = "Root=1-01234567-0123456789abcdef01234567".len();

/// Leaves an id in the header: a new one as `Root`, or as `Self` before what others wrote.
pub(super) fn tell(headers: &mut HeaderMap) {
    let (now, chance) = (SystemTime::now(), rand::random());
    let value = value(headers.get(TRACE_ID), now, chance);
    headers.insert(TRACE_ID, value);
}

fn value(given: Option<&HeaderValue>, now: SystemTime, chance: u128) -> HeaderValue {
    let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let given = given.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let others: Vec<&str> = given
        .split(';')
        .map(str::trim)
        .filter(|field| !field.is_empty() && !field.starts_with("Self="))
        .collect();
    let has_root = others.iter().any(|field| field.starts_with("Root="));
    let behind: usize = others.iter().map(|field| field.len() + 1).sum();
    let mut text = Vec::with_capacity(OURS + behind);
    text.extend_from_slice(if has_root { b"Self=1-" } else { b"Root=1-" });
    text.extend(hex::<8>(seconds));
    text.push(b'-');
    text.extend(hex::<8>((chance >> 64) as u64));
    text.extend(hex::<16>(chance as u64));
    for field in others {
        text.push(b';');
        text.extend_from_slice(field.as_bytes());
    }
    HeaderValue::from_maybe_shared(Bytes::from(text))
        .expect("it is made of a valid value and digits")
}

/// The last digits of a number. Each request has some, and a format costs several times as much.
fn hex<const DIGITS: usize>(number: u64) -> [u8; DIGITS] {
    std::array::from_fn(|place| {
        let digit = number >> (4 * (DIGITS - 1 - place)) & 0xf;
        b"0123456789abcdef"[digit as usize]
    })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use http::HeaderValue;

    use super::value;

    #[test]
    fn a_root_is_kept_and_ours_goes_before_it() {
        let now = UNIX_EPOCH + Duration::from_secs(0x6789_1234);
        let told = |given: Option<&'static str>| {
            let value = value(given.map(HeaderValue::from_static).as_ref(), now, 0xabc);
            value.to_str().expect("text").to_owned()
        };
        let ours = "1-67891234-000000000000000000000abc";
        assert_eq!(told(None), format!("Root={ours}"));
        assert_eq!(told(Some("Root=1-1-2")), format!("Self={ours};Root=1-1-2"));
        assert_eq!(
            told(Some("Self=1-0-0; Root=1-1-2;App=x")),
            format!("Self={ours};Root=1-1-2;App=x")
        );
        assert_eq!(told(Some("App=x")), format!("Root={ours};App=x"));
    }
}
