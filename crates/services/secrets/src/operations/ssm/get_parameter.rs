//! GetParameter: its newest version, or the one of a number or a label.

use std::sync::Arc;

use berth_aws_api::ssm as api;
use berth_control::pipeline::{Call, Failure};

use crate::parameters::names::Reference;
use crate::parameters::{find, public, render};
use crate::service::Secrets;

pub async fn get_parameter(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::GetParameterRequest,
) -> Result<api::GetParameterResult, Failure<api::Error>> {
    let reference = Reference::parse(&call.scope, &input.name.unwrap_or_default());
    if public::is_meant_by(&reference.name) {
        let parameter = Some(public::find(&call.scope, &reference.name)?);
        return Ok(api::GetParameterResult { parameter });
    }
    let view = secrets.cell.snapshot();
    let found = find::reference(&view, &call.scope, &reference)?;
    let selector = reference.selector.as_ref();
    let shown = render::parameter(&secrets.vault, &view, found, selector, input.with_decryption)?;
    Ok(api::GetParameterResult { parameter: Some(shown) })
}
