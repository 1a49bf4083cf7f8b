//! The line of an access log.

use std::fmt::{self, Display, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, Request, StatusCode, Version, header};
use jiff::Timestamp;

use super::account::Account;
use super::own::status::CLIENT_GONE;
use super::trace::TRACE_ID;

/// What only the log wants to know of a request.
#[derive(Default)]
pub(super) struct Told {
    created: Option<SystemTime>,
    method: String,
    /// With its first slash.
    path: String,
    pub(super) host: String,
    version: &'static str,
    user_agent: String,
    trace_id: String,
    is_grpc: bool,
    /// The priority of the rule that it came to; 0 is the default's.
    pub(super) priority: Option<u32>,
    /// ELB's names of what was done.
    pub(super) actions: Vec<&'static str>,
    pub(super) redirect: Option<String>,
    pub(super) error: Option<&'static str>,
    /// The ARN of the target group.
    pub(super) group: Option<String>,
    /// What it was made of on its way.
    pub(super) transformed: Option<(String, String)>,
    /// When it went to a target, and when that answered, since it began.
    pub(super) sent_after: Option<Duration>,
    pub(super) answered_after: Option<Duration>,
    /// Of the answer.
    pub(super) head_bytes: u64,
}

impl Told {
    pub(super) fn of<B>(request: &Request<B>) -> Told {
        let text = |name| text(request.headers(), name);
        Told {
            created: Some(SystemTime::now()),
            method: request.method().to_string(),
            path: request.uri().path_and_query().map_or_else(|| "/".into(), ToString::to_string),
            version: match request.version() {
                Version::HTTP_2 => "HTTP/2.0",
                Version::HTTP_10 => "HTTP/1.0",
                _ => "HTTP/1.1",
            },
            user_agent: text(header::USER_AGENT),
            is_grpc: text(header::CONTENT_TYPE).starts_with("application/grpc"),
            ..Told::default()
        }
    }

