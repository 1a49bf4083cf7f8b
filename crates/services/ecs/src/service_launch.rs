//! How a service starts its tasks: its revision and its owner's wishes as a [`Launch`].

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::tables::View;
use berth_model::{LaunchType, Tags, TaskSetId, Timestamp};
use berth_scheduler::{Constraint, Strategy};

use crate::account_settings::{self, Setting};
use crate::launch::{Launch, OfService};
use crate::placement_rules;
use crate::tables::{Cluster, Service, ServiceRevision, Stored, TagSource, TaskDefinition};
use crate::traffic;

/// What tasks of this revision are started as, for the deployment or task set that is `number`.
///
/// AWS: what a service has begun with it goes on with, even if the task definition is INACTIVE by now.
pub fn launch(
    view: &impl View,
    cluster: &Cluster,
    service: &Service,
    revision: &ServiceRevision,
    number: TaskSetId,
    now: Timestamp,
) -> Result<Launch, api::Error> {
    let definition = view
        .table::<TaskDefinition>()
        .get_shared(&revision.task_definition)
        .ok_or_else(|| api::Error::client("TaskDefinition not found."))?;
    let long_arn = account_settings::is_on(
        view,
        &service.scope,
        &service.created_by,
        Setting::TaskLongArnFormat,
    );
    Ok(Launch {
        launch_type: revision.launch_type.unwrap_or(LaunchType::Ec2),
        group: service.group().into(),
        started_by: Some(number.to_string().into()),
        overrides: None,
        // AWS: a tag is found by its resource's ARN, and only the long ones are unique enough.
        tags: if long_arn { tags(cluster, service, &definition) } else { Tags::new() }.into(),
        long_arn,
        reference_id: None,
        of_service: Some(OfService { service: service.id, deployment: number }),
        enable_execute_command: service.enable_execute_command,
        holds: traffic::holds(revision).into(),
        now,
        definition,
    })
}

fn tags(cluster: &Cluster, service: &Service, definition: &Arc<TaskDefinition>) -> Tags {
    let mut tags = match service.propagate_tags {
        TagSource::Nothing => Tags::new(),
        TagSource::TaskDefinition => definition.tags.clone(),
        TagSource::Service => service.tags.clone(),
    };
    if service.managed_tags {
        tags.insert("aws:ecs:clusterName".to_owned(), cluster.name.to_string());
        tags.insert("aws:ecs:serviceName".to_owned(), service.name.to_string());
    }
    tags
}

/// The service's own constraints; those of its task definition come with the launch.
pub fn constraints(service: &Service) -> Result<Vec<Constraint>, api::Error> {
    placement_rules::constraints(shapes(&service.placement_constraints))
}

pub fn strategies(service: &Service) -> Result<Vec<Strategy>, api::Error> {
    let given = placement_rules::strategies(shapes(&service.placement_strategy))?;
    Ok(placement_rules::or_default_of_services(given))
}

fn shapes<T: Clone>(stored: &[Stored<T>]) -> Vec<T> {
    stored.iter().map(|shape| (**shape).clone()).collect()
}
