//! PutParameter: a parameter, or a new version of one.

use std::sync::Arc;

use berth_aws_api::ssm as api;
use berth_control::pipeline::{Call, Failure};

use crate::parameters::putting::{self, Wanted};
use crate::parameters::render;
use crate::service::Secrets;

pub async fn put_parameter(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::PutParameterRequest,
) -> Result<api::PutParameterResult, Failure<api::Error>> {
    let wanted = Wanted::of(&call, input)?;
    let (vault, env) = (secrets.vault.clone(), secrets.env.clone());
    let put = secrets.cell.write(move |tx| putting::put(tx, &vault, &env, &call, wanted));
    let (version, tier) = put.await?;
    Ok(api::PutParameterResult { version: Some(version as i64), tier: Some(render::tier(tier)) })
}
