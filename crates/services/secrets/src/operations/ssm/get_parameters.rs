//! GetParameters: up to ten; those that are not there are told by name.

use std::collections::BTreeSet;
use std::sync::Arc;

use berth_aws_api::ssm as api;
use berth_control::pipeline::{Call, Failure};

use crate::parameters::names::Reference;
use crate::parameters::{find, invalid, public, render};
use crate::service::Secrets;

pub async fn get_parameters(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::GetParametersRequest,
) -> Result<api::GetParametersResult, Failure<api::Error>> {
    let view = secrets.cell.snapshot();
    let names = input.names.unwrap_or_default();
    if names.iter().collect::<BTreeSet<_>>().len() < names.len() {
        return Err(invalid("Names must not name a parameter twice."));
    }
    let (mut parameters, mut invalid_parameters) = (Vec::new(), Vec::new());
    for name in names {
        let reference = Reference::parse(&call.scope, &name);
        if public::is_meant_by(&reference.name) {
            match public::find(&call.scope, &reference.name) {
                Ok(found) => parameters.push(found),
                Err(_) => invalid_parameters.push(name),
            }
            continue;
        }
        match find::reference(&view, &call.scope, &reference) {
            Ok(found) => {
                let (vault, selector) = (&secrets.vault, reference.selector.as_ref());
                let shown = render::parameter(vault, &view, found, selector, input.with_decryption);
                parameters.push(shown?);
            }
            Err(_) => invalid_parameters.push(name),
        }
    }
    Ok(api::GetParametersResult {
        parameters: Some(parameters),
        invalid_parameters: Some(invalid_parameters),
    })
}
