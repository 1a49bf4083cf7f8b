mod fixture;

use berth_model::{CpuUnits, LaunchType, MemoryMib};
use fixture::{fleet, id, instance, member_of, request};

use super::*;
use crate::fit::check_one;
use crate::ports::PortSet;
use crate::request::{Constraint, Gpus, RequiredAttribute};
use crate::strategy::{BinpackField, SpreadField, Strategy};

/// The placements of a fleet's plan, by the last byte of their instances' ids.
fn numbers(plan: &Plan) -> Vec<u8> {
    plan.placements.iter().map(|placement| placement.instance.as_bytes()[15]).collect()
}

fn zones() -> Strategy {
    Strategy::Spread(SpreadField::Attribute("ecs.availability-zone".to_owned()))
}

#[test]
fn without_a_strategy_the_lowest_id_with_room_takes_it() {
    let mut fleet = fleet([
        instance(3, "a", 1024, 1024),
        instance(1, "a", 300, 1024),
        instance(2, "a", 512, 1024),
    ]);
    let plan = place(&mut fleet, &request(4, 256, 128));
    assert_eq!(numbers(&plan), [1, 2, 2, 3]);
    assert_eq!(plan.unplaced, 0);
    assert!(refusals(&fleet, &request(4, 256, 128), &plan).is_empty());
}

#[test]
fn spread_fills_zones_evenly_and_counts_what_runs_already() {
    let mut busy = instance(1, "a", 4096, 4096);
    busy.tasks_by_group.insert("service:web".into(), 2);
    let mut fleet = fleet([busy, instance(2, "b", 4096, 4096), instance(3, "c", 4096, 4096)]);
    let mut request = request(5, 1, 1);
    request.strategies = vec![zones()];
    assert_eq!(numbers(&place(&mut fleet, &request)), [2, 3, 2, 3, 1]);
}

#[test]
fn other_groups_do_not_count_for_spread() {
    let mut busy = instance(1, "a", 4096, 4096);
    busy.tasks_by_group.insert("service:other".into(), 9);
    let mut request = request(2, 1, 1);
    request.strategies = vec![Strategy::Spread(SpreadField::Instance)];
    assert_eq!(numbers(&place(&mut fleet([busy, instance(2, "a", 4096, 4096)]), &request)), [1, 2]);
}

#[test]
fn binpack_fills_the_fullest_first() {
    let mut fleet = fleet([
        instance(1, "a", 1024, 900),
        instance(2, "a", 900, 1024),
        instance(3, "a", 800, 2048),
    ]);
    let mut by_cpu = request(4, 400, 100);
    by_cpu.strategies = vec![Strategy::Binpack(BinpackField::Cpu)];
    assert_eq!(numbers(&place(&mut fleet, &by_cpu)), [3, 3, 2, 2]);
    let mut by_memory = request(2, 100, 500);
    by_memory.strategies = vec![Strategy::Binpack(BinpackField::Memory)];
    assert_eq!(numbers(&place(&mut fleet, &by_memory)), [1, 2]);
}

#[test]
fn earlier_strategies_weigh_more() {
    let mut fleet = fleet([
        instance(1, "a", 2048, 2048),
        instance(2, "a", 1024, 1024),
        instance(3, "b", 2048, 2048),
        instance(4, "b", 1024, 1024),
    ]);
    let mut request = request(4, 512, 512);
    request.strategies = vec![zones(), Strategy::Binpack(BinpackField::Memory)];
    assert_eq!(numbers(&place(&mut fleet, &request)), [2, 4, 2, 4]);
}

#[test]
fn random_depends_on_the_seed_alone() {
    let mut fleet = fleet((1..=20).map(|number| instance(number, "a", 4096, 4096)));
    let mut request = request(10, 1, 1);
    request.strategies = vec![Strategy::Random];
    let first = place(&mut fleet, &request);
    assert_eq!(place(&mut fleet, &request), first);
    assert!(
        numbers(&first).iter().collect::<std::collections::BTreeSet<_>>().len() > 3,
        "each task draws anew"
    );
    request.seed += 1;
    assert_ne!(numbers(&place(&mut fleet, &request)), numbers(&first));
}

