//! The ARNs of ECS's own resources.

use std::fmt;
use std::str::FromStr;

use super::parts::Parts;
use super::{ArnError, ArnPart};
use crate::id::{
    ContainerId, ContainerInstanceId, ServiceDeploymentId, ServiceRevisionId, TaskId, TaskSetId,
};
use crate::name::{CapacityProviderName, ClusterName, Family, NameError, ServiceName};
use crate::scope::Scope;

fn write_ecs(
    f: &mut fmt::Formatter<'_>,
    scope: &Scope,
    resource: fmt::Arguments<'_>,
) -> fmt::Result {
    write!(f, "arn:{}:ecs:{}:{}:{resource}", scope.partition, scope.region, scope.account)
}

/// ARNs with one part after their kind.
macro_rules! plain_arns {
    ($($(#[$doc:meta])* $name:ident is $kind:literal, $field:ident: $part:ty;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            pub scope: Scope,
            pub $field: $part,
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_ecs(f, &self.scope, format_args!(concat!($kind, "/{}"), self.$field))
            }
        }

        impl FromStr for $name {
            type Err = ArnError;

            fn from_str(text: &str) -> Result<Self, ArnError> {
                let parts = Parts::split(text)?;
                let scope = parts.ecs_scope()?;
                let $field = parts.read_resource(parts.resource_of_kind($kind)?)?;
                Ok($name { scope, $field })
            }
        }
    )+};
}

/// ARNs of things inside a cluster, which the old format does not name.
macro_rules! clustered_arns {
    ($($(#[$doc:meta])* $name:ident is $kind:literal, $field:ident: $part:ty;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            pub scope: Scope,
            /// `None` in the old, short format.
            pub cluster: Option<ClusterName>,
            pub $field: $part,
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match &self.cluster {
                    Some(cluster) => {
                        write_ecs(f, &self.scope, format_args!(concat!($kind, "/{}/{}"), cluster, self.$field))
                    }
                    None => write_ecs(f, &self.scope, format_args!(concat!($kind, "/{}"), self.$field)),
                }
            }
        }

        impl FromStr for $name {
            type Err = ArnError;

            fn from_str(text: &str) -> Result<Self, ArnError> {
                let parts = Parts::split(text)?;
                let scope = parts.ecs_scope()?;
                let rest = parts.resource_of_kind($kind)?;
                let (cluster, $field) = match rest.split_once('/') {
                    Some((cluster, rest)) => (Some(parts.read_resource(cluster)?), rest),
                    None => (None, rest),
                };
                let $field = parts.read_resource($field)?;
                Ok($name { scope, cluster, $field })
            }
        }
    )+};
}

plain_arns! {
    /// `cluster/NAME`
    ClusterArn is "cluster", name: ClusterName;
    /// `capacity-provider/NAME`
    CapacityProviderArn is "capacity-provider", name: CapacityProviderName;
    /// `task-definition/FAMILY:REVISION`
    TaskDefinitionArn is "task-definition", revision: FamilyRevision;
}

clustered_arns! {
    /// `task/CLUSTER/ID`, before `task/ID`
    TaskArn is "task", id: TaskId;
    /// `container-instance/CLUSTER/ID`, before `container-instance/ID`
    ContainerInstanceArn is "container-instance", id: ContainerInstanceId;
    /// `service/CLUSTER/NAME`, before `service/NAME`
    ServiceArn is "service", name: ServiceName;
}

/// One revision of a family: `FAMILY:REVISION`, revisions counting from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FamilyRevision {
    pub family: Family,
    pub revision: u32,
}

impl fmt::Display for FamilyRevision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.family, self.revision)
    }
}

/// Why a text is not a family and its revision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FamilyRevisionError {
    #[error("`{0}` has no revision: `FAMILY:REVISION` expected")]
    NoRevision(String),
    #[error(transparent)]
    Family(#[from] NameError),
    #[error("`{0}` is not a revision: a number from 1 expected")]
    Revision(String),
}

impl FromStr for FamilyRevision {
    type Err = FamilyRevisionError;

    fn from_str(text: &str) -> Result<Self, FamilyRevisionError> {
        let (family, revision) =
            text.split_once(':').ok_or_else(|| FamilyRevisionError::NoRevision(text.to_owned()))?;
        let family = family.parse()?;
        // One spelling only, so that a revision is not found under two names.
        let number = revision
            .parse()
            .ok()
            .filter(|&number| number > 0 && revision == u32::to_string(&number));
        let revision = number.ok_or_else(|| FamilyRevisionError::Revision(revision.to_owned()))?;
        Ok(FamilyRevision { family, revision })
    }
}

/// ARNs of what a service has, with the cluster's name and the service's.
macro_rules! serviced_arns {
    ($($(#[$doc:meta])* $name:ident is $kind:literal, id: $id:ty;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            pub scope: Scope,
            pub cluster: ClusterName,
            pub service: ServiceName,
            pub id: $id,
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let $name { scope, cluster, service, id } = self;
                write_ecs(f, scope, format_args!(concat!($kind, "/{}/{}/{}"), cluster, service, id))
            }
        }

        impl FromStr for $name {
            type Err = ArnError;

            fn from_str(text: &str) -> Result<Self, ArnError> {
                let parts = Parts::split(text)?;
                let scope = parts.ecs_scope()?;
                let rest = parts.resource_of_kind($kind)?;
                let mut pieces = rest.splitn(3, '/');
                let (Some(cluster), Some(service), Some(id)) =
                    (pieces.next(), pieces.next(), pieces.next())
                else {
                    return Err(parts.error(ArnPart::Resource, rest, "`CLUSTER/SERVICE/ID` expected"));
                };
                Ok($name {
                    scope,
                    cluster: parts.read_resource(cluster)?,
                    service: parts.read_resource(service)?,
                    id: parts.read_resource(id)?,
                })
            }
        }
    )+};
}

serviced_arns! {
    /// `task-set/CLUSTER/SERVICE/ecs-svc/NUMBER`
    TaskSetArn is "task-set", id: TaskSetId;
    /// `service-revision/CLUSTER/SERVICE/NUMBER`
    ServiceRevisionArn is "service-revision", id: ServiceRevisionId;
    /// `service-deployment/CLUSTER/SERVICE/ID`
    ServiceDeploymentArn is "service-deployment", id: ServiceDeploymentId;
}

/// `container/CLUSTER/TASK/ID`, before `container/ID`; the id is written as a UUID.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerArn {
    pub scope: Scope,
    /// `None` in the old, short format.
    pub task: Option<(ClusterName, TaskId)>,
    pub id: ContainerId,
}

impl fmt::Display for ContainerArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id.hyphenated();
        match &self.task {
            Some((cluster, task)) => {
                write_ecs(f, &self.scope, format_args!("container/{cluster}/{task}/{id}"))
            }
            None => write_ecs(f, &self.scope, format_args!("container/{id}")),
        }
    }
}

impl FromStr for ContainerArn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        let parts = Parts::split(text)?;
        let scope = parts.ecs_scope()?;
        let rest = parts.resource_of_kind("container")?;
        let pieces: Vec<&str> = rest.splitn(4, '/').collect();
        let (task, id) = match pieces[..] {
            [id] => (None, id),
            [cluster, task, id] => {
                (Some((parts.read_resource(cluster)?, parts.read_resource(task)?)), id)
            }
            _ => {
                return Err(parts.error(
                    ArnPart::Resource,
                    rest,
                    "`CLUSTER/TASK/ID` or `ID` expected",
                ));
            }
        };
        Ok(ContainerArn { scope, task, id: parts.read_resource(id)? })
    }
}
