//! What a placement costs, in processor time of this thread: fleets of 100 to 100,000 instances in three zones.
//!
//! Before anything is measured the plans are held against those of the plain scheduler of the tests, in the very
//! same fleet, and a table shows how well they pack: a fast answer that wastes instances would be worth nothing.

mod cpu_time;
#[path = "../../tests/agreement/reference.rs"]
mod reference;
mod world;

use std::hint::black_box;
use std::sync::Arc;

use berth_scheduler::{Request, place};
use cpu_time::CpuTime;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

type Bench = Criterion<CpuTime>;

const SIZES: [u32; 4] = [100, 1_000, 10_000, 100_000];
const BATCHES: [u32; 2] = [10, 1_000];

/// The same fleet is asked again and again: what a placement alone costs.
fn frozen(criterion: &mut Bench) {
    let mut group = criterion.benchmark_group("frozen");
    for size in SIZES {
        let mut fleet = world::fleet(size);
        for count in BATCHES {
            let request = Request { count, ..world::request() };
            group.throughput(Throughput::Elements(count.into()));
            group.bench_function(BenchmarkId::new(format!("{size} instances"), count), |bencher| {
                bencher.iter(|| place(black_box(&mut fleet), black_box(&request)));
            });
        }
    }
}

/// Every batch's tasks start before the next one is placed, and the oldest of them end: a fleet that lives.
fn running(criterion: &mut Bench) {
    let mut group = criterion.benchmark_group("running");
    for size in SIZES {
        for count in BATCHES {
            let mut fleet = world::Running::new(world::fleet(size));
            let request = Request { count, ..world::request() };
            group.throughput(Throughput::Elements(count.into()));
            group.bench_function(BenchmarkId::new(format!("{size} instances"), count), |bencher| {
                bencher.iter(|| fleet.place(black_box(&request)));
            });
        }
    }
}

/// Requests of a kind that was never seen: every instance has to be looked at.
fn never_seen(criterion: &mut Bench) {
    let mut group = criterion.benchmark_group("never seen");
    for size in SIZES {
        let (mut fleet, known) = (world::fleet(size), world::request());
        let mut number = 0;
        group.throughput(Throughput::Elements(10));
        group.bench_function(BenchmarkId::new(format!("{size} instances"), 10), |bencher| {
            bencher.iter(|| {
                number += 1;
                let group = Arc::from(format!("service:{number}"));
                let request = Request { count: 10, group, ..known.clone() };
                place(black_box(&mut fleet), &request)
            });
        });
    }
}

/// Other demands and strategies, in 10,000 instances.
fn kinds(criterion: &mut Bench) {
    let mut group = criterion.benchmark_group("kinds, 10000 instances");
    for (name, request) in world::kinds() {
        let mut fleet = world::fleet(10_000);
        for count in BATCHES {
            let request = Request { count, ..request.clone() };
            group.throughput(Throughput::Elements(count.into()));
            group.bench_function(BenchmarkId::new(name, count), |bencher| {
                bencher.iter(|| place(black_box(&mut fleet), black_box(&request)));
            });
        }
    }
}

/// # Panics
/// If a plan is not that of the plain scheduler.
fn agree() {
    for (name, request) in world::kinds() {
        // The plain scheduler takes its time.
        let many = if name == "zones, instances, memory" { 1_000 } else { 300 };
        for (size, count) in [(100, 1_000), (10_000, many)] {
            let mut fleet = world::fleet(size);
            let request = Request { count, ..request.clone() };
            let plan = place(&mut fleet, &request);
            let placed: Vec<_> = plan.placements.iter().map(|it| it.instance).collect();
            assert_eq!(placed, reference::reference(&fleet, &request), "{name}, {size} instances");
        }
    }
    println!("every kind of request is placed as the plain scheduler does");
}

fn prologue(criterion: &mut Bench) {
    // Once is enough, and not where benchmarks are only listed.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    agree();
    world::print_quality();
    let _ = criterion;
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = prologue, frozen, running, never_seen, kinds
}
criterion_main!(benches);
