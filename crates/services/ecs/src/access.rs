//! What each call of ECS wants: one row for every operation, socket and path that is served.
//!
//! AWS: the Service Authorization Reference, "Amazon Elastic Container Service", says which action has which types
//! of resources and which condition keys. A row reads like its line there; `words.rs` says how the resources are
//! found from what a caller wrote, `launches.rs` has the rows of what starts tasks, which bring roles and tags along. Which
//! clusters and task definitions callers mean is remembered (`places.rs`, `definitions.rs`).
//!
//! Every row resolves with the parsers that the operation itself uses (`resolve`), so that what is judged is what is
//! then touched. What cannot be parsed is judged as it was written; the operation refuses it in any case.
// DEVIATES: policies always see ARNs in the long format, with the cluster's name, whatever format a resource was made with.

mod definitions;
mod launches;
mod places;
mod words;

use berth_aws_api::ecs::ops;
use berth_control::pipeline::access::AccessTable;

use crate::service::Ecs;
use crate::{events, explain};
pub use definitions::Definitions;
pub use launches::run_task;
pub use places::Places;
use words::*;

pub fn table() -> AccessTable<Ecs> {
    of_clusters()
        .and(of_capacity())
        .and(of_instances())
        .and(of_definitions())
        .and(of_tasks())
        .and(of_services())
        .and(of_tags())
}

fn new() -> AccessTable<Ecs> {
    AccessTable::new("ecs")
}

fn of_clusters() -> AccessTable<Ecs> {
    new()
        .operation::<ops::CreateCluster>(launches::create_cluster)
        .operation::<ops::DeleteCluster>(|ask, input| cluster(ask, &input.cluster))
        .operation::<ops::DescribeClusters>(|ask, input| clusters(ask, &input.clusters))
        .operation::<ops::ListClusters>(|_, _| {})
        .operation::<ops::PutClusterCapacityProviders>(|ask, input| {
            cluster(ask, &input.cluster);
            capacity_provider_key(ask, input.capacity_providers.iter().flatten());
        })
        .operation::<ops::UpdateCluster>(|ask, input| cluster(ask, &input.cluster))
        .operation::<ops::UpdateClusterSettings>(|ask, input| cluster(ask, &input.cluster))
        .operation::<ops::ListAccountSettings>(|_, _| {})
        .operation::<ops::PutAccountSetting>(|ask, input| account_setting(ask, &input.name))
        .operation::<ops::PutAccountSettingDefault>(|ask, input| account_setting(ask, &input.name))
        .operation::<ops::DeleteAccountSetting>(|ask, input| account_setting(ask, &input.name))
        .path(explain::PATH, explain::ACTION, cluster_of_query)
        .path(events::PATH, events::ACTION, cluster_of_query_or_all)
}

fn of_capacity() -> AccessTable<Ecs> {
    new()
        .operation::<ops::CreateCapacityProvider>(launches::create_capacity_provider)
        .operation::<ops::DeleteCapacityProvider>(|ask, input| {
            capacity_providers(ask, &input.capacity_provider);
        })
        .operation::<ops::DescribeCapacityProviders>(|ask, input| {
            capacity_providers_or_all(ask, &input.capacity_providers);
        })
        .operation::<ops::UpdateCapacityProvider>(|ask, input| capacity_providers(ask, &input.name))
}

/// The operations of agents are here too. Berth's own agents are judged before any policy is asked; one that signs
/// with a user's key, or in a role, needs what Amazon's agent needs.
fn of_instances() -> AccessTable<Ecs> {
    new()
        .operation::<ops::DeleteAttributes>(|ask, input| {
            attributed(ask, &input.cluster, &input.attributes);
        })
        .operation::<ops::DeregisterContainerInstance>(|ask, input| cluster(ask, &input.cluster))
        .operation::<ops::DescribeContainerInstances>(|ask, input| {
            instances(ask, &input.cluster, input.container_instances.iter().flatten());
        })
        .operation::<ops::DiscoverPollEndpoint>(|_, _| {})
        .operation::<ops::ListAttributes>(|ask, input| cluster(ask, &input.cluster))
        .operation::<ops::ListContainerInstances>(|ask, input| cluster(ask, &input.cluster))
        .operation::<ops::PutAttributes>(|ask, input| {
            attributed(ask, &input.cluster, &input.attributes);
        })
        .operation::<ops::RegisterContainerInstance>(launches::register_container_instance)
        .operation::<ops::SubmitAttachmentStateChanges>(|ask, input| cluster(ask, &input.cluster))
        .operation::<ops::SubmitContainerStateChange>(|ask, input| cluster(ask, &input.cluster))
        .operation::<ops::SubmitTaskStateChange>(|ask, input| cluster(ask, &input.cluster))
        .operation::<ops::UpdateContainerAgent>(|ask, input| {
            instances(ask, &input.cluster, &input.container_instance);
        })
        .operation::<ops::UpdateContainerInstancesState>(|ask, input| {
            instances(ask, &input.cluster, input.container_instances.iter().flatten());
        })
        .path("/acs/ws", "Poll", instance_of_socket)
        .path("/tcs/ws", "StartTelemetrySession", instance_of_socket)
}

