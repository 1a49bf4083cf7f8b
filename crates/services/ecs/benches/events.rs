//! What telling costs the writer: changes of tasks with and without the events that are derived from them.
//!
//! Memory store, one transaction of a hundred changes at a time, so that what is left is this program's own work.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use berth_control::cell::Cell;
use berth_control::env::Env;
use berth_control::idempotency::ClientToken;
use berth_control::tables::Schema;
use berth_ecs::tables::{Cluster, Container, ContainerInstance, Reservation, Task, TaskDefinition};
use berth_model::{
    ClusterArn, ClusterId, ContainerId, ContainerInstanceId, CpuUnits, MemoryMib, TaskDefinitionId,
    TaskId, Timestamp,
};
use berth_store::MemoryStore;
use criterion::{Criterion, criterion_group, criterion_main};
use tokio::runtime::Runtime;

const TASKS: u32 = 100_000;
const AT_ONCE: u32 = 100;

async fn cell(events: bool) -> Cell {
    let mut schema = Schema::new();
    if events {
        schema.table::<ClientToken>();
        berth_ecs::register_tables(&mut schema, &Env::system());
    } else {
        schema.table::<Cluster>().table::<TaskDefinition>();
        schema.table::<ContainerInstance>().table::<Task>();
    }
    let cell =
        Cell::open(Arc::new(MemoryStore::new()), schema).await.expect("an empty store opens");
    for batch in 0..TASKS / AT_ONCE {
        cell.write(move |tx| {
            for number in batch * AT_ONCE..(batch + 1) * AT_ONCE {
                tx.put(task(number));
            }
            Ok::<_, Infallible>(())
        })
        .await
        .expect("the cell is open");
    }
    cell
}

fn id(number: u32) -> [u8; 16] {
    // Spread as real ids are.
    u128::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835).to_be_bytes()
}

fn task(number: u32) -> Task {
    let arn: ClusterArn = "arn:aws:ecs:us-east-1:123456789012:cluster/web".parse().expect("an ARN");
    let begun = Task::new(
        TaskId::from_bytes(id(number)),
        ClusterId::from_bytes([1; 16]),
        arn.scope,
        TaskDefinitionId::from_bytes([2; 16]),
        "web".parse().expect("a family"),
        Timestamp::from_millis(1_767_323_045_000),
    );
    Task {
        container_instance: Some(ContainerInstanceId::from_bytes(id(number % 1000))),
        containers: Box::new([Container {
            runtime_id: Some("0123456789abcdef0123456789abcdef0123456789abcdef".into()),
            ..Container::new(ContainerId::from_bytes(id(number)), "app".into())
        }]),
        reserved: Reservation { cpu: CpuUnits(64), memory: MemoryMib(64), ..Default::default() },
        group: "service:web".into(),
        started_by: Some("ecs-svc/0123456789012345678".into()),
        ..begun
    }
}

/// The time of so many changes that users can see, one after another over all tasks.
async fn change(cell: &Cell, changes: u64) -> Duration {
    let since = Instant::now();
    let transactions = changes.div_ceil(AT_ONCE.into());
    for transaction in 0..transactions as u32 {
        cell.write(move |tx| {
            for number in 0..AT_ONCE {
                let id = TaskId::from_bytes(id((transaction * AT_ONCE + number) % TASKS));
                tx.update::<Task>(&id, |task| task.version += 1);
            }
            Ok::<_, Infallible>(())
        })
        .await
        .expect("the cell is open");
    }
    // As if exactly so many had been made.
    since.elapsed().mul_f64(changes as f64 / (transactions * u64::from(AT_ONCE)) as f64)
}

fn benches(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime can be built");
    for (name, events) in [("untold", false), ("told", true)] {
        let cell = runtime.block_on(cell(events));
        criterion.bench_function(&format!("a task's change, {name}"), |bencher| {
            bencher.iter_custom(|changes| runtime.block_on(change(&cell, changes)));
        });
    }
}

criterion_group!(all, benches);
criterion_main!(all);
