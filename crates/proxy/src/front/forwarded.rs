//! `X-Forwarded-…`: who the client is, as targets learn it.

use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};

use berth_proxy_protocol::{BalancerAttributes, ForwardedFor};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::own::{Own, status};
use super::visit::Visit;

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const PORT: HeaderName = HeaderName::from_static("x-forwarded-port");

/// AWS: more addresses are 463.
const MOST_ADDRESSES: usize = 30;

pub(super) fn check(headers: &HeaderMap, mode: ForwardedFor) -> Result<(), Own> {
    if mode == ForwardedFor::Remove {
        return Ok(());
    }
    let commas =
        |value: &HeaderValue| value.as_bytes().iter().filter(|&&byte| byte == b',').count();
    let addresses: usize = headers.get_all(FOR).iter().map(|value| commas(value) + 1).sum();
    if addresses > MOST_ADDRESSES {
        return Err(status::TOO_MANY_ADDRESSES.into());
    }
    Ok(())
}

/// Says who the client is.
pub(super) fn tell(headers: &mut HeaderMap, visit: &Visit, attributes: &BalancerAttributes) {
    match attributes.forwarded_for {
        ForwardedFor::Preserve => {}
        ForwardedFor::Remove => {
            headers.remove(FOR);
        }
        ForwardedFor::Append if attributes.forwarded_for_port || headers.contains_key(FOR) => {
            append(headers, visit.client, attributes.forwarded_for_port);
        }
        // Most are the first to say anything.
        ForwardedFor::Append => {
            headers.insert(FOR, visit.client_address.clone());
        }
    }
    let proto = if visit.is_secure { "https" } else { "http" };
    headers.insert(PROTO, HeaderValue::from_static(proto));
    headers.insert(PORT, visit.door_port.clone());
}

fn append(headers: &mut HeaderMap, client: SocketAddr, with_port: bool) {
    let mut text = String::new();
    for value in headers.get_all(FOR).iter().filter_map(|value| value.to_str().ok()) {
        text.push_str(value);
        text.push_str(", ");
    }
    let written = match (client.ip().to_canonical(), with_port) {
        (address, false) => write!(text, "{address}"),
        (IpAddr::V4(address), true) => write!(text, "{address}:{}", client.port()),
        (IpAddr::V6(address), true) => write!(text, "[{address}]:{}", client.port()),
    };
    written.expect("writing to memory");
    let value = HeaderValue::try_from(text).expect("it is made of valid values and an address");
    headers.insert(FOR, value);
}

#[cfg(test)]
mod tests {
    use berth_proxy_protocol::ForwardedFor;
    use http::{HeaderMap, HeaderValue};

    use super::{FOR, append, check};

    #[test]
    fn a_client_is_added_to_those_who_are_known() {
        let mut headers = HeaderMap::new();
        append(&mut headers, "192.0.2.7:4711".parse().expect("an address"), false);
        assert_eq!(headers[FOR], "192.0.2.7");
        headers.append(FOR, HeaderValue::from_static("10.0.0.1,10.0.0.2"));
        append(&mut headers, "[::ffff:192.0.2.8]:1".parse().expect("an address"), true);
        append(&mut headers, "[2001:db8::1]:2".parse().expect("an address"), true);
        assert_eq!(headers[FOR], "192.0.2.7, 10.0.0.1,10.0.0.2, 192.0.2.8:1, [2001:db8::1]:2");
        assert_eq!(headers.get_all(FOR).iter().count(), 1);
    }

    #[test]
    fn thirty_addresses_are_enough() {
        let addresses = |count| {
            let mut headers = HeaderMap::new();
            let list = vec!["10.0.0.1"; count].join(",");
            headers.insert(FOR, HeaderValue::try_from(list).expect("a value"));
            headers
        };
        assert!(check(&addresses(30), ForwardedFor::Append).is_ok());
        let refused = check(&addresses(31), ForwardedFor::Append).expect_err("too many");
        assert_eq!(refused.status.as_u16(), 463);
        assert!(check(&addresses(31), ForwardedFor::Remove).is_ok());
    }
}
