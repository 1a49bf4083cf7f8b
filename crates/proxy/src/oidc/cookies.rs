//! A session in as many cookies as it takes: `NAME-0`, `NAME-1` and so on, each small enough for every browser.

use std::borrow::Cow;
use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, HeaderValue};

use super::reason::Reason;
use crate::front::cookies::find;

/// AWS: a cookie with all that is said of it.
const LARGEST: usize = 4096;
/// The first of them says in one digit how many there are.
const MOST: usize = 9;
/// The cookie that a login is bound to.
pub(crate) const NONCE: &str = "AWSALBAuthNonce";

/// What the cookies of a session say together, if there are any. What is left of a longer one is passed over.
pub(super) fn joined<'a>(
    headers: &'a HeaderMap,
    name: &str,
) -> Result<Option<Cow<'a, str>>, Reason> {
    let Some(first) = find(headers, &format!("{name}-0")) else { return Ok(None) };
    let mut characters = first.chars();
    let count = characters.next().and_then(|digit| digit.to_digit(10));
    let count = count.filter(|count| *count > 0).ok_or(Reason::InvalidCookie)?;
    let first = characters.as_str();
    if count == 1 {
        return Ok(Some(Cow::Borrowed(first)));
    }
    let mut all = first.to_owned();
    for place in 1..count {
        all.push_str(find(headers, &format!("{name}-{place}")).ok_or(Reason::InvalidCookie)?);
    }
    Ok(Some(Cow::Owned(all)))
}

/// Values of `Set-Cookie` for a session until then. Those that the client has and needs no longer are taken back.
///
/// AWS: `SameSite=None` is said to whoever asks from another site, and nothing to others.
pub(super) fn set(
    name: &str,
    text: &str,
    ends_at: u64,
    before: &HeaderMap,
    is_elsewhere: bool,
) -> Result<Vec<HeaderValue>, Reason> {
    let expires = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(ends_at));
    let site = if is_elsewhere { "; SameSite=None" } else { "" };
    let rest = format!("; Expires={expires}; Path=/; Secure; HttpOnly{site}");
    // The name's end, `=` and the digit.
    let room = LARGEST.saturating_sub(name.len() + rest.len() + "-0=0".len());
    if room == 0 {
        return Err(Reason::Unhandled);
    }
    let parts: Vec<&[u8]> = text.as_bytes().chunks(room).collect();
    if parts.len() > MOST {
        return Err(Reason::TooLarge);
    }
    let mut cookies = Vec::with_capacity(parts.len());
    for (place, part) in parts.iter().enumerate() {
        let part = std::str::from_utf8(part).map_err(|_| Reason::Unhandled)?;
        let count = if place == 0 { parts.len().to_string() } else { String::new() };
        cookies.push(format!("{name}-{place}={count}{part}{rest}"));
    }
    for place in parts.len()..=MOST {
        if find(before, &format!("{name}-{place}")).is_some() {
            let gone = httpdate::fmt_http_date(UNIX_EPOCH);
            cookies
                .push(format!("{name}-{place}=; Expires={gone}; Path=/; Secure; HttpOnly{site}"));
        }
    }
    let values = cookies.into_iter().map(HeaderValue::try_from);
    values.collect::<Result<_, _>>().map_err(|_| Reason::Unhandled)
}

/// The cookie of logins that are under way. It is sent with the way back from the issuer, which is a link that is followed.
pub(crate) fn set_nonce(nonce: &str, is_elsewhere: bool) -> HeaderValue {
    let site = if is_elsewhere { "None" } else { "Lax" };
    let cookie = format!("{NONCE}={nonce}; Path=/; Secure; HttpOnly; SameSite={site}");
    HeaderValue::try_from(cookie).expect("it is made of such characters")
}
