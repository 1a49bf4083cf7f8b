//! What a placement decided.

use std::fmt;

use berth_model::ContainerInstanceId;

use crate::explanation::Explanation;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// One per task that found a place, in the order of placing.
    pub placements: Vec<Placement>,
    /// How many tasks found none; [`refusals`](crate::refusals) tells why.
    pub unplaced: u32,
    pub explanation: Explanation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    pub instance: ContainerInstanceId,
}

/// An entry of the API's `failures`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `None`: the cluster as a whole refused.
    pub instance: Option<ContainerInstanceId>,
    pub reason: Reason,
    /// What was asked and what there is.
    pub detail: String,
}

/// Why an instance does not take a task.
///
/// AWS: developer guide, api_failures_messages. Its LOCATION says that an instance is in another availability zone than the
/// subnets of an awsvpc task; no task has subnets yet, so nobody is told that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    NoInstances,
    /// The capacity provider asked for has none.
    EmptyCapacityProvider,
    /// Nobody in the cluster has this id. Never told by this crate, which sees only what is there.
    Missing,
    Inactive,
    Agent,
    CapacityProvider,
    Attribute,
    MemberOf,
    DistinctInstance,
    Cpu,
    Memory,
    Ports,
    Gpu,
    NetworkInterfaces,
    Tasks,
}

impl Reason {
    /// How many there are.
    pub(crate) const COUNT: usize = Reason::Tasks as usize + 1;

    pub(crate) const ALL: [Reason; Reason::COUNT] = [
        Reason::NoInstances,
        Reason::EmptyCapacityProvider,
        Reason::Missing,
        Reason::Inactive,
        Reason::Agent,
        Reason::CapacityProvider,
        Reason::Attribute,
        Reason::MemberOf,
        Reason::DistinctInstance,
        Reason::Cpu,
        Reason::Memory,
        Reason::Ports,
        Reason::Gpu,
        Reason::NetworkInterfaces,
        Reason::Tasks,
    ];

    /// AWS's word for it, the `reason` of a failure.
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::NoInstances => "No Container Instances were found in your cluster.",
            Reason::EmptyCapacityProvider => "EMPTY CAPACITY PROVIDER",
            Reason::Missing => "MISSING",
            Reason::Inactive => "INACTIVE",
            Reason::Agent => "AGENT",
            // Never in `failures`, as on AWS: such instances are not considered at all.
            Reason::CapacityProvider => "CAPACITY PROVIDER",
            Reason::Attribute => "ATTRIBUTE",
            Reason::MemberOf => "MemberOf placement constraint unsatisfied.",
            Reason::DistinctInstance => "DistinctInstance placement constraint unsatisfied.",
            Reason::Cpu => "RESOURCE:CPU",
            Reason::Memory => "RESOURCE:MEMORY",
            Reason::Ports => "RESOURCE:PORTS",
            Reason::Gpu => "RESOURCE:GPU",
            Reason::NetworkInterfaces => "RESOURCE:ENI",
            // DEVIATES: only the classic limits count tasks, and AWS publishes no word for that refusal.
            Reason::Tasks => "RESOURCE:TASKS",
        }
    }

    /// For people, after a number of instances.
    pub const fn in_words(self) -> &'static str {
        match self {
            Reason::NoInstances | Reason::EmptyCapacityProvider | Reason::Missing => "not there",
            Reason::Inactive => "not in service",
            Reason::Agent => "without a connected agent",
            Reason::CapacityProvider => "of another capacity provider",
            Reason::Attribute => "without a required attribute",
            Reason::MemberOf => "outside a memberOf constraint",
            Reason::DistinctInstance => "with a task of the group already",
            Reason::Cpu => "short of CPU",
            Reason::Memory => "short of memory",
            Reason::Ports => "short of a port",
            Reason::Gpu => "short of GPUs",
            Reason::NetworkInterfaces => "short of network interfaces",
            Reason::Tasks => "full of tasks",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
