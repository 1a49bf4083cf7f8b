//! RegisterContainerInstance, with what the stock agent sends and checks.

use serde::Deserialize;
use serde_json::{Value, json};

use super::agent::Fleet;
use super::failure::CallError;
use super::host::{self, Attribute};
use super::reconnection::Backoff;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    container_instance: ContainerInstance,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContainerInstance {
    container_instance_arn: Box<str>,
    #[serde(default)]
    attributes: Vec<Attribute>,
}

/// Registers, for as long as it takes; gives the container instance's ARN. `Err` is final.
pub(super) async fn register(fleet: &Fleet, number: usize) -> Result<Box<str>, String> {
    let region = &fleet.options.region;
    let token = fleet.wire.dice(|dice| dice.token());
    let input = || {
        json!({
            "cluster": fleet.options.cluster,
            "clientToken": token,
            "attributes": host::attributes(region, number),
            "instanceIdentityDocument": "",
            "instanceIdentityDocumentSignature": "",
            "totalResources": host::resources(),
            "versionInfo": {
                "agentVersion": host::AGENT_VERSION,
                "agentHash": host::AGENT_HASH,
                "dockerVersion": host::DOCKER_VERSION,
            },
        })
    };
    let mut backoff = Backoff::of_registration();
    loop {
        let error = match fleet.wire.call("RegisterContainerInstance", input).await {
            Ok(answer) => return accepted(answer, &host::attributes(region, number)),
            Err(error) => error,
        };
        fleet.tally.failed_calls.add();
        if is_final(&error) {
            return Err(error.to_string());
        }
        tracing::debug!(number, %error, "a registration failed");
        tokio::time::sleep(backoff.next(&fleet.wire)).await;
    }
}

/// AWS: these two are final, everything else may pass.
fn is_final(error: &CallError) -> bool {
    matches!(error.code(), Some("InvalidParameterException" | "ClientException"))
}

/// AWS: an agent exits for good if an attribute that it sent does not come back with the same value.
fn accepted(answer: Value, sent: &[Attribute]) -> Result<Box<str>, String> {
    let Answer { container_instance: ContainerInstance { container_instance_arn, attributes } } =
        serde_json::from_value(answer).map_err(|error| error.to_string())?;
    match sent.iter().find(|attribute| !attributes.contains(attribute)) {
        Some(Attribute { name, .. }) => Err(format!("the attribute `{name}` did not come back")),
        None => Ok(container_instance_arn),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_has_to_come_back() {
        let sent = host::attributes("us-east-1", 1);
        let answer = |attributes: &[Attribute]| json!({ "containerInstance": { "containerInstanceArn": "arn", "attributes": attributes } });
        assert_eq!(accepted(answer(&sent), &sent).as_deref(), Ok("arn"));
        let error = accepted(answer(&sent[1..]), &sent).unwrap_err();
        assert!(error.contains("ecs.availability-zone"), "{error}");
    }
}
