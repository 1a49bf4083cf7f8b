//! UnlabelParameterVersion.

use std::sync::Arc;

use berth_aws_api::ssm as api;
use berth_control::pipeline::{Call, Failure};

use crate::parameters::find;
use crate::parameters::names::Reference;
use crate::service::Secrets;

/// AWS: labels that the version does not have are told.
pub async fn unlabel_parameter_version(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::UnlabelParameterVersionRequest,
) -> Result<api::UnlabelParameterVersionResult, Failure<api::Error>> {
    let Reference { name, .. } = Reference::parse(&call.scope, &input.name.unwrap_or_default());
    let number = input.parameter_version.unwrap_or_default().unsigned_abs();
    let labels = input.labels.unwrap_or_default();
    let unlabel = secrets.cell.write(move |tx| {
        let parameter = find::parameter(tx, &call.scope, &name)?;
        let mut version = find::number(tx, parameter, number)?.clone();
        let (removed, invalid): (Vec<_>, Vec<_>) =
            labels.into_iter().partition(|label| version.labels.remove(label));
        tx.put(version);
        Ok::<_, api::Error>((removed, invalid))
    });
    let (removed, invalid) = unlabel.await?;
    Ok(api::UnlabelParameterVersionResult {
        removed_labels: Some(removed),
        invalid_labels: Some(invalid),
    })
}
