//! DeleteParameters: up to ten; those that are not there are told by name.

use std::sync::Arc;

use berth_aws_api::ssm as api;
use berth_control::pipeline::{Call, Failure};

use crate::parameters::find;
use crate::parameters::names::Reference;
use crate::service::Secrets;

pub async fn delete_parameters(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::DeleteParametersRequest,
) -> Result<api::DeleteParametersResult, Failure<api::Error>> {
    let names = input.names.unwrap_or_default();
    let delete = secrets.cell.write(move |tx| {
        let (mut deleted, mut invalid) = (Vec::new(), Vec::new());
        for given in names {
            let Reference { name, .. } = Reference::parse(&call.scope, &given);
            match find::parameter(tx, &call.scope, &name).cloned() {
                Ok(parameter) => {
                    find::delete(tx, &parameter);
                    deleted.push(given);
                }
                Err(_) => invalid.push(given),
            }
        }
        Ok::<_, api::Error>((deleted, invalid))
    });
    let (deleted, invalid) = delete.await?;
    Ok(api::DeleteParametersResult {
        deleted_parameters: Some(deleted),
        invalid_parameters: Some(invalid),
    })
}
