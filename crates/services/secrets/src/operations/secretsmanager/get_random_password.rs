//! GetRandomPassword: nothing that is kept.

use std::sync::Arc;

use berth_aws_api::secretsmanager as api;
use berth_control::pipeline::{Call, Failure};

use crate::secretsmanager::password;
use crate::service::Secrets;

pub async fn get_random_password(
    secrets: Arc<Secrets>,
    _: Call,
    input: api::GetRandomPasswordRequest,
) -> Result<api::GetRandomPasswordResponse, Failure<api::Error>> {
    let password = password::generate(&secrets.env, input)?;
    Ok(api::GetRandomPasswordResponse { random_password: Some(password.to_string()) })
}
