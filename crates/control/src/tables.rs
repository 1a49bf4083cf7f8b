//! Typed tables in memory, with whatever each keeps beside its rows: memory is the truth.
//!
//! A service describes a [`Record`] per table: its key, its encoding and its [`Indexes`]. Tables are
//! persistent (in the sense of sharing structure), so that a snapshot of all of them costs a few
//! pointers. Nothing here knows who may write (`cell`) or what makes it durable (`store`).
//!
//! Keys and numbers are on disk: a table's number and a record's field numbers are never reused.
//!
//! Start with `record.rs`, then `table.rs`.

mod bulk;
mod change;
pub(crate) mod codec;
mod count;
mod groups;
mod index;
mod key;
mod record;
mod schema;
mod table;
pub(crate) mod working;

pub use change::{Change, Changed};
pub use codec::DecodeError;
pub use count::Count;
pub use groups::Groups;
pub use index::Index;
pub use key::TableKey;
pub use record::{Indexes, Record, Revision, TableId, View};
pub use schema::Schema;
pub use table::Table;

#[doc(hidden)]
pub use codec::{decode, encode};
