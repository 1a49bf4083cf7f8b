//! UpdateCertificateOptions: whether AWS would tell public logs of it.

use std::sync::Arc;

use berth_aws_api::{Unit, acm as api};
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use super::request_certificate;
use crate::certificates::find;
use crate::service::Balancing;
use crate::tables::Origin;

pub async fn update_certificate_options(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::UpdateCertificateOptionsRequest,
) -> Result<Unit, Failure<api::Error>> {
    let wanted = request_certificate::is_logged(input.options.as_ref())?;
    let update = move |tx: &mut Transaction| {
        let arn = input.certificate_arn.as_deref();
        let mut row = find::certificate(tx, &call.scope, arn)?.clone();
        match &mut row.origin {
            Origin::Issued { is_logged, .. } => *is_logged = wanted,
            Origin::Imported => {
                let message = format!("{} was imported, and has no options.", row.arn());
                return Err(api::Error::invalid_state(message));
            }
        }
        tx.put(row);
        Ok(())
    };
    balancing.cell.write(update).await?;
    Ok(Unit {})
}
