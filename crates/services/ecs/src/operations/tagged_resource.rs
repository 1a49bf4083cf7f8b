//! What the tag operations work on: the record that an ARN names.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::Call;
use berth_control::tables::View;
use berth_model::{
    Arn, ClusterStatus, ContainerInstanceStatus, Scope, ServiceStatus, Tags, TaskSetArn, TaskStatus,
};

use crate::capacity_providers::{self, Provider};
use crate::identity::{speaks_for, speaks_for_task};
use crate::render;
use crate::resolve::{self, TaskDefinitionName};
use crate::tables::{
    CapacityProvider, Cluster, ContainerInstance, Service, Task, TaskDefinition, TaskSet,
};

/// A record with tags.
pub enum TaggedResource {
    CapacityProvider(Arc<CapacityProvider>),
    Cluster(Arc<Cluster>),
    ContainerInstance(Arc<ContainerInstance>),
    Service(Arc<Service>),
    Task(Arc<Task>),
    TaskDefinition(Arc<TaskDefinition>),
    TaskSet(Arc<TaskSet>),
}

impl TaggedResource {
    pub fn find(view: &impl View, scope: &Scope, given: &str) -> Result<Self, api::Error> {
        let invalid = |problem: String| {
            api::Error::invalid_parameter(format!("Invalid identifier: {problem}"))
        };
        let arn: Arn = given.parse().map_err(|error| invalid(format!("{error}")))?;
        match arn.scope().filter(|_| arn.service == "ecs") {
            Some(theirs) => resolve::same_scope(scope, &theirs, given)?,
            None => return Err(invalid(format!("`{given}` is not an ARN of ECS."))),
        }
        let (kind, rest) = arn.resource.split_once('/').unwrap_or((&arn.resource, ""));
        match kind {
            "cluster" => cluster(view, scope, given).map(Self::Cluster),
            "container-instance" => {
                container_instance(view, scope, given, rest).map(Self::ContainerInstance)
            }
            "task" => task(view, scope, given, rest).map(Self::Task),
            "task-definition" => task_definition(view, scope, given).map(Self::TaskDefinition),
            "service" => service(view, scope, given, rest).map(Self::Service),
            "task-set" => task_set(view, scope, given).map(Self::TaskSet),
            "capacity-provider" => {
                capacity_provider(view, scope, given).map(Self::CapacityProvider)
            }
            _ => Err(invalid(format!(
                "`{given}` is not the ARN of something that has tags: a capacity provider, cluster, container instance, service, task, task definition or task set."
            ))),
        }
    }

    /// Its own ARN, however it was asked for; `None` if what it is part of is gone.
    pub fn arn(&self, view: &impl View, scope: &Scope) -> Option<String> {
        let cluster = |id| view.get::<Cluster>(id);
        Some(match self {
            Self::CapacityProvider(row) => {
                render::capacity_provider_arn(scope, row.name.clone()).to_string()
            }
            Self::Cluster(row) => render::cluster_arn(row).to_string(),
            Self::ContainerInstance(row) => {
                render::container_instance_arn(cluster(&row.cluster)?, row).to_string()
            }
            Self::Service(row) => render::service_arn(cluster(&row.cluster)?, row).to_string(),
            Self::Task(row) => render::task_arn(cluster(&row.cluster)?, row).to_string(),
            Self::TaskDefinition(row) => render::task_definition_arn(row).to_string(),
            Self::TaskSet(row) => {
                let service = view.get::<Service>(&row.service)?;
                render::task_set_arn(cluster(&row.cluster)?, service, row).to_string()
            }
        })
    }

    pub fn tags(&self) -> &Tags {
        match self {
            Self::CapacityProvider(row) => &row.tags,
            Self::Cluster(row) => &row.tags,
            Self::ContainerInstance(row) => &row.tags,
            Self::Service(row) => &row.tags,
            Self::Task(row) => &row.tags,
            Self::TaskDefinition(row) => &row.tags,
            Self::TaskSet(row) => &row.tags,
        }
    }

    /// An agent may look at its own instances and at the tasks on them.
    pub fn may_be_read_by(&self, view: &impl View, call: &Call) -> bool {
        if !call.principal.is_agent() {
            return true;
        }
        match self {
            Self::ContainerInstance(row) => speaks_for(call, row),
            Self::Task(row) => speaks_for_task(view, call, row),
            Self::CapacityProvider(_)
            | Self::Cluster(_)
            | Self::Service(_)
            | Self::TaskDefinition(_)
            | Self::TaskSet(_) => false,
        }
    }

    pub fn put(&self, tx: &mut Transaction, tags: Tags) {
        match self {
            Self::CapacityProvider(row) => {
                drop(tx.put(CapacityProvider { tags, ..(**row).clone() }))
            }
            Self::Cluster(row) => drop(tx.put(Cluster { tags, ..(**row).clone() })),
            Self::ContainerInstance(row) => {
                drop(tx.put(ContainerInstance { tags, ..(**row).clone() }))
            }
            Self::Service(row) => drop(tx.put(Service { tags, ..(**row).clone() })),
            Self::TaskSet(row) => drop(tx.put(TaskSet { tags, ..(**row).clone() })),
            Self::Task(row) => drop(tx.put(Task { tags: tags.into(), ..(**row).clone() })),
            Self::TaskDefinition(row) => drop(tx.put(TaskDefinition { tags, ..(**row).clone() })),
        }
    }
}

