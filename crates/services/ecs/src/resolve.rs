//! From what a caller wrote (nothing, a name, an id, an ARN) to the record that it means.
//!
//! Every operation resolves through here, so that a wrong identifier gets the same error everywhere.
//! A [`View`] is a snapshot or a transaction: both give the same answer.

mod services;

use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::tables::View;
use berth_model::{
    Arn, ClusterArn, ClusterName, ClusterStatus, ContainerInstanceArn, ContainerInstanceId, Family,
    FamilyRevision, Scope, TaskArn, TaskDefinitionArn, TaskId,
};

use crate::tables::{Cluster, ContainerInstance, Task, TaskDefinition};

pub use services::{
    OfService, active_service, existing_service_deployment, new_service_name, service,
    service_deployment, service_name, service_revision, task_set, task_set_id,
};

/// The cluster that a request means when it names none.
pub const DEFAULT_CLUSTER: &str = "default";

/// The cluster of that name or ARN, whatever its status; `default` if none is given.
pub fn any_cluster(
    view: &impl View,
    scope: &Scope,
    given: Option<&str>,
) -> Result<Option<Arc<Cluster>>, api::Error> {
    Ok(cluster_named(view, scope, cluster_name(scope, given)?))
}

/// The cluster of this name, whatever its status.
pub fn cluster_named(view: &impl View, scope: &Scope, name: ClusterName) -> Option<Arc<Cluster>> {
    let clusters = view.table::<Cluster>();
    clusters.get_shared(clusters.indexes().by_name.first(&(scope.clone(), name))?)
}

/// An ACTIVE cluster, or ClusterNotFoundException.
pub fn cluster(
    view: &impl View,
    scope: &Scope,
    given: Option<&str>,
) -> Result<Arc<Cluster>, api::Error> {
    any_cluster(view, scope, given)?
        .filter(|cluster| cluster.status == ClusterStatus::Active)
        .ok_or_else(|| api::Error::cluster_not_found("Cluster not found."))
}

pub fn cluster_name(scope: &Scope, given: Option<&str>) -> Result<ClusterName, api::Error> {
    let given = given.unwrap_or(DEFAULT_CLUSTER);
    if Arn::is_meant_by(given) {
        let arn: ClusterArn = identifier(given)?;
        same_scope(scope, &arn.scope, given)?;
        Ok(arn.name)
    } else {
        identifier(given)
    }
}

/// The name for a new cluster: never an ARN.
pub fn new_cluster_name(given: Option<&str>) -> Result<ClusterName, api::Error> {
    let name = given.unwrap_or(DEFAULT_CLUSTER).parse();
    name.map_err(|error| api::Error::invalid_parameter(format!("clusterName: {error}.")))
}

/// The id of a task of this cluster from its id or ARN. Whether there is such a task is not asked.
pub fn task_id(cluster: &Cluster, given: &str) -> Result<TaskId, api::Error> {
    if !Arn::is_meant_by(given) {
        return id_of_length(given, "taskId");
    }
    if let Some(id) =
        id_in(&cluster.scope, &cluster.name, "task", given).and_then(|id| id.parse().ok())
    {
        return Ok(id);
    }
    let arn: TaskArn = identifier(given)?;
    same_scope(&cluster.scope, &arn.scope, given)?;
    same_cluster(cluster, arn.cluster.as_ref())?;
    Ok(arn.id)
}

/// A task of this cluster, stopped ones that are still remembered included.
pub fn task(
    view: &impl View,
    cluster: &Cluster,
    given: &str,
) -> Result<Option<Arc<Task>>, api::Error> {
    Ok(task_of(view, cluster, &task_id(cluster, given)?))
}

/// The task of this id, if it is one of this cluster's.
pub fn task_of(view: &impl View, cluster: &Cluster, id: &TaskId) -> Option<Arc<Task>> {
    view.table::<Task>().get_shared(id).filter(|task| task.cluster == cluster.id)
}

/// The id of a container instance of this cluster from its id or ARN.
pub fn container_instance_id(
    cluster: &Cluster,
    given: &str,
) -> Result<ContainerInstanceId, api::Error> {
    if !Arn::is_meant_by(given) {
        return id_of_length(given, "containerInstanceId");
    }
    if let Some(id) = id_in(&cluster.scope, &cluster.name, "container-instance", given)
        .and_then(|id| id.parse().ok())
    {
        return Ok(id);
    }
    let arn: ContainerInstanceArn = identifier(given)?;
    same_scope(&cluster.scope, &arn.scope, given)?;
    same_cluster(cluster, arn.cluster.as_ref())?;
    Ok(arn.id)
}

/// A container instance of this cluster, INACTIVE ones that are still remembered included.
pub fn container_instance(
    view: &impl View,
    cluster: &Cluster,
    given: &str,
) -> Result<Option<Arc<ContainerInstance>>, api::Error> {
    let id = container_instance_id(cluster, given)?;
    let instance = view.table::<ContainerInstance>().get_shared(&id);
    Ok(instance.filter(|instance| instance.cluster == cluster.id))
}

/// A family's name: never an ARN.
pub fn family(given: &str) -> Result<Family, api::Error> {
    identifier(given)
}

/// What `FAMILY`, `FAMILY:REVISION` or an ARN means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskDefinitionName {
    /// The family's latest ACTIVE revision.
    Latest(Family),
    Revision(FamilyRevision),
}

