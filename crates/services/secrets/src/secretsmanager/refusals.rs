//! What is refused, in AWS's words.

use berth_aws_api::secretsmanager as api;
use berth_control::pipeline::{CommonError, Failure};

use crate::tables::Secret;

pub type Refusal = Failure<api::Error>;

pub fn no_such_secret() -> api::Error {
    api::Error::resource_not_found("Secrets Manager can't find the specified secret.")
}

pub fn no_such_version(id: &str) -> api::Error {
    api::Error::resource_not_found(format!(
        "Secrets Manager can't find the specified secret value for VersionId: {id}"
    ))
}

pub fn nothing_staged(label: &str) -> api::Error {
    api::Error::resource_not_found(format!(
        "Secrets Manager can't find the specified secret value for staging label: {label}"
    ))
}

pub fn marked_for_deletion() -> api::Error {
    api::Error::invalid_request(
        "You can't perform this operation on the secret because it was marked for deletion.",
    )
}

pub fn token_in_use(token: &str, secret: &Secret) -> api::Error {
    api::Error::resource_exists(format!(
        "You can't use ClientRequestToken {token} because that value is already in use for a version of secret {}.",
        secret.arn()
    ))
}

pub fn invalid(message: impl Into<String>) -> api::Error {
    api::Error::invalid_parameter(message)
}

/// A parameter for what Berth does not do.
pub fn not_supported(parameter: &str, why: &str) -> api::Error {
    invalid(format!("{parameter} is not supported: {why}"))
}

/// AWS: the one rule whose error its model does not have.
pub fn invalid_name() -> Refusal {
    Failure::common(CommonError::Invalid {
        code: "ValidationException",
        message: "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: \
                  -/_+=.@!"
            .to_owned(),
    })
}
