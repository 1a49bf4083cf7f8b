//! Random worlds in which the scheduler must agree with a second, plain one, and keep every promise.

mod reference;
mod worlds;

use std::collections::BTreeMap;

use berth_model::{ContainerInstanceId, CpuUnits, MemoryMib};
use berth_scheduler::{
    Constraint, Fleet, Gpus, Instance, Plan, Reason, Request, check_one, closest_refusal, place,
    refusals,
};
use proptest::prelude::*;
use reference::reference;

fn placed(plan: &Plan) -> Vec<ContainerInstanceId> {
    plan.placements.iter().map(|placement| placement.instance).collect()
}

/// What happens to a fleet between placements.
#[derive(Debug, Clone)]
enum Event {
    /// An instance comes, or changes in every respect.
    Put(Instance),
    /// Tasks start or end somewhere: what an instance is stays.
    Tasks {
        at: proptest::sample::Index,
        like: Instance,
    },
    Remove(proptest::sample::Index),
    Place(Request),
    /// The tasks of the request start where it put them.
    Run(Request),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => worlds::instance(30).prop_map(Event::Put),
        4 => (any::<proptest::sample::Index>(), worlds::instance(30))
            .prop_map(|(at, like)| Event::Tasks { at, like }),
        1 => any::<proptest::sample::Index>().prop_map(Event::Remove),
        3 => worlds::request().prop_map(Event::Place),
        2 => worlds::request().prop_map(Event::Run),
    ]
}

/// Starts the tasks of a plan.
fn run(fleet: &mut Fleet, request: &Request, plan: &Plan) {
    for placement in &plan.placements {
        let mut instance = fleet.get(placement.instance).expect("it was chosen").clone();
        instance.accept(request);
        fleet.put(instance);
    }
}

fn at(fleet: &Fleet, at: &proptest::sample::Index) -> Option<Instance> {
    (!fleet.is_empty()).then(|| fleet.iter().nth(at.index(fleet.len())).expect("in range").clone())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn both_schedulers_agree(
        instances in proptest::collection::vec(worlds::instance(20), 0..20),
        request in worlds::request(),
    ) {
        let mut fleet: Fleet = instances.into_iter().collect();
        let plan = place(&mut fleet, &request);
        prop_assert_eq!(placed(&plan), reference(&fleet, &request));
        prop_assert_eq!(plan.placements.len() as u32 + plan.unplaced, request.count);
        prop_assert_eq!(plan.explanation.choices.len(), plan.placements.len());
        let told = refusals(&fleet, &request, &plan);
        prop_assert_eq!(plan.unplaced > 0, !told.is_empty());
        let closest = closest_refusal(&fleet, &request, &plan);
        prop_assert_eq!(closest.as_ref().map(|it| it.reason), told.iter().map(|it| it.reason).max());
        prop_assert!(closest.is_none_or(|closest| told.contains(&closest)));
        prop_assert_eq!(place(&mut fleet, &request), plan, "a placement changes nothing");
    }

    /// What is told of single instances is what a placement goes by.
    #[test]
    fn causes_are_counted_as_they_are_told(
        instances in proptest::collection::vec(worlds::instance(20), 0..20),
        request in worlds::request(),
    ) {
        let mut fleet: Fleet = instances.into_iter().collect();
        let plan = place(&mut fleet, &Request { count: 1, ..request.clone() });
        let mut causes: BTreeMap<Reason, usize> = BTreeMap::new();
        for instance in fleet.iter() {
            if let Err(refusal) = check_one(instance, &request) {
                prop_assert!(!refusal.detail.is_empty(), "{:?}", refusal);
                *causes.entry(refusal.reason).or_default() += 1;
            }
        }
        prop_assert_eq!(&plan.explanation.ruled_out, &causes);
        prop_assert_eq!(plan.unplaced == 1, plan.explanation.candidates() == 0);
        // Afterwards, too: with the tasks placed, the causes are those of the refusals.
        let all = place(&mut fleet, &request);
        if all.unplaced > 0 {
            let silent = [Reason::Inactive, Reason::CapacityProvider];
            let mut told: BTreeMap<Reason, usize> = BTreeMap::new();
            let told_of = refusals(&fleet, &request, &all).into_iter().filter(|it| it.instance.is_some());
            told_of.for_each(|refusal| *told.entry(refusal.reason).or_default() += 1);
            let mut counted = all.explanation.exhausted.clone();
            counted.retain(|reason, _| !silent.contains(reason));
            prop_assert_eq!(told, counted);
        }
    }

    #[test]
    fn no_instance_is_ever_over_committed(
        instances in proptest::collection::vec(worlds::instance(20), 0..20),
        request in worlds::request(),
    ) {
        let mut fleet: Fleet = instances.into_iter().collect();
        let plan = place(&mut fleet, &request);
        let mut tasks: BTreeMap<ContainerInstanceId, u32> = BTreeMap::new();
        for id in placed(&plan) {
            *tasks.entry(id).or_insert(0) += 1;
        }
        for (id, tasks) in tasks {
            let left = &fleet.get(id).unwrap().remaining;
            prop_assert!(left.cpu >= CpuUnits(tasks * request.demand.cpu.0));
            prop_assert!(left.memory >= MemoryMib(tasks * request.demand.memory.0));
            prop_assert!(left.network_interfaces >= tasks * request.demand.network_interfaces);
            match request.demand.gpus {
                Gpus::Number(number) => prop_assert!(left.gpus >= tasks * number),
                Gpus::All => prop_assert!(left.gpus > 0 && left.taken_gpus == 0 && tasks == 1),
            }
            prop_assert!(request.demand.tcp_ports.is_empty() || tasks == 1);
            prop_assert!(!request.constraints.contains(&Constraint::DistinctInstance) || tasks == 1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// A fleet that was kept up to date plans as one made anew, whatever it has been asked before.
    #[test]
    fn a_fleet_remembers_nothing_that_shows(
        instances in proptest::collection::vec(worlds::instance(30), 0..25),
        asked in proptest::collection::vec(worlds::request(), 1..4),
        events in proptest::collection::vec(event(), 0..40),
    ) {
        let mut fleet: Fleet = instances.into_iter().collect();
        for event in events {
            match event {
                Event::Put(instance) => fleet.put(instance),
                Event::Tasks { at: index, like } => {
                    if let Some(instance) = at(&fleet, &index) {
                        fleet.put(Instance {
                            status: like.status,
                            agent_connected: like.agent_connected,
                            remaining: like.remaining,
                            running_tasks: like.running_tasks,
                            pending_tasks: like.pending_tasks,
                            tasks_by_group: like.tasks_by_group,
                            ..instance
                        });
                    }
                }
                Event::Remove(index) => {
                    if let Some(instance) = at(&fleet, &index) {
                        fleet.remove(instance.id);
                    }
                }
                Event::Place(request) => drop(place(&mut fleet, &request)),
                Event::Run(request) => {
                    let plan = place(&mut fleet, &request);
                    run(&mut fleet, &request, &plan);
                }
            }
            // The same questions again and again, so that what is remembered is used.
            for request in &asked {
                let mut anew: Fleet = fleet.iter().cloned().collect();
                prop_assert_eq!(place(&mut fleet, request), place(&mut anew, request));
            }
        }
    }
}