fn not_found<T>(what: &str, remedy: &str) -> Result<T, api::Error> {
    Err(api::Error::resource_not_found(format!("The specified {what} does not exist. {remedy}")))
}

fn inactive<T>(what: &str, state: &str) -> Result<T, api::Error> {
    Err(api::Error::invalid_parameter(format!(
        "The specified {what} is {state}. Specify an active {what} and try again."
    )))
}

/// AWS: what has the old, short ARN has no tags. The long one has the cluster's name in it.
fn long_format(rest: &str) -> Result<&str, api::Error> {
    let cluster = rest.split_once('/').map(|(cluster, _)| cluster);
    cluster.ok_or_else(|| {
        api::Error::invalid_parameter("Long arn format must be used for tagging operations")
    })
}

fn has_long_arn(what: &str, long_arn: bool) -> Result<(), api::Error> {
    if long_arn {
        return Ok(());
    }
    Err(api::Error::invalid_parameter(format!(
        "The specified {what} does not have the longArn format. Only {what}s created after opting in will have the new format."
    )))
}

fn capacity_provider(
    view: &impl View,
    scope: &Scope,
    given: &str,
) -> Result<Arc<CapacityProvider>, api::Error> {
    const WHAT: &str = "capacity provider";
    let name = capacity_providers::name(scope, given)?;
    match capacity_providers::find(view, scope, &name) {
        Some(Provider::OfGroup(made)) if made.is_active() => Ok(made),
        Some(Provider::OfGroup(_)) => inactive(WHAT, "inactive"),
        Some(Provider::BuiltIn(name)) => Err(api::Error::invalid_parameter(format!(
            "The capacity provider {name} is reserved and cannot have tags."
        ))),
        None => not_found(WHAT, "Specify a valid name or ARN and try again."),
    }
}

fn cluster(view: &impl View, scope: &Scope, given: &str) -> Result<Arc<Cluster>, api::Error> {
    match resolve::any_cluster(view, scope, Some(given))? {
        Some(found) if found.status == ClusterStatus::Active => Ok(found),
        Some(_) => inactive("cluster", "inactive"),
        None => Err(api::Error::cluster_not_found("Cluster not found.")),
    }
}

fn container_instance(
    view: &impl View,
    scope: &Scope,
    given: &str,
    rest: &str,
) -> Result<Arc<ContainerInstance>, api::Error> {
    const WHAT: &str = "container instance";
    let cluster = resolve::cluster(view, scope, Some(long_format(rest)?))?;
    let Some(found) = resolve::container_instance(view, &cluster, given)? else {
        return not_found(WHAT, "Specify a valid container instance and try again.");
    };
    has_long_arn(WHAT, found.long_arn)?;
    if found.status == ContainerInstanceStatus::Inactive {
        return inactive(WHAT, "inactive");
    }
    Ok(found)
}

fn service(
    view: &impl View,
    scope: &Scope,
    given: &str,
    rest: &str,
) -> Result<Arc<Service>, api::Error> {
    const WHAT: &str = "service";
    let cluster = resolve::cluster(view, scope, Some(long_format(rest)?))?;
    let Some(found) = resolve::service(view, &cluster, given)? else {
        return not_found(
            WHAT,
            "Specify a valid account, region, cluster and service and try again.",
        );
    };
    has_long_arn(WHAT, found.long_arn)?;
    if found.status == ServiceStatus::Inactive {
        return inactive(WHAT, "inactive");
    }
    Ok(found)
}

fn task_set(view: &impl View, scope: &Scope, given: &str) -> Result<Arc<TaskSet>, api::Error> {
    let arn: TaskSetArn = given
        .parse()
        .map_err(|error| api::Error::invalid_parameter(format!("Invalid identifier: {error}")))?;
    let cluster = resolve::cluster(view, scope, Some(arn.cluster.as_str()))?;
    let service = resolve::service(view, &cluster, arn.service.as_str())?;
    let found =
        service.and_then(|service| view.table::<TaskSet>().get_shared(&(service.id, arn.id)));
    match found {
        Some(found) => Ok(found),
        None => not_found("task set", "Specify a valid task set and try again."),
    }
}

fn task(view: &impl View, scope: &Scope, given: &str, rest: &str) -> Result<Arc<Task>, api::Error> {
    const WHAT: &str = "task";
    let cluster = resolve::cluster(view, scope, Some(long_format(rest)?))?;
    let Some(found) = resolve::task(view, &cluster, given)? else {
        return not_found(WHAT, "Specify a valid task and try again.");
    };
    has_long_arn(WHAT, found.long_arn)?;
    if found.last_status >= TaskStatus::Stopped {
        return inactive(WHAT, "stopped");
    }
    Ok(found)
}

fn task_definition(
    view: &impl View,
    scope: &Scope,
    given: &str,
) -> Result<Arc<TaskDefinition>, api::Error> {
    match TaskDefinitionName::parse(scope, given)?.find(view, scope) {
        Some(found) => Ok(found),
        None => {
            not_found("task definition", "Specify a valid account, family, revision and try again.")
        }
    }
}
