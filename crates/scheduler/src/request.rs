//! What is to be placed, and what it asks of an instance.

use std::sync::Arc;

use berth_model::{CpuUnits, LaunchType, MemoryMib};

use crate::attributes::Attributes;
use crate::ports::PortSet;
use crate::query::Expression;
use crate::strategy::Strategy;

/// Equal tasks to place together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub count: u32,
    /// Tasks of one group spread and keep apart from one another: `service:web`, `family:batch`.
    pub group: Arc<str>,
    pub launch_type: LaunchType,
    /// Only on instances of this capacity provider; `None`: on any.
    pub capacity_provider: Option<Arc<str>>,
    pub demand: Demand,
    pub required_attributes: Vec<RequiredAttribute>,
    /// Of the task definition and of the request; all of them bind.
    pub constraints: Vec<Constraint>,
    /// Earlier ones weigh more; with none, the instance with the lowest id wins.
    pub strategies: Vec<Strategy>,
    /// Decides between equals where a strategy is `random`.
    pub seed: u64,
    /// How many tasks an instance may have at all; ECS has no such limit today.
    pub tasks_per_instance: Option<u32>,
}

/// What one task takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Demand {
    pub cpu: CpuUnits,
    pub memory: MemoryMib,
    pub gpus: Gpus,
    pub network_interfaces: u32,
    /// Host ports named by the task definition.
    pub tcp_ports: PortSet,
    pub udp_ports: PortSet,
    /// Host ports that the agent may choose.
    pub dynamic_tcp_ports: u32,
    pub dynamic_udp_ports: u32,
}

/// A GPU belongs to one task at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gpus {
    Number(u32),
    /// Every one that the instance has, and it must have some.
    All,
}

impl Default for Gpus {
    fn default() -> Self {
        Gpus::Number(0)
    }
}

impl std::fmt::Display for Gpus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Gpus::Number(number) => write!(f, "{number}"),
            Gpus::All => f.write_str("all"),
        }
    }
}

/// Something that an instance must say about itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequiredAttribute {
    pub name: String,
    /// `None`: whatever its value.
    pub value: Option<String>,
}

impl RequiredAttribute {
    pub(crate) fn is_met_by(&self, attributes: &Attributes) -> bool {
        match attributes.get(&self.name) {
            None => false,
            Some(value) => self.value.is_none() || *value == self.value,
        }
    }
}

/// A rule that no placement may break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Constraint {
    /// No two tasks of the group on one instance.
    DistinctInstance,
    MemberOf(Arc<Expression>),
}
