//! Rows that follow from other rows.

use std::convert::Infallible;
use std::sync::Arc;

use berth_store::MemoryStore;

use super::fixture::{Item, Label, item, put, schema};
use crate::cell::{Cell, Derivation, Transaction, WriteError};
use crate::tables::{Change, Record, TableId};

/// Labels every item that comes or goes; the place `nowhere` breaks it.
struct Labels;

impl Derivation for Labels {
    fn reads(&self) -> Vec<TableId> {
        vec![Item::TABLE]
    }

    fn derive(&self, tx: &mut Transaction, changes: &[Change]) {
        for change in changes.iter().filter_map(|change| change.of::<Item>()) {
            let (id, place) = (change.key(), &change.latest().place);
            assert_ne!(place, "nowhere", "an item has to be somewhere");
            let verb = if change.after.is_some() { "at" } else { "was at" };
            tx.put(Label { text: format!("{id} {verb} {place}") });
        }
    }
}

async fn cell(store: &MemoryStore) -> Cell {
    let mut schema = schema();
    schema.derive(Labels);
    Cell::open(Arc::new(store.clone()), schema).await.expect("opens")
}

fn labels(cell: &Cell) -> Vec<String> {
    cell.snapshot().table::<Label>().iter().map(|label| label.text.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn what_follows_is_written_with_its_cause() {
    let store = MemoryStore::new();
    let cell = cell(&store).await;
    cell.write(|tx| {
        tx.put(item(1, "a"));
        tx.put(item(1, "b"));
        tx.put(item(2, "came and went"));
        tx.delete::<Item>(&2);
        Ok::<_, Infallible>(())
    })
    .await
    .expect("commits");
    assert_eq!(labels(&cell), ["1 at b"], "the net effect is told");
    cell.write(|tx| Ok::<_, Infallible>(tx.delete::<Item>(&1))).await.expect("commits");
    assert_eq!(labels(&cell), ["1 at b", "1 was at b"]);
    cell.close().await.expect("closes");
    assert_eq!(labels(&self::cell(&store).await).len(), 2, "and it is durable");
}

#[tokio::test(start_paused = true)]
async fn nothing_follows_from_what_did_not_happen() {
    let cell = cell(&MemoryStore::new()).await;
    let refused = cell.write(|tx| {
        tx.put(item(1, "a"));
        Err::<(), _>("no")
    });
    refused.await.expect_err("it was refused");
    cell.write(|tx| Ok::<_, Infallible>(tx.put(Label { text: "mine".into() })))
        .await
        .expect("commits");
    assert_eq!(labels(&cell), ["mine"], "and nothing from a table that is not read");
}

#[tokio::test(start_paused = true)]
async fn a_panic_takes_the_transaction_along_and_nothing_else() {
    let cell = cell(&MemoryStore::new()).await;
    let broken = put(&cell, item(1, "nowhere")).await;
    assert!(matches!(broken, Err(WriteError::Panicked(_))), "{broken:?}");
    put(&cell, item(2, "a")).await.expect("the cell goes on");
    assert_eq!(labels(&cell), ["2 at a"]);
    assert_eq!(cell.snapshot().table::<Item>().len(), 1);
}
