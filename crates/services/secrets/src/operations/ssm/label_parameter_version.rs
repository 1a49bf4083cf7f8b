//! LabelParameterVersion: a label goes over from whichever version has it.

use std::collections::BTreeSet;
use std::sync::Arc;

use berth_aws_api::ssm as api;
use berth_control::pipeline::{Call, Failure};

use crate::parameters::names::Reference;
use crate::parameters::{find, labels};
use crate::service::Secrets;

/// AWS: labels that may not be are told, and the others are given.
pub async fn label_parameter_version(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::LabelParameterVersionRequest,
) -> Result<api::LabelParameterVersionResult, Failure<api::Error>> {
    let Reference { name, .. } = Reference::parse(&call.scope, &input.name.unwrap_or_default());
    let given = input.labels.unwrap_or_default();
    let (sound, invalid): (BTreeSet<_>, Vec<_>) = {
        let (sound, invalid): (Vec<_>, Vec<_>) =
            given.into_iter().partition(|label| labels::is_sound(label));
        (sound.into_iter().collect(), invalid)
    };
    let wanted = input.parameter_version;
    let label = secrets.cell.write(move |tx| {
        let parameter = find::parameter(tx, &call.scope, &name)?.clone();
        let number = wanted.map_or(parameter.latest, i64::unsigned_abs);
        labels::give(tx, &parameter, number, &sound)?;
        Ok::<_, api::Error>(number)
    });
    let number = label.await?;
    Ok(api::LabelParameterVersionResult {
        invalid_labels: Some(invalid),
        parameter_version: Some(number as i64),
    })
}
