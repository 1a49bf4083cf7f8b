//! What is remembered is true of the snapshot that asks.

use std::convert::Infallible;

use berth_store::MemoryStore;

use super::fixture::{Item, Label, item, open, put};
use crate::cell::{Cell, Remembered, Transaction};
use crate::tables::{Record, TableId};

static ITEMS: [TableId; 1] = [Item::TABLE];

async fn label(cell: &Cell, text: &str) {
    let label = Label { text: text.to_owned() };
    let write = move |tx: &mut Transaction| {
        tx.put(label);
        Ok::<_, Infallible>(())
    };
    cell.write(write).await.expect("commits");
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_good_until_a_table_that_it_is_about_changes() {
    let cell = open(&MemoryStore::new()).await;
    put(&cell, item(1, "a")).await.expect("commits");
    let places: Remembered<u64, String> = Remembered::of(&ITEMS, 10);
    let before = cell.snapshot();
    assert_eq!(places.get(&before, &1), None, "nobody has asked yet");
    places.keep(&before, 1, "a".to_owned());
    assert_eq!(places.get(&before, &1).as_deref(), Some("a"));

    label(&cell, "another table").await;
    assert_eq!(places.get(&cell.snapshot(), &1).as_deref(), Some("a"));

    put(&cell, item(2, "b")).await.expect("commits");
    let after = cell.snapshot();
    assert_eq!(places.get(&after, &1), None);
    assert_eq!(places.get(&before, &1).as_deref(), Some("a"), "it was so then");
    places.keep(&after, 2, "b".to_owned());
    assert_eq!((places.get(&before, &1), places.get(&after, &1)), (None, None));
    assert_eq!(places.get(&after, &2).as_deref(), Some("b"));
}

#[tokio::test(start_paused = true)]
async fn an_undone_transaction_changes_nothing_that_is_answered() {
    let cell = open(&MemoryStore::new()).await;
    put(&cell, item(1, "a")).await.expect("commits");
    let places: Remembered<u64, String> = Remembered::of(&ITEMS, 10);
    places.keep(&cell.snapshot(), 1, "a".to_owned());
    let undone = cell.write(|tx: &mut Transaction| {
        tx.put(item(1, "elsewhere"));
        Err::<(), _>("no")
    });
    undone.await.expect_err("it is undone");
    let answer = places.get(&cell.snapshot(), &1);
    assert!(answer.is_none_or(|place| place == "a"));
}

#[tokio::test(start_paused = true)]
async fn no_more_is_kept_than_was_said() {
    let cell = open(&MemoryStore::new()).await;
    let squares: Remembered<u64, u64> = Remembered::of(&ITEMS, 10);
    let view = cell.snapshot();
    for number in 0..100 {
        squares.keep(&view, number, number * number);
        let kept = (0..100).filter(|number| squares.get(&view, number).is_some()).count();
        assert!((1..=10).contains(&kept), "{kept}");
        assert_eq!(squares.get(&view, &number), Some(number * number));
    }
}
