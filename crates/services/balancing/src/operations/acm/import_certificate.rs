//! ImportCertificate: a certificate of somebody else's, with its key; or another one in its place.

use std::sync::Arc;

use berth_aws_api::acm as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};
use berth_model::Tags;
use bytes::Bytes;
use zeroize::Zeroizing;

use crate::certificates::{details, find, tagging};
use crate::service::Balancing;
use crate::tables::{Certificate, CertificateId, Origin};

/// AWS: of an account in a region.
const MOST: usize = 2500;

pub async fn import_certificate(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::ImportCertificateRequest,
) -> Result<api::ImportCertificateResponse, Failure<api::Error>> {
    let certificate = text(input.certificate, "certificate")?;
    let private_key = Zeroizing::new(text(input.private_key, "private key")?);
    let chain = match input.certificate_chain {
        Some(chain) => Some(text(Some(chain), "certificate chain")?),
        None => None,
    };
    details::check(&certificate, &private_key, chain.as_deref(), call.now)?;
    let again = input.certificate_arn;
    if again.is_some() && input.tags.as_ref().is_some_and(|tags| !tags.is_empty()) {
        return Err(details::invalid("Tagging is not permitted on re-import.").into());
    }
    let tags = tagging::add(&Tags::new(), input.tags)?;
    let new_id = CertificateId::new(&balancing.env);
    let sealer = balancing.sealer.clone();
    let import = move |tx: &mut Transaction| {
        let seal =
            |id: &CertificateId| sealer.seal(Certificate::purpose(id), private_key.as_bytes());
        let row = match again {
            Some(arn) => {
                let old = find::certificate(tx, &call.scope, Some(&arn))?.clone();
                if old.origin != Origin::Imported {
                    return Err(details::invalid(format!("{arn} is not an imported certificate.")));
                }
                let private_key = seal(&old.id);
                Certificate { certificate, chain, private_key, made_at: call.now, ..old }
            }
            None => {
                if find::of_scope(tx, &call.scope).count() >= MOST {
                    let message = format!("The account has {MOST} certificates, which is the most");
                    return Err(api::Error::limit_exceeded(message));
                }
                Certificate {
                    private_key: seal(&new_id),
                    id: new_id,
                    created_at: call.now,
                    made_at: call.now,
                    origin: Origin::Imported,
                    scope: call.scope,
                    certificate,
                    chain,
                    tags,
                }
            }
        };
        let arn = row.arn();
        tx.put(row);
        Ok(arn)
    };
    let arn = balancing.cell.write(import).await?;
    Ok(api::ImportCertificateResponse { certificate_arn: Some(arn) })
}

fn text(bytes: Option<Bytes>, what: &str) -> Result<String, api::Error> {
    String::from_utf8(bytes.unwrap_or_default().to_vec())
        .map_err(|_| details::invalid(format!("The {what} is not valid: PEM expected.")))
}
