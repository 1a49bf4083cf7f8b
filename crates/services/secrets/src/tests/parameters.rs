//! Parameter Store.

mod access;
mod filters;
mod labels;
mod paths;
mod public;
mod puts;
mod secure;
mod tags;

use berth_aws_api::ssm as api;
use berth_aws_api::ssm::ops;

use super::world::{Refusal, World, some};

/// A parameter of type String.
fn text(name: &str, value: &str) -> api::PutParameterRequest {
    api::PutParameterRequest {
        name: some(name),
        value: some(value),
        r#type: Some(api::ParameterType::String),
        ..Default::default()
    }
}

fn secure(name: &str, value: &str) -> api::PutParameterRequest {
    api::PutParameterRequest { r#type: Some(api::ParameterType::SecureString), ..text(name, value) }
}

/// Another value for what is there.
fn again(name: &str, value: &str) -> api::PutParameterRequest {
    api::PutParameterRequest { overwrite: Some(true), r#type: None, ..text(name, value) }
}

impl World {
    async fn put(&self, input: api::PutParameterRequest) -> i64 {
        self.ask::<ops::PutParameter>(input).await.version.expect("a number")
    }

    async fn not_put(&self, input: api::PutParameterRequest) -> Refusal {
        self.refused::<ops::PutParameter>(input).await
    }

    async fn get(&self, name: &str) -> Result<api::Parameter, Refusal> {
        let input = api::GetParameterRequest { name: some(name), with_decryption: Some(true) };
        let found = self.try_ask::<ops::GetParameter>(input).await?;
        Ok(found.parameter.expect("it is shown"))
    }

    async fn told(&self, name: &str) -> Result<String, Refusal> {
        self.get(name).await.map(|found| found.value.expect("it has one"))
    }
}