#[test]
fn distinct_instances_hold_within_a_batch_and_against_what_runs() {
    let mut busy = instance(1, "a", 4096, 4096);
    busy.tasks_by_group.insert("service:web".into(), 1);
    let mut fleet = fleet([busy, instance(2, "a", 4096, 4096), instance(3, "a", 4096, 4096)]);
    let mut request = request(3, 1, 1);
    request.constraints = vec![Constraint::DistinctInstance];
    let plan = place(&mut fleet, &request);
    assert_eq!((numbers(&plan), plan.unplaced), (vec![2, 3], 1));
    let told = refusals(&fleet, &request, &plan);
    assert!(told.iter().all(|refusal| refusal.reason == Reason::DistinctInstance));
    assert_eq!(told.len(), 3);
}

#[test]
fn an_expression_about_tasks_is_asked_again_after_each() {
    let mut fleet = fleet([instance(1, "a", 4096, 4096), instance(2, "a", 4096, 4096)]);
    let mut request = request(3, 1, 1);
    request.constraints = vec![member_of("not(task:group == service:web)")];
    let plan = place(&mut fleet, &request);
    assert_eq!((numbers(&plan), plan.unplaced), (vec![1, 2], 1));
}

#[test]
fn named_ports_are_taken_once_and_open_ones_are_counted() {
    let mut taken = instance(1, "a", 4096, 4096);
    taken.remaining.taken_tcp.insert(80);
    let mut fleet = fleet([taken, instance(2, "a", 4096, 4096)]);
    let mut web = request(2, 1, 1);
    web.demand.tcp_ports = [80].into_iter().collect();
    let plan = place(&mut fleet, &web);
    assert_eq!((numbers(&plan), plan.unplaced), (vec![2], 1));
    assert_eq!(refusals(&fleet, &web, &plan)[0].detail, "TCP port 80 is taken");
    let mut dns = request(2, 1, 1);
    dns.demand.udp_ports = [80].into_iter().collect();
    assert_eq!(numbers(&place(&mut fleet, &dns)), [1, 2], "UDP ports are others");
    let mut open = request(4, 1, 1);
    open.demand.dynamic_tcp_ports = PortSet::DYNAMIC.len() as u32 / 2;
    assert_eq!(numbers(&place(&mut fleet, &open)), [1, 1, 2, 2]);
    let mut nearly_all = instance(1, "a", 4096, 4096);
    nearly_all.remaining.promised_tcp = PortSet::DYNAMIC.len() as u32 - 2;
    open.demand.dynamic_tcp_ports = 2;
    assert_eq!(check_one(&nearly_all, &open), Ok(()));
    open.demand.tcp_ports = [50_000].into_iter().collect();
    let refused = check_one(&nearly_all, &open).unwrap_err();
    assert_eq!(refused.detail, "2 open TCP ports asked, 1 left", "a named port leaves the range");
}

