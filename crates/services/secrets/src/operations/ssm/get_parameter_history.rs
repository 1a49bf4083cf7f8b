//! GetParameterHistory: the versions that are kept, oldest first.

use std::sync::Arc;

use berth_aws_api::ssm as api;
use berth_control::pipeline::{Call, Failure};

use crate::parameters::find::{self, Found};
use crate::parameters::names::Reference;
use crate::parameters::{page, render};
use crate::service::Secrets;

/// AWS: as long as nothing is said, and the most.
const PAGE: i32 = 50;

pub async fn get_parameter_history(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::GetParameterHistoryRequest,
) -> Result<api::GetParameterHistoryResult, Failure<api::Error>> {
    let view = secrets.cell.snapshot();
    let Reference { name, .. } = Reference::parse(&call.scope, &input.name.unwrap_or_default());
    let parameter = find::parameter(&view, &call.scope, &name)?;
    let size = input.max_results.unwrap_or(PAGE);
    let paging = page("GetParameterHistory", &name, size, input.next_token)?;
    // Numbers that sort as text.
    let versions = find::versions(&view, parameter);
    let page = paging.cut(versions.map(|version| (format!("{:020}", version.number), version)));
    let shown = page.items.into_iter().map(|version| {
        render::history(&secrets.vault, &view, Found { parameter, version }, input.with_decryption)
    });
    Ok(api::GetParameterHistoryResult {
        parameters: Some(shown.collect::<Result<_, _>>()?),
        next_token: page.next,
    })
}
