//! How AWS would find out whether a domain is the caller's, for clients that want to see it.

use berth_aws_api::acm as api;
use sha2::{Digest, Sha256};

use crate::tables::{CertificateId, Validation};

/// AWS: whom it would write to.
const PEOPLE: [&str; 5] = ["administrator", "hostmaster", "postmaster", "webmaster", "admin"];

pub fn shown(id: CertificateId, name: &str, validation: Validation) -> api::DomainValidation {
    // AWS: a domain and its star are validated by one record.
    let domain = name.strip_prefix("*.").unwrap_or(name);
    let mut shown = api::DomainValidation {
        domain_name: Some(name.to_owned()),
        validation_domain: Some(name.to_owned()),
        validation_status: Some(api::DomainStatus::Success),
        ..Default::default()
    };
    match validation {
        Validation::Dns => {
            shown.validation_method = Some(api::ValidationMethod::Dns);
            shown.resource_record = Some(api::ResourceRecord {
                name: Some(format!("_{}.{domain}.", digits(id, domain, "name"))),
                r#type: Some(api::RecordType::Cname),
                value: Some(format!("_{}.acm-validations.aws.", digits(id, domain, "value"))),
            });
        }
        Validation::Email => {
            shown.validation_method = Some(api::ValidationMethod::Email);
            let people = PEOPLE.iter().map(|person| format!("{person}@{domain}"));
            shown.validation_emails = Some(people.collect());
        }
    }
    shown
}

/// Always the same ones for a domain of a certificate.
fn digits(id: CertificateId, domain: &str, what: &str) -> String {
    let digest = Sha256::digest(format!("{id}/{domain}/{what}"));
    hex::encode(&digest[..16])
}