impl TaskDefinitionName {
    pub fn parse(scope: &Scope, given: &str) -> Result<Self, api::Error> {
        if Arn::is_meant_by(given) {
            let arn: TaskDefinitionArn = identifier(given)?;
            same_scope(scope, &arn.scope, given)?;
            Ok(Self::Revision(arn.revision))
        } else if given.contains(':') {
            identifier(given).map(Self::Revision)
        } else {
            identifier(given).map(Self::Latest)
        }
    }

    /// The revision meant, whatever its status if it was named in full.
    pub fn find(&self, view: &impl View, scope: &Scope) -> Option<Arc<TaskDefinition>> {
        let definitions = view.table::<TaskDefinition>();
        let indexes = definitions.indexes();
        let id = match self {
            Self::Latest(family) => {
                let from = (scope.clone(), family.clone(), 0);
                let to = (scope.clone(), family.clone(), u32::MAX);
                indexes.active.range(from..=to).next_back().map(|(_, id)| id)
            }
            Self::Revision(FamilyRevision { family, revision }) => {
                indexes.by_revision.first(&(scope.clone(), family.clone(), *revision))
            }
        };
        definitions.get_shared(id?)
    }
}

fn identifier<T: FromStr<Err: Display>>(given: &str) -> Result<T, api::Error> {
    given
        .parse()
        .map_err(|error| api::Error::invalid_parameter(format!("Invalid identifier: {error}")))
}

/// AWS: a bare id is first judged by its length, 32 digits or the older 36 with hyphens.
fn id_of_length<T: FromStr<Err: Display>>(given: &str, what: &str) -> Result<T, api::Error> {
    if !matches!(given.len(), 32 | 36) {
        return Err(api::Error::invalid_parameter(format!(
            "{what} length should be one of [32,36]"
        )));
    }
    identifier(given)
}

/// An ARN of another account, region or partition is never this request's.
pub fn same_scope(mine: &Scope, theirs: &Scope, given: &str) -> Result<(), api::Error> {
    let differs = |what: &str, theirs: &dyn Display, mine: &dyn Display| {
        let message = format!(
            "Invalid identifier: `{given}` is of {what} {theirs}; this request is for {what} {mine}."
        );
        Err(api::Error::invalid_parameter(message))
    };
    if theirs.partition != mine.partition {
        differs("partition", &theirs.partition, &mine.partition)
    } else if theirs.region != mine.region {
        differs("region", &theirs.region, &mine.region)
    } else if theirs.account != mine.account {
        differs("account", &theirs.account, &mine.account)
    } else {
        Ok(())
    }
}

/// The id in an ARN of something of this kind in this cluster, if it is written as most are. Those that are not are
/// parsed, which says what is wrong with them and costs ten times as much.
fn id_in<'a>(scope: &Scope, cluster: &ClusterName, kind: &str, arn: &'a str) -> Option<&'a str> {
    let Scope { partition, account, region } = scope;
    let rest = arn.strip_prefix("arn:")?.strip_prefix(partition.as_str())?.strip_prefix(":ecs:")?;
    let rest = rest.strip_prefix(region.as_str())?.strip_prefix(':')?;
    let (theirs, rest) = rest.split_at_checked(12)?;
    if theirs.parse() != Ok(*account) {
        return None;
    }
    let rest = rest.strip_prefix(':')?.strip_prefix(kind)?.strip_prefix('/')?;
    rest.strip_prefix(cluster.as_str())?.strip_prefix('/')
}

fn same_cluster(mine: &Cluster, theirs: Option<&ClusterName>) -> Result<(), api::Error> {
    match theirs {
        Some(theirs) if *theirs != mine.name => Err(api::Error::invalid_parameter(format!(
            "Identifier is for cluster {theirs}. Your cluster is {}",
            mine.name
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use berth_model::{ClusterName, Scope, TaskArn};

    use super::id_in;

    #[test]
    fn an_arn_that_is_not_parsed_means_what_it_means_parsed() {
        const ID: &str = "0123456789abcdef0123456789abcdef";
        let own: TaskArn = format!("arn:aws:ecs:us-east-1:000000000042:task/web/{ID}")
            .parse()
            .expect("is well-formed");
        let (scope, name): (Scope, ClusterName) =
            (own.scope.clone(), own.cluster.clone().expect("it says its cluster"));
        assert_eq!(id_in(&scope, &name, "task", &own.to_string()), Some(ID));
        for other in [
            format!("arn:aws-cn:ecs:us-east-1:000000000042:task/web/{ID}"),
            format!("arn:aws:ecs:us-east-2:000000000042:task/web/{ID}"),
            format!("arn:aws:ecs:us-east-1:000000000043:task/web/{ID}"),
            format!("arn:aws:ecs:us-east-1:42:task/web/{ID}"),
            format!("arn:aws:ecs:us-east-1:000000000042:task/webs/{ID}"),
            format!("arn:aws:ecs:us-east-1:000000000042:task/{ID}"),
            format!("arn:aws:ecs:us-east-1:000000000042:tasks/web/{ID}"),
            format!("arn:aws:iam:us-east-1:000000000042:task/web/{ID}"),
        ] {
            assert_eq!(id_in(&scope, &name, "task", &other), None, "{other}");
        }
    }
}
