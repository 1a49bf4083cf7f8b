//! RequestCertificate: issued at once.
//!
//! DEVIATES: keys are on NIST's curves P-256 (if nothing is said) and P-384; AWS takes RSA_2048 if nothing is said. Requests
//! for RSA keys, for private authorities, for certificates that can be exported, for validation by HTTP and for CloudFront
//! are refused.

use std::sync::Arc;

use berth_aws_api::acm as api;
use berth_aws_protocol::stored;
use berth_control::cell::Transaction;
use berth_control::idempotency::Claim;
use berth_control::pipeline::{Call, Failure};
use berth_control::tls::Curve;
use berth_model::Tags;

use crate::certificates::{find, names, tagging};
use crate::service::Balancing;
use crate::tables::{Certificate, CertificateId, Origin, Validation};

/// AWS: 10, and up to 100 for whoever asks.
const MOST_NAMES: usize = 100;
/// AWS: of an account in a region.
const MOST: usize = 2500;

pub async fn request_certificate(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::RequestCertificateRequest,
) -> Result<api::RequestCertificateResponse, Failure<api::Error>> {
    let claim = input.idempotency_token.clone().map(|token| {
        let request = api::RequestCertificateRequest { idempotency_token: None, ..input.clone() };
        let request = stored::to_vec(&request);
        Claim::new(call.scope.clone(), "RequestCertificate", token, &request)
    });
    let origin = Origin::Issued {
        validation: validation(&input)?,
        is_logged: is_logged(input.options.as_ref())?,
        renewed_at: None,
    };
    let wanted = wanted_names(&input)?;
    balancing.neighbours.issuer.check(&wanted)?;
    let curve = curve(input.key_algorithm.as_ref())?;
    let issued = balancing.neighbours.issuer.issue(&wanted, curve, call.now)?;
    let id = CertificateId::new(&balancing.env);
    let sealed = balancing.sealer.seal(Certificate::purpose(&id), issued.private_key.as_bytes());
    let new = Certificate {
        scope: call.scope,
        id,
        created_at: call.now,
        origin,
        certificate: issued.certificate,
        chain: Some(issued.chain),
        private_key: sealed,
        made_at: call.now,
        tags: tagging::add(&Tags::new(), input.tags)?,
    };
    let request = move |tx: &mut Transaction| {
        let earlier = claim.as_ref().map(|claim| claim.replay(tx, new.created_at)).transpose();
        let earlier =
            earlier.map_err(|conflict| api::Error::invalid_parameter(conflict.to_string()))?;
        if let Some(arn) = earlier.flatten() {
            return Ok(String::from_utf8_lossy(arn).into_owned());
        }
        if find::of_scope(tx, &new.scope).count() >= MOST {
            let message = format!("The account has {MOST} certificates, which is the most");
            return Err(api::Error::limit_exceeded(message));
        }
        let (arn, now) = (new.arn(), new.created_at);
        tx.put(new);
        if let Some(claim) = claim {
            claim.keep(tx, arn.clone().into_bytes(), now);
        }
        Ok(arn)
    };
    let arn = balancing.cell.write(request).await?;
    Ok(api::RequestCertificateResponse { certificate_arn: Some(arn) })
}

fn wanted_names(input: &api::RequestCertificateRequest) -> Result<Vec<String>, api::Error> {
    let others = input.subject_alternative_names.iter().flatten();
    let mut wanted: Vec<String> = Vec::new();
    for name in input.domain_name.iter().chain(others) {
        let name = names::checked(name)?;
        if !wanted.contains(&name) {
            wanted.push(name);
        }
    }
    if wanted.len() > MOST_NAMES {
        let message = format!("A certificate has at most {MOST_NAMES} names");
        return Err(api::Error::limit_exceeded(message));
    }
    for option in input.domain_validation_options.iter().flatten() {
        let (of, domain) = (option.domain_name.as_deref(), option.validation_domain.as_deref());
        let (of, domain) = (of.unwrap_or_default(), domain.unwrap_or_default());
        let is_wanted = wanted.iter().any(|name| name.eq_ignore_ascii_case(of));
        let plain = of.strip_prefix("*.").unwrap_or(of);
        // AWS: the domain itself or one above it.
        let is_above = plain == domain || plain.ends_with(&format!(".{domain}"));
        if !is_wanted || !is_above {
            return Err(api::Error::invalid_domain_validation_options(format!(
                "{domain} cannot be asked about {of}: the name of the request, or a domain above it, expected"
            )));
        }
    }
    Ok(wanted)
}

fn validation(input: &api::RequestCertificateRequest) -> Result<Validation, api::Error> {
    if input.certificate_authority_arn.is_some() {
        return Err(unsupported("CertificateAuthorityArn: there are no private authorities"));
    }
    if input.managed_by.is_some() {
        return Err(unsupported("ManagedBy: there is no CloudFront"));
    }
    match &input.validation_method {
        Some(api::ValidationMethod::Dns) => Ok(Validation::Dns),
        None | Some(api::ValidationMethod::Email) => Ok(Validation::Email),
        Some(api::ValidationMethod::Http | api::ValidationMethod::Unknown(_)) => {
            Err(unsupported("ValidationMethod: DNS or EMAIL expected"))
        }
    }
}

/// AWS: unless the caller wants it otherwise.
pub fn is_logged(options: Option<&api::CertificateOptions>) -> Result<bool, api::Error> {
    let Some(options) = options else { return Ok(true) };
    if options.export == Some(api::CertificateExport::Enabled) {
        return Err(unsupported("Options.Export: keys are given to balancers alone"));
    }
    if options.validation_method.is_some() {
        return Err(unsupported("Options.ValidationMethod"));
    }
    let preference = options.certificate_transparency_logging_preference.as_ref();
    Ok(preference != Some(&api::CertificateTransparencyLoggingPreference::Disabled))
}

fn curve(algorithm: Option<&api::KeyAlgorithm>) -> Result<Curve, api::Error> {
    match algorithm {
        None | Some(api::KeyAlgorithm::EcPrime256v1) => Ok(Curve::P256),
        Some(api::KeyAlgorithm::EcSecp384r1) => Ok(Curve::P384),
        Some(_) => Err(unsupported("KeyAlgorithm: EC_prime256v1 or EC_secp384r1 expected")),
    }
}

fn unsupported(what: &str) -> api::Error {
    api::Error::invalid_parameter(format!("Berth does not support {what}"))
}
