//! The clusters that requests mean, as policies speak of them: worked out once for each way to write one.

use std::fmt;
use std::fmt::Write;
use std::ops::Deref;
use std::sync::Arc;

use berth_control::cell::{Remembered, Snapshot};
use berth_control::pipeline::access::{Keys, Realm, Resource};
use berth_control::tables::{Record, TableId};
use berth_model::Scope;

use crate::resolve::{self, DEFAULT_CLUSTER};
use crate::tables::Cluster;

static TABLES: [TableId; 1] = [Cluster::TABLE];

/// As many ways to write clusters as are remembered.
const MOST: usize = 4096;

/// The condition key of what is in a cluster.
pub const IN_CLUSTER: &str = "ecs:cluster";
/// Room for most ARNs, so that they are not moved while they are written.
const LONG: usize = 112;

/// What callers lately meant by what they wrote, until any cluster changes.
pub struct Places(Remembered<String, Arc<Meant>>);

/// The cluster that a request means, whether or not there is such a one.
pub struct Place<'v> {
    meant: Arc<Meant>,
    /// In which the cluster was found, and what is in it is looked for.
    pub view: &'v Snapshot,
}

/// By what somebody wrote, in one account and region.
pub struct Meant {
    scope: Scope,
    pub arn: Arc<str>,
    /// As it is written in the ARNs of what is in it.
    pub name: String,
    pub cluster: Option<Arc<Cluster>>,
    resource: Resource,
    realms: [Arc<Realm>; SORTS.len()],
}

/// What is in clusters, and judged by the cluster that it is in.
#[derive(Clone, Copy)]
pub enum Sort {
    Task,
    ContainerInstance,
    Service,
    TaskSet,
}

/// In the order in which they are counted.
const SORTS: [Sort; 4] = [Sort::Task, Sort::ContainerInstance, Sort::Service, Sort::TaskSet];

impl Default for Places {
    fn default() -> Self {
        Places(Remembered::of(&TABLES, MOST))
    }
}

impl Places {
    pub fn of<'v>(&self, view: &'v Snapshot, scope: &Scope, given: Option<&str>) -> Place<'v> {
        let given = given.unwrap_or(DEFAULT_CLUSTER);
        let known = self.0.get(view, given).filter(|known| known.scope == *scope);
        let meant = known.unwrap_or_else(|| {
            let meant = Arc::new(Meant::of(view, scope, given));
            self.0.keep(view, given.to_owned(), meant.clone());
            meant
        });
        Place { meant, view }
    }
}

impl Meant {
    /// What is no cluster's name, an ARN of something else included, is judged as a cluster that does not exist.
    fn of(view: &Snapshot, scope: &Scope, given: &str) -> Self {
        let (name, cluster) = match resolve::cluster_name(scope, Some(given)) {
            Ok(name) => (name.as_str().to_owned(), resolve::cluster_named(view, scope, name)),
            Err(_) => (given.to_owned(), None),
        };
        let arn: Arc<str> = arn_text(scope, format_args!("cluster/{name}")).into();
        let resource = Resource::named(arn.clone());
        let resource = match &cluster {
            Some(cluster) => resource.tagged(&cluster.tags),
            None => resource,
        };
        let realms = SORTS.map(|sort| {
            let prefix = arn_text(scope, format_args!("{}/{name}/", sort.as_str()));
            Arc::new(Realm::new(prefix, Keys::new().with(IN_CLUSTER, arn.clone())))
        });
        Meant { scope: scope.clone(), arn, name, cluster, resource, realms }
    }

    /// All that is of this sort in the cluster.
    pub fn realm(&self, sort: Sort) -> &Arc<Realm> {
        &self.realms[sort as usize]
    }
}

impl Sort {
    /// In ARNs.
    fn as_str(self) -> &'static str {
        match self {
            Sort::Task => "task",
            Sort::ContainerInstance => "container-instance",
            Sort::Service => "service",
            Sort::TaskSet => "task-set",
        }
    }
}

impl Place<'_> {
    pub fn resource(&self) -> Resource {
        self.resource.clone()
    }

    /// Something in the cluster.
    pub fn arn_of(&self, sort: Sort, rest: impl fmt::Display) -> Resource {
        let prefix = self.realm(sort).prefix();
        let mut arn = String::with_capacity(LONG);
        arn.push_str(prefix);
        write!(arn, "{rest}").expect("a string has room");
        Resource::named(arn)
    }
}

impl Deref for Place<'_> {
    type Target = Meant;

    fn deref(&self) -> &Meant {
        &self.meant
    }
}

/// The ARN of something of ECS's.
pub fn arn_text(scope: &Scope, resource: fmt::Arguments<'_>) -> String {
    let Scope { partition, account, region } = scope;
    let mut arn = String::with_capacity(LONG);
    write!(arn, "arn:{partition}:ecs:{region}:{account}:{resource}").expect("a string has room");
    arn
}
