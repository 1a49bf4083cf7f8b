//! Secrets Manager.

pub mod access;
mod deletion;
mod described;
mod histories;
mod keys;
mod leaks;
mod names;
mod policies;
mod rotations;
mod search;
mod stages;
mod values;

use berth_aws_api::secretsmanager as api;
use berth_aws_api::secretsmanager::ops;

use super::world::{World, some};

/// A client token, which becomes a version's id: as long as it must be.
pub fn token(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

pub fn text(name: &str, number: u32, value: &str) -> api::CreateSecretRequest {
    api::CreateSecretRequest {
        name: some(name),
        client_request_token: Some(token(number)),
        secret_string: some(value),
        ..Default::default()
    }
}

pub fn put(name: &str, number: u32, value: &str, labels: &[&str]) -> api::PutSecretValueRequest {
    let labels = labels.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>();
    api::PutSecretValueRequest {
        secret_id: some(name),
        client_request_token: Some(token(number)),
        secret_string: some(value),
        version_stages: Some(labels).filter(|labels| !labels.is_empty()),
        ..Default::default()
    }
}

pub fn get(id: &str) -> api::GetSecretValueRequest {
    api::GetSecretValueRequest { secret_id: some(id), ..Default::default() }
}

impl World {
    /// A secret with its first version, made by token 1; its ARN.
    pub async fn secret(&self, name: &str, value: &str) -> String {
        let made = self.ask::<ops::CreateSecret>(text(name, 1, value)).await;
        made.arn.expect("it has an ARN")
    }

    /// What is in force.
    pub async fn value(&self, id: &str) -> Option<String> {
        self.ask::<ops::GetSecretValue>(get(id)).await.secret_string
    }

    pub async fn described(&self, id: &str) -> api::DescribeSecretResponse {
        self.ask::<ops::DescribeSecret>(api::DescribeSecretRequest { secret_id: some(id) }).await
    }
}
