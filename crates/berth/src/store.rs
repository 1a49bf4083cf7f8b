//! The store that the settings name.

use std::sync::Arc;

use anyhow::{Context, Result};
use berth_store::{EmbeddedStore, EtcdStore, MemoryStore, Store};

use crate::data_dir::DataDir;
use crate::settings::{EtcdFlags, StoreChoice};

pub async fn open(choice: &StoreChoice, etcd: &EtcdFlags, dir: &DataDir) -> Result<Arc<dyn Store>> {
    const WHAT: &str = "cannot open the store";
    Ok(match choice {
        StoreChoice::Memory => Arc::new(MemoryStore::new()),
        StoreChoice::Embedded => Arc::new(EmbeddedStore::open(dir.path()).await.context(WHAT)?),
        StoreChoice::Etcd(address) => {
            let options = etcd.options(address, |name| std::env::var(name).ok())?;
            Arc::new(EtcdStore::open(options).await.context(WHAT)?)
        }
    })
}
