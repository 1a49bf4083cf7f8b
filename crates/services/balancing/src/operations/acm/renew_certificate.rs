//! RenewCertificate: before its time.
//!
//! DEVIATES: any certificate that was issued here can be renewed; AWS renews only those of private authorities on demand.

use std::sync::Arc;

use berth_aws_api::{Unit, acm as api};
use berth_control::pipeline::{Call, Failure};

use crate::certificates::find;
use crate::reconcilers::renew_certificates;
use crate::service::Balancing;
use crate::tables::Origin;

pub async fn renew_certificate(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::RenewCertificateRequest,
) -> Result<Unit, Failure<api::Error>> {
    let view = balancing.cell.snapshot();
    let row = find::certificate(&view, &call.scope, input.certificate_arn.as_deref())?;
    if row.origin == Origin::Imported {
        let message = format!("{} was imported: import it again to renew it.", row.arn());
        return Err(api::Error::validation(message).into());
    }
    renew_certificates::renew(&balancing, row, call.now).await?;
    Ok(Unit {})
}
