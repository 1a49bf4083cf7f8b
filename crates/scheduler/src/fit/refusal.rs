//! A refusal in words, with the numbers behind its reason.

use super::{changing, questions};
use crate::fleet::survey::Question;
use crate::instance::Instance;
use crate::plan::{Reason, Refusal};
use crate::ports::PortSet;
use crate::request::{Request, RequiredAttribute};

/// Why `instance` refuses, given that it does so for this reason.
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
        Reason::MemberOf => unmet_expression(instance, request)
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

fn missing_attribute<'a>(
    instance: &Instance,
    request: &'a Request,
) -> Option<&'a RequiredAttribute> {
    request.required_attributes.iter().find(|required| !required.is_met_by(&instance.attributes))
}

fn unmet_expression(instance: &Instance, request: &Request) -> Option<String> {
    let standing = questions(request).into_iter().filter_map(|(question, _)| match question {
        Question::Member(expression) => Some(expression),
        _ => None,
    });
    let mut expressions = standing.chain(changing(request).cloned());
    expressions.find(|expression| !expression.matches(instance)).map(|unmet| unmet.to_string())
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
        let named = PortSet::DYNAMIC.len() as u32 - wanted.dynamic_ports_outside();
        let free = taken.dynamic_ports_outside().saturating_sub(promised).saturating_sub(named);
        if free < open {
            return Some(format!("{open} open {protocol} ports asked, {free} left"));
        }
    }
    None
}
