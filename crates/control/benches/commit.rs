//! Transactions per second through a cell, by how many are sent at once: `cargo bench -p berth-control --bench commit`.
//!
//! With etcd on this machine also on a cluster of one member that flushes what it acknowledges.

use std::convert::Infallible;
use std::hint::black_box;
use std::sync::Arc;

use berth_control::cell::Cell;
use berth_control::tables::{Index, Indexes, Record, Schema, TableId};
use berth_store::{EmbeddedStore, EtcdOptions, EtcdStore, MemoryStore, Store};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use futures_util::future::join_all;
use minicbor::{Decode, Encode};
use tokio::runtime::Runtime;

/// About the size of a task's record.
#[derive(Debug, Clone, Encode, Decode)]
struct Row {
    #[n(0)]
    id: u64,
    #[n(1)]
    group: u32,
    #[n(2)]
    text: String,
}

#[derive(Clone, Default)]
struct RowIndexes {
    by_group: Index<u32, u64>,
}

impl Record for Row {
    const TABLE: TableId = TableId::new(1, "rows");
    type Key = u64;
    type Indexes = RowIndexes;

    fn key(&self) -> u64 {
        self.id
    }

    berth_control::record_codec!();
}

impl Indexes<Row> for RowIndexes {
    fn insert(&mut self, row: &Row) {
        self.by_group.insert(row.group, row.id);
    }

    fn remove(&mut self, row: &Row) {
        self.by_group.remove(&row.group, &row.id);
    }
}

/// Rows that the table holds from the start, and that transactions then replace.
const ROWS: u64 = 100_000;

fn row(id: u64, group: u32) -> Row {
    Row { id, group, text: "x".repeat(200) }
}

async fn filled(store: Arc<dyn Store>) -> Cell {
    let mut schema = Schema::new();
    schema.table::<Row>();
    let cell = Cell::open(store, schema).await.expect("opens");
    let fill = |tx: &mut berth_control::cell::Transaction| {
        (0..ROWS).for_each(|id| drop(tx.put(row(id, 0))));
        Ok::<_, Infallible>(())
    };
    cell.write(fill).await.expect("commits");
    cell
}

async fn write(cell: &Cell, n: u64) {
    let id = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) % ROWS;
    let group = u32::try_from(n % 1000).expect("below 1000");
    let put = move |tx: &mut berth_control::cell::Transaction| {
        tx.put(row(id, group));
        Ok::<_, Infallible>(())
    };
    cell.write(put).await.expect("commits");
}

fn commits(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let directory = tempfile::tempdir().expect("a directory");
    let embedded = runtime.block_on(EmbeddedStore::open(directory.path())).expect("opens");
    let mut stores: Vec<(&str, Arc<dyn Store>)> =
        vec![("memory", Arc::new(MemoryStore::new())), ("embedded", Arc::new(embedded))];
    let cluster = berth_test_etcd::Options { durable: true, ..Default::default() }.start();
    if let Some(cluster) = &cluster {
        let options = EtcdOptions::new(cluster.endpoints(), "/bench");
        let etcd = runtime.block_on(EtcdStore::open(options)).expect("opens");
        stores.push(("etcd", Arc::new(etcd)));
    }
    for (name, store) in stores {
        let cell = runtime.block_on(filled(store));
        let mut group = c.benchmark_group(format!("commit/{name}"));
        let mut n = 0;
        for together in [1_u64, 10, 100, 1000] {
            group.throughput(Throughput::Elements(together));
            group.bench_function(BenchmarkId::from_parameter(together), |b| {
                b.iter(|| {
                    n += together;
                    runtime.block_on(join_all((n..n + together).map(|n| write(&cell, n))))
                });
            });
        }
        group.finish();
        runtime.block_on(cell.close()).expect("closes");
    }
}

/// What a reader pays: taking a snapshot and looking a row up.
fn snapshots(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let cell = runtime.block_on(filled(Arc::new(MemoryStore::new())));
    c.bench_function("snapshot and get", |b| {
        b.iter(|| black_box(cell.snapshot()).get::<Row>(&777).map(|row| row.group))
    });
}

criterion_group!(benches, commits, snapshots);
criterion_main!(benches);
