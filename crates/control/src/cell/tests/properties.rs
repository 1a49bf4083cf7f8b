//! Random transactions against an ordered map that does the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_store::{EmbeddedStore, MemoryStore, Store};
use futures_util::future::join_all;
use proptest::prelude::*;

use super::fixture::{Item, ItemIndexes, schema};
use crate::cell::{Cell, Transaction, WriteError};
use crate::tables::{Indexes, Revision};

#[derive(Debug, Clone)]
enum Op {
    Put { id: u64, place: u8, weight: Option<u32> },
    Delete { id: u64 },
}

#[derive(Debug, Clone)]
struct Script {
    ops: Vec<Op>,
    end: End,
}

#[derive(Debug, Clone, Copy)]
enum End {
    Commit,
    Abort,
    Panic,
}

type Model = BTreeMap<u64, (Item, u64)>;

fn script() -> impl Strategy<Value = Script> {
    let id = || 0_u64..12;
    let put = (id(), 0_u8..4, prop::option::of(0_u32..100))
        .prop_map(|(id, place, weight)| Op::Put { id, place, weight });
    let op = prop_oneof![3 => put, 1 => id().prop_map(|id| Op::Delete { id })];
    let end = prop_oneof![6 => Just(End::Commit), 3 => Just(End::Abort), 1 => Just(End::Panic)];
    (prop::collection::vec(op, 0..8), end).prop_map(|(ops, end)| Script { ops, end })
}

fn item(id: u64, place: u8, weight: Option<u32>) -> Item {
    Item { id, place: format!("place {place}"), weight }
}

fn run(tx: &mut Transaction, script: &Script) -> Result<(), ()> {
    for op in &script.ops {
        match *op {
            Op::Put { id, place, weight } => drop(tx.put(item(id, place, weight))),
            Op::Delete { id } => drop(tx.delete::<Item>(&id)),
        }
    }
    match script.end {
        End::Commit => Ok(()),
        End::Abort => Err(()),
        // Unwinds as a panic does, without its message on the terminal.
        End::Panic => std::panic::resume_unwind(Box::new("on purpose")),
    }
}

/// What the same script does to the model; whether it has any net effect.
fn apply(model: &mut Model, script: &Script, revision: &mut u64) {
    if !matches!(script.end, End::Commit) {
        return;
    }
    let before: Vec<u64> = model.keys().copied().collect();
    let mut wrote = false;
    for op in &script.ops {
        match *op {
            Op::Put { id, place, weight } => {
                drop(model.insert(id, (item(id, place, weight), *revision + 1)))
            }
            Op::Delete { id } => drop(model.remove(&id)),
        }
    }
    for op in &script.ops {
        let id = match *op {
            Op::Put { id, .. } | Op::Delete { id } => id,
        };
        wrote |= before.contains(&id) || model.contains_key(&id);
    }
    *revision += u64::from(wrote);
}

fn check(cell: &Cell, model: &Model, with_revisions: bool) {
    let snapshot = cell.snapshot();
    let table = snapshot.table::<Item>();
    assert!(table.iter().eq(model.values().map(|(item, _)| item)));
    assert!(table.keys().eq(model.keys()));
    let mut indexes = ItemIndexes::default();
    model.values().for_each(|(item, _)| indexes.insert(item));
    assert_eq!(table.indexes(), &indexes);
    if with_revisions {
        for (id, (_, revision)) in model {
            let expected = (0..*revision).fold(Revision::LOADED, |revision, _| revision.next());
            assert_eq!(table.revision(id), Some(expected));
        }
    }
}

/// `store` gives the same records each time; what it gave before has been let go of by then.
async fn compare(scripts: Vec<Script>, together: usize, store: impl AsyncFn() -> Arc<dyn Store>) {
    let cell = Cell::open(store().await, schema()).await.expect("opens");
    let (mut model, mut revision) = (Model::new(), 0);
    for group in scripts.chunks(together) {
        let answers =
            join_all(group.iter().cloned().map(|script| cell.write(move |tx| run(tx, &script))))
                .await;
        for (script, answer) in group.iter().zip(answers) {
            match script.end {
                End::Commit => assert_eq!(answer, Ok(())),
                End::Abort => assert_eq!(answer, Err(WriteError::Aborted(()))),
                End::Panic => assert!(matches!(answer, Err(WriteError::Panicked(_))), "{answer:?}"),
            }
            apply(&mut model, script, &mut revision);
        }
        check(&cell, &model, true);
    }
    cell.close().await.expect("closes");
    let again = Cell::open(store().await, schema()).await.expect("opens");
    check(&again, &model, false);
    again.close().await.expect("closes");
}

fn block_on(future: impl Future<Output = ()>) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(future);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_cell_does_what_an_ordered_map_does(scripts in prop::collection::vec(script(), 0..25), together in 1_usize..6) {
        let memory = MemoryStore::new();
        block_on(compare(scripts, together, async || Arc::new(memory.clone()) as Arc<dyn Store>));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn and_its_file_holds_the_same(scripts in prop::collection::vec(script(), 0..25), together in 1_usize..6) {
        let dir = tempfile::tempdir().expect("a directory");
        let open = async || Arc::new(EmbeddedStore::open(dir.path()).await.expect("opens")) as Arc<dyn Store>;
        block_on(compare(scripts, together, open));
    }
}
