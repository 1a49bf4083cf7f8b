//! Certificates as ACM shows them: whole, and in lists.

use berth_aws_api::acm as api;
use berth_control::tables::View;
use berth_model::Timestamp;

use super::details::Details;
use super::{find, validation};
use crate::tables::{Certificate, Origin};

/// AWS: the most names that a list shows of one.
const NAMES_IN_LISTS: usize = 100;

pub fn status(details: &Details, now: Timestamp) -> api::CertificateStatus {
    match details.not_after <= now {
        true => api::CertificateStatus::Expired,
        false => api::CertificateStatus::Issued,
    }
}

fn kind(row: &Certificate) -> api::CertificateType {
    match row.origin {
        Origin::Imported => api::CertificateType::Imported,
        Origin::Issued { .. } => api::CertificateType::AmazonIssued,
    }
}

pub fn key_pair_origin(row: &Certificate) -> api::CertificateKeyPairOrigin {
    match row.origin {
        Origin::Imported => api::CertificateKeyPairOrigin::CustomerProvided,
        Origin::Issued { .. } => api::CertificateKeyPairOrigin::AwsManaged,
    }
}

/// AWS: what is used is renewed; what was imported is not.
fn eligibility(row: &Certificate, is_used: bool) -> api::RenewalEligibility {
    match (&row.origin, is_used) {
        (Origin::Issued { .. }, true) => api::RenewalEligibility::Eligible,
        _ => api::RenewalEligibility::Ineligible,
    }
}

fn made_at(row: &Certificate) -> (Option<Timestamp>, Option<Timestamp>) {
    match row.origin {
        Origin::Imported => (None, Some(row.made_at)),
        Origin::Issued { .. } => (Some(row.made_at), None),
    }
}

pub fn detail(
    view: &impl View,
    row: &Certificate,
    now: Timestamp,
) -> Result<api::CertificateDetail, api::Error> {
    let details = Details::parse(&row.certificate)?;
    let users = find::users(view, &row.arn());
    let (issued_at, imported_at) = made_at(row);
    let mut shown = api::CertificateDetail {
        certificate_arn: Some(row.arn()),
        certificate_key_pair_origin: Some(key_pair_origin(row)),
        created_at: Some(row.created_at),
        extended_key_usages: Some(extended(&details)),
        issued_at,
        imported_at,
        key_algorithm: Some(details.key_algorithm.clone()),
        key_usages: Some(usages(&details)),
        not_after: Some(details.not_after),
        not_before: Some(details.not_before),
        renewal_eligibility: Some(eligibility(row, !users.is_empty())),
        in_use_by: Some(users.into_iter().collect()),
        r#type: Some(kind(row)),
        status: Some(status(&details, now)),
        ..Default::default()
    };
    let mut is_logged_in_public = false;
    if let Origin::Issued { validation, is_logged, renewed_at } = &row.origin {
        is_logged_in_public = *is_logged;
        let domains = || {
            let shown = |name: &String| validation::shown(row.id, name, *validation);
            details.names.iter().map(shown).collect()
        };
        shown.domain_validation_options = Some(domains());
        shown.renewal_summary = renewed_at.map(|at| api::RenewalSummary {
            renewal_status: Some(api::RenewalStatus::Success),
            domain_validation_options: Some(domains()),
            renewal_status_reason: None,
            updated_at: Some(at),
        });
    }
    let logging = match is_logged_in_public {
        true => api::CertificateTransparencyLoggingPreference::Enabled,
        false => api::CertificateTransparencyLoggingPreference::Disabled,
    };
    shown.options = Some(api::CertificateOptions {
        certificate_transparency_logging_preference: Some(logging),
        export: Some(api::CertificateExport::Disabled),
        validation_method: None,
    });
    shown.domain_name = Some(details.domain);
    shown.subject_alternative_names = Some(details.names);
    shown.serial = Some(details.serial);
    shown.subject = Some(details.subject);
    shown.issuer = Some(details.issuer);
    shown.signature_algorithm = Some(details.signature_algorithm);
    Ok(shown)
}

fn usages(details: &Details) -> Vec<api::KeyUsage> {
    let names = details.key_usages.iter().cloned();
    names.map(|name| api::KeyUsage { name: Some(name) }).collect()
}

fn extended(details: &Details) -> Vec<api::ExtendedKeyUsage> {
    let usage = |name: &api::ExtendedKeyUsageName| {
        let last = match name {
            api::ExtendedKeyUsageName::TlsWebServerAuthentication => Some(1),
            api::ExtendedKeyUsageName::TlsWebClientAuthentication => Some(2),
            api::ExtendedKeyUsageName::CodeSigning => Some(3),
            api::ExtendedKeyUsageName::EmailProtection => Some(4),
            api::ExtendedKeyUsageName::TimeStamping => Some(8),
            api::ExtendedKeyUsageName::OcspSigning => Some(9),
            _ => None,
        };
        let oid = last.map(|last| format!("1.3.6.1.5.5.7.3.{last}"));
        api::ExtendedKeyUsage { name: Some(name.clone()), oid }
    };
    details.extended_key_usages.iter().map(usage).collect()
}

pub fn summary(
    view: &impl View,
    row: &Certificate,
    details: Details,
    now: Timestamp,
) -> api::CertificateSummary {
    let is_used = !find::users(view, &row.arn()).is_empty();
    let (issued_at, imported_at) = made_at(row);
    let shown: Vec<String> = details.names.iter().take(NAMES_IN_LISTS).cloned().collect();
    api::CertificateSummary {
        certificate_arn: Some(row.arn()),
        certificate_key_pair_origin: Some(key_pair_origin(row)),
        created_at: Some(row.created_at),
        export_option: Some(api::CertificateExport::Disabled),
        exported: Some(false),
        has_additional_subject_alternative_names: Some(shown.len() < details.names.len()),
        subject_alternative_name_summaries: Some(shown),
        in_use: Some(is_used),
        issued_at,
        imported_at,
        not_after: Some(details.not_after),
        not_before: Some(details.not_before),
        renewal_eligibility: Some(eligibility(row, is_used)),
        status: Some(status(&details, now)),
        r#type: Some(kind(row)),
        domain_name: Some(details.domain),
        key_algorithm: Some(details.key_algorithm),
        key_usages: Some(details.key_usages),
        extended_key_usages: Some(details.extended_key_usages),
        managed_by: None,
        revoked_at: None,
    }
}
