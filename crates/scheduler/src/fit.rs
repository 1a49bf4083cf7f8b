//! What rules an instance out.
//!
//! The checks go from what is most lasting to what is most fleeting, and the first that fails is the
//! one told, since an instance without the right attribute is not helped by more memory.

use berth_model::ContainerInstanceStatus;

use crate::instance::Instance;
use crate::plan::{Reason, Refusal};
use crate::request::{Constraint, Gpus, Request};

/// Whether this very instance can take one task of the request.
pub fn check_one(instance: &Instance, request: &Request) -> Result<(), Refusal> {
    match obstacle(instance, request) {
        None => Ok(()),
        Some(reason) => Err(refusal(instance, request, reason)),
    }
}

pub(crate) fn obstacle(instance: &Instance, request: &Request) -> Option<Reason> {
    standing_obstacle(instance, request).or_else(|| passing_obstacle(instance, request))
}

/// What no placement of this request changes.
pub(crate) fn standing_obstacle(instance: &Instance, request: &Request) -> Option<Reason> {
    if instance.status != ContainerInstanceStatus::Active {
        return Some(Reason::Inactive);
    }
    if !instance.agent_connected {
        return Some(Reason::Agent);
    }
    if is_of_another_provider(instance, request) {
        return Some(Reason::CapacityProvider);
    }
    if instance.launch_type != request.launch_type || missing_attribute(instance, request).is_some()
    {
        return Some(Reason::Attribute);
    }
    unmet_expression(instance, request, false).map(|_| Reason::MemberOf)
}

/// What a placement of this request may change.
pub(crate) fn passing_obstacle(instance: &Instance, request: &Request) -> Option<Reason> {
    if unmet_expression(instance, request, true).is_some() {
        return Some(Reason::MemberOf);
    }
    if request.constraints.contains(&Constraint::DistinctInstance)
        && instance.tasks_in(&request.group) > 0
    {
        return Some(Reason::DistinctInstance);
    }
    let (demand, left) = (&request.demand, &instance.remaining);
    if left.cpu < demand.cpu {
        return Some(Reason::Cpu);
    }
    if left.memory < demand.memory {
        return Some(Reason::Memory);
    }
    if port_trouble(instance, request).is_some() {
        return Some(Reason::Ports);
    }
    let has_gpus = match demand.gpus {
        Gpus::Number(number) => left.gpus >= number,
        Gpus::All => left.gpus > 0 && left.taken_gpus == 0,
    };
    if !has_gpus {
        return Some(Reason::Gpu);
    }
    if left.network_interfaces < demand.network_interfaces {
        return Some(Reason::NetworkInterfaces);
    }
    if request.tasks_per_instance.is_some_and(|most| instance.tasks() >= most) {
        return Some(Reason::Tasks);
    }
    None
}

/// The refusal with the numbers behind the reason.
pub(crate) fn refusal(instance: &Instance, request: &Request, reason: Reason) -> Refusal {
    let (demand, left) = (&request.demand, &instance.remaining);
    let detail = match reason {
        Reason::NoInstances | Reason::EmptyCapacityProvider | Reason::Missing => String::new(),
        Reason::Inactive => format!("the instance is {}", instance.status),
        Reason::Agent => "the agent is not connected".to_owned(),
        Reason::CapacityProvider => match &instance.capacity_provider {
            Some(provider) => format!("the instance is of the capacity provider {provider}"),
            None => "the instance is of no capacity provider".to_owned(),
        },
        Reason::Attribute => match missing_attribute(instance, request) {
            Some(attribute) => match &attribute.value {
                Some(value) => format!("the attribute {} is not {value}", attribute.name),
                None => format!("the attribute {} is missing", attribute.name),
            },
            None => {
                format!("{} asked, the instance is {}", request.launch_type, instance.launch_type)
            }
        },
        Reason::MemberOf => unmet_expression(instance, request, false)
            .or_else(|| unmet_expression(instance, request, true))
            .map_or_else(String::new, |expression| format!("not so: {expression}")),
        Reason::DistinctInstance => format!("a task of {} is here already", request.group),
        Reason::Cpu => format!("{} CPU units asked, {} left", demand.cpu, left.cpu),
        Reason::Memory => format!("{} MiB asked, {} left", demand.memory, left.memory),
        Reason::Ports => port_trouble(instance, request).unwrap_or_default(),
        Reason::Gpu => format!("{} GPUs asked, {} left", demand.gpus, left.gpus),
        Reason::NetworkInterfaces => {
            format!(
                "{} network interfaces asked, {} left",
                demand.network_interfaces, left.network_interfaces
            )
        }
        Reason::Tasks => format!("{} tasks are here already", instance.tasks()),
    };
    Refusal { instance: Some(instance.id), reason, detail }
}

fn is_of_another_provider(instance: &Instance, request: &Request) -> bool {
    request.capacity_provider.is_some() && instance.capacity_provider != request.capacity_provider
}

fn missing_attribute<'a>(
    instance: &Instance,
    request: &'a Request,
) -> Option<&'a crate::RequiredAttribute> {
    request.required_attributes.iter().find(|required| {
        match (instance.attributes.get(&required.name), &required.value) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(value), Some(_)) => *value != required.value,
        }
    })
}

fn unmet_expression<'a>(
    instance: &Instance,
    request: &'a Request,
    about_tasks: bool,
) -> Option<&'a crate::query::Expression> {
    let expressions = request.constraints.iter().filter_map(|constraint| match constraint {
        Constraint::MemberOf(expression) => Some(&**expression),
        Constraint::DistinctInstance => None,
    });
    expressions
        .filter(|expression| expression.depends_on_tasks() == about_tasks)
        .find(|expression| !expression.matches(instance))
}

fn port_trouble(instance: &Instance, request: &Request) -> Option<String> {
    let (demand, left) = (&request.demand, &instance.remaining);
    for (protocol, wanted, taken, open, promised) in [
        ("TCP", &demand.tcp_ports, &left.taken_tcp, demand.dynamic_tcp_ports, left.promised_tcp),
        ("UDP", &demand.udp_ports, &left.taken_udp, demand.dynamic_udp_ports, left.promised_udp),
    ] {
        if let Some(port) = wanted.first_common(taken) {
            return Some(format!("{protocol} port {port} is taken"));
        }
        // The ports named by the task itself leave the range too.
        let named =
            wanted.iter().filter(|port| crate::PortSet::DYNAMIC.contains(port)).count() as u32;
        let free = taken.dynamic_ports_outside().saturating_sub(promised).saturating_sub(named);
        if free < open {
            return Some(format!("{open} open {protocol} ports asked, {free} left"));
        }
    }
    None
}