#[test]
fn every_cause_has_its_reason_and_numbers() {
    let whole = || instance(7, "a", 1024, 1024);
    let cases: Vec<(Instance, Request, Reason, &str)> = vec![
        (
            Instance { status: berth_model::ContainerInstanceStatus::Draining, ..whole() },
            request(1, 1, 1),
            Reason::Inactive,
            "the instance is DRAINING",
        ),
        (
            Instance { agent_connected: false, ..whole() },
            request(1, 1, 1),
            Reason::Agent,
            "the agent is not connected",
        ),
        (
            Instance { launch_type: LaunchType::External, ..whole() },
            request(1, 1, 1),
            Reason::Attribute,
            "EC2 asked, the instance is EXTERNAL",
        ),
        (
            whole(),
            requiring("ecs.os-type", Some("windows")),
            Reason::Attribute,
            "the attribute ecs.os-type is not windows",
        ),
        (whole(), requiring("gpu", None), Reason::Attribute, "the attribute gpu is missing"),
        (
            whole(),
            Request { constraints: vec![member_of("attribute:rack exists")], ..request(1, 1, 1) },
            Reason::MemberOf,
            "not so: attribute:rack exists",
        ),
        (whole(), request(1, 2000, 1), Reason::Cpu, "2000 CPU units asked, 1024 left"),
        (whole(), request(1, 1, 1025), Reason::Memory, "1025 MiB asked, 1024 left"),
        (
            whole(),
            demanding(|demand| demand.gpus = Gpus::Number(1)),
            Reason::Gpu,
            "1 GPUs asked, 0 left",
        ),
        (
            with_gpus(1, 1),
            demanding(|demand| demand.gpus = Gpus::All),
            Reason::Gpu,
            "all GPUs asked, 1 left",
        ),
        (
            whole(),
            demanding(|demand| demand.network_interfaces = 1),
            Reason::NetworkInterfaces,
            "1 network interfaces asked, 0 left",
        ),
        (
            Instance { running_tasks: 10, ..whole() },
            Request { tasks_per_instance: Some(10), ..request(1, 1, 1) },
            Reason::Tasks,
            "10 tasks are here already",
        ),
    ];
    for (instance, request, reason, detail) in cases {
        let refusal = check_one(&instance, &request).unwrap_err();
        assert_eq!(
            refusal,
            Refusal { instance: Some(instance.id), reason, detail: detail.to_owned() }
        );
    }
    assert_eq!(check_one(&whole(), &requiring("ecs.os-type", Some("linux"))), Ok(()));
    assert_eq!(check_one(&whole(), &request(1, 1024, 1024)), Ok(()));
}

fn with_gpus(free: u32, taken: u32) -> Instance {
    let mut instance = instance(1, "a", 1024, 1024);
    (instance.remaining.gpus, instance.remaining.taken_gpus) = (free, taken);
    instance
}

fn requiring(name: &str, value: Option<&str>) -> Request {
    let required = RequiredAttribute { name: name.to_owned(), value: value.map(str::to_owned) };
    Request { required_attributes: vec![required], ..request(1, 1, 1) }
}

fn demanding(ask: fn(&mut crate::Demand)) -> Request {
    let mut request = request(1, 1, 1);
    ask(&mut request.demand);
    request
}

#[test]
fn a_cluster_out_of_service_refuses_as_a_whole() {
    let nothing = place(&mut Fleet::new(), &request(2, 1, 1));
    assert_eq!(nothing.unplaced, 2);
    assert_eq!(
        refusals(&Fleet::new(), &request(2, 1, 1), &nothing)[0].reason.as_str(),
        "No Container Instances were found in your cluster."
    );
    let draining = Instance {
        status: berth_model::ContainerInstanceStatus::Draining,
        ..instance(1, "a", 9, 9)
    };
    let mut draining = fleet([draining]);
    let plan = place(&mut draining, &request(1, 1, 1));
    let told = refusals(&draining, &request(1, 1, 1), &plan);
    assert_eq!((told[0].instance, told[0].reason), (None, Reason::NoInstances));
    assert_eq!(told[0].detail, "none of the cluster's 1 instances is ACTIVE");
    let none_asked = place(&mut Fleet::new(), &request(0, 1, 1));
    assert_eq!((none_asked.unplaced, none_asked.placements.len()), (0, 0));
}

#[test]
fn a_capacity_provider_keeps_to_its_own_instances() {
    let spot = |number| Instance {
        capacity_provider: Some("spot".into()),
        ..instance(number, "a", 4096, 4096)
    };
    let of = |provider: &str| Request {
        capacity_provider: Some(provider.into()),
        ..request(2, 3000, 1)
    };
    let mut fleet = fleet([instance(1, "a", 4096, 4096), spot(2)]);
    let plan = place(&mut fleet, &of("spot"));
    assert_eq!((numbers(&plan), plan.unplaced), (vec![2], 1));
    let told: Vec<_> = refusals(&fleet, &of("spot"), &plan).iter().map(|it| it.reason).collect();
    assert_eq!(told, [Reason::Cpu], "other providers' instances are not told");
    assert_eq!(plan.explanation.ruled_out, [(Reason::CapacityProvider, 1)].into());
    let empty = place(&mut fleet, &of("reserved"));
    assert_eq!(refusals(&fleet, &of("reserved"), &empty)[0].reason, Reason::EmptyCapacityProvider);
    assert_eq!(check_one(&spot(2), &of("spot")), Ok(()));
    assert_eq!(
        numbers(&place(&mut fleet, &request(2, 3000, 1))),
        [1, 2],
        "without one, any will do"
    );
}

