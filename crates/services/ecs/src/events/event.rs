//! A state change as EventBridge delivers it.

use berth_control::tables::View;
use berth_model::Scope;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::detail::Detail;
use super::{container_instance, service, task};
use crate::tables::{Cluster, ContainerInstance, StateChange, Subject};

/// Who sends these events.
pub const SOURCE: &str = "aws.ecs";

/// What kinds of event there are, by EventBridge's names and by short ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DetailType {
    Task,
    ContainerInstance,
    Service,
    Deployment,
}

impl DetailType {
    pub const ALL: [DetailType; 4] =
        [Self::Task, Self::ContainerInstance, Self::Service, Self::Deployment];

    pub fn of(subject: &Subject) -> Self {
        match subject {
            Subject::Task(_) => Self::Task,
            Subject::ContainerInstance(_) => Self::ContainerInstance,
            Subject::Service(_) => Self::Service,
            Subject::Deployment(_) | Subject::DeploymentBegun(_) => Self::Deployment,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Task => "ECS Task State Change",
            Self::ContainerInstance => "ECS Container Instance State Change",
            Self::Service => "ECS Service Action",
            Self::Deployment => "ECS Deployment State Change",
        }
    }

    pub const fn short(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::ContainerInstance => "container-instance",
            Self::Service => "service",
            Self::Deployment => "deployment",
        }
    }

    /// By either name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| text == known.as_str() || text == known.short())
    }
}

/// The event; `None` if what it tells of is forgotten.
pub fn event(view: &impl View, cluster: &Cluster, change: &StateChange) -> Option<Value> {
    let Detail { resource, mut members } = match &change.subject {
        Subject::Task(task) => task::detail(view, cluster, &task.thaw().ok()?),
        Subject::ContainerInstance(state) => {
            let instance = view.get::<ContainerInstance>(&state.id)?;
            container_instance::detail(cluster, instance, state)
        }
        Subject::Service(event) => service::action(view, cluster, &event.thaw().ok()?)?,
        Subject::Deployment(event) => service::deployment(view, cluster, &event.thaw().ok()?)?,
        Subject::DeploymentBegun(begun) => service::begun(view, cluster, begun)?,
    };
    // AWS: of a service's actions there is only when they were made.
    if !matches!(change.subject, Subject::Service(_)) {
        members.insert("updatedAt".to_owned(), change.at.to_string().into());
    }
    let Scope { account, region, .. } = &cluster.scope;
    Some(json!({
        "version": "0",
        "id": id(change),
        "detail-type": DetailType::of(&change.subject).as_str(),
        "source": SOURCE,
        "account": account.to_string(),
        "time": time(change),
        "region": region.as_str(),
        "resources": [resource],
        "detail": members,
    }))
}

/// AWS: an event's own time is in whole seconds.
fn time(change: &StateChange) -> String {
    let at = change.at.as_millis();
    berth_model::Timestamp::from_millis(at - at.rem_euclid(1000)).to_string()
}

/// A UUID that nobody else has, and the same whenever the event is read.
fn id(change: &StateChange) -> String {
    let mut digest = Sha256::new();
    digest.update(change.cluster.as_bytes());
    digest.update(change.sequence.to_be_bytes());
    digest.update(change.at.as_millis().to_be_bytes());
    let digest = digest.finalize();
    let bytes: [u8; 16] = std::array::from_fn(|at| digest[at]);
    berth_model::AttachmentId::from_bytes(bytes).hyphenated().to_string()
}
