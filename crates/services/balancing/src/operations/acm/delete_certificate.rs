//! DeleteCertificate: unless a listener uses it.

use std::sync::Arc;

use berth_aws_api::{Unit, acm as api};
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::Record;

use crate::certificates::find;
use crate::service::Balancing;
use crate::tables::Certificate;

pub async fn delete_certificate(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DeleteCertificateRequest,
) -> Result<Unit, Failure<api::Error>> {
    let delete = move |tx: &mut Transaction| {
        let row = find::certificate(tx, &call.scope, input.certificate_arn.as_deref())?;
        let (key, arn) = (row.key(), row.arn());
        if !find::users(tx, &arn).is_empty() {
            let account = call.scope.account;
            let message = format!("Certificate {arn} in account {account} is in use.");
            return Err(api::Error::resource_in_use(message));
        }
        tx.delete::<Certificate>(&key);
        Ok(())
    };
    balancing.cell.write(delete).await?;
    Ok(Unit {})
}
