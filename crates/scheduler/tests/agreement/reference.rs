//! A second scheduler, as plain as can be: for every task it looks at every instance anew.
//!
//! It keeps nothing from one task to the next and shares no rule with the real one but the query language.
//! The benchmark holds the real one against it, too.

use std::collections::{BTreeMap, BTreeSet};

use berth_model::{ContainerInstanceId, ContainerInstanceStatus};
use berth_scheduler::{
    BinpackField, Constraint, Fleet, Gpus, Instance, PortSet, Request, SpreadField, Strategy,
};

pub fn reference(fleet: &Fleet, request: &Request) -> Vec<ContainerInstanceId> {
    let mut world: Vec<Instance> = fleet.iter().cloned().collect();
    let mut placed = Vec::new();
    for round in 0..request.count {
        let Some(index) = best(&world, request, round) else { break };
        let chosen = &mut world[index];
        placed.push(chosen.id);
        chosen.remaining.cpu.0 -= request.demand.cpu.0;
        chosen.remaining.memory.0 -= request.demand.memory.0;
        chosen.remaining.network_interfaces -= request.demand.network_interfaces;
        let gpus = match request.demand.gpus {
            Gpus::Number(number) => number,
            Gpus::All => chosen.remaining.gpus,
        };
        chosen.remaining.gpus -= gpus;
        chosen.remaining.taken_gpus += gpus;
        chosen.remaining.promised_tcp += request.demand.dynamic_tcp_ports;
        chosen.remaining.promised_udp += request.demand.dynamic_udp_ports;
        for port in request.demand.tcp_ports.iter() {
            assert!(chosen.remaining.taken_tcp.insert(port));
        }
        for port in request.demand.udp_ports.iter() {
            assert!(chosen.remaining.taken_udp.insert(port));
        }
        chosen.pending_tasks += 1;
        *chosen.tasks_by_group.entry(request.group.clone()).or_insert(0) += 1;
    }
    placed
}

fn best(world: &[Instance], request: &Request, round: u32) -> Option<usize> {
    let before_a_lot =
        || request.strategies.iter().take_while(|strategy| **strategy != Strategy::Random);
    // What each strategy needs to know of the whole fleet.
    let totals: Vec<BTreeMap<Option<&str>, u64>> =
        before_a_lot().map(|strategy| tasks_by_value(world, strategy, request)).collect();
    let key = |instance: &Instance| -> Vec<u64> {
        let steps = before_a_lot().zip(&totals);
        steps.map(|(strategy, totals)| score(instance, strategy, totals, request)).collect()
    };
    let mut equals: Vec<usize> = Vec::new();
    let mut least: Option<Vec<u64>> = None;
    for (index, instance) in world.iter().enumerate().filter(|(_, it)| fits(it, request)) {
        let key = key(instance);
        if least.as_ref().is_none_or(|least| key < *least) {
            equals.clear();
            least = Some(key.clone());
        }
        if least.as_ref() == Some(&key) {
            equals.push(index);
        }
    }
    if !request.strategies.contains(&Strategy::Random) || equals.is_empty() {
        return equals.first().copied();
    }
    // A lot goes through the values that are spread over in the order of their first instances.
    let values = |instance: &Instance| -> Vec<Option<String>> {
        let names = before_a_lot().filter_map(|strategy| match strategy {
            Strategy::Spread(SpreadField::Attribute(name)) => Some(name),
            _ => None,
        });
        names.map(|name| instance.attributes.value(name).map(str::to_owned)).collect()
    };
    let mut seen = Vec::new();
    for instance in world {
        let values = values(instance);
        if !seen.contains(&values) {
            seen.push(values);
        }
    }
    equals.sort_by_key(|&index| {
        let own = values(&world[index]);
        (seen.iter().position(|values| *values == own), index)
    });
    Some(equals[draw(request.seed, round, equals.len())])
}

fn fits(instance: &Instance, request: &Request) -> bool {
    let (demand, left) = (&request.demand, &instance.remaining);
    let constraints = request.constraints.iter().all(|constraint| match constraint {
        Constraint::DistinctInstance => !instance.tasks_by_group.contains_key(&request.group),
        Constraint::MemberOf(expression) => expression.matches(instance),
    });
    let attributes = request.required_attributes.iter().all(|required| {
        match instance.attributes.get(&required.name) {
            None => false,
            Some(value) => required.value.is_none() || *value == required.value,
        }
    });
    constraints
        && attributes
        && ports(&demand.tcp_ports, demand.dynamic_tcp_ports, &left.taken_tcp, left.promised_tcp)
        && ports(&demand.udp_ports, demand.dynamic_udp_ports, &left.taken_udp, left.promised_udp)
        && instance.status == ContainerInstanceStatus::Active
        && instance.agent_connected
        && instance.launch_type == request.launch_type
        && (request.capacity_provider.is_none()
            || instance.capacity_provider == request.capacity_provider)
        && left.cpu >= demand.cpu
        && left.memory >= demand.memory
        && left.network_interfaces >= demand.network_interfaces
        && match demand.gpus {
            Gpus::Number(number) => left.gpus >= number,
            Gpus::All => left.gpus > 0 && left.taken_gpus == 0,
        }
        && request
            .tasks_per_instance
            .is_none_or(|most| instance.running_tasks + instance.pending_tasks < most)
}

fn ports(wanted: &PortSet, open: u32, taken: &PortSet, promised: u32) -> bool {
    let gone: BTreeSet<u16> = taken.iter().chain(wanted.iter()).collect();
    let gone = gone.iter().filter(|port| PortSet::DYNAMIC.contains(port)).count() as u32;
    let free = PortSet::DYNAMIC.len() as u32 - gone;
    wanted.iter().all(|port| !taken.contains(port)) && (open == 0 || free >= promised + open)
}

fn tasks_by_value<'a>(
    world: &'a [Instance],
    strategy: &Strategy,
    request: &Request,
) -> BTreeMap<Option<&'a str>, u64> {
    let mut totals = BTreeMap::new();
    if let Strategy::Spread(SpreadField::Attribute(name)) = strategy {
        for instance in world {
            let tasks = u64::from(instance.tasks_in(&request.group));
            *totals.entry(instance.attributes.value(name)).or_insert(0) += tasks;
        }
    }
    totals
}

fn score(
    instance: &Instance,
    strategy: &Strategy,
    totals: &BTreeMap<Option<&str>, u64>,
    request: &Request,
) -> u64 {
    match strategy {
        Strategy::Random => unreachable!("what follows a lot is not asked"),
        Strategy::Spread(SpreadField::Instance) => instance.tasks_in(&request.group).into(),
        Strategy::Spread(SpreadField::Attribute(name)) => totals[&instance.attributes.value(name)],
        Strategy::Binpack(BinpackField::Cpu) => instance.remaining.cpu.0.into(),
        Strategy::Binpack(BinpackField::Memory) => instance.remaining.memory.0.into(),
    }
}

/// Twice the finaliser of SplitMix64, and the high half of a product.
fn draw(seed: u64, round: u32, equals: usize) -> usize {
    let stir = |word: u64| {
        let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    };
    ((u128::from(stir(stir(seed) ^ u64::from(round))) * equals as u128) >> 64) as usize
}
