//! Tags of a task and of its host, which only the control plane knows.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::document::{TagError, TaskDocument};
use super::question::Version;
use crate::control_plane::CallError;
use crate::host::Host;

#[derive(Deserialize)]
struct Tags {
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

/// AWS: what cannot be had is missing, and only the latest version says why.
pub(super) async fn add(
    host: &Host,
    instance: Option<&str>,
    document: &mut TaskDocument,
    version: Version,
) {
    let task = document.task_arn.clone();
    for (field, arn) in [("ContainerInstanceTags", instance), ("TaskTags", Some(&*task))] {
        let Some(arn) = arn else { continue };
        match (ask(host, arn).await, field) {
            (Ok(tags), "TaskTags") => document.task_tags = tags,
            (Ok(tags), _) => document.container_instance_tags = tags,
            (Err(error), field) => {
                tracing::warn!(resource = arn, %error, "tags cannot be had");
                if version == Version::V4 {
                    document.errors.push(failure(field, arn, &error));
                }
            }
        }
    }
}

async fn ask(host: &Host, arn: &str) -> Result<BTreeMap<String, String>, CallError> {
    let answer =
        host.control_plane.call("ListTagsForResource", json!({ "resourceArn": arn })).await?;
    let Tags { tags } = serde_json::from_value(answer)
        .map_err(|cause| CallError::Unreachable(anyhow::Error::from(cause)))?;
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

fn failure(error_field: &'static str, arn: &str, error: &CallError) -> TagError {
    let (error_code, status_code, error_message) = match error {
        CallError::Refused { code, status, message } => {
            (Some(code.clone()), Some(*status), message.clone())
        }
        CallError::Unreachable(_) => (None, None, "the control plane could not be reached".into()),
    };
    TagError { error_field, error_code, error_message, status_code, resource_arn: arn.to_owned() }
}