#[test]
fn a_plan_explains_itself() {
    let away = Instance { agent_connected: false, ..instance(3, "b", 4096, 4096) };
    let mut fleet = fleet([instance(1, "a", 600, 4096), instance(2, "b", 100, 4096), away]);
    let mut request = request(3, 256, 512);
    request.strategies = vec![zones(), Strategy::Binpack(BinpackField::Memory)];
    let expected = format!(
        "1 of 3 instances could take a task: 1 without a connected agent, 1 short of CPU. \
         Placed 2 of 3 by spread(attribute:ecs.availability-zone), then binpack(memory). \
         {one} (0 of the group in its ecs.availability-zone, 4096 MiB left). \
         {one} (1 of the group in its ecs.availability-zone, 3584 MiB left). \
         For the next task there was no instance left: 1 without a connected agent, 2 short of CPU.",
        one = id(1)
    );
    assert_eq!(place(&mut fleet, &request).explanation.to_string(), expected);
}

#[test]
fn candidates_come_in_the_order_in_which_they_would_be_chosen() {
    let away = Instance { agent_connected: false, ..instance(5, "b", 4096, 4096) };
    let mut fleet = fleet([
        instance(1, "a", 4096, 1024),
        instance(2, "b", 4096, 600),
        instance(3, "a", 4096, 600),
        instance(4, "b", 100, 4096),
        away,
    ]);
    let mut request = request(9, 256, 512);
    let all = |fleet: &mut Fleet, request: &Request| -> Vec<(u8, String)> {
        let told = |candidate: crate::Candidate| {
            let verdict = match candidate.verdict {
                crate::Verdict::Fits(standings) => format!("{standings:?}"),
                crate::Verdict::RuledOut(refusal) => refusal.reason.to_string(),
            };
            (candidate.instance.as_bytes()[15], verdict)
        };
        crate::candidates(fleet, request).into_iter().map(told).collect()
    };
    request.strategies = vec![Strategy::Binpack(BinpackField::Memory)];
    let told = all(&mut fleet, &request);
    assert_eq!(told.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [2, 3, 1, 4, 5]);
    assert_eq!(told[0].1, "[MemoryLeft(MemoryMib(600))]");
    assert_eq!((&*told[3].1, &*told[4].1), ("RESOURCE:CPU", "AGENT"));
    // A lot decides between the two equals, and would have nothing to decide for the third.
    request.strategies.push(Strategy::Random);
    let told: Vec<String> = all(&mut fleet, &request).into_iter().map(|(_, how)| how).collect();
    assert!(
        told[0].ends_with("Drawn { equals: 2 }]") && told[2].ends_with("Drawn { equals: 1 }]"),
        "{told:?}"
    );
}

#[test]
fn a_fleet_keeps_one_instance_for_each_id() {
    let mut fleet = fleet([instance(2, "a", 1, 1), instance(1, "a", 1, 1), instance(2, "b", 2, 2)]);
    assert_eq!(fleet.get(id(2)).map(|instance| instance.remaining.cpu), Some(CpuUnits(2)));
    let earlier = fleet.clone();
    fleet.put(instance(1, "a", 9, 9));
    fleet.remove(id(2));
    assert_eq!(
        fleet.iter().map(|instance| instance.remaining.memory).collect::<Vec<_>>(),
        [MemoryMib(9)]
    );
    assert_eq!(earlier.len(), 2, "a clone is not changed");
}
