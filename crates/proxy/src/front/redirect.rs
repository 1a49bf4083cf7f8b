//! Sending a client elsewhere.

use berth_proxy_protocol::Redirect;
use http::{HeaderValue, Request, StatusCode};

use super::own::Own;
use super::visit::Visit;
use crate::rules::without_port;

/// AWS: a longer one is 507.
const LONGEST: usize = 8 * 1024;

/// The parts of a URL that a redirect may keep.
struct Parts<'a> {
    protocol: &'a str,
    host: &'a str,
    port: String,
    /// Without its first slash.
    path: &'a str,
    query: &'a str,
}

pub(super) fn redirect<B>(
    to: &Redirect,
    request: &Request<B>,
    host: &HeaderValue,
    visit: &Visit,
) -> Result<Own, Own> {
    let host = host.to_str().map_err(|_| Own::from(StatusCode::BAD_REQUEST))?;
    let path = request.uri().path();
    let parts = Parts {
        protocol: if visit.is_secure { "https" } else { "http" },
        host: without_port(host),
        port: visit.door.port().to_string(),
        path: path.strip_prefix('/').unwrap_or(path),
        query: request.uri().query().unwrap_or_default(),
    };
    let location = location(to, &parts);
    if location.len() > LONGEST {
        return Err(StatusCode::INSUFFICIENT_STORAGE.into());
    }
    let location = location.parse().map_err(|_| Own::from(StatusCode::INTERNAL_SERVER_ERROR))?;
    let status = StatusCode::from_u16(to.status).expect("it was looked at when it was compiled");
    Ok(Own::redirect(status, location))
}

/// AWS: the port is always said, be it the protocol's own.
fn location(to: &Redirect, parts: &Parts<'_>) -> String {
    let mut location = filled(&to.protocol, parts).to_ascii_lowercase();
    location.push_str("://");
    location.push_str(&filled(&to.host, parts));
    location.push(':');
    location.push_str(&filled(&to.port, parts));
    location.push_str(&filled(&to.path, parts));
    let query = filled(&to.query, parts);
    if !query.is_empty() {
        location.push('?');
        location.push_str(&query);
    }
    location
}

/// What is kept is never looked at for more to fill in.
fn filled(template: &str, parts: &Parts<'_>) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, from)) = rest.split_once("#{") {
        filled.push_str(before);
        let part = from.split_once('}').and_then(|(name, behind)| {
            let part = match name {
                "protocol" => parts.protocol,
                "host" => parts.host,
                "port" => &parts.port,
                "path" => parts.path,
                "query" => parts.query,
                _ => return None,
            };
            Some((part, behind))
        });
        match part {
            Some((part, behind)) => {
                filled.push_str(part);
                rest = behind;
            }
            None => {
                filled.push_str("#{");
                rest = from;
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use berth_proxy_protocol::Redirect;

    use super::{Parts, location};

    fn check(protocol: &str, host: &str, port: &str, path: &str, query: &str, expected: &str) {
        let to = Redirect {
            protocol: protocol.into(),
            host: host.into(),
            port: port.into(),
            path: path.into(),
            query: query.into(),
            status: 301,
        };
        let parts = Parts {
            protocol: "http",
            host: "example.com",
            port: "8080".to_owned(),
            path: "a/#{host}",
            query: "q=1",
        };
        assert_eq!(location(&to, &parts), expected);
    }

    #[test]
    fn what_is_not_replaced_is_kept() {
        check(
            "#{protocol}",
            "#{host}",
            "#{port}",
            "/#{path}",
            "#{query}",
            "http://example.com:8080/a/#{host}?q=1",
        );
        check(
            "HTTPS",
            "#{host}",
            "443",
            "/#{path}",
            "#{query}",
            "https://example.com:443/a/#{host}?q=1",
        );
        check(
            "HTTPS",
            "www.#{host}",
            "443",
            "/new/#{path}",
            "",
            "https://www.example.com:443/new/a/#{host}",
        );
        check(
            "#{protocol}",
            "h",
            "1",
            "/#{what}/#{path",
            "x=#{query}&p=#{port}",
            "http://h:1/#{what}/#{path?x=q=1&p=8080",
        );
    }
}
