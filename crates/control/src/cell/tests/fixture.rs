//! A small table with an index and an aggregate, and cells that hold it.

use std::convert::Infallible;
use std::sync::Arc;

use berth_store::MemoryStore;
use minicbor::{Decode, Encode};

use crate::cell::{Cell, WriteError};
use crate::tables::{Count, Index, Indexes, Record, Schema, TableId};

/// A crate in a warehouse.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub(crate) struct Item {
    #[n(0)]
    pub(crate) id: u64,
    #[n(1)]
    pub(crate) place: String,
    /// Added later: older records lack it.
    #[n(2)]
    pub(crate) weight: Option<u32>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ItemIndexes {
    pub(crate) by_place: Index<String, u64>,
    pub(crate) places: Count<String>,
    pub(crate) weight: u64,
}

impl Record for Item {
    const TABLE: TableId = TableId::new(1, "items");
    type Key = u64;
    type Indexes = ItemIndexes;

    fn key(&self) -> u64 {
        self.id
    }

    crate::record_codec!();
}

impl Indexes<Item> for ItemIndexes {
    fn insert(&mut self, row: &Item) {
        assert_ne!(row.place, EXPLOSIVE, "this place breaks the index");
        self.by_place.insert(row.place.clone(), row.id);
        self.places.add(row.place.clone());
        self.weight += u64::from(row.weight.unwrap_or(0));
    }

    fn remove(&mut self, row: &Item) {
        self.by_place.remove(&row.place, &row.id);
        self.places.subtract(&row.place);
        self.weight -= u64::from(row.weight.unwrap_or(0));
    }
}

/// A place whose index entry panics.
pub(crate) const EXPLOSIVE: &str = "explosive";

/// A label, of a second table.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub(crate) struct Label {
    #[n(0)]
    pub(crate) text: String,
}

impl Record for Label {
    const TABLE: TableId = TableId::new(2, "labels");
    type Key = String;
    type Indexes = ();

    fn key(&self) -> String {
        self.text.clone()
    }

    crate::record_codec!();
}

pub(crate) fn item(id: u64, place: &str) -> Item {
    Item { id, place: place.to_owned(), weight: Some(1) }
}

pub(crate) fn schema() -> Schema {
    let mut schema = Schema::new();
    schema.table::<Item>().table::<Label>();
    schema
}

pub(crate) async fn open(store: &MemoryStore) -> Cell {
    Cell::open(Arc::new(store.clone()), schema()).await.expect("opens")
}

pub(crate) async fn put(cell: &Cell, item: Item) -> Result<(), WriteError<Infallible>> {
    cell.write(move |tx| {
        tx.put(item);
        Ok(())
    })
    .await
}

/// The places of all items, by id.
pub(crate) fn places(cell: &Cell) -> Vec<(u64, String)> {
    cell.snapshot().table::<Item>().iter().map(|item| (item.id, item.place.clone())).collect()
}
