//! ECS Service Action and ECS Deployment State Change: what services tell their owners.

use berth_control::tables::{Changed, View};
use berth_model::TaskSetId;
use serde_json::{Map, Value, json};

use super::detail::Detail;
use super::told::{Tells, Told};
use crate::render;
use crate::tables::{
    BegunDeployment, Cluster, Frozen, Service, ServiceDeployment, ServiceEvent, Subject,
};

/// AWS: how the names of those begin that are told of deployments.
const OF_DEPLOYMENTS: &str = "SERVICE_DEPLOYMENT_";
const IN_PROGRESS: &str = "SERVICE_DEPLOYMENT_IN_PROGRESS";

impl Tells for ServiceEvent {
    /// An event is told when it is made; that it is forgotten is none.
    fn tell(change: Changed<'_, Self>, told: &mut Told) {
        if let Changed { before: None, after: Some(event) } = change {
            let frozen = Frozen::new(event);
            let subject = match event.name.starts_with(OF_DEPLOYMENTS) {
                true => Subject::Deployment(frozen),
                false => Subject::Service(frozen),
            };
            told.of_services.push((event.service, subject));
        }
    }
}

impl Tells for ServiceDeployment {
    /// AWS: that one begins is no event of the service, but one of EventBridge.
    fn tell(change: Changed<'_, Self>, told: &mut Told) {
        if let Changed { before: None, after: Some(deployment) } = change {
            let (service, number) = (deployment.service, deployment.number);
            let begun = Subject::DeploymentBegun(BegunDeployment { service, number });
            told.subjects.push((deployment.cluster, begun));
        }
    }
}

pub fn action(view: &impl View, cluster: &Cluster, event: &ServiceEvent) -> Option<Detail> {
    let service = view.get::<Service>(&event.service)?;
    Some(detail(
        cluster,
        service,
        json!({
            "eventType": event.kind,
            "eventName": event.name,
            "clusterArn": render::cluster_arn(cluster).to_string(),
            "createdAt": event.created_at.to_string(),
            "reason": event.message,
        }),
    ))
}

pub fn deployment(view: &impl View, cluster: &Cluster, event: &ServiceEvent) -> Option<Detail> {
    let service = view.get::<Service>(&event.service)?;
    let reason = event.of_deployment.clone().unwrap_or_else(|| event.message.clone());
    let members = deployment_members(&event.kind, &event.name, event.deployment, reason);
    Some(detail(cluster, service, members))
}

pub fn begun(view: &impl View, cluster: &Cluster, begun: &BegunDeployment) -> Option<Detail> {
    let service = view.get::<Service>(&begun.service)?;
    let reason = format!("ECS deployment {} in progress.", begun.number);
    let members = deployment_members("INFO", IN_PROGRESS, Some(begun.number), reason);
    Some(detail(cluster, service, members))
}

fn deployment_members(kind: &str, name: &str, of: Option<TaskSetId>, reason: String) -> Value {
    let mut members = json!({ "eventType": kind, "eventName": name, "reason": reason });
    if let Some(number) = of {
        members["deploymentId"] = number.to_string().into();
    }
    members
}

fn detail(cluster: &Cluster, service: &Service, members: Value) -> Detail {
    let members = match members {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    Detail { resource: render::service_arn(cluster, service).to_string(), members }
}
