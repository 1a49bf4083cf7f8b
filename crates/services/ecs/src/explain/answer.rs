//! What is answered, as JSON.

use std::collections::BTreeMap;

use berth_scheduler::{Constraint, Demand, Reason, Request, Standings, Strategy};
use serde::Serialize;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    pub cluster_arn: String,
    /// The task that was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// The service that was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// What was asked of the scheduler: for a task or a service, where another one would run.
    pub asked: Asked,
    /// How many instances the cluster has.
    pub instances: usize,
    /// How many of them each cause rules out now, the most lasting first.
    pub ruled_out: Vec<RuledOut>,
    /// Where the tasks would go, in order.
    pub placements: Vec<Placement>,
    pub unplaced: u32,
    /// Where there are too few places, what rules instances out by the time that the last one is taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exhausted: Vec<RuledOut>,
    /// Every instance: those that fit, the best first, and then the others.
    pub candidates: Vec<Candidate>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    pub task_arn: String,
    pub last_status: String,
    pub desired_status: String,
    pub group: String,
    /// In seconds since the epoch.
    pub created_at: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_by: Option<String>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_instance: Option<Instance>,
    /// Why it is still ACTIVATING, if it cannot be a target yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_target: Option<NoTarget>,
    /// What was decided when it was placed, if that is still known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decided>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    pub service_arn: String,
    pub status: String,
    pub scheduling_strategy: String,
    pub desired_count: u32,
    /// Those that are not STOPPED.
    pub tasks: Vec<ServiceTask>,
    pub tasks_by_zone: BTreeMap<String, usize>,
    /// What its deployments could not place when they last tried.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unplaced: Vec<Unplaced>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceTask {
    pub task_arn: String,
    pub last_status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_instance: Option<Instance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_target: Option<NoTarget>,
    /// As they were when it was placed, if that is still known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub standings: Vec<Standing>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NoTarget {
    pub target_group_arn: String,
    pub error: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unplaced {
    pub deployment: String,
    pub tasks: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Those that they were meant for, to even out zones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub availability_zones: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Decided {
    pub at: f64,
    /// Which task of its request it was, from 1, and of how many.
    pub number: usize,
    pub count: u32,
    pub instances: usize,
    pub ruled_out: Vec<RuledOut>,
    pub standings: Vec<Standing>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Instance {
    pub container_instance_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ec2_instance_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Placement {
    #[serde(flatten)]
    pub instance: Instance,
    pub standings: Vec<Standing>,
}

/// Either `rank` and `standings`, or `reason` and `detail`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    #[serde(flatten)]
    pub instance: Instance,
    #[serde(flatten)]
    pub verdict: Verdict,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Verdict {
    Fits { rank: usize, standings: Vec<Standing> },
    RuledOut { reason: &'static str, detail: String },
}

/// By one strategy, in words.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    pub strategy: String,
    pub standing: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuledOut {
    /// ECS's word for it.
    pub reason: &'static str,
    pub meaning: &'static str,
    pub instances: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    pub count: u32,
    pub group: String,
    pub launch_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_provider: Option<String>,
    pub cpu: u32,
    pub memory: u32,
    /// What else a task takes, where it takes any.
    #[serde(flatten)]
    pub more: BTreeMap<&'static str, serde_json::Value>,
    pub required_attributes: Vec<String>,
    pub placement_constraints: Vec<String>,
    pub placement_strategy: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tasks_per_instance: Option<u32>,
    /// Constraints and strategies were given when the task was run and are not known any more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub without_those_of_the_run: bool,
}

impl Asked {
    pub fn new(request: &Request, without_those_of_the_run: bool) -> Self {
        let attributes = request.required_attributes.iter().map(|required| match &required.value {
            Some(value) => format!("{}={value}", required.name),
            None => required.name.clone(),
        });
        let constraints = request.constraints.iter().map(|constraint| match constraint {
            Constraint::DistinctInstance => "distinctInstance".to_owned(),
            Constraint::MemberOf(expression) => format!("memberOf({expression})"),
        });
        Asked {
            count: request.count,
            group: request.group.to_string(),
            launch_type: request.launch_type.as_str(),
            capacity_provider: request.capacity_provider.as_deref().map(str::to_owned),
            cpu: request.demand.cpu.0,
            memory: request.demand.memory.0,
            more: more(&request.demand),
            required_attributes: attributes.collect(),
            placement_constraints: constraints.collect(),
            placement_strategy: request.strategies.iter().map(Strategy::to_string).collect(),
            tasks_per_instance: request.tasks_per_instance,
            without_those_of_the_run,
        }
    }
}

fn more(demand: &Demand) -> BTreeMap<&'static str, serde_json::Value> {
    let mut more = BTreeMap::new();
    if demand.gpus != berth_scheduler::Gpus::default() {
        more.insert("gpus", demand.gpus.to_string().into());
    }
    for (name, ports) in [("tcpPorts", &demand.tcp_ports), ("udpPorts", &demand.udp_ports)] {
        if !ports.is_empty() {
            more.insert(name, ports.iter().collect::<Vec<u16>>().into());
        }
    }
    for (name, number) in [
        ("openTcpPorts", demand.dynamic_tcp_ports),
        ("openUdpPorts", demand.dynamic_udp_ports),
        ("networkInterfaces", demand.network_interfaces),
    ] {
        if number > 0 {
            more.insert(name, number.into());
        }
    }
    more
}

pub fn ruled_out(counts: &BTreeMap<Reason, usize>) -> Vec<RuledOut> {
    let ruled_out = |(reason, instances): (&Reason, &usize)| RuledOut {
        reason: reason.as_str(),
        meaning: reason.in_words(),
        instances: *instances,
    };
    counts.iter().map(ruled_out).collect()
}

pub fn standings(strategies: &[Strategy], standings: &Standings) -> Vec<Standing> {
    let standing = |(strategy, standing): (&Strategy, &berth_scheduler::Standing)| Standing {
        strategy: strategy.to_string(),
        standing: standing.in_words(strategy).to_string(),
    };
    strategies.iter().zip(standings).map(standing).collect()
}
