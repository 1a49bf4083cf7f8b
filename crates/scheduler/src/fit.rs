//! What rules an instance out.
//!
//! The checks go from what is most lasting to what is most fleeting, and the first that fails is the
//! one told, since an instance without the right attribute is not helped by more memory. Three kinds follow
//! one another: whether the instance is in service, what it is ([`questions`]), and what it has left
//! ([`Needs`]). Tasks of one request are all alike, so an instance after some of them is only a number away
//! from what it is now: how many have been `placed`.

mod refusal;

use crate::fleet::figures::Figures;
use crate::fleet::survey::Question;
use crate::instance::Instance;
use crate::plan::{Reason, Refusal};
use crate::query::Expression;
use crate::request::{Constraint, Gpus, Request};

pub(crate) use refusal::refusal;

/// Whether this very instance can take one task of the request.
pub fn check_one(instance: &Instance, request: &Request) -> Result<(), Refusal> {
    match obstacle(instance, request) {
        None => Ok(()),
        Some(reason) => Err(refusal(instance, request, reason)),
    }
}

pub(crate) fn obstacle(instance: &Instance, request: &Request) -> Option<Reason> {
    let figures = Figures::of(instance);
    let unfit = || questions(request).into_iter().find(|(question, _)| !question.answer(instance));
    out_of_service(&figures)
        .or_else(|| unfit().map(|(_, reason)| reason))
        .or_else(|| changing(request).find(|it| !it.matches(instance)).map(|_| Reason::MemberOf))
        .or_else(|| Needs::of(request).obstacle(&figures, Here::of(instance, request), 0))
}

pub(crate) fn out_of_service(figures: &Figures) -> Option<Reason> {
    if !figures.in_service {
        return Some(Reason::Inactive);
    }
    (!figures.agent_connected).then_some(Reason::Agent)
}

/// What an instance must be, whatever runs on it, and the reason to tell if it is not.
pub(crate) fn questions(request: &Request) -> Vec<(Question, Reason)> {
    let provider = request.capacity_provider.iter().cloned();
    let attributes = request.required_attributes.iter().cloned();
    let standing = members(request).filter(|expression| expression.is_standing());
    let mut questions: Vec<_> = provider
        .map(|provider| (Question::CapacityProvider(provider), Reason::CapacityProvider))
        .collect();
    questions.push((Question::LaunchType(request.launch_type), Reason::Attribute));
    questions.extend(attributes.map(|required| (Question::Attribute(required), Reason::Attribute)));
    questions.extend(standing.map(|it| (Question::Member(it.clone()), Reason::MemberOf)));
    questions
}

/// Expressions whose answer tasks or the agent may change.
pub(crate) fn changing(request: &Request) -> impl Iterator<Item = &std::sync::Arc<Expression>> {
    members(request).filter(|expression| !expression.is_standing())
}

fn members(request: &Request) -> impl Iterator<Item = &std::sync::Arc<Expression>> {
    request.constraints.iter().filter_map(|constraint| match constraint {
        Constraint::MemberOf(expression) => Some(expression),
        Constraint::DistinctInstance => None,
    })
}

/// What figures do not say about an instance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Here {
    /// Tasks of the request's group.
    pub(crate) group_tasks: u32,
    /// Another task has a port that the request names.
    pub(crate) named_port_taken: bool,
}

impl Here {
    pub(crate) fn of(instance: &Instance, request: &Request) -> Self {
        let (demand, left) = (&request.demand, &instance.remaining);
        Here {
            group_tasks: instance.tasks_in(&request.group),
            named_port_taken: demand.tcp_ports.first_common(&left.taken_tcp).is_some()
                || demand.udp_ports.first_common(&left.taken_udp).is_some(),
        }
    }
}

/// What a task of the request needs an instance to have left.
#[derive(Debug, Clone)]
pub(crate) struct Needs {
    cpu: u32,
    memory: u32,
    gpus: Gpus,
    network_interfaces: u32,
    tcp: Ports,
    udp: Ports,
    distinct: bool,
    most_tasks: u32,
}

#[derive(Debug, Clone, Copy)]
struct Ports {
    /// For the agent to choose.
    open: u32,
    /// Named by the task itself.
    named: bool,
    /// As many of those are in the range from which agents choose.
    named_in_range: u32,
}

impl Needs {
    pub(crate) fn of(request: &Request) -> Self {
        let demand = &request.demand;
        let ports = |named: &crate::PortSet, open| Ports {
            open,
            named: !named.is_empty(),
            named_in_range: crate::PortSet::DYNAMIC.len() as u32 - named.dynamic_ports_outside(),
        };
        Needs {
            cpu: demand.cpu.0,
            memory: demand.memory.0,
            gpus: demand.gpus,
            network_interfaces: demand.network_interfaces,
            tcp: ports(&demand.tcp_ports, demand.dynamic_tcp_ports),
            udp: ports(&demand.udp_ports, demand.dynamic_udp_ports),
            distinct: request.constraints.contains(&Constraint::DistinctInstance),
            most_tasks: request.tasks_per_instance.unwrap_or(u32::MAX),
        }
    }

    /// What keeps another task away from an instance that got so many of this request since its figures were taken.
    pub(crate) fn obstacle(&self, figures: &Figures, here: Here, placed: u32) -> Option<Reason> {
        let enough =
            |left: u32, each: u32| u64::from(left) >= u64::from(each) * (u64::from(placed) + 1);
        if self.distinct && (here.group_tasks > 0 || placed > 0) {
            return Some(Reason::DistinctInstance);
        }
        if !enough(figures.cpu, self.cpu) {
            return Some(Reason::Cpu);
        }
        if !enough(figures.memory, self.memory) {
            return Some(Reason::Memory);
        }
        let ports_taken = here.named_port_taken || (self.names_ports() && placed > 0);
        if ports_taken
            || !self.tcp.fit(figures.open_tcp, placed)
            || !self.udp.fit(figures.open_udp, placed)
        {
            return Some(Reason::Ports);
        }
        let has_gpus = match self.gpus {
            Gpus::Number(number) => enough(figures.gpus, number),
            Gpus::All => figures.gpus > 0 && figures.taken_gpus == 0 && placed == 0,
        };
        if !has_gpus {
            return Some(Reason::Gpu);
        }
        if !enough(figures.network_interfaces, self.network_interfaces) {
            return Some(Reason::NetworkInterfaces);
        }
        // Without a limit `most_tasks` is more than any instance has.
        (figures.tasks.saturating_add(placed) >= self.most_tasks).then_some(Reason::Tasks)
    }

    pub(crate) fn names_ports(&self) -> bool {
        self.tcp.named || self.udp.named
    }

    pub(crate) fn cpu_after(&self, figures: &Figures, placed: u32) -> u32 {
        figures.cpu.saturating_sub(self.cpu.saturating_mul(placed))
    }

    pub(crate) fn memory_after(&self, figures: &Figures, placed: u32) -> u32 {
        figures.memory.saturating_sub(self.memory.saturating_mul(placed))
    }
}

impl Ports {
    /// The ports that the task names leave the range, too.
    fn fit(self, free: u32, placed: u32) -> bool {
        let asked = u64::from(self.open) * (u64::from(placed) + 1);
        self.open == 0 || asked + u64::from(self.named_in_range) <= u64::from(free)
    }
}