fn of_definitions() -> AccessTable<Ecs> {
    new()
        .operation::<ops::DeleteTaskDefinitions>(|ask, input| {
            task_definitions(ask, input.task_definitions.iter().flatten());
        })
        .operation::<ops::DeregisterTaskDefinition>(|_, _| {})
        .operation::<ops::DescribeTaskDefinition>(|_, _| {})
        .operation::<ops::ListTaskDefinitionFamilies>(|_, _| {})
        .operation::<ops::ListTaskDefinitions>(|_, _| {})
        .operation::<ops::RegisterTaskDefinition>(launches::register_task_definition)
}

fn of_tasks() -> AccessTable<Ecs> {
    new()
        .operation::<ops::DescribeTasks>(|ask, input| {
            tasks(ask, &input.cluster, input.tasks.iter().flatten());
        })
        .operation::<ops::GetTaskProtection>(|ask, input| {
            tasks_or_all(ask, &input.cluster, &input.tasks);
        })
        .operation::<ops::ListTasks>(|ask, input| {
            instances_or_all(ask, &input.cluster, &input.container_instance);
        })
        .operation::<ops::RunTask>(launches::run_task)
        .operation::<ops::StartTask>(launches::start_task)
        .operation::<ops::StopTask>(|ask, input| tasks(ask, &input.cluster, &input.task))
        .operation::<ops::UpdateTaskProtection>(|ask, input| {
            tasks(ask, &input.cluster, input.tasks.iter().flatten());
        })
}

fn of_services() -> AccessTable<Ecs> {
    new()
        .operation::<ops::ContinueServiceDeployment>(|ask, input| {
            deployments(ask, &input.service_deployment_arn);
        })
        .operation::<ops::CreateService>(launches::create_service)
        .operation::<ops::CreateTaskSet>(launches::create_task_set)
        .operation::<ops::DeleteService>(|ask, input| services(ask, &input.cluster, &input.service))
        .operation::<ops::DeleteTaskSet>(|ask, input| {
            task_sets(ask, &input.cluster, &input.service, &input.task_set);
        })
        .operation::<ops::DescribeServiceDeployments>(|ask, input| {
            deployments(ask, input.service_deployment_arns.iter().flatten());
        })
        .operation::<ops::DescribeServiceRevisions>(|ask, input| {
            revisions(ask, input.service_revision_arns.iter().flatten());
        })
        .operation::<ops::DescribeServices>(|ask, input| {
            services(ask, &input.cluster, input.services.iter().flatten());
        })
        .operation::<ops::DescribeTaskSets>(|ask, input| {
            task_sets_or_all(ask, &input.cluster, &input.service, &input.task_sets);
        })
        .operation::<ops::ListServiceDeployments>(|ask, input| {
            services(ask, &input.cluster, &input.service);
        })
        .operation::<ops::ListServices>(|ask, input| {
            in_cluster(ask, &input.cluster);
        })
        .operation::<ops::ListServicesByNamespace>(|ask, input| {
            ask.wants.key_if("ecs:namespace", input.namespace.clone());
        })
        .operation::<ops::StopServiceDeployment>(|ask, input| {
            deployments(ask, &input.service_deployment_arn);
        })
        .operation::<ops::UpdateService>(launches::update_service)
        .operation::<ops::UpdateServicePrimaryTaskSet>(|ask, input| {
            services(ask, &input.cluster, &input.service);
        })
        .operation::<ops::UpdateTaskSet>(|ask, input| {
            task_sets(ask, &input.cluster, &input.service, &input.task_set);
        })
}

fn of_tags() -> AccessTable<Ecs> {
    new()
        .operation::<ops::ListTagsForResource>(|ask, input| by_arn(ask, &input.resource_arn))
        .operation::<ops::TagResource>(|ask, input| {
            by_arn(ask, &input.resource_arn);
            ask.wants.request_tags(given_tags(&input.tags));
        })
        .operation::<ops::UntagResource>(|ask, input| {
            by_arn(ask, &input.resource_arn);
            ask.wants.untagged(input.tag_keys.as_deref().unwrap_or_default());
        })
}
