//! What a container says about itself on its engine, for people and for the agent that finds it.

use std::collections::BTreeMap;

use berth_agent_protocol::acs;

/// AWS: the labels that ECS's own agent puts on.
const TASK_ARN: &str = "com.amazonaws.ecs.task-arn";
const CONTAINER_NAME: &str = "com.amazonaws.ecs.container-name";
const CLUSTER: &str = "com.amazonaws.ecs.cluster";
const FAMILY: &str = "com.amazonaws.ecs.task-definition-family";
const VERSION: &str = "com.amazonaws.ecs.task-definition-version";

/// The whole task, on the one container of it that is made first; with it the task can be taken up again.
const TASK: &str = "berth.task";
/// The digest that the image was pulled by; nothing else tells it later.
const IMAGE_DIGEST: &str = "berth.image-digest";
/// What the container asks for its metadata with; nobody else on the host may learn it.
const METADATA_ID: &str = "berth.metadata-id";

/// The labels of one container.
pub(crate) fn of(
    cluster: &str,
    task: &acs::Task,
    container: &str,
    image_digest: Option<&str>,
) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::from(
        [
            (TASK_ARN, task.arn.as_str()),
            (CONTAINER_NAME, container),
            (CLUSTER, task.task_cluster_arn.as_deref().unwrap_or(cluster)),
            (FAMILY, task.family.as_str()),
            (VERSION, task.version.as_str()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    if let Some(digest) = image_digest {
        labels.insert(IMAGE_DIGEST.to_owned(), digest.to_owned());
    }
    labels
}

/// Adds them to what a task definition asks for, which cannot speak in the agent's name.
pub(crate) fn put_on(asked: &mut BTreeMap<String, String>, ours: BTreeMap<String, String>) {
    asked.retain(|name, _| ![TASK, IMAGE_DIGEST, METADATA_ID].contains(&name.as_str()));
    asked.extend(ours);
}

pub(crate) fn carry_metadata_id(labels: &mut BTreeMap<String, String>, id: String) {
    labels.insert(METADATA_ID.to_owned(), id);
}

pub(crate) fn metadata_id(labels: &BTreeMap<String, String>) -> Option<&str> {
    labels.get(METADATA_ID).map(String::as_str)
}

/// What others may see of a container's labels.
pub(crate) fn shown(labels: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let is_ours =
        |name: &str| [TASK, IMAGE_DIGEST, METADATA_ID, berth_runtime::OWNER_LABEL].contains(&name);
    let shown = labels.iter().filter(|(name, _)| !is_ours(name));
    shown.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Adds the whole task. Of credentials there is only whose they are: whoever may look at containers must not
/// find more.
pub(crate) fn carry_task(labels: &mut BTreeMap<String, String>, task: &acs::Task) {
    let text =
        serde_json::to_string(&without_credentials(task)).expect("its maps have string keys");
    labels.insert(TASK.to_owned(), text);
}

/// What is left of credentials says which role they are of and what to ask for them with, which every
/// container of the task has in its environment.
pub(crate) fn without_credentials(task: &acs::Task) -> acs::Task {
    let name_only = |given: &acs::IAMRoleCredentials| acs::IAMRoleCredentials {
        credentials_id: given.credentials_id.clone(),
        role_arn: given.role_arn.clone(),
        ..acs::IAMRoleCredentials::default()
    };
    acs::Task {
        role_credentials: task.role_credentials.as_ref().map(name_only),
        execution_role_credentials: task.execution_role_credentials.as_ref().map(name_only),
        ..task.clone()
    }
}

/// Which container of which task this is.
pub(crate) fn owner(labels: &BTreeMap<String, String>) -> Option<(&str, &str)> {
    Some((labels.get(TASK_ARN)?, labels.get(CONTAINER_NAME)?))
}

/// The task that the container carries.
pub(crate) fn carried_task(labels: &BTreeMap<String, String>) -> Option<acs::Task> {
    let text = labels.get(TASK)?;
    match serde_json::from_str(text) {
        Ok(task) => Some(task),
        Err(cause) => {
            tracing::error!(%cause, "a container's task label cannot be read");
            None
        }
    }
}

pub(crate) fn image_digest(labels: &BTreeMap<String, String>) -> Option<String> {
    labels.get(IMAGE_DIGEST).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_definition_cannot_forge_what_the_agent_reads() {
        let forged = [TASK, IMAGE_DIGEST, METADATA_ID, TASK_ARN, "team"]
            .map(|name| (name.into(), "forged".into()));
        let mut labels = BTreeMap::from(forged);
        let task = acs::Task { arn: "arn:t".into(), ..acs::Task::default() };
        put_on(&mut labels, of("c", &task, "web", None));
        assert_eq!(owner(&labels), Some(("arn:t", "web")));
        assert_eq!((carried_task(&labels), image_digest(&labels)), (None, None));
        assert_eq!(metadata_id(&labels), None);
        assert_eq!(labels["team"], "forged", "all else is its own affair");
    }

    #[test]
    fn a_task_is_found_again_without_its_credentials() {
        let task = acs::Task {
            arn: "arn:t".into(),
            role_credentials: Some(acs::IAMRoleCredentials {
                credentials_id: "known".into(),
                secret_access_key: "hidden".into(),
                session_token: "hidden".into(),
                access_key_id: "hidden".into(),
                ..acs::IAMRoleCredentials::default()
            }),
            ..acs::Task::default()
        };
        let mut labels = of("c", &task, "web", Some("sha256:1"));
        carry_task(&mut labels, &task);
        assert_eq!(owner(&labels), Some(("arn:t", "web")));
        assert_eq!(image_digest(&labels).as_deref(), Some("sha256:1"));
        assert!(!labels[TASK].contains("hidden") && labels[TASK].contains("known"));
        assert_eq!(carried_task(&labels).unwrap(), without_credentials(&task));
    }
}
