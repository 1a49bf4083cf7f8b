//! RemoveListenerCertificates: the default one stays.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::find;
use crate::listeners::certificates;
use crate::service::Balancing;

pub async fn remove_listener_certificates(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::RemoveListenerCertificatesInput,
) -> Result<api::RemoveListenerCertificatesOutput, Failure<api::Error>> {
    let arn = input.listener_arn.unwrap_or_default();
    let removed = certificates::arns(input.certificates.unwrap_or_default())?;
    let remove = move |tx: &mut Transaction| {
        let mut listener = find::listener(tx, &call.scope, &arn)?.clone();
        if listener.certificates.first().is_some_and(|default| removed.contains(default)) {
            return Err(api::Error::operation_not_permitted(
                "The default certificate of a listener cannot be removed",
            ));
        }
        listener.certificates.retain(|certificate| !removed.contains(certificate));
        tx.put(listener);
        Ok(())
    };
    balancing.cell.write(remove).await?;
    Ok(api::RemoveListenerCertificatesOutput::default())
}
