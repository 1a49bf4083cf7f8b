//! AddListenerCertificates: chosen by the name that a client asks for.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::find;
use crate::listeners::certificates;
use crate::service::Balancing;

pub async fn add_listener_certificates(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::AddListenerCertificatesInput,
) -> Result<api::AddListenerCertificatesOutput, Failure<api::Error>> {
    let arn = input.listener_arn.unwrap_or_default();
    let added = certificates::arns(input.certificates.unwrap_or_default())?;
    let view = call.view(&balancing.cell);
    for certificate in &added {
        certificates::check(&balancing, view, (&call.scope, call.now), certificate)?;
    }
    let (given, most) = (added.clone(), balancing.limits.certificates_per_listener);
    let add = move |tx: &mut Transaction| {
        let mut listener = find::listener(tx, &call.scope, &arn)?.clone();
        if !listener.protocol.is_secure() {
            return Err(api::Error::validation(format!(
                "Certificates cannot be specified for {} listeners",
                listener.protocol.as_str()
            )));
        }
        for certificate in given {
            if !listener.certificates.contains(&certificate) {
                listener.certificates.push(certificate);
            }
        }
        if listener.certificates.len() > most + 1 {
            return Err(api::Error::too_many_certificates(format!(
                "The maximum number of certificates per listener, '{most}', has been reached"
            )));
        }
        tx.put(listener);
        Ok(())
    };
    balancing.cell.write(add).await?;
    let shown = added
        .into_iter()
        .map(|arn| api::Certificate { certificate_arn: Some(arn), is_default: Some(false) });
    Ok(api::AddListenerCertificatesOutput { certificates: Some(shown.collect()) })
}
