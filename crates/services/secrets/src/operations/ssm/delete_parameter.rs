//! DeleteParameter: with all of its versions.

use std::sync::Arc;

use berth_aws_api::ssm as api;
use berth_control::pipeline::{Call, Failure};

use crate::parameters::find;
use crate::parameters::names::Reference;
use crate::service::Secrets;

pub async fn delete_parameter(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::DeleteParameterRequest,
) -> Result<api::DeleteParameterResult, Failure<api::Error>> {
    let Reference { name, .. } = Reference::parse(&call.scope, &input.name.unwrap_or_default());
    let delete = secrets.cell.write(move |tx| {
        let parameter = find::parameter(tx, &call.scope, &name)?.clone();
        find::delete(tx, &parameter);
        Ok::<_, api::Error>(())
    });
    delete.await?;
    Ok(api::DeleteParameterResult {})
}
