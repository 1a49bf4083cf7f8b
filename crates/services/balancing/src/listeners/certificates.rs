//! The certificates of listeners that speak TLS: a default one, and those that are chosen by name.

use berth_aws_api::elbv2 as api;
use berth_control::cell::Snapshot;
use berth_model::{Scope, Timestamp};

use crate::service::Balancing;
use crate::tables::Protocol;

/// The one certificate that a listener is made with, if it speaks TLS.
pub fn default(
    balancing: &Balancing,
    view: &Snapshot,
    (scope, now): (&Scope, Timestamp),
    protocol: Protocol,
    given: Option<Vec<api::Certificate>>,
) -> Result<Option<String>, api::Error> {
    let given = given.unwrap_or_default();
    if !protocol.is_secure() {
        if given.is_empty() {
            return Ok(None);
        }
        return Err(api::Error::validation(format!(
            "Certificates cannot be specified for {} listeners",
            protocol.as_str()
        )));
    }
    let mut arns = arns(given)?;
    match (arns.pop(), arns.is_empty()) {
        (None, _) => Err(api::Error::validation(format!(
            "A certificate must be specified for {} listeners",
            protocol.as_str()
        ))),
        (Some(_), false) => Err(api::Error::too_many_certificates(
            "A listener has exactly one default certificate: add others with AddListenerCertificates",
        )),
        (Some(arn), true) => {
            check(balancing, view, (scope, now), &arn)?;
            Ok(Some(arn))
        }
    }
}

/// AWS: which one is the default, a request does not say.
pub fn arns(given: Vec<api::Certificate>) -> Result<Vec<String>, api::Error> {
    let arn = |certificate: api::Certificate| {
        if certificate.is_default.is_some() {
            return Err(api::Error::validation("IsDefault cannot be specified"));
        }
        certificate
            .certificate_arn
            .ok_or_else(|| api::Error::validation("A certificate ARN must be specified"))
    };
    given.into_iter().map(arn).collect()
}

/// AWS: what ACM does not show as issued is refused in these words, whatever is wrong with it. One that ends while a
/// listener has it stays.
pub fn check(
    balancing: &Balancing,
    view: &Snapshot,
    (scope, now): (&Scope, Timestamp),
    arn: &str,
) -> Result<(), api::Error> {
    match balancing.neighbours.certificates.good_until(view, scope, arn) {
        None => Err(api::Error::certificate_not_found(format!("Certificate '{arn}' not found"))),
        Some(end) if end <= now => Err(api::Error::unsupported_certificate(format!(
            "The certificate '{arn}' must have a fully-qualified domain name, a supported signature, and a supported key size. It has expired."
        ))),
        Some(_) => Ok(()),
    }
}
