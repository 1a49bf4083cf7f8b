//! Those of listeners. AWS: ELBv2's API reference, ListenerAttribute.

use super::Takes::{HeaderName, Number, Text, Truth};
use super::{Attribute, Attributes, Takes};
use crate::tables::{Listener, Protocol};

const fn attribute(key: &'static str, first: &'static str, takes: Takes) -> Attribute {
    Attribute { key, first, takes }
}

/// Header values that every answer gets, each with its header.
pub static RESPONSE_HEADERS: &[(&str, &str)] = &[
    (
        "routing.http.response.access_control_allow_credentials.header_value",
        "Access-Control-Allow-Credentials",
    ),
    (
        "routing.http.response.access_control_allow_headers.header_value",
        "Access-Control-Allow-Headers",
    ),
    (
        "routing.http.response.access_control_allow_methods.header_value",
        "Access-Control-Allow-Methods",
    ),
    (
        "routing.http.response.access_control_allow_origin.header_value",
        "Access-Control-Allow-Origin",
    ),
    (
        "routing.http.response.access_control_expose_headers.header_value",
        "Access-Control-Expose-Headers",
    ),
    ("routing.http.response.access_control_max_age.header_value", "Access-Control-Max-Age"),
    ("routing.http.response.content_security_policy.header_value", "Content-Security-Policy"),
    ("routing.http.response.strict_transport_security.header_value", "Strict-Transport-Security"),
    ("routing.http.response.x_content_type_options.header_value", "X-Content-Type-Options"),
    ("routing.http.response.x_frame_options.header_value", "X-Frame-Options"),
];

/// Names that headers about the client's certificate and TLS get instead of their own.
pub static RENAMED_HEADERS: &[(&str, &str)] = &[
    ("routing.http.request.x_amzn_mtls_clientcert.header_name", "X-Amzn-Mtls-Clientcert"),
    (
        "routing.http.request.x_amzn_mtls_clientcert_issuer.header_name",
        "X-Amzn-Mtls-Clientcert-Issuer",
    ),
    ("routing.http.request.x_amzn_mtls_clientcert_leaf.header_name", "X-Amzn-Mtls-Clientcert-Leaf"),
    (
        "routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name",
        "X-Amzn-Mtls-Clientcert-Serial-Number",
    ),
    (
        "routing.http.request.x_amzn_mtls_clientcert_subject.header_name",
        "X-Amzn-Mtls-Clientcert-Subject",
    ),
    (
        "routing.http.request.x_amzn_mtls_clientcert_validity.header_name",
        "X-Amzn-Mtls-Clientcert-Validity",
    ),
    ("routing.http.request.x_amzn_tls_cipher_suite.header_name", "X-Amzn-Tls-Cipher-Suite"),
    ("routing.http.request.x_amzn_tls_version.header_name", "X-Amzn-Tls-Version"),
];

pub const SERVER: &str = "routing.http.response.server.enabled";
pub const TCP_IDLE: &str = "tcp.idle_timeout.seconds";

static OF_HTTP: &[Attribute] = &[
    attribute(
        "routing.http.response.access_control_allow_credentials.header_value",
        "",
        Text(1024),
    ),
    attribute("routing.http.response.access_control_allow_headers.header_value", "", Text(1024)),
    attribute("routing.http.response.access_control_allow_methods.header_value", "", Text(1024)),
    attribute("routing.http.response.access_control_allow_origin.header_value", "", Text(1024)),
    attribute("routing.http.response.access_control_expose_headers.header_value", "", Text(1024)),
    attribute("routing.http.response.access_control_max_age.header_value", "", Text(1024)),
    attribute("routing.http.response.content_security_policy.header_value", "", Text(1024)),
    attribute(SERVER, "true", Truth),
    attribute("routing.http.response.strict_transport_security.header_value", "", Text(1024)),
    attribute("routing.http.response.x_content_type_options.header_value", "", Text(1024)),
    attribute("routing.http.response.x_frame_options.header_value", "", Text(1024)),
];

static OF_HTTPS: &[Attribute] = &[
    renamed("routing.http.request.x_amzn_mtls_clientcert.header_name"),
    renamed("routing.http.request.x_amzn_mtls_clientcert_issuer.header_name"),
    renamed("routing.http.request.x_amzn_mtls_clientcert_leaf.header_name"),
    renamed("routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name"),
    renamed("routing.http.request.x_amzn_mtls_clientcert_subject.header_name"),
    renamed("routing.http.request.x_amzn_mtls_clientcert_validity.header_name"),
    renamed("routing.http.request.x_amzn_tls_cipher_suite.header_name"),
    renamed("routing.http.request.x_amzn_tls_version.header_name"),
];

static OF_TCP: &[Attribute] = &[attribute(TCP_IDLE, "350", Number(60, 6000))];

/// AWS: what it is called at first is not told.
const fn renamed(key: &'static str) -> Attribute {
    attribute(key, "", HeaderName)
}

pub fn of(listener: &Listener) -> Attributes {
    let known: &[&[Attribute]] = match listener.protocol {
        Protocol::Http => &[OF_HTTP],
        Protocol::Https => &[OF_HTTPS, OF_HTTP],
        // AWS: of TLS it cannot be changed.
        Protocol::Tcp | Protocol::TcpUdp => &[OF_TCP],
        Protocol::Tls | Protocol::Udp => &[],
    };
    let all = [OF_HTTP, OF_HTTPS, OF_TCP].into_iter().flatten();
    Attributes {
        what: "Listener",
        which: format!("listeners with protocol '{}'", listener.protocol.as_str()),
        known: known.iter().copied().flatten().collect(),
        elsewhere: all.map(|attribute| attribute.key).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_has_its_attribute() {
        for (key, _) in RESPONSE_HEADERS {
            assert!(OF_HTTP.iter().any(|attribute| attribute.key == *key), "{key}");
        }
        for (key, _) in RENAMED_HEADERS {
            assert!(OF_HTTPS.iter().any(|attribute| attribute.key == *key), "{key}");
        }
    }
}