    /// Once it has an id.
    pub(super) fn trace(&mut self, headers: &HeaderMap) {
        self.trace_id = text(headers, TRACE_ID);
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> String {
    let value = headers.get(name).map(header::HeaderValue::as_bytes).unwrap_or_default();
    String::from_utf8_lossy(value).into_owned()
}

/// With its end.
pub(super) fn line(account: &Account, told: &Told) -> String {
    let visit = &account.visit;
    let now = SystemTime::now();
    let tls = visit.tls.as_ref();
    let target = account.picked.as_ref().map(|picked| picked.address().to_string());
    let target = target.as_deref().unwrap_or("-");
    let is_upgraded = account.status == Some(StatusCode::SWITCHING_PROTOCOLS);
    let kind = match (tls.is_some(), told.version) {
        (false, _) if is_upgraded => "ws",
        (true, _) if is_upgraded => "wss",
        (true, "HTTP/2.0") if told.is_grpc => "grpcs",
        (true, "HTTP/2.0") => "h2",
        (true, _) => "https",
        (false, _) => "http",
    };
    let (begun, answered) = match (told.sent_after, told.answered_after) {
        (Some(sent), Some(answered)) => {
            (Seconds(Some(sent)), Seconds(Some(answered.saturating_sub(sent))))
        }
        (Some(sent), None) => (Seconds(Some(sent)), Seconds(None)),
        _ => (Seconds(None), Seconds(None)),
    };
    let handed_on = told.answered_after.map(|_| Duration::ZERO);
    let status = account.status.unwrap_or(CLIENT_GONE).as_u16();
    let target_status = account.target_status.map(|status| status.as_u16().to_string());
    let target_status = target_status.as_deref().unwrap_or("-");
    let received =
        account.verdict.head_bytes as u64 + account.traffic.as_ref().map_or(0, |it| it.bytes());
    let mut line = String::with_capacity(512);
    let mut write = |text: fmt::Arguments<'_>| line.write_fmt(text).expect("writing to memory");
    write(format_args!(
        "{kind} {} {} {} {target} {begun} {answered} {} {status} {target_status} {received} {} ",
        Time(now),
        account.front.resource,
        Place(visit.client),
        Seconds(handed_on),
        told.head_bytes + account.sent_bytes(),
    ));
    match &account.verdict.line {
        Some(line) => write(format_args!("{} ", Quoted(line))),
        None => {
            let scheme = if visit.is_secure { "https" } else { "http" };
            let host = crate::rules::without_port(&told.host);
            let url = format!(
                "{} {scheme}://{host}:{}{} {}",
                told.method,
                visit.door.port(),
                told.path,
                told.version
            );
            write(format_args!("{} ", Quoted(&url)));
        }
    }
    write(format_args!(
        "{} {} {} {} {} {} {} {} {} {} {} {} ",
        Quoted(&told.user_agent),
        tls.map_or("-", |tls| &tls.cipher),
        tls.map_or("-", |tls| tls.version),
        told.group.as_deref().unwrap_or("-"),
        Quoted(&told.trace_id),
        Quoted(tls.and_then(|tls| tls.host.as_deref()).unwrap_or_default()),
        Quoted(tls.map_or("", |tls| &tls.certificate)),
        told.priority.map_or(-1, i64::from),
        Time(told.created.unwrap_or(now)),
        Quoted(&told.actions.join(",")),
        Quoted(told.redirect.as_deref().unwrap_or_default()),
        Quoted(told.error.unwrap_or_default()),
    ));
    let class = account.verdict.class.as_str();
    let reason = account.verdict.reason.map_or_else(String::new, |reason| format!("{reason:?}"));
    let (host, uri) = told.transformed.as_ref().map_or(("", ""), |(host, uri)| (host, uri));
    let transformed = if told.transformed.is_some() { "TransformSuccess" } else { "" };
    write(format_args!(
        "{} {} {} {} {} {} {} {}\n",
        Quoted(target),
        Quoted(target_status),
        Quoted(class),
        Quoted(&reason),
        visit.id,
        Quoted(host),
        Quoted(uri),
        Quoted(transformed),
    ));
    line
}

/// `2024-01-31T23:59:59.123456Z`.
pub(super) struct Time(pub(super) SystemTime);

impl Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = Timestamp::try_from(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
        write!(f, "{time:.6}")
    }
}

/// AWS: -1 is what did not happen.
pub(super) struct Seconds(pub(super) Option<Duration>);

impl Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(time) => write!(f, "{:.3}", time.as_secs_f64()),
            None => f.write_str("-1"),
        }
    }
}

struct Place(SocketAddr);

impl Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.ip().to_canonical() {
            IpAddr::V4(address) => write!(f, "{address}:{}", self.0.port()),
            IpAddr::V6(address) => write!(f, "[{address}]:{}", self.0.port()),
        }
    }
}

/// In quotation marks that nothing within can end; nothing is a dash.
pub(super) struct Quoted<'a>(pub(super) &'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("\"-\"");
        }
        f.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(f, "\\x{:02X}", u32::from(character))?,
                control if control.is_control() => write!(f, "\\x{:02X}", u32::from(control))?,
                other => f.write_char(other)?,
            }
        }
        f.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{Quoted, Seconds, Time};

    #[test]
    fn fields_cannot_be_broken_out_of() {
        assert_eq!(Quoted("").to_string(), r#""-""#);
        assert_eq!(Quoted("a\"b\\c\nd").to_string(), r#""a\x22b\x5Cc\x0Ad""#);
        assert_eq!(Seconds(Some(Duration::from_micros(1234))).to_string(), "0.001");
        assert_eq!(Seconds(None).to_string(), "-1");
        let time = UNIX_EPOCH + Duration::from_micros(1_700_000_000_000_001);
        assert_eq!(Time(time).to_string(), "2023-11-14T22:13:20.000001Z");
    }
}
