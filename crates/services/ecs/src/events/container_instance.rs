//! ECS Container Instance State Change.

use std::collections::BTreeSet;

use berth_aws_api::ecs as api;
use berth_control::tables::{Changed, View};

use super::detail::{self, Detail};
use super::told::{Tells, Told};
use crate::render;
use crate::tables::{Cluster, ContainerInstance, InstanceState, Reservation, Subject, Task, Usage};

impl Tells for ContainerInstance {
    fn tell(change: Changed<'_, Self>, told: &mut Told) {
        match change {
            Changed { before: Some(before), after: None } => told.gone.push(before.id),
            Changed { before, after: Some(instance) } => {
                if before.map(|before| before.version) != Some(instance.version) {
                    told.instances.insert(instance.id);
                }
            }
            Changed { before: None, after: None } => {}
        }
    }
}

/// The instance as it is.
pub fn subject(view: &impl View, instance: &ContainerInstance) -> Subject {
    let usage = view.table::<Task>().indexes().usage.get(&instance.id).clone();
    Subject::ContainerInstance(InstanceState {
        id: instance.id,
        version: render::container_instance_version(view, instance),
        status: instance.status,
        status_reason: instance.status_reason.clone(),
        agent_connected: instance.agent_connected,
        taken: Reservation {
            cpu: usage.cpu,
            memory: usage.memory,
            tcp: usage.tcp.into(),
            udp: usage.udp.into(),
            gpus: usage.gpus.into(),
            dynamic_tcp: usage.dynamic_tcp,
            dynamic_udp: usage.dynamic_udp,
        },
    })
}

/// AWS: the detail is like DescribeContainerInstances' answer, but without tags and counts of tasks, and a resource
/// has the one number that it has.
pub fn detail(cluster: &Cluster, instance: &ContainerInstance, state: &InstanceState) -> Detail {
    let as_it_was = ContainerInstance {
        status: state.status,
        status_reason: state.status_reason.clone(),
        agent_connected: state.agent_connected,
        ..instance.clone()
    };
    let Reservation { cpu, memory, tcp, udp, gpus, dynamic_tcp, dynamic_udp } = state.taken.clone();
    let (tcp, udp, gpus) = (BTreeSet::clone(&tcp), BTreeSet::clone(&udp), BTreeSet::clone(&gpus));
    let (counts, groups) = Default::default();
    let usage = Usage { cpu, memory, tcp, udp, gpus, dynamic_tcp, dynamic_udp, counts, groups };
    let shown = render::container_instance_as(cluster, &as_it_was, state.version, &usage);
    let shown = api::ContainerInstance {
        running_tasks_count: None,
        pending_tasks_count: None,
        tags: None,
        registered_resources: shown.registered_resources.map(of_one_kind),
        remaining_resources: shown.remaining_resources.map(of_one_kind),
        ..shown
    };
    let mut members = detail::members(&shown);
    members.insert("clusterArn".to_owned(), render::cluster_arn(cluster).to_string().into());
    let resource = render::container_instance_arn(cluster, instance).to_string();
    Detail { resource, members }
}

fn of_one_kind(resources: Vec<api::Resource>) -> Vec<api::Resource> {
    let bare = |resource: api::Resource| api::Resource {
        double_value: None,
        long_value: None,
        integer_value: resource.integer_value.filter(|_| resource.string_set_value.is_none()),
        ..resource
    };
    resources.into_iter().map(bare).collect()
}
