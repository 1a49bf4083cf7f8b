//! Durable, fenced batches of records: the trait, in memory, embedded, and one conformance suite.
//!
//! A store holds opaque values under ordered keys. It is written by one leader, a whole batch at a
//! time, and read as a whole once, at start; whoever follows sees the batches in the order in which
//! they were committed. It knows nothing of records, tables' meanings or transactions: those are `control`'s.
//!
//! Start with [`Store`], then [`MemoryStore`]; `conformance` says in tests what the trait says in words.

pub mod backup;
mod batch;
#[cfg(feature = "conformance")]
pub mod conformance;
mod embedded;
mod error;
mod etcd;
mod history;
mod leadership;
mod memory;
mod store;

pub use batch::{Batch, Committed, Fence, Key, Loaded, Revision, Write};
pub use embedded::{EmbeddedOptions, EmbeddedStore};
pub use error::StoreError;
pub use etcd::{
    CellReport, EtcdLogin, EtcdOptions, EtcdReport, EtcdStore, EtcdTls, MemberReport, MemberStatus,
};
pub use leadership::{Leader, Leadership, Lease};
pub use memory::{Faults, MemoryStore};
pub use store::Store;
