//! Whatever is written, kept or undone: a kept fleet is the one that would be made anew.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use berth_control::cell::{Cell, Transaction, WriteError};
use berth_control::tables::Schema;
use berth_model::{ContainerInstanceId, ContainerInstanceStatus, CpuUnits, MemoryMib};
use berth_store::MemoryStore;
use proptest::prelude::*;

use super::*;
use crate::tables::tests::{container_instance, task};
use crate::tables::{self, Attribute, Task};

#[derive(Clone, Debug)]
enum Write {
    Instance(ContainerInstance),
    NoInstance(u8),
    Task(Task),
    NoTask(Task),
}

/// The writes of one transaction, and whether it is undone at the end.
type Attempt = (Vec<Write>, bool);

fn write() -> impl Strategy<Value = Write> {
    let instance =
        (container_instance(), 0..3_u8, any::<bool>()).prop_map(|(row, rack, active)| {
            let value = Some(rack.to_string());
            let rack = BTreeMap::from([("rack".to_owned(), Attribute { value, custom: true })]);
            let active = if active {
                ContainerInstanceStatus::Active
            } else {
                ContainerInstanceStatus::Draining
            };
            Write::Instance(ContainerInstance {
                // An instance never changes its cluster.
                cluster: ClusterId::from_bytes([row.id.as_bytes()[0] % 2; 16]),
                attributes: rack.into(),
                status: active,
                registered: tables::RegisteredResources {
                    cpu: CpuUnits(8192),
                    memory: MemoryMib(8192),
                    ..Default::default()
                },
                ..row
            })
        });
    prop_oneof![
        3 => instance,
        1 => (0..8_u8).prop_map(Write::NoInstance),
        5 => task().prop_map(Write::Task),
        2 => task().prop_map(Write::NoTask),
    ]
}

fn apply(tx: &mut Transaction, write: Write) {
    match write {
        Write::Instance(row) => drop(tx.put(row)),
        Write::NoInstance(id) => {
            let id = ContainerInstanceId::from_bytes([id; 16]);
            drop(tx.delete::<ContainerInstance>(&id));
        }
        Write::Task(row) => drop(tx.put(row)),
        Write::NoTask(row) => drop(tx.delete::<Task>(&row.id)),
    }
}

fn instances(fleet: &Fleet) -> Vec<Instance> {
    fleet.iter().cloned().collect()
}

async fn cell() -> Cell {
    let mut schema = Schema::new();
    tables::register(&mut schema, &berth_control::env::Env::system());
    Cell::open(Arc::new(MemoryStore::new()), schema).await.expect("an empty store opens")
}

/// Plays the attempts; what a kept fleet and one made anew were after every write.
async fn played(attempts: Vec<Attempt>) -> Vec<(Vec<Instance>, Vec<Instance>)> {
    let (cell, fleets) = (cell().await, Arc::new(Fleets::default()));
    let seen = Arc::new(Mutex::new(Vec::new()));
    for (number, (writes, undone)) in attempts.into_iter().enumerate() {
        let (fleets, noted) = (fleets.clone(), seen.clone());
        let outcome = cell.write(move |tx| {
            for (step, write) in writes.into_iter().enumerate() {
                apply(tx, write);
                // One cluster's fleet now, the other's later: it has more to catch up with.
                if (number + step) % 3 > 0 {
                    let cluster = ClusterId::from_bytes([u8::from(number % 4 == 0); 16]);
                    let kept = fleets.with(tx, cluster, |fleet| instances(fleet));
                    let anew = instances(&fleet(tx, cluster));
                    noted.lock().expect("nobody panics with it").push((kept, anew));
                }
            }
            if undone { Err(()) } else { Ok(()) }
        });
        assert_eq!(outcome.await.is_err(), undone);
    }
    seen.lock().expect("nobody panics with it").drain(..).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_kept_fleet_is_one_made_anew(
        attempts in proptest::collection::vec(
            (proptest::collection::vec(write(), 1..8), prop::bool::weighted(0.3)),
            1..16,
        ),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        for (kept, anew) in runtime.block_on(played(attempts)) {
            prop_assert_eq!(kept, anew);
        }
    }
}

#[tokio::test]
async fn after_a_panic_fleets_are_made_anew() {
    let (cell, fleets) = (cell().await, Arc::new(Fleets::default()));
    let cluster = ClusterId::from_bytes([1; 16]);
    let panicking = fleets.clone();
    let outcome: Result<(), WriteError<()>> = cell
        .write(move |tx| panicking.with(tx, cluster, |_| panic!("in the middle of a placement")))
        .await;
    assert!(matches!(outcome, Err(WriteError::Panicked(_))));
    let len =
        cell.write(move |tx| Ok::<_, ()>(fleets.with(tx, cluster, |fleet| fleet.len()))).await;
    assert_eq!(len.ok(), Some(0));
}

#[test]
fn instances_that_say_the_same_share_what_they_say() {
    let rack = |number: u32| -> crate::tables::Attributes {
        let value = Some(format!("of a fleet's test: {number}"));
        BTreeMap::from([("rack".to_owned(), Attribute { value, custom: true })]).into()
    };
    let (mut shared, kept) = (SharedAttributes::default(), rack(0));
    assert_eq!(shared.of(&kept), shared.of(&rack(0)));
    for number in 1..10_000 {
        let value = format!("of a fleet's test: {number}");
        assert_eq!(shared.of(&rack(number)).value("rack"), Some(value.as_str()));
    }
    assert!(shared.len() < 200, "{}", shared.len());
    assert_eq!(shared.of(&kept).value("rack"), Some("of a fleet's test: 0"));
}
