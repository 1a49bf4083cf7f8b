//! What runs here, for people on the host and their tools.

use berth_model::{ContainerStatus, TaskStatus};
use berth_runtime::ContainerState;
use http::{Method, StatusCode};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::answer::Answer;
use super::document::{self, Port, Volume};
use super::question::parameter;
use super::throttle::Asker;
use super::{Asked, Metadata};
use crate::task::{ContainerDescription, Description};

/// AWS: so many digits of a container's id are what people write.
const SHORT_ID: usize = 12;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Task {
    arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    desired_status: Option<&'static str>,
    known_status: &'static str,
    family: String,
    version: String,
    containers: Vec<Container>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Container {
    docker_id: String,
    docker_name: String,
    name: String,
    image: String,
    #[serde(rename = "ImageID")]
    image_id: String,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "text")]
    created_at: Option<berth_model::Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "text")]
    started_at: Option<berth_model::Timestamp>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ports: Vec<Port>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    volumes: Vec<Volume>,
}

impl Metadata {
    /// Answers somebody on the host.
    pub(super) async fn introspect(&self, asked: &Asked<'_>) -> Answer {
        if !self.throttle.admit(Asker::Address(asked.source)) {
            return Answer::too_many();
        }
        if asked.method != Method::GET {
            return Answer::wrong_method("GET");
        }
        match asked.path {
            "/" => Answer::ok(&json!({ "AvailableCommands": ["/v1/metadata", "/v1/tasks"] })),
            "/v1/metadata" => Answer::ok(&json!({
                "Cluster": self.host.options.cluster,
                "ContainerInstanceArn": self.instance(),
                "Version": format!("Berth - v{}", self.host.options.agent_version),
            })),
            "/v1/tasks" => self.introspect_tasks(asked.query.unwrap_or_default()).await,
            _ => Answer::error(StatusCode::NOT_FOUND, "There are /v1/metadata and /v1/tasks."),
        }
    }

    async fn introspect_tasks(&self, query: &str) -> Answer {
        // AWS: nothing to tell is an empty task.
        let empty = |status| Answer::with(status, &empty_task());
        match (parameter(query, "taskarn"), parameter(query, "dockerid")) {
            (Some(_), Some(_)) => empty(StatusCode::BAD_REQUEST),
            (Some(arn), None) => {
                let decoded = percent_encoding::percent_decode_str(arn).decode_utf8_lossy();
                match self.register.describe(&decoded).await {
                    Some(task) => Answer::ok(&self.introspected(&task).await),
                    None => empty(StatusCode::NOT_FOUND),
                }
            }
            (None, Some(id)) => {
                let mut found = Vec::new();
                for task in self.all().await {
                    if task.containers.iter().any(|container| has_id(container, id)) {
                        found.push(task);
                    }
                }
                match found.as_slice() {
                    [] => empty(StatusCode::NOT_FOUND),
                    [task] => Answer::ok(&self.introspected(task).await),
                    _ => empty(StatusCode::BAD_REQUEST),
                }
            }
            (None, None) => {
                let mut tasks = Vec::new();
                for task in self.all().await {
                    tasks.push(self.introspected(&task).await);
                }
                Answer::ok(&json!({ "Tasks": tasks }))
            }
        }
    }

    async fn all(&self) -> Vec<Box<Description>> {
        let mut all = Vec::new();
        for (about, _) in self.register.snapshots() {
            all.extend(self.register.describe(&about.arn).await);
        }
        all
    }

    async fn introspected(&self, task: &Description) -> Task {
        let mut containers = Vec::new();
        for described in task.containers.iter().filter(|container| container.id.is_some()) {
            let look = self.look(described).await;
            containers.push(container(described, look.as_ref()));
        }
        // AWS: a task that has come as far as it will is not shown as wanting anything else.
        let wants_more = task.status != TaskStatus::Stopped
            || task.desired_status == berth_model::DesiredStatus::Stopped;
        Task {
            arn: task.task.arn.clone(),
            desired_status: wants_more.then(|| task.desired_status.as_str()),
            known_status: task.status.as_str(),
            family: task.task.family.clone(),
            version: task.task.version.clone(),
            containers,
        }
    }
}

fn container(described: &ContainerDescription, look: Option<&ContainerState>) -> Container {
    let has_started = described.status >= ContainerStatus::Running;
    Container {
        docker_id: described.id.as_ref().map(ToString::to_string).unwrap_or_default(),
        docker_name: described.runtime_name.clone(),
        name: described.name.clone(),
        image: described.image.clone(),
        image_id: look.map(|look| look.image_id.clone()).unwrap_or_default(),
        created_at: look.map(|look| look.created_at),
        started_at: described.started_at.filter(|_| has_started),
        ports: described
            .bindings
            .iter()
            .flat_map(|binding| document::ports(binding, false))
            .collect(),
        volumes: described.mounts.iter().filter_map(document::volume).collect(),
    }
}

/// AWS: twelve digits and fewer are the beginning of an id, more are the whole.
fn has_id(container: &ContainerDescription, id: &str) -> bool {
    let Some(held) = &container.id else { return false };
    held.as_str() == id || (id.len() <= SHORT_ID && held.as_str().starts_with(id))
}

fn empty_task() -> Value {
    json!({ "Arn": "", "KnownStatus": "", "Family": "", "Version": "", "Containers": null })
}

fn text<S: Serializer>(
    at: &Option<berth_model::Timestamp>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.collect_str(at),
        None => serializer.serialize_none(),
    }
}
